"""The file of a ledger: SQLite, one transaction at a time; rows are added and never changed.

Triggers refuse every UPDATE and DELETE, and every id but the next, so that a gap would show. The journal is SQLite's
default, a rollback journal that a commit deletes, with synchronous EXTRA (sqlite.org/pragma.html): an entry is on the
disk when its command is done, and survives the end of the process and of the power; between commands the one file
holds everything, so that it can be copied or sent. (With a write-ahead log, recent entries may lie in a second file
that a copy forgets.)

The files that SQLite keeps beside a database are read before ours are: those of a stranger could hang it, or, with a
super-journal (sqlite.org/fileformat.html#the_rollback_journal), make it delete any file. They are checked first.
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import astuple, dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, model_validator

from offramp.common.bounded import open_regular
from offramp.common.errors import OfframpError, UsageError
from offramp.study.forecasting.ledger_entries import Entries, Forecast, Origin, Resolution

Row = tuple[Any, ...]
Entry = TypeVar("Entry")
_Text = Annotated[str, Field(max_length=100_000)]
_Share = Annotated[float, Field(ge=0, le=1)]

APPLICATION = 0x4F464652
"""`OFFR`, the application id that marks the SQLite file as a ledger."""
VERSION = 1
MOST_BYTES = 200_000_000
"""A larger file is not a ledger."""
JOURNAL = "-journal"
BESIDE = (JOURNAL, "-wal", "-shm")
"""What SQLite adds to a database's name for the files that it keeps beside it."""
JOURNAL_MAGIC = bytes.fromhex("d9d505f920a163d7")
"""It begins a rollback journal, and ends one that names a super-journal: a file that SQLite reads, then deletes."""
PATIENCE = 30.0
"""Seconds to wait while another process writes."""

TABLES = {
    "forecasts": """\
CREATE TABLE forecasts (
  id INTEGER PRIMARY KEY,
  question INTEGER NOT NULL REFERENCES forecasts (id) CHECK (question <= id),
  claim TEXT NOT NULL,
  probability REAL NOT NULL CHECK (probability BETWEEN 0 AND 1),
  due TEXT NOT NULL,
  rule TEXT NOT NULL,
  base_rate REAL CHECK (base_rate BETWEEN 0 AND 1),
  made TEXT NOT NULL,
  entered TEXT NOT NULL,
  crisis TEXT, ending TEXT, move TEXT, sha256 TEXT, levers TEXT, seed INTEGER, draws INTEGER, converged INTEGER,
  p05 REAL, p95 REAL
)""",
    "outcomes": """\
CREATE TABLE outcomes (
  id INTEGER PRIMARY KEY,
  question INTEGER NOT NULL REFERENCES forecasts (id),
  result TEXT NOT NULL CHECK (result IN ('yes', 'no', 'void')),
  known TEXT NOT NULL,
  because TEXT,
  entered TEXT NOT NULL
)""",
}
GUARDS = """\
CREATE TRIGGER {table}_unchanged BEFORE UPDATE ON {table}
BEGIN SELECT RAISE(ABORT, 'an entry is never changed: enter a correction'); END
CREATE TRIGGER {table}_kept BEFORE DELETE ON {table}
BEGIN SELECT RAISE(ABORT, 'an entry is never removed: enter a correction'); END
CREATE TRIGGER {table}_in_order BEFORE INSERT ON {table}
WHEN NEW.id IS NOT (SELECT coalesce(max(id), 0) + 1 FROM {table})
BEGIN SELECT RAISE(ABORT, 'entries are numbered in order: the next id is needed'); END"""
SCHEMA = [
    *TABLES.values(),
    *(f"CREATE {guard.strip()}" for table in TABLES for guard in GUARDS.format(table=table).split("CREATE ")[1:]),
]


class _Shape(BaseModel):
    """A row: checks the type and the bounds of every value."""

    model_config = ConfigDict(strict=True, allow_inf_nan=False)
    id: Annotated[int, Field(ge=1)]
    question: Annotated[int, Field(ge=1)]


