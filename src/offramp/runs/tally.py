"""Sums over draws and information sets in a fixed order, independent of how draws are split into blocks."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from offramp.equilibrium.compiling import compiled

Float = NDArray[np.float64]
Int = NDArray[np.int64]


@compiled
def option_probabilities(choice: Float, reached: Float, info_set: Int, row: Int, taken: Float) -> None:
    """Probability that play takes each option of each move: fills `taken`, (rows, draws).

    `choice`: the profile, (slots, draws); `reached`: (information sets, draws); `info_set`, `row`: (slots,), each
    slot's information set and its option's row.
    """
    taken[:] = 0.0
    for slot in range(len(row)):
        for draw in range(choice.shape[1]):
            taken[row[slot], draw] += reached[info_set[slot], draw] * choice[slot, draw]


@compiled
def add_draws(
    choice: Float, reached: Float, info_set: Int, weight: Float, reached_sum: Float, taken_sum: Float,
    choice_sum: Float, square_sum: Float,
) -> None:  # fmt: skip
    """Add weighted draws, in order, to the sums: of reach, (sets,); of reach times choice, of choice, and of choice
    squared, (slots,) each. `weight`: (draws,); draws of weight 0 are left out.
    """
    for number in range(reached.shape[0]):
        total = 0.0
        for draw in range(reached.shape[1]):
            if weight[draw] > 0.0:
                total += weight[draw] * reached[number, draw]
        reached_sum[number] += total
    for slot in range(choice.shape[0]):
        taken, chosen, square = 0.0, 0.0, 0.0
        for draw in range(choice.shape[1]):
            if weight[draw] > 0.0:
                share = choice[slot, draw]
                taken += weight[draw] * reached[info_set[slot], draw] * share
                chosen += weight[draw] * share
                square += weight[draw] * share * share
        taken_sum[slot] += taken
        choice_sum[slot] += chosen
        square_sum[slot] += square
