"""The ledger keeps what it has said it keeps: through kills, other processes and hands in the file."""

from __future__ import annotations

import random
import shutil
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from offramp.common.errors import UsageError
from offramp.study.forecasting.ledger import add, entries, open_ledger, resolve, void
from offramp.study.forecasting.ledger_entries import Forecast
from offramp.study.forecasting.ledger_file import Ledger
from tests.copies import Copy, ran

TODAY = datetime.now(UTC).date()
LATER = TODAY + timedelta(days=30)
DUE = date(2024, 3, 1)
MADE = date(2024, 1, 1)

WRITER = """
import sys
from datetime import date
from offramp.study.forecasting.ledger import add, open_ledger
ledger = open_ledger(sys.argv[1])
for _ in range(int(sys.argv[2])):
    made = add(ledger, claim="x" * 3000, probability=0.5, due=date(9000, 1, 1), rule=sys.argv[3])
    print(made.id, flush=True)
"""

TORN = """
import os, sys
from offramp.study.forecasting.ledger import open_ledger
from offramp.study.forecasting.ledger_file import transaction
with transaction(open_ledger(sys.argv[1]), writing=True) as connection:
    connection.execute("PRAGMA cache_size = 1")  # so that pages are written before the end
    row = connection.execute("SELECT * FROM forecasts").fetchone()[1:]
    for number in range(2, 2000):
        connection.execute(f"INSERT INTO forecasts VALUES ({', '.join('?' * 19)})", (number, *row))
    os.kill(os.getpid(), 9)
"""


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return open_ledger(tmp_path / "forecasts.sqlite")


def old(ledger: Ledger, probability: float = 0.3, claim: str = "A volley", made: date = MADE) -> Forecast:
    return add(ledger, claim=claim, probability=probability, due=DUE, rule="Two agencies", made=made)


def writer(ledger: Ledger, count: int, rule: str = "r") -> subprocess.Popen[str]:
    command = [sys.executable, "-c", WRITER, str(ledger.path), str(count), rule]
    return Copy(command, stdout=subprocess.PIPE, text=True)


def sql(ledger: Ledger, statement: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(ledger.path)) as connection, connection:
        return connection.execute(statement).fetchall()


def test_what_was_said_to_be_entered_survives_kill_9(ledger: Ledger) -> None:
    chance, said = random.Random(1), []
    for _ in range(5):
        with writer(ledger, 1_000_000) as process:
            assert process.stdout is not None
            said.append(int(process.stdout.readline()))
            time.sleep(chance.uniform(0.01, 0.3))
            process.kill()
            # the last line may be torn: then its number was never said
            said += [int(line) for line in process.stdout.read().splitlines(keepends=True) if line.endswith("\n")]
        held = [forecast.id for forecast in entries(ledger).forecasts]
        assert held == list(range(1, len(held) + 1))
        assert set(said) <= set(held)
        assert len(held) <= len(said) + 5  # and at most one a kill that was written but not yet said
        assert sql(ledger, "PRAGMA integrity_check") == [("ok",)]
    assert len(said) == len(set(said)) > 10


def test_a_transaction_torn_in_the_middle_is_rolled_back_by_the_next_reader(ledger: Ledger) -> None:
    old(ledger)
    ran([sys.executable, "-c", TORN, str(ledger.path)])
    journal = Path(f"{ledger.path}-journal")
    assert journal.stat().st_size > 0
    assert ledger.path.stat().st_size > 100_000  # pages of the torn transaction are in the file
    assert [forecast.id for forecast in entries(ledger).forecasts] == [1]
    assert sql(ledger, "PRAGMA integrity_check") == [("ok",)]


