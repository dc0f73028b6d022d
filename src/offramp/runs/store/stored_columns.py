"""The columns of a run's chunks, read when they are asked for, so that a run may be larger than memory.

DuckDB reads them from all chunks, in the order of the draws. Whoever walks over columns one by one gets them from pages
of columns that stand side by side, of which those used last are kept; of a small run everything is read once.
"""

from __future__ import annotations

import tempfile
import weakref
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from io import BytesIO
from pathlib import Path
from typing import Any, NamedTuple, Protocol, overload

import numpy as np
from numpy.typing import NDArray

from offramp.common.errors import UsageError
from offramp.equilibrium.branch.traced import STATUSES
from offramp.runs.draw_results import TableColumns
from offramp.runs.sampling import CHUNK
from offramp.runs.store.database import connected
from offramp.runs.store.parquet import COLUMNS_AT_ONCE, columns_of, quoted, sound
from offramp.runs.store.whole_files import clear_errors, for_duckdb

Array = NDArray[np.float64]

PAGE_BYTES, KEPT_BYTES = 64_000_000, 128_000_000
"""What a page of columns may take in memory, and all that are kept."""
ROUNDING = 1e-6
"""A probability may lie so far beyond 0 or 1."""
DRAW = 0
"""The column of the draw's number."""


class Course(NamedTuple):
    """What every reader of a run needs: `endings`, (endings, draws), and how each draw's solve went, (draws,)."""

    endings: Array
    residual: Array
    sweeps: NDArray[np.int64]
    status: NDArray[np.int8]


