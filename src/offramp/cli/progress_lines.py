"""Progress of long work in lines, where standard error is no terminal: a log, a pipe, an editor."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from offramp.common.texts import tr

SECONDS = 10.0
"""Shorter work says nothing, and no two lines follow each other faster."""
STEP = 0.05
"""Share of the work between two lines, so that work of hours has no more than twenty."""


@dataclass
class ProgressLines:
    """Says now and then which share of the work is done; `total` is what `done` counts to, `clock` gives seconds.

    Examples
    --------
    >>> times = iter([0.0, 4.0, 12.0, 13.0, 30.0])
    >>> lines = ProgressLines("solving draws", 2048, print, clock=lambda: next(times))
    >>> for done in (100, 512, 600, 1024):
    ...     lines.reached(done)
    solving draws: 25% done
    solving draws: 50% done
    """

    label: str
    total: float
    say: Callable[[str], object]
    clock: Callable[[], float] = time.monotonic
    said_at: float = field(init=False)
    said: float = field(init=False, default=0.0)
    done: float = field(init=False, default=0.0)

    def __post_init__(self) -> None:
        self.said_at = self.clock()

    def advanced(self, more: float) -> None:
        """Say it if it is time, after so much more of the work."""
        self.reached(self.done + more)

    def reached(self, done: float) -> None:
        """Say it if it is time, with so much of the work done in all."""
        self.done = done
        share, now = done / self.total if self.total else 1.0, self.clock()
        if share < 1.0 and share >= self.said + STEP and now >= self.said_at + SECONDS:
            self.said, self.said_at = share, now
            self.say(tr("{work}: {share} done", work=self.label, share=f"{share:.0%}"))
