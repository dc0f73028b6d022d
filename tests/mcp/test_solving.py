"""The tool `solve` says what `offramp solve` says, of files in the folder and of no others."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from offramp import read, solve
from offramp.crisis.templates import STARTER, template_text
from tests.mcp.assistants import Assistant


def test_solve_gives_the_numbers_of_the_library(one: Assistant, root: Path) -> None:
    answer = one.call("solve", file="sub/crisis.yaml")
    expected = solve(read(root / "sub" / "crisis.yaml"))
    found = {row["ending"]: row["probability"] for row in answer["endings"]}
    assert found == pytest.approx(expected.endings, abs=1e-12)
    assert answer["payoffs"] == pytest.approx({actor: expected.total(actor) for actor in expected.payoffs}, abs=1e-12)
    assert answer["converged"]
    assert next(iter(answer)) == "sentence"


@pytest.mark.parametrize(
    "asked",
    [
        {"set": {"war_cost": 4.5}},
        {"levers": ["hotline"]},
        {"rationality": 1.5},
        {"suppose": {"answer": "strike"}},
        {"suppose": {"answer": "staged|strike"}},
        {"suppose": {"answer": "strike"}, "levers": ["hotline"], "set": {"war_cost": 4.5}},
    ],
)
def test_what_is_set_pulled_and_supposed_changes_the_numbers_as_in_the_library(
    one: Assistant, root: Path, asked: dict[str, Any]
) -> None:
    answer = one.call("solve", file="sub/crisis.yaml", **asked)
    crisis = read(root / "sub" / "crisis.yaml")
    if "suppose" in asked:
        crisis = crisis.supposing({step: values.split("|") for step, values in asked["suppose"].items()})
    crisis = crisis.with_levers(*asked.get("levers", ()))
    expected = solve(crisis, given=asked.get("set"), rationality=asked.get("rationality"))
    found = {row["ending"]: row["probability"] for row in answer["endings"]}
    assert found == pytest.approx(expected.endings, abs=1e-12)
    assert found != pytest.approx(solve(read(root / "sub" / "crisis.yaml")).endings, abs=1e-3)


def test_an_answer_on_a_draft_says_how_much_of_it_a_person_has_read(one: Assistant, root: Path) -> None:
    (root / "drafted").mkdir()
    (root / "drafted" / "crisis.yaml").write_text(template_text(STARTER), encoding="utf-8")
    for read_now in (12, 40):
        standing = {"model": "m-7", "read": read_now, "total": 61}
        sidecar = root / "drafted" / "crisis.draft.json"
        sidecar.write_text(json.dumps({"standing": standing}), encoding="utf-8")
        answer = one.call("solve", file="drafted/crisis.yaml")
        assert f"draft by m-7, {read_now} of 61 assumptions read" in answer["sentence"]
        assert answer["draft"] == standing
