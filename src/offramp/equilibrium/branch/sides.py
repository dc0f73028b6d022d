"""The branches that leave a crossing: where another branch crosses the principal one, play may follow either.

At a crossing the linear system of the branch is singular in one more direction than the branch's own, and the other
branch leaves along that direction, both ways (Allgower & Georg 1990, chapter 8; Keller 1977, method II). The
principal branch itself goes on straight ahead.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from offramp.equilibrium.branch.continuation import SEED, WATCHED, BranchPoint, Tracer, follow, length, polished

Array = NDArray[np.float64]

AHEAD = (1e-3, 1e-2, 1e-1)
"""So far from a crossing, as parts of the way from the beginning, the branch is looked for straight ahead."""
AWAY = (0.03, 0.1, 0.3)
"""So far from a crossing, as parts of the way from the beginning, its other branches are looked for."""
ROUNDS = 3
"""Of inverse iteration: the singular direction outgrows all others by a million in each."""
MOST_DIRECTIONS = 4
ALIKE = 1e-3
"""A direction adds nothing if no more than this part of it lies outside those before."""


def leaving(tracer: Tracer, places: list[BranchPoint], forks: list[int], target: float) -> list[Array]:
    """Where the branches that leave a branch's crossings arrive at the scale `target`: logits, (slots,) each.

    `forks`: the points just before which another branch crosses. The straight continuation of the first crossing
    comes first, where it was found. Not every branch is sure to be found where several cross at once.
    """
    end = target * tracer.unit
    found = []
    for fork in forks:
        before = places[fork - 1]
        for start in _starts(tracer, before, end):
            *_, last = follow(tracer, target, start=start)
            if last.at[-1] == end:
                found.append(polished(tracer, last.at)[:-1])
    return found


def _starts(tracer: Tracer, before: BranchPoint, end: float) -> Iterator[BranchPoint]:
    """A point on each branch that leaves a crossing, and its direction away from there; straight ahead first."""
    singular = _singular(tracer, before)
    # the step before may have begun to turn to a side
    straight = before.direction - np.sum([float(np.sum(before.direction * one)) * one for one in singular], axis=0)
    ways = [(straight / length(straight), AHEAD)]
    ways += [(along, AWAY) for one in singular for along in (one, -one)]
    for along, parts in ways:
        for part in parts:
            away = part * max(1.0, length(before.at))
            at = tracer.corrected(before.at + away * along, along, away)
            if at is not None and 0.0 < at[-1] < end:
                onward = tracer.direction(at, along)
                yield BranchPoint(at, onward, tracer.signs(at, onward))
                break


def _singular(tracer: Tracer, place: BranchPoint) -> list[Array]:
    """The directions of length 1 in which the linear system is singular at a crossing, but for the branch's own."""
    found: list[Array] = []
    random = np.random.default_rng(SEED)
    tracer.gap(place.at)
    for _ in range(MOST_DIRECTIONS):
        vector = np.append(random.normal(size=tracer.slots), 0.0)
        for _ in range(ROUNDS):
            vector = tracer.solve(place.at, place.direction, vector / length(vector), WATCHED)
        vector = vector / length(vector)
        outside = vector
        for known in found:
            outside = outside - float(np.sum(outside * known)) * known
        if length(outside) <= ALIKE:
            break
        found.append(outside / length(outside))
    return found