def test_two_processes_that_add_at_once_lose_nothing(ledger: Ledger) -> None:
    """They also make the file at once."""
    with writer(ledger, 40, "one") as one, writer(ledger, 40, "two") as two:
        said = [int(line) for process in (one, two) for line in process.communicate()[0].split()]
    assert (one.returncode, two.returncode) == (0, 0)
    assert sorted(said) == list(range(1, 81))
    held = entries(ledger).forecasts
    assert [forecast.id for forecast in held] == list(range(1, 81))
    assert [sum(forecast.rule == rule for forecast in held) for rule in ("one", "two")] == [40, 40]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE forecasts SET probability = 0.9",
        "UPDATE outcomes SET result = 'no'",
        "UPDATE outcomes SET id = 7",
        "DELETE FROM forecasts WHERE id = 2",
        "DELETE FROM outcomes",
        "INSERT OR REPLACE INTO forecasts SELECT * FROM forecasts WHERE id = 1",
        "REPLACE INTO outcomes SELECT * FROM outcomes",
        "INSERT INTO outcomes VALUES (1, 1, 'no', '2024-03-01', NULL, '') ON CONFLICT DO UPDATE SET result = 'no'",
        "INSERT INTO outcomes VALUES (9, 1, 'no', '2024-03-01', NULL, '')",
        "INSERT INTO outcomes VALUES (2, 1, 'perhaps', '2024-03-01', NULL, '')",
    ],
)
def test_no_entry_can_be_changed_or_removed_through_sql(ledger: Ledger, statement: str) -> None:
    old(ledger)
    old(ledger, 0.4)
    resolve(ledger, 1, happened=True)
    before = entries(ledger)
    with pytest.raises(sqlite3.IntegrityError):
        sql(ledger, statement)
    assert entries(ledger) == before


def test_a_ledger_whose_guards_are_gone_is_refused(ledger: Ledger) -> None:
    old(ledger)
    sql(ledger, "DROP TRIGGER outcomes_kept")
    with pytest.raises(UsageError, match="not as it was made"):
        entries(ledger)


def test_a_copy_of_the_file_alone_is_the_whole_ledger(ledger: Ledger, tmp_path: Path) -> None:
    old(ledger)
    resolve(ledger, 1, happened=False)
    shutil.copy(ledger.path, tmp_path / "copy.sqlite")
    assert entries(open_ledger(tmp_path / "copy.sqlite")) == entries(ledger)
    assert {path.name for path in tmp_path.iterdir()} == {"copy.sqlite", "forecasts.sqlite"}


def test_other_files_are_refused_and_left_as_they_are(tmp_path: Path) -> None:
    text, other, newer, bare = (tmp_path / name for name in ("text", "other", "newer", "bare"))
    text.write_text("Not a ledger. " * 100)
    sql(Ledger(other), "CREATE TABLE t (x)")
    old(Ledger(newer))
    sql(Ledger(newer), "PRAGMA user_version = 2")
    sql(Ledger(bare), "VACUUM")  # a database without tables
    for path, said in [
        (text, "nor an SQLite file"),
        (other, "no ledger"),
        (newer, "newer Offramp"),
        (bare, "is empty"),
    ]:
        before = path.read_bytes()
        with pytest.raises(UsageError, match=said):
            open_ledger(path)
        assert path.read_bytes() == before


def test_an_empty_file_is_a_ledger_not_yet_begun(tmp_path: Path) -> None:
    """As another process leaves it for a moment when it enters the first forecast."""
    path = tmp_path / "empty"
    path.write_bytes(b"")
    ledger = open_ledger(path)
    with pytest.raises(UsageError, match="there is no ledger"):
        entries(ledger)
    assert path.read_bytes() == b""
    old(ledger)
    assert [forecast.id for forecast in entries(open_ledger(path)).forecasts] == [1]


def test_corrections_are_new_entries_of_which_the_last_holds(ledger: Ledger) -> None:
    old(ledger)
    resolve(ledger, 1, happened=True, known=date(2024, 2, 1), because="One agency")
    for again in (lambda: resolve(ledger, 1, happened=False), lambda: void(ledger, 1, because="Unclear")):
        with pytest.raises(UsageError, match=r"forecast 1 is resolved, yes .* --correct"):
            again()
    resolve(ledger, 1, happened=False, because="It was another harbour", correct=True)
    void(ledger, 1, because="No agency reports any more", correct=True)
    held = entries(ledger)
    assert [outcome.result for outcome in held.outcomes] == ["yes", "no", "void"]
    assert {outcome.known for outcome in held.outcomes} == {date(2024, 2, 1)}
    assert held.standing[1].result == "void"
    old(ledger, claim="Another")
    with pytest.raises(UsageError, match="no outcome yet"):
        resolve(ledger, 2, happened=True, correct=True)