class _ForecastShape(_Shape):
    claim: _Text
    probability: _Share
    due: _Text
    rule: _Text
    base_rate: _Share | None
    made: _Text
    entered: _Text
    crisis: _Text | None
    ending: _Text | None
    move: _Text | None
    sha256: _Text | None
    levers: _Text | None
    seed: Annotated[int, Field(ge=0)] | None
    draws: Annotated[int, Field(ge=1)] | None
    converged: Annotated[int, Field(ge=0)] | None
    p05: float | None
    p95: float | None

    @model_validator(mode="after")
    def _origin_is_whole(self) -> _ForecastShape:
        parts = self.crisis, self.sha256, self.levers, self.seed, self.draws, self.converged, self.p05, self.p95
        if any(part is None for part in parts) != all(part is None for part in parts):
            raise ValueError("a part of its origin is missing")
        return self


class _OutcomeShape(_Shape):
    result: Literal["yes", "no", "void"]
    known: _Text
    because: _Text | None
    entered: _Text


@dataclass(frozen=True)
class Ledger:
    """A ledger; its file is opened for each operation and closed after it."""

    path: Path


@contextmanager
def transaction(ledger: Ledger, *, writing: bool = False) -> Iterator[sqlite3.Connection]:
    """A transaction on the file of a ledger; if `writing`, the file is made if it is missing.

    Raises
    ------
    UsageError
        If the file is something else, was written by a newer Offramp, or is not as it was made.
    OfframpError
        If the file cannot be used.
    """
    if ledger.path.exists() and not ledger.path.is_file():
        raise OfframpError(f"cannot use {ledger.path}: it is not a regular file")
    _check_file(ledger.path)
    uri = f"{ledger.path.absolute().as_uri()}?mode={'rwc' if writing else 'rw'}"
    try:
        with closing(sqlite3.connect(uri, uri=True, timeout=PATIENCE, isolation_level=None)) as connection:
            connection.execute("PRAGMA synchronous = EXTRA")
            connection.execute("PRAGMA foreign_keys = ON")
            connection.execute("BEGIN IMMEDIATE" if writing else "BEGIN")
            _check(connection, ledger.path, writing)
            yield connection
            connection.execute("COMMIT")
    except UnicodeDecodeError:  # SQLite complains of a name in the file, with its damaged bytes
        raise OfframpError(f"cannot use {ledger.path}: its tables have names that are not text") from None
    except sqlite3.Error as error:
        if "not a database" in str(error):
            raise UsageError(f"{ledger.path} is no ledger of forecasts, nor an SQLite file at all") from None
        if "locked" in str(error):
            raise OfframpError(f"another process has held {ledger.path} for {PATIENCE:.0f} s; try again") from None
        raise OfframpError(f"cannot use {ledger.path}: {error}") from None


def read(connection: sqlite3.Connection) -> Entries:
    """All entries; raises `sqlite3.DatabaseError` if one is damaged."""
    forecasts = tuple(_entries(connection, "forecasts", _ForecastShape, _forecast))
    outcomes = tuple(_entries(connection, "outcomes", _OutcomeShape, _outcome))
    questions = {forecast.id for forecast in forecasts if forecast.question == forecast.id}
    if not questions >= {entry.question for entry in forecasts} | {entry.question for entry in outcomes}:
        raise sqlite3.DatabaseError("an entry is on a question that is not there")
    return Entries(forecasts, outcomes)


def _entries(
    connection: sqlite3.Connection, table: str, shape: type[_Shape], made: Callable[[Row], Entry]
) -> Iterator[Entry]:
    """The entries of a table, numbered from 1."""
    names = list(shape.model_fields)
    for number, row in enumerate(connection.execute(f"SELECT * FROM {table} ORDER BY id"), start=1):
        try:
            checked = shape.model_validate(dict(zip(names, row, strict=True)))
            if checked.id != number:
                raise ValueError
            yield made(row)
        except (ValueError, RecursionError):
            raise sqlite3.DatabaseError(f"entry {number} of its {table} is damaged") from None


