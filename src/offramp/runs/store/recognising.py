"""Recognise the state of a run, from its file names and small files; no table is read."""

from __future__ import annotations

import errno
import os
import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from offramp.common.atomic import PARTIAL
from offramp.common.errors import UsageError
from offramp.common.words import listed
from offramp.runs.sampling import chunk_sizes
from offramp.runs.store.layout import (
    CHUNK_FILE,
    CRISIS,
    FINISHED,
    LOCK,
    MANIFEST,
    MOVES,
    Progress,
    by_crisis,
    draws_needed,
    folders_in_place,
    is_running,
    progress_in,
    read_finished,
    resume_command,
    tables_of,
    why_not_run,
)
from offramp.runs.store.life import STATES, WRITES, LifeState, Operation, StateName
from offramp.runs.store.manifest import LaterFormatError, read_manifest
from offramp.runs.store.whole_files import sha256_of

LOST = "nothing restores it: solve the crisis again with another --out"
"""What to do about a run whose manifest, or whose numbers, are not what was written."""
CHANGED = "change `observed`, the inputs or the timeline, and run the file into another --out"
"""What to do about a run whose draws cannot explain what is known."""
READABLE = "make it readable for you"
"""What to do about a file that only others may read."""


@dataclass(frozen=True)
class Life:
    """The state of the run in a folder: why it is in it, and the manifest and the marker, if they can be read.

    `remedy`: what to do about `why`, if anything. `is_blocked`: whether a file can be neither read nor written.
    """

    state: LifeState
    why: str = ""
    remedy: str = ""
    manifest: dict[str, Any] | None = None
    finished: dict[str, Any] | None = None
    sizes: Mapping[str, int] = field(default_factory=dict)
    is_blocked: bool = False

    def check(self, operation: Operation, place: Path | str) -> None:
        """Raise UsageError, with the next step, if the state does not permit the operation."""
        if self.is_blocked and operation in WRITES:
            raise UsageError(f"{place}/{self.why}; {self.remedy}")
        self.state.check(operation, place, f"{self.why}; {self.remedy}" if self.remedy else self.why)


def permitted(folder: Path, operation: Operation) -> Life:
    """The life of the run in a folder; UsageError, with the next step, if its state does not permit the operation."""
    if operation == "read" and folder.is_file():
        command = f"`offramp run {shlex.quote(str(folder))}` makes one of a crisis file"
        raise UsageError(f"{folder} is a file, and a run is expected here; {command}")
    try:
        life = life_in(folder)
    except OSError as error:
        raise UsageError(f"{folder} cannot be read: {error.strerror or error}") from None
    life.check(operation, folder)
    return life


def life_in(folder: Path, sizes: Mapping[str, int] | None = None, running: Callable[[], bool] | None = None) -> Life:
    """Recognise the state of the run in a folder.

    `sizes`: bytes by file, if not all files are in the folder. `running`: whether a process writes the run; by default
    by its lock. Raises OSError if the folder cannot be read.
    """
    if sizes is None:
        paths = folder.iterdir() if folder.is_dir() else ()
        sizes = {path.name: path.stat().st_size for path in paths if path.is_file()}
    if not (folder / MANIFEST).is_file():
        if is_free(folder):
            return Life(STATES["absent"], sizes=sizes)
        return Life(STATES["other"], _why_no_run(folder), sizes=sizes)
    if closed := _closed(folder, MANIFEST):
        return Life(STATES["unreadable"], f"{folder / MANIFEST} {closed}", READABLE, sizes=sizes)
    try:
        manifest = read_manifest(folder)
    except LaterFormatError as error:
        return Life(STATES["later"], str(error), sizes=sizes)
    except UsageError as error:
        return Life(STATES["unreadable"], str(error), LOST, sizes=sizes)
    blocked = _blocked(folder)
    finished, why, remedy = blocked or _marker(folder, manifest, sizes)
    if finished and not why:
        return Life(STATES["finished"], manifest=manifest, finished=finished, sizes=sizes)
    name: StateName = "damaged" if why else "unfinished"
    done, asked, _ = progress_in(manifest, sizes)
    if is_running(folder) if running is None else running():
        name, why, remedy = "running", f"{done:,} of {asked:,} draws are done", ""
    elif name == "unfinished":
        why, remedy = _unfinished(folder, manifest, done, asked)
    return Life(STATES[name], why, remedy, manifest, sizes=sizes, is_blocked=blocked is not None)


