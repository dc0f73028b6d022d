"""Solving draws for a study, on local threads or any executor.

Threads share the compiled game. Any other executor is sent pieces of a few blocks of draws; each worker, in any process
on any machine, compiles the crisis once and returns the results. Draws are split into the same blocks either way.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass, fields, replace
from functools import partial
from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from offramp.crisis.faults import CrisisError
from offramp.equilibrium.as_of_now import Past, joined, past_of
from offramp.equilibrium.branch.traced import STATUSES
from offramp.game.game import Game
from offramp.runs.blocks import NumberedBlock, begin_blocks, block_size, numbered_block, threads
from offramp.runs.executors import submit_all, worker_count
from offramp.runs.store.manifest import machine
from offramp.runs.worker import check_machine, game_of, recipe_of

Array = NDArray[np.float64]
Result = TypeVar("Result")
Work = Callable[[Game], Callable[[NumberedBlock], Result]]
"""The work of a study: called with a game, it returns the function that is called with each block. It must be a
module-level function, or a `functools.partial` of one, so that it can be sent to a worker."""

MIN_PIECES_PER_WORKER = 4
"""Minimum pieces per worker, for load balancing."""
LONGEST = 256
"""Maximum draws per piece: interrupting a study waits for the pieces in progress."""


@contextmanager
def solvers(executor: Executor | None) -> Iterator[Executor]:
    """The executor given, which stays open, or else threads of this process."""
    if executor is not None:
        yield executor
        return
    with threads(None) as pool:
        yield pool


def in_blocks(
    game: Game,
    draws: int,
    values: Mapping[str, Array],
    work: Work[Result],
    executor: Executor,
    *,
    numbered: int = 0,
    block: int | None = None,
    rationality: float | None = None,
    past: Past | None = None,
    progress: Callable[[int], None] | None = None,
) -> list[Result]:
    """Do `work` on blocks of draws, in parallel, and return the results in the order of the draws.

    Parameters
    ----------
    game, draws, values, numbered, block, rationality, past
        As in `begin_blocks`.
    work
        The work for each block.
    executor
        From `solvers`: threads share the game, any other executor is sent pieces.
    progress
        Called with the number of draws done since the last call.

    Raises
    ------
    CrisisError
        If some draw's odds or payoffs are impossible; if this happens in several blocks, the first one is reported.
    UsageError
        If a worker would compute other bits.
    WorkerLostError
        If a worker has died.
    """
    if isinstance(executor, ThreadPoolExecutor):
        options: Any = {"numbered": numbered, "block": block, "rationality": rationality, "past": past}
        return begin_blocks(game, draws, values, work(game), executor, **options).results(progress)
    size = block or block_size(game)
    blocks_per_piece = -(-draws // (size * MIN_PIECES_PER_WORKER * worker_count(executor)))
    length = size * max(1, min(blocks_per_piece, LONGEST // size))
    common: Any = {"recipe": recipe_of(game), "work": work, "block": size, "rationality": rationality}
    common |= {"numbered": numbered, "machine": machine()}

    def pieces() -> Iterator[Piece[Result]]:
        for first in range(0, draws, length):
            end = min(first + length, draws)
            piece_values = {name: column[first:end] for name, column in values.items()}
            piece_past = None if past is None else past.between(first, end)
            yield Piece(first, end, piece_values, past=piece_past, **common)

    results: list[Result] = []
    early: dict[int, PieceSolved[Result]] = {}
    done = 0
    with closing(submit_all(executor, solve_piece, pieces())) as solving:
        for solved in solving:
            early[solved.first] = solved
            while done in early:
                piece = early.pop(done)
                if piece.error is not None:
                    raise piece.error
                results += piece.results
                done = piece.end
            if progress:
                progress(solved.end - solved.first)
    return results


@dataclass(frozen=True, eq=False)
class Piece(Generic[Result]):
    """The draws `first` to `end` of a study, with all that a worker needs to solve them.

    `values`, `past`: those of these draws only. `recipe`: the game's, see `recipe_of`. `machine`: the machine on which
    the study began. The rest is as in `in_blocks`.
    """

    first: int
    end: int
    values: Mapping[str, Array]
    recipe: bytes
    machine: Mapping[str, Mapping[str, str]]
    work: Work[Result]
    numbered: int
    block: int
    rationality: float | None
    past: Past | None


@dataclass(frozen=True, eq=False)
class PieceSolved(Generic[Result]):
    """Result of a piece: one result per block, or the error of the first block that failed."""

    first: int
    end: int
    results: list[Result]
    error: CrisisError | None = None


def solve_piece(piece: Piece[Result]) -> PieceSolved[Result]:
    """Solve a piece, one block after the other; UsageError if this worker would compute other bits."""
    check_machine(piece.machine)
    game = game_of(piece.recipe)
    work = piece.work(game)
    results = []
    try:
        for first in range(piece.first, piece.end, piece.block):
            end = min(first + piece.block, piece.end)
            span = slice(first - piece.first, end - piece.first)
            values = {name: column[span] for name, column in piece.values.items()}
            past = None if piece.past is None else piece.past.only(span)
            results.append(work(numbered_block(game, values, first, end, piece.numbered, piece.rationality, past)))
    except CrisisError as error:  # not raised: an earlier piece may fail too, and its error comes first
        return PieceSolved(piece.first, piece.end, [], error)
    return PieceSolved(piece.first, piece.end, results)


@dataclass(frozen=True, eq=False)
class Solved:
    """Results of draws; the last axis of every array is the draw.

    `endings`: (endings,), probability; `terms`: (payoff terms,) and `measures`: (measures,), expected in the analyst's
    odds; `own_eyes`: (actors,), each actor's payoff in its own beliefs; `converged`: (draws,). `weight`: (draws,), of
    draws as of now; else None. `status`: (draws,), indices of `STATUSES`.
    """

    endings: Array
    terms: Array
    measures: Array
    own_eyes: Array
    converged: NDArray[np.bool_]
    weight: Array | None = None
    status: NDArray[np.int8] | None = None

    def only(self, draws: slice) -> Solved:
        """The results of some of the draws."""
        weight = None if self.weight is None else self.weight[draws]
        parts = self.endings[:, draws], self.terms[:, draws], self.measures[:, draws], self.own_eyes[:, draws]
        status = None if self.status is None else self.status[draws]
        return Solved(*parts, self.converged[draws], weight, status)


def solve_values(
    game: Game,
    draws: int,
    values: Mapping[str, Array],
    executor: Executor,
    progress: Callable[[int], None] | None = None,
    *,
    rationality: float | None = None,
    past: Past | None = None,
    followed: int = 0,
) -> Solved:
    """Solve a game at given values of its inputs, (draws,) each, levers applied.

    `rationality`: one for all actors, in place of their own. `past`: the draws up to now, if the game is as of now; if
    they are fewer, they are the same for every set of values, one set after another. `followed`: in about how many
    draws, spread evenly, the solution is compared with the principal branch.
    """
    work = partial(_solve_blocks, followed=followed, draws=draws)
    parts = in_blocks(game, draws, values, work, executor, rationality=rationality, past=past, progress=progress)
    names = [field.name for field in fields(Solved) if field.name != "weight"]
    solved = Solved(**{name: np.concatenate([getattr(part, name) for part in parts], axis=-1) for name in names})
    return solved if past is None else replace(solved, weight=np.tile(past.weight, draws // past.draws))


def spread_evenly(part: NumberedBlock, followed: int, draws: int) -> NDArray[np.bool_] | None:
    """Which draws of a block are among about so many that are `followed`, spread evenly over all; None if none is."""
    return np.arange(part.first, part.end) % -(-draws // followed) == 0 if followed else None


def _solve_blocks(game: Game, followed: int, draws: int) -> Callable[[NumberedBlock], Solved]:
    def work(part: NumberedBlock) -> Solved:
        # the profiles are dropped: they take the most memory
        solved = part.solve(spread_evenly(part, followed, draws))
        converged = solved.status != STATUSES.index("unconverged")
        return Solved(solved.endings, solved.terms, solved.measures, solved.own_eyes, converged, status=solved.status)

    return work


def solve_past(
    game: Game,
    draws: int,
    values: Mapping[str, Array],
    executor: Executor,
    progress: Callable[[int], None] | None = None,
    *,
    rationality: float | None = None,
    followed: int = 0,
) -> Past:
    """Solve draws up to now: a game as of now, without the levers pulled since.

    `values`: the inputs, (draws,) each, before anything is changed, with the levers applied that were pulled before
    now; `rationality` and `followed` as in `solve_values`. The result is for `in_blocks` and `solve_values`.
    """
    before, work = game.so_far, partial(_solve_past, followed=followed, draws=draws)
    parts = in_blocks(before, draws, values, work, executor, rationality=rationality, progress=progress)
    return replace(joined(parts), values=dict(values))


def _solve_past(game: Game, followed: int, draws: int) -> Callable[[NumberedBlock], Past]:
    return lambda part: past_of(part.block, part.solve(spread_evenly(part, followed, draws)), {})
