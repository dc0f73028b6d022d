"""Other equilibria of a block of draws than those that sweeps reach from equal odds of all options."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from offramp.equilibrium.branch.continuation import Tracer, polished, tracer_of
from offramp.equilibrium.branch.index import DENSE
from offramp.equilibrium.branch.traced import SAME
from offramp.equilibrium.logit import BlockSolution, evaluate_block, judged
from offramp.equilibrium.structure import log_probabilities
from offramp.equilibrium.sweeps import Block, swept
from offramp.study.options_apart import MoveSlots

Array = NDArray[np.float64]

STARTS, SEED = 4, 3
"""The number of starts of sweeps, in pairs of opposites, and their seed."""
LEANING = 5.0
"""The largest logit of a start: nearly pure, and far from where reach underflows."""
FEW, TRIES = 4, 8
"""The number of draws in which Newton's method searches, and of its starts."""
PURE, CORRECTIONS = 50.0, 60
"""The spread of logits of a random, nearly pure profile, and the most steps of Newton's method."""


def other_equilibria(slots: MoveSlots, block: Block, found: BlockSolution) -> Iterator[BlockSolution | None]:
    """Twice for each start: the solutions that it leads to, and the play halfway between them and those `found`.

    A draw that a start does not lead elsewhere keeps what is found; None if all draws do. Sweeps settle on stable
    equilibria only; where there are two of them, an unstable one lies between.
    """
    for other in chain(_by_sweeps(slots, block, found), _by_newton(block, found)):
        yield from _beside(block, found, other)


def _beside(block: Block, found: BlockSolution, other: BlockSolution | None) -> Iterator[BlockSolution | None]:
    if other is not None:
        apart = np.abs(other.choice - found.choice).max(axis=0, initial=0.0) > SAME
        anew = found.converged & other.converged & apart
        if anew.any():
            parts = ((getattr(other, field.name), getattr(found, field.name)) for field in fields(BlockSolution))
            solved = BlockSolution(*(np.where(anew, there, here) for there, here in parts))
            yield solved
            yield evaluate_block(block, (solved.choice + found.choice) / 2.0)
            return
    yield from (None, None)


def _by_sweeps(slots: MoveSlots, block: Block, found: BlockSolution) -> Iterator[BlockSolution]:
    """What sweeps settle on from starts in which a move leans the same way wherever it comes."""
    generator = np.random.default_rng(SEED)
    for _ in range(STARTS // 2):
        lean = generator.uniform(-LEANING, LEANING, size=(len(slots.moves), slots.widest))[slots.of_slot, slots.option]
        for start in (lean, -lean):
            profile = swept(block, start)
            yield judged(block, profile.choice, profile.logit, profile.sweeps, found.status)


def _by_newton(block: Block, found: BlockSolution) -> Iterator[BlockSolution | None]:
    """What Newton's method finds in a few draws, stable or not, from nearly pure profiles; None for a large game."""
    solved = np.flatnonzero(found.converged)
    chosen = solved[:: max(1, len(solved) // FEW)][:FEW]
    tracers = [tracer_of(block.structure, block.draw(int(draw))) for draw in chosen]
    generator = np.random.default_rng(SEED)
    for _ in range(TRIES):
        if not tracers or tracers[0].free > DENSE:
            yield None
            continue
        choice = found.choice.copy()
        for draw, tracer in zip(chosen, tracers, strict=True):
            pure = generator.uniform(-PURE, PURE, size=block.structure.slots)
            logit = _corrected(tracer, pure, generator.uniform())
            if logit is not None:
                choice[:, draw] = np.exp(log_probabilities(block.structure, logit[:, None]))[:, 0]
        yield evaluate_block(block, choice)


def _corrected(tracer: Tracer, pure: Array, part: float) -> Array | None:
    """The logits, (slots,), that Newton's method reaches from a part of the answer to a profile, if it reaches any."""
    tracer.gap(np.append(pure, tracer.unit))
    border = np.zeros(len(pure) + 1)
    border[-1] = 1.0
    start = np.append(part * tracer.point.image, tracer.unit)
    corrected = tracer.corrected(start, border, np.inf, CORRECTIONS)
    return None if corrected is None else polished(tracer, corrected)[:-1]
