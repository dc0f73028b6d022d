"""The runs in a directory, told by the names of their files and their manifests: no table is read."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from os.path import isfile
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

from offramp.common.errors import UsageError
from offramp.crisis.model import Crisis
from offramp.runs.sampling import Keep, chunk_sizes
from offramp.runs.store.layout import (
    CRISIS,
    FINISHED,
    LOG,
    MANIFEST,
    MOVES,
    is_running,
    progress_in,
    read_finished,
    read_log,
    tables_of,
)
from offramp.runs.store.manifest import asked_of, read_manifest, sha256_of_crisis
from offramp.runs.store.object_store import Store, StoredObject
from offramp.runs.store.remote import url_of
from offramp.runs.store.whole_files import run_name, sha256_of

State = Literal["finished", "unfinished", "running", "damaged"]


@dataclass(frozen=True)
class RunState:
    """What is known of a run without reading its tables.

    `damaged`: the manifest is none, or of a finished run a file is missing, or its manifest, crisis or marker is not as
    it was; all that is known is then the folder, its bytes, and what else could be read. `crisis`: the name of the file
    that was run. `written`: when the log was last added to, UTC in ISO 8601. `endings`: of a finished run, by ending
    its `mean`, `p05`, `p50` and `p95`, as in `Interval`. `url`: of a run elsewhere, whose `folder` is a name alone.
    `why`: what is damaged.
    """

    folder: Path
    state: State
    bytes: int
    title: str = ""
    crisis: str = ""
    sha256: str = ""
    done: int = 0
    draws: int = 0
    seed: int = 0
    levers: tuple[str, ...] = ()
    written: str | None = None
    endings: Mapping[str, Mapping[str, float | None]] | None = None
    url: str | None = None
    why: str = ""

    @property
    def place(self) -> Path | str:
        """Where the run is: its folder, or its URL."""
        return self.url or self.folder


def list_runs(directory: str | Path) -> tuple[RunState, ...]:
    """The runs in a directory, or at a URL, the one last written to first; none where there is no such directory.

    Runs of which nothing says when they were written come last.

    Raises
    ------
    UsageError
        Where the directory cannot be read.
    """
    if url := url_of(directory):
        listed = [(store, store.listing()) for store in (Store(f"{url}/{name}") for name in Store(url).folders())]
        return _newest_first(_state_at(store, listing) for store, listing in listed if MANIFEST in listing)
    directory = Path(directory)
    try:
        folders = [path for path in directory.iterdir() if isfile(path / MANIFEST)] if directory.is_dir() else []
    except OSError as error:
        raise UsageError(f"{directory} cannot be read: {error.strerror or error}") from None
    return _newest_first(map(state_of, folders))


def _newest_first(found: Iterable[RunState]) -> tuple[RunState, ...]:
    """Runs by when they were last written to; of those of one second, the one with the higher number first."""
    return tuple(sorted(found, key=lambda run: (run.written or "", _by_number(run.folder.name)), reverse=True))


def _by_number(whole: str) -> tuple[str, int, str]:
    name, _, number = whole.rpartition("-")
    return (name, int(number), "") if number.isascii() and number.isdigit() else (whole, 0, number)


def state_of(place: Path | str) -> RunState:
    """What is known of the run in a folder or at a URL; a place that holds none is damaged.

    Raises
    ------
    OfframpError
        Where what is at a URL cannot be reached.
    """
    if url := url_of(place):
        store = Store(url)
        return _state_at(store, store.listing())
    return _state(Path(place))


def _state_at(store: Store, listing: Mapping[str, StoredObject]) -> RunState:
    """As `state_of`, of a run in a store, whose files are listed."""
    with TemporaryDirectory(prefix="offramp-") as passing:
        small = [one for one in (MANIFEST, CRISIS, FINISHED, LOG) if one in listing]
        store.get(small, [Path(passing) / one for one in small])
        found = _state(Path(passing), {one: entry.bytes for one, entry in listing.items()})
    running = found.state == "unfinished" and store.tenant() is not None
    name = store.url.rpartition("/")[2]
    return replace(found, folder=Path(name), url=store.url, state="running" if running else found.state)


def _state(folder: Path, sizes: Mapping[str, int] | None = None) -> RunState:
    """As `state_of`; `sizes` are by file its bytes, where not all of the run's files are in the folder."""
    try:
        sizes = sizes or {path.name: path.stat().st_size for path in folder.iterdir() if path.is_file()}
        manifest = read_manifest(folder)
    except (OSError, UsageError) as error:
        return RunState(folder, "damaged", sum((sizes or {}).values()), why=_alone(error, folder))
    done, draws, _ = progress_in(manifest, sizes)
    lines = read_log(folder)
    endings: Mapping[str, Any] | None = None
    why = ""
    state: State = "running" if is_running(folder) else "unfinished"
    if state == "unfinished":
        try:
            finished = read_finished(folder)
            endings = finished["endings"] if finished else None
            numbers = range(len(chunk_sizes(draws)))
            needed = {MOVES, *(name for number in numbers for name in tables_of(manifest, number))}
            if finished:
                asked = all(sha256_of(folder / name) == finished["sha256"].get(name) for name in (MANIFEST, CRISIS))
                missing = min(needed - sizes.keys(), default=None)
                if missing is not None:
                    why = f"{missing} is missing"
                elif not asked or finished["draws"] != draws:
                    why = f"{FINISHED} is not of this run"
                state = "damaged" if why else "finished"
        except (OSError, UsageError) as error:
            state, why = "damaged", _alone(error, folder)
    return RunState(
        folder=folder,
        state=state,
        bytes=sum(sizes.values()),
        title=manifest["title"],
        crisis=manifest["crisis"],
        sha256=manifest["sha256"],
        done=done,
        draws=draws,
        seed=manifest["seed"],
        levers=tuple(manifest["levers"]),
        written=lines[-1]["at"] if lines else None,
        endings=endings,
        why=why,
    )


def _alone(error: OSError | UsageError, folder: Path) -> str:
    """What is wrong with a file of a run, without the folder's path and what is to be done."""
    said = error.strerror or str(error) if isinstance(error, OSError) else str(error)
    return said.removeprefix(f"{folder}{os.sep}").partition("; ")[0]


def unfinished_run(
    crisis: Crisis,
    *,
    draws: int,
    seed: int,
    until: float | None = None,
    keep: Keep | None = None,
    directory: str | Path = "runs",
) -> Path | None:
    """The latest run of this very crisis, levers, draws and seed in a directory that was stopped before its end.

    `until`: the standard error at which it is to end, if any; `keep`: what it keeps besides, if anything.
    """
    asked = (sha256_of_crisis(crisis), crisis.pulled, seed)
    name = run_name(crisis.path)
    found = [
        run.folder
        for run in list_runs(directory)
        if run.state == "unfinished" and (run.sha256, run.levers, run.seed) == asked
        for manifest in [read_manifest(run.folder)]
        if (*asked_of(manifest), manifest.get("keep")) == (draws, until, keep)
        if _by_number(run.folder.name)[0] == name
    ]
    return found[0] if found else None
