"""Stopping early: a run ends when the standard error of every ending's probability is low enough.

That is asked after each whole chunk, of it and those before it, in the order of their numbers: where a run ends depends
on its draws alone, not on who solves them or which chunk is done first.

The error is the standard deviation over the converged draws divided by the root of their number, as for independent
draws. These are scrambled Sobol points, which lie more evenly; the mean's true error is as a rule smaller than that
(Owen 1997, *SIAM Journal on Numerical Analysis* 34), so that a run ends rather too late than too early.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from offramp.common.errors import UsageError
from offramp.crisis.model import Crisis
from offramp.runs.sampling import CHUNK
from offramp.runs.store.parquet import read_table

if TYPE_CHECKING:
    import duckdb

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Moments:
    """Of a chunk's converged draws their number, and for each ending the sum of its probability and of its square."""

    converged: int
    sums: tuple[float, ...]
    squares: tuple[float, ...]


def moments_of(endings: Sequence[Array], converged: NDArray[np.bool_]) -> Moments:
    """The moments of a chunk; `endings`: for each (draws,), `converged`: (draws,)."""
    rows = [row[converged] for row in endings]
    sums, squares = ([float(np.sum(row**power)) for row in rows] for power in (1, 2))
    return Moments(int(np.count_nonzero(converged)), tuple(sums), tuple(squares))


def read_moments(connection: duckdb.DuckDBPyConnection, table: Path, crisis: Crisis) -> Moments:
    """The moments of a chunk, from the table of its draws, the columns of which stand as in `Run.to_pandas`.

    Raises
    ------
    UsageError
        Where the table does not hold them.
    """
    places = range(1 + len(crisis.inputs), 1 + len(crisis.inputs) + len(crisis.endings))
    try:
        found = read_table(connection, table, CHUNK)
        rows = [found.iloc[:, place].to_numpy(dtype=np.float64) for place in places]
        return moments_of(rows, found["converged"].to_numpy(dtype=np.bool_))
    except (ValueError, LookupError):
        raise UsageError(f"{table} does not hold the draws of this crisis") from None


def check_until(until: float) -> None:
    """Raise UsageError where a standard error of a probability makes no sense."""
    if not 0.0 < until < 1.0:
        raise UsageError(f"the standard error to stop at lies between 0 and 1, found {until:g}")


@dataclass
class Watch:
    """Whether a run may stop, chunk after chunk from the first.

    `sizes`: the draws of each chunk; `read`: the moments of one that is there, or None while it is not.
    """

    until: float
    sizes: Sequence[int]
    read: Callable[[int], Moments | None]
    ahead: dict[int, Moments] = field(default_factory=dict)
    """What is known of chunks that a missing one comes before."""
    chunks: int = 0
    draws: int = 0
    converged: int = 0
    totals: list[list[float]] = field(default_factory=list)
    """For each ending the sum of its probability, and of its square, over the chunks so far."""

    def errors(self) -> list[float]:
        """For each ending the standard error of its mean over the chunks so far; infinite where it cannot be told."""
        if self.converged < 2:
            return [math.inf for _ in self.totals]
        means = [(total / self.converged, square / self.converged) for total, square in self.totals]
        return [math.sqrt(max(square - mean**2, 0.0) / (self.converged - 1)) for mean, square in means]

    def is_reached(self) -> bool:
        """Whether the chunks so far are enough."""
        return self.chunks > 0 and max(self.errors(), default=0.0) < self.until

    def look(self, number: int | None = None, moments: Moments | None = None) -> bool:
        """Whether the run may stop, now that a chunk is there as well."""
        if number is not None and moments is not None:
            self.ahead[number] = moments
        while not self.is_reached() and self.chunks < len(self.sizes):
            found = self.ahead.pop(self.chunks, None) or self.read(self.chunks)
            if found is None:
                return False
            self._add(found)
        return self.is_reached()

    def _add(self, moments: Moments) -> None:
        self.draws += self.sizes[self.chunks]
        self.chunks += 1
        self.converged += moments.converged
        if not self.totals:
            self.totals = [[0.0, 0.0] for _ in moments.sums]
        for total, one, square in zip(self.totals, moments.sums, moments.squares, strict=True):
            total[0] += one
            total[1] += square
