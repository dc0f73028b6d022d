"""A run that survives: chunk after chunk into a folder, from which it goes on where it stopped.

Each chunk is written whole or not at all. What a chunk holds depends on the crisis, the seed and its number alone, so
a run that was stopped, killed or extended ends with the same bytes as one that never was, but for its log.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple, TypeVar, get_args

from offramp.common.errors import OfframpError, UsageError
from offramp.common.words import listed
from offramp.crisis.draft_standing import standing_of
from offramp.crisis.model import Crisis
from offramp.gambit.opening import compile_game
from offramp.game.game import Game
from offramp.runs.chunk import check_chunks
from offramp.runs.execution import DEFAULT, Execution
from offramp.runs.opened import crisis_of_run
from offramp.runs.result import Run
from offramp.runs.sampling import Keep
from offramp.runs.solve_draws import check_asked
from offramp.runs.store.layout import CRISIS, LOCK, MANIFEST, Progress, as_event, locked
from offramp.runs.store.life import Operation
from offramp.runs.store.manifest import asked_of, differences, manifest_of, read_manifest, stopped_at, with_draws
from offramp.runs.store.recognising import life_in
from offramp.runs.store.store import Store, store_at
from offramp.runs.store.whole_files import check_free, clear_errors, for_duckdb
from offramp.runs.until import check_until
from offramp.runs.weighted import TooFewDrawsError
from offramp.runs.writing import Writing

DRAWS, SEED = 2048, 1

Result = TypeVar("Result")


def run_into(
    crisis: Crisis,
    folder: str | Path,
    *,
    draws: int | None = None,
    seed: int | None = None,
    until: float | None = None,
    max_nodes: int | None = None,
    keep: Keep | None = None,
    execution: Execution = DEFAULT,
) -> Run:
    """Solve a crisis over draws of its inputs into a folder, or go on with what is there.

    Parameters
    ----------
    crisis
        The crisis, with the levers it has pulled.
    folder
        A folder that is not there or empty, or one of a run of the same crisis, levers and seed; more draws than it has
        extend it. Also a URL that fsspec understands, such as `s3://bucket/run`.
    draws, seed
        As in `offramp.run`; by default those of the run that is there, or 2,048 and 1.
    until
        The standard error of every ending's probability at which the run ends, asked after each whole chunk; `draws`
        is then the most that it takes. By default that of the run that is there, if any; 0 for none.
    max_nodes
        As in `offramp.run`.
    keep
        What the run keeps besides: `strategies`, each draw's profile. By default what the run that is there does.
    execution
        Who solves the chunks, and what is reported meanwhile.

    Returns
    -------
    The finished run.

    Raises
    ------
    CrisisError
        Where some draw's odds or payoffs are impossible, with the draw's number and inputs.
    UsageError
        Where the folder holds something else, or a run that differs, with what differs; where it is in use; where a
        worker is on a machine that would compute other bits, or does not see the folder.
    OfframpError
        Where the folder cannot be written, or a worker died; the chunks that were done are kept.
    """
    store = store_at(folder)
    with store.writing():
        planned = _planned(crisis, store.folder, draws, seed, until, max_nodes, keep)
        return _run(store, planned, execution, Writing.solve)


def resume(
    folder: str | Path,
    *,
    draws: int | None = None,
    until: float | None = None,
    execution: Execution = DEFAULT,
) -> Run:
    """Go on with the run in a folder, as `run_into`, by its own crisis file and manifest.

    What the sources' texts say now is not asked: the run does not depend on them.
    """
    store = store_at(folder)
    with store.writing():
        planned = _planned(None, store.folder, draws, None, until, None, None)
        return _run(store, planned, execution, Writing.solve)


def solve_part(
    crisis: Crisis | None,
    folder: str | Path,
    chunks: range,
    *,
    draws: int | None = None,
    seed: int | None = None,
    max_nodes: int | None = None,
    keep: Keep | None = None,
    execution: Execution = DEFAULT,
) -> Progress:
    """Solve only some chunks of a run into a folder; `merge` puts parts in several folders together.

    Parameters
    ----------
    crisis
        The crisis, with the levers it has pulled; None for that of the run in the folder, as `resume`.
    chunks
        Numbers of chunks, from 0; each has 1,024 draws, the last may have fewer.
    folder, draws, seed, max_nodes, keep
        As in `run_into`.
    execution
        As in `run_into`; its `progress` is called with the number of draws of these chunks done since the last call.

    Returns
    -------
    How far the run is; where the other chunks are there it is finished.

    Raises
    ------
    UsageError
        As `run_into`; where the run has no such chunks; where it ends by its error, which is asked of all chunks
        before.
    """

    def work(writing: Writing, begun: float, how: Execution) -> Progress:
        return writing.solve_part(begun, how, chunks)

    store = store_at(folder)
    with store.writing():
        planned = _planned(crisis, store.folder, draws, seed, None, max_nodes, keep)
        check_chunks(chunks, planned.new["draws"])
        if "until" in planned.new:
            raise UsageError(
                f"{folder} is a run until {planned.new['until']:g}: whether it may end is asked of all chunks before,"
                " so it is not solved in parts"
            )
        return _run(store, planned, execution, work)


class _Planned(NamedTuple):
    """A run that is asked for: what was there of it, if anything, and what is to be."""

    crisis: Crisis
    game: Game
    old: dict[str, Any] | None
    new: dict[str, Any]


def _planned(
    crisis: Crisis | None,
    folder: Path,
    draws: int | None,
    seed: int | None,
    until: float | None,
    max_nodes: int | None,
    keep: Keep | None,
) -> _Planned:
    """What is asked for, of a crisis or of the run that is there; what is not said is as in that."""
    old = _begun(folder, "begin" if crisis else "resume" if draws is None else "extend")
    before: Mapping[str, Any] = old or {"seed": SEED, "max_nodes": None}
    asked = crisis or crisis_of_run(folder, before)
    if old:  # what was read of a draft when the run began
        asked = replace(asked, draft=standing_of(old.get("draft")))
    seed = before["seed"] if seed is None else seed
    max_nodes = before["max_nodes"] if max_nodes is None else max_nodes
    keep = before.get("keep") if keep is None else keep
    draws, until = _asked(old, draws, until)
    check_asked(draws, seed)
    if until is not None and asked.past:
        raise UsageError("a run as of now has a fixed number of draws: `until` is for draws that count alike")
    if keep not in (None, *get_args(Keep)):
        raise UsageError(f"a run can keep {listed(get_args(Keep))}, found {keep!r}")
    game = compile_game(asked, max_nodes)
    new = manifest_of(asked, game, draws=draws, seed=seed, max_nodes=max_nodes, until=until, keep=keep)
    if crisis is None:  # what the sources' texts say now is not asked
        new |= {name: before[name] for name in ("crisis", "sources")}
    return _Planned(asked, game, old, new)


def _asked(old: Mapping[str, Any] | None, draws: int | None, until: float | None) -> tuple[int, float | None]:
    """The draws and the error that are asked for; what is not said is as in the run that is there."""
    before = asked_of(old) if old else (DRAWS, None)
    if until:
        check_until(until)
    return before[0] if draws is None else draws, before[1] if until is None else float(until) or None


def _begun(folder: Path, operation: Operation) -> dict[str, Any] | None:
    """The manifest of the run that is in a folder, if any; UsageError if its state does not permit the operation."""
    for_duckdb(folder)  # a path in which no table can be written is refused before anything is solved
    with clear_errors(folder):
        life = life_in(folder, running=lambda: False)  # the lock, which comes later, tells and waits a little
        life.check(operation, folder)
        if not folder.is_dir():
            check_free(folder)
    return life.manifest


def _run(
    store: Store, planned: _Planned, how: Execution, work: Callable[[Writing, float, Execution], Result]
) -> Result:
    folder, (crisis, game, old, new) = store.folder, planned
    if old:
        check_same(folder, old, new, crisis)
    manifest = _continued(old, new) if old else new
    with _made(folder), locked(folder):
        writing = Writing(store, manifest, crisis, game=game)
        if (read_manifest(folder) if (folder / MANIFEST).is_file() else None) != old:
            raise UsageError(f"another process has changed {folder}; ask again")
        begun = time.perf_counter()
        with clear_errors(folder):
            writing.prepare(old)
        if old and how.say:
            how.say(writing.found(old))
        try:
            return work(writing, begun, how)
        except BaseException as error:
            if isinstance(error, OfframpError) and not old and not writing.done:
                writing.undo()
            else:
                event = as_event(error.needed) if isinstance(error, TooFewDrawsError) else "stopped"
                with suppress(OSError, OfframpError):
                    writing.log(event, time.perf_counter() - begun)
            raise


def _continued(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    """The manifest with which a run goes on; one whose error was low enough stays at the draws that it has."""
    manifest = with_draws(old, new["draws"], new.get("until"))
    most, until = asked_of(old)
    stopped = old["draws"] < most and manifest.get("until") == until
    return stopped_at(manifest, old["draws"]) if stopped else manifest


def check_same(folder: Path, old: Mapping[str, Any], new: Mapping[str, Any], crisis: Crisis) -> None:
    """Raise UsageError where a run cannot go on as it is asked to: what differs, or that fewer draws are asked for."""
    own = folder / CRISIS
    changed = differences(old, new, own.read_bytes() if own.is_file() else b"", crisis.text.encode("utf-8"))
    if changed:
        raise UsageError(
            f"{folder} holds a run that differs in {'; '.join(changed)}; nothing is overwritten: choose another --out"
        )
    if new["draws"] < old["draws"]:
        raise UsageError(
            f"{folder} is a run of {old['draws']:,} draws, which cannot become fewer than that ({new['draws']:,});"
            " solve the crisis file into another --out"
        )
    if "until" in new and new["until"] > old.get("until", 0.0):
        then = f"until {old['until']:g}" if "until" in old else "for all its draws"
        raise UsageError(
            f"{folder} is a run {then}, which cannot end earlier (--until {new['until']:g});"
            " solve the crisis file into another --out"
        )


@contextmanager
def _made(folder: Path) -> Iterator[None]:
    """The folder made; it and those above it go again where nothing is in them afterwards."""
    made = [path for path in (folder, *folder.parents) if not path.exists()]
    try:
        with clear_errors(folder):
            folder.mkdir(parents=True, exist_ok=True)
        yield
    finally:
        with suppress(OSError):
            if {path.name for path in folder.iterdir()} == {LOCK}:
                (folder / LOCK).unlink()
            for path in made:
                path.rmdir()
