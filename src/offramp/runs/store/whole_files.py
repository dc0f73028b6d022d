"""Write files and folders whole or not at all, without overwriting anything."""

from __future__ import annotations

import errno
import os
import re
import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from offramp.common.atomic import PARTIAL
from offramp.common.bounded import sha256_bounded
from offramp.common.errors import OfframpError, UsageError
from offramp.common.printable import printable
from offramp.runs.store.database import connected, interrupts_after

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import pandas as pd


MAX_FILE_BYTES = 2**32
"""A larger file is not a run's: a table has the numbers of at most 1,024 draws."""


def run_name(crisis_path: str) -> str:
    """The name of the folders of a crisis's runs, without their numbers."""
    path = Path(crisis_path).resolve()
    name = path.parent.name if path.stem == "crisis" else path.stem
    return printable(name).replace("\\", "_")  # `printable` writes control characters with a backslash


def free_folder(crisis_path: str) -> Path:
    """`runs/NAME-N`, with the crisis's NAME and the first N that is free."""
    number = 1
    while (folder := Path("runs") / f"{run_name(crisis_path)}-{number}").exists():
        number += 1
    return folder


def check_free(folder: Path, option: str = "--out") -> None:
    """Raise UsageError if `folder` exists and is not empty, or cannot be created: nothing is overwritten."""
    blocking = next((parent for parent in folder.parents if parent.exists() and not parent.is_dir()), None)
    if blocking is not None:
        raise UsageError(f"cannot write {folder}: {blocking} is a file, not a folder")
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError(f"{folder} exists already; nothing is overwritten: choose another {option}, or remove it")


def for_duckdb(path: Path) -> str:
    """A path for DuckDB, escaped, because DuckDB expands patterns in paths.

    Raises
    ------
    UsageError
        If the path is not UTF-8.
    """
    if re.search("[\ud800-\udfff]", str(path)):
        raise UsageError(f"the path {path} is not UTF-8, as the path of a run must be; choose another name")
    return re.sub(r"([*?\[])", r"[\1]", str(path))


def write_parquet(
    frame: pd.DataFrame, path: Path, facts: Mapping[str, str] | None = None, *, compression: str = "snappy"
) -> None:
    """Write a table as Parquet, on one thread, so that the same table gives the same bytes.

    `facts` become its metadata. Raises `duckdb.Error` if it cannot be written.
    """
    pairs = ", ".join(f"{name}: '{_escaped(value)}'" for name, value in (facts or {}).items())
    metadata = f", KV_METADATA {{{pairs}}}" if pairs else ""
    with connected(writes=True) as connection, interrupts_after(connection.interrupt):
        connection.register("frame", frame)
        options = f"FORMAT parquet, COMPRESSION {compression}, USE_TMP_FILE false{metadata}"
        connection.execute(f"COPY frame TO '{_escaped(str(path))}' ({options})")


def _escaped(text: str) -> str:
    return text.replace("'", "''")


def sweep(folder: Path) -> None:
    """Delete the partial files that a killed process has left."""
    for path in folder.glob(f".*{PARTIAL}"):
        path.unlink(missing_ok=True)


def sha256_of(path: Path) -> str:
    """The SHA-256 of a run's file; OSError if it is not a regular file, or too large."""
    return sha256_bounded(path, MAX_FILE_BYTES)


@contextmanager
def clear_errors(folder: Path, kept: str | None = None) -> Iterator[None]:
    """Turn errors in writing to a folder into OfframpError.

    `kept`: end of the message, on what is kept, if the folder existed before.
    """
    import duckdb

    try:
        yield
    except (OSError, duckdb.IOException) as error:
        reason = reason_of(error)
        if kept is not None and not folder.is_dir():
            reason, kept = "the folder is gone", ""
        raise OfframpError(f"cannot write {folder}: {reason}{kept or ''}") from None


def reason_of(error: Exception) -> str:
    """The system's reason for a failed write; DuckDB has it, or its number, in a longer message.

    A folder or a link in place of a file is named, because nothing that Offramp writes takes its place.
    """
    if isinstance(error, OSError):
        places = [Path(name) for name in (error.filename2, error.filename) if isinstance(name, str | Path)]
        if error.errno in (errno.EISDIR, errno.EPERM) and (taken := next(filter(Path.is_dir, places), None)):
            return f"{taken.name} is a folder, where a file belongs: remove it"
        if error.errno == errno.ELOOP and places:
            return f"{places[-1].name} is a link, where a file belongs: remove it"
        return error.strerror or str(error)
    number = re.search(r'"errno":"(\d+)"', str(error))
    return os.strerror(int(number[1])) if number else str(error).splitlines()[0].rpartition(": ")[2]


@contextmanager
def whole_folder(folder: Path) -> Iterator[Path]:
    """A temporary folder beside the final one, renamed to it once all is written; OfframpError if that fails."""
    partial: Path | None = None
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        partial = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
        partial.chmod(0o755)
        yield partial
        if folder.exists():
            folder.rmdir()
        os.replace(partial, folder)
    except OSError as error:
        raise OfframpError(f"cannot write {folder}: {error.strerror or error}") from None
    finally:
        if partial is not None:
            shutil.rmtree(partial, ignore_errors=True)
