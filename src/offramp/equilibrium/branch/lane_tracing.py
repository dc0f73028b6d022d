"""The principal branches of several draws, followed side by side if nothing on them is out of the ordinary."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from offramp.equilibrium.branch import continuation
from offramp.equilibrium.branch.continuation import SEED
from offramp.equilibrium.branch.index import DENSE
from offramp.equilibrium.branch.principal import trace
from offramp.equilibrium.branch.traced import STATUSES, Traced
from offramp.equilibrium.core import BYTES, FLOATS, LONGS, PACKED, WHOLE, Struct, function
from offramp.equilibrium.sweeps import Block

Array = NDArray[np.float64]

LANES = 4
"""Draws that are followed side by side."""
ROOM = 64
"""The largest Krylov space in a lane."""

_trace = function("trace_in_lanes", PACKED, PACKED, *[FLOATS] * 4, WHOLE, WHOLE, FLOATS, FLOATS, *[LONGS] * 3, BYTES)


@dataclass(frozen=True, eq=False, repr=False)
class Settings(Struct):
    """The numbers by which branches are followed, from `continuation` and `index`."""

    corrected: float = continuation.CORRECTED
    still: float = continuation.STILL
    tangent: float = continuation.TANGENT
    watched: float = continuation.WATCHED
    polished: float = continuation.POLISHED
    real: float = continuation.REAL
    newton: float = continuation.NEWTON
    near: float = continuation.NEAR
    straight: float = continuation.STRAIGHT
    first_step: float = continuation.FIRST_STEP
    fork: float = continuation.FORK
    corner: float = continuation.CORNER
    sharp: float = continuation.SHARP
    smallest_step: float = continuation.SMALLEST_STEP
    corrections: int = continuation.CORRECTIONS
    most_steps: int = continuation.MAX_STEPS
    dense: int = DENSE
    room: int = ROOM


SETTINGS = Settings()


@dataclass(frozen=True, eq=False, repr=False)
class Followed:
    """Principal branches, followed side by side; the last axis of every array is the draw.

    `ordinary`: (draws,), whether the branch was followed to the draw's rationalities and meets no other; only then the
    rest is known: `logit`, (slots,), there; `steps` along the branch; how often it `turns`; `sweeps`, the total work.
    """

    ordinary: NDArray[np.bool_]
    logit: Array
    steps: NDArray[np.int64]
    turns: NDArray[np.int64]
    sweeps: NDArray[np.int64]


@dataclass(frozen=True, eq=False, repr=False)
class Ends:
    """What the principal branches of a block of draws lead to; the last axis of every array is the draw.

    `reached`: (draws,), whether the branch could be followed to the draw's rationalities; `logit`, (slots,), there;
    `status`: (draws,), an index of `STATUSES`; `sweeps`: (draws,), the total work; `ordinary`: (draws,), as in
    `Followed`.
    """

    reached: NDArray[np.bool_]
    logit: Array
    status: NDArray[np.int8]
    sweeps: NDArray[np.int64]
    ordinary: NDArray[np.bool_]

    def only(self, draws: NDArray[np.int64]) -> Ends:
        """Some of the draws."""
        parts = self.status[draws], self.sweeps[draws], self.ordinary[draws]
        return Ends(self.reached[draws], self.logit[:, draws], *parts)


def trace_block(block: Block, alone: NDArray[np.bool_] | None = None) -> Ends:
    """Follow every draw's principal branch: side by side, and those out of the ordinary one by one.

    `alone`: (draws,), which draws are followed one by one if need be, by default all.
    """
    followed = follow_in_lanes(block)
    status = np.full(block.draws, STATUSES.index("principal"), dtype=np.int8)
    ends = Ends(followed.ordinary.copy(), followed.logit, status, followed.sweeps, followed.ordinary)
    left = ~followed.ordinary if alone is None else ~followed.ordinary & alone
    for draw in np.flatnonzero(left):
        branch = trace(block.structure, block.draw(int(draw)))
        ends.status[draw], ends.sweeps[draw] = STATUSES.index(branch.status), branch.sweeps
        if branch.logit is not None:
            ends.reached[draw], ends.logit[:, draw] = True, branch.logit
    return ends


def trace_one(block: Block) -> Traced:
    """Follow the branch of a block's only draw, and branches that leave a crossing, as `principal.trace` does.

    If the branch turns so often that saying where takes too much work, the result has no `turns`.
    """
    followed = follow_in_lanes(block)
    if not followed.ordinary[0] or followed.turns[0]:
        whole = trace(block.structure, block.draw(0), sides=True)
        if whole.logit is not None or not followed.ordinary[0]:
            return whole
    steps, sweeps = int(followed.steps[0]), int(followed.sweeps[0])
    return Traced(followed.logit[:, 0], "principal", "branch followed", steps=steps, sweeps=sweeps)


def follow_in_lanes(block: Block) -> Followed:
    """Follow every draw's principal branch from uniform play to its rationalities, if every actor chooses by logit.

    Steps, corrections and checks are those of `principal.trace`. A draw is not `ordinary` if another branch crosses
    or seems to, if reach underflows, or if a step must be smaller than usual.
    """
    slots, draws = block.structure.slots, block.draws
    found = Followed(np.zeros(draws, dtype=bool), np.zeros((slots, draws)), *np.zeros((3, draws), dtype=np.int64))
    if block.structure.only_logit:
        _trace(
            block.structure.play, SETTINGS, *block.numbers, len(block.pay), draws,
            _random(slots + 1), found.logit, found.steps, found.turns, found.sweeps, found.ordinary,
        )  # fmt: skip
    return found


@cache
def _random(length: int) -> Array:
    """The right side by which crossing branches are detected."""
    return np.random.default_rng(SEED).normal(size=length)
