"""The crisis of July 1914: what its README promises."""

from __future__ import annotations

from math import exp

import pytest

import offramp
from offramp.crisis.model import Crisis
from tests.shipped import CRISES, choices_at
from tests.walker import medians

FOLDER = CRISES / "july-1914"


@pytest.fixture(scope="module")
def crisis() -> Crisis:
    return offramp.read(FOLDER / "crisis.yaml")


@pytest.fixture(scope="module")
def solution(crisis: Crisis) -> offramp.Solution:
    return offramp.solve(crisis)


def test_viennas_choice_is_the_one_that_the_readme_computes_by_hand(solution: offramp.Solution) -> None:
    (found,) = choices_at(solution, "vienna", 1, answer="accept_most", counsel="urge")
    assert found["war_on_serbia"] == pytest.approx(exp(3 * 0.184) / (1 + exp(3 * 0.184)), abs=1e-3)
    assert round(100 * found["war_on_serbia"], 1) == 63.5


def test_at_the_medians_each_power_ranks_the_outcomes_as_levy_does(crisis: Crisis) -> None:
    of = medians(crisis)
    local = of["punish"] - of["campaign"] - 0.4 * of["opinion"]
    continental = -of["war_austria"]
    assert local > continental > -of["face_austria"] > continental - 0.5 * of["british_weight"]
    now = of["preventive"] - of["war_germany"]
    assert 0.5 > now > -of["ally_loss"] > now - of["british_weight"]
    assert 0.5 > -of["ally_loss"] > -of["war_germany"]
    alone = -of["war_russia"] * (1 - of["french_support"])
    assert 0 > alone + 0.15 * of["war_russia"] > alone > -of["face_russia"] - 0.5 * of["face_russia"]


def test_a_word_that_is_said_in_any_case_changes_nothing_and_an_engagement_does(
    crisis: Crisis, solution: offramp.Solution
) -> None:
    before = solution.endings["general_war"]
    after = {lever: offramp.solve(crisis.with_levers(lever)).endings["general_war"] for lever in crisis.levers}
    assert after["early_word"] == pytest.approx(before, abs=0.002)
    assert after["early_engagement"] < before - 0.01
    assert min(after, key=lambda lever: after[lever]) == "limits_of_the_cheque"
    assert after["slower_timetables"] < before
    assert after["guarantee"] < before


def test_calming_petersburg_alone_makes_a_local_war_likelier(crisis: Crisis, solution: offramp.Solution) -> None:
    for lever in ("direct_talks", "french_restraint"):
        assert offramp.solve(crisis.with_levers(lever)).endings["local_war"] > solution.endings["local_war"]
