"""Tables read within bounds: of plain columns, as many rows as there must be, and no more of a text than is looked at.

A table may come from a stranger, with seals that fit it: its columns may hold lists, or texts without end, its rows be
any number. Whatever is wrong with one ends as ValueError.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from offramp.runs.store.whole_files import for_duckdb

if TYPE_CHECKING:
    import duckdb
    import pandas as pd

PLAIN = ("DOUBLE", "BIGINT", "INTEGER", "BOOLEAN", "VARCHAR")
"""The types of columns that a run has."""
MOST_TEXT = 10_000
"""Longer texts are cut."""
MOST_FACTS = 1_000_000
"""So many characters a table may say of itself."""


@contextmanager
def sound() -> Iterator[None]:
    """Turn whatever DuckDB makes of a file that is no table, or another one than is asked for, into ValueError."""
    import duckdb

    try:
        yield
    except (duckdb.Error, RuntimeError, UnicodeDecodeError, OverflowError, TypeError) as error:
        raise ValueError(f"it is no such table: {type(error).__name__}") from None


def facts_of(connection: duckdb.DuckDBPyConnection, path: Path) -> dict[str, str]:
    """What a table's metadata says; ValueError where it is no table."""
    query = "SELECT left(decode(key), ?), left(decode(value), ?) FROM parquet_kv_metadata(?) LIMIT 100"
    with sound():
        return dict(connection.execute(query, [MOST_TEXT, MOST_FACTS, for_duckdb(path)]).fetchall())


def columns_of(connection: duckdb.DuckDBPyConnection, path: Path) -> dict[str, str]:
    """The columns of a table, by name their types, in order; ValueError where it is none, or one is not plain."""
    with sound():
        query = "DESCRIBE SELECT * FROM read_parquet(?, hive_partitioning=false)"
        found = {str(name): str(kind) for name, kind, *_ in connection.execute(query, [for_duckdb(path)]).fetchall()}
    if not set(found.values()) <= set(PLAIN):
        raise ValueError("it has columns of other types than a run has")
    return found


def read_table(connection: duckdb.DuckDBPyConnection, path: Path, rows: int) -> pd.DataFrame:
    """All of a table that is to have so many rows, of which one more at most is read.

    DuckDB gives names that differ in capitals only a number. ValueError where it is no table, or has columns of other
    types than a run has.
    """
    columns = columns_of(connection, path)
    shown = ", ".join(
        f"left({name}, {MOST_TEXT}) AS {name}" if kind == "VARCHAR" else name
        for name, kind in ((quoted(name), kind) for name, kind in columns.items())
    )
    with sound():
        query = f"SELECT {shown} FROM read_parquet(?, hive_partitioning=false) LIMIT {rows + 1}"
        return connection.execute(query, [for_duckdb(path)]).df()


def quoted(name: str) -> str:
    """A column's name in a query."""
    return '"{}"'.format(name.replace('"', '""'))
