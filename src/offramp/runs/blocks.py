"""Draws worked on in blocks, side by side on all cores.

Threads share the compiled kernel, which holds no lock. What a draw gives does not depend on how the draws are cut.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from offramp.equilibrium.structure import structure_of
from offramp.equilibrium.sweeps import Block, block_of
from offramp.game.game import Game
from offramp.game.tables import Draws, tabulate

Array = NDArray[np.float64]
Result = TypeVar("Result")

BLOCK_BYTES = 64_000_000
"""What the payments of a block of draws may take; the block's size follows."""
MOST = 128
"""Larger blocks would leave a core without work at the end of a chunk of draws."""


@dataclass(frozen=True)
class NumberedBlock:
    """A block of draws with its place among all: `first` to `end`."""

    block: Block
    first: int
    end: int


def block_size(game: Game) -> int:
    """How many draws are one piece of work."""
    return int(np.clip(BLOCK_BYTES // (8 * len(structure_of(game).payments.left)), 8, MOST))


def part_of(
    game: Game, values: Mapping[str, Array], first: int, end: int, numbered: int, rationality: float | None
) -> NumberedBlock:
    """The draws `first` to `end` as a block; `values` are those of these draws, the rest is as in `begin_blocks`."""
    labels = [f"draw {numbered + draw}" for draw in range(first, end)]
    return NumberedBlock(block_of(game, tabulate(game, Draws(values, labels), rationality)), first, end)


@contextmanager
def threads(workers: int | None) -> Iterator[ThreadPoolExecutor]:
    """Threads, by default one a core."""
    with ThreadPoolExecutor(workers or os.cpu_count() or 1) as pool:
        yield pool


@dataclass(frozen=True)
class Pending(Generic[Result]):
    """Blocks of draws that are being worked on; `sizes` are their numbers of draws."""

    futures: Sequence[Future[Result]]
    sizes: Sequence[int]

    def results(self, progress: Callable[[int], None] | None = None) -> list[Result]:
        """Wait for the results, in the order of the draws; where one fails the others are given up."""
        found: list[Result] = []
        try:
            for future, size in zip(self.futures, self.sizes, strict=True):
                found.append(future.result())
                if progress:
                    progress(size)
        except BaseException:
            self.give_up()
            raise
        return found

    def give_up(self) -> None:
        """Do not begin what has not begun."""
        for future in self.futures:
            future.cancel()


def begin_blocks(
    game: Game,
    draws: int,
    values: Mapping[str, Array],
    work: Callable[[NumberedBlock], Result],
    pool: ThreadPoolExecutor,
    *,
    numbered: int = 0,
    block: int | None = None,
    rationality: float | None = None,
) -> Pending[Result]:
    """Begin `work` for blocks of draws, side by side.

    Parameters
    ----------
    game
        The game that all draws share.
    draws
        How many draws there are.
    values
        For each input (draws,), levers applied.
    work
        Called with each block, in a thread.
    pool
        The threads.
    numbered
        The first draw's number, for messages.
    block
        How many draws are one piece of work; by default as many as fit the processor's memory well.
    rationality
        One rationality for all actors, in place of their own.
    """
    size = block or block_size(game)

    def piece(first: int) -> Result:
        end = min(first + size, draws)
        picked = {name: column[first:end] for name, column in values.items()}
        return work(part_of(game, picked, first, end, numbered, rationality))

    firsts = range(0, draws, size)
    return Pending([pool.submit(piece, first) for first in firsts], [min(size, draws - first) for first in firsts])
