"""`offramp why` and `paths` as they are called."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

import offramp
from offramp.cli import main
from tests.app.served import SMALL
from tests.shipped import CRISES

TEHRAN = str(CRISES / "tehran-2024" / "crisis.yaml")


def test_why_says_what_an_option_costs_and_what_it_spares() -> None:
    asked = ["why", TEHRAN, "iran_answer@1", "--given", "quiet_word=send", "--given", "iran_red_line=high"]
    result = CliRunner().invoke(main, asked)
    assert result.exit_code == 0, result.output
    sentence = (
        "Iran prefers a staged answer to a salvo by 0.28: it pays 0.43 more in face lost without an answer, but spares"
    )
    assert sentence in " ".join(result.output.split())


def test_why_in_json_has_every_table() -> None:
    result = CliRunner().invoke(main, ["why", TEHRAN, "relay", "--set", "misreading=0.2", "--json"])
    found = json.loads(result.output)
    total = next(row for row in found["terms"] if row["term"] == "in all")
    for option in ("pass_on", "keep"):
        parts = [row[option] for row in found["terms"] if row["term"] != "in all"]
        assert sum(parts) == pytest.approx(total[option], abs=1e-12)
    assert {"options", "terms", "endings", "beliefs", "knows"} <= set(found)


def test_why_of_an_ending_says_what_keeps_it_away_and_what_would_have_to_be_otherwise() -> None:
    result = CliRunner().invoke(main, ["why", TEHRAN, "--ending", "war", "--json"])
    assert result.exit_code == 0, result.output
    found = json.loads(result.output)
    text = " ".join(found["answer"])
    assert "What keeps it away most is Israel's choice at Israel's reply in round 1" in text
    assert "it spares itself 1.55 in a regional war" in text
    assert "no value of any one input is enough" in text
    assert {"choices", "situations", "terms", "tipping"} <= set(found)


@pytest.fixture(scope="module")
def file_and_run(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A crisis file, and a run of it with a lever."""
    folder = tmp_path_factory.mktemp("pulled")
    text = SMALL.replace("harm: {is: 1.5,", 'harm: {is: "uniform(1, 2)",')
    text += "  threat: {set: {harm: 2 * harm}, because: A larger force}\n"
    (folder / "crisis.yaml").write_text(text, encoding="utf-8")
    offramp.run(offramp.read(folder / "crisis.yaml").with_levers("hotline"), draws=8, out=folder / "run")
    return folder / "crisis.yaml", folder / "run"


@pytest.mark.parametrize(
    "asked",
    [["solve"], ["trace"], ["why", "answer"], ["paths"], ["map", "--x", "gain", "--y", "harm", "--size", "3"]],
    ids=lambda asked: asked[0],
)
def test_a_run_stands_for_its_crisis_with_its_levers(file_and_run: tuple[Path, Path], asked: list[str]) -> None:
    file, run = map(str, file_and_run)
    command, *options = asked
    of_run = CliRunner().invoke(main, [command, run, *options, "--json"])
    of_file = CliRunner().invoke(main, [command, file, *options, "--lever", "hotline", "--json"])
    assert of_run.exit_code == of_file.exit_code == 0, of_run.output
    assert json.loads(of_run.output) == json.loads(of_file.output)


@pytest.mark.parametrize("asked", [["solve"], ["trace"], ["paths"], ["map", "--x", "gain", "--y", "harm"]])
def test_a_lever_that_a_run_has_pulled_is_not_pulled_again(file_and_run: tuple[Path, Path], asked: list[str]) -> None:
    command, *options = asked
    result = CliRunner().invoke(main, [command, str(file_and_run[1]), *options, "--lever", "hotline"])
    assert result.exit_code == 2
    assert result.stderr == "the run has pulled 'hotline' already: leave out `--lever hotline`\n"


def test_the_levers_of_a_run_s_crisis_come_on_top_of_those_of_the_run(file_and_run: tuple[Path, Path]) -> None:
    file, run = file_and_run
    found = CliRunner().invoke(main, ["levers", str(run), "--draws", "8", "--json"])
    alone = offramp.levers(offramp.read(file).with_levers("hotline"), draws=8)
    expected = alone.to_dict() | {"basis": "The run's 8 draws; levers pulled: hotline."}
    assert json.loads(found.output) == json.loads(json.dumps(expected))


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        (["why", TEHRAN, "relay", "--given", "quiet_word"], "--given takes STEP=VALUE, found 'quiet_word'"),
        (["why", TEHRAN, "quite_word"], "unknown move 'quite_word'; did you mean 'quiet_word'?"),
        (["why", TEHRAN], "why takes a MOVE, with --given for what its actor knows, or --ending: name one of them"),
        (["why", TEHRAN, "relay", "--ending", "war"], "name one of them"),
        (["why", TEHRAN, "--ending", "stand_dwn"], "unknown ending 'stand_dwn'; did you mean 'stand_down'?"),
        (["paths", TEHRAN, "--to", "join_answer"], "unknown ending 'join_answer'; did you mean 'joint_answer'?"),
    ],
)
def test_a_mistake_is_told_in_a_line(asked: list[str], message: str) -> None:
    result = CliRunner().invoke(main, asked)
    assert result.exit_code == 2
    assert message in result.output
    assert "Traceback" not in result.output


def test_paths_export_their_tables_and_the_picture(tmp_path: Path) -> None:
    folder = tmp_path / "out"
    result = CliRunner().invoke(main, ["paths", TEHRAN, "--to", "war", "--top", "2", "--export", str(folder)])
    assert result.exit_code == 0, result.output
    names = ["apart_war.csv", "apart_war.parquet", "flows.csv", "flows.parquet", "paths_war.csv", "paths_war.parquet"]
    pictures = ["timeline.png", "timeline.svg", "timeline_narrow.png", "timeline_narrow.svg"]
    assert sorted(path.name for path in folder.iterdir()) == names + pictures
    assert len((folder / "paths_war.csv").read_text().splitlines()) == 3
