"""What it is worth to find something out before choosing a lever."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from offramp.common.errors import UsageError
from offramp.common.words import listed, nearest_key
from offramp.crisis.model import Crisis
from offramp.crisis.names import NO_LEVER, names_of
from offramp.equilibrium.as_of_now import Past
from offramp.equilibrium.branch.traced import STATUSES
from offramp.gambit.opening import Playable
from offramp.game.game import Game
from offramp.runs.blocks import NumberedBlock
from offramp.runs.result import Run
from offramp.runs.run import run_of
from offramp.runs.study_draws import in_blocks, spread_evenly
from offramp.runs.weighted import check_known
from offramp.study.basis import moment
from offramp.study.compared_solutions import FOLLOWED, compared_solutions
from offramp.study.goal import Goal, goal_of
from offramp.study.kept_findings import kept_finding
from offramp.study.scenarios import Progress, UnderLevers, drawn_past, free_levers, under_levers
from offramp.study.value_of_information import information
from offramp.study.value_of_information.hidden_values import (
    Hidden,
    actor_paid,
    by_hidden_values,
    endings_paid,
    hidden_of,
)
from offramp.study.value_of_information.worth_finding import Kind, MeasureChosen, Worth, Worths

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]

FEWEST = 64
"""Minimum number of draws for the regression."""
SHORTEST = 0.05
"""Intervals of an input with a smaller share of the draws are merged."""


def worth(
    run: Playable,
    *,
    ending: str | None = None,
    actor: str | None = None,
    draws: int = 320,
    executor: Executor | None = None,
    progress: Callable[[int], None] | None = None,
) -> Worths:
    """The value of perfect information for the choice of one lever or none.

    It is given for everything together, for each input and for each hidden value. `information` says how it is computed
    and cites the method; `hidden_values` says what hidden values are.

    Parameters
    ----------
    run
        A run; its first draws are solved again under each lever that it has not pulled. Of a run as of now, each draw
        has its weight, and payoffs are those still to come.
    ending
        The ending to make unlikely; by default those that the file marks, by their sum, or else its first.
    actor
        The actor whose expected payoff, less the lever's cost, is to be large.
    draws
        How many draws to use.
    executor
        Who solves, such as a `concurrent.futures.ProcessPoolExecutor`; by default threads of this process.
    progress
        Called with the number of draws done since the last call: `draws` for each lever, and for the choice of none.

    Raises
    ------
    UsageError
        An unknown ending or actor, or both; a crisis without levers; too few converged draws.
    CrisisError
        If odds or payoffs are impossible without any lever; levers that make them impossible are left out, and said.
    """
    solved = run_of(run)
    asked = {"ending": ending, "actor": actor, "draws": draws}
    return kept_finding(
        solved, "worth", Worths, lambda: _worths(solved, ending, actor, draws, executor, progress), asked
    )


def _worths(
    run: Run,
    ending: str | None,
    actor: str | None,
    draws: int,
    executor: Executor | None,
    progress: Callable[[int], None] | None,
) -> Worths:
    """As `worth`; nothing is kept yet."""
    crisis = run.crisis
    if ending is not None and actor is not None:
        raise UsageError("an ending is avoided or an actor's payoff made large; they do not go together")
    if actor is not None and actor not in crisis.actors:
        hint = nearest_key(actor, {one.key: one.name for one in crisis.actors.values()})
        raise UsageError(f"unknown actor '{actor}'{hint} (actors: {listed(crisis.actors)})")
    goal = goal_of(crisis, ending) if actor is None else None
    under, used = _solved_arms(run, draws, goal, actor, executor, progress)
    arms = under.results
    names = [levers[0] if levers else NO_LEVER for levers in arms]
    kept = _kept(arms, used)
    # as of now both are joint with what is known; then all that follows is over the draws and cases given that
    scaled = arms[()].likelihood[:, kept].sum(axis=0).mean() if crisis.past else 1.0
    likelihood = np.array([arm.likelihood[:, kept] for arm in arms.values()]) / scaled
    paid = np.array([arm.paid[:, kept] for arm in arms.values()]) / scaled
    hidden = arms[()].hidden
    steps, utility, moved = _unmoved(hidden, _utilities(crisis, list(arms), likelihood, paid, actor), likelihood)
    by_case = utility.reshape(len(arms), -1, utility.shape[-1])
    by_draw = by_case.sum(axis=1)
    weights = information.resamples(int(kept.sum()), run.seed)
    scale = 1.0 if actor is not None else 100.0
    values = {name: column[kept] for name, column in run.first_inputs(used).items()}
    inputs, noise = _worth_of_inputs(values, by_draw, weights, scale, names, run.seed)
    worths = inputs + _worth_of_hidden_values(steps, utility, weights, scale, names)
    gained = by_draw.mean(axis=1) - by_draw[names.index(NO_LEVER)].mean()
    levels = _levels(run, gained, goal, actor)
    return Worths(
        crisis=crisis.title,
        names=names_of(crisis),
        goal=goal,
        of_actor=actor,
        of=run.draws,
        draws=used,
        used=int(kept.sum()),
        levels=dict(zip(names, levels.tolist(), strict=True)),
        everything=scale * information.perfect(by_case),
        inputs=scale * information.perfect(by_draw[:, None]),
        hidden=scale * information.of_cases(by_case, weights).value,
        noise=scale * noise,
        worths=tuple(sorted(worths, key=lambda worth: (not worth.counts, -worth.value))),
        moved=moved,
        too_many=hidden.left_out,
        moment=moment(crisis),
        as_of_now=crisis.outset is not None,
        impossible=under.impossible,
        measures=_measures(run, dict(zip(names, arms.values(), strict=True)), kept),
        followed=compared_solutions(arm.status for arm in arms.values()),
    )


def _solved_arms(
    run: Run,
    draws: int,
    goal: Goal | None,
    actor: str | None,
    executor: Executor | None,
    progress: Progress | None,
) -> tuple[UnderLevers[_Arm], int]:
    """The first draws of a run solved without a lever and under each one, and how many draws these are."""
    used = min(draws, run.draws)
    if used < FEWEST:
        raise UsageError(f"at least {FEWEST} draws are needed to tell worth from chance, found {used:,}")
    choices = [(), *((name,) for name in free_levers(run.crisis))]
    values = run.first_inputs(used)
    past = drawn_past(run.game, used, run.seed, executor, values, FOLLOWED)
    if past is not None:
        check_known(past.weight[past.solved.converged], run.crisis, least=FEWEST)
    study = partial(_arm, goal=goal, actor=actor, past=past)
    return under_levers(run, choices, used, values, study, progress, executor, past=past), used


def _kept(arms: Mapping[tuple[str, ...], _Arm], used: int) -> Flags:
    """Which draws converged under every lever: (draws,); UsageError if they are too few."""
    kept: Flags = np.logical_and.reduce([arm.converged for arm in arms.values()])
    if kept.sum() < FEWEST:
        raise UsageError(
            f"only {kept.sum():,} of {used:,} draws converged under every lever and {FEWEST} are needed; use more draws"
        )
    return kept


def _worth_of_inputs(
    values: Mapping[str, Array], by_draw: Array, weights: Array, scale: float, names: Sequence[str], seed: int
) -> tuple[list[Worth], float]:
    """What knowing each input that varies is worth, and what the best of as many shuffled inputs seems worth."""
    varying = {name: column for name, column in values.items() if np.ptp(column) > 0.0}
    noise = information.by_chance(by_draw, len(varying), seed)
    worths = []
    for name, column in varying.items():
        part = information.of_input(column, by_draw, weights)
        counts = part.value > noise and part.low > 0.0
        worths.append(_scaled(name, "input", part, scale, counts, _stretches(column, part.best, names)))
    return worths, noise


def _worth_of_hidden_values(
    steps: Sequence[tuple[str, tuple[str, ...]]], utility: Array, weights: Array, scale: float, names: Sequence[str]
) -> list[Worth]:
    """What knowing the value of each hidden step is worth; `utility`: (arms, values of a step, ..., draws)."""
    worths = []
    for number, (step, options) in enumerate(steps):
        others = tuple(axis for axis in range(1, utility.ndim - 1) if axis != number + 1)
        part = information.of_cases(utility.sum(axis=others), weights)
        then = tuple((option, names[best]) for option, best in zip(options, part.best.tolist(), strict=True))
        worths.append(_scaled(step, "hidden value", part, scale, part.low > 0.0, then))
    return worths


@dataclass(frozen=True, eq=False)
class _Arm:
    """One choice of lever: `paid`, `likelihood`: (combinations of hidden values, draws), from `by_hidden_values`.

    `measures`: (measures, draws), expected in the analyst's odds; `status`: (draws,), indices of `STATUSES`.
    """

    hidden: Hidden
    paid: Array
    likelihood: Array
    measures: Array
    status: NDArray[np.int8]

    @property
    def converged(self) -> Flags:
        return np.asarray(self.status != STATUSES.index("unconverged"))

    def only(self, draws: slice) -> _Arm:
        parts = self.paid[:, draws], self.likelihood[:, draws], self.measures[:, draws]
        return _Arm(self.hidden, *parts, self.status[draws])


def _arm(
    game: Game,
    draws: int,
    values: Mapping[str, Array],
    executor: Executor,
    progress: Progress | None,
    goal: Goal | None,
    actor: str | None,
    past: Past | None,
) -> _Arm:
    work = partial(_arm_of_block, goal=goal, actor=actor, draws=draws)
    parts = in_blocks(game, draws, values, work, executor, past=past, progress=progress)
    return _Arm(hidden_of(game), *(np.concatenate(column, axis=-1) for column in zip(*parts, strict=True)))


def _arm_of_block(
    game: Game, goal: Goal | None, actor: str | None, draws: int
) -> Callable[[NumberedBlock], tuple[Array, Array, Array, NDArray[np.int8]]]:
    """A function that gives `paid`, `likelihood`, `measures` and `status` of a block."""
    hidden = hidden_of(game)
    places = [] if goal is None else [game.crisis.ending_index(key) for key in goal.names]

    def work(part: NumberedBlock) -> tuple[Array, Array, Array, NDArray[np.int8]]:
        solved = part.solve(spread_evenly(part, FOLLOWED, draws))
        payoffs = actor_paid(part.block, actor) if actor is not None else endings_paid(part.block, places)
        paid, likelihood = by_hidden_values(part.block, solved.choice, payoffs, hidden)
        return paid, likelihood, solved.measures, solved.status

    return work


def _levels(run: Run, gained: Array, goal: Goal | None, actor: str | None) -> Array:
    """The level of each arm, (arms,): the mean over all draws of the run, plus the arm's change on the draws used."""
    if actor is not None:
        return np.asarray(run.payoff_intervals[actor].mean + gained)
    assert goal is not None
    before = run.interval(goal.total(run.crisis, run.endings)).mean
    return np.asarray(np.clip(before - gained, 0.0, 1.0))


