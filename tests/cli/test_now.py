"""`--now` and `--suppose` on the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

import offramp
from offramp.cli import main
from tests.raid_now import RAID_NOW, raid_now


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "raid.yaml"
    path.write_text(RAID_NOW)
    return path


def output(*arguments: str | Path, code: int = 0) -> str:
    result = CliRunner().invoke(main, [str(argument) for argument in arguments])
    assert result.exit_code == code, result.output
    return " ".join(result.output.split())


@pytest.mark.parametrize(
    "command", [("solve",), ("why", "raid"), ("paths",), ("levers", "--draws", "64"), ("run", "--draws", "256")]
)
def test_a_command_says_as_of_when_it_speaks(command: tuple[str, ...], file: Path, tmp_path: Path) -> None:
    name, *options = command
    if name == "run":
        options += ["--out", str(tmp_path / "run")]
    text = output(name, file, *options, "--now")
    assert "As of 2031-01-01, after warn: speak" in text
    assert "As of" not in output(
        name, file, *(part.replace("run", "other") if "/" in part else part for part in options)
    )


def test_what_is_supposed_is_as_in_python(file: Path) -> None:
    text = output("solve", file, "--suppose", "raid=go|stay", "--lever", "hotline", "--json")
    crisis = raid_now().supposing({"raid": ["go", "stay"]}).with_levers("hotline")
    assert json.loads(text)["endings"] == offramp.solve(crisis).endings
    assert "supposing raid: go or stay" in output("solve", file, "--suppose", "raid=go|stay")
    over = output("solve", file, "--suppose", "raid=stay")
    assert "how often a move is made" not in over  # no move is ahead


def test_a_run_as_of_now_is_listed_as_such_and_read_without_the_option(file: Path, tmp_path: Path) -> None:
    output("run", file, "--draws", "256", "--suppose", "raid=go", "--out", tmp_path / "runs" / "a")
    assert "as of now, supposing raid: go" in output("runs", tmp_path / "runs")
    for command in ("endings", "moves"):
        assert "supposing raid: go" in output(command, tmp_path / "runs" / "a")
    output("run", file, "--draws", "256", "--out", tmp_path / "runs" / "b")
    again = json.loads(output("endings", tmp_path / "runs" / "b", "--suppose", "raid=go", "--json"))
    assert again["endings"] == json.loads(output("endings", tmp_path / "runs" / "a", "--json"))["endings"]


def test_without_facts_now_is_the_outset_and_this_is_said(file: Path) -> None:
    file.write_text(RAID_NOW.partition("observed:")[0])
    assert "Nothing is observed or supposed, so now is the outset." in output("solve", file, "--now")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--suppose", "raid"), "--suppose takes STEP=VALUE or STEP=VALUE@ROUND, such as line=low; found 'raid'"),
        (("--suppose", "raid=goo"), "'goo' is not an option of 'raid'"),
        (("--suppose", "raid=go@2"), "'raid' is not inside rounds"),
        (("--suppose", "warn=hush"), "warn: hush, contradicts warn: speak"),
        (("--suppose", "raid=go", "--suppose", "raid=stay"), "--suppose gives 'raid' twice"),
        (("--now", "--rational"), "leave out --all and --rational"),
    ],
)
def test_a_mistake_is_told_in_one_line(arguments: tuple[str, ...], message: str, file: Path) -> None:
    assert message in output("solve", file, *arguments, code=2)


def test_runs_are_listed_with_the_names_of_levers_and_of_what_is_supposed(file: Path, tmp_path: Path) -> None:
    text = file.read_text(encoding="utf-8")
    for key, named in (
        ("hotline: {set", "hotline: {name: an open line, set"),
        ("by: north, options: [go, stay]", "by: north, name: the raid, options: {go: a landing, stay: none}"),
    ):
        assert key in text
        text = text.replace(key, named)
    file.write_text(text, encoding="utf-8")
    options = "--draws", "256", "--suppose", "raid=go", "--lever", "hotline"
    output("run", file, *options, "--out", tmp_path / "runs" / "a")
    text = output("runs", tmp_path / "runs")
    assert "levers an open line, as of now, supposing the" in text
    assert "raid: a landing" in text


def test_a_run_at_a_url_takes_no_names_from_a_folder_that_is_called_like_it(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("fsspec")
    monkeypatch.setenv("OFFRAMP_CACHE_DIR", str(tmp_path / "cache"))
    output("run", file, "--draws", "4", "--lever", "hotline", "--out", f"file://{tmp_path}/far/a")
    (tmp_path / "near" / "a").mkdir(parents=True)
    named = RAID_NOW.replace("hotline: {set", "hotline: {name: an open line, set")
    (tmp_path / "near" / "a" / "crisis.yaml").write_text(named, encoding="utf-8")
    monkeypatch.chdir(tmp_path / "near")
    assert "levers hotline" in output("runs", f"file://{tmp_path}/far")


def test_an_ending_that_cannot_come_about_any_more_is_told_so(file: Path) -> None:
    assert "It cannot come about, whatever the actors choose." in output(
        "why", file, "--ending", "war", "--suppose", "raid=stay"
    )


def test_as_of_now_payoffs_are_those_to_come_and_a_run_shows_its_measures(file: Path, tmp_path: Path) -> None:
    assert "actor payoff of which" in output("solve", file)
    assert "actor payoff to come of which" in output("solve", file, "--now")
    measures = "measures: {losses: {is: 3 * (spiral == war), unit: ships, name: ships lost}}\nendings:"
    file.write_text(file.read_text(encoding="utf-8").replace("endings:", measures, 1), encoding="utf-8")
    text = output("run", file, "--draws", "64", "--out", tmp_path / "a")
    mean = offramp.open_run(tmp_path / "a").measure_intervals["losses"].mean
    shown = text.partition("measure mean 5 % to 95 % unit ships lost ")[2].split()
    assert float(shown[0]) == pytest.approx(mean, rel=0.01)
    assert "ships" in shown[:6]


def test_an_update_of_a_run_as_of_now_says_which_run_to_take_and_that_one_works(file: Path, tmp_path: Path) -> None:
    output("run", file, "--draws", "256", "--now", "--out", tmp_path / "now")
    refused = output("update", tmp_path / "now", code=2)
    assert "take a run of the crisis file without --now and --suppose" in refused
    output("run", file, "--draws", "256", "--out", tmp_path / "outset")
    assert "After 2031-01-01 (warn: speak)" in output("update", tmp_path / "outset")
