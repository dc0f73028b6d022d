"""Linear systems and eigenvalues of the logit response's derivative, without forming its matrix.

The operator of a branch of equilibria is (J - I) x + h y with a border row c x + d y, where J and h are the
derivatives of the response with respect to logits and to the scale of rationality.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from offramp.equilibrium.core import FLOATS, LONGS, NUMBER, PACKED, WHOLE, Struct, function
from offramp.equilibrium.response_arrays import Draw, Point, ResponseDerivative
from offramp.equilibrium.structure import Structure

Float = NDArray[np.float64]

_extend = function("extend_krylov", PACKED, PACKED, NUMBER, NUMBER, PACKED, PACKED, FLOATS, PACKED, WHOLE)
_solve = function(
    "solve_bordered", PACKED, PACKED, NUMBER, NUMBER, PACKED, PACKED, FLOATS, FLOATS, NUMBER, PACKED, FLOATS, LONGS,
    FLOATS,
)  # fmt: skip
_jacobian = function("response_jacobian", PACKED, PACKED, NUMBER, PACKED, PACKED, FLOATS)
_length = function("length_of_vector", FLOATS, WHOLE, FLOATS)


@dataclass(frozen=True, eq=False, repr=False)
class Krylov(Struct):
    """Arrays of a Krylov space: `basis` (room + 1, n), `hessenberg` (room + 1, room), and `rotated`, used by GMRES."""

    basis: Float
    hessenberg: Float
    rotated: Float
    room: int


def length(vector: Float) -> float:
    """Euclidean length, summed in a fixed order: a library's result depends on memory alignment."""
    found = np.empty(1)
    _length(vector, len(vector), found)
    return float(found[0])


def extend(
    structure: Structure, draw: Draw, scale: float, speed: float, point: Point, change: ResponseDerivative,
    border: Float, krylov: Krylov, size: int,
) -> None:  # fmt: skip
    """One Arnoldi step: basis vector `size + 1` and column `size` of the Hessenberg matrix (Gram-Schmidt twice).

    The operator's last coordinate is the branch parameter; the scale of rationality changes by `speed` times it.
    """
    assert len(border) == structure.slots + 1
    assert size < krylov.room
    _extend(structure.graph, draw, scale, speed, point, change, border, krylov, size)


def solve_bordered(
    structure: Structure, draw: Draw, scale: float, speed: float, point: Point, change: ResponseDerivative,
    border: Float, right: Float, tolerance: float, krylov: Krylov, solution: Float,
) -> tuple[int, float, int]:  # fmt: skip
    """Solve a linear system by GMRES (Saad & Schultz 1986), starting from zero: `solution`, (slots + 1,).

    Returns the number of steps, the relative residual, and the side: the sign of the operator's determinant on the
    Krylov space, relative to the determinant of -I. It is the sign of the product of the rotated diagonal, whose
    entries but the last are positive.
    """
    assert len(border) == len(right) == len(solution) == structure.slots + 1
    steps, residual = np.zeros(2, dtype=np.int64), np.zeros(1)
    _solve(
        structure.graph, draw, scale, speed, point, change, border, right, tolerance, krylov, solution, steps,
        residual,
    )  # fmt: skip
    return int(steps[0]), float(residual[0]), int(steps[1])


def jacobian(
    structure: Structure, draw: Draw, scale: float, point: Point, change: ResponseDerivative, matrix: Float
) -> None:
    """I - J as a matrix, (free, free), in the coordinates "logit minus the logit of the set's last option"."""
    free = structure.slots - len(structure.movers)
    assert matrix.shape == (free, free)
    _jacobian(structure.graph, draw, scale, point, change, matrix)
