"""What shows a solve by another choice rule than logit says so; a crisis of logit choices says nothing new."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console
from scipy.stats import norm

import offramp
from offramp.common.errors import UsageError
from offramp.gambit.unfold import unfold
from offramp.report.branch_table import show_branch
from offramp.report.equilibria_table import show_equilibria, show_limit
from offramp.report.terminal import show_ensemble, show_solution
from offramp.study.choice_words import rules_in_words
from offramp.study.comparison.equality import check_numerically_equal
from tests.crises import crisis_of

TEXT = """
format: 1
title: Two moves
actors: {one: {name: One, rationality: 1.25, choice: private}, two: {name: Two, rationality: 0.8, choice: probit}}
inputs: {calm: {is: "uniform(0.2, 0.6)"}}
timeline:
  - {move: attack, by: one, options: [stay, strike]}
  - {move: reply, by: two, if: attack == strike, options: [give, resist]}
payoffs:
  one: {quiet: calm * (attack == stay), gain: 1.5 * (reply == give), loss: -0.5 * (reply == resist)}
  two: {fight: 0.9 * (reply == resist), gave: -0.7 * (reply == give)}
endings: {peace: attack == stay, given: reply == give, war: otherwise}
"""
LOGIT = TEXT.replace(", choice: private", "").replace(", choice: probit", "")
SENTENCE = "One chooses with private shocks, Two chooses by probit."


def shown(show: object, *parts: object) -> str:
    """What a function prints, in one line."""
    console = Console(file=io.StringIO(), width=80)
    show(console, *parts)  # type: ignore[operator]
    return " ".join(console.file.getvalue().split())  # type: ignore[attr-defined]


@pytest.mark.parametrize(("text", "says"), [(TEXT, True), (LOGIT, False)], ids=["rules", "logit"])
def test_every_table_of_a_solve_says_who_chooses_how(text: str, says: bool) -> None:
    crisis = crisis_of(text)
    solution, branch = offramp.solve(crisis), offramp.trace(crisis)
    run = offramp.run(crisis, draws=16)
    tables = [
        shown(show_solution, solution),
        shown(show_branch, branch),
        shown(show_equilibria, offramp.equilibria(crisis, 2), 2),
        shown(show_limit, offramp.limit(crisis)),
        shown(show_ensemble, run),
    ]
    assert [SENTENCE in table for table in tables] == [says] * 5
    expected = {"one": "private", "two": "probit"} if says else None
    assert [one.to_dict().get("choice_rules") for one in (solution, branch)] == [expected] * 2
    assert (
        any("no place in Gambit's format" in note for note in unfold(crisis, {"calm": 0.4}, setting="as it is").notes)
        == says
    )


def test_all_others_are_named_too() -> None:
    assert rules_in_words(crisis_of(TEXT.replace(", choice: probit", ""))) == (
        "One chooses with private shocks, Two chooses by logit."
    )
    assert rules_in_words(crisis_of(TEXT.replace("private", "probit"))) == "One and Two choose by probit."
    assert rules_in_words(crisis_of(LOGIT)) == ""


def test_why_says_how_often_the_better_option_is_taken_by_the_actors_own_rule() -> None:
    crisis = crisis_of(TEXT)
    resists = norm.cdf(0.8 * 1.6 / 2**0.5)
    private = 100 * norm.cdf(1.25 / (1.0 + resists**2 + (1.0 - resists) ** 2) ** 0.5)
    probit = 100 * norm.cdf(0.8 / 2**0.5)
    notes = {move: " ".join(offramp.why(crisis, move).notes) for move in ("attack", "reply")}
    assert (
        f"rationality of 1.2 with private shocks an option that is better by 1 is chosen {private:.0f}"
        in notes["attack"]
    )
    assert f"rationality of 0.8 by probit an option that is better by 1 is chosen {probit:.0f}" in notes["reply"]
    assert "rationality of 0.8 an option that is better by 1 is chosen 69" in " ".join(
        offramp.why(crisis_of(LOGIT), "reply").notes
    )


def test_a_run_by_rules_is_kept_verified_and_read_again(tmp_path: Path) -> None:
    crisis = crisis_of(TEXT)
    run = offramp.run(crisis, draws=16, out=tmp_path / "run")
    assert not offramp.verify(tmp_path / "run").problems
    again = offramp.open_run(tmp_path / "run")
    assert again.crisis.choice_rules == {"one": "private", "two": "probit"}
    assert np.asarray(again.endings).tobytes() == np.asarray(run.endings).tobytes()


def test_another_rule_is_another_model() -> None:
    one, other = crisis_of(TEXT), crisis_of(LOGIT)
    with pytest.raises(UsageError, match=r"differs .* in its actors"):
        check_numerically_equal(one, other)
    table = offramp.compare(one, other, draws=16)
    assert "probit" in str(table.to_dict())


@pytest.mark.parametrize(("rationality", "times"), [(3, "95"), (8, "99.966"), (60, "more than 99.999")])
def test_what_is_not_always_chosen_is_not_said_to_be_chosen_100_times_in_100(rationality: int, times: str) -> None:
    text = LOGIT.replace("rationality: 0.8", f"rationality: {rationality}")
    assert f"an option that is better by 1 is chosen {times} times in 100" in " ".join(
        offramp.why(crisis_of(text), "reply").notes
    )
