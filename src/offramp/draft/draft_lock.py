"""The lock of a draft's folder: one process at a time changes what is there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from offramp.common.errors import OfframpError, UsageError

LOCK = ".crisis.draft.lock"
PATIENCE = 10.0
"""How long, in seconds, a change waits for another process's."""


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Hold the lock of a draft; the lock of a process that was killed is released.

    Raises
    ------
    UsageError
        If another process holds it for longer than `PATIENCE`.
    OfframpError
        If the folder cannot be written, or the lock is a link.
    """
    if (folder / LOCK).is_symlink():  # opening a lock empties it
        raise OfframpError(f"cannot write {folder / LOCK}: it is a link; remove it")
    lock = FileLock(folder / LOCK, timeout=PATIENCE)
    try:
        lock.acquire()
    except Timeout:
        raise UsageError(f"another process is changing {folder}; try again") from None
    except OSError as error:
        raise OfframpError(f"cannot write {folder}: {error.strerror or error}") from None
    try:
        yield
    finally:
        lock.release()
