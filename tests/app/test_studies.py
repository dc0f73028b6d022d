"""Every question of the command line is answered in the browser too: in words, tables, pictures and files."""

from __future__ import annotations

import io
import json
import shutil
import zipfile
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

import offramp
from offramp.app.tasks.shown_findings import finding_json
from offramp.app.tasks.study_tasks import study_of
from offramp.crisis.reading import read_text
from offramp.runs.opened import open_run
from offramp.study.outlook.endings import endings
from tests.app.jobs import finished, started, until
from tests.app.served import SMALL, Served

STUDIES: dict[str, tuple[dict[str, Any], set[str]]] = {
    "endings": ({}, {"endings"}),
    "moves": ({}, set()),
    "weigh": ({"ending": "war"}, {"weights"}),
    "levers": ({"below": 0.1, "draws": 32, "seed": 2}, {"levers"}),
    "worth": ({"for": "north", "draws": 64}, set()),
    "map": ({"x": "gain", "y": "risk", "size": 4}, {"map"}),
    "update": ({"from": "since.yaml"}, {"update"}),
    "paths": ({"to": "war", "top": 2, "levers": ["hotline"]}, {"timeline"}),
    "why": ({"move": "reply", "sees": {"answer": "strike"}, "given": {"gain": 1.5}, "rationality": 4}, set()),
}
CRISIS = SMALL.replace(
    "harm: {is: 1.5, because: Another}", 'harm: {is: 1.5, because: A}\n  risk: {is: "uniform(0, 1)"}'
)
SINCE = CRISIS + "observed:\n  - {date: 2031-03-09, answer: strike}\n"


@pytest.fixture(scope="module")
def run(served: Served) -> str:
    (served.folder / "studied.yaml").write_text(CRISIS.replace("0.5 *", "risk *"), encoding="utf-8")
    (served.folder / "since.yaml").write_text(SINCE.replace("0.5 *", "risk *"), encoding="utf-8")
    found = started(served, path="studied.yaml", draws=256)
    until(served, found, finished)
    return found


AT_MOMENT: dict[str, dict[str, Any]] = {
    "endings": {},
    "weigh": {"ending": "war"},
    "levers": {"draws": 96},
    "worth": {"draws": 256},
    "map": {"x": "gain", "y": "risk", "size": 3},
    "paths": {},
    "why": {"move": "reply"},
}


@pytest.mark.parametrize("study", AT_MOMENT)
def test_a_question_is_answered_as_of_now_with_what_is_supposed(served: Served, run: str, study: str) -> None:
    options = AT_MOMENT[study] | {"suppose": {"answer": "strike"}}
    found = served.client.post("/api/study", json={"run": run, "study": study, "options": options})
    assert found.status_code == 200, found.text
    assert "answer: strike" in found.json()["basis"]
    opened = open_run(served.folder / run)
    if study == "endings":
        supposed = offramp.run(opened.crisis.supposing({"answer": "strike"}), draws=opened.draws, seed=opened.seed)
        assert found.json() == json.loads(json.dumps(finding_json(endings(supposed))))


