"""A real assistant's session on the Tehran crisis, played again: the same calls, shapes and numbers, and the CLI's."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.mcp.assistants import Assistant
from tests.mcp.recorded_session import answered, session
from tests.mcp.test_study_tools import printed
from tests.shipped import CRISES

RECORDED = session()
TEHRAN = str(CRISES / "tehran-2024" / "crisis.yaml")
TIMES = ("seconds",)
"""Keys whose values differ from run to run."""


@pytest.fixture(scope="module")
def played(one: Assistant) -> list[dict[str, Any]]:
    return [answered(one, step) for step in RECORDED["steps"]]


def parts(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every number, text and other value in a JSON value, with its place; times are left out."""
    if isinstance(value, dict):
        for key, one in value.items():
            yield from () if key in TIMES else parts(one, f"{path}.{key}")
    elif isinstance(value, list):
        yield f"{path}.length", len(value)
        for place, one in enumerate(value):
            yield from parts(one, f"{path}.{place}")
    else:
        yield path, value


def step(steps: list[dict[str, Any]], tool: str, **arguments: Any) -> dict[str, Any]:
    """The answer to a tool with these arguments, besides the file."""
    found = (one for one in steps if one.get("tool") == tool and "answer" in one)
    matching = (one for one in found if arguments.items() <= one["arguments"].items())
    answer: dict[str, Any] = next(matching)["answer"]
    return answer


def test_the_session_has_the_same_answers_and_numbers(played: list[dict[str, Any]]) -> None:
    found, wanted = dict(parts(played)), dict(parts(RECORDED["steps"]))
    assert found.keys() == wanted.keys()
    for place, value in wanted.items():
        assert found[place] == (pytest.approx(value, rel=1e-6) if isinstance(value, float) else value), place


def test_its_numbers_are_those_of_the_command_line(root: Path, played: list[dict[str, Any]]) -> None:
    for options, asked in (
        ([], {"file": "shipped:tehran-2024"}),
        (["--now"], {"now": True}),
        (["--suppose", "relay=pass_on"], {"suppose": {"relay": "pass_on"}}),
        (["--lever", "candid_messenger"], {"levers": ["candid_messenger"]}),
    ):
        theirs, ours = printed(root, "solve", TEHRAN, *options), step(played, "solve", **asked)
        assert {row["ending"]: row["probability"] for row in ours["endings"]} == pytest.approx(theirs["endings"])
    ours = step(played, "why")
    assert ours.pop("sentence")
    assert ours == printed(root, "why", TEHRAN, "relay")
    ours = step(played, "endings")
    assert ours.pop("sentence")
    assert ours == printed(root, "endings", "runs/candid")


def test_the_reply_has_no_percentage_that_no_tool_gave() -> None:
    answers = json.dumps([one["answer"] for one in RECORDED["steps"] if "answer" in one], ensure_ascii=False)
    values = [value for _, value in parts(RECORDED["steps"]) if isinstance(value, float)]
    given = {*re.findall(r"\d+\.\d%", answers), *(f"{100 * value:.1f}%" for value in values)}
    said = re.findall(r"\d+(?:\.\d+)?%", RECORDED["reply"])
    assert len(said) > 8
    assert [percentage for percentage in said if percentage not in given] == []
