"""A forecast is entered from a run or a claim, comes out one way or the other, and is scored, all from the page."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.app.jobs import finished, started, until
from tests.app.served import SMALL, Served, serving

TODAY = datetime.now(UTC).date()
QUESTION = {"due": str(TODAY + timedelta(days=9)), "rule": "Two agencies say so"}


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder: Path = tmp_path_factory.mktemp("ledger")
    (folder / "small.yaml").write_text(SMALL, encoding="utf-8")
    with serving(folder) as served:
        yield served


@pytest.fixture(scope="module")
def entered(kept: Served) -> Served:
    """The workbench with a finished run and a forecast, whatever tests have come before."""
    run = started(kept, draws=64)
    until(kept, run, finished)
    post(kept, "add", run=run, ending="war", **QUESTION)
    return kept


def post(served: Served, what: str, **body: Any) -> Any:
    answer = served.client.post(f"/api/ledger/{what}", json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_forecasts_of_runs_and_claims_are_entered_resolved_and_scored(kept: Served) -> None:
    empty = kept.client.get("/api/ledger").json()
    assert (empty["exists"], empty["score"], empty["open"]) == (False, None, [])
    assert not (kept.folder / "forecasts.sqlite").exists()

    run = started(kept, draws=64)
    until(kept, run, finished)
    first = post(kept, "add", run=run, ending="war", **QUESTION)["id"]
    second = post(kept, "add", run=run, move="answer=strike", **QUESTION)["id"]
    third = post(kept, "add", claim="It rains", probability=0.25, base_rate=0.3, **QUESTION)["id"]
    later = post(kept, "add", run=run, follows=first)["id"]
    found = kept.client.get("/api/ledger").json()
    assert [row["id"] for row in found["open"]] == [first, second, third, later]
    assert [row["run"] for row in found["open"]] == [run, run, None, run]
    assert found["open"][2] | {"claim": "It rains", "probability": 0.25, "state": "open"} == found["open"][2]
    assert found["open"][0]["claim"] == "One choice: the ending is war" == found["open"][3]["claim"]
    assert [table["name"] for table in found["forecasts"]["tables"]] == ["forecasts", "outcomes"]

    post(kept, "resolve", id=third, happened=True, because="A wet street")
    post(kept, "resolve", id=third, happened=False, because="It was a hose", correct=True)
    post(kept, "void", id=second, because="No move was made")
    found = kept.client.get("/api/ledger").json()
    assert [row["id"] for row in found["open"]] == [first, later]
    assert len(found["forecasts"]["tables"][1]["rows"]) == 3


def test_scores_come_with_their_calibration_picture(kept: Served) -> None:
    today = {"due": str(TODAY), "rule": "A clock"}
    for number, happened in enumerate((True, False, True)):
        forecast = post(kept, "add", claim=f"Claim {number}", probability=0.6, **today)["id"]
        post(kept, "resolve", id=forecast, happened=happened)
    score = kept.client.get("/api/ledger").json()["score"]
    assert "Brier" in score["answer"][0]
    (picture,) = score["pictures"]
    assert picture["name"] == "calibration"
    assert picture["narrow"].startswith("<svg")


@pytest.mark.parametrize(
    ("what", "body", "words"),
    [
        ("add", {"claim": "x", **QUESTION}, "needs a probability"),
        ("add", {"claim": "x", "probability": 25, **QUESTION}, "did you mean 0.25?"),
        ("add", {"claim": "x", "probability": 0.5}, "missing"),
        ("add", {"claim": "x", "probability": 0.5, "due": "tomorrow", "rule": "y"}, "a day such as"),
        ("add", {"ending": "war", **QUESTION}, "name the run"),
        ("add", {"run": "runs/small-1", "ending": "wars", **QUESTION}, "did you mean 'war'?"),
        ("add", {"run": "runs/small-1", "claim": "x", "probability": 0.5, **QUESTION}, "leave those out"),
        ("add", {"follows": 99, "probability": 0.5}, "there is no forecast 99"),
        ("resolve", {"id": 99, "happened": True}, "there is no forecast 99"),
        ("resolve", {"id": 1, "happened": "yes"}, "happened"),
        ("resolve", {"id": 1, "happened": True, "known": str(TODAY + timedelta(days=9))}, "today is"),
        ("void", {"id": 1, "because": " "}, "why"),
    ],
)
def test_a_mistake_is_named_and_nothing_is_entered(
    entered: Served, what: str, body: dict[str, Any], words: str
) -> None:
    before = entered.client.get("/api/ledger").json()["forecasts"]["tables"]
    answer = entered.client.post(f"/api/ledger/{what}", json=body)
    assert (answer.status_code, words in answer.json()["error"]) == (422, True), answer.text
    assert entered.client.get("/api/ledger").json()["forecasts"]["tables"] == before
