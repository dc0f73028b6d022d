"""A run on disk, opened: the ensemble as it was solved, and what is known of how.

Every file is compared with its SHA-256 before a number is taken from it. What the draws came to stays on disk until it
is asked for, so that a run may be larger than memory.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from offramp.common.bounded import read_bounded
from offramp.common.errors import UsageError
from offramp.crisis.model import Crisis
from offramp.crisis.text.document import MAX_BYTES
from offramp.gambit.opening import compile_game
from offramp.game.game import Game
from offramp.runs.chunk import ChunkTotals
from offramp.runs.chunk_tables import places_of, read_moves, read_sums
from offramp.runs.draw_results import occurrences_of
from offramp.runs.evidence import Evidence, events_of, evidence_places
from offramp.runs.result import UNCONVERGED, Run
from offramp.runs.sampling import chunk_sizes
from offramp.runs.store.layout import (
    CRISIS,
    FINISHED,
    MANIFEST,
    MOVES,
    progress_of,
    read_finished,
    seconds_of,
    tables_of,
    to_go_on,
)
from offramp.runs.store.manifest import read_manifest
from offramp.runs.store.remote import read_from, url_of
from offramp.runs.store.stored_columns import Columns, Stored, StoredArrays, StoredInputs
from offramp.runs.store.whole_files import sha256_of
from offramp.runs.strategies import Strategies


def open_run(folder: str | Path) -> Run:
    """Open a finished run, in a folder or at a URL that fsspec understands.

    Raises
    ------
    UsageError
        Where there is no run, it is not finished, or a file of it is damaged.
    """
    with read_from(folder) as here:
        manifest, sums = finished_run(here)
        crisis = crisis_of_run(here, manifest)
        game = compile_game(crisis, manifest["max_nodes"])
        run = collect(crisis, game, here, manifest, sums, seconds_of(here), moves=True)
    return replace(run, folder=url_of(folder) or here, manifest=manifest)


def finished_run(folder: Path) -> tuple[dict[str, Any], dict[str, str]]:
    """The manifest of a finished run, and by file the SHA-256 that each must have; raises as `open_run`."""
    manifest, finished = read_manifest(folder), read_finished(folder)
    if finished is None:
        done, asked, _ = progress_of(folder)
        raise UsageError(
            f"{folder} is not finished: {done:,} of {asked:,} draws are done; {to_go_on(folder)} goes on with it"
        )
    sums: dict[str, str] = finished["sha256"]
    check_file(folder, MANIFEST, sums)
    if finished["draws"] != manifest["draws"]:
        raise UsageError(f"{folder / FINISHED} is not of this run; {to_go_on(folder)} makes it anew")
    return manifest, sums


def crisis_of_run(folder: Path, manifest: Mapping[str, Any]) -> Crisis:
    """The crisis that was run, with its levers; raises as `open_run`."""
    from offramp.crisis.reading import read_text

    own = folder / CRISIS
    try:
        content = read_bounded(own, MAX_BYTES)
    except OSError:
        content = b""
    if hashlib.sha256(content).hexdigest() != manifest["sha256"]:
        raise UsageError(f"{own} is not the crisis that was run; the run's files do not belong together")
    return read_text(content, str(own)).with_levers(*manifest["levers"])


def check_file(folder: Path, name: str, sums: Mapping[str, str]) -> Path:
    """The path of a run's file, compared with its SHA-256; UsageError, which names it, where it has another."""
    path = folder / name
    try:
        sound = sha256_of(path) == sums.get(name)
    except FileNotFoundError:
        raise UsageError(f"{path} is missing; {to_go_on(folder)} makes it anew") from None
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror or error}") from None
    if not sound:
        what = "it is not as it was when the run finished" if name == MANIFEST else "it is not as it was written"
        remedy = "" if name == MANIFEST else f"; {to_go_on(folder)} makes it anew"
        raise UsageError(f"{path} is damaged: {what}{remedy}")
    return path


class _Checked:
    """The files of a run, each compared with its SHA-256 when it is first asked for, and again once it has changed."""

    def __init__(self, folder: Path, sums: Mapping[str, str]) -> None:
        self._folder = folder
        self._sums = sums
        self._seen: dict[str, tuple[int, ...]] = {}

    def __call__(self, name: str) -> Path:
        path = self._folder / name
        stamp = _stamp(path)
        if not stamp or self._seen.get(name) != stamp:
            check_file(self._folder, name, self._sums)
            self._seen[name] = stamp
        return path


def _stamp(path: Path) -> tuple[int, ...]:
    """What changes when a file does; nothing where it is not there."""
    try:
        found = path.stat()
    except OSError:
        return ()
    return found.st_size, found.st_mtime_ns, found.st_ino


def collect(
    crisis: Crisis,
    game: Game,
    folder: Path,
    manifest: Mapping[str, Any],
    sums: Mapping[str, str],
    seconds: float,
    *,
    moves: bool = False,
) -> Run:
    """The ensemble of a run whose chunks are all there, of which no more than its endings is in memory.

    Strategies that it keeps are not looked at before they are asked for.

    `sums`: by file its SHA-256; `moves`: whether there is a table of the moves, so that it need not be made from the
    chunks' sums. Raises as `open_run`.
    """
    import duckdb

    draws, checked = manifest["draws"], _Checked(folder, sums)
    names = [tables_of(manifest, number) for number in range(len(chunk_sizes(draws)))]
    tables, situated, *kept = zip(*names, strict=True)
    for name in (*tables, *situated):
        checked(name)
    layout = places_of(game)
    columns = Columns(checked, tables, layout, draws)
    course = columns.course()
    solved = int((course.status != UNCONVERGED).sum())
    with duckdb.connect(config={"threads": 1}) as connection:
        table = checked(MOVES) if moves else folder
        try:
            if moves:
                situations = read_moves(connection, table, game)
            else:
                total = ChunkTotals.nothing(game)
                for name in situated:
                    table = checked(name)
                    total.add(read_sums(connection, table, game))
                situations = total.means(game, solved)
        except (ValueError, KeyError, TypeError):
            raise UsageError(f"{table} does not hold the moves of this crisis") from None

    def stored(places: range | NDArray[np.int64]) -> Stored:
        return Stored(columns, np.asarray(places, dtype=np.int64))

    occurrences = occurrences_of(game)
    ends = np.cumsum([len(move.options) for move in occurrences])[:-1]
    events = events_of(crisis)
    rows: dict[str, Any] = {name: stored(places) for name, places in layout.results.items()} | course._asdict()
    rows["inputs"] = StoredInputs(columns, dict(zip(crisis.inputs, layout.results["inputs"], strict=True)))
    taken = np.split(np.array(layout.results["taken"]), ends) if occurrences else []
    rows["taken"] = StoredArrays([stored(places) for places in taken])
    evidence = [stored(places) for places in evidence_places(game, len(events), layout.evidence.start)]
    return Run(
        crisis=crisis,
        game=game,
        seed=manifest["seed"],
        draws=draws,
        **rows,
        occurrences=occurrences,
        situations=situations,
        seconds=seconds,
        evidence=Evidence(game, events, *evidence) if events else None,
        strategies=Strategies(checked, kept[0], game.slots, draws) if kept else None,
    )
