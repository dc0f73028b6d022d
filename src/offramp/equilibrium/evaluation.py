"""One draw: its numbers, the evaluation of a profile, and a solution's results by name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from offramp.common.errors import UsageError
from offramp.crisis.inputs import conditions, is_number, medians, resolved_inputs
from offramp.equilibrium.branch.principal import STATUSES, Traced
from offramp.equilibrium.logit import BlockSolution, beliefs_of, evaluate_block, judged_one, reach_of
from offramp.equilibrium.solution import Certificate, Solution
from offramp.equilibrium.sweeps import Block, block_of
from offramp.game.game import Game
from offramp.game.tables import Draws, tabulate

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Evaluation:
    """The evaluation of a profile in one draw; arrays are in the order of the game's profile.

    `payoffs`: expected in the analyst's odds, by actor and term; `own_eyes`: each actor's whole expected payoff in its
    own odds; `option_values`: (slots,), payoff to come in the mover's own odds; `reached`: (information sets,),
    probabilities in the analyst's odds.
    """

    endings: Mapping[str, float]
    payoffs: Mapping[str, Mapping[str, float]]
    own_eyes: Mapping[str, float]
    option_values: Array
    reached: Array
    residual: float


def draw_of(game: Game, rationality: float | None = None, given: Mapping[str, float] | None = None) -> Block:
    """One draw: inputs at their medians or the given values, and one rationality for all actors or their own.

    Raises
    ------
    UsageError
        If an input is unknown, or the rationality is negative or not finite.
    CrisisError
        If the values make odds or payments impossible.
    """
    if rationality is not None and not (is_number(rationality) and np.isfinite(rationality) and rationality >= 0):
        raise UsageError(f"rationality must be a number from 0 up, found {rationality}")
    values = resolved_inputs(game.crisis, medians(game.crisis), given)
    return block_of(game, tabulate(game, Draws(values, [conditions(game.crisis, given, rationality)]), rationality))


def evaluate_profile(game: Game, choice: Array, given: Mapping[str, float] | None = None) -> Evaluation:
    """Evaluate a profile, (slots,), at the inputs' medians or the given values."""
    block = evaluate_block(draw_of(game, given=given), np.asarray(choice, dtype=np.float64)[:, None])
    return Evaluation(
        endings=endings_of(game, block, 0),
        payoffs=payoffs_of(game, block, 0),
        own_eyes={actor: float(block.own_eyes[index, 0]) for index, actor in enumerate(game.actors)},
        option_values=block.option_value[:, 0],
        reached=block.reached[:, 0],
        residual=float(block.residual[0]),
    )


def solution_of(block: Block, solved: BlockSolution, traced: Traced) -> Solution:
    """The solution of a block of one draw; `traced`: how it was found."""
    game = block.game
    by_actor = list(enumerate(game.actors))
    regret = {actor: float(solved.regret[index, 0]) for index, actor in by_actor}
    choice = solved.choice
    assert traced.logit is not None
    beliefs, _ = beliefs_of(block, traced.logit[:, None], reach_of(block, choice))
    return Solution(
        game=game,
        conditions=str(block.tables.labels[0]),
        endings=endings_of(game, solved, 0),
        payoffs=payoffs_of(game, solved, 0),
        own_eyes={actor: float(solved.own_eyes[index, 0]) for index, actor in by_actor if actor in game.believers},
        rationality={actor: float(solved.rationality[index, 0]) for index, actor in by_actor},
        choice=choice[:, 0],
        option_values=solved.option_value[:, 0],
        reached=solved.reached[:, 0],
        beliefs=beliefs[:, 0],
        certificate=Certificate(
            residual=float(solved.residual[0]),
            tolerance=float(solved.tolerance[0]),
            rounding=float(solved.rounding[0]),
            regret_once={actor: float(solved.regret_once[index, 0]) for index, actor in by_actor},
            regret={actor: None if np.isnan(value) else value for actor, value in regret.items()},
        ),
        status=STATUSES[solved.status[0]],
        ended=traced.ended,
        turns=traced.turns,
        bifurcations=traced.bifurcations,
        sides=tuple(
            solution_of(block, judged_one(block, side), side)
            for side in (replace(traced, logit=logit, sides=()) for logit in traced.sides)
        ),
        sweeps=int(solved.sweeps[0]),
    )


def endings_of(game: Game, block: BlockSolution, draw: int) -> dict[str, float]:
    """The probability of each ending in one draw."""
    return {ending.key: float(p) for ending, p in zip(game.crisis.endings, block.endings[:, draw], strict=True)}


def payoffs_of(game: Game, block: BlockSolution, draw: int) -> dict[str, dict[str, float]]:
    """Expected payoff terms by actor in one draw, in the analyst's odds."""
    payoffs: dict[str, dict[str, float]] = {actor: {} for actor in game.actors}
    for term, amount in zip(game.crisis.terms, block.terms[:, draw], strict=True):
        payoffs[term.actor][term.key] = float(amount)
    return payoffs
