"""The Cuban missile crisis: what its README promises."""

from __future__ import annotations

from math import exp

import pytest

import offramp
from offramp.crisis.model import Crisis
from tests.shipped import CRISES

FOLDER = CRISES / "cuba-1962"


@pytest.fixture(scope="module")
def crisis() -> Crisis:
    return offramp.read(FOLDER / "crisis.yaml")


@pytest.fixture(scope="module")
def solution(crisis: Crisis) -> offramp.Solution:
    return offramp.solve(crisis)


def test_washingtons_first_step_is_the_one_that_the_readme_computes_by_hand(solution: offramp.Solution) -> None:
    weights = {"talk": exp(0), "quarantine": exp(2.5 * -0.123), "strike": exp(2.5 * -1.99)}
    (found,) = [
        odds.options
        for odds in solution.moves
        if odds.situation.move == "first_step" and odds.situation.sees["alliance"] == "bearable"
    ]
    expected = {option: weight / sum(weights.values()) for option, weight in weights.items()}
    assert found == pytest.approx(expected, abs=1e-3)
    assert {option: round(100 * share, 1) for option, share in found.items()} == {
        "talk": 57.4,
        "quarantine": 42.2,
        "strike": 0.4,
    }


def test_each_lever_works_as_its_text_says(crisis: Crisis, solution: offramp.Solution) -> None:
    pulled = {lever: offramp.solve(crisis.with_levers(lever)).endings for lever in crisis.levers}
    before = solution.endings
    assert pulled["hotline"]["war"] < before["war"]
    assert pulled["guns_tied"]["war"] < before["war"]
    assert pulled["allies_consent"]["traded"] > before["traded"]
    assert pulled["no_strike"]["struck"] == 0


def test_without_the_threat_of_a_strike_the_missiles_stay_more_often(
    crisis: Crisis, solution: offramp.Solution
) -> None:
    assert offramp.solve(crisis.with_levers("no_strike")).endings["stays"] > solution.endings["stays"]
