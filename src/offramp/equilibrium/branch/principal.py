"""The equilibrium on the principal branch: its first point at the requested rationality."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from offramp.equilibrium.branch.continuation import BranchPoint, Tracer, follow, polished, tracer_of
from offramp.equilibrium.branch.index import DENSE, crossed, index_of
from offramp.equilibrium.branch.krylov import length
from offramp.equilibrium.branch.sides import leaving
from offramp.equilibrium.branch.traced import SAME, Traced
from offramp.equilibrium.response_arrays import Draw
from offramp.equilibrium.structure import Structure, log_probabilities

Array = NDArray[np.float64]
CAUTION = (1.0, 0.2)
"""Step sizes relative to the usual one, tried in turn while the index shows that a crossing was missed."""
MAX_SWEEPS = 200_000
"""Largest work on a draw's branch, in sweeps: about a minute for a game of 10,000 nodes. A draw whose branch takes more
keeps what sweeps found, and is `unconverged` if they settled on nothing."""
NEARBY = 1e-3
"""Points count as the same if their distance is at most this part of their distance from the start."""


def trace(structure: Structure, draw: Draw, *, sides: bool = False) -> Traced:
    """Follow a draw's branch to its rationalities, again with smaller steps if a crossing seems to have been missed.

    With `sides`, branches that leave a crossing are followed too; the logits are then those straight ahead, if that
    branch was found, and not those of the side that a step happened to reach.
    """
    sweeps = 0
    for caution in CAUTION:
        tracer = tracer_of(structure, draw)
        tracer.sweeps += sweeps
        points = list(_in_time(tracer, follow(tracer, 1.0, caution)))
        last = points[-1]
        reached = bool(last.at[-1] == tracer.unit)
        forks = crossings(tracer, points)
        # for a large game the index would come from the same Krylov spaces as the signs along the branch
        index = index_of(tracer, last) if tracer.free <= DENSE else 1
        sweeps = tracer.sweeps
        if (reached and (forks or index == 1)) or sweeps > MAX_SWEEPS:
            break
    logits = [polished(tracer, last.at)[:-1]] if reached else []
    if forks and sides:
        logits = distinct(structure, [*leaving(tracer, points, forks), *logits])
    return Traced(
        logit=logits[0] if logits else None,
        status="bifurcation" if forks or index != 1 else "principal",
        ended="branch followed" if logits else "nothing settled",
        turns=tuple(float(points[turn].at[-1] / tracer.unit) for turn in turns(points, forks)),
        bifurcations=tuple(float(points[fork].at[-1] / tracer.unit) for fork in forks),
        sides=tuple(logits[1:]),
        steps=len(points) - 1,
        sweeps=sweeps,
    )


def _in_time(tracer: Tracer, points: Iterator[BranchPoint]) -> Iterator[BranchPoint]:
    """The points of a branch, as long as the work on it is at most `MAX_SWEEPS`."""
    for point in points:
        yield point
        if tracer.sweeps > MAX_SWEEPS:
            return


def distinct(structure: Structure, logits: list[Array]) -> list[Array]:
    """The logits without repeated profiles."""
    kept: list[Array] = []
    choices: list[Array] = []
    for logit in logits:
        choice = np.exp(log_probabilities(structure, logit[:, None]))
        if all(np.abs(choice - known).max(initial=0.0) > SAME for known in choices):
            kept.append(logit)
            choices.append(choice)
    return kept


def crossings(tracer: Tracer, points: list[BranchPoint]) -> list[int]:
    """The points just before which another branch crossed; the first of several nearby points."""
    forks: list[int] = []
    for number, (before, after) in enumerate(pairwise(points), start=1):
        known = forks and same_point(points[forks[-1]], after)
        if not known and (after.sharp or crossed(tracer, before, after)):
            forks.append(number)
    return forks


def turns(points: list[BranchPoint], forks: list[int]) -> list[int]:
    """The points where the scale reverses its direction, except at crossings, where rounding decides."""
    return [
        number
        for number, point in enumerate(points)
        if point.turns and not any(same_point(points[fork], point) for fork in forks)
    ]


def same_point(point: BranchPoint, other: BranchPoint) -> bool:
    """Whether two points of the branch are nearby."""
    return length(point.at - other.at) <= NEARBY * length(point.at)
