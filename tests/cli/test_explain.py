"""`offramp why` and `paths` as they are called."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from offramp.cli import main
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
