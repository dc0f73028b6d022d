"""Layout of a run's folder: file names, progress, and the log.

`manifest.json` and `crisis.yaml` are written first. Each chunk has two tables: `chunk-00000.parquet`, its draws, and
`situations-00000.parquet`, its sums by information set; and a third, `strategies-00000.parquet`, if the run keeps
strategies. Its seal, `chunk-00000.sha256`, is written once they are all on the disk: a chunk without a seal is not
done. `finished.json`, the marker, is written last; it holds the results of the run and the SHA-256 of all other files.
Only `log.jsonl` contains times. The process that writes the run holds `.lock`.
"""

from __future__ import annotations

import datetime
import hashlib
import json
import os
import re
import shlex
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple

from filelock import FileLock, Timeout

from offramp.common.atomic import write_whole
from offramp.common.bounded import json_of, open_regular, read_bounded
from offramp.common.errors import OfframpError, UsageError
from offramp.runs.sampling import chunk_sizes
from offramp.runs.store.json_shapes import LineShape, MarkerShape, checked
from offramp.runs.store.life import STATES
from offramp.runs.store.whole_files import reason_of, sha256_of

MANIFEST, CRISIS, FINISHED, REPORT = "manifest.json", "crisis.yaml", "finished.json", "report.html"
MOVES, LOG, LOCK = "moves.parquet", "log.jsonl", ".lock"
SEAL = ".sha256"
MAX_SEAL_BYTES, MAX_LOG_BYTES, MAX_MARKER_BYTES = 10_000, 20_000_000, 200_000_000
"""Larger files are not read."""
TABLES = ("chunk", "situations", "strategies")
"""First part of the names of a chunk's tables; a run has the last only if it keeps strategies."""


_NEEDS = re.compile(r"needs (\d{1,12}) draws")
_NO_NUMBER = "no number of draws is enough"

CHUNK_FILE = re.compile(rf"({'|'.join(TABLES)})-\d{{5,}}\.(parquet|sha256)")
"""Names of the tables of chunks, and of their seals."""


class Progress(NamedTuple):
    """Progress of a run: `done` of `asked` draws are in whole chunks."""

    done: int
    asked: int
    finished: bool


def tables_of(run: Mapping[str, Any], number: int) -> tuple[str, ...]:
    """Names of a chunk's tables: its draws, its sums by information set, and what the run keeps in addition.

    `run`: the manifest, or anything else with its `keep`.
    """
    return tuple(f"{name}-{number:05}.parquet" for name in TABLES if name != "strategies" or run.get("keep") == name)


def seal_of(number: int) -> str:
    """Name of a chunk's seal, which holds the SHA-256 of its tables in the form that `sha256sum -c` reads."""
    return f"chunk-{number:05}{SEAL}"


def seal(folder: Path, run: Mapping[str, Any], number: int) -> dict[str, str]:
    """Write a chunk's seal from its tables; give the SHA-256 by table. `run` as in `tables_of`."""
    sums = {name: sha256_of(folder / name) for name in tables_of(run, number)}
    lines = [f"{digest}  {name}\n" for name, digest in sums.items()]
    write_whole(folder / seal_of(number), "".join(lines).encode("ascii"))
    return sums


def read_seal(folder: Path, run: Mapping[str, Any], number: int) -> dict[str, str] | None:
    """The SHA-256 by table from a chunk's seal; None if the seal is missing, broken, or for other tables."""
    try:
        lines = read_bounded(folder / seal_of(number), MAX_SEAL_BYTES).decode("ascii").splitlines()
    except (OSError, ValueError):
        return None
    digests = {name: digest for digest, _, name in (line.partition("  ") for line in lines)}
    return digests if tuple(digests) == tables_of(run, number) else None


def progress_in(manifest: Mapping[str, Any], names: Iterable[str]) -> Progress:
    """Progress of a run whose folder has files of these names."""
    present, sizes = set(names), chunk_sizes(manifest["draws"])
    done = sum(size for number, size in enumerate(sizes) if seal_of(number) in present)
    return Progress(done, manifest["draws"], FINISHED in present)


def as_marker(results: Mapping[str, Any]) -> bytes:
    """The marker's content: the results of a run, then their SHA-256, so that a flipped bit is detected."""
    digest = hashlib.sha256(json.dumps(results, indent=2, ensure_ascii=False).encode("utf-8")).hexdigest()
    return (json.dumps({**results, "seal": digest}, indent=2, ensure_ascii=False) + "\n").encode("utf-8")