def write(connection: sqlite3.Connection, entry: Forecast | Resolution) -> None:
    """Add an entry."""
    table = "forecasts" if isinstance(entry, Forecast) else "outcomes"
    row = _row(entry)
    connection.execute(f"INSERT INTO {table} VALUES ({', '.join('?' * len(row))})", row)


def _check_file(path: Path) -> None:
    """Raise OfframpError if the path, or a file beside it that SQLite opens, is not one of a ledger."""
    if _end_of(path, MOST_BYTES) is None:
        raise UsageError(f"{path} is no ledger of forecasts: it has more than {MOST_BYTES:,} bytes")
    real = path.resolve()  # SQLite looks beside the file that a link leads to
    for end in BESIDE:
        beside = real.with_name(real.name + end)
        last = _end_of(beside, 2 * MOST_BYTES, follow=False)
        if last is None or (end == JOURNAL and last == JOURNAL_MAGIC):
            why = f"has more than {2 * MOST_BYTES:,} bytes" if last is None else "names another file"
            raise OfframpError(f"cannot use {path}: {beside.name} beside it {why}, which no ledger's does; remove it")


def _end_of(path: Path, most: int, *, follow: bool = True) -> bytes | None:
    """The last eight bytes of a file, none if there is no file; None if it is larger than `most` bytes.

    Raises OfframpError if it cannot be read, or is not a regular file.
    """
    try:
        with open_regular(path, follow=follow) as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - len(JOURNAL_MAGIC)))
            return None if size > most else file.read()
    except FileNotFoundError:
        return b""
    except (OSError, ValueError) as error:
        raise OfframpError(f"cannot use {path}: {getattr(error, 'strerror', None) or error}") from None


def _check(connection: sqlite3.Connection, path: Path, writing: bool) -> None:
    """Raise UsageError unless the file is an unchanged ledger; if it is empty and `writing`, make it one."""
    application, version, made = (
        connection.execute(query).fetchone()[0]
        for query in ("PRAGMA application_id", "PRAGMA user_version", "SELECT count(*) FROM sqlite_master")
    )
    if not (application or version or made):
        if not writing:
            raise UsageError(f"{path} is empty: the first forecast added makes it a ledger")
        for statement in (*SCHEMA, f"PRAGMA application_id = {APPLICATION}", f"PRAGMA user_version = {VERSION}"):
            connection.execute(statement)
        return
    if application != APPLICATION:
        raise UsageError(f"{path} is an SQLite file, but no ledger of forecasts")
    if version > VERSION:
        raise UsageError(f"{path} was written by a newer Offramp (format {version}; this one reads {VERSION})")
    if {sql for (sql,) in connection.execute("SELECT sql FROM sqlite_master")} != set(SCHEMA):
        raise UsageError(f"{path} is not as it was made: its tables, or what guards them, have been changed")


def _row(entry: Forecast | Resolution) -> Row:
    """An entry as it is stored: days and times as text, the parts of the origin one by one."""
    *values, last = vars(entry).values()
    if isinstance(entry, Forecast):
        values += (None,) * 10 if last is None else astuple(last)
    else:
        values.append(last)
    return tuple(map(_stored, values))


def _stored(value: object) -> object:
    if isinstance(value, date):
        return value.isoformat()
    return json.dumps(value) if isinstance(value, tuple) else value


def _forecast(row: Row) -> Forecast:
    number, question, claim, probability, due, rule, base_rate, made, entered, *origin = row
    return Forecast(
        id=number,
        question=question,
        claim=claim,
        probability=probability,
        due=date.fromisoformat(due),
        rule=rule,
        base_rate=base_rate,
        made=_moment(made),
        entered=_moment(entered),
        origin=None if origin[0] is None else _origin(*origin),
    )


def _origin(crisis: str, ending: str | None, move: str | None, sha256: str, levers: str, *numbers: Any) -> Origin:
    names = json.loads(levers)
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise ValueError
    return Origin(crisis, ending, move, sha256, tuple(names), *numbers)


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError
    return moment


def _outcome(row: Row) -> Resolution:
    number, question, result, known, because, entered = row
    return Resolution(number, question, result, date.fromisoformat(known), because, _moment(entered))
