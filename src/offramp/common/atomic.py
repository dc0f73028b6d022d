"""Atomic file writes: write to a temporary file in the same folder, flush it to disk, then rename it."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PARTIAL = ".partial"
"""Suffix of files still being written; their names start with a dot."""


@contextmanager
def whole_file(path: Path, mode: int = 0o644) -> Iterator[Path]:
    """Yield a temporary file, readable by its owner only; flush it to disk and rename it to `path` at the end."""
    partial = path.with_name(f".{path.name[:100]}-{secrets.token_hex(4)}{PARTIAL}")
    try:
        partial.touch(mode=0o600, exist_ok=False)
        yield partial
        with partial.open("rb+") as file:
            os.fsync(file.fileno())
        partial.chmod(mode)
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)


def write_whole(path: Path, content: bytes, mode: int = 0o644) -> None:
    """Write a file atomically, replacing any file of that name; on OSError the old file is unchanged.

    On POSIX systems the folder is flushed to disk too, so that the new name survives a crash.
    """
    with whole_file(path, mode) as partial:
        partial.write_bytes(content)
    if os.name == "posix":
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
