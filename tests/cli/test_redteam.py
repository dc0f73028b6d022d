"""`offramp redteam` shows numbered weak points with their lines, exports them, and changes no file."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from offramp.cli import main
from offramp.crisis.reading import read
from tests.draft.redteam.border import written
from tests.draft.redteam.planted import KELL, LAMPERT, Planted, written_planted
from tests.draft.scripted import begun, driven, parts
from tests.replay.loopback import Asked, Reply, loopback


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
        ("format: 1\ntitle: x\nactors: [", "crisis.yaml:3:9: not valid YAML: the '[' that opens here is not closed"),
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


def answers(planted: Planted) -> Callable[[Asked], Reply]:
    """A model that gives the scripted answer to each question."""

    def answer(asked: Asked) -> Reply:
        asks = asked.body["response_format"]["json_schema"]["schema"]["properties"]
        return Reply(json.dumps(planted.missing if "missing" in asks else planted.support))

    return answer


def test_a_model_is_asked_both_questions_and_its_proposals_are_shown_with_their_quotes(tmp_path: Path) -> None:
    file, out = written_planted(LAMPERT, tmp_path), tmp_path / "red"
    before = file.read_bytes()
    with loopback(answers(LAMPERT)) as server:
        words = ("--document", LAMPERT.document, "--out", out, "--model", "m-7", "--base-url", server.base_url, "--yes")
        output = " ".join(said(file, *words).output.split())
    assert len(server.asked) == 2
    assert "the document (26 paragraphs" in output
    assert "the crisis in words with its reasons, without what comes of it" in output
    assert "9 proposed so far: 6 with words of the document, 1 with words that are NOT in the document" in output
    assert "“the families will bring the government down” [NOT in the document]" in output
    assert "Proposed by m-7, as its own idea" in output
    assert output.index("Missing actor:") < output.index("Quote: words")
    assert (out / "exchanges" / "001-missing.json").is_file()
    assert file.read_bytes() == before
    sent = json.dumps([asked.body for asked in server.asked])
    assert str(tmp_path) not in sent


def test_by_pasting_nothing_is_sent_and_the_same_points_come_out(tmp_path: Path) -> None:
    file, out = written_planted(KELL, tmp_path), tmp_path / "red"
    shown = said(file, "--document", KELL.document, "--out", out, "--prompt-only").output
    assert "1-missing.prompt.md (question 1 of 2: what is missing)" in shown
    answer = tmp_path / "answer.txt"
    known = {"what": "actor", "name": next(iter(read(file).actors.values())).name, "says": "It acts", "ours": True}
    more = KELL.missing | {"missing": [*KELL.missing["missing"], known]}
    answer.write_text(json.dumps(more), encoding="utf-8")
    asked_next = said(out, "--answer", answer).output
    assert "left out, because the crisis has one of that name" in " ".join(asked_next.split())
    assert "2-support.prompt.md" in asked_next
    twice = said(out, "--answer", answer, code=2)
    assert "this looks like the answer to stage 1" in twice.output
    answer.write_text(json.dumps(KELL.support), encoding="utf-8")
    last = said(out, "--answer", answer).output
    assert "Proposed by an assistant" in last
    assert f"Mark a point: offramp redteam {out} --answered N" in last
    found = json.loads(said(out, "--json").output)
    assert [point["about"] for point in found["points"] if point["by"]] == list(KELL.expected)
    assert "waits for no answer" in said(out, "--answer", answer, code=2).output


def test_a_person_marks_points_in_the_folder_and_nothing_else_changes(tmp_path: Path) -> None:
    file, out = written(tmp_path, ("rationality: 4", "rationality: 3")), tmp_path / "red"
    before = file.read_bytes()
    assert f"Mark a point: offramp redteam {out} --answered N" in said(file, "--out", out).output
    marked = said(out, "--answered", "1", "--note", "Both have\nstaffs", "--by", "Ada").output
    assert "1. answered by Ada: Northland and Southland have the same rationality" in marked
    assert "1 answered, 0 set aside, 0 open." in marked
    assert "Answered, Ada on" in said(out).output
    (point,) = json.loads(said(out, "--json").output)["points"]
    assert (point["mark"], point["note"], point["marked_by"]) == ("answered", "Both have staffs", "Ada")
    assert file.read_bytes() == before


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--prompt-only",), "name the folder for what is asked and answered: --out DIR"),
        (("--prompt-only", "--out", "OUT"), "give --document TEXT, the text that the crisis was made from"),
        (("--answered", "1", "--set-aside", "1"), "weak point 1 is marked twice in one command"),
        (("--answered", "1"), "go with the folder of a red team, which --out DIR makes"),
        (("--answer", "x.txt"), "go with the folder of a red team, which --out DIR makes"),
        (("--note", "x"), "--note and --by go with a mark"),
        (("--json", "--prompt-only", "--out", "OUT"), "one thing at a time"),
        (("--model", "m"), "--model and --key-env need --base-url"),
        (("--base-url", "http://127.0.0.1:9/v1", "--model", "m", "--out", "OUT"), "give --yes"),
        (("--document", "missing.txt"), "missing.txt"),
    ],
)
def test_a_request_that_makes_no_sense_is_refused_before_anything_is_written(
    words: tuple[str, ...], message: str, tmp_path: Path
) -> None:
    file = written(tmp_path)
    output = said(file, *(str(tmp_path / "out") if word == "OUT" else word for word in words), code=2).output
    assert message in " ".join(output.split())
    assert sorted(path.name for path in tmp_path.iterdir()) == ["crisis.yaml", "sources"]


def test_a_draft_is_looked_over_with_its_document_and_the_quotes_that_failed(tmp_path: Path) -> None:
    brief = parts()
    brief["extract"]["actors"][0] |= {"quote": "Northland has sworn to take revenge", "para": 2}
    draft = driven(tmp_path, begun(tmp_path), {**brief, "quotes": {"quotes": []}, "sense": {"notes": []}})
    assert draft.stage == "done"
    found = json.loads(said(tmp_path, "--json").output)
    (quote,) = [point for point in found["points"] if point["about"] == "actors.north"]
    assert (quote["kind"], quote["quote"], quote["quote_state"]) == (
        "quote", "Northland has sworn to take revenge", "failed",
    )  # fmt: skip
    line = (tmp_path / "crisis.yaml").read_text(encoding="utf-8").splitlines()[int(quote["lines"]) - 1]
    assert "north" in line
    assert "assumptions read" in found["basis"]
    assert "its own document" in said(tmp_path, "--document", tmp_path / "x.txt", code=2).output
