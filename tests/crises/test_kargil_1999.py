"""The Kargil crisis: it solves, its README's sum is right, and its levers work in the direction of their texts."""

from __future__ import annotations

from functools import cache
from math import exp

import numpy as np
import pytest
from numpy.typing import NDArray

import offramp
from offramp.crisis.model import Crisis
from offramp.gambit.opening import compile_game
from offramp.game.checks.game_warnings import warnings_of
from tests.shipped import CRISES, choices_at
from tests.walker import medians

FOLDER = CRISES / "kargil-1999"


@cache
def crisis(name: str = "crisis") -> Crisis:
    found = offramp.read(FOLDER / f"{name}.yaml")
    assert isinstance(found, Crisis)
    return found


@cache
def endings(*levers: str) -> dict[str, NDArray[np.float64]]:
    """Each ending's probability, by draw."""
    run = offramp.run(crisis().with_levers(*levers), draws=32, seed=1)
    assert run.converged.all()
    return {ending.key: row for ending, row in zip(crisis().endings, run.endings, strict=True)}


def test_it_has_no_warnings() -> None:
    assert warnings_of(compile_game(crisis())) == ()


def test_an_army_that_obeys_weighs_a_last_order_as_the_readme_computes() -> None:
    numbers = medians(crisis())
    stall = numbers["lever_kashmir"] - numbers["obedience"] - 0.3
    comply = 1 / (1 + exp(3 * (stall + numbers["honour"])))
    for options in choices_at(
        offramp.solve(crisis()), "obey", 3, command="obeys", supplies="full", heights=1, crossed=0
    ):
        assert options["comply"] == pytest.approx(comply, abs=1e-6)
    assert round(100 * comply, 1) == 36.5


def test_a_pledge_to_stay_on_this_side_leaves_no_fighting_across_the_line_and_less_war() -> None:
    assert np.all(endings("line_pledge")["across"] == 0)
    assert endings("line_pledge")["war"].mean() < endings()["war"].mean()


@pytest.mark.parametrize("lever", ["loan", "safe_passage"])
def test_what_makes_holding_on_dearer_or_withdrawal_cheaper_brings_withdrawal_about(lever: str) -> None:
    assert endings(lever)["brokered"].mean() > endings()["brokered"].mean()
