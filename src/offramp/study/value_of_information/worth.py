"""What it is worth to find something out before choosing a lever."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from offramp.common.errors import UsageError
from offramp.common.words import listed, nearest
from offramp.crisis.model import Crisis
from offramp.equilibrium.branch.principal import STATUSES
from offramp.equilibrium.logit import solve_block
from offramp.gambit.opening import Playable
from offramp.game.game import Game
from offramp.runs.blocks import NumberedBlock
from offramp.runs.pieces import in_blocks
from offramp.runs.result import Run
from offramp.runs.run import run_of
from offramp.study.scenarios import Progress, ending_to_avoid, free_levers, under_levers
from offramp.study.value_of_information import measures
from offramp.study.value_of_information.hidden_values import Hidden, actor_paid, ending_paid, hidden_of, told
from offramp.study.value_of_information.worth_finding import NO_LEVER, Kind, Worth, Worths

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]

FEWEST = 64
"""Regression needs as many draws."""
SHORTEST = 0.05
"""A stretch of an input with a smaller share of the draws is not told apart."""


def worth(
    ensemble: Playable,
    *,
    ending: str | None = None,
    actor: str | None = None,
    draws: int = 320,
    executor: Executor | None = None,
    progress: Callable[[int], None] | None = None,
) -> Worths:
    """The value of perfect information for the choice of one lever or none.

    It is that of everything together, of each input and of each hidden value.

    See `study.information` for what is computed and where it comes from, `study.hidden_values` for hidden values.

    Parameters
    ----------
    ensemble
        A solved ensemble; its first draws are solved again under each lever that it has not pulled.
    ending
        Choose so as to make this ending unlikely, by default the first of the file.
    actor
        Choose so as to make this actor's expected payoff, less the lever's cost, large.
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
        Where a lever makes odds or payoffs impossible.
    """
    ensemble = run_of(ensemble)
    crisis = ensemble.crisis
    if ending is not None and actor is not None:
        raise UsageError("an ending is avoided or an actor's payoff made large; they do not go together")
    if actor is not None and actor not in crisis.actors:
        raise UsageError(f"unknown actor '{actor}'{nearest(actor, crisis.actors)} (actors: {listed(crisis.actors)})")
    avoid = None if actor is not None else ending_to_avoid(crisis, ending)
    used = min(draws, ensemble.draws)
    if used < FEWEST:
        raise UsageError(f"at least {FEWEST} draws are needed to tell worth from chance, found {used:,}")
    values = ensemble.first_inputs(used)
    study = partial(_arm, avoid=avoid, actor=actor)
    choices = [(), *((name,) for name in free_levers(crisis))]
    arms = under_levers(crisis, choices, used, values, study, progress, executor)
    names = [levers[0] if levers else NO_LEVER for levers in arms]
    kept = np.logical_and.reduce([arm.converged for arm in arms.values()])
    if kept.sum() < FEWEST:
        raise UsageError(
            f"only {kept.sum():,} of {used:,} draws converged under every lever and {FEWEST} are needed; use more draws"
        )
    hidden = arms[()].hidden
    likelihood = np.array([arm.likelihood[:, kept] for arm in arms.values()])
    utility = _utilities(crisis, list(arms), likelihood, np.array([arm.paid[:, kept] for arm in arms.values()]), actor)
    steps, utility, moved = _unmoved(hidden, utility, likelihood)
    scale = 1.0 if actor is not None else 100.0
    weights = measures.resamples(int(kept.sum()), ensemble.seed)
    flat = utility.reshape(len(arms), -1, utility.shape[-1])
    whole = flat.sum(axis=1)
    told_apart = {name: column[kept] for name, column in values.items() if np.ptp(column[kept]) > 0.0}
    noise = measures.by_chance(whole, len(told_apart), ensemble.seed)
    found = [
        _scaled(name, "input", part, scale, part.value > noise and part.low > 0.0, _stretches(column, part.best, names))
        for name, column in told_apart.items()
        for part in (measures.of_input(column, whole, weights),)
    ]
    for place, (step, options) in enumerate(steps):
        others = tuple(axis for axis in range(1, utility.ndim - 1) if axis != place + 1)
        part = measures.of_cases(utility.sum(axis=others), weights)
        then = tuple((option, names[best]) for option, best in zip(options, part.best.tolist(), strict=True))
        found.append(_scaled(step, "hidden value", part, scale, part.low > 0.0, then))
    gained = whole.mean(axis=1) - whole[names.index(NO_LEVER)].mean()
    levels = _levels(ensemble, gained, avoid, actor)
    return Worths(
        crisis=crisis.title,
        goal=actor if actor is not None else crisis.endings[avoid or 0].name,
        actor=None if actor is None else crisis.actors[actor].name,
        asked_for=ending is not None,
        pulled=crisis.pulled,
        of=ensemble.draws,
        draws=used,
        used=int(kept.sum()),
        levels=dict(zip(names, levels.tolist(), strict=True)),
        everything=scale * measures.perfect(flat),
        inputs=scale * measures.perfect(whole[:, None]),
        hidden=scale * measures.of_cases(flat, weights).value,
        noise=scale * noise,
        worths=tuple(sorted(found, key=lambda found: (not found.counts, -found.value))),
        moved=moved,
        too_many=hidden.left_out,
    )


@dataclass(frozen=True, eq=False)
class _Arm:
    """A choice of lever: `paid`, `likelihood`: (combinations of hidden values, draws), from `told`."""

    hidden: Hidden
    paid: Array
    likelihood: Array
    converged: NDArray[np.bool_]

    def only(self, draws: slice) -> _Arm:
        return _Arm(self.hidden, self.paid[:, draws], self.likelihood[:, draws], self.converged[draws])


def _arm(
    game: Game,
    draws: int,
    values: Mapping[str, Array],
    crew: Executor,
    progress: Progress | None,
    avoid: int | None,
    actor: str | None,
) -> _Arm:
    parts = in_blocks(game, draws, values, partial(_telling, avoid=avoid, actor=actor), crew, progress=progress)
    paid, likelihood, converged = (np.concatenate(column, axis=-1) for column in zip(*parts, strict=True))
    return _Arm(hidden_of(game), paid, likelihood, converged)


def _telling(game: Game, avoid: int | None, actor: str | None) -> Callable[[NumberedBlock], tuple[Array, Array, Flags]]:
    """Gives of a block what `_Arm` holds."""
    hidden = hidden_of(game)

    def work(part: NumberedBlock) -> tuple[Array, Array, Flags]:
        solved = solve_block(part.block)
        payoffs = actor_paid(part.block, actor) if actor is not None else ending_paid(part.block, avoid or 0)
        return *told(part.block, solved.choice, payoffs, hidden), solved.status != STATUSES.index("unconverged")

    return work


def _levels(ensemble: Run, gained: Array, avoid: int | None, actor: str | None) -> Array:
    """What each arm comes to, (arms,): the mean of all draws of the run, and what the arm changes on those used."""
    if actor is not None:
        return np.asarray(ensemble.payoff_intervals[actor].mean + gained)
    before = ensemble.ending_intervals[ensemble.crisis.endings[avoid or 0].name].mean
    return np.asarray(np.clip(before - gained, 0.0, 1.0))


def _utilities(
    crisis: Crisis, arms: Sequence[tuple[str, ...]], likelihood: Array, paid: Array, actor: str | None
) -> Array:
    """What there is to gain by each arm, (arms, combinations, draws): payoff less cost, or the ending's absence."""
    if actor is None:
        return -paid
    costs = np.array([sum(crisis.levers[name].cost or 0.0 for name in levers) for levers in arms])
    return np.asarray(paid - costs[:, None, None] * likelihood)


