"""The equilibrium on the principal branch: where following it first crosses the rationality asked for."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from offramp.equilibrium.branch.continuation import BranchPoint, Tracer, follow, length, polished, tracer_of
from offramp.equilibrium.branch.index import DENSE, crossed, index_of
from offramp.equilibrium.branch.sides import leaving
from offramp.equilibrium.response import Draw
from offramp.equilibrium.structure import Structure, log_probabilities

Array = NDArray[np.float64]
Status = Literal["principal", "other branch", "not traced", "bifurcation", "unconverged"]
STATUSES: tuple[Status, ...] = ("principal", "other branch", "not traced", "bifurcation", "unconverged")
CAUTION = (1.0, 0.2)
"""Parts of the usual step, tried in turn while the index says that something was missed."""
HAIR = 1e-3
"""Points of the branch are at one place if they are no further apart than this part of the way from the beginning."""
SAME = 1e-6
"""Two profiles that differ by less than this at every option are one equilibrium."""


Ended = Literal["branch followed", "sweeps settled", "nothing settled"]


@dataclass(frozen=True)
class Traced:
    """What was found for one draw.

    `logit`: (slots,) at the rationality asked for, or None where the branch could not be followed so far. `turns`:
    scales where the branch turned back; `bifurcations`: where another branch crossed it, and `sides`: logits on the
    other branches that leave from there, as far as they were asked for; `steps` along it, and the `sweeps` that all
    took.
    """

    logit: Array | None
    status: Status
    ended: Ended
    turns: tuple[float, ...] = ()
    bifurcations: tuple[float, ...] = ()
    sides: tuple[Array, ...] = ()
    steps: int = 0
    sweeps: int = 0


def trace(structure: Structure, draw: Draw, target: float = 1.0, *, sides: bool = False) -> Traced:
    """Follow a draw's branch to the scale `target`; where it seems to have missed something, with smaller steps.

    With `sides` those branches are followed too that leave where another crosses; the logits are then those straight
    ahead, where that way was found, and not those of the side that a step happened to land on.
    """
    sweeps = 0
    for caution in CAUTION:
        tracer = tracer_of(structure, draw)
        places = list(follow(tracer, target, caution))
        last = places[-1]
        reached = bool(last.at[-1] == target * tracer.unit)
        forks = crossings(tracer, places)
        # for a large game its index would come from the Krylov spaces that the signs along the way came from
        index = index_of(tracer, last) if tracer.free <= DENSE else 1
        sweeps += tracer.sweeps
        if reached and (forks or index == 1):
            break
    logits = [polished(tracer, last.at)[:-1]] if reached else []
    if forks and sides:
        logits = distinct(structure, [*leaving(tracer, places, forks, target), *logits])
    return Traced(
        logit=logits[0] if logits else None,
        status="bifurcation" if forks or index != 1 else "principal",
        ended="branch followed" if logits else "nothing settled",
        turns=tuple(float(places[turn].at[-1] / tracer.unit) for turn in turns(places, forks)),
        bifurcations=tuple(float(places[fork].at[-1] / tracer.unit) for fork in forks),
        sides=tuple(logits[1:]),
        steps=len(places) - 1,
        sweeps=sweeps,
    )


def distinct(structure: Structure, logits: list[Array]) -> list[Array]:
    """Those of some logits that are not the same profile as one before."""
    found: list[Array] = []
    choices: list[Array] = []
    for logit in logits:
        choice = np.exp(log_probabilities(structure, logit[:, None]))
        if all(np.abs(choice - known).max(initial=0.0) > SAME for known in choices):
            found.append(logit)
            choices.append(choice)
    return found


def crossings(tracer: Tracer, places: list[BranchPoint]) -> list[int]:
    """The points just before which another branch crossed; of several within a hair's breadth the first."""
    found: list[int] = []
    for number, (here, ahead) in enumerate(pairwise(places), start=1):
        known = found and same_place(places[found[-1]], ahead)
        if not known and (ahead.sharp or crossed(tracer, here, ahead)):
            found.append(number)
    return found


def turns(places: list[BranchPoint], forks: list[int]) -> list[int]:
    """The points from which the scale runs the other way; not those at a crossing, where rounding decides."""
    return [
        number
        for number, place in enumerate(places)
        if place.turns and not any(same_place(places[fork], place) for fork in forks)
    ]


def same_place(one: BranchPoint, other: BranchPoint) -> bool:
    return length(one.at - other.at) <= HAIR * length(one.at)
