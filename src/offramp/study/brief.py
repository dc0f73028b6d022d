"""All findings of a run for its report: each question asked once."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, Executor, Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from threading import Event
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from offramp.common.errors import UsageError
from offramp.crisis.steps import Move
from offramp.equilibrium.solution import Solution
from offramp.equilibrium.sweeps import Block
from offramp.gambit.opening import Playable
from offramp.runs.result import Run
from offramp.runs.weighted import effective
from offramp.study.explanation.motives import is_reached
from offramp.study.explanation.why import why_of
from offramp.study.explanation.why_ending import why_ending
from offramp.study.explanation.why_ending_finding import WhyEnding
from offramp.study.explanation.why_finding import Why
from offramp.study.histories.flows import Flows, flows_of
from offramp.study.histories.paths import Paths, paths_of
from offramp.study.histories.plays import solved
from offramp.study.interventions.levers_finding import Levers
from offramp.study.interventions.levers_study import levers_at
from offramp.study.kept_findings import kept_finding
from offramp.study.sensitivity.weigh import weigh
from offramp.study.sensitivity.weights_finding import Weights
from offramp.study.updating.update import Update, update

Answer = TypeVar("Answer")
Array = NDArray[np.float64]

LEVER_DRAWS, MOST_LEVER_DRAWS = 64, 512
"""Number of draws on which levers are compared, and its maximum if few draws fit what was observed; `offramp levers`
takes more."""


@dataclass(frozen=True, eq=False)
class Brief:
    """What a run says beyond its own numbers; None for a question that does not arise or cannot be answered.

    `whys`: for each move that is made, the reasons for the choice in its likeliest situation. `to_avoid`: why each
    ending to avoid is rare or likely, without tipping values. Why, paths and flows come from one solve at the inputs'
    medians. `refused`: why questions could not be answered.
    """

    whys: tuple[Why, ...]
    to_avoid: tuple[WhyEnding, ...]
    paths: Paths
    flows: Flows
    weights: Weights | None
    levers: Levers | None
    update: Update | None
    refused: tuple[str, ...]


def brief(run: Run, progress: Callable[[int], None] = lambda done: None, executor: Executor | None = None) -> Brief:
    """Ask a run every question that the report answers.

    Parameters
    ----------
    run
        The solved draws of a run.
    progress
        Called with the number of questions answered since the last call: those on one solve, on the weights, on the
        observed events and on the levers.
    executor
        The executor that solves the draws under each lever; by default threads of this process.
    """
    return kept_finding(run, "brief", Brief, lambda: _brief(run, progress, executor))


def _brief(run: Run, progress: Callable[[int], None], executor: Executor | None) -> Brief:
    """As `brief`; nothing of the whole is kept yet."""
    with _levers_beside(run, executor) as levers:
        return _answers(run, progress, executor, levers)


@contextmanager
def _levers_beside(run: Run, executor: Executor | None) -> Iterator[Future[tuple[Levers | None, list[str]]]]:
    """What the levers change, and why that could not be answered, while the caller answers all else.

    When the caller fails, what has not been begun is left.
    """
    left = Event()

    def go_on(_: int) -> None:
        if left.is_set():
            raise CancelledError

    def compare() -> tuple[Levers | None, list[str]]:
        refused: list[str] = []
        return _levers(run, executor, refused, go_on), refused

    with ThreadPoolExecutor(1) as pool:
        try:
            yield pool.submit(compare)
        finally:
            left.set()


def _answers(
    run: Run,
    progress: Callable[[int], None],
    executor: Executor | None,
    comparing: Future[tuple[Levers | None, list[str]]],
) -> Brief:
    """All answers, that on the levers last."""
    crisis, game = run.crisis, run.game
    block, solution = solved(game)
    whys = tuple(_whys(run, block, solution))
    to_avoid = tuple(
        why_ending(block, solution, key, tipping=False) for key in (crisis.avoided if crisis.endings else ())
    )
    means = {name: interval.mean for name, interval in run.ending_intervals.items()}
    paths, flows = paths_of(block, solution, run=means), flows_of(block, solution)
    progress(1)
    refused: list[str] = []
    weights = _answer(lambda: weigh(run), refused)
    progress(1)
    from_outset = crisis.observed and not crisis.past
    of_events: list[str] = []
    posterior = _answer(lambda: update(run, executor=executor), of_events) if from_outset else None
    progress(1)
    levers, of_levers = comparing.result()
    progress(1)
    return Brief(whys, to_avoid, paths, flows, weights, levers, posterior, (*refused, *of_levers, *of_events))


def _levers(run: Run, executor: Executor | None, refused: list[str], progress: Callable[[int], None]) -> Levers | None:
    """What the levers change as of the last observed event, or from the outset if the draws do not allow that."""
    if all(name in run.crisis.pulled for name in run.crisis.levers):
        return None

    def compare_levers(given: Playable, draws: int) -> Levers:
        values = run.first_inputs(draws)
        return levers_at(given, draws, values, seed=run.seed, run=run, executor=executor, progress=progress)

    few = min(LEVER_DRAWS, run.draws)
    if run.crisis.observed and run.crisis.outset is None:
        weights = None if run.evidence is None else np.asarray(run.evidence.likelihood)[-1][run.converged]
        enough = min(draws_that_fit(weights), MOST_LEVER_DRAWS, run.draws)
        possible = weights is None or bool(weights.any())  # not if a pulled lever forbids what was observed
        now = _answer(lambda: compare_levers(run.crisis.now(), max(few, enough)), refused) if possible else None
        if now is not None:
            return now
    return compare_levers(run, few)


def draws_that_fit(weights: Array | None) -> int:
    """The number of draws that are worth `LEVER_DRAWS` at these weights, (draws,), in whole multiples of that."""
    if weights is None:
        return LEVER_DRAWS
    share = effective(weights) / len(weights) if weights.any() else 1.0
    return LEVER_DRAWS * math.ceil(1.0 / share)


def _whys(run: Run, block: Block, solution: Solution) -> Iterator[Why]:
    over_draws = {summary.situation.slots.start: summary for summary in run.by_situation}
    for step in run.crisis.steps():
        if isinstance(step, Move):
            sets = (
                index
                for index, situation in enumerate(run.game.situations)
                if situation.move == step.key and (step.key, situation.round) not in run.crisis.past
            )
            if any(is_reached(solution, index) for index in sets):
                why = why_of(block, solution, step.key, {})
                yield replace(why, run=over_draws[why.situation.slots.start])


def _answer(ask: Callable[[], Answer], refused: list[str]) -> Answer | None:
    """The answer, or None if the draws do not allow one; the reason is then added to `refused`."""
    try:
        return ask()
    except UsageError as error:
        refused.append(str(error))
        return None
