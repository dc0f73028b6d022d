"""The limit of perfect play: where the principal branch leads as rationality grows.

Every limit of logit equilibria of the agent form is a sequential equilibrium (McKelvey & Palfrey 1998, theorem 4).
What is reported is a point far along the branch, an approximate one, with its regret.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from offramp.game.layers import Game, Situation
from offramp.solve.solution import Solution

Array = NDArray[np.float64]

FARTHER = 2.0
"""Regret is looked at whenever the rationality has grown by this factor."""
FALLS = 0.9
"""Regret falls as long as it is below this part of the least so far."""
PATIENCE = 3
"""So many looks without a fall are the end."""
FARTHEST = 1e8
"""No further than this rationality times the spread of payoffs: rounding has the word there."""
TIED = 1e-6
"""Options tie whose worth differs by less than this part of the widest difference in the mover's payoffs."""


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


def limit(game: Game, *, given: Mapping[str, float] | None = None) -> Limit:
    """Follow the principal branch until regret no longer falls.

    Parameters
    ----------
    game
        A compiled crisis. All rationalities grow together, in the proportions of the actors' own.
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
    from offramp.solve.branch import follow, tracer_of
    from offramp.solve.evaluation import draw_of, solution_of
    from offramp.solve.logit import judged
    from offramp.solve.principal import STATUSES, Traced
    from offramp.solve.structure import log_probabilities
    from offramp.solve.sweeps import scaled

    block = draw_of(game, None, given)
    if not (block.tables.rationality > 0.0).all():
        block = draw_of(game, 1.0, given)
    structure = block.structure
    tracer = tracer_of(structure, block.draw(0))
    principal = np.array([STATUSES.index("principal")], dtype=np.int8)
    best: Limit | None = None
    look, waited, steps = 1.0, 0, 0
    for place in follow(tracer, np.inf):
        steps += 1
        if place.at[-1] < look and best is not None:
            continue
        look = FARTHER * place.at[-1] if place.at[-1] > 0.0 else 1.0
        scale = np.array([place.at[-1] / tracer.unit])
        logit = place.at[:-1, None]
        here = scaled(block, scale)
        solved = judged(here, np.exp(log_probabilities(structure, logit)), logit, np.array([tracer.sweeps]), principal)
        regret = np.where(np.isnan(solved.regret), solved.regret_once, solved.regret)
        most = float(regret.max(initial=0.0))
        waited = 0 if best is None or most < FALLS * best.regret else waited + 1
        if best is None or most < best.regret:
            found = Traced(logit[:, 0], "principal", "branch followed", steps=steps)
            solution = solution_of(here, solved, found)
            best = Limit(solution, most, _ties(solution, structure.movers))
        if most == 0.0 or waited >= PATIENCE or place.at[-1] > FARTHEST:
            break
    assert best is not None
    return best


def _ties(solution: Solution, movers: NDArray[np.int64]) -> tuple[Situation, ...]:
    """The situations where the best option has an equal."""
    values, situations = solution.option_values, solution.game.situations
    widest = dict.fromkeys(movers.tolist(), 0.0)
    for mover, situation in zip(movers.tolist(), situations, strict=True):
        widest[mover] = max(widest[mover], float(np.ptp(values[situation.slots])))
    tied = []
    for mover, situation in zip(movers.tolist(), situations, strict=True):
        worth = values[situation.slots]
        if np.count_nonzero(worth >= worth.max() - TIED * widest[mover]) > 1:
            tied.append(situation)
    return tuple(tied)
