"""Draws that a study solves: on threads of this process, which share its game, or by any executor, piece by piece.

A piece is some blocks of draws. Who solves it, in any process on any machine, compiles the crisis once, and gives back
what was worked out. The draws are cut into the same blocks on threads and elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass, fields
from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from offramp.crisis.faults import CrisisError
from offramp.equilibrium.branch.principal import STATUSES
from offramp.equilibrium.logit import solve_block
from offramp.game.game import Game
from offramp.runs.blocks import NumberedBlock, begin_blocks, block_size, part_of, threads
from offramp.runs.executors import submit_all, worker_count
from offramp.runs.store.manifest import machine
from offramp.runs.worker import check_machine, game_of, recipe_of

Array = NDArray[np.float64]
Result = TypeVar("Result")
Work = Callable[[Game], Callable[[NumberedBlock], Result]]
"""What is worked out: called with a game, it gives what is then called with each block. So that it can be sent to a
worker, it is a function of a module, or a `functools.partial` of one."""

SHARE = 4
"""Each worker gets so many pieces at least, so that the last to finish is not far behind."""
LONGEST = 256
"""A piece has no more draws: whoever interrupts a study waits for those in hand."""


@contextmanager
def solvers(executor: Executor | None) -> Iterator[Executor]:
    """Who solves: an executor, which stays its owner's, or where there is none threads of this process."""
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
    crew: Executor,
    *,
    numbered: int = 0,
    block: int | None = None,
    rationality: float | None = None,
    progress: Callable[[int], None] | None = None,
) -> list[Result]:
    """Do `work` for blocks of draws, side by side, and give the results in their order.

    Parameters
    ----------
    game, draws, values, numbered, block, rationality
        As in `begin_blocks`.
    work
        What is worked out of each block.
    crew
        Who solves, of `solvers`: threads share the game, any other executor is sent pieces.
    progress
        Called with the number of draws done since the last call.

    Raises
    ------
    CrisisError
        Where some draw's odds or payoffs are impossible; of several blocks in which that is so the first is told of.
    UsageError
        Where a worker would compute other bits.
    WorkerLostError
        Where a worker has died.
    """
    if isinstance(crew, ThreadPoolExecutor):
        how: Any = {"numbered": numbered, "block": block, "rationality": rationality}
        return begin_blocks(game, draws, values, work(game), crew, **how).results(progress)
    size = block or block_size(game)
    length = size * max(1, min(-(-draws // (size * SHARE * worker_count(crew))), LONGEST // size))
    given: Any = {"recipe": recipe_of(game), "work": work, "block": size, "rationality": rationality}
    given |= {"numbered": numbered, "machine": machine()}

    def pieces() -> Iterator[Piece[Result]]:
        for first in range(0, draws, length):
            end = min(first + length, draws)
            yield Piece(first, end, {name: column[first:end] for name, column in values.items()}, **given)

    found: list[Result] = []
    early: dict[int, PieceSolved[Result]] = {}
    done = 0
    with closing(submit_all(crew, solve_piece, pieces())) as solving:
        for one in solving:
            early[one.first] = one
            while done in early:
                piece = early.pop(done)
                if piece.error is not None:
                    raise piece.error
                found += piece.results
                done = piece.end
            if progress:
                progress(one.end - one.first)
    return found


@dataclass(frozen=True, eq=False)
class Piece(Generic[Result]):
    """The draws `first` to `end` of a study: all that a worker needs to solve them.

    `values`: of these draws alone. `recipe`: of the game. `machine`: what the study was begun on. The rest as in
    `in_blocks`.
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


@dataclass(frozen=True, eq=False)
class PieceSolved(Generic[Result]):
    """What came of a piece: a result for each block, or what is wrong with the draws of the first that failed."""

    first: int
    end: int
    results: list[Result]
    error: CrisisError | None = None


def solve_piece(piece: Piece[Result]) -> PieceSolved[Result]:
    """Solve a piece, one block after the other; UsageError where this worker would compute other bits."""
    check_machine(piece.machine)
    game = game_of(piece.recipe)
    work = piece.work(game)
    results = []
    try:
        for first in range(piece.first, piece.end, piece.block):
            end = min(first + piece.block, piece.end)
            here = slice(first - piece.first, end - piece.first)
            values = {name: column[here] for name, column in piece.values.items()}
            results.append(work(part_of(game, values, first, end, piece.numbered, piece.rationality)))
    except CrisisError as error:  # not raised: pieces before this one may fail too, and are then told of
        return PieceSolved(piece.first, piece.end, [], error)
    return PieceSolved(piece.first, piece.end, results)


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

    def only(self, draws: slice) -> Solved:
        """Some of the draws."""
        return Solved(self.endings[:, draws], self.terms[:, draws], self.own_eyes[:, draws], self.converged[draws])


def solve_values(
    game: Game,
    draws: int,
    values: Mapping[str, Array],
    crew: Executor,
    progress: Callable[[int], None] | None = None,
    *,
    rationality: float | None = None,
) -> Solved:
    """Solve a game at given values of its inputs, for each (draws,), levers applied.

    `rationality`: one for all actors, in place of their own.
    """
    parts = in_blocks(game, draws, values, _solving, crew, rationality=rationality, progress=progress)
    names = [field.name for field in fields(Solved)]
    return Solved(*(np.concatenate([getattr(part, name) for part in parts], axis=-1) for name in names))


def _solving(game: Game) -> Callable[[NumberedBlock], Solved]:
    def work(part: NumberedBlock) -> Solved:
        found = solve_block(part.block)  # of which profiles are not kept: they take the most memory
        return Solved(found.endings, found.terms, found.own_eyes, found.status != STATUSES.index("unconverged"))

    return work
