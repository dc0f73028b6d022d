"""Evidence: the likelihood of the observed events in each draw, and play conditioned on them.

A draw's inputs are one hypothesis of many. Its equilibrium gives the probability of the observed events: the draw's
likelihood, by which draws are weighted later (Rubin 1988, importance resampling). Hidden chance steps and moves still
to come stay unknown within a draw; they are summed over exactly, with one conditioned pass for each event.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from copy import copy
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from offramp.crisis.model import Crisis
from offramp.crisis.observation import Facts, facts_of
from offramp.equilibrium.conditioning import condition_play
from offramp.equilibrium.counting import first_options
from offramp.equilibrium.logit import BlockSolution
from offramp.equilibrium.sweeps import Block
from offramp.game.agreement import Open, consistent_edges, on_open_plays
from offramp.game.game import Game
from offramp.runs.sampling import CHUNK
from offramp.runs.store.stored_columns import Rows

if TYPE_CHECKING:
    import pandas as pd


Array = NDArray[np.float64]


SUPPOSED = "supposed"
"""What stands for the date of what is supposed."""


@dataclass(frozen=True)
class ObservedEvent:
    """One entry of `observed`, or all that is supposed, under the date `supposed`."""

    date: str
    values: Facts


def events_of(crisis: Crisis) -> tuple[ObservedEvent, ...]:
    """The observed events of a crisis, by date, events of one day in the order of the file; then what is supposed."""
    entries = [ObservedEvent(str(entry.date), facts_of([entry])) for entry in crisis.observed]
    dated = sorted(entries, key=lambda event: event.date)
    supposed = {at: crisis.facts[at] for at in facts_of(crisis.supposed)}
    return (*dated, *([ObservedEvent(SUPPOSED, supposed)] if supposed else []))


@dataclass(frozen=True, eq=False)
class Evidence:
    """Evidence of all draws; the last axis of every array is the draw, NaN if it did not converge.

    As of now, it is on play up to now: `game` is the one that was played, without the levers pulled since.

    `likelihood`: (events,), the joint probability of the first event up to this one. `endings`: (events, endings), the
    joint probability of these events and the ending. `measures`: (events, measures), their expected amounts in plays
    that agree with these events, times the probability of the events. `taken`: (1 + events, options), the probability
    of each option of every layer of the game, layer by layer; first alone, then jointly with the events up to each.
    """

    game: Game
    events: tuple[ObservedEvent, ...]
    likelihood: Rows
    endings: Rows
    measures: Rows
    taken: Rows

    @classmethod
    def empty(cls, game: Game, events: Sequence[ObservedEvent], draws: int) -> Evidence:
        """Uninitialised arrays for some draws."""
        game = game.so_far
        options = sum(len(game.crisis.options_of(layer.step)) for layer in game.layers)
        return cls(
            game,
            tuple(events),
            likelihood=np.empty((len(events), draws)),
            endings=np.empty((len(events), len(game.crisis.endings), draws)),
            measures=np.empty((len(events), len(game.crisis.measures), draws)),
            taken=np.empty((1 + len(events), options, draws)),
        )

    def options(self, layer: int) -> slice:
        """The rows of `taken` that belong to a layer."""
        layers = self.game.layers[: layer + 1]
        counts = [len(self.game.crisis.options_of(earlier.step)) for earlier in layers]
        return slice(sum(counts[:-1]), sum(counts))

    def to_pandas(self) -> pd.DataFrame:
        """One row per draw with the content of the arrays; `after1` means up to and including the first event."""
        import pandas as pd

        return pd.DataFrame(dict(zip(column_names(self.game, len(self.events)), self.rows(), strict=True)))

    def rows(self) -> Iterator[Array]:
        """(draws,) for each column of the table, in order."""
        yield from self.taken[0]
        for number in range(len(self.events)):
            yield self.likelihood[number]
            yield from self.endings[number]
            yield from self.measures[number]
            yield from self.taken[number + 1]


def column_names(game: Game, events: int) -> Iterator[str]:
    """Names of the table's columns, in order."""
    game = game.so_far
    for number in range(events + 1):
        if number:
            yield f"after{number}.likelihood"
            yield from (f"after{number}.ending.{ending.key}" for ending in game.crisis.endings)
            yield from (f"after{number}.measure.{measure.key}" for measure in game.crisis.measures)
        for layer in game.layers:
            in_round = f"@{layer.round}" if layer.round else ""
            for option in game.crisis.options_of(layer.step):
                yield f"after{number}.step.{layer.step}{in_round}.{option}"


