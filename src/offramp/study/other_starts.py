"""Equilibria of a block of draws that sweeps reach from other starts than equal odds of all options."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields

import numpy as np

from offramp.equilibrium.branch.principal import SAME
from offramp.equilibrium.logit import BlockSolution, evaluate_block, judged
from offramp.equilibrium.sweeps import Block, swept
from offramp.study.told_apart import MoveSlots

STARTS, SEED = 4, 3
"""The number of starts, in pairs of opposites, and their seed."""
LEANING = 5.0
"""The largest logit of a start: nearly pure, and far from where reach underflows."""


def from_other_starts(slots: MoveSlots, block: Block, found: BlockSolution) -> Iterator[BlockSolution | None]:
    """Twice for each start: what sweeps settle on from there, and the play halfway between that and what is `found`.

    In a start a move leans the same way wherever it comes. A draw whose sweeps do not settle keeps what is found; None
    if all draws do. Sweeps settle on stable equilibria only; where there are two of them, an unstable one lies between.
    """
    generator = np.random.default_rng(SEED)
    for _ in range(STARTS // 2):
        lean = generator.uniform(-LEANING, LEANING, size=(len(slots.moves), slots.widest))[slots.of_slot, slots.option]
        for start in (lean, -lean):
            profile = swept(block, start)
            other = judged(block, profile.choice, profile.logit, profile.sweeps, found.status)
            anew = found.converged & profile.converged & other.converged
            anew &= np.abs(other.choice - found.choice).max(axis=0, initial=0.0) > SAME
            if not anew.any():
                yield from (None, None)
                continue
            parts = ((getattr(other, field.name), getattr(found, field.name)) for field in fields(BlockSolution))
            solved = BlockSolution(*(np.where(anew, there, here) for there, here in parts))
            yield solved
            yield evaluate_block(block, (solved.choice + found.choice) / 2.0)
