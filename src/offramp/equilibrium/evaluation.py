"""One draw: its numbers, the evaluation of a profile, and a solution's results by name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from offramp.common.errors import UsageError
from offramp.crisis.inputs import conditions, is_number, medians, resolved_inputs
from offramp.crisis.names import names_of
from offramp.equilibrium.as_of_now import (
    BlockNow,
    SoFar,
    block_now,
    judged_now,
    past_of,
    solve_now_traced,
)
from offramp.equilibrium.branch.traced import STATUSES, Traced
from offramp.equilibrium.logit import (
    BlockSolution,
    beliefs_of,
    evaluate_block,
    judged_one,
    solve_traced,
)
from offramp.equilibrium.solution import Certificate, Solution
from offramp.equilibrium.sweeps import Block, block_of
from offramp.game.game import Game
from offramp.game.tables import SMALLEST, Draws, tabulate

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False, repr=False)
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
    """One draw from the outset: inputs at medians or the given values, one rationality for all actors or their own.

    Raises
    ------
    UsageError
        If an input is unknown, or the rationality is negative or not finite.
    CrisisError
        If the values make odds or payments impossible.
    """
    values = resolved_inputs(game.crisis, medians(game.crisis), given)
    return _block_of_draw(game, values, given, rationality)


def _block_of_draw(
    game: Game, values: Mapping[str, Array], given: Mapping[str, float] | None, rationality: float | None
) -> Block:
    if rationality is not None and not (is_number(rationality) and np.isfinite(rationality) and rationality >= 0):
        raise UsageError(f"rationality must be a number from 0 up, found {rationality}")
    draws = Draws(values, [conditions(game.crisis, given, rationality)])
    return block_of(game, tabulate(game, draws, rationality))


@dataclass(frozen=True, eq=False)
class Outset:
    """One draw from the outset, at the inputs' medians, solved: `solved` by the branch `branch`."""

    block: Block
    solved: BlockSolution
    branch: Traced

    @property
    def solution(self) -> Solution:
        """The solution by name."""
        return solution_of(self.block, self.solved, self.branch)


def solved_outset(game: Game) -> Outset:
    """One draw from the outset, at the inputs' medians and the actors' own rationality; raises as `draw_of`."""
    block = draw_of(game)
    return Outset(block, *solve_traced(block))


def solved_so_far(game: Game, rationality: float | None = None, outset: Outset | None = None) -> SoFar:
    """One draw up to now, at the inputs' medians without what levers pulled since now set; raises as `draw_of`.

    `outset`: this draw, if it is solved already, of a game with the same graph.

    Raises
    ------
    UsageError
        If the facts are impossible in this draw.
    """
    crisis, before = game.crisis, game.so_far
    values = resolved_inputs(crisis.before_now, medians(crisis))
    if outset is None:
        block = _block_of_draw(before, values, None, rationality)
        solved, branch = solve_traced(block)
    else:
        block, solved, branch = replace(outset.block, game=before), outset.solved, outset.branch
    past = past_of(block, solved, values)
    if not past.weight[0] > 0.0:
        raise UsageError(
            f"at the medians of the inputs this is impossible: {names_of(crisis).all_known(crisis.facts)}; correct "
            "`observed`, or suppose something else"
        )
    return SoFar(past, branch, str(block.tables.labels[0]))


def draw_now(
    game: Game, so_far: SoFar, rationality: float | None = None, given: Mapping[str, float] | None = None
) -> BlockNow:
    """One draw as of now: at the inputs' medians or the given values ahead; raises as `draw_of`."""
    crisis = game.crisis
    values = resolved_inputs(crisis, medians(crisis), given)
    return block_now(
        game, Draws(values, [conditions(crisis, given, rationality)]), so_far.past, rationality, whole=True
    )


def _same_past(game: Game, rationality: float | None, start: Solution) -> SoFar | None:
    """What a solution has of a draw up to now, if that is the same for this game."""
    ours, theirs = ((crisis.facts, crisis.before_now.pulled) for crisis in (game.crisis, start.game.crisis))
    if start.so_far is None or ours != theirs:
        return None
    return start.so_far if start.so_far.conditions == conditions(game.crisis, None, rationality) else None


def solve_draw_now(
    game: Game,
    rationality: float | None = None,
    given: Mapping[str, float] | None = None,
    start: Solution | None = None,
    outset: Outset | None = None,
) -> tuple[Block, Solution]:
    """Solve one draw as of now; returns the block by which it is evaluated, and the solution.

    `start`: a solution of the game with other inputs; it is not solved again up to now. `outset` and errors: as in
    `solved_so_far`.
    """
    so_far = None if start is None else _same_past(game, rationality, start)
    if so_far is None:
        so_far = solved_so_far(game, rationality, outset)
    now = draw_now(game, so_far, rationality, given)
    solved, branch = solve_now_traced(now, None if start is None else start.choice)
    if branch is None:
        branch = replace(so_far.branch, sides=())
    sides = [(judged_now(now, side), side) for side in (replace(branch, logit=one, sides=()) for one in branch.sides)]
    solution = solution_of(now.block, solved, replace(branch, sides=()))
    return now.block, replace(
        solution,
        so_far=so_far,
        sides=tuple(replace(solution_of(now.block, one, side), so_far=so_far) for one, side in sides),
    )


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
    logit = traced.logit
    assert logit is not None
    if game.as_of_now:  # those of the moves ahead, or of the game up to now
        past = np.log(np.maximum(choice[: game.slots - len(logit), 0], SMALLEST))
        logit = np.concatenate([past, logit])
    beliefs = beliefs_of(block, choice, np.ascontiguousarray(logit[:, None]))
    return Solution(
        game=game,
        conditions=str(block.tables.labels[0]),
        endings=endings_of(game, solved, 0),
        payoffs=payoffs_of(game, solved, 0),
        measures={one.key: float(mean) for one, mean in zip(game.crisis.measures, solved.measures[:, 0], strict=True)},
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
