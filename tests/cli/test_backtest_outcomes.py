"""`offramp backtest` without `--data` scores a crisis, or a folder of crises, on what happened."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from offramp.cli import main
from tests.study.known_outcomes.coins import FIRST, coin_folder


def asked(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["backtest", *map(str, arguments)])


def test_a_folder_and_the_file_in_it_give_the_same_score(tmp_path: Path) -> None:
    folder = coin_folder(tmp_path / "coin", first=FIRST)
    of_folder, of_file = (json.loads(asked(one, "--json").stdout) for one in (folder, folder / "crisis.yaml"))
    assert of_folder == of_file
    assert of_folder["basis"] == "2,048 draws, seed 1."
    assert of_folder["events"][0]["probability"] == pytest.approx(0.5, abs=1e-3)


def test_a_folder_of_crises_is_one_table_with_its_calibration_and_is_exported(tmp_path: Path) -> None:
    coin_folder(tmp_path / "crises" / "a")
    coin_folder(tmp_path / "crises" / "b")
    done = asked(tmp_path / "crises", "--draws", 512, "--export", tmp_path / "out")
    assert done.exit_code == 0, done.stderr
    assert "Scored: 2 decided crises." in done.stdout
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert {"endings.csv", "events.csv", "scores.parquet", "calibration.svg"} <= names


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--by", "year"), "--by needs --data, the table of past cases"),
        (("--once",), "--once needs --data"),
        (("--cauchy",), "a penalty of a fit needs --data"),
        (("--data", "x.csv", "--draws", "64"), "--draws is for a backtest without --data"),
        ((), "outcome.yaml, which says what came about"),
    ],
)
def test_options_of_the_other_kind_of_backtest_are_refused(
    tmp_path: Path, options: tuple[str, ...], message: str
) -> None:
    folder = coin_folder(tmp_path / "coin", None)
    done = asked(folder / "crisis.yaml", *options)
    assert done.exit_code == 2
    assert message in done.stderr


def test_a_mistake_in_the_outcome_has_its_line_and_no_traceback(tmp_path: Path) -> None:
    folder = coin_folder(tmp_path / "coin", "ending: won\n")
    done = asked(folder)
    assert done.exit_code == 2
    assert "outcome.yaml:1:1: missing `because`, `knew`, `knew_how` and `base_rate`" in done.stderr


@pytest.mark.parametrize("arguments", [("backtest",), ("new",), ("new", "--from", "gas-2009"), ("run",)])
def test_a_name_that_no_folder_can_have_is_refused_without_a_traceback(arguments: tuple[str, ...]) -> None:
    done = CliRunner().invoke(main, [*arguments, "a" * 5_000])
    assert done.exit_code == 2
    assert "name too long" in done.stderr
