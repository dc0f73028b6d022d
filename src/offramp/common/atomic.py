"""Files written whole or not at all: in a file beside, which is on the disk before it takes the name."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PARTIAL = ".partial"
"""How the names of files end that are being written; they begin with a dot."""


@contextmanager
def whole_file(path: Path, mode: int = 0o644) -> Iterator[Path]:
    """A file beside the final one, its owner's alone, that takes its name once all is written and on the disk."""
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
    """Write a file, in the place of what has its name; OSError where that fails, what was there then being left.

    Once it returns the names of all files in the folder are on the disk too, where the system lets that be asked for.
    """
    with whole_file(path, mode) as partial:
        partial.write_bytes(content)
    if os.name == "posix":
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
