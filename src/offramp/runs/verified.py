"""What comes of verifying a run: what was compared, and what is not as it should be."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

SHOWN = 100
"""So many differing numbers are kept; there may be as many as the run has."""


@dataclass(frozen=True)
class Problem:
    """What is not as it should be: in which file, and where one number differs, of which chunk, draw and column.

    `held` is what the file has, `solved` what the crisis gives.
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
    """What has been compared, and what is not as it should be.

    `files` were compared with their SHA-256; `draws` of `asked` are there, `recomputed` of them were solved anew, in
    which `differing` numbers (also in sums) are not as they should be, the first `SHOWN` of them among the problems.
    `elsewhere`: what of the processor and the programs is not what the run was solved on, so that numbers were compared
    within `TOLERANCE`; `largest`: the largest difference of a number from what the run holds.
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

    @property
    def sound(self) -> bool:
        """Whether everything is as it should be."""
        return not self.problems
