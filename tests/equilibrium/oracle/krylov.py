"""Linear systems and eigenvalues of the logit response's derivative, without forming its matrix.

The operator of a branch of equilibria is (J - I) x + h y with a border row c x + d y, where J and h are the
derivatives of the response with respect to logits and to the scale of rationality.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from offramp.equilibrium.branch.krylov import Krylov
from offramp.equilibrium.graph import Graph
from offramp.equilibrium.response_arrays import Draw, Point, ResponseDerivative
from tests.equilibrium.oracle.lanes import compiled
from tests.equilibrium.oracle.response import differentiate

Float = NDArray[np.float64]


PARTS = 8


def _inner(left: Float, right: Float) -> float:
    whole = len(left) // PARTS * PARTS
    parts = [0.0] * PARTS
    for index in range(whole):
        parts[index % PARTS] += left[index] * right[index]
    total = 0.0
    for part in parts:
        total += part
    for index in range(whole, len(left)):
        total += left[index] * right[index]
    return total


def _length(across: float, up: float) -> float:
    far, near = max(abs(across), abs(up)), min(abs(across), abs(up))
    return far * np.sqrt(1.0 + (near / far) * (near / far)) if far > 0.0 else 0.0


@compiled
def bordered(
    graph: Graph, draw: Draw, scale: float, speed: float, point: Point, change: ResponseDerivative, border: Float,
    along: Float, out: Float,
) -> None:  # fmt: skip
    """Apply the operator to `along`, (slots + 1,), whose last entry is the branch parameter.

    The scale of rationality changes by `speed` times the branch parameter.
    """
    slots = len(point.image)
    differentiate(graph, draw, scale, point, change, along[:slots], speed * along[slots], out[:slots])
    for index in range(slots):
        out[index] -= along[index]
    out[slots] = _inner(border, along)


@compiled
def extend(
    graph: Graph, draw: Draw, scale: float, speed: float, point: Point, change: ResponseDerivative, border: Float,
    krylov: Krylov, size: int,
) -> None:  # fmt: skip
    """One Arnoldi step: basis vector `size + 1` and column `size` of the Hessenberg matrix (Gram-Schmidt twice)."""
    basis, hessenberg = krylov.basis, krylov.hessenberg
    new = basis[size + 1]
    bordered(graph, draw, scale, speed, point, change, border, basis[size], new)
    hessenberg[: size + 2, size] = 0.0
    for _ in range(2):
        for row in range(size + 1):
            share = _inner(basis[row], new)
            hessenberg[row, size] += share
            for index in range(len(new)):
                new[index] -= share * basis[row, index]
    length = np.sqrt(_inner(new, new))
    hessenberg[size + 1, size] = length
    if length > 0.0:
        for index in range(len(new)):
            new[index] /= length


@compiled
def solve_bordered(
    graph: Graph, draw: Draw, scale: float, speed: float, point: Point, change: ResponseDerivative, border: Float,
    right: Float, tolerance: float, krylov: Krylov, solution: Float,
) -> tuple[int, float, int]:  # fmt: skip
    """Solve a linear system by GMRES (Saad & Schultz 1986), starting from zero: `solution`, (slots + 1,).

    Returns the number of steps, the relative residual, and the side: the sign of the operator's determinant on the
    Krylov space, relative to the determinant of -I. It is the sign of the product of the rotated diagonal, whose
    entries but the last are positive.
    """
    basis, rotated = krylov.basis, krylov.rotated
    most = rotated.shape[1]
    solution[:] = 0.0
    norm = np.sqrt(_inner(right, right))
    if norm == 0.0:
        return 0, 0.0, 1
    cosine, sine, left = np.zeros(most), np.zeros(most), np.zeros(most + 1)
    left[0] = norm
    basis[0] = right / norm
    size = 0
    side = 1
    while size < most and abs(left[size]) > tolerance * norm:
        extend(graph, draw, scale, speed, point, change, border, krylov, size)
        rotated[: size + 2, size] = krylov.hessenberg[: size + 2, size]
        for row in range(size):
            upper, lower = rotated[row, size], rotated[row + 1, size]
            rotated[row, size] = cosine[row] * upper + sine[row] * lower
            rotated[row + 1, size] = cosine[row] * lower - sine[row] * upper
        upper, lower = rotated[size, size], rotated[size + 1, size]
        side = (1 if upper > 0.0 else -1) * (1 if size % 2 else -1)
        length = _length(upper, lower)
        if length == 0.0:
            break
        cosine[size], sine[size] = upper / length, lower / length
        rotated[size, size] = length
        left[size + 1] = -sine[size] * left[size]
        left[size] *= cosine[size]
        size += 1
        if lower <= 1e-14 * length:
            break
    residual = abs(left[size]) / norm
    for row in range(size - 1, -1, -1):
        total = left[row]
        for column in range(row + 1, size):
            total -= rotated[row, column] * left[column]
        left[row] = total / rotated[row, row]
    for row in range(size):
        for index in range(len(solution)):
            solution[index] += left[row] * basis[row, index]
    return size, residual, side


@compiled
def jacobian(graph: Graph, draw: Draw, scale: float, point: Point, change: ResponseDerivative, matrix: Float) -> None:
    """I - J as a matrix, (free, free), in the coordinates "logit minus the logit of the set's last option"."""
    slots = len(point.image)
    along, out = np.zeros(slots), np.zeros(slots)
    column = 0
    for source in range(len(graph.group_set)):
        if not graph.closes[source]:
            continue
        for option in range(graph.group_options[source] - 1):
            along[graph.group_slot[source] + option] = 1.0
            differentiate(graph, draw, scale, point, change, along, 0.0, out)
            along[graph.group_slot[source] + option] = 0.0
            row = 0
            for group in range(len(graph.group_set)):
                if graph.closes[group]:
                    slot, options = graph.group_slot[group], graph.group_options[group]
                    for other in range(options - 1):
                        matrix[row, column] = out[slot + options - 1] - out[slot + other]
                        row += 1
            matrix[column, column] += 1.0
            column += 1
