"""Solving an ensemble: chunks of draws, cut into blocks, on all cores.

What a draw gives does not depend on how the ensemble is cut: sampling, padding and sums are all by draw number.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from offramp.common.errors import UsageError
from offramp.crisis.model import Crisis
from offramp.equilibrium.logit import BlockSolution, solve_alike, solve_block
from offramp.equilibrium.structure import structure_of
from offramp.game.game import Game
from offramp.runs.blocks import NumberedBlock, Pending, begin_blocks, threads
from offramp.runs.chunk import Chunk, ChunkTotals
from offramp.runs.draw_results import OF_BLOCK, empty_results, occurrences_of
from offramp.runs.evidence import Evidence, Gathering, events_of
from offramp.runs.result import UNCONVERGED, is_sampled
from offramp.runs.sampling import CHUNK, MAX_DRAWS, SEEDS, Keep, sample_chunk
from offramp.runs.tally import add_draws, share_out

Array = NDArray[np.float64]


def check_asked(draws: int, seed: int) -> None:
    """Raise UsageError where a number of draws or a seed makes no sense."""
    if not 1 <= draws <= MAX_DRAWS:
        raise UsageError(f"draws must lie between 1 and {MAX_DRAWS:,}, found {draws:,}")
    if seed < 0:
        raise UsageError(f"a seed is a whole number from 0 up, found {seed}")
    if seed >= SEEDS:
        raise UsageError(f"a seed is below 2**128, found {seed}")


def solve_chunks(
    crisis: Crisis,
    game: Game,
    wanted: Iterable[tuple[int, int]],
    *,
    seed: int,
    workers: int | None = None,
    block: int | None = None,
    keep: Keep | None = None,
    progress: Callable[[int], None] | None = None,
) -> Generator[Chunk]:
    """Solve chunks, each wanted one by its number and its draws, in the order in which they are wanted.

    The next chunk is worked on while the caller has one. Closing the iterator gives up what has not begun.
    `keep`: what the chunks are to hold besides.
    """
    if block is not None and block < 1:
        raise UsageError(f"a block holds at least one draw, found {block}")
    solver = _Solver(crisis, game, seed, block, keep)
    begun: deque[_Begun] = deque()
    with threads(workers) as pool:
        try:
            for number, draws in wanted:
                begun.append(solver.begin(number, draws, pool))
                if len(begun) > 1:  # one chunk ahead, so that no core waits for a chunk's last block
                    yield _finished(begun, progress)
            while begun:
                yield _finished(begun, progress)
        finally:
            for one in begun:
                one.pending.give_up()


def solve_only(
    crisis: Crisis,
    game: Game,
    number: int,
    places: NDArray[np.int64],
    *,
    seed: int,
    workers: int | None = None,
    keep: Keep | None = None,
) -> Chunk:
    """Solve only some draws of a chunk, `places` in it; the bits are those that the whole chunk gives them."""
    with threads(workers) as pool:
        return _Solver(crisis, game, seed, None, keep).begin(number, len(places), pool, places).finish(None)


def _finished(begun: deque[_Begun], progress: Callable[[int], None] | None) -> Chunk:
    """The oldest chunk, waited for; it stays among those begun until it is done, to be given up with them."""
    chunk = begun[0].finish(progress)
    begun.popleft()
    return chunk


class _Solver:
    """What all chunks of an ensemble share. `sets`, `rows`: (slots,), the information set, and the option's row in
    `Chunk.taken`.
    """

    def __init__(self, crisis: Crisis, game: Game, seed: int, block: int | None, keep: Keep | None) -> None:
        self.crisis = crisis
        self.game = game
        self.seed = seed
        self.block = block
        self.keep = keep
        self.sets = structure_of(game).over_options(np.arange(game.size.information_sets))
        self.rows = np.zeros(game.slots, dtype=np.int64)
        options = 0
        for move in occurrences_of(game):
            self.rows[move.slots] = options + game.slot_option[move.slots]
            options += len(move.options)
        events = events_of(crisis)
        self.gathering = Gathering(game, events, 0) if events else None

    def begin(self, number: int, draws: int, pool: ThreadPoolExecutor, only: NDArray[np.int64] | None = None) -> _Begun:
        places = np.arange(draws) if only is None else only
        inputs = {name: column[places] for name, column in sample_chunk(self.crisis, self.seed, number).items()}
        draws = len(places)
        chunk = self._empty(number, inputs, draws)
        choice = np.empty((self.game.slots, draws))
        reached = np.empty((self.game.size.information_sets, draws))
        gathering = self.gathering.into(chunk.evidence) if self.gathering and chunk.evidence else None

        def work(part: NumberedBlock) -> None:
            here = slice(part.first, part.end)
            if self.crisis.felt:
                solved = solve_block(part.block, is_sampled(chunk.start + places[here]))
            else:
                solved = solve_alike(part.block)
            choice[:, here], reached[:, here] = solved.choice, solved.reached
            self._put(chunk, solved, here)
            if gathering:
                gathering.put(part.block, solved, part.first)

        numbered = number * CHUNK
        pending = begin_blocks(self.game, draws, inputs, work, pool, numbered=numbered, block=self.block)
        return _Begun(chunk, self.sets, choice, reached, pending, self.keep)

    def _empty(self, number: int, inputs: dict[str, Array], draws: int) -> Chunk:
        game = self.game
        return Chunk(
            number=number,
            inputs=inputs,
            **empty_results(game, draws),
            sums=ChunkTotals.nothing(game),
            evidence=Evidence.empty(game, self.gathering.evidence.events, draws) if self.gathering else None,
        )

    def _put(self, chunk: Chunk, solved: BlockSolution, here: slice) -> None:
        for name in OF_BLOCK:
            getattr(chunk, name)[..., here] = getattr(solved, name)
        share_out(solved.choice, solved.reached, self.sets, self.rows, chunk.taken[:, here])


@dataclass(frozen=True, eq=False)
class _Begun:
    """A chunk that is being solved, and what is kept of its draws until they are added up.

    `sets`: (slots,); `choice`: (slots, draws); `reached`: (information sets, draws).
    """

    chunk: Chunk
    sets: NDArray[np.int64]
    choice: Array
    reached: Array
    pending: Pending[None]
    keep: Keep | None

    def finish(self, progress: Callable[[int], None] | None) -> Chunk:
        self.pending.results(progress)
        sums, kept = self.chunk.sums, self.chunk.status != UNCONVERGED
        add_draws(self.choice, self.reached, self.sets, kept, sums.reached, sums.taken, sums.choice, sums.square)
        return replace(self.chunk, strategies=self.choice) if self.keep else self.chunk
