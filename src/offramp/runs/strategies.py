"""Strategies of a run's draws: each draw's profile, if the run keeps them, in their own tables and read in part.

A table has one row per slot (an option of an information set) and draw, sorted by slot: a slot is read from a row group
or two of each table, and a draw from one table.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from offramp.common.errors import UsageError
from offramp.runs.sampling import CHUNK
from offramp.runs.store.database import connected
from offramp.runs.store.parquet import columns_of, sound
from offramp.runs.store.whole_files import for_duckdb

if TYPE_CHECKING:
    import duckdb
    import pandas as pd


Array = NDArray[np.float64]


def strategies_frame(strategies: Array, start: int) -> pd.DataFrame:
    """One row per slot and draw, sorted by slot: `slot` as in `moves_frame`, `draw`, `probability`.

    `strategies`: (slots, draws), for the draws from number `start`.
    """
    import pandas as pd

    slots, draws = strategies.shape
    return pd.DataFrame(
        {
            "slot": np.repeat(np.arange(slots, dtype=np.int32), draws),
            "draw": np.tile(np.arange(start, start + draws, dtype=np.int32), slots),
            "probability": strategies.ravel(),
        }
    )


def read_strategies(connection: duckdb.DuckDBPyConnection, path: Path, slots: range, draws: range) -> Array:
    """Read the probabilities of some slots in some draws from a table: (slots, draws).

    Raises
    ------
    ValueError
        If the table does not hold them.
    """
    rows = len(slots) * len(draws)
    query = (
        "SELECT slot, draw, probability FROM read_parquet(?, hive_partitioning=false)"
        f" WHERE slot BETWEEN ? AND ? AND draw BETWEEN ? AND ? LIMIT {rows + 1}"
    )
    bounds = [slots.start, slots.stop - 1, draws.start, draws.stop - 1]
    expected = {"slot": "INTEGER", "draw": "INTEGER", "probability": "DOUBLE"}
    if columns_of(connection, path, len(expected)) != expected:
        raise ValueError("it has other columns")
    with sound(connection):
        slot, draw, probability = connection.execute(query, [for_duckdb(path), *bounds]).fetchnumpy().values()
    if not np.array_equal(slot, np.repeat(slots, len(draws))) or not np.array_equal(draw, np.tile(draws, len(slots))):
        raise ValueError
    return np.asarray(probability, dtype=np.float64).reshape(len(slots), len(draws))


class Strategies:
    """The profiles of a run's draws, (slots, draws), read from disk only as needed.

    Indexing, axis by axis, gives arrays: `strategies[slot]` is a slot over all draws, `strategies[:, draw]` a draw's
    profile. NumPy's functions take it as the whole array. A draw that did not converge has the profile at which its
    solve ended.

    `checked`: gives the path of a file, once its SHA-256 is verified; `tables`: file names by chunk.
    """

    def __init__(self, checked: Callable[[str], Path], tables: Sequence[str], slots: int, draws: int) -> None:
        self.shape = slots, draws
        self._checked = checked
        self._tables = tables

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, key: Any) -> Array:
        keys = key if isinstance(key, tuple) else (key,)
        if len(keys) > 2:
            raise IndexError(f"strategies have two axes, slots and draws; found {len(keys)}")
        slots, draws = (np.arange(length)[key] for length, key in zip(self.shape, (*keys, slice(None)), strict=False))
        return self._read(np.ravel(slots), np.ravel(draws)).reshape((*slots.shape, *draws.shape))

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        return self[:] if dtype is None else self[:].astype(dtype)

    def _read(self, slots: NDArray[np.int64], draws: NDArray[np.int64]) -> Array:
        """Read some slots of some draws, (slots, draws), from the tables that hold them."""
        result = np.empty((len(slots), len(draws)))
        if not result.size:
            return result
        with connected() as connection:
            for chunk in np.unique(draws // CHUNK).tolist():
                in_chunk = draws // CHUNK == chunk
                path = self._checked(self._tables[chunk])
                slot_range, draw_range = _span(slots), _span(draws[in_chunk])
                try:
                    part = read_strategies(connection, path, slot_range, draw_range)
                except ValueError:
                    raise UsageError(f"{path} does not hold the strategies of this crisis") from None
                result[:, in_chunk] = part[np.ix_(slots - slot_range.start, draws[in_chunk] - draw_range.start)]
        return result


def _span(numbers: NDArray[np.int64]) -> range:
    """The smallest range that covers all numbers."""
    return range(int(numbers.min()), int(numbers.max()) + 1)
