"""Sums over draws and information sets in a fixed order, independent of how draws are split into blocks."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from offramp.equilibrium.core import FLOATS, LONGS, WHOLE, function

Float = NDArray[np.float64]
Int = NDArray[np.int64]

_option_probabilities = function("option_probabilities", FLOATS, FLOATS, LONGS, LONGS, WHOLE, WHOLE, WHOLE, FLOATS)
_add_draws = function("add_weighted_draws", FLOATS, FLOATS, LONGS, FLOATS, WHOLE, WHOLE, WHOLE, *[FLOATS] * 4)


def option_probabilities(choice: Float, reached: Float, info_set: Int, row: Int, rows: int) -> Float:
    """Probability that play takes each option of each move: (rows, draws).

    `choice`: the profile, (slots, draws); `reached`: (information sets, draws); `info_set`, `row`: (slots,), each
    slot's information set and its option's row.
    """
    taken = np.empty((rows, choice.shape[1]))
    choice, reached = np.ascontiguousarray(choice), np.ascontiguousarray(reached)
    _option_probabilities(choice, reached, info_set, row, *choice.shape, rows, taken)
    return taken


def add_draws(
    choice: Float, reached: Float, info_set: Int, weight: Float, reached_sum: Float, taken_sum: Float,
    choice_sum: Float, square_sum: Float,
) -> None:  # fmt: skip
    """Add weighted draws, in order, to the sums: of reach, (sets,); of reach times choice, of choice, and of choice
    squared, (slots,) each. `weight`: (draws,); draws of weight 0 are left out.
    """
    slots, draws = choice.shape
    sums = reached_sum, taken_sum, choice_sum, square_sum
    _add_draws(choice, reached, info_set, weight, slots, len(reached), draws, *sums)