def evidence_columns(game: Game) -> int:
    """Number of columns of the table; 0 if nothing was observed."""
    events = len(events_of(game.crisis))
    return sum(1 for _ in column_names(game, events)) if events else 0


def evidence_places(game: Game, events: int, first: int) -> tuple[NDArray[np.int64], ...]:
    """Column numbers of `likelihood`, `endings`, `measures` and `taken` in a table whose columns begin at `first`.

    Shapes are as in `Evidence`, without the draws; `events` is their number.
    """
    endings, measures = len(game.crisis.endings), len(game.crisis.measures)
    options = sum(len(game.crisis.options_of(layer.step)) for layer in game.so_far.layers)
    likelihood = first + options + np.arange(events) * (1 + endings + measures + options)
    of_endings = likelihood[:, None] + 1 + np.arange(endings)
    of_measures = likelihood[:, None] + 1 + endings + np.arange(measures)
    taken = np.concatenate([[first], likelihood + 1 + endings + measures])[:, None] + np.arange(options)
    return likelihood, of_endings, of_measures, taken


class EvidenceBuilder:
    """Evidence filled block by block, from any thread; each block writes its own draws."""

    def __init__(self, game: Game, events: Sequence[ObservedEvent], draws: int) -> None:
        game = game.so_far
        self.evidence = Evidence.empty(game, events, draws)
        self.unconditioned = _open_edges(game, {})
        known: Facts = {}
        facts = [known := {**known, **event.values} for event in events]
        self.up_to_event = [_open_edges(game, known) for known in facts]
        self.measured_up_to = [None if game.measured is None else _open_edges(game.measured, known) for known in facts]

    def writing_to(self, evidence: Evidence) -> EvidenceBuilder:
        """A builder for the same events that fills the evidence of other draws."""
        other = copy(self)
        other.evidence = evidence
        return other

    def add(self, block: Block, solved: BlockSolution, first: int) -> None:
        """Write the evidence of a block whose first draw is number `first`."""
        events, unconverged = self.evidence.events, ~solved.converged
        evidence = self.evidence
        all_likelihood, all_endings, all_measures, all_taken = map(
            np.asarray, (evidence.likelihood, evidence.endings, evidence.measures, evidence.taken)
        )

        def converged_only(values: Array) -> Array:
            return np.where(unconverged, np.nan, values)

        span = slice(first, first + block.draws)
        likelihood, endings, measures = np.ones(block.draws), solved.endings, solved.measures
        _, _, taken = _joint(block, solved.choice, self.unconditioned)
        all_taken[0, :, span] = converged_only(taken)
        opened = zip(events, self.up_to_event, self.measured_up_to, strict=True)
        for number, (event, open_edge, measured_edge) in enumerate(opened):
            if event.values:  # else everything stays as it was, bit for bit
                likelihood, endings, taken = _joint(block, solved.choice, open_edge)
                measures = _measured(block.measured, solved.choice, measured_edge, measures)
            all_likelihood[number, span] = converged_only(likelihood)
            all_endings[number, :, span] = converged_only(endings)
            all_measures[number, :, span] = converged_only(measures)
            all_taken[number + 1, :, span] = converged_only(taken)


def _open_edges(game: Game, known: Facts) -> Open | None:
    edges = consistent_edges(game, known)
    return None if edges is None else on_open_plays(game, edges)


def _joint(block: Block, choice: Array, open_edge: Open | None) -> tuple[Array, Array, Array]:
    """The likelihood of the events, (draws,); their joint probability with each ending, (endings, draws), and with each
    option of each layer, (options, draws).
    """
    if open_edge is None:
        of_layers, endings_count = first_options(block.game), len(block.game.crisis.endings)
        return np.zeros(block.draws), np.zeros((endings_count, block.draws)), np.zeros((of_layers[-1], block.draws))
    likelihood, endings, taken = condition_play(block, choice, open_edge).joint("endings", "options")
    return likelihood, endings, taken


def _measured(block: Block | None, choice: Array, open_edge: Open | None, before: Array) -> Array:
    """Expected amounts of the measures in plays on open edges: (measures, draws); `before`: those of all plays."""
    if block is None or open_edge is None:
        return np.zeros_like(before)
    return condition_play(block, choice, open_edge).terms


SPAN = 32 * CHUNK
"""Draws solved at a time by `weigh_again`; their evidence is then stored, so memory stays bounded."""
