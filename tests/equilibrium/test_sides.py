"""At a bifurcation of the principal branch all branches that leave the crossing are found."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import brentq
from scipy.special import expit

import offramp
from offramp.equilibrium.branch.traced import STATUSES
from offramp.equilibrium.multiplicity import equilibria
from offramp.study.standing import drawn_standing
from tests.crises import crisis_of
from tests.equilibrium.games import COORDINATION, bimatrix
from tests.runs.test_ensemble import CHICKEN

A = 100
SEVERAL = ((1, 0, 1), (0, 0, 0), (1, A, 1))
"""Payoffs of both players in McKelvey & Palfrey (1995), figure 1, with A = B = 100: U, M, D against L, M, R."""


def symmetric(rationality: float) -> float:
    """How often both play M on the branch straight ahead: the odds of M given the other player's play."""

    def miss(m: float) -> float:
        worth = rationality * np.array([1 - m, 0.0, 1 - m + A * m])
        return float(1.0 / np.exp(worth).sum()) - m

    return float(brentq(miss, 1e-12, 0.4, xtol=1e-15))


@pytest.mark.parametrize("rationality", [0.1, 0.15, 0.3, 1.0, 3.0])
def test_a_solve_beyond_a_crossing_has_the_way_straight_ahead_and_both_sides(rationality: float) -> None:
    game = bimatrix(SEVERAL, tuple(zip(*SEVERAL, strict=True)))
    solution = offramp.solve(game, rationality=rationality)
    assert solution.status == "bifurcation"
    first, second = solution.choice.reshape(2, 3)
    assert first == pytest.approx(second, abs=1e-9)
    assert first[1] == pytest.approx(symmetric(rationality), abs=1e-9)
    if rationality == 0.3:
        assert first[2] == pytest.approx(0.8324, abs=5e-5)
    one, other = solution.sides
    assert one.choice.reshape(2, 3) == pytest.approx(other.choice.reshape(2, 3)[::-1], abs=1e-8)
    for side in solution.sides:
        assert side.converged
        assert side.status == "bifurcation"
        assert side.rationality == solution.rationality
        assert np.abs(side.choice - solution.choice).max() > 0.02
    assert [side["endings"] for side in solution.to_dict()["sides"]] == [one.endings, other.endings]


@pytest.mark.parametrize("rationality", [2.01, 2.5, 10.0])
def test_the_sides_of_a_meeting_are_the_two_places_to_meet(rationality: float) -> None:
    solution = offramp.solve(bimatrix(*COORDINATION), rationality=rationality)
    p = brentq(lambda p: expit(rationality * (2 * p - 1)) - p, 0.5 + 1e-3, 1.0, xtol=1e-14)
    assert solution.choice == pytest.approx([0.5] * 4, abs=1e-9)
    found = sorted(side.choice.tolist() for side in solution.sides)
    assert found == [pytest.approx([1 - p, p] * 2, abs=1e-8), pytest.approx([p, 1 - p] * 2, abs=1e-8)]


def test_before_a_crossing_there_are_no_sides() -> None:
    assert offramp.solve(bimatrix(*COORDINATION), rationality=1.99).sides == ()


def test_no_equilibrium_on_a_side_is_called_another_branch() -> None:
    game = bimatrix(SEVERAL, tuple(zip(*SEVERAL, strict=True)))
    found = equilibria(game, 30, rationality=0.3)
    assert [entry.solution.status for entry in found] == ["bifurcation"] * 3
    assert sum(entry.starts for entry in found) >= 30


def test_in_a_run_a_draw_on_a_side_counts_as_a_bifurcation() -> None:
    ensemble = offramp.run(crisis_of(CHICKEN.decode()), draws=130, seed=1)
    compared = ensemble.status[[0, 128]]
    assert (compared == STATUSES.index("bifurcation")).all()
    assert ensemble.statuses["other branch"] == 0


def test_draws_that_are_all_the_same_have_one_status() -> None:
    alike = crisis_of(CHICKEN.decode().replace('"uniform(4, 6)"', "5"))
    ensemble = offramp.run(alike, draws=130, seed=1)
    assert ensemble.statuses["bifurcation"] == 130
    assert (ensemble.traced.sample, ensemble.traced.left) == (130, 0)
    assert np.ptp(ensemble.endings, axis=1).max() == 0.0
    said, warning = drawn_standing(ensemble)
    assert said == "All draws are the same: one stands for all."
    assert "In 130 draws another branch" in warning
    assert "not compared" not in warning
