"""What each draw says of what was observed: how likely it holds the events to be, and how play stands with them.

A draw's inputs are one hypothesis of many. Its equilibrium says with what probability the events come about; that is
its likelihood, by which draws are weighed afterwards (Rubin 1988, importance resampling). What a draw cannot know even
so, hidden chance steps and moves to come, is summed over exactly within the draw, by one passage for each event.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from offramp.crisis.model import Crisis
from offramp.equilibrium.conditioning import Open, condition_play, consistent_edges, on_open_plays
from offramp.equilibrium.logit import BlockSolution
from offramp.equilibrium.sweeps import Block
from offramp.game.game import Game
from offramp.runs.sampling import CHUNK
from offramp.runs.store.stored_columns import Rows

if TYPE_CHECKING:
    import pandas as pd


Array = NDArray[np.float64]
Known = Mapping[tuple[str, int], str]
"""By step and round (0 outside rounds) an option, or `skipped`."""


@dataclass(frozen=True)
class ObservedEvent:
    """What was observed on a date, one entry of `observed`."""

    date: str
    values: Known


def events_of(crisis: Crisis) -> tuple[ObservedEvent, ...]:
    """What a crisis says was observed, in the order of the dates, within a day in that of the file."""
    entries = [
        ObservedEvent(entry.date, {(step, entry.round or 0): option for step, option in entry.values.items()})
        for entry in crisis.observed
    ]
    return tuple(sorted(entries, key=lambda event: event.date))


@dataclass(frozen=True, eq=False)
class Evidence:
    """What the draws say of events; the last axis of every array is the draw, NaN where it did not converge.

    `likelihood`: (events,), the probability of the events as far as each. `endings`: (events, endings), that of each
    ending together with them. `taken`: (1 + events, options), that of each option of every layer of the game, layer
    after layer, alone and then together with the events as far as each.
    """

    game: Game
    events: tuple[ObservedEvent, ...]
    likelihood: Rows
    endings: Rows
    taken: Rows

    @classmethod
    def empty(cls, game: Game, events: Sequence[ObservedEvent], draws: int) -> Evidence:
        """Room for what some draws say."""
        options = sum(len(game.crisis.options_of(layer.step)) for layer in game.layers)
        return cls(
            game,
            tuple(events),
            likelihood=np.empty((len(events), draws)),
            endings=np.empty((len(events), len(game.crisis.endings), draws)),
            taken=np.empty((1 + len(events), options, draws)),
        )

    def options(self, layer: int) -> slice:
        """The rows of `taken` that are a layer's."""
        counts = [len(self.game.crisis.options_of(one.step)) for one in self.game.layers[: layer + 1]]
        return slice(sum(counts[:-1]), sum(counts))

    def to_pandas(self) -> pd.DataFrame:
        """One row a draw: what is in the arrays, `after1` for the events as far as the first."""
        import pandas as pd

        return pd.DataFrame(dict(zip(_names(self.game, len(self.events)), self._rows(), strict=True)))

    def _rows(self) -> Iterator[Array]:
        yield from self.taken[0]
        for number in range(len(self.events)):
            yield self.likelihood[number]
            yield from self.endings[number]
            yield from self.taken[number + 1]


def _names(game: Game, events: int) -> Iterator[str]:
    """The columns of the table, in order."""
    for number in range(events + 1):
        if number:
            yield f"after{number}.likelihood"
            yield from (f"after{number}.ending.{ending.name}" for ending in game.crisis.endings)
        for layer in game.layers:
            where = f"@{layer.round}" if layer.round else ""
            for option in game.crisis.options_of(layer.step):
                yield f"after{number}.step.{layer.step}{where}.{option}"


def evidence_columns(game: Game) -> int:
    """How many columns the table has; none where nothing was observed."""
    events = len(events_of(game.crisis))
    return sum(1 for _ in _names(game, events)) if events else 0


def evidence_places(
    game: Game, events: int, first: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Where `likelihood`, `endings` and `taken` lie in a table whose columns begin at `first`; shapes as in `Evidence`,
    without the draws. `events`: how many there are.
    """
    endings = len(game.crisis.endings)
    options = sum(len(game.crisis.options_of(layer.step)) for layer in game.layers)
    of_event = first + options + np.arange(events) * (1 + endings + options)
    taken = np.concatenate([[first], of_event + 1 + endings])[:, None] + np.arange(options)
    return of_event, of_event[:, None] + 1 + np.arange(endings), taken


def read_evidence(game: Game, columns: Iterator[NDArray[Any]], draws: int) -> Evidence:
    """What a table holds, its columns in the order of `Evidence.to_pandas`.

    Raises
    ------
    StopIteration
        Where a column is missing.
    """
    evidence = Evidence.empty(game, events_of(game.crisis), draws)
    for row in evidence._rows():
        row[:] = next(columns)
    return evidence


class Gathering:
    """Evidence put together from blocks of draws, each in its place, whatever thread it comes from."""

    def __init__(self, game: Game, events: Sequence[ObservedEvent], draws: int) -> None:
        self.evidence = Evidence.empty(game, events, draws)
        self.anything = _open_edges(game, {})
        known: dict[tuple[str, int], str] = {}
        self.so_far = [_open_edges(game, known := known | dict(event.values)) for event in events]

    def into(self, evidence: Evidence) -> Gathering:
        """The same events gathered of other draws, in a place of their own."""
        other = copy(self)
        other.evidence = evidence
        return other

    def put(self, block: Block, solved: BlockSolution, first: int) -> None:
        """Weigh a block's draws, of which the first is number `first`."""
        events, lost = self.evidence.events, ~solved.converged
        each_likelihood, each_ending, each_taken = map(
            np.asarray, (self.evidence.likelihood, self.evidence.endings, self.evidence.taken)
        )

        def kept(values: Array) -> Array:
            return np.where(lost, np.nan, values)

        here = slice(first, first + block.draws)
        likelihood, endings = np.ones(block.draws), solved.endings
        _, _, taken = _together(block, solved.choice, self.anything)
        each_taken[0, :, here] = kept(taken)
        for number, (event, open_edge) in enumerate(zip(events, self.so_far, strict=True)):
            if event.values:  # else everything stays as it was, bit for bit
                likelihood, endings, taken = _together(block, solved.choice, open_edge)
            each_likelihood[number, here] = kept(likelihood)
            each_ending[number, :, here] = kept(endings)
            each_taken[number + 1, :, here] = kept(taken)


def _open_edges(game: Game, known: Known) -> Open | None:
    found = consistent_edges(game, known)
    return None if found is None else on_open_plays(game, found)


def _together(block: Block, choice: Array, open_edge: Open | None) -> tuple[Array, Array, Array]:
    """The likelihood, (draws,), with each ending, (endings, draws), and each option of each layer, (options, draws)."""
    layers, crisis = block.game.layers, block.game.crisis
    if open_edge is None:
        options = sum(len(crisis.options_of(layer.step)) for layer in layers)
        nothing = np.zeros((options, block.draws))
        return np.zeros(block.draws), np.zeros((len(crisis.endings), block.draws)), nothing
    held = condition_play(block, choice, open_edge)
    taken = [held.option_probabilities(layer) for layer in range(len(layers))]
    return held.likelihood, held.endings, np.concatenate([np.empty((0, block.draws)), *taken])


SPAN = 32 * CHUNK
"""So many draws are weighed again at a time; what they say is then put aside."""
