"""How far a worker process is with a task: it writes the share that is done, and the server reads it."""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

EVERY = 0.2
"""Seconds between two writings."""


@dataclass(eq=False)
class Meter:
    """Counts the share that is done, in the process that does it; `file`: where it is written."""

    file: Path
    done: float = 0.0
    written: float = 0.0

    def __call__(self, share: float) -> None:
        """Add a share that was done since the last call."""
        self.done += share
        if (now := time.monotonic()) - self.written >= EVERY:
            self.written = now
            with suppress(OSError):  # the server has ended, or the call was cancelled
                self.file.write_text(f"{self.done:.6f}", encoding="ascii")

    def read(self) -> float:
        """The share that was written last, from 0 to 1, and never less than what was read before."""
        with suppress(OSError, ValueError):  # not written yet, or only in part
            self.done = min(1.0, max(self.done, float(self.file.read_text(encoding="ascii"))))
        return self.done
