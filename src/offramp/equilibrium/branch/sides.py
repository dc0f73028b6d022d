"""The branches that leave a crossing of the principal branch with another one.

At a crossing the branch's linear system is singular in one direction besides the branch's own. The other branch leaves
along that direction, both ways (Allgower & Georg 1990, chapter 8; Keller 1977, method II); the principal branch
continues straight ahead.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from offramp.equilibrium.branch.continuation import SEED, WATCHED, BranchPoint, Tracer, follow, polished
from offramp.equilibrium.branch.krylov import length

Array = NDArray[np.float64]

AHEAD = (1e-3, 1e-2, 1e-1)
"""Distances from a crossing, relative to its distance from the start, at which to search straight ahead."""
AWAY = (0.03, 0.1, 0.3)
"""Distances from a crossing, relative to its distance from the start, at which to search for other branches."""
ROUNDS = 3
"""Rounds of inverse iteration; in each the singular direction grows a million times more than the others."""
MOST_DIRECTIONS = 4
ALIKE = 1e-3
"""A direction is not new if at most this part of it is orthogonal to the earlier ones."""


def leaving(tracer: Tracer, points: list[BranchPoint], forks: list[int]) -> list[Array]:
    """The logits, (slots,) each, at which the branches that leave the crossings reach the draw's rationalities.

    `forks`: the points just before which another branch crosses. The straight continuation of the first crossing comes
    first, if it was found. If several branches cross at once, some may be missed.
    """
    logits = []
    for fork in forks:
        before = points[fork - 1]
        for start in _starts(tracer, before, tracer.unit):
            *_, last = follow(tracer, 1.0, start=start)
            if last.at[-1] == tracer.unit:
                logits.append(polished(tracer, last.at)[:-1])
    return logits


def _starts(tracer: Tracer, before: BranchPoint, end: float) -> Iterator[BranchPoint]:
    """A point on each branch that leaves a crossing, with the direction away from it; straight ahead first."""
    singular = _singular(tracer, before)
    # without the singular directions: the last step may have begun to turn to a side
    sideways = [float(np.sum(before.direction * vector)) * vector for vector in singular]
    straight = before.direction - np.sum(sideways, axis=0)
    ways = [(straight / length(straight), AHEAD)]
    ways += [(along, AWAY) for vector in singular for along in (vector, -vector)]
    for along, parts in ways:
        for part in parts:
            away = part * max(1.0, length(before.at))
            at = tracer.corrected(before.at + away * along, along, away)
            if at is not None and 0.0 < at[-1] < end:
                onward = tracer.direction(at, along)
                yield BranchPoint(at, onward, tracer.signs(at, onward))
                break


def _singular(tracer: Tracer, point: BranchPoint) -> list[Array]:
    """The unit directions, other than the branch's own, in which the linear system is singular at a crossing."""
    directions: list[Array] = []
    random = np.random.default_rng(SEED)
    tracer.gap(point.at)
    for _ in range(MOST_DIRECTIONS):
        vector = np.append(random.normal(size=tracer.slots), 0.0)
        for _ in range(ROUNDS):
            vector = tracer.solve(point.at, point.direction, vector / length(vector), WATCHED)
        vector = vector / length(vector)
        outside = vector
        for known in directions:
            outside = outside - float(np.sum(outside * known)) * known
        if length(outside) <= ALIKE:
            break
        directions.append(outside / length(outside))
    return directions
