"""The gas dispute of January 2009: what its README promises."""

from __future__ import annotations

from math import exp

import pytest

import offramp
from offramp.crisis.model import Crisis
from tests.shipped import CRISES, choices_at

FOLDER = CRISES / "gas-2009"


@pytest.fixture(scope="module")
def crisis() -> Crisis:
    return offramp.read(FOLDER / "crisis.yaml")


@pytest.fixture(scope="module")
def solution(crisis: Crisis) -> offramp.Solution:
    return offramp.solve(crisis)


def test_brussels_last_move_is_the_logit_of_the_readme(solution: offramp.Solution) -> None:
    shares = {"watch": exp(0), "monitors": exp(1.5 * 0.1), "press": exp(1.5 * -0.1)}
    expected = {option: share / sum(shares.values()) for option, share in shares.items()}
    for options in choices_at(solution, "broker", 3, tap="shut", observers=0, pressed=0):
        assert options == pytest.approx(expected, abs=1e-6)
    assert {option: round(100 * share, 1) for option, share in expected.items()} == {
        "watch": 33.1,
        "monitors": 38.4,
        "press": 28.5,
    }


def test_a_broker_that_does_not_watch_keeps_the_gas_flowing(crisis: Crisis, solution: offramp.Solution) -> None:
    pulled = offramp.solve(crisis.with_levers("act_early"))
    assert pulled.measures["days"] < solution.measures["days"]
    assert sum(pulled.endings[key] for key in ("no_contract", "after_cut")) < sum(
        solution.endings[key] for key in ("no_contract", "after_cut")
    )


def test_gas_from_the_west_gives_brussels_less_reason_to_send_monitors(
    crisis: Crisis, solution: offramp.Solution
) -> None:
    pulled = offramp.solve(crisis.with_levers("reverse_flows"))
    assert monitored(pulled) < monitored(solution)


def monitored(solution: offramp.Solution) -> float:
    """How often Brussels sends monitors in the first week, given that it has a move then."""
    moves = [m for m in solution.moves if m.situation.move == "broker" and m.situation.round == 1]
    return sum(m.reached * m.options["monitors"] for m in moves) / sum(m.reached for m in moves)
