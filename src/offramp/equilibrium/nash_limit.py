"""The limit of perfect rationality: the end of the principal branch as rationality grows.

Every limit of logit equilibria of the agent form is a sequential equilibrium (McKelvey & Palfrey 1998, theorem 4). The
result is a point far along the branch, so it is approximate and comes with its regret.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from offramp.equilibrium.solution import Solution
from offramp.gambit.opening import Playable, check_from_outset, compile_game
from offramp.game.game import Situation

Array = NDArray[np.float64]

FARTHER = 2.0
"""Regret is computed whenever the rationality has grown by this factor."""
FALLS = 0.9
"""Regret counts as falling if it is below this part of the least regret so far."""
PATIENCE = 3
"""Number of computations without a fall after which the search ends, once the rationality times the spread of payoffs
is above `FAR`: regret may rise before it falls."""
FAR = 1e4
FARTHEST = 1e8
"""Largest rationality times the spread of payoffs: beyond it rounding decides."""
MIXED = 1e-4
"""Options tie if both are chosen with at least this probability: their values differ by about a ten-thousandth."""


@dataclass(frozen=True, repr=False)
class Limit:
    """A point far along the principal branch.

    `solution`: the profile at the point; its rationality says how far out it is. `regret`: the most that any actor
    gains by playing otherwise (at a single information set, if its recall is not perfect). `ties`: the situations with
    more than one best option, where the branch and not the payoffs decides the choice.
    """

    solution: Solution
    regret: float
    ties: tuple[Situation, ...]

    def to_dict(self) -> dict[str, Any]:
        """The limit as plain values, the form of `offramp solve --rational --json`."""
        ties = [{"move": tie.move, "actor": tie.actor, "sees": dict(tie.sees)} for tie in self.ties]
        return {"regret": self.regret, "ties": ties} | self.solution.to_dict()

    def __repr__(self) -> str:
        regret = f"regret {self.regret:.1e}; situations with several best options: {len(self.ties)}"
        return self.solution.as_text("the limit of perfect play", regret)


def limit(game: Playable, *, given: Mapping[str, float] | None = None) -> Limit:
    """Follow the principal branch until regret stops falling.

    Parameters
    ----------
    game
        A crisis, compiled or not, a game of Gambit, or a run. All rationalities grow together, in the proportions of
        the actors' own.
    given
        Values for inputs, in point of their medians.

    Returns
    -------
    The point of the least regret.

    Raises
    ------
    UsageError, CrisisError
        As for `offramp.solve`.
    """
    game = compile_game(game)
    check_from_outset(game, "limit")
    from offramp.equilibrium.branch.continuation import follow, polished, tracer_of
    from offramp.equilibrium.branch.principal import crossings
    from offramp.equilibrium.branch.traced import STATUSES, Traced
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
    next_check, without_fall = 1.0, 0
    points = []
    for point in follow(tracer, np.inf):
        points.append(point)
        if point.at[-1] < next_check and best is not None:
            continue
        next_check = FARTHER * point.at[-1] if point.at[-1] > 0.0 else 1.0
        scale = np.array([point.at[-1] / tracer.unit])
        logit = polished(tracer, point.at)[:-1, None]
        scaled_block = scaled(block, scale)
        forks = crossings(tracer, points)
        traced = Traced(logit[:, 0], "bifurcation" if forks else "principal", "branch followed", steps=len(points) - 1)
        status = np.array([STATUSES.index(traced.status)], dtype=np.int8)
        choice = np.exp(log_probabilities(structure, logit))
        solved = judged(scaled_block, choice, logit, np.array([tracer.sweeps]), status)
        regret = np.where(np.isnan(solved.regret), solved.regret_once, solved.regret)
        most = float(regret.max(initial=0.0))
        no_fall = best is not None and most >= FALLS * best.regret and point.at[-1] > FAR
        without_fall = without_fall + 1 if no_fall else 0
        if best is None or most < best.regret or point.at[-1] <= FAR:
            scales = tuple(float(points[fork].at[-1] / point.at[-1]) for fork in forks)
            solution = solution_of(scaled_block, solved, replace(traced, bifurcations=scales))
            best = Limit(solution, most, _ties(solution))
        if (most == 0.0 and point.at[-1] > FAR) or without_fall >= PATIENCE or point.at[-1] > FARTHEST:
            break
    assert best is not None
    return best


def _ties(solution: Solution) -> tuple[Situation, ...]:
    """The situations in which more than one option is chosen."""
    return tuple(
        situation
        for situation in solution.game.situations
        if np.count_nonzero(solution.choice[situation.slots] >= MIXED) > 1
    )
