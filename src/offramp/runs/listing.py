"""List the runs in a directory, from their file names and manifests; no table is read."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Literal, cast

from offramp.common.bounded import read_bounded
from offramp.common.errors import OfframpError
from offramp.common.printable import printable
from offramp.common.words import listed
from offramp.crisis.model import Crisis
from offramp.crisis.names import Names, names_of
from offramp.crisis.reading import read_text
from offramp.runs.sampling import Keep
from offramp.runs.store.layout import (
    CRISIS,
    FINISHED,
    LOG,
    MANIFEST,
    progress_in,
    read_log,
)
from offramp.runs.store.manifest import Now, asked_of, now_of, read_manifest, sha256_of_crisis
from offramp.runs.store.recognising import life_in
from offramp.runs.store.store import Store, store_at
from offramp.runs.store.whole_files import run_name

MOST_BYTES = 500_000
"""Maximum size of a run's crisis that is read for the names in a list of runs."""

State = Literal["finished", "unfinished", "running", "damaged"]


@dataclass(frozen=True, repr=False)
class RunState:
    """The state of a run, known without reading its tables.

    `damaged`: the manifest is invalid; or, in a finished run, a file is missing or the manifest, crisis or marker has
    changed. Then only the folder, its size and what could be read are filled in. `crisis`: name of the crisis file.
    `now`: as in the manifest, of a run as of now. `written`: time of the last log entry, UTC in ISO 8601. `endings`:
    for a finished run, `mean`, `p05`, `p50` and `p95` by ending, as in `Interval`. `url`: of a run at a URL; `folder`
    is then only its name. `why`: what is damaged; `remedy`: what to do about that, or what finishes the run.
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
    now: Now | None = None
    written: str | None = None
    endings: Mapping[str, Mapping[str, float | None]] | None = None
    url: str | None = None
    why: str = ""
    remedy: str = ""

    @property
    def place(self) -> Path | str:
        """The run's folder, or its URL."""
        return self.url or self.folder

    def __repr__(self) -> str:
        levers = f", with {listed(self.levers)}" if self.levers else ""
        done = f", {self.done:,} of {self.draws:,} draws, seed {self.seed}{levers}" if self.draws else ""
        title = f" ({self.title})" if self.title else ""
        return printable(f"{self.place}: {self.state}{done}{title}")


def list_runs(directory: str | Path) -> tuple[RunState, ...]:
    """The runs in a directory or at a URL, the most recently written first.

    Runs without a time of writing come last.

    Raises
    ------
    UsageError
        If there is no such directory, or it cannot be read.
    """
    return _newest_first(map(_state, store_at(directory).runs()))


def _newest_first(runs: Iterable[RunState]) -> tuple[RunState, ...]:
    """Sort runs by time of writing, newest first; within a second, the higher number first."""
    return tuple(sorted(runs, key=lambda run: (run.written or "", _name_and_number(run.folder.name)), reverse=True))


def _name_and_number(folder_name: str) -> tuple[str, int, str]:
    name, _, number = folder_name.rpartition("-")
    return (name, int(number), "") if number.isascii() and number.isdigit() else (folder_name, 0, number)


def state_of(place: Path | str) -> RunState:
    """The state of the run in a folder or at a URL; `damaged` if there is none.

    Raises
    ------
    OfframpError
        If the URL cannot be reached.
    """
    return _state(store_at(place))


def _state(store: Store) -> RunState:
    """Like `state_of`, for the run in a store."""
    with store.fresh(MANIFEST, CRISIS, FINISHED, LOG) as folder:
        run = _state_in(folder, store)
    if isinstance(store.place, Path):
        return run
    remedy = run.remedy.replace(str(run.folder), store.place)
    return replace(run, folder=Path(store.place.rpartition("/")[2]), url=store.place, remedy=remedy)


def _state_in(folder: Path, store: Store) -> RunState:
    """Like `state_of`, by the small files in a folder."""
    try:
        life = life_in(folder, store.sizes(), store.is_running)
    except OSError as error:
        return RunState(folder, "damaged", 0, why=error.strerror or str(error))
    size, manifest = sum(life.sizes.values()), life.manifest
    if manifest is None:
        why = life.why or f"{MANIFEST} is missing"
        return RunState(folder, "damaged", size, why=why.removeprefix(f"{folder}{os.sep}"), remedy=life.remedy)
    lines = read_log(folder)
    return RunState(
        folder=folder,
        state=cast("State", life.state.name),  # a run whose manifest was read is in one of these
        bytes=size,
        title=manifest["title"],
        crisis=manifest["crisis"],
        sha256=manifest["sha256"],
        done=manifest["draws"] if life.state.name == "finished" else progress_in(manifest, life.sizes).done,
        draws=manifest["draws"],
        seed=manifest["seed"],
        levers=tuple(manifest["levers"]),
        now=manifest.get("now"),
        written=lines[-1]["at"] if lines else None,
        endings=life.finished["endings"] if life.finished else None,
        why=life.why if life.state.name == "damaged" else "",
        remedy=life.remedy,
    )


def unfinished_run(
    crisis: Crisis,
    *,
    draws: int,
    seed: int,
    until: float | None = None,
    keep: Keep | None = None,
    directory: str | Path = "runs",
) -> Path | None:
    """The latest unfinished run of the same crisis, levers, draws and seed in a directory, if any.

    `until`: the standard error at which the run ends, if any; `keep`: what it keeps in addition, if anything.
    """
    wanted = (sha256_of_crisis(crisis), crisis.pulled, now_of(crisis), seed)
    name = run_name(crisis.path)
    folders = [
        run.folder
        for run in (list_runs(directory) if Path(directory).is_dir() else ())
        if run.state == "unfinished" and (run.sha256, run.levers, run.now, run.seed) == wanted
        for manifest in [read_manifest(run.folder)]
        if (*asked_of(manifest), manifest.get("keep")) == (draws, until, keep)
        if _name_and_number(run.folder.name)[0] == name
    ]
    return folders[0] if folders else None


def names_of_run(folder: Path) -> Names | None:
    """What readers see in place of the keys of a run's crisis; None if its crisis cannot be read."""
    try:
        return _names_in(_Copied(read_bounded(folder / CRISIS, MOST_BYTES), str(folder / CRISIS)))
    except (OSError, ValueError, OfframpError):
        return None


@dataclass(frozen=True)
class _Copied:
    """The crisis of a run; runs of the same text are equal, so their names are read once."""

    text: bytes
    path: str = field(compare=False)


@lru_cache(maxsize=64)
def _names_in(crisis: _Copied) -> Names:
    return names_of(read_text(crisis.text, crisis.path))
