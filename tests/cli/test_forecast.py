"""`offramp forecast` from the command line: what it enters, lists and scores, and what it refuses."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from offramp.cli import main
from offramp.runs.running import run_into
from tests.cli.test_cli import done
from tests.shipped import tehran

TODAY = datetime.now(UTC).date()
LATER = str(TODAY + timedelta(days=30))
OLD = ("--due", "2024-03-01", "--made", "2024-01-01", "--rule", "Two agencies")


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("forecast") / "run"
    run_into(tehran(), folder, draws=32, seed=7)
    return str(folder)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def call(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["forecast", *arguments])


def said(*arguments: str) -> str:
    result = call(*arguments)
    assert (result.exit_code, result.stderr) == (0, ""), result.output
    return " ".join(result.stdout.split())


def answered(*arguments: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(said(*arguments, "--json"))
    return found


def refused(*arguments: str) -> str:
    result = call(*arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "Traceback" not in result.stderr
    return " ".join(result.stderr.split())


def test_a_forecast_goes_from_a_run_to_a_score(run: str, folder: Path) -> None:
    ask = ("--due", LATER, "--rule", "Two agencies report it", "--base-rate", "0.05")
    first = answered("add", run, "--ending", "war", *ask)
    assert (first["forecast"], first["question"], first["draws"], first["seed"]) == (1, 1, 32, 7)
    assert 0.0 < first["probability"] < 0.2
    assert "On the same question: forecast 1" in said("add", run, "--follows", "1")
    answered("add", run, "--move", "iran_answer=staged@1", *ask)
    assert "3 forecasts on 2 questions: 3 open." in said("list")
    resolved = said("resolve", "2", "no", "--because", "Both agencies")
    assert "It holds for all forecasts on the question: 1 and 2." in resolved
    assert f"It counts from {LATER} on" in resolved
    assert "3 is void" in said("void", "3", "--because", "The move was never made")
    text = said("score")
    assert "No forecast counts yet" in text
    assert "2 resolved before the due date (1 and 2) and 1 void (3)" in text
    assert sorted(path.name for path in folder.iterdir()) == ["forecasts.sqlite"]


def test_a_forecast_on_a_question_resolved_the_same_day_is_refused() -> None:
    today = str(TODAY)
    said("add", "--claim", "Talks", "--probability", "0.7", "--due", today, "--rule", "x", "--base-rate", "0.5")
    said("resolve", "1", "yes", "--because", "y")
    assert "are closed: the outcome, yes" in refused("add", "--follows", "1", "--probability", "0.99")
    assert "1 forecast on 1 question count" in said("score")


def test_resolve_says_that_an_outcome_counts_only_for_forecasts_made_before_it_was_known() -> None:
    yesterday, before = str(TODAY - timedelta(days=1)), str(TODAY - timedelta(days=2))
    asked = ("--probability", "0.7", "--due", LATER, "--rule", "x")
    said("add", "--claim", "Talks", *asked)
    resolved = said("resolve", "1", "yes", "--on", yesterday)
    assert "Made after it was known, and so not counted: 1." in resolved
    assert "counts from" not in resolved
    said("add", "--claim", "War", *asked)
    said("add", "--follows", "2", "--probability", "0.8", "--made", before)
    resolved = said("resolve", "2", "yes", "--on", yesterday)
    assert "Made after it was known, and so not counted: 2." in resolved
    assert f"For the others it counts from {LATER} on" in resolved


def test_old_forecasts_are_scored_and_exported(folder: Path) -> None:
    for number, probability in enumerate(("0.2", "0.7", "0.9")):
        said("add", "--claim", f"Claim {number}", "--probability", probability, *OLD)
        said("resolve", str(number + 1), "yes" if number else "no", "--on", "2024-02-01")
    found = answered("score", "--export", "out")
    scores = {row["score"]: row["value"] for row in found["scores"]}
    assert scores["brier"] == pytest.approx((0.04 + 0.09 + 0.01) / 3)
    assert scores["area"] == 1.0
    assert "entered only after the answer was known" in " ".join(found["answer"])
    names = {path.name for path in (folder / "out").iterdir()}
    assert {"scores.csv", "questions.parquet", "calibration.csv", "calibration.svg", "calibration.png"} <= names
    said("list", "--export", "listed")
    assert "rule" in (folder / "listed" / "forecasts.csv").read_text().splitlines()[0]


def test_a_second_outcome_needs_to_be_called_a_correction_and_both_are_shown() -> None:
    said("add", "--claim", "A volley", "--probability", "0.3", *OLD)
    said("resolve", "1", "yes", "--on", "2024-02-01")
    assert "entries are never changed: say --correct" in refused("resolve", "1", "no")
    assert "It corrects entry 1, yes, which stays in the ledger." in said("resolve", "1", "no", "--correct")
    history = answered("list")["outcomes"]
    assert [(row["result"], row["standing"]) for row in history] == [("yes", "no, corrected"), ("no", "yes")]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--claim", "x", "--probability", "0.3", "--rule", "r", "--due", "1.4.2031"), "found '1.4.2031'"),
        (("--claim", "x", "--probability", "0.3", "--rule", "r", "--due", "2031-02-30"), "found '2031-02-30'"),
        (
            ("--claim", "x", "--probability", "0.3", "--rule", "r", "--due", "20310401"),
            "takes a day such as 2031-04-01",
        ),
        (("--claim", "x", "--probability", "30", "--rule", "r", "--due", LATER), "did you mean 0.3?"),
        (("--claim", "x", "--probability", "30%", "--rule", "r", "--due", LATER), "write 0.3 for 30%"),
        (("--claim", "x", "--probability", "0.3"), "missing: due and rule"),
        (("--claim", "x", "--rule", "r", "--due", LATER), "needs a probability"),
        (("--ending", "war", "--rule", "r", "--due", LATER), "--ending needs a run"),
        (("nowhere", "--ending", "war", "--rule", "r", "--due", LATER), "nowhere is no run"),
        (("nowhere", "--ending", "war", "--probability", "0.3"), "a run has its own"),
        (("--follows", "1", "--probability", "0.3"), "there is no ledger"),
        (("nowhere", "--follows", "1"), "there is no ledger"),
    ],
)
def test_a_mistake_is_said_and_nothing_is_written(arguments: tuple[str, ...], message: str, folder: Path) -> None:
    assert message in refused("add", *arguments)
    assert list(folder.iterdir()) == []


def test_a_run_of_something_else_cannot_follow(run: str) -> None:
    said("add", run, "--ending", "war", "--rule", "r", "--due", LATER)
    assert "forecast 1 is of ending war, not of ending stand_down" in refused(
        "add", run, "--ending", "stand_down", "--follows", "1"
    )
    said("add", "--claim", "x", "--probability", "0.3", "--rule", "r", "--due", LATER)
    assert "forecast 2 is not from a run: say which ending or move" in refused("add", run, "--follows", "2")


def test_unknown_forecasts_commands_and_missing_ledgers_are_said() -> None:
    for command in (("list",), ("score",), ("resolve", "1", "yes"), ("void", "1", "--because", "x")):
        assert "there is no ledger at forecasts.sqlite" in refused(*command)
    said("add", "--claim", "x", "--probability", "0.3", "--rule", "r", "--due", LATER)
    assert "there is no forecast 7: the last is 1, 'x'" in refused("resolve", "7", "yes")
    assert "did you mean 'resolve'?" in refused("resolv", "1", "yes")


def test_the_installed_command_prints_hostile_text_as_text(folder: Path) -> None:
    hostile = "[bold]\x1b[31mvolley\u202e[/bold]"
    done(folder, "forecast", "add", "--claim", hostile, "--probability", "0.3", "--due", LATER, "--rule", "[/x]")
    listed = done(folder, "forecast", "list")
    assert "\x1b" not in listed
    assert "[bold]" in listed


def test_the_help_of_the_ledger_says_what_each_command_does_in_a_whole_sentence() -> None:
    listed = call("--help").stdout.partition("Commands:")[2].splitlines()
    assert len([line for line in listed if line]) == 5
    assert all(line.endswith(".") and "..." not in line for line in listed if line)


def test_scores_have_names_in_words(folder: Path) -> None:
    said("add", "--claim", "c", "--probability", "0.4", *OLD)
    said("resolve", "1", "no", "--on", "2024-03-01")
    shown = said("score")
    assert "_" not in shown
    assert all(name in shown for name in ("Brier", "area under the curve", "log score", "Brier by time"))
