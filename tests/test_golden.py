"""Each shipped crisis plays out as it did when its playthrough was recorded (`python -m tests.golden.record`)."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import numpy as np
import pytest

import offramp
from offramp.crisis.model import Crisis
from offramp.crisis.steps import State
from tests.golden.record import FOLDER, SHIPPED, playthrough
from tests.walker import logit_response

ALL = pytest.mark.parametrize("name", SHIPPED)


@cache
def recorded(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((FOLDER / f"{name}.json").read_text())
    return found


@cache
def played(name: str) -> dict[str, Any]:
    crisis = offramp.read(SHIPPED[name])
    assert isinstance(crisis, Crisis)
    found: dict[str, Any] = json.loads(json.dumps(playthrough(crisis)))
    return found


def leaves(part: Any, path: str = "") -> dict[str, Any]:
    """Every value of a document by its path."""
    if isinstance(part, dict | list) and part:
        pairs = part.items() if isinstance(part, dict) else enumerate(part)
        return {at: value for key, inner in pairs for at, value in leaves(inner, f"{path}/{key}").items()}
    return {path: part}


def test_every_shipped_crisis_has_a_recording_and_no_other_is_kept() -> None:
    assert {path.stem for path in FOLDER.glob("*.json")} == set(SHIPPED)


@ALL
def test_a_crisis_plays_out_as_recorded(name: str) -> None:
    found, expected = leaves(played(name)), leaves(recorded(name))
    assert list(found) == list(expected)
    for path, value in expected.items():
        if isinstance(value, float):
            assert found[path] == pytest.approx(value, rel=1e-9, abs=1e-9), path
        else:
            assert found[path] == value, path


@ALL
def test_a_recorded_choice_is_the_logit_response_to_the_recorded_worth_of_its_options(name: str) -> None:
    moves = [step for step in recorded(name)["steps"] if "actor" in step]
    assert moves
    for step in moves:
        response = logit_response(step["worth_more_than_the_first"], recorded(name)["rationality"][step["actor"]])
        assert step["probability"] == pytest.approx(response, abs=1e-9)
        assert step["taken"] in step["probability"]


@ALL
def test_whoever_may_see_a_step_has_come_to_see_it_by_the_next_or_the_end(name: str) -> None:
    crisis = offramp.read(SHIPPED[name])
    assert isinstance(crisis, Crisis)
    steps = recorded(name)["steps"]
    for number, step in enumerate(steps[:-1]):
        declared = crisis.named[step["step"]]
        assert not isinstance(declared, State)
        later = [other["came_to_see"] for other in steps[number + 1 :]]
        seers = {actor for news in later for actor, found in news.items() if shows(found, step)}
        known = {actor for actor, found in before(steps[: number + 1]).items() if shows(found, step)}
        round_is_over = steps[number + 1]["round"] not in (step["round"], 0)
        forgetful = {key for key, actor in crisis.actors.items() if actor.memory == "state" and round_is_over}
        assert set(declared.seen_by) - forgetful <= seers | known


def shows(found: dict[str, Any], step: dict[str, Any]) -> bool:
    """Whether an actor's news hold what was taken at a step, which a later round calls `step@round`."""
    labels = step["step"], f"{step['step']}@{step['round']}"
    return any(found.get(label) == step["taken"] for label in labels)


def before(steps: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """What each actor saw last under each label."""
    known: dict[str, dict[str, Any]] = {}
    for step in steps:
        for actor, news in step["came_to_see"].items():
            known.setdefault(actor, {}).update(news)
    return known


@ALL
def test_odds_and_probabilities_of_a_recording_add_up_to_one(name: str) -> None:
    for step in recorded(name)["steps"][:-1]:
        for shares in [step.get("odds"), step.get("probability"), *step.get("own_odds", {}).values()]:
            if shares:
                assert np.sum(list(shares.values())) == pytest.approx(1.0, abs=1e-12)
