"""The limit of perfect play: where the principal branch leads as rationality grows.

Every limit of logit equilibria of the agent form is a sequential equilibrium (McKelvey & Palfrey 1998, theorem 4).
What is reported is a point far along the branch, an approximate one, with its regret.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from offramp.equilibrium.solution import Solution
from offramp.gambit.opening import Playable, game_of
from offramp.game.game import Situation

Array = NDArray[np.float64]

FARTHER = 2.0
"""Regret is looked at whenever the rationality has grown by this factor."""
FALLS = 0.9
"""Regret falls as long as it is below this part of the least so far."""
PATIENCE = 3
"""So many looks without a fall are the end, once the rationality times the spread of payoffs is past `FAR`: regret
may rise before it falls."""
FAR = 1e4
FARTHEST = 1e8
"""No further than this rationality times the spread of payoffs: rounding has the word there."""
MIXED = 1e-4
"""Options tie that are still chosen this often, so far out: their worth differs by a ten-thousandth or so."""


@dataclass(frozen=True)
class Limit:
    """A point far along the principal branch.

    `solution`: the profile there, its rationality how far that is; `regret`: the most that any actor gains by playing
    otherwise there (at one information set, where its recall is not perfect). `ties`: the situations where more
    than one option is best, so that what is chosen there is what the branch leads to, not what payoffs compel.
    """

    solution: Solution
    regret: float
    ties: tuple[Situation, ...]

    def to_dict(self) -> dict[str, Any]:
        """The limit as plain values, the form of `offramp solve --rational --json`."""
        ties = [{"move": tie.move, "actor": tie.actor, "sees": dict(tie.sees)} for tie in self.ties]
        return {"regret": self.regret, "ties": ties} | self.solution.to_dict()


def limit(game: Playable, *, given: Mapping[str, float] | None = None) -> Limit:
    """Follow the principal branch until regret no longer falls.

    Parameters
    ----------
    game
        A crisis, compiled or not, a game of Gambit, or a run. All rationalities grow together, in the proportions of
        the actors' own.
    given
        Values for inputs, in place of their medians.

    Returns
    -------
    The point of the least regret.

    Raises
    ------
    UsageError, CrisisError
        As for `offramp.solve`.
    """
    game = game_of(game)
    from offramp.equilibrium.branch.continuation import follow, polished, tracer_of
    from offramp.equilibrium.branch.principal import STATUSES, Traced, crossings
    from offramp.equilibrium.evaluation import draw_of, solution_of
    from offramp.equilibrium.logit import judged
    from offramp.equilibrium.structure import log_probabilities
    from offramp.equilibrium.sweeps import scaled

    block = draw_of(game, None, given)
    if not (block.tables.rationality > 0.0).all():
        block = draw_of(game, 1.0, given)
    structure = block.structure
    tracer = tracer_of(structure, block.draw(0))
    best: Limit | None = None
    look, waited = 1.0, 0
    places = []
    for place in follow(tracer, np.inf):
        places.append(place)
        if place.at[-1] < look and best is not None:
            continue
        look = FARTHER * place.at[-1] if place.at[-1] > 0.0 else 1.0
        scale = np.array([place.at[-1] / tracer.unit])
        logit = polished(tracer, place.at)[:-1, None]
        here = scaled(block, scale)
        forks = crossings(tracer, places)
        found = Traced(logit[:, 0], "bifurcation" if forks else "principal", "branch followed", steps=len(places) - 1)
        status = np.array([STATUSES.index(found.status)], dtype=np.int8)
        solved = judged(here, np.exp(log_probabilities(structure, logit)), logit, np.array([tracer.sweeps]), status)
        regret = np.where(np.isnan(solved.regret), solved.regret_once, solved.regret)
        most = float(regret.max(initial=0.0))
        waited = waited + 1 if best is not None and most >= FALLS * best.regret and place.at[-1] > FAR else 0
        if best is None or most < best.regret or place.at[-1] <= FAR:
            scales = tuple(float(places[fork].at[-1] / place.at[-1]) for fork in forks)
            solution = solution_of(here, solved, replace(found, bifurcations=scales))
            best = Limit(solution, most, _ties(solution))
        if (most == 0.0 and place.at[-1] > FAR) or waited >= PATIENCE or place.at[-1] > FARTHEST:
            break
    assert best is not None
    return best


def _ties(solution: Solution) -> tuple[Situation, ...]:
    """The situations where more than one option is chosen."""
    return tuple(
        situation
        for situation in solution.game.situations
        if np.count_nonzero(solution.choice[situation.slots] >= MIXED) > 1
    )