def _unfinished(folder: Path, manifest: Mapping[str, Any], done: int, asked: int) -> tuple[str, str]:
    """How far a run is that is not finished, and the command that finishes it."""
    if not _fits(folder, CRISIS, {"sha256": {CRISIS: manifest["sha256"]}}):
        return f"{CRISIS} {why_not_run(folder / CRISIS)}", by_crisis(folder)
    drawn, resume = f"{done:,} of {asked:,} draws are done", resume_command(folder)
    needed = 0 if done < asked else draws_needed(folder)
    if needed is None:
        return f"{drawn}, and too few of them explain what is known", "no number of draws would do: " + CHANGED
    if needed > asked:
        enough = f"{resume.removesuffix('`')} --draws {needed}`"
        return f"{drawn}, and too few of them explain what is known", f"{enough} solves enough"
    return drawn, f"{resume} resumes it"


def _why_no_run(folder: Path) -> str:
    """Why a folder that is not empty holds no run, and what to do about it."""
    without = f"its {MANIFEST} is a folder" if (folder / MANIFEST).is_dir() else f"it has no {MANIFEST}"
    names = os.listdir(folder)
    if any(name in (FINISHED, MOVES) or CHUNK_FILE.fullmatch(name) for name in names):
        return f"{without}, and without that file the others cannot be used; {LOST}"
    if any((folder / name / MANIFEST).is_file() for name in names):
        return f"{without}; `offramp runs {shlex.quote(str(folder))}` lists the runs in it"
    own = f"; in it is the crisis file {CRISIS}" if CRISIS in names else ""
    return f"{without}; `offramp run FILE --out DIR` makes one in a new folder{own}"


def is_free(folder: Path) -> bool:
    """Whether there is nothing at a path, or a folder with no more in it than a writer that was killed has left."""
    if not folder.is_dir():
        return not folder.exists()
    return all(path.name == LOCK or path.suffix == PARTIAL for path in folder.iterdir())


def progress_of(folder: str | Path) -> Progress:
    """Progress of a run, from its manifest and its file names only.

    Raises
    ------
    UsageError
        If there is no run.
    """
    folder = Path(folder)
    if not (folder / MANIFEST).is_file():
        permitted(folder, "verify")
    return progress_in(read_manifest(folder), os.listdir(folder))


def _closed(folder: Path, name: str) -> str:
    """That a file of a run is there and cannot be read; "" if it can, or is not there."""
    path = folder / name
    return f"cannot be read: {os.strerror(errno.EACCES)}" if path.is_file() and not os.access(path, os.R_OK) else ""


def _blocked(folder: Path) -> tuple[None, str, str] | None:
    """What is wrong with a run if a folder is where a file belongs or a file is closed, in the form of `_marker`."""
    for name in (CRISIS, FINISHED):
        if closed := _closed(folder, name):
            return None, f"{name} {closed}", READABLE
    taken = folders_in_place(folder)
    if not taken:
        return None
    are = "is a folder, where a file belongs" if len(taken) == 1 else "are folders, where files belong"
    restores = by_crisis(folder) if CRISIS in taken else f"{resume_command(folder)} restores it"
    return None, f"{listed(taken, len(taken))} {are}", f"remove {listed(taken, len(taken))}, then {restores}"


def _marker(
    folder: Path, manifest: Mapping[str, Any], sizes: Mapping[str, int]
) -> tuple[dict[str, Any] | None, str, str]:
    """The marker of a finished run, if any; what is wrong with it or with files that it names; and the remedy."""
    restores = f"{resume_command(folder)} restores it"
    try:
        finished = read_finished(folder)
    except UsageError:
        return None, f"{FINISHED} is damaged", restores
    if finished is None:
        return None, "", ""
    if not _fits(folder, MANIFEST, finished):
        return finished, f"{MANIFEST} is damaged: it has changed since the run finished", LOST
    if finished["draws"] != manifest["draws"]:
        return finished, f"{FINISHED} belongs to another run", restores
    tables = {name for number in range(len(chunk_sizes(manifest["draws"]))) for name in tables_of(manifest, number)}
    if (missing := min({MOVES, *tables} - sizes.keys(), default=None)) is not None:
        return finished, f"{missing} is missing", restores
    if not _fits(folder, CRISIS, finished):
        return finished, f"{CRISIS} {why_not_run(folder / CRISIS)}", by_crisis(folder)
    return finished, "", ""


def _fits(folder: Path, name: str, finished: Mapping[str, Any]) -> bool:
    """Whether a file is as it was when the run finished."""
    try:
        return bool(sha256_of(folder / name) == finished["sha256"].get(name))
    except OSError:
        return False
