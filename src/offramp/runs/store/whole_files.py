"""Files and folders written whole or not at all, and over nothing that exists."""

from __future__ import annotations

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

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import pandas as pd


MOST_BYTES = 2**32
"""A larger file is none of a run: a table has the numbers of at most 1,024 draws."""


def run_name(crisis_path: str) -> str:
    """What the folders of a crisis's runs are called, but for their numbers."""
    path = Path(crisis_path).resolve()
    name = path.parent.name if path.stem == "crisis" else path.stem
    return printable(name).replace("\\", "_")  # a backslash writes a control character out


def free_folder(crisis_path: str) -> Path:
    """`runs/NAME-N` with the first N that is free; NAME is that of the crisis."""
    number = 1
    while (folder := Path("runs") / f"{run_name(crisis_path)}-{number}").exists():
        number += 1
    return folder


def check_free(folder: Path, option: str = "--out") -> None:
    """Raise UsageError where nothing can be written to `folder`; nothing that exists is overwritten."""
    blocking = next((parent for parent in folder.parents if parent.exists() and not parent.is_dir()), None)
    if blocking is not None:
        raise UsageError(f"cannot write {folder}: {blocking} is a file, not a folder")
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError(f"{folder} exists already; nothing is overwritten: choose another {option}, or remove it")


def for_duckdb(path: Path) -> str:
    """A path as DuckDB takes it, which looks for patterns in what it reads.

    Raises
    ------
    UsageError
        Where it is not in UTF-8.
    """
    if re.search("[\ud800-\udfff]", str(path)):
        raise UsageError(f"{path} is not written in UTF-8, as the path of a run must be; choose another name")
    return re.sub(r"([*?\[])", r"[\1]", str(path))


def write_parquet(
    frame: pd.DataFrame, path: Path, facts: Mapping[str, str] | None = None, *, compression: str = "snappy"
) -> None:
    """Write a table as Parquet, on one thread, so that the same table gives the same bytes.

    `facts` are put into its metadata. Raises `duckdb.Error` where it cannot be written.
    """
    import duckdb

    stated = ", ".join(f"{name}: '{_escaped(value)}'" for name, value in (facts or {}).items())
    metadata = f", KV_METADATA {{{stated}}}" if stated else ""
    with duckdb.connect(config={"threads": 1}) as connection:
        connection.register("frame", frame)
        options = f"FORMAT parquet, COMPRESSION {compression}, USE_TMP_FILE false{metadata}"
        connection.execute(f"COPY frame TO '{_escaped(str(path))}' ({options})")


def _escaped(text: str) -> str:
    return text.replace("'", "''")


def sweep(folder: Path) -> None:
    """Remove what was being written when a process was killed."""
    for path in folder.glob(f".*{PARTIAL}"):
        path.unlink(missing_ok=True)


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file of a run; OSError where it is no regular file, or too large for one."""
    return sha256_bounded(path, MOST_BYTES)


@contextmanager
def clear_errors(folder: Path, kept: str | None = None) -> Iterator[None]:
    """Turn what goes wrong in writing to a folder into OfframpError.

    `kept`: what that leaves, in words, where the folder has been there already.
    """
    import duckdb

    try:
        yield
    except (OSError, duckdb.IOException) as error:
        reason = _reason(error)
        if kept is not None and not folder.is_dir():
            reason, kept = "the folder is gone", ""
        raise OfframpError(f"cannot write {folder}: {reason}{kept or ''}") from None


def _reason(error: Exception) -> str:
    """Why the system could not write, in its words; DuckDB has them, or their number, in a longer message."""
    if isinstance(error, OSError):
        return error.strerror or str(error)
    number = re.search(r'"errno":"(\d+)"', str(error))
    return os.strerror(int(number[1])) if number else str(error).splitlines()[0].rpartition(": ")[2]


@contextmanager
def whole_folder(folder: Path) -> Iterator[Path]:
    """A folder beside the final one that takes its name once all is written; OfframpError where that fails."""
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
