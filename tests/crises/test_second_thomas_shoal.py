"""The forecast of Second Thomas Shoal: it solves, its README's sum is right, and its commands keep it in a ledger."""

from __future__ import annotations

from functools import cache
from math import exp
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

import offramp
from offramp.crisis.model import Crisis
from offramp.gambit.opening import compile_game
from offramp.game.checks.game_warnings import warnings_of
from tests.docs.page_blocks import pieces
from tests.docs.test_every_block import run_command
from tests.shipped import CRISES, choices_at
from tests.walker import medians

FOLDER = CRISES / "second-thomas-shoal"


@cache
def crisis(name: str = "crisis") -> Crisis:
    found = offramp.read(FOLDER / f"{name}.yaml")
    assert isinstance(found, Crisis)
    return found


@cache
def endings(*levers: str) -> dict[str, NDArray[np.float64]]:
    """Each ending's probability, by draw."""
    run = offramp.run(crisis().with_levers(*levers), draws=16, seed=1)
    assert run.converged.all()
    return {ending.key: row for ending, row in zip(crisis().endings, run.endings, strict=True)}


def test_it_has_no_warnings() -> None:
    assert warnings_of(compile_game(crisis())) == ()


def test_its_rounds_end_on_the_day_on_which_it_is_due() -> None:
    assert "due: 2027-06-30" in (FOLDER / "outcome.yaml").read_text()
    days = crisis().days_of("mission", 7)
    assert days is not None
    assert days[1].isoformat() == "2027-06-30"


def test_washingtons_last_reply_is_the_logit_of_the_readme() -> None:
    numbers = medians(crisis())
    worth = {
        "words": -numbers["credibility"],
        "escort": -numbers["convoy"],
        "invoke": -0.3 - 0.8 * numbers["war_cost"] * numbers["clash_invoked"],
    }
    weights = {option: exp(4 * value) for option, value in worth.items()}
    expected = {option: weight / sum(weights.values()) for option, weight in weights.items()}
    for options in choices_at(
        offramp.solve(crisis()), "reply", 7, threshold="low", response="board", encounter="attack", missed=0
    ):
        assert options == pytest.approx(expected, abs=1e-6)


def test_without_boarding_and_by_the_understanding_fewer_missions_are_met_with_force() -> None:
    assert endings("understanding_only")["passage"].mean() > endings()["passage"].mean()
    assert endings("no_boarding")["armed"].mean() < endings()["armed"].mean()


def test_each_side_can_let_the_missions_pass() -> None:
    assert np.all(endings("free_passage")["contested"] == 0)
    assert endings("common_text")["passage"].mean() > endings()["passage"].mean()


def test_the_readmes_commands_keep_the_forecast_in_a_ledger_and_enter_its_outcome(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "crises").symlink_to(CRISES)
    monkeypatch.chdir(tmp_path)
    variables: dict[str, str] = {}
    commands = [piece.text.replace("2048", "16") for piece in pieces("crises/second-thomas-shoal/README.md")]
    said = "".join(run_command(command, variables) for command in commands)
    assert said.count("due on 2027-06-30") == 5
    assert said.count("is resolved, no") == 4
    assert said.count("is resolved, yes") == 1
