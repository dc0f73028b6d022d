"""Result of verifying a run: what was compared, and the problems."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

SHOWN = 100
"""Maximum number of differing numbers listed; all numbers of a run may differ."""


@dataclass(frozen=True)
class Problem:
    """A problem: the file, and for a differing number its chunk, draw and column.

    `held`: the value in the file; `solved`: the value that the crisis gives.
    """

    file: str
    says: str
    chunk: int | None = None
    draw: int | None = None
    column: str | None = None
    held: float | str | None = None
    solved: float | str | None = None

    def __str__(self) -> str:
        return f"{self.file}: {self.says}"


@dataclass(frozen=True)
class Verified:
    """What was compared, and the problems.

    `files`: number of files compared with their SHA-256. `draws` of `asked` draws are present; `recomputed` of them
    were solved again, and `differing` numbers in them (sums included) are wrong; the first `SHOWN` are listed among the
    problems. `elsewhere`: what differs in processor and programs from those of the run; if anything does, numbers were
    compared within `TOLERANCE`. `largest`: the largest difference between a number in the run and the solved one.
    `remedy`: what to do about the problems, if there are any.
    """

    folder: Path | str
    files: int
    draws: int
    asked: int
    finished: bool
    recomputed: int
    differing: int
    elsewhere: tuple[str, ...]
    largest: float
    problems: tuple[Problem, ...]
    remedy: str = ""

    @property
    def sound(self) -> bool:
        """Whether there are no problems."""
        return not self.problems
