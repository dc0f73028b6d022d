"""The anthracite strike of 1902: what its README promises."""

from __future__ import annotations

from math import exp

import pytest

import offramp
from offramp.crisis.model import Crisis
from tests.shipped import CRISES, choices_at

FOLDER = CRISES / "coal-strike-1902"


@pytest.fixture(scope="module")
def crisis() -> Crisis:
    return offramp.read(FOLDER / "crisis.yaml")


@pytest.fixture(scope="module")
def solution(crisis: Crisis) -> offramp.Solution:
    return offramp.solve(crisis)


def test_the_union_s_last_reply_is_the_logit_of_the_readme(crisis: Crisis) -> None:
    given = {"hunger": 0.4, "no_name": 0.6, "defeat": 2.6, "contracts": 1.1, "miners.rationality": 2}
    worth = {"accept": 0.5 - 0.6, "hold": -0.2 - 0.6, "spread": -1.1 - 0.2 - 0.6, "give_in": -2.6}
    weights = {option: exp(2 * value) for option, value in worth.items()}
    expected = {option: weight / sum(weights.values()) for option, weight in weights.items()}
    for options in choices_at(
        offramp.solve(crisis, given=given), "reply", 4, stance="five", fund="long", opened=1, widened=0
    ):
        assert options == pytest.approx(expected, abs=1e-6)
    assert {option: round(100 * share, 1) for option, share in expected.items()} == {
        "accept": 78.1,
        "hold": 19.3,
        "spread": 2.1,
        "give_in": 0.5,
    }


def test_without_the_army_behind_him_the_president_gets_fewer_commissions_and_more_winters(
    crisis: Crisis, solution: offramp.Solution
) -> None:
    pulled = offramp.solve(crisis.with_levers("no_army"))
    assert pulled.endings["army"] == 0
    assert pulled.endings["commission"] < solution.endings["commission"]
    assert pulled.endings["winter"] > solution.endings["winter"]


def test_morgan_s_weight_ends_the_strike_sooner(crisis: Crisis, solution: offramp.Solution) -> None:
    pulled = offramp.solve(crisis.with_levers("morgan_early"))
    for measure in ("weeks", "price"):
        assert pulled.measures[measure] < solution.measures[measure]


def test_a_form_of_words_makes_a_commission_likelier_where_it_is_only_the_name(
    crisis: Crisis, solution: offramp.Solution
) -> None:
    pulled = offramp.solve(crisis.with_levers("form_of_words"))
    assert offered(pulled) > offered(solution)


def offered(solution: offramp.Solution) -> float:
    """How often operators who mind only the name offer a commission in the first round."""
    moves = [
        odds
        for odds in solution.moves
        if (odds.situation.move, odds.situation.round) == ("stance", 1) and odds.situation.sees["knot"] == "name"
    ]
    return sum(odds.reached * odds.options["board"] for odds in moves) / sum(odds.reached for odds in moves)
