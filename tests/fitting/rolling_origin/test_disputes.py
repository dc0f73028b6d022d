"""Militarized disputes after 1945, forecast from those before, with figures that a reader can check."""

from __future__ import annotations

from pathlib import Path

import pytest

from offramp.fitting.rolling_origin.backtesting import backtest
from tests.crises import crisis_of
from tests.reference_data import DATA

DISPUTES = DATA / "mid_escalation_dyads_1816_2014.csv"
TEXT = """\
format: 1
title: Militarized disputes between two states
actors: {target: {name: Target, rationality: 1}, initiator: {name: Initiator, rationality: 1}}
inputs:
  balance: {is: 0.5, column: balanc}
  rivals: {is: 1, column: rivalry}
  neighbours: {is: 1, column: conttype <= 1}
  strong1: {is: 0, column: major1}
  strong2: {is: 0, column: major2}
  allies: {is: 0, column: atop_defense}
  bargain: {linear: [1, balance, rivals, neighbours, strong1], is: "normal(0, 3)"}
  target_war: {linear: [1, balance, rivals, neighbours, strong2, allies], is: "normal(0, 3)"}
  win: {is: "normal(0, 3)", estimate: yes}
  initiator_war: {linear: [1, balance, rivals, neighbours, strong1, allies], is: "normal(0, 3)"}
timeline:
  - {move: answer, by: target, options: [ignore, resist]}
  - {move: push, by: initiator, if: answer == resist, options: [hold, force]}
  - {move: fight, by: target, if: push == force, options: [stop, strike]}
payoffs:
  target: {bargain: bargain * (push == hold), war: target_war * (fight == strike)}
  initiator: {win: win * (fight == stop), war: initiator_war * (fight == strike)}
endings: {war: fight == strike, force: push == force, bargain: answer == resist, unanswered: otherwise}
cases:
  observed:
    y_node:
      unanswered: {answer: ignore}
      resist_A_holds: {push: hold}
      resist_A_force: {fight: stop}
      war: {fight: strike}
  time: year
"""


def test_the_docs_give_the_crisis_file_of_these_figures() -> None:
    docs = Path(__file__).resolve().parents[3] / "docs" / "fitting.md"
    assert f"```yaml\n{TEXT}```" in docs.read_text(encoding="utf-8")


@pytest.mark.skipif(not DISPUTES.is_file(), reason="the data are not here")
def test_one_fit_to_disputes_until_1945_forecasts_later_ones_about_as_well_as_a_logit() -> None:
    found = backtest(crisis_of(TEXT), DISPUTES, start=1946.0, once=True)
    rates, logit = found.scores
    assert len(found.outcome) == 1927
    assert [found.log_score, rates.log, logit.log] == pytest.approx([1.14523, 1.16185, 1.14883], abs=2e-5)
    assert [found.brier, rates.brier, logit.brier] == pytest.approx([0.30905, 0.32106, 0.30727], abs=2e-5)
    assert "It forecasts better than base rates, and about as well as the logit." in found.answer
    assert any("furthest off for 'war', which it gave 11.8% and which happened in 1.7%" in one for one in found.answer)
