"""A table of past cases: its columns as numbers or as texts, from a file or from Python."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from offramp.common.bounded import read_bounded
from offramp.common.errors import OfframpError, UsageError
from offramp.common.nearby_paths import nearest_path
from offramp.common.words import listed, quoted
from offramp.fitting.cells import Cells, is_text
from offramp.fitting.csv_cases import csv_columns
from offramp.fitting.parquet_cases import parquet_columns

if TYPE_CHECKING:
    import pandas as pd

MAX_FILE_BYTES = 64 * 2**20


@dataclass(frozen=True, eq=False)
class CaseTable:
    """A table of past cases.

    `name`: the file, or `data` if it comes from Python. `columns`: in the order of the table. `sha256`: of the file.
    `lines`: (rows,), the line of the file in which each row begins, or its number from 1; `counted_in` says which.
    """

    name: str
    columns: Mapping[str, Cells]
    rows: int
    lines: NDArray[np.int64]
    counted_in: Literal["line", "row"] = "row"
    sha256: str | None = None

    def missing(self, name: str) -> NDArray[np.bool_]:
        """Whether each cell of a column is missing: (rows,)."""
        cells = self.columns[name]
        return np.array([cell is None for cell in cells]) if is_text(cells) else np.isnan(cells)

    def places(self, rows: NDArray[np.intp], most: int = 3) -> str:
        """The first of some rows, in a message: `lines 4, 9 and 12`.

        Examples
        --------
        >>> table_of({"x": [1.0, 2.0, 3.0]}).places(np.array([0, 2]))
        'rows 1 and 3'
        """
        numbers = [str(line) for line in self.lines[rows[:most]]]
        return f"{self.counted_in}{'s' * (len(numbers) > 1)} {listed(numbers)}"


def read_table(path: str | Path) -> CaseTable:
    """Read a table of cases from a `.csv` or `.parquet` file of this machine.

    A CSV file is UTF-8, has commas between cells and names in its first line. A cell is missing if it is empty or one
    of `NA`, `N/A`, `#N/A`, `NaN`, `nan`, `NULL`, `null` and `.`. A column is one of numbers if all its other cells
    are numbers.

    Raises
    ------
    CrisisError
        If the file has mistakes; it holds all of them, with their lines.
    OfframpError
        If there is no such file, it is not a regular file, it is too large, or its name ends otherwise.
    """
    path = Path(path)
    ending = path.suffix.lower()
    if ending not in (".csv", ".parquet"):
        raise OfframpError(f"expected a table that ends in .csv or .parquet, found {quoted(path.name)}")
    try:
        content = read_bounded(path, MAX_FILE_BYTES)
    except FileNotFoundError:
        raise OfframpError(f"there is no file {path}{nearest_path(path)}") from None
    except (OSError, ValueError) as error:
        raise OfframpError(f"cannot read {path}: {getattr(error, 'strerror', None) or error}") from None
    digest = hashlib.sha256(content).hexdigest()
    if ending == ".parquet":
        columns = parquet_columns(path)
        rows = len(next(iter(columns.values())))
        return CaseTable(str(path), columns, rows, np.arange(1, rows + 1), "row", digest)
    columns, lines = csv_columns(content, str(path))
    return CaseTable(str(path), columns, len(lines), lines, "line", digest)


def table_of(data: CaseTable | pd.DataFrame | Mapping[str, Any] | str | Path) -> CaseTable:
    """The table that a data frame, a mapping of columns or a file holds.

    A column is one of numbers if all its cells are numbers, truth values or missing (None, NaN); else of texts.

    Raises
    ------
    UsageError
        If it is none of these, columns have different lengths or no names, or there are no rows.
    CrisisError, OfframpError
        As for `read_table`, if it is a file.

    Examples
    --------
    >>> table_of({"war": [1, 0, None], "nation": ["France", "", "Prussia"]}).columns
    {'war': array([ 1.,  0., nan]), 'nation': array(['France', None, 'Prussia'], dtype=object)}
    """
    if isinstance(data, CaseTable):
        return data
    if isinstance(data, str | Path):
        return read_table(data)
    import pandas as pd

    try:
        frame = data if isinstance(data, pd.DataFrame) else pd.DataFrame(dict(data))
    except (TypeError, ValueError) as error:
        raise UsageError(f"expected a table: a file, a data frame or a mapping of columns ({error})") from None
    names = list(frame.columns)
    wrong = [name for name in names if not isinstance(name, str) or not name.strip()]
    if wrong:
        raise UsageError(f"a column's name is a text; found {listed(map(repr, wrong), 3)}")
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise UsageError(f"two columns have the same name: {listed(twice, 3)}")
    if not len(frame) or not names:
        raise UsageError("the table has no rows")
    columns = {name: _from_python(frame[name]) for name in names}
    return CaseTable("data", columns, len(frame), np.arange(1, len(frame) + 1))


def _from_python(column: pd.Series) -> Cells:
    absent = column.isna().to_numpy(dtype=bool)
    cells = column.to_numpy(dtype=object)
    if all(isinstance(cell, int | float | np.number | np.bool_) for cell in cells[~absent]):
        return np.array([np.nan if gone else float(cell) for cell, gone in zip(cells, absent, strict=True)])
    texts = [None if gone else str(cell).strip() or None for cell, gone in zip(cells, absent, strict=True)]
    return np.array(texts, dtype=object)
