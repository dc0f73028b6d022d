"""Until a person has read a draft whole, every answer that comes from it says so, and nothing else changes."""

from __future__ import annotations

import json
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import docx
import pytest
from click.testing import CliRunner

import offramp
from offramp.cli import main
from offramp.crisis.draft_standing import SIDECAR, DraftStanding
from tests.app.served import SMALL

SAID = "raft by m-7, 12 of 61 assumptions read"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "small.yaml").write_text(SMALL, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def read(count: int, total: int = 61) -> None:
    """Write a sidecar of which so much is read."""
    standing = {"model": "m-7", "read": count, "total": total}
    Path(SIDECAR).write_text(json.dumps({"standing": standing}), encoding="utf-8")


def said(*arguments: str) -> str:
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 0, result.output
    return result.stdout


def test_solve_and_trace_say_it_below_the_title_and_in_json() -> None:
    read(12)
    for command in (["solve"], ["solve", "--rational"], ["solve", "--all", "2"], ["trace"]):
        assert SAID in said(*command, "small.yaml").splitlines()[1], command
        assert json.loads(said(*command, "small.yaml", "--json"))["draft"] == {"model": "m-7", "read": 12, "total": 61}


def test_studies_of_a_file_say_it() -> None:
    read(12)
    for question in (["why", "small.yaml", "answer"], ["paths", "small.yaml", "--to", "war"], ["levers", "small.yaml"]):
        assert SAID in " ".join(said(*question).split()), question


def test_nothing_is_said_of_a_crisis_without_a_draft_or_of_one_that_was_read_whole() -> None:
    plain = said("solve", "small.yaml"), said("solve", "small.yaml", "--json")
    assert "raft" not in "".join(plain)
    read(61)
    assert plain == (said("solve", "small.yaml"), said("solve", "small.yaml", "--json"))


def test_a_run_keeps_what_was_read_when_it_began_and_everything_made_of_it_says_so(folder: Path) -> None:
    read(12)
    options = ("small.yaml", "--draws", "64", "--out", "kept")
    assert SAID in said("run", *options).splitlines()[1]
    read(61)
    assert json.loads((folder / "kept/manifest.json").read_text())["draft"] == {"model": "m-7", "read": 12, "total": 61}
    assert json.loads(said("run", *options, "--json"))["draft"]["read"] == 12
    for question in ("endings", "moves", "weigh", "update", "worth"):
        assert SAID in " ".join(said(question, "kept").split()), question
    assert (folder / "kept/report.html").read_text().count(f"<strong>D{SAID}.</strong>") == 1
    said("report", "kept")
    assert (folder / "kept/report.html").read_text().count(f"<strong>D{SAID}.</strong>") == 1
    said("report", "kept", "--brief")
    assert f'</h1>\n<p class="own"><strong>D{SAID}.</strong></p>' in (folder / "kept/brief.html").read_text()
    paragraphs = [one.text for one in docx.Document(BytesIO((folder / "kept/brief.docx").read_bytes())).paragraphs]
    assert paragraphs[2] == f"D{SAID}."


def test_a_run_of_a_draft_has_the_same_bytes_but_for_what_says_so(folder: Path) -> None:
    said("run", "small.yaml", "--draws", "64", "--out", "plain")
    read(12)
    said("run", "small.yaml", "--draws", "64", "--out", "draft")
    names = {path.name for path in (folder / "plain").iterdir()}
    assert names == {path.name for path in (folder / "draft").iterdir()}
    differing = {
        name for name in names if (folder / "plain" / name).read_bytes() != (folder / "draft" / name).read_bytes()
    }
    assert differing - {"log.jsonl"} == {"manifest.json", "finished.json", "report.html"}  # the marker has their hashes
    plain, draft = (json.loads((folder / name / "manifest.json").read_text()) for name in ("plain", "draft"))
    assert draft == plain | {"draft": {"model": "m-7", "read": 12, "total": 61}}


def test_parts_of_a_run_are_merged_however_much_was_read_meanwhile_and_the_least_counts(folder: Path) -> None:
    for part, count in (("0", 30), ("1", 12)):
        read(count)
        said("run", "small.yaml", "--draws", "2048", "--chunks", part, "--out", f"part-{part}")
    said("merge", "part-0", "part-1", "--out", "whole")
    assert json.loads((folder / "whole/manifest.json").read_text())["draft"]["read"] == 12
    assert SAID in said("endings", "whole")


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[1]",
        "{}",
        '{"standing": {"model": "m", "read": 5, "total": 4}}',
        '{"standing": {"model": 1}}',
        "[" * 10_000,
    ],
)
def test_a_sidecar_that_cannot_be_read_makes_a_draft_of_which_nothing_is_known(content: str) -> None:
    Path(SIDECAR).write_text(content, encoding="utf-8")
    assert "A draft whose crisis.draft.json cannot be read." in said("solve", "small.yaml")


def test_a_draft_without_assumptions_is_not_read() -> None:
    read(0, 0)
    assert "Draft by m-7, 0 of 0 assumptions read." in said("solve", "small.yaml")


def test_the_name_of_the_model_is_screened(folder: Path) -> None:
    standing = {"model": "m\x1b[31m<b>", "read": 1, "total": 2}
    Path(SIDECAR).write_text(json.dumps({"standing": standing}), encoding="utf-8")
    assert "\x1b" not in said("solve", "small.yaml")
    said("run", "small.yaml", "--draws", "64", "--out", "kept")
    page = (folder / "kept/report.html").read_text()
    assert "&lt;b&gt;" in page
    assert "m\x1b" not in page


def test_the_standing_travels_with_the_crisis_but_makes_it_no_other_crisis(folder: Path) -> None:
    read(12)
    crisis = offramp.read(folder / "small.yaml")
    assert isinstance(crisis, offramp.Crisis)
    assert crisis.with_levers("hotline").now().draft == DraftStanding("m-7", 12, 61)
    assert crisis == replace(crisis, draft=None)