def test_a_run_made_anew_in_the_same_folder_is_answered_for_as_of_now_too(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    supposed = {"suppose": {"answer": "strike"}}
    for text in (CRISIS, CRISIS.replace("gain * (", "3 * gain * (").replace("- 0.5 *", "- 0.9 *")):
        shutil.rmtree(folder, ignore_errors=True)
        crisis = read_text(text.encode(), "studied.yaml")
        offramp.run(crisis, draws=1024, seed=1, out=folder)
        again = offramp.run(crisis.supposing(supposed["suppose"]), draws=1024, seed=1)
        assert study_of(folder, "endings", supposed) == finding_json(endings(again))


def test_what_cannot_be_supposed_is_said(served: Served, run: str) -> None:
    asked = {"run": run, "study": "paths", "options": {"suppose": {"anwser": "strike"}}}
    found = served.client.post("/api/study", json=asked)
    assert found.status_code == 422
    assert "answer" in found.json()["error"]


@pytest.mark.parametrize("study", STUDIES)
def test_a_study_answers_with_sentences_tables_and_pictures_that_hold_no_style(
    served: Served, run: str, study: str
) -> None:
    options, pictures = STUDIES[study]
    answer = served.client.post("/api/study", json={"run": run, "study": study, "options": options})
    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert found["title"].startswith("One choice")
    assert found["answer"]
    assert {picture["name"] for picture in found["pictures"]} == pictures
    for table in found["tables"]:
        assert {len(row) for row in table["rows"]} <= {len(table["columns"])}
    for picture in found["pictures"]:
        for svg in (picture["narrow"], picture["wide"]):
            root = ElementTree.fromstring(svg)
            assert root.tag == "svg"
            assert not any("style" in element.attrib or element.tag in ("style", "script") for element in root.iter())


def test_why_explains_an_ending_in_place_of_a_move(served: Served, run: str) -> None:
    asked = {"run": run, "study": "why", "options": {"ending": "war"}}
    answer = served.client.post("/api/study", json=asked)
    assert answer.status_code == 200, answer.text
    assert "war" in answer.json()["answer"][0].lower()


def test_the_page_shows_the_strings_that_the_terminal_shows(served: Served, run: str) -> None:
    found = served.client.post("/api/study", json={"run": run, "study": "endings"}).json()
    finding = endings(open_run(served.folder / run))
    assert found == finding_json(finding)
    assert [tuple(row) for row in found["tables"][0]["rows"]] == finding.tables[0].shown()


def test_two_runs_are_compared(served: Served, run: str) -> None:
    other = started(served, path="small.yaml", draws=64)
    until(served, other, finished)
    asked = {"run": run, "other": other, "options": {"draws": 32}}
    found = served.client.post("/api/compare", json=asked)
    assert found.status_code == 200, found.text
    assert run in found.text
    packed = served.client.post("/api/export", json=asked | {"study": "compare"})
    assert "compare/endings.csv" in zipfile.ZipFile(io.BytesIO(packed.content)).namelist()


def test_an_export_is_an_archive_of_tables_and_pictures(served: Served, run: str) -> None:
    answer = served.client.post("/api/export", json={"run": run, "study": "weigh", "options": {}})
    assert answer.headers["content-type"] == "application/zip"
    names = set(zipfile.ZipFile(io.BytesIO(answer.content)).namelist())
    assert {"weigh/weights.csv", "weigh/weights.parquet", "weigh/weights.svg", "weigh/weights.png"} <= names


def test_the_report_is_the_page_that_the_command_writes(served: Served, run: str) -> None:
    answer = served.client.post("/api/report", json={"run": run})
    assert answer.headers["content-type"].startswith("text/html")
    assert "What carries it" in answer.text


@pytest.mark.parametrize(
    ("asked", "status", "words"),
    [
        ({"study": "wiegh"}, 422, "did you mean 'weigh'?"),
        ({"study": "weigh", "options": {"ending": "quite"}}, 422, "endings: war and quiet"),
        ({"study": "weigh", "options": {"endign": "war"}}, 422, "did you mean 'ending'?"),
        ({"study": "levers", "options": {"below": 2}}, 422, "between 0 and 1, found 2"),
        ({"study": "levers", "options": {"draws": 10**9}}, 422, "from 1 to 4,096"),
        ({"study": "levers", "options": {"draws": True}}, 422, "whole number"),
        ({"study": "map", "options": {"x": "gain"}}, 422, "'map' needs 'y'"),
        ({"study": "map", "options": {"x": "gain", "y": "rsik"}}, 422, "risk"),
        ({"study": "why", "options": {"move": "reply", "levers": ["hotlien"]}}, 422, "did you mean 'hotline'?"),
        ({"study": "why", "options": {"move": "reply", "sees": ["x"]}}, 422, "by name"),
        ({"study": "why", "options": {}}, 422, "why takes a move or an ending"),
        ({"study": "update", "options": {"from": "../x.yaml"}}, 403, ".."),
        ({"study": "endings", "run": "runs/nothing"}, 404, "there is no run runs/nothing"),
        ({"study": "endings", "run": "../elsewhere"}, 403, ".."),
        ({"study": "compare"}, 422, "two runs"),
    ],
)
def test_a_wrong_request_is_refused_in_one_sentence(
    served: Served, run: str, asked: dict[str, Any], status: int, words: str
) -> None:
    answer = served.client.post("/api/study", json={"run": run, "options": {}} | asked)
    assert (answer.status_code, words in answer.json()["error"]) == (status, True), answer.text
    assert str(served.folder.resolve().parent) not in answer.text
