"""Split draws into blocks and process them in parallel threads.

Threads share the compiled kernel, which holds no lock. The result of a draw does not depend on how draws are split.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from offramp.equilibrium.logit import BlockSolution, solve_block
from offramp.equilibrium.several_starts import SMALL
from offramp.equilibrium.structure import structure_of
from offramp.equilibrium.sweeps import Block, block_of
from offramp.game.game import Game
from offramp.game.tables import Draws, tabulate
from offramp.runs.several import is_swept_again

if TYPE_CHECKING:
    from offramp.equilibrium.as_of_now import BlockNow, Past

Array = NDArray[np.float64]
Result = TypeVar("Result")

BLOCK_BYTES = 64_000_000
"""Maximum memory for the payments of one block; it sets the block's size."""
MAX_DRAWS_PER_BLOCK, OF_SMALL_GAMES = 128, 256
"""Larger blocks would leave cores idle at the end of a chunk; draws of small games take little beside their block."""


@dataclass(frozen=True)
class NumberedBlock:
    """A block of draws and its position among all draws: `first` to `end`.

    `block`: by which profiles are evaluated. `now`: how it is solved, if it is as of now. `rationality`: one for all
    actors, in place of their own.
    """

    block: Block
    first: int
    end: int
    now: BlockNow | None = None
    rationality: float | None = None

    @property
    def again(self) -> bool:
        """Whether the draws are swept from several starts."""
        return is_swept_again(self.block.game, self.rationality)

    def solve(self, traced: NDArray[np.bool_] | None = None) -> BlockSolution:
        """Solve the block, as of now if its past is known; `traced` as in `solve_block`."""
        if self.now is None:
            return solve_block(self.block, traced, self.again)
        from offramp.equilibrium.as_of_now import solve_now  # only a crisis as of now loads it

        return solve_now(self.now, traced, self.again)


def block_size(game: Game) -> int:
    """Number of draws in a block."""
    structure = structure_of(game)
    most = OF_SMALL_GAMES if structure.graph.nodes <= SMALL else MAX_DRAWS_PER_BLOCK
    return int(np.clip(BLOCK_BYTES // (8 * len(structure.payments.left)), 8, most))


def numbered_block(
    game: Game,
    values: Mapping[str, Array],
    first: int,
    end: int,
    numbered: int,
    rationality: float | None,
    past: Past | None,
) -> NumberedBlock:
    """The draws `first` to `end` as a block; `values` and `past` hold these draws only, the rest is as in
    `begin_blocks`.
    """
    draws = Draws(values, [f"draw {numbered + draw}" for draw in range(first, end)])
    if past is None:
        return NumberedBlock(block_of(game, tabulate(game, draws, rationality)), first, end, None, rationality)
    from offramp.equilibrium.as_of_now import block_now

    now = block_now(game, draws, past, rationality)
    return NumberedBlock(now.block, first, end, now, rationality)


def chosen_block(game: Game, values: Mapping[str, Array], draws: NDArray[np.int64], numbered: int) -> Block:
    """Some of the draws as a block, by their places in `values`."""
    chosen = {name: column[draws] for name, column in values.items()}
    return block_of(game, tabulate(game, Draws(chosen, [f"draw {numbered + draw}" for draw in draws])))


@contextmanager
def threads(workers: int | None) -> Iterator[ThreadPoolExecutor]:
    """Threads, one per core by default."""
    with ThreadPoolExecutor(workers or os.cpu_count() or 1) as pool:
        yield pool


@dataclass(frozen=True)
class Pending(Generic[Result]):
    """Blocks in progress; `sizes` is the number of draws of each."""

    futures: Sequence[Future[Result]]
    sizes: Sequence[int]

    def results(self, progress: Callable[[int], None] | None = None) -> list[Result]:
        """Wait for the results, in the order of the draws; if one fails, cancel the others."""
        results: list[Result] = []
        try:
            for future, size in zip(self.futures, self.sizes, strict=True):
                results.append(future.result())
                if progress:
                    progress(size)
        except BaseException:
            self.cancel()
            raise
        return results

    def cancel(self) -> None:
        """Cancel the blocks that have not begun."""
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
    past: Past | None = None,
) -> Pending[Result]:
    """Start `work` on blocks of draws, in parallel.

    Parameters
    ----------
    game
        The game that all draws share.
    draws
        Number of draws.
    values
        (draws,) for each input, levers applied.
    work
        Called with each block, in a thread.
    pool
        The threads.
    numbered
        Number of the first draw, for messages.
    block
        Draws per block; by default as many as fit the processor's cache well.
    rationality
        One rationality for all actors, in place of their own.
    past
        The draws up to now, if the game is as of now; if they are fewer, they repeat.
    """
    size = block or block_size(game)

    def solve(first: int) -> Result:
        end = min(first + size, draws)
        block_values = {name: column[first:end] for name, column in values.items()}
        block_past = None if past is None else past.between(first, end)
        return work(numbered_block(game, block_values, first, end, numbered, rationality, block_past))

    firsts = range(0, draws, size)
    return Pending([pool.submit(solve, first) for first in firsts], [min(size, draws - first) for first in firsts])
