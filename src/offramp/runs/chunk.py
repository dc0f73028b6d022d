"""A chunk: the results of `CHUNK` consecutive draws; and a run assembled from chunks.

A chunk depends only on the crisis, the seed and the chunk's number, so chunks can be solved in any order, on any
machine. Sums over draws are taken within each chunk and then over the chunks by number, so they do not depend on that
order either.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from offramp.common.errors import UsageError
from offramp.crisis.model import Crisis
from offramp.equilibrium.structure import structure_of
from offramp.game.game import Game
from offramp.runs.draw_results import empty_results, occurrences_of
from offramp.runs.evidence import Evidence, events_of
from offramp.runs.result import UNCONVERGED, Run, SituationMeans
from offramp.runs.sampling import CHUNK, chunk_sizes
from offramp.runs.tally import add_draws

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class ChunkTotals:
    """Sums over the converged draws of a chunk, weighted in a run as of now.

    `reached`: reach, (information sets,). (slots,) each: `taken`, reach times choice; `choice`; and `square`, choice
    squared.
    """

    reached: Array
    taken: Array
    choice: Array
    square: Array

    @classmethod
    def zeros(cls, game: Game) -> ChunkTotals:
        """Sums over no draws."""
        return cls(np.zeros(game.size.information_sets), *np.zeros((3, game.slots)))

    def add_draws(
        self,
        choice: Array,
        reached: Array,
        sets: NDArray[np.int64],
        converged: NDArray[np.bool_],
        weights: Array | None,
    ) -> None:
        """Add the converged draws of a chunk: profiles, (slots, draws), reach, (information sets, draws).

        `sets`: (slots,), each slot's information set; `weights`: (draws,), the draws' weights, of a run as of now.
        """
        weight = np.where(converged, 1.0 if weights is None else weights, 0.0)
        add_draws(choice, reached, sets, weight, self.reached, self.taken, self.choice, self.square)

    def add(self, other: ChunkTotals) -> None:
        """Add the sums of the next chunk."""
        for name in ("reached", "taken", "choice", "square"):
            total = getattr(self, name)
            total += getattr(other, name)

    def means(self, game: Game, converged: float) -> SituationMeans:
        """Means over the draws; `converged`: how many converged, or the sum of their weights."""
        converged = converged or 1
        reached = self.reached[structure_of(game).over_options(np.arange(len(self.reached)))]
        mean = self.choice / converged
        variance = self.square / converged - mean**2
        rounding = converged * np.finfo(float).eps * mean**2  # of the two sums (Higham 2002, section 4.2)
        deviation = np.sqrt(np.where(variance > rounding, variance, 0.0))
        weighted = np.divide(self.taken, reached, out=mean, where=reached > 0.0)
        return SituationMeans(self.reached / converged, weighted, deviation)


@dataclass(frozen=True, eq=False)
class Chunk:
    """Results of the draws `start` to `start + draws`; arrays as in `Run`.

    `taken`: the options of all occurrences, one after another, (options, draws). `strategies`: each draw's profile,
    (slots, draws), if the run keeps it.
    """

    number: int
    inputs: Mapping[str, Array]
    endings: Array
    terms: Array
    measures: Array
    own_eyes: Array
    taken: Array
    regret_once: Array
    regret: Array
    residual: Array
    sweeps: NDArray[np.int64]
    status: NDArray[np.int8]
    sums: ChunkTotals
    evidence: Evidence | None
    strategies: Array | None = None

    @property
    def start(self) -> int:
        """Number of the first draw."""
        return self.number * CHUNK

    @property
    def draws(self) -> int:
        """Number of draws in the chunk."""
        return len(self.status)


def weight_of(game: Game, converged: NDArray[np.bool_], evidence: Evidence | None) -> float:
    """The number of converged draws or, of a run as of now, the sum of their weights."""
    if not game.as_of_now or evidence is None:
        return int(converged.sum())
    return float(np.asarray(evidence.likelihood)[-1][converged].sum())


def parse_chunks(text: str) -> range:
    """Parse `--chunks`: one chunk by its number, from 0, or the first and the last of a range.

    Raises UsageError if the text is neither.

    Examples
    --------
    >>> parse_chunks("3"), parse_chunks("0-7")
    (range(3, 4), range(0, 8))
    """
    match = re.fullmatch(r"\s*(\d{1,9})\s*(?:-\s*(\d{1,9})\s*)?", text, re.ASCII)
    if not match:
        raise UsageError(f"--chunks takes a chunk or a range of them, such as 3 or 0-7, found '{text}'")
    first, last = int(match[1]), int(match[2] or match[1])
    if last < first:
        raise UsageError(f"--chunks takes the first chunk before the last, found '{text}'")
    return range(first, last + 1)


def check_chunks(chunks: range, draws: int) -> None:
    """Raise UsageError if a run of `draws` draws does not have these chunks."""
    last = len(chunk_sizes(draws)) - 1
    if not chunks or min(chunks) < 0 or max(chunks) > last:
        available = f"chunks 0 to {last}" if last else "only chunk 0"
        requested = f"{chunks[0]} to {chunks[-1]}" if len(chunks) > 1 else f"{chunks[0]}" if chunks else "none"
        raise UsageError(f"a run of {draws:,} draws has {available} ({CHUNK:,} draws each), found {requested}")


class Collected:
    """A run under construction: chunks are added in the order of their numbers."""

    def __init__(self, crisis: Crisis, game: Game, draws: int) -> None:
        self.crisis = crisis
        self.game = game
        self.occurrences = occurrences_of(game)
        self.draws = draws
        self.filled = 0
        self.inputs = {name: np.empty(draws) for name in crisis.inputs}
        self.results = empty_results(game, draws)
        self.sums = ChunkTotals.zeros(game)
        events = events_of(crisis)
        self.evidence = Evidence.empty(game, events, draws) if events else None

    def add(self, chunk: Chunk) -> None:
        """Append the next chunk."""
        span = slice(self.filled, self.filled + chunk.draws)
        self.filled = span.stop
        for name, column in chunk.inputs.items():
            self.inputs[name][span] = column
        for name, values in self.results.items():
            values[..., span] = getattr(chunk, name)
        self.sums.add(chunk.sums)
        if self.evidence and chunk.evidence:
            for name in ("likelihood", "endings", "measures", "taken"):
                getattr(self.evidence, name)[..., span] = getattr(chunk.evidence, name)

    def ensemble(self, seed: int, seconds: float) -> Run:
        """The run; call it once every chunk has been added."""
        ends = np.cumsum([len(move.options) for move in self.occurrences])[:-1]
        results: dict[str, Any] = dict(self.results)
        results["taken"] = tuple(np.split(results["taken"], ends)) if self.occurrences else ()
        converged = results["status"] != UNCONVERGED
        return Run(
            crisis=self.crisis,
            game=self.game,
            seed=seed,
            draws=self.draws,
            inputs=self.inputs,
            **results,
            occurrences=self.occurrences,
            situations=self.sums.means(self.game, weight_of(self.game, converged, self.evidence)),
            seconds=seconds,
            evidence=self.evidence,
        )
