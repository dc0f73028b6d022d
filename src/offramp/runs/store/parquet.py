"""Read Parquet tables within bounds on column types, number of rows and length of texts.

A table may come from an untrusted source, with a seal that matches it: it may hold lists, endless texts, or any number
of rows. Anything wrong with a table raises ValueError.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from offramp.runs.store.database import interrupts_after
from offramp.runs.store.whole_files import for_duckdb

if TYPE_CHECKING:
    import duckdb
    import pandas as pd

PLAIN = ("DOUBLE", "BIGINT", "INTEGER", "BOOLEAN", "VARCHAR")
"""The column types of a run's tables."""
MAX_TEXT = 10_000
"""Longer texts are cut, in characters."""
MAX_FACT = 1_000_000
"""Longer metadata values are cut, in characters."""


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
    with sound(connection):
        return dict(connection.execute(query, [MAX_TEXT, MAX_FACT, for_duckdb(path)]).fetchall())


def columns_of(connection: duckdb.DuckDBPyConnection, path: Path) -> dict[str, str]:
    """Column types by name, in order; ValueError if it is no table, or a type is not in `PLAIN`."""
    with sound(connection):
        query = "DESCRIBE SELECT * FROM read_parquet(?, hive_partitioning=false)"
        rows = connection.execute(query, [for_duckdb(path)]).fetchall()
        types = {str(name): str(kind) for name, kind, *_ in rows}
    if not set(types.values()) <= set(PLAIN):
        raise ValueError("it has columns of other types than a run has")
    return types


def read_table(connection: duckdb.DuckDBPyConnection, path: Path, rows: int) -> pd.DataFrame:
    """Read a table that should have `rows` rows; at most one more is read.

    DuckDB adds a number to names that differ only in capitals. ValueError if it is no table, or has columns of other
    types than a run has.
    """
    columns = columns_of(connection, path)
    shown = ", ".join(
        f"left({name}, {MAX_TEXT}) AS {name}" if kind == "VARCHAR" else name
        for name, kind in ((quoted(name), kind) for name, kind in columns.items())
    )
    with sound(connection):
        query = f"SELECT {shown} FROM read_parquet(?, hive_partitioning=false) LIMIT {rows + 1}"
        return connection.execute(query, [for_duckdb(path)]).df()


def quoted(name: str) -> str:
    """A column's name, quoted for a query."""
    return '"{}"'.format(name.replace('"', '""'))