def read_finished(folder: Path) -> dict[str, Any] | None:
    """The results of a run from its marker; None if it is not finished.

    Raises
    ------
    UsageError
        If the file is damaged.
    """
    path = folder / FINISHED
    if path.is_dir():
        raise UsageError(f"{path} is a folder, where a file belongs")
    if not path.is_file():
        return None
    try:
        content = read_bounded(path, MAX_MARKER_BYTES)
        results: dict[str, Any] = json_of(content)
        if not isinstance(results, dict) or results.pop("seal", None) is None or as_marker(results) != content:
            raise ValueError("it is not sealed")
        checked(MarkerShape, results)
    except (OSError, ValueError):
        raise UsageError(f"{path} is damaged; {resume_command(folder)} restores it") from None
    return results


def folders_in_place(folder: Path) -> list[str]:
    """The names of folders that are where a run's files belong, without those files that a run can do without."""
    needed = (MANIFEST, CRISIS, FINISHED, MOVES)
    with os.scandir(folder) as entries:
        names = [entry.name for entry in entries if entry.is_dir()]
    return sorted(name for name in names if name in needed or CHUNK_FILE.fullmatch(name))


def resume_command(folder: Path | str) -> str:
    """The command that resumes a run, for messages."""
    return f"`offramp run {shlex.quote(str(folder))}`"


def by_crisis(folder: Path | str) -> str:
    """How a run gets back a crisis file that is not its own, for messages."""
    return f"`offramp run FILE --out {shlex.quote(str(folder))}` restores it if FILE is that crisis"


def why_not_run(crisis: Path) -> str:
    """What is wrong with a run's crisis file that does not have the SHA-256 of the crisis that was run."""
    return "is not the crisis that was run" if crisis.is_file() else "is missing"


def log(folder: Path, event: str, done: int, seconds: float) -> None:
    """Add a line to the log: the time, the event, the draws done, and the seconds since the last line."""
    at = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    line = json.dumps({"at": at, "event": event, "draws": done, "seconds": round(seconds, 3)})
    path = folder / LOG
    if path.is_symlink() or (path.exists() and not path.is_file() and not path.is_dir()):
        path.unlink()  # nothing outside the folder is written, and no pipe or device blocks
    torn = path.is_file() and _last_byte(path) != b"\n"
    with path.open("a", encoding="utf-8", newline="\n") as file:
        file.write(("\n" if torn else "") + line + "\n")


def _last_byte(path: Path) -> bytes:
    """The last byte of a file; empty for an empty file."""
    with open_regular(path) as file:
        file.seek(max(0, path.stat().st_size - 1))
        return file.read(1)


def read_log(folder: Path) -> list[Mapping[str, Any]]:
    """The entries of the log; invalid lines are skipped, such as one cut off when a process was killed."""
    entries: list[Mapping[str, Any]] = []
    try:
        lines = read_bounded(folder / LOG, MAX_LOG_BYTES).splitlines()
    except OSError:
        return []
    for line in lines:
        with suppress(ValueError):
            entries.append(checked(LineShape, json_of(line)).model_dump())
    return entries


def as_event(needed: int | None) -> str:
    """The event that a run stopped because its draws explain too little of what is known, and `needed` are enough."""
    return f"needs {needed} draws" if needed else _NO_NUMBER


def draws_needed(folder: Path) -> int | None:
    """The number of draws that is enough, if the run stopped for that reason; 0 if it did not, None if none is."""
    lines = read_log(folder)
    event = str(lines[-1]["event"]) if lines else ""
    needed = _NEEDS.fullmatch(event)
    return None if event == _NO_NUMBER else int(needed[1]) if needed else 0


def seconds_of(folder: Path) -> float:
    """How long a run has taken, according to its log."""
    return sum(float(entry["seconds"]) for entry in read_log(folder))


@contextmanager
def locked(folder: Path, patience: float = 1.0) -> Iterator[None]:
    """Hold the lock of a run, so that no other process writes to it; the lock of a killed process is released.

    Raises UsageError if another process holds it for longer than `patience` seconds, OfframpError if the folder cannot
    be written.
    """
    if (folder / LOCK).is_symlink():  # an older library of locks empties the file that a link leads to
        raise OfframpError(f"cannot write {folder}: {LOCK} is a link, where a file belongs: remove it")
    lock = FileLock(folder / LOCK, timeout=patience)
    try:
        lock.acquire()
    except Timeout:
        STATES["running"].check("resume", folder)
    except OSError as error:
        raise OfframpError(f"cannot write {folder}: {reason_of(error)}") from None
    try:
        yield
    finally:
        lock.release()


def is_running(folder: Path) -> bool:
    """Whether a process is writing to a run."""
    if (folder / LOCK).is_symlink() or not (folder / LOCK).exists():
        return False
    lock = FileLock(folder / LOCK, blocking=False)
    try:
        with lock:
            return False
    except Timeout:
        return True
    except OSError:
        return False