class Columns:
    """The tables of a run's draws, by their names, a chunk each.

    `checked` gives the path of a file once it is known to be sound; it is asked again at every reading, as a file may
    have changed since the run was opened.
    """

    def __init__(
        self, checked: Callable[[str], Path], tables: Sequence[str], columns: TableColumns, draws: int
    ) -> None:
        self.draws = draws
        self._checked = checked
        self._layout = columns
        self._tables = tables
        self._page = max(1, PAGE_BYTES // (8 * draws))
        self._kept: OrderedDict[int, list[Array]] = OrderedDict()

    def column(self, place: int) -> Array:
        """The numbers of one column: (draws,), which are not to be changed."""
        page, within = divmod(place, self._page)
        found = self._kept.pop(page, None)
        if found is None:
            first = page * self._page
            found = self._numbers(range(first, min(first + self._page, self._layout.count)), 0, self.draws)
        self._kept[page] = found
        while len(self._kept) > max(1, KEPT_BYTES // PAGE_BYTES):
            self._kept.popitem(last=False)
        return found[within]

    def several(self, places: Sequence[int]) -> Iterator[Array]:
        """The numbers of some columns, which may lie anywhere: for each (draws,), as many at a time as a page holds."""
        if self._page >= self._layout.count:
            yield from map(self.column, places)
            return
        for first in range(0, len(places), self._page):
            yield from self._numbers(places[first : first + self._page], 0, self.draws)

    def between(self, places: Sequence[int], first: int, end: int) -> list[Array]:
        """The numbers of some columns in the draws `first` to `end`: for each (draws,); no other chunks are read."""
        return self._numbers(places, first, min(end, self.draws))

    def course(self) -> Course:
        """The endings and how each solve went, after a look at whether the draws are those of this run.

        Raises
        ------
        UsageError
            Where a table does not hold them.
        """
        results = self._layout.results
        (residual_at,), (sweeps_at,), (status_at,) = (results[name] for name in ("residual", "sweeps", "status"))
        numbers = ", ".join(f"'{name}'" for name in STATUSES)
        status = f"(list_position([{numbers}], {{}}) - 1)::TINYINT"
        picked = [*results["endings"], residual_at, DRAW, sweeps_at, status_at]
        *endings, residual, draw, sweeps, statuses = self._read(picked, 0, self.draws, {status_at: status})
        if not np.array_equal(draw, np.arange(self.draws)) or np.ma.is_masked(statuses) or np.ma.is_masked(sweeps):
            raise self._foreign()
        shares = np.array([_numbers(row) for row in endings]).reshape(len(results["endings"]), self.draws)
        solved = shares[:, np.asarray(statuses) != STATUSES.index("unconverged")]
        if not _is_within(solved, 0.0, 1.0) or not _is_within(solved.sum(axis=0), 0.0, 1.0):
            raise self._foreign()
        return Course(
            shares,
            _numbers(residual),
            np.asarray(sweeps, dtype=np.int64),
            np.asarray(statuses, dtype=np.int8),
        )

    def _numbers(self, places: Sequence[int], first: int, end: int) -> list[Array]:
        """Columns as numbers; of those that hold something else, which `course` reads, nothing."""
        others = {self._layout.results["status"][0]: "NULL::DOUBLE"}
        found = [_numbers(column) for column in self._read(places, first, end, others)]
        for place, column in zip(places, found, strict=True):
            if place in self._layout.results["inputs"] and not np.isfinite(column).all():
                raise self._foreign()
            column.flags.writeable = False  # it is kept for whoever asks next
        return found

    def _read(self, places: Sequence[int], first: int, end: int, instead: Mapping[int, str]) -> list[NDArray[Any]]:
        """Columns by their places, the draws `first` to `end`; DuckDB gives names that differ in capitals a number.

        `instead`: by place the expression, of the column `{}`, that is read in place of the column.
        """
        tables = [self._checked(name) for name in self._tables[first // CHUNK : -(-end // CHUNK)]]
        if not places:
            return []
        found: dict[str, Any] = {}
        with connected() as connection:
            try:
                columns = columns_of(connection, tables[0], self._layout.count)
                if list(columns.values()) != self._layout.kinds:
                    raise self._foreign()
                names = list(map(quoted, columns))
                asked = [f"{instead.get(place, '{}').format(names[place])} AS c{place}" for place in places]
                paths = [for_duckdb(table) for table in tables]
                at_once = min(self._page, COLUMNS_AT_ONCE)
                with sound(connection):
                    for start in range(0, len(asked), at_once):
                        query = (
                            f"SELECT {', '.join(asked[start : start + at_once])}"
                            " FROM read_parquet(?, hive_partitioning=false)"
                            f" LIMIT {end - first} OFFSET {first % CHUNK}"
                        )
                        found |= connection.execute(query, [paths]).fetchnumpy()
            except ValueError:
                raise self._foreign() from None
        if any(len(column) != end - first for column in found.values()):
            raise self._foreign()
        return [found[f"c{place}"] for place in places]

    def _foreign(self) -> UsageError:
        return UsageError(f"{self._checked(self._tables[0])} and those after it do not hold the draws of this crisis")


def _is_within(numbers: Array, low: float, high: float) -> bool:
    """Whether all numbers lie in a range, but for rounding; NaN lies in none."""
    return bool(((numbers >= low - ROUNDING) & (numbers <= high + ROUNDING)).all())


def _numbers(column: NDArray[Any]) -> Array:
    """A column's numbers, missing ones as NaN."""
    return np.asarray(np.ma.filled(column.astype(np.float64), np.nan))


class Readable(Protocol):
    """Columns of numbers, (draws,) each, which are read when they are asked for."""

    draws: int

    def column(self, place: int) -> Array: ...

    def several(self, places: Sequence[int]) -> Iterator[Array]: ...


class TemporaryColumns:
    """Columns of numbers that a study puts aside: in a temporary file, or in memory where they are few.

    The file has no name that another could open, and is gone with the last who reads it, and with the process, however
    that ends. One thread at a time writes or reads.
    """

    def __init__(self, columns: int, draws: int) -> None:
        self.draws = draws
        with self._clear_errors():
            large = 8 * columns * draws > KEPT_BYTES
            self._file: Any = tempfile.TemporaryFile(prefix="offramp-") if large else BytesIO()  # noqa: SIM115
        weakref.finalize(self, self._file.close)

    def put(self, first: int, rows: Array) -> None:
        """Write every column's numbers for some draws, the first of which is number `first`: (columns, draws)."""
        with self._clear_errors():
            for place, row in enumerate(rows):
                self._file.seek(8 * (place * self.draws + first))
                self._file.write(np.ascontiguousarray(row, dtype=np.float64))
            self._file.flush()

    def column(self, place: int) -> Array:
        """The numbers of one column: (draws,)."""
        found = np.empty(self.draws)
        self._file.seek(8 * place * self.draws)
        self._file.readinto(found)
        return found

    def several(self, places: Sequence[int]) -> Iterator[Array]:
        """The numbers of some columns, one after the other: (draws,) each."""
        return map(self.column, places)

    @staticmethod
    def _clear_errors() -> AbstractContextManager[None]:
        return clear_errors(Path(tempfile.gettempdir()), "; TMPDIR names another folder for what is put aside")


class Stored:
    """An array of a run, its last axis the draw, of which no more is read than what is asked for.

    Indexing gives arrays; NumPy's functions take it as the whole array. `places`: the columns by the other axes.
    """

    def __init__(self, columns: Readable, places: NDArray[np.int64]) -> None:
        self._columns = columns
        self._places = places

    @property
    def shape(self) -> tuple[int, ...]:
        """The length of each axis."""
        return (*self._places.shape, self._columns.draws)

    def __len__(self) -> int:
        return len(self._places)

    def __iter__(self) -> Iterator[Array]:
        return (self[number] for number in range(len(self)))

    def __getitem__(self, key: Any) -> Array:
        keys = key if isinstance(key, tuple) else (key,)
        axes = self._places.ndim
        if any(one is Ellipsis or one is None for one in keys):
            return np.asarray(np.asarray(self)[key])
        picked = self._places[keys[:axes]]
        if not picked.ndim:
            found = self._columns.column(int(picked))
        else:
            found = np.empty((*picked.shape, self._columns.draws))
            for at, numbers in zip(
                np.ndindex(picked.shape), self._columns.several(picked.ravel().tolist()), strict=True
            ):
                found[at] = numbers
        return np.asarray(found[(..., *keys[axes:])])

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        return self[:] if dtype is None else self[:].astype(dtype)


Rows = Array | Stored


class StoredArrays(Sequence[Array]):
    """Arrays, each of which is read when it is asked for."""

    def __init__(self, parts: Sequence[Stored]) -> None:
        self._parts = parts

    def __len__(self) -> int:
        return len(self._parts)

    @overload
    def __getitem__(self, number: int) -> Array: ...
    @overload
    def __getitem__(self, number: slice) -> StoredArrays: ...
    def __getitem__(self, number: int | slice) -> Array | StoredArrays:
        if isinstance(number, slice):
            return StoredArrays(self._parts[number])
        return self._parts[number][:]


class StoredInputs(Mapping[str, Array]):
    """For each input its values, (draws,), which are read when they are asked for."""

    def __init__(self, columns: Columns, places: Mapping[str, int]) -> None:
        self._columns = columns
        self._places = places

    def __getitem__(self, name: str) -> Array:
        return self._columns.column(self._places[name])

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)

    def between(self, first: int, end: int) -> dict[str, Array]:
        """Those of the draws `first` to `end`, of which alone the chunks are read."""
        found = self._columns.between(list(self._places.values()), first, end)
        return dict(zip(self._places, found, strict=True))
