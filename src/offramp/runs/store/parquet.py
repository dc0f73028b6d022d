"""Read Parquet tables within bounds on columns, their types, number of rows, length of texts, and memory.

A table may come from an untrusted source, with a seal that matches it: it may hold lists, endless texts, or any number
of rows, and a few kilobytes may stand for many gigabytes. Number and types of the columns are compared with the
expected ones before anything is decoded. Anything wrong with a table raises ValueError.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from offramp.common.bounded import open_regular
from offramp.runs.store.database import interrupts_after
from offramp.runs.store.whole_files import for_duckdb

if TYPE_CHECKING:
    import duckdb
    import pandas as pd

KINDS = {"f8": "DOUBLE", "i8": "BIGINT", "i4": "INTEGER", "b1": "BOOLEAN", "O": "VARCHAR"}
"""The column types of a run's tables, by NumPy's."""
MAX_TEXT = 10_000
"""Longer texts are cut, in characters."""
MAX_FACT = 1_000_000
"""Longer metadata values are cut, in characters."""
MAX_FOOTER = 32_000_000
"""A longer description of a table is not read, in bytes; a column and row group takes about 200."""
MAX_COLUMNS = 50_000
COLUMNS_AT_ONCE = 1_000
"""As many columns are read at a time: of each, DuckDB holds about 60 KB."""


@contextmanager
def sound(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Turn the errors of DuckDB for a file that is not a table, or not the expected one, into ValueError.

    A stop meanwhile is a stop, not such an error.
    """
    import duckdb

    with interrupts_after(connection.interrupt):
        try:
            yield
        except (duckdb.Error, RuntimeError, UnicodeDecodeError, OverflowError, TypeError) as error:
            raise ValueError(f"it is no such table: {type(error).__name__}") from None


def facts_of(connection: duckdb.DuckDBPyConnection, path: Path) -> dict[str, str]:
    """A table's metadata; ValueError if it is no table."""
    query = "SELECT left(decode(key), ?), left(decode(value), ?) FROM parquet_kv_metadata(?) LIMIT 100"
    file = described(path)
    with sound(connection):
        return dict(connection.execute(query, [MAX_TEXT, MAX_FACT, file]).fetchall())


def described(path: Path) -> str:
    """The path for DuckDB of a table whose description is short enough to be read; ValueError if it is not."""
    try:
        with open_regular(path) as file:
            file.seek(-8, os.SEEK_END)
            end = file.read(8)
    except OSError as error:
        raise ValueError(f"it is no table: {error.strerror or error}") from None
    if end[4:] != b"PAR1" or int.from_bytes(end[:4], "little") > MAX_FOOTER:
        raise ValueError("it is no table, or is described at too great length")
    return for_duckdb(path)


def columns_of(connection: duckdb.DuckDBPyConnection, path: Path, most: int = MAX_COLUMNS) -> dict[str, str]:
    """Column types by name, in order; DuckDB adds a number to names that differ only in capitals.

    ValueError if it is no table, or has more than `most` columns, which would take long to name.
    """
    file = described(path)
    with sound(connection):
        found = connection.execute("SELECT count(*) FROM parquet_schema(?)", [file]).fetchall()
        if found[0][0] > most + 1:  # the first entry is the table
            raise ValueError(f"it has more than {most:,} columns")
        query = "DESCRIBE SELECT * FROM read_parquet(?, hive_partitioning=false)"
        rows = connection.execute(query, [file]).fetchall()
        return {str(name): str(kind) for name, kind, *_ in rows}


def read_table(connection: duckdb.DuckDBPyConnection, path: Path, rows: int, kinds: Sequence[str]) -> pd.DataFrame:
    """Read a table that should have `rows` rows and columns of these types, in order; at most one more row is read.

    ValueError if it is no table, or has other columns.
    """
    columns = columns_of(connection, path, len(kinds))
    if list(columns.values()) != list(kinds):
        raise ValueError("it has columns of other types than expected")
    return read_columns(connection, path, rows, columns)


def read_columns(
    connection: duckdb.DuckDBPyConnection, path: Path, rows: int, columns: Mapping[str, str]
) -> pd.DataFrame:
    """Read columns, by name with their types, of which `columns_of` has told; at most one row more than `rows`."""
    import pandas as pd

    shown = [
        f"left({name}, {MAX_TEXT}) AS {name}" if kind == "VARCHAR" else name
        for name, kind in ((quoted(name), kind) for name, kind in columns.items())
    ]
    parts = []
    with sound(connection):
        for first in range(0, len(shown), COLUMNS_AT_ONCE):
            asked = ", ".join(shown[first : first + COLUMNS_AT_ONCE])
            query = f"SELECT {asked} FROM read_parquet(?, hive_partitioning=false) LIMIT {rows + 1}"
            parts.append(connection.execute(query, [for_duckdb(path)]).df())
    return parts[0] if len(parts) == 1 else pd.concat(parts, axis=1)


def read_some(
    connection: duckdb.DuckDBPyConnection, path: Path, rows: int, columns: Mapping[str, str], wanted: Mapping[str, str]
) -> pd.DataFrame:
    """Read those of the `columns` that are `wanted`, as `read_columns`; ValueError if one lacks or has another type."""
    if any(columns.get(name) != kind for name, kind in wanted.items()):
        raise ValueError("it has other columns")
    return read_columns(connection, path, rows, wanted)


def kinds_of(frame: pd.DataFrame) -> list[str]:
    """The types that a frame's columns have in a table."""
    return [KINDS.get(kind.str[1:], "VARCHAR") if isinstance(kind, np.dtype) else "VARCHAR" for kind in frame.dtypes]


def quoted(name: str) -> str:
    """A column's name, quoted for a query."""
    return '"{}"'.format(name.replace('"', '""'))