def test_forecasts_are_on_one_question_by_the_same_words_or_by_following(ledger: Ledger) -> None:
    made = old(ledger)
    same = add(ledger, claim=" A  volley", probability=0.4, due=DUE, rule="Two agencies ", made=date(2024, 1, 5))
    followed = add(ledger, probability=0.5, follows=same.id, base_rate=0.1, made=date(2024, 1, 9))
    inherited = add(ledger, probability=0.6, follows=made.id, made=date(2024, 1, 12))
    apart = add(ledger, claim="A volley", probability=0.4, due=DUE, rule="One agency", made=MADE)
    assert [f.question for f in (made, same, followed, inherited, apart)] == [1, 1, 1, 1, 5]
    assert (inherited.asked, inherited.base_rate) == (made.asked, 0.1)
    assert (made.base_rate, made.entered_later) == (None, True)
    with pytest.raises(UsageError, match="another rule, 'Two agencies'"):
        add(ledger, probability=0.5, follows=1, rule="One agency", made=MADE)


def test_an_outcome_holds_for_every_forecast_on_its_question(ledger: Ledger) -> None:
    old(ledger)
    old(ledger, 0.6)
    assert resolve(ledger, 2, happened=True).question == 1
    with pytest.raises(UsageError, match="forecast 1 is resolved"):
        resolve(ledger, 1, happened=False)


def test_hindsight_is_refused(ledger: Ledger) -> None:
    with pytest.raises(UsageError, match="due on 2024-03-01, which is past"):
        add(ledger, claim="A volley", probability=0.3, due=DUE, rule="r")
    with pytest.raises(UsageError, match="cannot have been made on"):
        add(ledger, claim="A volley", probability=0.3, due=LATER, rule="r", made=LATER)
    assert not ledger.path.exists()
    old(ledger)
    with pytest.raises(UsageError, match=f"cannot be known on {LATER}"):
        resolve(ledger, 1, happened=True, known=LATER)
    resolve(ledger, 1, happened=True, known=date(2024, 2, 1))
    for made in (MADE, date(2024, 2, 1), date(2024, 2, 2)):
        with pytest.raises(
            UsageError, match=f"closed: the outcome, yes, was known on 2024-02-01 and entered on {TODAY}"
        ):
            old(ledger, made=made)


def test_a_question_that_has_an_outcome_takes_no_forecast_on_the_same_day_nor_after_a_correction(
    ledger: Ledger,
) -> None:
    asked = {"claim": "Talks", "due": TODAY, "rule": "x"}
    add(ledger, probability=0.7, base_rate=0.5, **asked)  # type: ignore[arg-type]
    void(ledger, 1, because="unclear")
    for _ in range(2):
        for question in ({"follows": 1}, asked):
            with pytest.raises(UsageError, match="forecast 1 and those that follow it are closed"):
                add(ledger, probability=0.99, **question)  # type: ignore[arg-type]
        resolve(ledger, 1, happened=True, correct=True)
    assert len(entries(ledger).forecasts) == 1


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"probability": 30}, "between 0 and 1, found 30; did you mean 0.3"),
        ({"probability": -0.1}, "between 0 and 1, found -0.1"),
        ({"probability": float("nan")}, "between 0 and 1, found nan"),
        ({"base_rate": 1.5}, "a base rate is between 0 and 1"),
        ({"claim": " "}, "missing: claim"),
        ({"due": None, "rule": None}, "missing: due and rule"),
        ({"follows": 4}, "there is no ledger"),
    ],
)
def test_a_forecast_that_cannot_be_scored_is_refused_and_makes_no_file(
    ledger: Ledger, wrong: dict[str, object], said: str
) -> None:
    good: dict[str, object] = {"claim": "A volley", "probability": 0.3, "due": LATER, "rule": "r"}
    with pytest.raises(UsageError, match=said):
        add(ledger, **(good | wrong))  # type: ignore[arg-type]
    assert not ledger.path.exists()


def test_an_unknown_forecast_is_said_with_what_there_is(ledger: Ledger) -> None:
    with pytest.raises(UsageError, match="there is no ledger at"):
        entries(ledger)
    for _ in range(12):
        old(ledger)
    with pytest.raises(UsageError, match=r"there is no forecast 112: the last is 12; did you mean 12\?"):
        resolve(ledger, 112, happened=True)
    with pytest.raises(UsageError, match="there is no forecast 0: the last is 12, 'A volley'"):
        void(ledger, 0, because="x")
