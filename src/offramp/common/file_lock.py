"""A lock that lets one process at a time change some files."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from offramp.common.errors import OfframpError, UsageError


@contextmanager
def held(lock_path: Path, patience: float, guards: Path, busy: str) -> Iterator[None]:
    """Hold a lock; the lock of a process that was killed is released.

    Parameters
    ----------
    lock_path
        The lock's file, which stays.
    patience
        How long to wait for another process, in seconds.
    guards
        The file or folder that the lock guards, for messages.
    busy
        The message if another process holds the lock for longer.

    Raises
    ------
    UsageError
        If another process holds it for longer than `patience`.
    OfframpError
        If the lock cannot be written, or is a link.
    """
    if lock_path.is_symlink():  # opening a lock empties it
        raise OfframpError(f"cannot write {lock_path}: it is a link; remove it")
    lock = FileLock(lock_path, timeout=patience)
    try:
        lock.acquire()
    except Timeout:
        raise UsageError(busy) from None
    except OSError as error:
        raise OfframpError(f"cannot write {guards}: {error.strerror or error}") from None
    try:
        yield
    finally:
        lock.release()
