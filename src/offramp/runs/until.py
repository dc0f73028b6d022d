"""Stopping early (`--until`): a run ends when the standard error of every ending's probability is low enough.

The error is checked after each whole chunk, over the chunks up to it in the order of their numbers. So where a run ends
depends only on its draws, not on who solves them or which chunk is done first.

The error is the standard deviation over the converged draws divided by the root of their number, as for independent
draws. Scrambled Sobol points are spread more evenly, so the true error of the mean is usually smaller (Owen 1997, *SIAM
Journal on Numerical Analysis* 34), and a run ends too late rather than too early.
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
from offramp.runs.store.parquet import columns_of, read_some

if TYPE_CHECKING:
    import duckdb

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Moments:
    """Moments of a chunk's converged draws: their number, and by ending the sums of its probability and its square."""

    converged: int
    sums: tuple[float, ...]
    squares: tuple[float, ...]


def moments_of(endings: Sequence[Array], converged: NDArray[np.bool_]) -> Moments:
    """The moments of a chunk; `endings`: (draws,) each; `converged`: (draws,)."""
    rows = [row[converged] for row in endings]
    sums, squares = ([float(np.sum(row**power)) for row in rows] for power in (1, 2))
    return Moments(int(np.count_nonzero(converged)), tuple(sums), tuple(squares))


def read_moments(connection: duckdb.DuckDBPyConnection, table: Path, crisis: Crisis) -> Moments:
    """The moments of a chunk, from the table of its draws, whose columns are in the order of `Run.to_pandas`.

    Raises
    ------
    UsageError
        If the table does not hold them.
    """
    places = range(1 + len(crisis.inputs), 1 + len(crisis.inputs) + len(crisis.endings))
    try:
        columns = columns_of(connection, table)
        names = [list(columns)[place] for place in places]
        wanted = dict.fromkeys(names, "DOUBLE") | {"converged": "BOOLEAN"}
        frame = read_some(connection, table, CHUNK, columns, wanted)
        rows = [frame[name].to_numpy(dtype=np.float64) for name in names]
        return moments_of(rows, frame["converged"].to_numpy(dtype=np.bool_))
    except (ValueError, LookupError):
        raise UsageError(f"{table} does not hold the draws of this crisis") from None


def check_until(until: float) -> None:
    """Raise UsageError if this is not a possible standard error of a probability."""
    if not 0.0 < until < 1.0:
        raise UsageError(f"the standard error to stop at lies between 0 and 1, found {until:g}")


@dataclass
class Watch:
    """Decides whether a run may stop, chunk by chunk from the first.

    `sizes`: number of draws by chunk; `read`: gives a chunk's moments, or None while the chunk is missing.
    """

    until: float
    sizes: Sequence[int]
    read: Callable[[int], Moments | None]
    ahead: dict[int, Moments] = field(default_factory=dict)
    """Moments of chunks that follow a missing one."""
    chunks: int = 0
    draws: int = 0
    converged: int = 0
    totals: list[list[float]] = field(default_factory=list)
    """By ending, the sums of its probability and its square over the chunks so far."""

    def errors(self) -> list[float]:
        """By ending, the standard error of its mean over the chunks so far; infinite below two converged draws."""
        if self.converged < 2:
            return [math.inf for _ in self.totals]
        means = [(total / self.converged, square / self.converged) for total, square in self.totals]
        return [math.sqrt(max(square - mean**2, 0.0) / (self.converged - 1)) for mean, square in means]

    def is_reached(self) -> bool:
        """Whether the error is low enough over the chunks so far."""
        return self.chunks > 0 and max(self.errors(), default=0.0) < self.until

    def look(self, number: int | None = None, moments: Moments | None = None) -> bool:
        """Whether the run may stop, now that chunk `number`, if given, is done too."""
        if number is not None and moments is not None:
            self.ahead[number] = moments
        while not self.is_reached() and self.chunks < len(self.sizes):
            following = self.ahead.pop(self.chunks, None) or self.read(self.chunks)
            if following is None:
                return False
            self._add(following)
        return self.is_reached()

    def _add(self, moments: Moments) -> None:
        self.draws += self.sizes[self.chunks]
        self.chunks += 1
        self.converged += moments.converged
        if not self.totals:
            self.totals = [[0.0, 0.0] for _ in moments.sums]
        for total, added, square in zip(self.totals, moments.sums, moments.squares, strict=True):
            total[0] += added
            total[1] += square
