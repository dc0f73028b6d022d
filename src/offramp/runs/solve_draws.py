"""Solve chunks of draws, split into blocks, on all cores.

The result of a draw does not depend on how draws are split: sampling, padding and sums all go by draw number.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from numbers import Integral

import numpy as np
from numpy.typing import NDArray

from offramp.common.arguments import check_seed
from offramp.common.errors import UsageError
from offramp.crisis.model import Crisis
from offramp.equilibrium.as_of_now import block_now, past_of, solve_alike_now, solve_now, taken_now
from offramp.equilibrium.branch.lane_tracing import LANES, Ends, trace_block
from offramp.equilibrium.logit import BlockSolution, beside, solve_alike, solve_block
from offramp.equilibrium.structure import Structure, structure_of
from offramp.game.game import Game
from offramp.game.tables import Draws
from offramp.runs.blocks import NumberedBlock, Pending, begin_blocks, chosen_block, threads
from offramp.runs.chunk import Chunk, ChunkTotals
from offramp.runs.draw_results import OF_BLOCK, empty_results, occurrences_of
from offramp.runs.evidence import Evidence, EvidenceBuilder, events_of
from offramp.runs.result import NOT_TRACED, UNCONVERGED, is_sampled
from offramp.runs.sampling import CHUNK, MAX_DRAWS, SEEDS, Keep, sample_chunk
from offramp.runs.several import is_swept_again
from offramp.runs.tally import option_probabilities

Array = NDArray[np.float64]


def check_asked(draws: int, seed: int) -> None:
    """Raise UsageError if the number of draws or the seed is invalid."""
    for name, number in (("draws", draws), ("seed", seed)):
        if not isinstance(number, Integral) or isinstance(number, bool):
            raise UsageError(f"{name} must be a whole number, found {number!r}")
    if not 1 <= draws <= MAX_DRAWS:
        raise UsageError(f"draws must lie between 1 and {MAX_DRAWS:,}, found {draws:,}")
    check_seed(seed)
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
    """Solve chunks and yield them in the order of `wanted`: pairs of chunk number and number of draws.

    The next chunk is solved while the caller uses one. Closing the generator cancels what has not begun.
    `keep`: what the chunks hold in addition.
    """
    if block is not None and block < 1:
        raise UsageError(f"a block holds at least one draw, found {block}")
    solver = _Solver(crisis, game, seed, block, keep)
    in_progress: deque[_ChunkInProgress] = deque()
    with threads(workers) as pool:
        try:
            for number, draws in wanted:
                in_progress.append(solver.begin(number, draws, pool))
                if len(in_progress) > 1:  # one chunk ahead, so that no core waits for a chunk's last block
                    yield _finish_oldest(in_progress, progress)
            while in_progress:
                yield _finish_oldest(in_progress, progress)
        finally:
            for chunk in in_progress:
                chunk.cancel()


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
    """Solve only the draws at `places` in a chunk; the bits are the same as when the whole chunk is solved."""
    with threads(workers) as pool:
        return _Solver(crisis, game, seed, None, keep).begin(number, len(places), pool, places).finish(None)


def _finish_oldest(in_progress: deque[_ChunkInProgress], progress: Callable[[int], None] | None) -> Chunk:
    """Wait for the oldest chunk; it stays in the queue until done, so that it can be cancelled with the others."""
    chunk = in_progress[0].finish(progress)
    in_progress.popleft()
    return chunk


class _Solver:
    """What all chunks of a run share.

    `sets`, `rows`: (slots,), each slot's information set, and its option's row in `Chunk.taken`.
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
        self.evidence_builder = EvidenceBuilder(game, events, 0) if events else None
        self.alike = not {*crisis.effective_inputs, *crisis.before_now.effective_inputs}

    def begin(
        self, number: int, draws: int, pool: ThreadPoolExecutor, only: NDArray[np.int64] | None = None
    ) -> _ChunkInProgress:
        places = np.arange(draws) if only is None else only
        inputs = own = self._inputs(self.crisis, number, places)
        if self.game.as_of_now:
            own = self._inputs(self.crisis.before_now, number, places)
        draws = len(places)
        chunk = self._empty(number, inputs, draws)
        choice = np.empty((self.game.slots, draws))
        reached = np.empty((self.game.size.information_sets, draws))
        builder = None
        if self.evidence_builder and chunk.evidence:
            builder = self.evidence_builder.writing_to(chunk.evidence)

        numbered = number * CHUNK
        sampled = np.flatnonzero(is_sampled(chunk.start + places))
        # draws up to now are compared with their branches block by block, since what is ahead depends on them
        apart = not (self.alike or self.game.as_of_now or structure_of(self.game).perfect_information)
        groups = [sampled[first : first + LANES] for first in range(0, len(sampled), LANES)] if apart else []

        def follow(group: NDArray[np.int64]) -> Ends:
            return trace_block(chosen_block(self.game, inputs, group, numbered))

        # before the blocks, so that draws of several blocks are followed side by side
        branches = Pending([pool.submit(follow, group) for group in groups], [len(group) for group in groups])

        def work(part: NumberedBlock) -> None:
            span = slice(part.first, part.end)
            traced = None if self.alike else is_sampled(chunk.start + places[span]) & (not apart)
            again = not self.alike and is_swept_again(self.game)
            solved = solve_alike(part.block) if traced is None else solve_block(part.block, traced, again)
            if builder:
                builder.add(part.block, solved, part.first)
            if self.game.as_of_now:
                values = {name: column[span] for name, column in inputs.items()}
                past = past_of(part.block, solved, {name: column[span] for name, column in own.items()})
                now = block_now(self.game, Draws(values, part.block.tables.labels.tolist()), past)
                solved = solve_alike_now(now) if traced is None else solve_now(now, traced, again)
                chunk.taken[:, span] = taken_now(now, solved.choice)
            choice[:, span], reached[:, span] = solved.choice, solved.reached
            self._store(chunk, solved, span)

        pending = begin_blocks(self.game.so_far, draws, own, work, pool, numbered=numbered, block=self.block)
        return _ChunkInProgress(
            chunk, structure_of(self.game), self.sets, choice, reached, pending, groups, branches, self.keep,
            self.game.as_of_now,
        )  # fmt: skip

    def _inputs(self, crisis: Crisis, number: int, places: NDArray[np.int64]) -> dict[str, Array]:
        return {name: column[places] for name, column in sample_chunk(crisis, self.seed, number).items()}

    def _empty(self, number: int, inputs: dict[str, Array], draws: int) -> Chunk:
        """A chunk whose arrays are not filled yet."""
        game = self.game
        events = self.evidence_builder.evidence.events if self.evidence_builder else ()
        return Chunk(
            number=number,
            inputs=inputs,
            **empty_results(game, draws),
            sums=ChunkTotals.zeros(game),
            evidence=Evidence.empty(game, events, draws) if events else None,
        )

    def _store(self, chunk: Chunk, solved: BlockSolution, span: slice) -> None:
        """Copy a block's results into the chunk."""
        for name in OF_BLOCK:
            getattr(chunk, name)[..., span] = getattr(solved, name)
        if not self.game.as_of_now:
            taken = option_probabilities(solved.choice, solved.reached, self.sets, self.rows, len(chunk.taken))
            chunk.taken[:, span] = taken


