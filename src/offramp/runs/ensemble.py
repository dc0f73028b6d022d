"""Many draws: sampling the inputs, solving the games, keeping the run."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Executor
from contextlib import closing
from typing import TYPE_CHECKING

from offramp.crisis.model import Crisis
from offramp.gambit.opening import compile_game
from offramp.game.game import Game
from offramp.runs.chunk import Collected
from offramp.runs.result import Run
from offramp.runs.sampling import chunk_sizes
from offramp.runs.solve_draws import check_asked, occurrences_of, solve_chunks

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from offramp.crisis.model import Crisis
    from offramp.gambit.tree import Tree
    from offramp.runs.result import Run


def ensemble(
    crisis: Crisis | Tree,
    *,
    draws: int = 2048,
    seed: int = 1,
    executor: Executor | None = None,
    workers: int | None = None,
    block: int | None = None,
    max_nodes: int | None = None,
    progress: Callable[[int], None] | None = None,
) -> Run:
    """Solve a crisis over draws of all its inputs.

    A draw's numbers depend on the crisis, the seed and the draw's number alone, bit for bit.

    Parameters
    ----------
    crisis
        The crisis, with the levers it has pulled.
    draws, seed
        How many draws, and where their sequence begins; powers of two are best.
    executor
        Who solves the draws, 1,024 at a time, such as a `concurrent.futures.ProcessPoolExecutor`; by default threads of
        this process.
    workers
        Threads; by default one a core. With an executor how many workers it has, by default as many as it says.
    block
        How many draws are one piece of work; by default as many as fit the processor's memory well.
    max_nodes
        The largest game to compile.
    progress
        Called with the number of draws solved since the last call.

    Returns
    -------
    An `Run`: endings, payoffs and moves over the draws; draws that did not converge are marked.

    Raises
    ------
    CrisisError
        Where some draw's odds or payoffs are impossible, with the draw's number and inputs.
    UsageError
        Where a number asked for makes no sense; a game of Gambit, in which nothing is uncertain.
    """
    from offramp.common.errors import UsageError
    from offramp.crisis.model import Crisis

    if not isinstance(crisis, Crisis):
        raise UsageError(f"nothing in {crisis.path} is uncertain, so all draws would be the same; use `offramp solve`")

    game = compile_game(crisis, max_nodes)
    return run_ensemble(
        crisis,
        game,
        draws=draws,
        seed=seed,
        executor=executor,
        workers=workers,
        block=block,
        progress=progress,
    )


def run_ensemble(
    crisis: Crisis,
    game: Game,
    *,
    draws: int,
    seed: int,
    executor: Executor | None = None,
    workers: int | None = None,
    block: int | None = None,
    progress: Callable[[int], None] | None = None,
) -> Run:
    """Solve `draws` draws of a compiled crisis; see `offramp.ensemble`.

    `progress` is called with the number of draws solved since the last call.
    """
    check_asked(draws, seed)
    started = time.perf_counter()
    collected = Collected(crisis, game, occurrences_of(game), draws)
    wanted = enumerate(chunk_sizes(draws))
    if executor is None:
        solving = solve_chunks(crisis, game, wanted, seed=seed, workers=workers, block=block, progress=progress)
    else:
        from offramp.runs.task import chunks_by  # which solves its chunks by what is here

        solving = chunks_by(executor, game, wanted, seed=seed, workers=workers, block=block, progress=progress)
    with closing(solving):
        for chunk in solving:
            collected.add(chunk)
    return collected.ensemble(seed, time.perf_counter() - started)
