"""The lock of a draft's folder: one process at a time changes what is there."""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path

from offramp.common.errors import UsageError
from offramp.common.file_lock import held

LOCK = ".crisis.draft.lock"
PATIENCE = 10.0
"""How long, in seconds, a change waits for another process's."""


def alone(folder: Path) -> AbstractContextManager[None]:
    """Hold the lock of a draft; the lock of a process that was killed is released.

    Raises
    ------
    UsageError
        If another process holds it for longer than `PATIENCE`.
    OfframpError
        If the folder cannot be written, or the lock is a link.
    """
    return held(folder / LOCK, PATIENCE, folder, f"another process is changing {folder}; try again")


def overtaken(folder: Path) -> UsageError:
    """The error for an answer to a question that another process has had answered meanwhile."""
    return UsageError(f"another process went on with {folder} meanwhile, so this answer was not taken")
