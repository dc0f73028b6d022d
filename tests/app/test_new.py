"""A new crisis is written from the answers to a form, and nothing else is done with them."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from offramp.crisis.editor.new_crisis_text import new_crisis_text
from tests.app.served import Served
from tests.crisis.editor.test_new_crisis import SMALL_FORM

MOVE = {"name": "answer", "by": 0, "options": [{"name": "hold"}, {"name": "strike"}]}
FORM: dict[str, Any] = {
    "title": "One choice",
    "actors": [{"name": "Northland", "key": "", "wants": ""}],
    "steps": [MOVE],
    "endings": [
        {"name": "war", "when": {"taken": [{"step": 0, "option": 1}], "any_of": False}},
        {"name": "peace", "when": {"taken": [], "any_of": False}},
    ],
    "avoid": 0,
    "payoffs": [[{"guess": -1, "low": None, "high": None, "because": ""}, {}]],
}


def ask(served: Served, **more: Any) -> Any:
    answer = served.client.post("/api/new", json=FORM | more)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_a_complete_form_becomes_a_text_that_checks_and_no_file_is_written(served: Served) -> None:
    before = sorted(served.folder.rglob("*"))
    said = ask(served)
    assert said["faults"] == []
    assert said["actor_keys"] == ["northland"]
    checked = served.client.post("/api/check", json={"path": "new.yaml", "text": said["text"]}).json()
    assert checked["ok"]
    assert [actor["name"] for actor in checked["model"]["actors"]] == ["Northland"]
    assert served.solve(said["text"], path="new.yaml").status_code == 200
    assert sorted(served.folder.rglob("*")) == before


def test_the_form_of_the_page_is_the_form_in_python(served: Served) -> None:
    from dataclasses import asdict

    body = asdict(SMALL_FORM)
    said = served.client.post("/api/new", json=body).json()
    assert said["text"] == new_crisis_text(SMALL_FORM)


def test_what_is_wrong_comes_with_its_field_and_no_text(served: Served) -> None:
    said = ask(served, title="", payoffs=[[{}, {}]])
    assert said["text"] is None
    assert {fault["at"] for fault in said["faults"]} == {"title", "payoffs.0"}


@pytest.mark.parametrize(
    "change",
    [
        {"title": 1},
        {"title": None},
        {"title": "\ud800"},
        {"more": 1},
        {"actors": [{"name": "A", "more": 1}]},
        {"actors": "north"},
        {"actors": {"0": {"name": "A"}}},
        {"steps": [MOVE | {"by": "0"}]},
        {"steps": [MOVE | {"by": True}]},
        {"steps": [MOVE | {"by": 0.5}]},
        {"avoid": "0"},
        {"avoid": 10**30},
        {"payoffs": [[{"guess": "1"}, {}]]},
        {"payoffs": [[{"guess": float("nan")}, {}]]},
        {"payoffs": [[{"guess": float("inf")}, {}]]},
        {"payoffs": [[{"guess": 1e999}, {}]]},
        {"endings": [[[[[]]]]]},
    ],
)
def test_a_body_of_another_shape_is_refused_in_a_sentence(served: Served, change: dict[str, Any]) -> None:
    body = json.dumps(FORM | change)
    answer = served.client.post("/api/new", content=body, headers={"Content-Type": "application/json"})
    said = answer.json()
    if answer.status_code == 200:
        assert said["faults"]
        assert said["text"] is None
    else:
        assert answer.status_code == 422
        assert said["error"]


@pytest.mark.parametrize(
    "change",
    [
        {"actors": [{"name": "A"}] * 100_000},
        {"steps": [MOVE] * 20_000},
        {"steps": [MOVE | {"options": [{"name": "a"}] * 100_000}]},
        {"steps": [MOVE | {"unseen": [0] * 200_000}]},
        {"endings": [FORM["endings"][0]] * 20_000},
        {"endings": [{"name": "a", "when": {"taken": [{"step": 0, "option": 0}] * 50_000}}, {"name": "b"}]},
        {"payoffs": [[{}] * 200_000]},
        {"title": "the " * 500_000},
        {"actors": [{"name": "the " * 300_000, "key": "k" * 1_000_000, "wants": "\x85" * 300_000}]},
        {"payoffs": [[{"guess": 1e308}, {"guess": -1e308, "because": "x" * 1_000_000}]]},
    ],
)
def test_answers_without_measure_are_faults_and_cost_no_time(served: Served, change: dict[str, Any]) -> None:
    begun = time.monotonic()
    said = ask(served, **change)
    assert said["text"] is None
    assert said["faults"]
    assert time.monotonic() - begun < 10