def _unmoved(
    hidden: Hidden, utility: Array, likelihood: Array
) -> tuple[list[tuple[str, tuple[str, ...]]], Array, tuple[str, ...]]:
    """Steps whose odds no lever changes; utilities with an axis for each, (arms, values, ..., draws); the other steps.

    What a lever changes cannot be known before it is chosen.
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
    part: measures.Partial,
    scale: float,
    counts: bool,
    then: tuple[tuple[str | float, str], ...],
) -> Worth:
    low, value, high = (scale * number for number in (part.low, part.value, part.high))
    return Worth(name, kind, value, low, high, counts, then)


def _stretches(values: Array, best: NDArray[np.int64], names: Sequence[str]) -> tuple[tuple[float, str], ...]:
    """The best lever along an input: (where a stretch ends, lever), the last without an end (infinite)."""
    order = np.argsort(values, kind="stable")
    ranked, along = values[order], best[order]
    edges = np.flatnonzero(np.diff(along)) + 1
    runs = np.split(np.arange(len(along)), edges)
    long = [run for run in runs if len(run) >= SHORTEST * len(along)]
    merged: list[tuple[float, str]] = []
    for run in long:
        lever, start = names[along[run[0]]], run[0]
        if merged and merged[-1][1] == lever:
            continue
        if merged:
            merged[-1] = (float((ranked[start - 1] + ranked[start]) / 2.0), merged[-1][1])
        merged.append((np.inf, lever))
    return tuple(merged)
