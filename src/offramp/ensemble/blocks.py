"""Draws worked on in blocks, side by side on all cores.

Threads share the compiled kernel, which holds no lock. What a draw gives does not depend on how the draws are cut.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from offramp.game.layers import Game
from offramp.game.tables import Draws, tabulate
from offramp.solve.logit import BlockSolution, solve_block
from offramp.solve.principal import STATUSES
from offramp.solve.sweeps import Block, block_of

Array = NDArray[np.float64]
Result = TypeVar("Result")

BLOCK_BYTES = 64_000_000
"""What the payments of a block of draws may take; the block's size follows."""


@dataclass(frozen=True)
class Part:
    """A block of draws with its place among all: `first` to `end`."""

    block: Block
    first: int
    end: int


def block_size(game: Game) -> int:
    """How many draws are one piece of work."""
    return int(np.clip(BLOCK_BYTES // (8 * game.bill_count * len(game.actors)), 8, 1024))


@contextmanager
def threads(workers: int | None) -> Iterator[ThreadPoolExecutor]:
    """Threads, by default one a core."""
    with ThreadPoolExecutor(workers or os.cpu_count() or 1) as pool:
        yield pool


def in_blocks(
    game: Game,
    draws: int,
    values: Mapping[str, Array],
    work: Callable[[Part], Result],
    pool: ThreadPoolExecutor,
    *,
    numbered: int = 0,
    block: int | None = None,
    progress: Callable[[int], None] | None = None,
) -> list[Result]:
    """Do `work` for blocks of draws, side by side, and give the results in their order.

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
    progress
        Called with the number of draws done since the last call.
    """
    size = block or block_size(game)

    def piece(first: int) -> Result:
        end = min(first + size, draws)
        picked = {name: column[first:end] for name, column in values.items()}
        labels = [f"draw {numbered + draw}" for draw in range(first, end)]
        return work(Part(block_of(game, tabulate(game, Draws(picked, labels))), first, end))

    futures = [pool.submit(piece, first) for first in range(0, draws, size)]
    results: list[Result] = []
    try:
        for future in futures:
            results.append(future.result())
            if progress:
                progress(min(size, draws - (len(results) - 1) * size))
    except BaseException:
        for future in futures:
            future.cancel()
        raise
    return results


@dataclass(frozen=True, eq=False)
class Solved:
    """What draws came to; the last axis of every array is the draw.

    `endings`: (endings,), probability; `terms`: (payoff terms,), expected in the analyst's odds; `own_eyes`: (actors,);
    `converged`: (draws,).
    """

    endings: Array
    terms: Array
    own_eyes: Array
    converged: NDArray[np.bool_]


def solve_values(
    game: Game,
    draws: int,
    values: Mapping[str, Array],
    pool: ThreadPoolExecutor,
    progress: Callable[[int], None] | None = None,
) -> Solved:
    """Solve a game at given values of its inputs, for each (draws,), levers applied."""

    def work(part: Part) -> BlockSolution:
        return solve_block(part.block)

    parts = in_blocks(game, draws, values, work, pool, progress=progress)
    endings, terms, own_eyes, status = (
        np.concatenate([getattr(part, name) for part in parts], axis=-1)
        for name in ("endings", "terms", "own_eyes", "status")
    )
    return Solved(endings, terms, own_eyes, status != STATUSES.index("unconverged"))
