"""Reads the columns of a Parquet file of cases, with DuckDB and within bounds."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np

from offramp.common.errors import OfframpError
from offramp.common.words import listed, quoted
from offramp.fitting.cells import MAX_CELL, MAX_CELLS, MAX_COLUMNS, MAX_ROWS, Cells
from offramp.runs.store import parquet
from offramp.runs.store.database import connected

_NUMBERS = re.compile(r"U?(?:TINY|SMALL|BIG|HUGE)?INT(?:EGER)?|FLOAT|DOUBLE|BOOLEAN|DECIMAL\([0-9]+,[0-9]+\)")
_TEXTS = re.compile(r"VARCHAR|ENUM\(.*\)|DATE|TIMESTAMP.*", re.DOTALL)


def parquet_columns(path: Path) -> dict[str, Cells]:
    """The columns of a Parquet file: numbers and truth values as numbers, texts and dates as texts.

    Raises
    ------
    OfframpError
        If it is no Parquet file, or has columns of other types, too many columns or rows, or too long texts.
    """
    try:
        file = parquet.described(path)
        with connected() as connection, parquet.sound(connection):
            query = "SELECT name FROM parquet_schema(?)"
            names = [str(name) for (name,) in connection.execute(query, [file]).fetchall()]
            if len(names) > MAX_COLUMNS + 1:  # the first is the table's; the next query would take long
                raise OfframpError(f"{path}: expected 1 to {MAX_COLUMNS:,} columns, found {len(names) - 1:,}")
            query = "DESCRIBE SELECT * FROM read_parquet(?, hive_partitioning=false)"
            kinds = {str(name): str(kind) for name, kind, *_ in connection.execute(query, [file]).fetchall()}
            _check_columns(path, kinds, names)
            most = min(MAX_ROWS, MAX_CELLS // len(kinds))
            shown = ", ".join(_selected(name, kind) for name, kind in kinds.items())
            query = f"SELECT {shown} FROM read_parquet(?, hive_partitioning=false) LIMIT {most + 1}"
            read = connection.execute(query, [file]).fetchnumpy()
    except ValueError:
        raise OfframpError(f"cannot read {path}: it is not a Parquet file that can be read as a table") from None
    columns = {name: _cells(path, name, np.ma.asarray(read[name])) for name in kinds}
    rows = len(next(iter(columns.values())))
    if rows > most:
        raise OfframpError(f"{path}: a table of {len(kinds)} columns has at most {most:,} rows")
    if not rows:
        raise OfframpError(f"{path}: the table has no rows")
    return columns


def _check_columns(path: Path, kinds: dict[str, str], names: list[str]) -> None:
    if not 1 <= len(kinds) <= MAX_COLUMNS:
        raise OfframpError(f"{path}: expected 1 to {MAX_COLUMNS:,} columns, found {len(kinds):,}")
    long = [name for name in kinds if len(name) > MAX_CELL or not name.strip()]
    if long:
        raise OfframpError(f"{path}: a column's name has 1 to {MAX_CELL:,} characters, found {quoted(long[0])}")
    other = [name for name, kind in kinds.items() if not _NUMBERS.fullmatch(kind) and not _TEXTS.fullmatch(kind)]
    if other:
        raise OfframpError(
            f"{path}: columns hold numbers, texts or dates; found another type in {listed(map(quoted, other), 5)}"
        )
    renamed = [name for name in kinds if name not in names]
    if renamed:  # DuckDB has no names that differ only in capitals, and adds a number
        raise OfframpError(f"{path}: two columns have names that differ at most in capitals; see {quoted(renamed[0])}")


def _selected(name: str, kind: str) -> str:
    column = parquet.quoted(name)
    read = f"left({column}::VARCHAR, {MAX_CELL + 1})" if _TEXTS.fullmatch(kind) else f"{column}::DOUBLE"
    return f"{read} AS {column}"


def _cells(path: Path, name: str, read: np.ma.MaskedArray) -> Cells:
    absent = np.ma.getmaskarray(read)
    if read.dtype != object:
        return np.where(absent, np.nan, read.filled(0.0)).astype(np.float64)
    texts = [None if gone else str(cell).strip() or None for cell, gone in zip(read.data, absent, strict=True)]
    if any(text is not None and len(text) > MAX_CELL for text in texts):
        raise OfframpError(f"{path}: a cell has at most {MAX_CELL:,} characters; column {quoted(name)} has longer ones")
    return np.array(texts, dtype=object)
