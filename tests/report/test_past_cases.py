"""What the report says of inputs that past cases explain, and of choice rules."""

from __future__ import annotations

import re

import offramp
from tests.crises import crisis_of
from tests.report.test_page import made, taken_apart

RECORDED = """
format: 1
title: Raids
actors: {north: {name: North, choice: probit}, south: {name: South}}
inputs:
  regime: {is: dem, column: regime1, levels: [dem]}
  power: {is: 2, column: log(troops)}
  will: {linear: [1, power], is: "normal(0, 1)"}
  shame: {is: "normal(0, 1)", estimate: yes, because: Estimated from 50 cases}
timeline: [{move: raid, by: north, options: [go, stay]}, {move: reply, by: south, options: [hit, wait]}]
payoffs: {north: {gain: (will + regime.dem) * (raid == go), shame: -shame * (raid == stay)}}
endings: {out: raid == go, home: otherwise}
"""


def report(text: str) -> str:
    """The page of a small run of a crisis."""
    return made(offramp.run(crisis_of(text), draws=8, seed=1))


def test_past_cases_are_the_reason_of_columns_and_coefficients() -> None:
    rows = taken_apart(report(RECORDED)).table("inputs with their distributions")[1:]
    assert [row[3] for row in rows] == [
        "Known of every past case: regime1, 1 if it is dem. 1",
        "Known of every past case: log(troops). 2",
        "A coefficient that no fit has estimated yet. normal(mean=0, sd=1)",
        "A coefficient that no fit has estimated yet. normal(mean=0, sd=1)",
        "Estimated from 50 cases normal(mean=0, sd=1)",
    ]


def test_the_note_on_rationality_is_of_logit_and_other_choice_rules_are_named() -> None:
    def note(text: str) -> str:
        found = re.search(r'aria-labelledby="actors">.*?<p class="note">(.*?)</p>', report(text), re.DOTALL)
        assert found is not None
        return found[1]

    share = "rationality 3, an option that is worth 1 more than the other is chosen 95 times out of 100."
    assert note(RECORDED.replace(", choice: probit", "")) == f"At {share}"
    assert note(RECORDED) == f"By logit, at {share} North chooses by probit, South chooses by logit."
    assert note(RECORDED.replace("name: South}", "name: South, choice: probit}")) == "North and South choose by probit."
