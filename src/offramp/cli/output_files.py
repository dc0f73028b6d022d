"""Write the output files of a command: whole or not at all, without overwriting anything."""

from __future__ import annotations

import os
from pathlib import Path

from offramp.cli.frame import note_written
from offramp.common import atomic
from offramp.common.errors import OfframpError, UsageError
from offramp.common.texts import trn


def check_free(target: Path, option: str) -> None:
    """Raise UsageError if the file exists already, or cannot be created."""
    blocking = next((parent for parent in target.parents if parent.exists() and not parent.is_dir()), None)
    if blocking is not None:
        raise UsageError(f"cannot write {target}: {blocking} is a file, not a folder")
    if os.path.lexists(target):
        raise UsageError(f"{target} exists already; nothing is overwritten: choose another {option}, or remove it")


def write_whole(target: Path, content: bytes) -> None:
    """Write a file, creating its folders; raise OfframpError if that fails, leaving nothing behind."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        atomic.write_whole(target, content)
    except OSError as error:
        raise OfframpError(f"cannot write {target}: {error.strerror or error}") from None
    note_written(target)


def size_in_words(size: int) -> str:
    """A file's size in words."""
    if size < 10_000:
        return trn("{count} byte", "{count} bytes", size)
    return f"{size / 1e3:.0f} kB" if size < 1e6 else f"{size / 1e6:.1f} MB"
