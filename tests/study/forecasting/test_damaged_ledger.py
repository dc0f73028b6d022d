"""Whatever is in the file of a ledger, it is read, or refused in a message that names it."""

from __future__ import annotations

import os
import sqlite3
import struct
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from offramp.common.errors import OfframpError
from offramp.study.forecasting.forecasts import forecasts
from offramp.study.forecasting.ledger import add, entries, open_ledger, resolve
from offramp.study.forecasting.ledger_entries import Origin
from offramp.study.forecasting.track_record import score
from tests.examples import examples
from tests.mutations import FRAGMENTS, changed_bytes

TODAY = date(2031, 6, 1)
ORIGIN = Origin("T", "war", None, "a" * 64, ("calm",), 1, 64, 64, 0.1, 0.4)
FUZZ = settings(max_examples=examples(150), deadline=None, suppress_health_check=list(HealthCheck))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    ledger = open_ledger(tmp_path / "forecasts.sqlite")
    add(ledger, probability=0.25, claim="War", due=date(2999, 1, 1), rule="As told", origin=ORIGIN)
    add(ledger, probability=0.5, claim="Calm", due=date(2999, 1, 1), rule="As told")
    add(ledger, probability=0.6, follows=2)
    resolve(ledger, 2, happened=True, because="A paper")
    return ledger.path


def used(file: Path) -> None:
    """Do with a ledger all that reads it; nothing but a message may come of that."""
    with suppress(OfframpError):
        held = entries(open_ledger(file))
        assert [forecast.id for forecast in held.forecasts] == list(range(1, len(held.forecasts) + 1))
        forecasts(held, TODAY).to_dict()
        if held.forecasts:
            score(held, TODAY).to_dict()


def test_a_file_with_anything_in_it_is_read_or_refused(file: Path) -> None:
    whole = file.read_bytes()

    @FUZZ
    @given(changed_bytes(whole) | st.sampled_from(FRAGMENTS))
    def fuzz(content: bytes) -> None:
        file.write_bytes(content)
        used(file)

    fuzz()


VALUES: tuple[Any, ...] = (None, -1, 0, 2**62, 1e308, float("inf"), -0.5, "", "x", "[" * 50_000, "5", b"\xff", "2031")
COLUMNS = {
    "forecasts": (
        *("id", "question", "claim", "probability", "due", "rule", "base_rate", "made", "entered", "crisis", "ending"),
        *("move", "sha256", "levers", "seed", "draws", "converged", "p05", "p95"),
    ),
    "outcomes": ("id", "question", "result", "known", "because", "entered"),
}


def unguarded(file: Path, statement: str, values: tuple[Any, ...]) -> None:
    """Change a ledger as no command does: past its guards, which are put back."""
    connection = sqlite3.connect(file, isolation_level=None)
    guards = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
    connection.execute("PRAGMA ignore_check_constraints = ON")
    for name, _ in guards:
        connection.execute(f"DROP TRIGGER {name}")
    with suppress(sqlite3.Error):  # what SQLite itself never holds
        connection.execute(statement, values)
    for _, sql in guards:
        connection.execute(sql)
    connection.close()


def test_a_schema_whose_words_are_not_text_is_refused(file: Path) -> None:
    content = file.read_bytes()
    assert b"CREATE TABLE forecasts" in content
    file.write_bytes(content.replace(b"CREATE TABLE forecasts", b"CREATE TABLE '\xb5recasts"))
    with pytest.raises(OfframpError, match="names that are not text"):
        entries(open_ledger(file))


def test_a_value_of_another_kind_or_out_of_bounds_is_refused(file: Path) -> None:
    whole = file.read_bytes()

    @FUZZ
    @given(st.sampled_from([(table, name) for table, names in COLUMNS.items() for name in names]), st.data())
    def fuzz(place: tuple[str, str], data: st.DataObject) -> None:
        file.write_bytes(whole)
        table, column = place
        number = data.draw(st.integers(1, 3))
        unguarded(file, f"UPDATE {table} SET {column} = ? WHERE id = {number}", (data.draw(st.sampled_from(VALUES)),))
        used(file)

    fuzz()


@pytest.mark.parametrize("column", ["probability", "due", "made", "levers"])
def test_the_damaged_entry_is_named(file: Path, column: str) -> None:
    unguarded(file, f"UPDATE forecasts SET {column} = ? WHERE id = 1", ("x",))
    with pytest.raises(OfframpError, match=r"forecasts.sqlite: entry 1 of its forecasts is damaged"):
        entries(open_ledger(file))


@pytest.mark.skipif(os.name != "posix", reason="pipes of a POSIX system")
def test_nobody_waits_for_a_ledger_that_is_a_pipe_a_device_or_without_end(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "device").symlink_to("/dev/zero")
    with (tmp_path / "huge").open("wb") as made:
        made.truncate(2**40)
    for name in ("pipe", "device", "huge"):
        with pytest.raises(OfframpError, match=name):
            entries(open_ledger(tmp_path / name))


def a_journal_that_names(other: Path, ledger: Path) -> bytes:
    """A rollback journal without pages whose super-journal is another file (sqlite.org/fileformat.html)."""
    content = ledger.read_bytes()
    page = struct.unpack(">H", content[16:18])[0]
    magic, name = bytes.fromhex("d9d505f920a163d7"), str(other).encode()
    header = magic + struct.pack(">IIIII", 0, 1, len(content) // page, 512, page)
    lock_page = struct.pack(">I", 0x4000_0000 // page + 1)
    return header.ljust(512, b"\0") + lock_page + name + struct.pack(">II", len(name), sum(name)) + magic


def test_a_journal_beside_a_ledger_deletes_no_other_file(file: Path, tmp_path: Path) -> None:
    precious, link = tmp_path / "precious.txt", tmp_path / "link" / "forecasts.sqlite"
    precious.write_text("Mine\n", encoding="utf-8")
    journal = file.with_name("forecasts.sqlite-journal")
    journal.write_bytes(a_journal_that_names(precious, file))
    link.parent.mkdir()
    link.symlink_to(file)
    for path in (file, link):
        with pytest.raises(OfframpError, match=r"forecasts\.sqlite-journal beside it names another file"):
            entries(open_ledger(path))
    with pytest.raises(OfframpError, match="names another file"):
        add(open_ledger(file), probability=0.6, follows=2)
    assert precious.read_text(encoding="utf-8") == "Mine\n"
    journal.unlink()
    assert len(entries(open_ledger(file)).forecasts) == 3


@pytest.mark.skipif(os.name != "posix", reason="pipes of a POSIX system")
@pytest.mark.parametrize("end", ["-journal", "-wal", "-shm"])
def test_nobody_waits_for_a_file_beside_a_ledger_that_is_a_pipe_or_a_link(file: Path, end: str) -> None:
    beside = file.with_name(file.name + end)
    os.mkfifo(beside)
    with pytest.raises(OfframpError, match=rf"{end}: it is not a regular file"):
        entries(open_ledger(file))
    beside.unlink()
    beside.symlink_to("/dev/zero")
    with pytest.raises(OfframpError, match=rf"{end}: it is a link"):
        entries(open_ledger(file))
