"""What runs have left behind, and how it goes: half-written files, runs that were never finished, damaged and old ones.

Only what a run writes is ever taken away, from a folder that has the manifest of one and is not in use. Links are not
followed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

from offramp.common.atomic import PARTIAL
from offramp.common.errors import OfframpError, UsageError
from offramp.runs.listing import RunState, list_runs
from offramp.runs.store.layout import CRISIS, FINISHED, LOCK, LOG, MANIFEST, MOVES, REPORT, TABLES, is_running, locked
from offramp.runs.store.manifest import read_manifest

Why = Literal["half written", "unfinished", "damaged", "old"]

OURS = (FINISHED, MOVES, REPORT, LOG, CRISIS)
TABLE = re.compile(rf"({'|'.join(TABLES)})-\d{{5,}}\.(parquet|sha256)")


@dataclass(frozen=True)
class Leftover:
    """What could go: `files`, all in `folder`, of so many `bytes`; where that is a whole run, the folder goes too."""

    folder: Path
    why: Why
    files: tuple[Path, ...]
    bytes: int
    run: RunState


@dataclass(frozen=True)
class Cleaned:
    """What came of cleaning: what went, of so many bytes, and what stayed, with the reason."""

    gone: tuple[Leftover, ...]
    bytes: int
    kept: tuple[tuple[Leftover, str], ...]


def leftovers(directory: str | Path, *, older_than: float | None = None) -> tuple[Leftover, ...]:
    """What could be cleaned away in a directory of runs; nothing is touched.

    Parameters
    ----------
    directory
        Where the runs are.
    older_than
        Finished runs, too, to which nothing was written for so many days.

    Raises
    ------
    UsageError
        Where the directory cannot be read, or the days make no sense.
    """
    if older_than is not None and not older_than >= 0:
        raise UsageError(f"--older-than takes a number of days from 0 up, found {older_than:g}")
    found = []
    for run in list_runs(directory):
        if run.state == "running" or run.folder.is_symlink() or not _has_manifest(run.folder):
            continue
        why = _why(run, older_than)
        files = _files(run.folder) if why else _half_written(run.folder)
        if files:
            size = sum(path.lstat().st_size for path in files)
            found.append(Leftover(run.folder, why or "half written", files, size, run))
    return tuple(found)


def clean(found: Sequence[Leftover]) -> Cleaned:
    """Take leftovers away; what is in use by now, or cannot be removed, stays, and the others go."""
    gone, kept, size = list[Leftover](), list[tuple[Leftover, str]](), 0
    for one in found:
        try:
            size += _take_away(one)
            gone.append(one)
        except (OfframpError, OSError) as error:
            reason = error.strerror or str(error) if isinstance(error, OSError) else str(error)
            kept.append((one, reason))
    return Cleaned(tuple(gone), size, tuple(kept))


def _why(run: RunState, older_than: float | None) -> Why | None:
    """Why a run could go as a whole, if it could."""
    if run.state in ("unfinished", "damaged"):
        return "unfinished" if run.state == "unfinished" else "damaged"
    return "old" if older_than is not None and _written(run) < datetime.now(UTC) - timedelta(days=older_than) else None


def _written(run: RunState) -> datetime:
    """When a run was last written to."""
    with suppress(ValueError, TypeError):
        at = datetime.fromisoformat(run.written or "")
        return at if at.tzinfo else at.replace(tzinfo=UTC)
    return datetime.fromtimestamp((run.folder / MANIFEST).stat().st_mtime, UTC)


def _has_manifest(folder: Path) -> bool:
    """Whether a folder has the manifest of a run, a file of its own."""
    try:
        read_manifest(folder)
    except UsageError:
        return False
    return not (folder / MANIFEST).is_symlink()


def _half_written(folder: Path) -> tuple[Path, ...]:
    return tuple(sorted(path for path in folder.glob(f".*{PARTIAL}") if path.is_file() or path.is_symlink()))


def _files(folder: Path) -> tuple[Path, ...]:
    """What a run has written into its folder: the marker first and the manifest last, so that whoever is killed in
    between leaves an unfinished run.
    """
    own = [folder / name for name in OURS]
    tables = sorted(path for path in folder.iterdir() if TABLE.fullmatch(path.name))
    named = [path for path in (*own, *tables, folder / MANIFEST) if path.is_file() or path.is_symlink()]
    return (*_half_written(folder), *named)


def _take_away(one: Leftover) -> int:
    """Remove the files, and the folder where nothing else is in it; how many bytes went."""
    if one.folder.is_symlink() or not _has_manifest(one.folder):
        raise UsageError("it is no run any more")
    if is_running(one.folder):
        raise UsageError("another process is writing this run")
    whole = one.why != "half written"
    with locked(one.folder):
        size = 0
        for path in one.files:
            with suppress(FileNotFoundError):
                size += path.lstat().st_size
                path.unlink()
        if whole:
            (one.folder / LOCK).unlink(missing_ok=True)
    if whole:
        with suppress(OSError):
            one.folder.rmdir()
    return size
