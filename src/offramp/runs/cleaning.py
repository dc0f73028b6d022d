"""Clean up a directory of runs: half-written files, unfinished, damaged and old runs.

Only files that a run writes are deleted, and only from a folder that holds a run's manifest and is not in use. Links
are not followed.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

from offramp.common.atomic import PARTIAL
from offramp.common.errors import OfframpError, UsageError
from offramp.runs.listing import RunState, list_runs
from offramp.runs.store.layout import CHUNK_FILE, CRISIS, FINISHED, LOCK, LOG, MANIFEST, MOVES, REPORT, locked
from offramp.runs.store.recognising import permitted

Why = Literal["half written", "unfinished", "damaged", "old"]

MOST_DAYS = 100_000
RUN_FILES = (FINISHED, MOVES, REPORT, LOG, CRISIS)


@dataclass(frozen=True)
class Leftover:
    """Files that can be deleted: `files` in `folder`, `bytes` in total; for a whole run the folder is deleted too."""

    folder: Path
    why: Why
    files: tuple[Path, ...]
    bytes: int
    run: RunState


@dataclass(frozen=True)
class Cleaned:
    """Result of cleaning: what was deleted, `bytes` in total, and what was kept, each with the reason."""

    gone: tuple[Leftover, ...]
    bytes: int
    kept: tuple[tuple[Leftover, str], ...]


def leftovers(directory: str | Path, *, older_than: float | None = None) -> tuple[Leftover, ...]:
    """List what can be deleted from a directory of runs; delete nothing.

    Parameters
    ----------
    directory
        The directory that holds the runs.
    older_than
        Include finished runs that were last written to more than this many days ago.

    Raises
    ------
    UsageError
        If the directory cannot be read, or the number of days is invalid.
    """
    if older_than is not None and not 0 <= older_than <= MOST_DAYS:
        raise UsageError(f"--older-than takes a number of days from 0 up to {MOST_DAYS:,}, found {older_than:g}")
    result = []
    for run in list_runs(directory):
        try:
            _check_cleanable(run.folder)
        except UsageError:
            continue
        why = _reason(run, older_than)
        files = _files_of_run(run.folder) if why else _half_written(run.folder)
        if files:
            size = sum(path.lstat().st_size for path in files)
            result.append(Leftover(run.folder, why or "half written", files, size, run))
    return tuple(result)


def clean(found: Sequence[Leftover]) -> Cleaned:
    """Delete leftovers; keep those that are in use by now or cannot be deleted."""
    deleted, kept, size = list[Leftover](), list[tuple[Leftover, str]](), 0
    for leftover in found:
        try:
            size += _delete(leftover)
            deleted.append(leftover)
        except (OfframpError, OSError) as error:
            reason = error.strerror or str(error) if isinstance(error, OSError) else str(error)
            kept.append((leftover, reason))
    return Cleaned(tuple(deleted), size, tuple(kept))


def _reason(run: RunState, older_than: float | None) -> Why | None:
    """Why a whole run can be deleted; None if it cannot."""
    if run.state in ("unfinished", "damaged"):
        return "unfinished" if run.state == "unfinished" else "damaged"
    if older_than is not None and datetime.now(UTC) - _last_written(run) > timedelta(days=older_than):
        return "old"
    return None


def _last_written(run: RunState) -> datetime:
    with suppress(ValueError, TypeError):
        at = datetime.fromisoformat(run.written or "")
        return at if at.tzinfo else at.replace(tzinfo=UTC)
    return datetime.fromtimestamp((run.folder / MANIFEST).stat().st_mtime, UTC)


def _check_cleanable(folder: Path) -> None:
    """Raise UsageError if a folder is not a run that can be cleaned, or it or its manifest is a link."""
    permitted(folder, "clean")
    if folder.is_symlink() or (folder / MANIFEST).is_symlink():
        raise UsageError("it is a link")


def _half_written(folder: Path) -> tuple[Path, ...]:
    return tuple(sorted(path for path in folder.glob(f".*{PARTIAL}") if path.is_file() or path.is_symlink()))


def _files_of_run(folder: Path) -> tuple[Path, ...]:
    """All files that a run wrote into its folder, in the order in which to delete them.

    The marker comes first and the manifest last, so that a process killed in between leaves an unfinished run.
    """
    named = [folder / name for name in RUN_FILES]
    chunk_files = sorted(path for path in folder.iterdir() if CHUNK_FILE.fullmatch(path.name))
    existing = [path for path in (*named, *chunk_files, folder / MANIFEST) if path.is_file() or path.is_symlink()]
    return (*_half_written(folder), *existing)


def _delete(leftover: Leftover) -> int:
    """Delete the files, and the folder if nothing else is in it; give the number of bytes deleted."""
    _check_cleanable(leftover.folder)
    whole_run = leftover.why != "half written"
    with locked(leftover.folder):
        size = 0
        for path in leftover.files:
            with suppress(FileNotFoundError):
                size += path.lstat().st_size
                path.unlink()
        if whole_run:
            (leftover.folder / LOCK).unlink(missing_ok=True)
    if whole_run:
        with suppress(OSError):
            leftover.folder.rmdir()
    return size
