"""Linear systems and eigenvalues of the logit response's derivative, without ever writing it as a matrix.

The operator is that of a branch of equilibria: (J - I) x + h y, and a border row c x + d y, where J and h are the
derivatives of the response by logits and by the scale of rationality.
"""

from __future__ import annotations

from functools import partial
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from offramp.equilibrium.compiling import compiled
from offramp.equilibrium.response import Draw, Point, ResponseDerivative, differentiate
from offramp.equilibrium.structure import Graph

Float = NDArray[np.float64]


class Krylov(NamedTuple):
    """A Krylov space's room: `basis` (size + 1, n), `hessenberg` (size + 1, size), and `rotated`, as GMRES needs it."""

    basis: Float
    hessenberg: Float
    rotated: Float


@partial(compiled, fastmath={"reassoc", "nsz"})
def _inner(one: Float, other: Float) -> float:
    total = 0.0
    for place in range(len(one)):
        total += one[place] * other[place]
    return total


@compiled
def bordered(
    graph: Graph, draw: Draw, scale: float, speed: float, point: Point, change: ResponseDerivative, border: Float,
    along: Float, out: Float,
) -> None:  # fmt: skip
    """The operator applied to `along`, (slots + 1,), the last the branch parameter, whose scale grows with `speed`."""
    slots = len(point.image)
    differentiate(graph, draw, scale, point, change, along[:slots], speed * along[slots], out[:slots])
    for place in range(slots):
        out[place] -= along[place]
    out[slots] = _inner(border, along)


@compiled
def extend(
    graph: Graph, draw: Draw, scale: float, speed: float, point: Point, change: ResponseDerivative, border: Float,
    krylov: Krylov, size: int,
) -> None:  # fmt: skip
    """One Arnoldi step: basis vector `size + 1` and column `size` of the Hessenberg matrix (Gram-Schmidt, twice)."""
    basis, hessenberg = krylov.basis, krylov.hessenberg
    new = basis[size + 1]
    bordered(graph, draw, scale, speed, point, change, border, basis[size], new)
    hessenberg[: size + 2, size] = 0.0
    for _ in range(2):
        for row in range(size + 1):
            share = _inner(basis[row], new)
            hessenberg[row, size] += share
            for place in range(len(new)):
                new[place] -= share * basis[row, place]
    length = np.sqrt(_inner(new, new))
    hessenberg[size + 1, size] = length
    if length > 0.0:
        for place in range(len(new)):
            new[place] /= length


@compiled
def solve_bordered(
    graph: Graph, draw: Draw, scale: float, speed: float, point: Point, change: ResponseDerivative, border: Float,
    right: Float, tolerance: float, krylov: Krylov, found: Float,
) -> tuple[int, float, int]:  # fmt: skip
    """GMRES (Saad & Schultz 1986) from zero: `found`, (slots + 1,).

    Returns the steps, the relative residual, and the side: the sign of the operator's determinant on the Krylov space,
    relative to that of -I. It is the product of the rotated diagonal, of which all but the last are positive.
    """
    basis, rotated = krylov.basis, krylov.rotated
    most = rotated.shape[1]
    found[:] = 0.0
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
            one, two = rotated[row, size], rotated[row + 1, size]
            rotated[row, size] = cosine[row] * one + sine[row] * two
            rotated[row + 1, size] = cosine[row] * two - sine[row] * one
        one, two = rotated[size, size], rotated[size + 1, size]
        side = (1 if one > 0.0 else -1) * (1 if size % 2 else -1)
        length = np.hypot(one, two)
        if length == 0.0:
            break
        cosine[size], sine[size] = one / length, two / length
        rotated[size, size] = length
        left[size + 1] = -sine[size] * left[size]
        left[size] *= cosine[size]
        size += 1
        if two <= 1e-14 * length:
            break
    residual = abs(left[size]) / norm
    for row in range(size - 1, -1, -1):
        total = left[row]
        for column in range(row + 1, size):
            total -= rotated[row, column] * left[column]
        left[row] = total / rotated[row, row]
    for row in range(size):
        for place in range(len(found)):
            found[place] += left[row] * basis[row, place]
    return size, residual, side


@compiled
def jacobian(graph: Graph, draw: Draw, scale: float, point: Point, change: ResponseDerivative, matrix: Float) -> None:
    """I - J in the coordinates "logit less that of the set's last option": (free, free)."""
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
