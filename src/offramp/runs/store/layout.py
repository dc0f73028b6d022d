"""The layout of a run's folder: which file is called what, how far the run is, and its log.

`manifest.json` and `crisis.yaml` stand there from the beginning. Each chunk is two tables, `chunk-00000.parquet` with
its draws and `situations-00000.parquet` with its sums by information set, a third where the run keeps strategies,
`strategies-00000.parquet`, and `chunk-00000.sha256`, its seal, which is written once all are on the disk: a chunk
without a seal is not done. `finished.json`, written last, says what came of
the run and seals every other file that it promises. `log.jsonl` alone knows of time; `.lock` is held by who writes.
"""

from __future__ import annotations

import datetime
import hashlib
import json
import os
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
from offramp.runs.store.manifest import read_manifest
from offramp.runs.store.whole_files import sha256_of

MANIFEST, CRISIS, FINISHED, REPORT = "manifest.json", "crisis.yaml", "finished.json", "report.html"
MOVES, LOG, LOCK = "moves.parquet", "log.jsonl", ".lock"
SEAL = ".sha256"
MOST_SEAL, MOST_LOG, MOST_MARKER = 10_000, 20_000_000, 200_000_000
"""The largest that are read, in bytes."""
TABLES = ("chunk", "situations", "strategies")
"""What the names of a chunk's tables begin with; the last is there only where a run keeps it."""


class Progress(NamedTuple):
    """How far a run is: `done` of `asked` draws are in whole chunks."""

    done: int
    asked: int
    finished: bool


def tables_of(run: Mapping[str, Any], number: int) -> tuple[str, ...]:
    """The names of a chunk's tables: of its draws, of its sums by information set, and of what the run keeps besides.

    `run` says what it keeps as its manifest does.
    """
    return tuple(f"{name}-{number:05}.parquet" for name in TABLES if name != "strategies" or run.get("keep") == name)


def seal_of(number: int) -> str:
    """The name of a chunk's seal: the SHA-256 of its tables, in the form that `sha256sum -c` reads."""
    return f"chunk-{number:05}{SEAL}"


def seal(folder: Path, run: Mapping[str, Any], number: int) -> dict[str, str]:
    """Write a chunk's seal from its tables as they stand, and give by table its SHA-256; `run` as in `tables_of`."""
    sums = {name: sha256_of(folder / name) for name in tables_of(run, number)}
    lines = [f"{digest}  {name}\n" for name, digest in sums.items()]
    write_whole(folder / seal_of(number), "".join(lines).encode("ascii"))
    return sums


def read_seal(folder: Path, run: Mapping[str, Any], number: int) -> dict[str, str] | None:
    """By table the SHA-256 that a chunk's seal says; None where there is no seal, or it is broken, or of other tables
    than the run has.
    """
    try:
        lines = read_bounded(folder / seal_of(number), MOST_SEAL).decode("ascii").splitlines()
    except (OSError, ValueError):
        return None
    said = {name: digest for digest, _, name in (line.partition("  ") for line in lines)}
    return said if tuple(said) == tables_of(run, number) else None


def progress_of(folder: str | Path) -> Progress:
    """How far a run is, by its manifest and the names of its files alone.

    Raises
    ------
    UsageError
        Where there is no run.
    """
    folder = Path(folder)
    return progress_in(read_manifest(folder), os.listdir(folder))


def progress_in(manifest: Mapping[str, Any], names: Iterable[str]) -> Progress:
    """How far a run is whose folder has files of these names."""
    there, sizes = set(names), chunk_sizes(manifest["draws"])
    done = sum(size for number, size in enumerate(sizes) if seal_of(number) in there)
    return Progress(done, manifest["draws"], FINISHED in there)


def as_marker(said: Mapping[str, Any]) -> bytes:
    """What came of a run as it stands in its file: last the SHA-256 of all else, so that a bit that turns shows."""
    digest = hashlib.sha256(json.dumps(said, indent=2, ensure_ascii=False).encode("utf-8")).hexdigest()
    return (json.dumps({**said, "seal": digest}, indent=2, ensure_ascii=False) + "\n").encode("utf-8")


def read_finished(folder: Path) -> dict[str, Any] | None:
    """What came of a run, or None while it is not finished.

    Raises
    ------
    UsageError
        Where the file is not what a run writes.
    """
    path = folder / FINISHED
    if not path.is_file():
        return None
    try:
        content = read_bounded(path, MOST_MARKER)
        said: dict[str, Any] = json_of(content)
        if not isinstance(said, dict) or said.pop("seal", None) is None or as_marker(said) != content:
            raise ValueError("it is not sealed")
        checked(MarkerShape, said)
    except (OSError, ValueError):
        raise UsageError(f"{path} is damaged; {to_go_on(folder)} makes it anew") from None
    return said


def to_go_on(folder: Path | str) -> str:
    """The command by which a run goes on."""
    return f"`offramp run {shlex.quote(str(folder))}`"


def log(folder: Path, event: str, done: int, seconds: float) -> None:
    """Add a line to the log: what happened when, how many draws were done, and the seconds since the last line."""
    at = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    line = json.dumps({"at": at, "event": event, "draws": done, "seconds": round(seconds, 3)})
    path = folder / LOG
    torn = path.is_file() and _last_byte(path) != b"\n"
    with path.open("a", encoding="utf-8", newline="\n") as file:
        file.write(("\n" if torn else "") + line + "\n")


def _last_byte(path: Path) -> bytes:
    """The last byte of a file, if it has any."""
    with open_regular(path) as file:
        file.seek(max(0, path.stat().st_size - 1))
        return file.read(1)


def read_log(folder: Path) -> list[Mapping[str, Any]]:
    """The lines of the log; what is none, as when a process was killed in writing it, is left out."""
    found: list[Mapping[str, Any]] = []
    try:
        lines = read_bounded(folder / LOG, MOST_LOG).splitlines()
    except OSError:
        return []
    for line in lines:
        with suppress(ValueError):
            found.append(checked(LineShape, json_of(line)).model_dump())
    return found


def seconds_of(folder: Path) -> float:
    """How long a run has taken, as far as its log knows."""
    return sum(float(entry["seconds"]) for entry in read_log(folder))


@contextmanager
def locked(folder: Path, patience: float = 1.0) -> Iterator[None]:
    """Be the only process that writes to a run; a killed process holds nothing.

    Raises UsageError where another one does for longer than `patience`, in seconds, OfframpError where the folder
    cannot be written.
    """
    lock = FileLock(folder / LOCK, timeout=patience)
    try:
        lock.acquire()
    except Timeout:
        raise UsageError(f"{folder} is in use: another process is writing this run") from None
    except OSError as error:
        raise OfframpError(f"cannot write {folder}: {error.strerror or error}") from None
    try:
        yield
    finally:
        lock.release()


def is_running(folder: Path) -> bool:
    """Whether a process is writing to a run."""
    lock = FileLock(folder / LOCK, blocking=False)
    if not (folder / LOCK).exists():
        return False
    try:
        with lock:
            return False
    except Timeout:
        return True
    except OSError:
        return False
