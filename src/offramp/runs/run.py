"""Solve a crisis over many draws of its inputs: in memory, or into a folder."""

from __future__ import annotations

import time
from contextlib import closing
from pathlib import Path

from offramp.common.errors import UsageError
from offramp.crisis.model import Crisis
from offramp.gambit.opening import Playable, compile_game, crisis_of
from offramp.game.game import Game
from offramp.runs.chunk import Collected
from offramp.runs.chunk_task import chunks_by
from offramp.runs.execution import DEFAULT, Execution
from offramp.runs.result import Run
from offramp.runs.running import DRAWS, SEED, run_into
from offramp.runs.sampling import Keep, chunk_sizes
from offramp.runs.solve_draws import check_asked, solve_chunks


def run(
    crisis: Playable,
    *,
    draws: int | None = None,
    seed: int | None = None,
    out: str | Path | None = None,
    until: float | None = None,
    keep: Keep | None = None,
    max_nodes: int | None = None,
    execution: Execution = DEFAULT,
) -> Run:
    """Solve a crisis over draws of all its inputs.

    A draw's numbers depend on the crisis, the seed and the draw's number alone, bit for bit.

    Parameters
    ----------
    crisis
        The crisis, with the levers it has pulled; or a game or a run of it.
    draws, seed
        How many draws, and where their sequence begins. Powers of two are best. By default 2,048 and 1, or those of the
        run in `out`.
    out
        A folder or URL for the run, which then survives interruption: the same call, or `resume`, goes on with it.
        Without it the run is only in memory.
    until
        End once the standard error of every ending's probability is this low; `draws` is then the maximum. Needs `out`.
    keep
        What the run keeps besides: `strategies`, the profile of each draw. Needs `out`.
    max_nodes
        The largest game to compile.
    execution
        Who solves the draws, and what is reported meanwhile.

    Returns
    -------
    A `Run`: endings, payoffs and moves over the draws; draws that did not converge are marked.

    Raises
    ------
    CrisisError
        If odds or payoffs of some draw are impossible, with the draw's number and inputs.
    UsageError
        If a number makes no sense; if nothing is uncertain, as in a game of Gambit; if `out` holds something else.
    """
    model = crisis_of(crisis)
    if not isinstance(model, Crisis):
        raise UsageError(f"nothing in {model.path} is uncertain, so all draws would be the same; use `offramp solve`")
    if out is not None:
        return run_into(
            model, out, draws=draws, seed=seed, until=until, max_nodes=max_nodes, keep=keep, execution=execution
        )
    if until is not None or keep is not None:
        raise UsageError("`until` and `keep` need a folder for the run: give `out`")
    draws, seed = DRAWS if draws is None else draws, SEED if seed is None else seed
    return run_in_memory(model, compile_game(crisis, max_nodes), draws=draws, seed=seed, execution=execution)


def run_of(given: Playable) -> Run:
    """The run that is given, or that of a given crisis or game: 2,048 draws from seed 1.

    Raises
    ------
    UsageError
        If it is neither a run nor a crisis; raises as `run`.
    """
    if isinstance(given, str | Path):
        raise UsageError(f"expected a run or a crisis, found the path '{given}': open it with `offramp.open_run`")
    return given if isinstance(given, Run) else run(given)


def run_in_memory(crisis: Crisis, game: Game, *, draws: int, seed: int, execution: Execution = DEFAULT) -> Run:
    """Solve `draws` draws of a compiled crisis; see `run`."""
    check_asked(draws, seed)
    started = time.perf_counter()
    collected = Collected(crisis, game, draws)
    wanted = enumerate(chunk_sizes(draws))
    executor, workers, block, progress = execution.executor, execution.workers, execution.block, execution.progress
    if executor is None:
        solving = solve_chunks(crisis, game, wanted, seed=seed, workers=workers, block=block, progress=progress)
    else:
        solving = chunks_by(executor, game, wanted, seed=seed, workers=workers, block=block, progress=progress)
    with closing(solving):
        for chunk in solving:
            collected.add(chunk)
    return collected.ensemble(seed, time.perf_counter() - started)
