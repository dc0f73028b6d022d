"""Open a run from disk.

Every file is compared with its SHA-256 before a number is read from it. The draws' results stay on disk until they are
needed, so a run may be larger than memory.
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
from offramp.crisis.draft_standing import standing_of
from offramp.crisis.model import Crisis
from offramp.crisis.text.document import MAX_BYTES
from offramp.gambit.opening import compile_game
from offramp.game.game import Game
from offramp.runs.chunk import ChunkTotals, weight_of
from offramp.runs.chunk_tables import places_of, read_moves, read_sums
from offramp.runs.draw_results import RESULTS, occurrences_of
from offramp.runs.evidence import Evidence, events_of, evidence_places
from offramp.runs.result import UNCONVERGED, Run
from offramp.runs.sampling import chunk_sizes
from offramp.runs.store.database import connected
from offramp.runs.store.finished_files import check_file, fingerprint, finished_run
from offramp.runs.store.layout import CRISIS, MOVES, by_crisis, seconds_of, tables_of, why_not_run
from offramp.runs.store.manifest import as_run
from offramp.runs.store.store import store_at
from offramp.runs.store.stored_columns import Columns, Stored, StoredArrays, StoredInputs
from offramp.runs.strategies import Strategies


def open_run(folder: str | Path) -> Run:
    """Open a finished run, in a folder or at a URL that fsspec understands.

    Raises
    ------
    UsageError
        If there is no run, it is not finished, or one of its files is damaged.
    """
    store = store_at(folder)
    with store.reading() as local:
        manifest, sums = finished_run(local)
        crisis = crisis_of_run(local, manifest)
        game = compile_game(crisis, manifest["max_nodes"])
        run = load_run(crisis, game, local, manifest, sums, seconds_of(local), moves=True)
    run = replace(run, folder=store.place, manifest=manifest)
    object.__setattr__(run, "fingerprint", fingerprint(sums))
    return run


def crisis_of_run(folder: Path, manifest: Mapping[str, Any]) -> Crisis:
    """The crisis that was run, with its levers, as of now if it was, a draft if it was one; raises as `open_run`."""
    from offramp.crisis.reading import read_text

    path = folder / CRISIS
    try:
        content = read_bounded(path, MAX_BYTES)
    except OSError:
        content = b""
    if hashlib.sha256(content).hexdigest() != manifest["sha256"]:
        raise UsageError(f"{path} {why_not_run(path)}; {by_crisis(folder)}")
    return replace(as_run(read_text(content, str(path)), manifest), draft=standing_of(manifest.get("draft")))


class _CheckedFiles:
    """The files of a run, each compared with its SHA-256 at first use, and again whenever it has changed."""

    def __init__(self, folder: Path, sums: Mapping[str, str]) -> None:
        self._folder = folder
        self._sums = sums
        self._stamps: dict[str, tuple[int, ...]] = {}

    def __call__(self, name: str) -> Path:
        path = self._folder / name
        stamp = _stamp(path)
        if not stamp or self._stamps.get(name) != stamp:
            check_file(self._folder, name, self._sums)
            self._stamps[name] = stamp
        return path


def _stamp(path: Path) -> tuple[int, ...]:
    """Size, time and inode, which change when the file does; empty if there is no file."""
    try:
        status = path.stat()
    except OSError:
        return ()
    return status.st_size, status.st_mtime_ns, status.st_ino


def load_run(
    crisis: Crisis,
    game: Game,
    folder: Path,
    manifest: Mapping[str, Any],
    sums: Mapping[str, str],
    seconds: float,
    *,
    moves: bool = False,
) -> Run:
    """The run in a folder where all chunks are present; only its endings are read into memory.

    Kept strategies are not checked or read before they are needed.

    `sums`: SHA-256 by file; `moves`: whether the table of moves exists, else they are computed from the chunks' sums.
    Raises as `open_run`.
    """
    draws, checked = manifest["draws"], _CheckedFiles(folder, sums)
    names = [tables_of(manifest, number) for number in range(len(chunk_sizes(draws)))]
    tables, sum_tables, *strategy_tables = zip(*names, strict=True)
    for name in (*tables, *sum_tables):
        checked(name)
    layout = places_of(game)
    columns = Columns(checked, tables, layout, draws)
    course = columns.course()

    def stored(places: range | NDArray[np.int64]) -> Stored:
        return Stored(columns, np.asarray(places, dtype=np.int64))

    events = events_of(crisis)
    evidence = [stored(places) for places in evidence_places(game, len(events), layout.evidence.start)]
    stored_evidence = Evidence(game.so_far, events, *evidence) if events else None
    with connected() as connection:
        table = checked(MOVES) if moves else folder
        try:
            if moves:
                situations = read_moves(connection, table, game)
            else:
                total = ChunkTotals.zeros(game)
                for name in sum_tables:
                    table = checked(name)
                    total.add(read_sums(connection, table, game))
                situations = total.means(game, weight_of(game, course.status != UNCONVERGED, stored_evidence))
        except (ValueError, KeyError, TypeError):
            raise UsageError(f"{table} does not hold the moves of this crisis") from None

    occurrences = occurrences_of(game)
    ends = np.cumsum([len(move.options) for move in occurrences])[:-1]
    rows: dict[str, Any] = course._asdict()
    for result in RESULTS:
        if result.name not in rows:
            places = layout.results[result.name]
            rows[result.name] = stored(places) if result.axis else columns.column(places[0])
    rows["inputs"] = StoredInputs(columns, dict(zip(crisis.inputs, layout.results["inputs"], strict=True)))
    taken = np.split(np.array(layout.results["taken"]), ends) if occurrences else []
    rows["taken"] = StoredArrays([stored(places) for places in taken])
    return Run(
        crisis=crisis,
        game=game,
        seed=manifest["seed"],
        draws=draws,
        **rows,
        occurrences=occurrences,
        situations=situations,
        seconds=seconds,
        evidence=stored_evidence,
        strategies=Strategies(checked, strategy_tables[0], game.slots, draws) if strategy_tables else None,
    )
