"""`offramp fit` says what the cases say, writes it whole, and ends with the exit code that fits."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner, Result
from numpy.typing import NDArray

from offramp.cli import main
from offramp.fitting.fit_folder import read_fit
from tests.copies import OFFRAMP, Copy
from tests.fitting.deterrence import PARAMETERS, TEXT, TRUE, cases_drawn

Array = NDArray[np.float64]


def write_table(columns: Mapping[str, Array], path: Path) -> None:
    frame = pd.DataFrame(columns)
    frame["year"] = frame["year"].astype(int)
    frame.to_csv(path, index=False)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "crisis.yaml").write_text(TEXT, encoding="utf-8")
    write_table(cases_drawn(200), tmp_path / "cases.csv")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def call(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["fit", "crisis.yaml", *arguments])


def test_the_answer_comes_first_and_then_the_tables() -> None:
    result = call("--data", "cases.csv", "--starts", "1")
    assert result.exit_code == 0, result.output
    lines = result.output.splitlines()
    assert lines[0] == "Fitted to past cases: Deterrence"
    assert lines[1] == "cases.csv: maximum likelihood, 1 random start, seed 1"
    assert lines[2].startswith("Fitted to 200 cases, all rows of cases.csv, 19")
    assert result.output.index("Estimates (observed standard errors):") > result.output.index("The higher balance")


def test_json_has_the_fit_and_what_else_is_asked() -> None:
    result = call("--data", "cases.csv", "--starts", "0", "--effects", "--over", "near", "--json")
    found = json.loads(result.stdout)
    assert [row["input"] for row in found["estimates"]] == list(PARAMETERS)
    errors = np.array([row["se"] for row in found["estimates"]])
    assert (np.abs([row["estimate"] for row in found["estimates"]] - TRUE) < 4.0 * errors).all()
    assert found["fit"][0]["cases"] == 200
    assert found["effects"]["first_differences"][0]["column"] == "balance"
    assert [row["value"] for row in found["over"]["near"]["over_near"]][::4] == [0.0, 1.0]
    assert "predicted" in found


def test_a_folder_has_the_fit_its_tables_its_odds_by_case_and_its_pictures(folder: Path) -> None:
    result = call("--data", "cases.csv", "--starts", "0", "--se", "clustered", "--over", "balance", "--out", "fit")
    assert result.exit_code == 0, result.output
    assert result.output.splitlines()[-1] == "written: fit"
    names = {path.name for path in (folder / "fit").iterdir()}
    assert {"fit.json", "estimates.csv", "estimates.parquet", "estimates.tex", "cases.csv"} <= names
    assert {"over_balance.csv", "over_balance.svg", "over_balance.png"} <= names
    kept = read_fit("fit")
    assert (kept.crisis, kept.table, kept.cases, kept.errors) == ("crisis.yaml", "cases.csv", 200, "clustered")
    assert kept.table_sha256 is not None
    with (folder / "fit" / "estimates.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [float(row["estimate"]) for row in rows] == kept.values.tolist()
    with (folder / "fit" / "cases.csv").open() as file:
        odds = list(csv.DictReader(file))
    assert (len(odds), odds[0]["line"]) == (200, "2")
    again = call("--data", "cases.csv", "--out", "fit")
    assert again.exit_code == 2
    assert "fit exists already; nothing is overwritten" in again.stderr


def test_the_posterior_is_what_the_folder_keeps_if_it_is_asked_for() -> None:
    result = call("--data", "cases.csv", "--starts", "0", "--posterior", "--out", "fit", "--json")
    found = json.loads(result.stdout)
    kept = read_fit("fit")
    assert (kept.errors, kept.penalty) == ("posterior", "prior")
    assert [row["mean"] for row in found["posterior"]["posterior"]] == pytest.approx(kept.values.tolist())


def test_separated_cases_end_with_exit_code_1_and_what_to_do(folder: Path) -> None:
    table = cases_drawn(200)
    kept = (table["near"] == 0.0) | (table["outcome"] != "quiet")
    write_table({name: column[kept] for name, column in table.items()}, folder / "separated.csv")
    result = call("--data", "separated.csv", "--starts", "1")
    assert result.exit_code == 1
    assert "There is no finite maximum: want.near" in " ".join(result.output.split())
    assert "--prior" in result.output
    assert call("--data", "separated.csv", "--starts", "1", "--log-f").exit_code == 0


def test_coefficients_that_the_cases_do_not_tell_apart_end_with_exit_code_1(folder: Path) -> None:
    write_table(cases_drawn(200) | {"near": np.ones(200)}, folder / "all-near.csv")
    result = call("--data", "all-near.csv", "--starts", "0")
    assert result.exit_code == 1
    assert "The cases do not tell want.1 and want.near apart" in " ".join(result.output.split())


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--data", "none.csv"), "there is no file none.csv"),
        (("--data", "crisis.yaml"), "expected a table that ends in .csv or .parquet"),
        (("--data", "short.csv"), "short.csv has no column 'balance'"),
        (
            ("--data", "cases.csv", "--over", "balanse"),
            "'balanse' is not a column of the cases; did you mean 'balance'",
        ),
        (("--data", "cases.csv", "--starts", "-1"), "`starts` must lie between 0 and 1,000"),
        (("--data", "cases.csv", "--se", "robust"), "'robust' is not one of"),
        (("--data", "cases.csv", "--prior", "--log-f"), "--prior and --log-f exclude each other; give one of them"),
        (("--data", "cases.csv", "--cauchy", "--prior"), "--prior and --cauchy exclude each other; give one of them"),
        ((), "Missing option '--data'"),
    ],
)
def test_what_is_wrong_is_told_in_words_with_exit_code_2(arguments: tuple[str, ...], said: str, folder: Path) -> None:
    (folder / "short.csv").write_text("near,regime,dyad,year,outcome\n1,dem,d1,1990,war\n", encoding="utf-8")
    result = call(*arguments)
    assert result.exit_code == 2
    assert said in result.output
    assert "Traceback" not in result.output


def test_a_crisis_without_cases_is_refused_with_what_it_lacks(folder: Path) -> None:
    text = TEXT[: TEXT.index("cases:")] + TEXT[TEXT.index("endings:") :]
    (folder / "crisis.yaml").write_text(text, encoding="utf-8")
    result = call("--data", "cases.csv")
    assert result.exit_code == 2
    assert "no `cases`" in result.stderr


def test_control_characters_of_a_table_do_not_reach_the_terminal(folder: Path) -> None:
    text = (folder / "cases.csv").read_text(encoding="utf-8")
    (folder / "cases.csv").write_text(text.replace(",quiet", ",\x1b[31mquiet", 1), encoding="utf-8")
    result = call("--data", "cases.csv", "--starts", "0")
    assert "\x1b" not in result.output


def test_ctrl_c_ends_with_130_and_leaves_nothing(folder: Path) -> None:
    command = [OFFRAMP, "fit", "crisis.yaml", "--data", "cases.csv", "--starts", "0", "--out", "fit"]
    more = ["--se", "bootstrap", "--replications", "100000"]
    with Copy([*command, *more], cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        time.sleep(3.0)
        process.send_signal(signal.SIGINT)
        out, said = process.communicate(timeout=60)
    assert (process.returncode, out) == (130, ""), said
    assert said == "interrupted; nothing was written\n"
    assert not (folder / "fit").exists()
    assert not list(folder.glob(".*"))


@pytest.mark.skipif(os.name != "posix", reason="terminals as POSIX has them")
def test_on_a_terminal_a_bar_shows_how_far_the_search_is(folder: Path) -> None:
    ours, terminal = os.openpty()
    command = [OFFRAMP, "fit", "crisis.yaml", "--data", "cases.csv", "--starts", "2", "--json"]
    with Copy(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=terminal), os.fdopen(ours, "rb", 0) as reading:
        os.close(terminal)
        shown = b""
        with suppress(OSError):  # how Linux tells the end of a terminal
            while more := reading.read(4096):
                shown += more
    assert b"fitting" in shown
    assert b"/3" in shown
