"""`offramp redteam` shows numbered weak points with their lines, exports them, and changes no file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from offramp.cli import main
from tests.draft.redteam.border import written


def said(*words: str | Path, code: int = 0) -> Result:
    result = CliRunner(env={"COLUMNS": "80"}).invoke(main, ["redteam", *map(str, words)])
    assert result.exit_code == code, result.output
    return result


def test_weak_points_are_numbered_by_kind_and_name_their_lines(tmp_path: Path) -> None:
    file = written(tmp_path, ("rationality: 4", "rationality: 3"), ("prize: prize / 2", "prize: prize * 1.0001"))
    before = file.read_bytes()
    output = said(file).output
    assert "2 weak points: 1 “lever” and 1 “equal numbers”." in output
    assert " 1. Talks moves no ending" in output
    assert "crisis.yaml:7 (also line 8)" in output
    assert "To answer it:" in output
    assert file.read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["crisis.yaml", "sources"]


def test_json_and_exported_files_hold_every_point(tmp_path: Path) -> None:
    file = written(tmp_path, ("rationality: 4", "rationality: 3"))
    found = json.loads(said(file, "--json", "--export", tmp_path / "out").output)
    (point,) = found["points"]
    assert (point["number"], point["kind"], point["lines"], point["mark"]) == (1, "equal numbers", "7, 8", "open")
    assert {row["move"] for row in found["best_options"]} == {"raid", "reply"}
    assert "rationality" in (tmp_path / "out" / "points.csv").read_text(encoding="utf-8")


def test_nothing_found_is_said_without_a_promise(tmp_path: Path) -> None:
    assert "No weak point was found. That does not mean that there is none." in said(written(tmp_path)).output


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ('EFG 2 R "x" { "a" } t "" 1 "" { 0 }', "a red team looks at a crisis file"),
        ("format: 1\ntitle: x\nactors: [", "crisis.yaml:4:1"),
        (None, "cannot read"),
    ],
)
def test_what_is_no_crisis_is_refused_in_one_line(content: str | None, words: str, tmp_path: Path) -> None:
    file = tmp_path / "crisis.yaml"
    if content is not None:
        file.write_text(content, encoding="utf-8")
    output = said(file, code=2).output
    assert words in output
    assert "Traceback" not in output
