"""Everything that a run says, for the page that is handed on: each question asked once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from typing import TypeVar

from offramp.common.errors import UsageError
from offramp.common.words import listed
from offramp.crisis.model import Move
from offramp.equilibrium.solution import Solution
from offramp.equilibrium.sweeps import Block
from offramp.runs.result import Run
from offramp.study.explanation.motives import is_reached
from offramp.study.explanation.why import Why, why_of
from offramp.study.histories.flows import Flows, flows_of
from offramp.study.histories.paths import Paths, paths_of
from offramp.study.histories.plays import solved
from offramp.study.interventions.levers_study import Levers, levers_at
from offramp.study.sensitivity.weigh import weigh
from offramp.study.sensitivity.weights_finding import Weights
from offramp.study.updating.update import Update, update

Found = TypeVar("Found")

QUESTIONS = 4
LEVER_DRAWS = 64
"""Levers are compared on so many draws; `offramp levers` takes more."""


@dataclass(frozen=True, eq=False)
class Brief:
    """What a run says beyond its own numbers; None where there is nothing to ask, or too little to answer from.

    `whys`: for each move that is made, what is behind the choice in its likeliest situation. Why, paths and flows are
    those of one solve, at the inputs' medians. `refused`: why questions could not be answered.
    """

    whys: tuple[Why, ...]
    paths: Paths
    flows: Flows
    weights: Weights | None
    levers: Levers | None
    update: Update | None
    refused: tuple[str, ...]

    @property
    def points(self) -> tuple[tuple[str, str], ...]:
        """What to know first, a sentence for each question, with the section of the report that has the rest."""
        said = []
        if self.weights is not None and self.weights.heaviest:
            heavy = listed(name.replace("_", " ") for name in self.weights.heaviest)
            said.append((f"Heaviest among the assumptions: {heavy}.", "weights"))
        if self.levers is not None and self.levers.singles:
            said.append((self.levers.answer[1], "way-out"))
        if self.update is not None and len(self.update.stages) > 1:
            said.append((self.update.answer[len(self.update.stages) - 1], "update"))
        return (*said, (f"{self.paths.basis} {self.paths.answer[0]}", "paths"))


def brief(
    ensemble: Run, progress: Callable[[int], None] = lambda done: None, executor: Executor | None = None
) -> Brief:
    """Ask a run every question that the report answers.

    Parameters
    ----------
    ensemble
        The solved draws of a run.
    progress
        Called with the number of questions (of `QUESTIONS`) answered since the last call.
    executor
        Who solves the draws under each lever; by default threads of this process.
    """
    crisis, game = ensemble.crisis, ensemble.game
    block, solution = solved(game)
    whys = tuple(_whys(ensemble, block, solution))
    means = {name: interval.mean for name, interval in ensemble.ending_intervals.items()}
    paths, flows = paths_of(block, solution, run=means), flows_of(block, solution)
    progress(1)
    refused: list[str] = []
    weights = _asked(lambda: weigh(ensemble), refused)
    progress(1)
    tried = _levers(ensemble, executor)
    progress(1)
    known = _asked(lambda: update(ensemble, executor=executor), refused) if crisis.observed else None
    progress(1)
    return Brief(whys, paths, flows, weights, tried, known, tuple(refused))


def _levers(ensemble: Run, executor: Executor | None) -> Levers | None:
    crisis, draws = ensemble.crisis, min(LEVER_DRAWS, ensemble.draws)
    if all(name in crisis.pulled for name in crisis.levers):
        return None
    return levers_at(crisis, draws, ensemble.first_inputs(draws), seed=ensemble.seed, run=ensemble, executor=executor)


def _whys(ensemble: Run, block: Block, solution: Solution) -> Iterator[Why]:
    over_draws = {summary.situation.slots.start: summary for summary in ensemble.by_situation}
    for step in ensemble.crisis.steps():
        if isinstance(step, Move):
            sets = (held for held, one in enumerate(ensemble.game.situations) if one.move == step.name)
            if any(is_reached(solution, held) for held in sets):
                found = why_of(block, solution, step.name, {})
                yield replace(found, run=over_draws[found.situation.slots.start])


def _asked(ask: Callable[[], Found], refused: list[str]) -> Found | None:
    """The answer, or None where the draws do not bear one; then why not is noted."""
    try:
        return ask()
    except UsageError as error:
        refused.append(str(error))
        return None