def _measures(run: Run, arms: Mapping[str, _Arm], kept: Flags) -> tuple[MeasureChosen, ...]:
    """Each measure under each lever: its mean over all draws of the run, plus the lever's change on the draws used."""
    weight = arms[NO_LEVER].likelihood[:, kept].sum(axis=0)
    means = {name: (arm.measures[:, kept] * weight).sum(axis=1) / weight.sum() for name, arm in arms.items()}
    return tuple(
        MeasureChosen(
            one,
            {
                name: float(run.measure_intervals[one.key].mean + mean[place] - means[NO_LEVER][place])
                for name, mean in means.items()
            },
        )
        for place, one in enumerate(run.crisis.measures)
    )


def _utilities(
    crisis: Crisis, arms: Sequence[tuple[str, ...]], likelihood: Array, paid: Array, actor: str | None
) -> Array:
    """The utility of each arm, (arms, combinations, draws): payoff less cost, or minus the ending's probability."""
    if actor is None:
        return -paid
    costs = np.array([sum(crisis.levers[name].cost or 0.0 for name in levers) for levers in arms])
    return np.asarray(paid - costs[:, None, None] * likelihood)


def _unmoved(
    hidden: Hidden, utility: Array, likelihood: Array
) -> tuple[list[tuple[str, tuple[str, ...]]], Array, tuple[str, ...]]:
    """Steps whose odds no lever changes; utilities with an axis for each, (arms, values, ..., draws); the other steps.

    A step whose odds a lever changes cannot be known before the lever is chosen.
    """
    sizes = [len(values) for values in hidden.values]
    utility, likelihood = (array.reshape(len(array), *sizes, array.shape[-1]) for array in (utility, likelihood))
    kept: list[tuple[str, tuple[str, ...]]] = []
    moved: list[str] = []
    for step, values in zip(hidden.steps, hidden.values, strict=True):
        axis = 1 + len(kept)
        others = tuple(other for other in range(1, likelihood.ndim - 1) if other != axis)
        odds = likelihood.sum(axis=others)
        if np.abs(odds - odds[0]).max() <= 1e-9:
            kept.append((step, values))
        else:
            moved.append(step)
            utility, likelihood = utility.sum(axis=axis), likelihood.sum(axis=axis)
    return kept, utility, tuple(moved)


def _scaled(
    name: str,
    kind: Kind,
    part: information.Partial,
    scale: float,
    counts: bool,
    then: tuple[tuple[str | float, str], ...],
) -> Worth:
    low, value, high = (scale * number for number in (part.low, part.value, part.high))
    return Worth(name, kind, value, low, high, counts, then)


def _stretches(values: Array, best: NDArray[np.int64], names: Sequence[str]) -> tuple[tuple[float, str], ...]:
    """The best lever along an input: pairs of (end of an interval, lever); the last end is infinite."""
    order = np.argsort(values, kind="stable")
    ranked, along = values[order], best[order]
    edges = np.flatnonzero(np.diff(along)) + 1
    stretches = np.split(np.arange(len(along)), edges)
    long = [stretch for stretch in stretches if len(stretch) >= SHORTEST * len(along)]
    merged: list[tuple[float, str]] = []
    for stretch in long:
        lever, start = names[along[stretch[0]]], stretch[0]
        if merged and merged[-1][1] == lever:
            continue
        if merged:
            merged[-1] = (float((ranked[start - 1] + ranked[start]) / 2.0), merged[-1][1])
        merged.append((np.inf, lever))
    return tuple(merged)
