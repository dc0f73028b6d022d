"""Sums over draws and over information sets, each in a fixed order, so that they do not depend on how draws are cut."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from offramp.equilibrium.compiling import compiled

Float = NDArray[np.float64]
Int = NDArray[np.int64]


@compiled
def share_out(choice: Float, reached: Float, held: Int, row: Int, taken: Float) -> None:
    """How often play takes each option of each move: `taken`, (rows, draws), from the profile, (slots, draws).

    `held`: (slots,) the information set; `row`: (slots,) the option's row.
    """
    taken[:] = 0.0
    for slot in range(len(row)):
        for draw in range(choice.shape[1]):
            taken[row[slot], draw] += reached[held[slot], draw] * choice[slot, draw]


@compiled
def add_draws(
    choice: Float, reached: Float, held: Int, kept: NDArray[np.bool_], reached_sum: Float, taken_sum: Float,
    choice_sum: Float, square_sum: Float,
) -> None:  # fmt: skip
    """Add the draws kept, one after the other, to the sums: of reach (sets,); of reach times choice, of choice, and of
    its square (slots,).
    """
    for one in range(reached.shape[0]):
        total = 0.0
        for draw in range(reached.shape[1]):
            if kept[draw]:
                total += reached[one, draw]
        reached_sum[one] += total
    for slot in range(choice.shape[0]):
        taken, chosen, square = 0.0, 0.0, 0.0
        for draw in range(choice.shape[1]):
            if kept[draw]:
                share = choice[slot, draw]
                taken += reached[held[slot], draw] * share
                chosen += share
                square += share * share
        taken_sum[slot] += taken
        choice_sum[slot] += chosen
        square_sum[slot] += square