@dataclass(frozen=True, eq=False)
class _ChunkInProgress:
    """A chunk being solved, and what is kept of its draws until the sums are taken.

    `sets`: (slots,); `choice`: (slots, draws); `reached`: (information sets, draws). `sampled`: groups of draws whose
    `branches` are followed apart from the blocks.
    """

    chunk: Chunk
    structure: Structure
    sets: NDArray[np.int64]
    choice: Array
    reached: Array
    pending: Pending[None]
    sampled: list[NDArray[np.int64]]
    branches: Pending[Ends]
    keep: Keep | None
    weighted: bool

    @property
    def weights(self) -> Array | None:
        """Each draw's weight, (draws,), of a run as of now."""
        evidence = self.chunk.evidence
        return np.asarray(evidence.likelihood)[-1] if self.weighted and evidence else None

    def cancel(self) -> None:
        """Cancel what has not begun."""
        self.branches.cancel()
        self.pending.cancel()

    def finish(self, progress: Callable[[int], None] | None) -> Chunk:
        self.pending.results(progress)
        for group, ends in zip(self.sampled, self.branches.results(), strict=True):
            self._compare(group, ends)
        sums, converged = self.chunk.sums, self.chunk.status != UNCONVERGED
        sums.add_draws(self.choice, self.reached, self.sets, converged, self.weights)
        return replace(self.chunk, strategies=self.choice) if self.keep else self.chunk

    def _compare(self, group: NDArray[np.int64], ends: Ends) -> None:
        """Say of draws that sweeps have settled whether it is on their principal branches."""
        chunk = self.chunk
        settled = np.flatnonzero(chunk.status[group] == NOT_TRACED)
        draws, ends = group[settled], ends.only(settled)
        chunk.status[draws] = beside(self.structure, ends, self.choice[:, draws], chunk.status[draws])
        chunk.sweeps[draws] += ends.sweeps
