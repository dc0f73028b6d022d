"""Bayesian updating: inputs, hidden values and endings after each observed event."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from offramp.common.errors import UsageError
from offramp.crisis.model import Crisis
from offramp.crisis.names import Names, names_of
from offramp.gambit.opening import Playable
from offramp.runs.evidence import Evidence, ObservedEvent, events_of
from offramp.runs.random_play import likelihood_at_random
from offramp.runs.result import Run
from offramp.runs.run import run_of
from offramp.runs.solve_evidence import weigh_again
from offramp.runs.store.stored_columns import Rows
from offramp.runs.weighted import FLOOR, check_effective, effective, influence, interval_of, mean_of, standard_error
from offramp.study.basis import moment
from offramp.study.comparison.equality import check_numerically_equal
from offramp.study.kept_findings import kept_finding
from offramp.study.outlook.endings import posterior_error
from offramp.study.updating.update_finding import Update, observed_in
from offramp.study.updating.update_results import InputMoved, StepWeighed, UpdateStage
from offramp.study.updating.yardstick import compared

Array = NDArray[np.float64]

__all__ = ["Update", "update"]

SURE = 1e-9
"""A probability nearer than this to 0 or 1 differs from it by rounding only."""


def update(
    run: Playable,
    since: Crisis | None = None,
    *,
    least: float = FLOOR,
    executor: Executor | None = None,
    progress: Callable[[int], None] | None = None,
) -> Update:
    """The posterior over inputs, hidden values and endings after each dated event.

    The likelihood of a draw is the probability that the equilibrium of its inputs, by the analyst's odds, produces
    the events; within a draw hidden steps are summed over exactly, between draws the likelihood is the weight.

    Parameters
    ----------
    run
        Solved draws; those that did not converge are left out.
    since
        The crisis with the events observed since the run; by default the run's crisis with its own `observed`. For
        events that the run did not know, the draws are solved again.
    least
        The smallest effective sample size after an event.
    executor
        The executor that solves them, such as a `concurrent.futures.ProcessPoolExecutor`; by default threads of this
        process.
    progress
        Called with the number of draws solved since the last call.

    Raises
    ------
    UsageError
        If an event is impossible in every draw; if fewer than `least` effective draws are left (the message advises how
        many to run); if `since` differs from the run's crisis in more than what was observed.
    """
    solved = run_of(run)
    if since is not None or least != FLOOR:
        return _update(solved, since, least, executor, progress)
    return kept_finding(solved, "update", Update, lambda: _update(solved, None, least, executor, progress))


def _update(
    run: Run,
    since: Crisis | None,
    least: float,
    executor: Executor | None,
    progress: Callable[[int], None] | None,
) -> Update:
    """As `update`; nothing is kept yet."""
    crisis = run.crisis
    if crisis.past:
        raise UsageError(
            "update goes from the outset to what is now known, and this run begins as of now: "
            "take a run of the crisis file without --now and --suppose"
        )
    if since is not None:
        check_numerically_equal(crisis, since)
        crisis = replace(crisis, observed=since.observed)
    events = events_of(crisis)
    evidence = run.evidence
    if events and (evidence is None or evidence.events != events):
        evidence = weigh_again(run, events, progress, executor)
    kept = run.converged
    weights = at_random = np.ones((1, int(kept.sum())))
    if events and evidence is not None and kept.any():
        weights = np.concatenate([weights, evidence.likelihood[:, kept]])
        at_random = np.concatenate([at_random, likelihood_at_random(run, events, executor)[:, kept]])
        _check_weights(events, weights, at_random, least, names_of(crisis))
    joint = _by_stage(run.endings, evidence.endings if evidence is not None and events else (), kept)
    amounts = _by_stage(run.measures, evidence.measures if evidence is not None and events else (), kept)
    stages = _stages(crisis, (None, *events), weights, at_random, joint, amounts, kept) if kept.any() else ()
    known = {key for event in events for key in event.values}
    return Update(
        crisis=crisis.title,
        names=names_of(crisis),
        draws=run.draws,
        converged=int(kept.sum()),
        stages=tuple(stages),
        inputs=_inputs(run, weights) if len(weights) > 1 else (),
        steps=_steps(evidence, known, kept, weights) if evidence is not None and len(weights) > 1 else (),
        weights=weights,
        measures=crisis.measures,
        moment=moment(crisis),
    )


def _by_stage(before: Rows, after: Iterable[Array], kept: NDArray[np.bool_]) -> Iterator[Array]:
    """Rows before any event and, jointly with the events, after each, over the draws kept: (rows, draws)."""
    for rows in (before, *after):
        yield np.ascontiguousarray(np.asarray(rows)[:, kept])


def _stages(
    crisis: Crisis,
    events: tuple[ObservedEvent | None, ...],
    weights: Array,
    at_random: Array,
    endings: Iterator[Array],
    measures: Iterator[Array],
    kept: NDArray[np.bool_],
) -> Iterator[UpdateStage]:
    """The stage after each event.

    `weights`, `at_random`: (stages, draws), the probability of the events up to each, under the model and under play at
    random; `endings`: for each stage, (endings, draws), their joint probability with the events, and `measures`:
    (measures, draws), their expected amounts times the probability of the events. `kept`: (all draws,), which of all
    draws these are.
    """
    together, weight_before, random_before = 1.0, weights[0], at_random[0]
    names, quantities = ([one.key for one in parts] for parts in (crisis.endings, crisis.measures))
    for event, weight, by_chance, joint, amounts in zip(events, weights, at_random, endings, measures, strict=True):
        earlier, together = together, float(weight.mean())
        of_event = np.divide(by_chance, random_before, out=np.zeros_like(by_chance), where=random_before > 0.0)
        yield UpdateStage(
            event=event,
            probability=together / earlier,
            at_random=mean_of(weight_before * of_event, weight_before),
            together=together,
            together_at_random=float(by_chance.mean()),
            effective=effective(weight),
            endings={name: interval_of(row, weight) for name, row in zip(names, joint, strict=True)},
            errors={name: posterior_error(row, weight, kept) for name, row in zip(names, joint, strict=True)},
            measures={name: interval_of(row, weight) for name, row in zip(quantities, amounts, strict=True)},
            measure_errors={
                name: posterior_error(row, weight, kept) for name, row in zip(quantities, amounts, strict=True)
            },
        )
        weight_before, random_before = weight, by_chance


def _inputs(run: Run, weights: Array) -> tuple[InputMoved, ...]:
    """The inputs that differ between draws, those that moved most first."""
    moved = []
    for name, values in run.inputs.items():
        drawn = values[run.converged]
        deviation = float(drawn.std())
        if deviation > 1e-12 * abs(float(drawn.mean())):
            before, after = (interval_of(drawn * weight, weight) for weight in (weights[0], weights[-1]))
            shifts = tuple((mean_of(drawn * weight, weight) - before.mean) / deviation for weight in weights[1:])
            apart = influence(drawn * weights[-1], weights[-1]) - influence(drawn, weights[0])
            cites = run.crisis.inputs[name].reason.cites
            moved.append(InputMoved(name, before, after, shifts, standard_error(apart) / deviation, cites))
    return tuple(sorted(moved, key=lambda entry: -abs(entry.shifts[-1])))


def _steps(
    evidence: Evidence, known: set[tuple[str, int]], kept: NDArray[np.bool_], weights: Array
) -> tuple[StepWeighed, ...]:
    """The steps that were not observed, in the order of play."""
    game = evidence.game
    observed = [place for place, layer in enumerate(game.layers) if (layer.step, layer.round) in known]
    steps = []
    for place, layer in enumerate(game.layers):
        if place not in observed:
            joint = evidence.taken[:, evidence.options(place)][:, :, kept].sum(axis=2)
            together = joint.sum(axis=1)
            made = together / weights.sum(axis=1)
            made[made > 1.0 - SURE] = 1.0
            shares = np.divide(joint, together[:, None], out=np.full_like(joint, np.nan), where=together[:, None] > 0.0)
            offered = game.crisis.offered(layer.step, layer.round)
            every = dict(zip(game.crisis.options_of(layer.step), map(tuple, shares.T.tolist()), strict=True))
            options = {option: every[option] for option in offered}
            by = game.actors[layer.actor] if layer.actor >= 0 else None
            passed = place < max(observed, default=-1)
            steps.append(StepWeighed(layer.step, layer.round, by, passed, tuple(made.tolist()), options))
    return tuple(steps)


def _check_weights(
    events: tuple[ObservedEvent, ...], weights: Array, at_random: Array, least: float, names: Names
) -> None:
    """Raise UsageError if no draw, or too few draws, are left after an event."""
    for number, event in enumerate(events):
        earlier, weight, by_chance = weights[number], weights[number + 1], at_random[number + 1]
        try:
            enough = least if event.values else 0.0
            check_effective(weight, earlier, f"{event.date} ({observed_in(event, names)})", least=enough)
        except UsageError as error:
            if not weight.any():
                raise
            together = compared(float(weight.mean() / by_chance.mean()))
            raise UsageError(f"{error}. What was observed until then was {together}") from None
