"""A chunk: what came of `CHUNK` draws that follow each other, and chunks put together to an ensemble.

What a chunk holds depends on the crisis, the seed and the chunk's number alone, so that chunks can be solved in any
order and anywhere. Sums over draws are taken within each chunk and then over the chunks in their order, and so do not
depend on it either.
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
from offramp.runs.draw_results import Occurrence, empty_results
from offramp.runs.evidence import Evidence, events_of
from offramp.runs.result import UNCONVERGED, Run, SituationMeans
from offramp.runs.sampling import CHUNK, chunk_sizes

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class ChunkTotals:
    """Sums over the converged draws of a chunk: of reach, (information sets,); of reach times choice, of choice, and of
    its square, (slots,) each.
    """

    reached: Array
    taken: Array
    choice: Array
    square: Array

    @classmethod
    def nothing(cls, game: Game) -> ChunkTotals:
        """Sums over no draws."""
        return cls(np.zeros(game.size.information_sets), *np.zeros((3, game.slots)))

    def add(self, other: ChunkTotals) -> None:
        """Add those of the next chunk."""
        for name in ("reached", "taken", "choice", "square"):
            total = getattr(self, name)
            total += getattr(other, name)

    def means(self, game: Game, solved: int) -> SituationMeans:
        """What they come to, where so many draws converged."""
        solved = max(solved, 1)
        reached = self.reached[structure_of(game).over_options(np.arange(len(self.reached)))]
        mean = self.choice / solved
        deviation = np.sqrt(np.maximum(self.square / solved - mean**2, 0.0))
        weighted = np.divide(self.taken, reached, out=mean, where=reached > 0.0)
        return SituationMeans(self.reached / solved, weighted, deviation)


@dataclass(frozen=True, eq=False)
class Chunk:
    """What came of the draws `start` to `start + draws`; arrays as in `Run`.

    `taken` holds the options of all occurrences, one after another: (options, draws). `strategies`: (slots, draws),
    each draw's profile, where it is to be kept.
    """

    number: int
    inputs: Mapping[str, Array]
    endings: Array
    terms: Array
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
        """The first draw's number."""
        return self.number * CHUNK

    @property
    def draws(self) -> int:
        """How many draws it holds."""
        return len(self.status)


def chunks_named(text: str) -> range:
    """Chunks as they are asked for: one by its number, from 0, or the first and the last of several.

    Raises UsageError where the text says neither.

    Examples
    --------
    >>> chunks_named("3"), chunks_named("0-7")
    (range(3, 4), range(0, 8))
    """
    found = re.fullmatch(r"\s*(\d{1,9})\s*(?:-\s*(\d{1,9})\s*)?", text, re.ASCII)
    if not found:
        raise UsageError(f"--chunks takes a chunk or a range of them, such as 3 or 0-7, found '{text}'")
    first, last = int(found[1]), int(found[2] or found[1])
    if last < first:
        raise UsageError(f"--chunks takes the first chunk before the last, found '{text}'")
    return range(first, last + 1)


def check_chunks(chunks: range, draws: int) -> None:
    """Raise UsageError where a run of so many draws has no such chunks."""
    last = len(chunk_sizes(draws)) - 1
    if not chunks or min(chunks) < 0 or max(chunks) > last:
        has = f"chunks 0 to {last}" if last else "chunk 0 alone"
        asked = f"{chunks[0]} to {chunks[-1]}" if len(chunks) > 1 else f"{chunks[0]}" if chunks else "none"
        raise UsageError(f"a run of {draws:,} draws has {has} ({CHUNK:,} draws each), found {asked}")


class Collected:
    """An ensemble in the making: chunks are added in their order, each in its place."""

    def __init__(self, crisis: Crisis, game: Game, occurrences: tuple[Occurrence, ...], draws: int) -> None:
        self.crisis = crisis
        self.game = game
        self.occurrences = occurrences
        self.draws = draws
        self.filled = 0
        self.inputs = {name: np.empty(draws) for name in crisis.inputs}
        self.results = empty_results(game, draws)
        self.sums = ChunkTotals.nothing(game)
        events = events_of(crisis)
        self.evidence = Evidence.empty(game, events, draws) if events else None

    def add(self, chunk: Chunk) -> None:
        """Put the next chunk in its place."""
        here = slice(self.filled, self.filled + chunk.draws)
        self.filled = here.stop
        for name, column in chunk.inputs.items():
            self.inputs[name][here] = column
        for name, values in self.results.items():
            values[..., here] = getattr(chunk, name)
        self.sums.add(chunk.sums)
        if self.evidence and chunk.evidence:
            for name in ("likelihood", "endings", "taken"):
                getattr(self.evidence, name)[..., here] = getattr(chunk.evidence, name)

    def ensemble(self, seed: int, seconds: float) -> Run:
        """The ensemble, once every chunk has been added."""
        ends = np.cumsum([len(move.options) for move in self.occurrences])[:-1]
        results: dict[str, Any] = dict(self.results)
        results["taken"] = tuple(np.split(results["taken"], ends)) if self.occurrences else ()
        converged = int((results["status"] != UNCONVERGED).sum())
        return Run(
            crisis=self.crisis,
            game=self.game,
            seed=seed,
            draws=self.draws,
            inputs=self.inputs,
            **results,
            occurrences=self.occurrences,
            situations=self.sums.means(self.game, converged),
            seconds=seconds,
            evidence=self.evidence,
        )
