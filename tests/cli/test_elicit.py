"""`offramp elicit` says what the experts expect, and writes nothing without a yes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from offramp.cli import main
from tests.elicitation.panels import OFFICERS, PUBLISHED
from tests.elicitation.test_into_crisis import CRISIS


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "crisis.yaml").write_text(CRISIS, encoding="utf-8")
    (tmp_path / "panel.yaml").write_text(OFFICERS, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["elicit", *arguments])


def test_the_answer_has_the_pool_and_its_distribution(folder: Path) -> None:
    result = run("panel.yaml")
    assert result.exit_code == 0
    assert "What 3 experts expect: Three officers" in result.output
    assert "All experts have the same weight." in result.output
    assert "war_cost: median 6.38 lost rounds, p10 3.04, p90 15.0; percentiles(" in result.output


def test_json_has_every_table_and_both_pools() -> None:
    result = run(str(PUBLISHED / "daniela.yaml"), "--json")
    found = json.loads(result.output)
    assert {row["pool"] for row in found["expected"]} == {"equal", "global", "item"}
    (best,) = (row for row in found["pools"] if row["pool"] == "global")
    assert (round(best["calibration"], 2), round(best["information"], 2)) == (0.55, 0.63)
    assert sum(row["weight"] for row in found["experts"]) == pytest.approx(1.0)
    assert len(found["seeds"]) == 7 * 3
    assert all(row["error"] < 0.1 for row in found["distributions"])


def test_nothing_is_written_without_a_yes(folder: Path) -> None:
    result = run("panel.yaml", "--write", "crisis.yaml")
    assert result.exit_code == 0
    assert "nothing was written; --yes writes it" in result.output
    assert '+  war_cost: {is: "percentiles(' in result.output
    assert (folder / "crisis.yaml").read_text(encoding="utf-8") == CRISIS


@pytest.mark.skipif(sys.platform == "win32", reason="pseudo-terminals are of POSIX")
def test_in_a_terminal_it_asks_and_a_no_writes_nothing(folder: Path) -> None:
    import pty

    ours, theirs = pty.openpty()
    command = [sys.executable, "-P", "-m", "offramp", "elicit", "panel.yaml", "--write", "crisis.yaml"]
    with subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, cwd=folder) as process:
        os.close(theirs)
        os.write(ours, b"n\n")
        said = b""
        with suppress(OSError):  # the end of a terminal
            while read := os.read(ours, 65_536):
                said += read
    os.close(ours)
    assert process.returncode == 0
    assert b"Write this into crisis.yaml? [y/N]" in said
    assert b"nothing was written" in said
    assert (folder / "crisis.yaml").read_text(encoding="utf-8") == CRISIS


def test_with_yes_the_file_is_written_and_checked(folder: Path) -> None:
    result = run("panel.yaml", "--write", "crisis.yaml", "--yes")
    assert result.exit_code == 0
    assert "written: crisis.yaml" in result.output
    checked = CliRunner().invoke(main, ["check", "crisis.yaml"])
    assert "crisis.yaml: no errors" in checked.output
    again = run("panel.yaml", "--write", "crisis.yaml", "--yes")
    assert "crisis.yaml says this already; nothing was written" in again.output


def test_with_json_the_change_is_told_on_standard_error(folder: Path) -> None:
    result = run("panel.yaml", "--write", "crisis.yaml", "--yes", "--json")
    assert json.loads(result.stdout)["title"] == "What 3 experts expect: Three officers"
    assert "written: crisis.yaml" in result.stderr


def test_the_tables_and_the_picture_are_exported(folder: Path) -> None:
    assert run("panel.yaml", "--export", "out").exit_code == 0
    names = {path.name for path in (folder / "out").iterdir()}
    assert {"expected.csv", "distributions.parquet", "answers.csv", "elicitation.svg", "elicitation.png"} <= names
    picture = (folder / "out" / "elicitation.svg").read_text(encoding="utf-8")
    assert "birch: 6.00 (3.00 to 12.0)" in picture
    assert "equal weights: 6.38" in picture


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("missing.yaml",), "there is no file missing.yaml"),
        (("panel.yaml", "--pool", "global"), "has no answered seed questions, so only equal weights are possible"),
        (("panel.yaml", "--yes"), "--input and --yes go with --write"),
        (("panel.yaml", "--write", "none.yaml"), "there is no file none.yaml"),
        (("panel.yaml", "--write", "panel.yaml", "--yes"), "so it was not changed"),
        (("crisis.yaml",), "crisis.yaml:3:1: unknown key 'actors'"),
    ],
)
def test_what_is_wrong_is_told_in_words_with_exit_code_2(folder: Path, arguments: tuple[str, ...], said: str) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert said in result.output
    assert "Traceback" not in result.output


def test_control_characters_of_a_file_do_not_reach_the_terminal(folder: Path) -> None:
    (folder / "panel.yaml").write_text(OFFICERS.replace("amber", '"\\e[31mx"'), encoding="utf-8")
    result = run("panel.yaml")
    assert result.exit_code == 2
    assert "\x1b" not in result.output
