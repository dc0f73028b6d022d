"""Sweeps of one draw after another, by its response: for choice rules other than logit, and if reach underflows."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from offramp.equilibrium.core import BYTES, FLOATS, LONGS, PACKED, WHOLE, function
from offramp.equilibrium.response_arrays import Draw, Numbers, Point
from offramp.equilibrium.structure import Structure

Float = NDArray[np.float64]

_in_logarithms = function("converge_in_logarithms", PACKED, PACKED, FLOATS, WHOLE, PACKED, LONGS, BYTES)
_each = function(
    "converge_each", PACKED, *[FLOATS] * 4, WHOLE, FLOATS, WHOLE, PACKED, PACKED, FLOATS, FLOATS, LONGS, BYTES
)


def converge_in_logarithms(
    structure: Structure, draw: Draw, theta: Float, most_sweeps: int, point: Point
) -> tuple[int, bool]:
    """Plain sweeps of one draw, with reach in logarithms, from the logits `theta`, which become the last answer.

    Returns the number of sweeps, at most `most_sweeps`, and whether the last one changed nothing.
    """
    assert len(theta) == structure.slots
    sweeps, converged = np.zeros(1, dtype=np.int64), np.zeros(1, dtype=bool)
    _in_logarithms(structure.graph, draw, theta, most_sweeps, point, sweeps, converged)
    return int(sweeps[0]), bool(converged[0])


def converge_each(
    structure: Structure, block: Numbers, draws: int, start: Float, most_sweeps: int, draw: Draw, point: Point,
    choice: Float, logit: Float, sweeps: NDArray[np.int64], converged: NDArray[np.bool_],
) -> None:  # fmt: skip
    """Sweep every draw of a block from the logits `start`, (slots,), as `sweeps.swept`, for every choice rule.

    `draw`, `point`: working arrays. Results are `choice` and `logit`: (slots, draws), and for each draw the number of
    `sweeps` and whether it `converged`.
    """
    assert choice.shape == logit.shape == (len(start), draws) == (structure.slots, draws)
    _each(structure.graph, *block, draws, start, most_sweeps, draw, point, choice, logit, sweeps, converged)
