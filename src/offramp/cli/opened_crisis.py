"""The crisis that a command is asked about: that of a file, or of a run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from offramp.common.errors import UsageError
from offramp.common.words import listed, quoted

if TYPE_CHECKING:
    from offramp.crisis.model import Crisis
    from offramp.gambit.tree import Tree


def opened_crisis(place: Path | str) -> Crisis | Tree:
    """The crisis or game of a file; of a run, a folder or URL, its crisis with its levers."""
    return with_seed(place)[0]


def with_seed(place: Path | str) -> tuple[Crisis | Tree, int]:
    """The same, and the run's seed; 1 for a file."""
    if is_run(place):
        from offramp.runs.opened import open_run

        run = open_run(place)
        return run.crisis, run.seed
    from offramp.gambit.opening import read

    return read(place), 1


def is_run(place: Path | str) -> bool:
    """Whether a place is that of a run, a folder or URL, and not a file."""
    return isinstance(place, str) or place.is_dir()


def with_levers(crisis: Crisis | Tree, levers: tuple[str, ...]) -> Crisis | Tree:
    """A crisis with levers pulled on top of those that it has pulled as a run; UsageError for one of the latter."""
    from offramp.crisis.model import Crisis

    if isinstance(crisis, Crisis) and (again := [name for name in levers if name in crisis.pulled]):
        raise UsageError(f"the run has pulled {listed(map(quoted, again))} already: leave out `--lever {again[0]}`")
    return crisis.with_levers(*levers)
