"""The equilibrium on the principal branch: where following it first crosses the rationality asked for."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from offramp.solve.branch import Place, Tracer, follow, tracer_of
from offramp.solve.index import index_of
from offramp.solve.response import Draw
from offramp.solve.structure import Structure

Array = NDArray[np.float64]
Status = Literal["principal", "other branch", "not traced", "bifurcation", "unconverged"]
STATUSES: tuple[Status, ...] = ("principal", "other branch", "not traced", "bifurcation", "unconverged")
CAUTION = (1.0, 0.2)
"""Parts of the usual step, tried in turn while the index says that something crossed."""
SAME = 1e-6
"""Two profiles that differ by less than this at every option are one equilibrium."""


Ended = Literal["branch followed", "sweeps settled", "nothing settled"]


@dataclass(frozen=True)
class Traced:
    """What was found for one draw.

    `logit`: (slots,) at the rationality asked for, or None where the branch could not be followed so far. `turns`:
    scales where the branch turned back; `bifurcations`: where another branch crossed it; `steps` along it, and the
    `sweeps` that all took.
    """

    logit: Array | None
    status: Status
    ended: Ended
    turns: tuple[float, ...] = ()
    bifurcations: tuple[float, ...] = ()
    steps: int = 0
    sweeps: int = 0


def trace(structure: Structure, draw: Draw, target: float = 1.0) -> Traced:
    """Follow a draw's branch to the scale `target`; where the index says that something crossed, with smaller steps."""
    sweeps = 0
    for caution in CAUTION:
        tracer = tracer_of(structure, draw)
        places = list(follow(tracer, target, caution))
        last = places[-1]
        reached = bool(last.at[-1] == target * tracer.unit)
        crossed = index_of(tracer, last) != 1
        sweeps += tracer.sweeps
        if reached and not crossed:
            break
    return Traced(
        logit=last.at[:-1] if reached else None,
        status="bifurcation" if crossed else "principal",
        ended="branch followed" if reached else "nothing settled",
        turns=turns_of(tracer, places),
        bifurcations=crossings_of(tracer, places) if crossed else (),
        steps=len(places) - 1,
        sweeps=sweeps,
    )


def turns_of(tracer: Tracer, places: list[Place]) -> tuple[float, ...]:
    """The scales of the points after which the branch runs the other way."""
    return tuple(
        float(ahead.at[-1] / tracer.unit)
        for here, ahead in pairwise(places)
        if here.direction[-1] * ahead.direction[-1] < 0.0
    )


def crossings_of(tracer: Tracer, places: list[Place]) -> tuple[float, ...]:
    """The scales of the points at which the index has changed."""
    signs = [index_of(tracer, place) for place in places]
    return tuple(
        float(place.at[-1] / tracer.unit)
        for before, after, place in zip(signs, signs[1:], places[1:], strict=False)
        if before != after
    )
