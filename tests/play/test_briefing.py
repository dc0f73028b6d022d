"""What a person is told before a match."""

from __future__ import annotations

import pytest

from offramp.common.errors import UsageError
from offramp.play.board import set_up
from offramp.play.briefing import Stake, briefing
from tests.crises import crisis_of
from tests.play.small import SIDES

STAKES = """
format: 1
title: Stakes
actors: {north: {name: North, says: "The prize, without pain"}, south: {name: South}}
inputs: {gain: {is: "uniform(0, 2)"}, loss: {is: 3}, other: {is: 5}}
timeline: [{move: answer, by: north, options: [hold, strike]}, {move: reply, by: south, options: [absorb, retaliate]}]
payoffs:
  north: {prize: {pays: gain * (answer == strike), because: What it is about}, pain: -loss * (reply == retaliate)}
  south: {face: other * (reply == retaliate)}
endings: {war: answer == strike, quiet: otherwise}
levers: {offer: {set: {gain: gain / 4}}}
"""


def test_a_seat_is_told_its_own_terms_with_the_numbers_of_the_match() -> None:
    board = set_up(crisis_of(STAKES).with_levers("offer"), given={"loss": 2.5})
    told = briefing(board, "north")
    assert told.stakes == (
        Stake("prize", "prize", None, "“gain” × (answer is strike)", "What it is about"),
        Stake("pain", "pain", None, "−“loss” × (reply is retaliate)", None),
    )
    assert told.says == "The prize, without pain"
    assert briefing(board, "south").says is None
    assert told.inputs == {"gain": 0.25, "loss": 2.5}
    assert told.names == {"gain": "gain", "loss": "loss"}


CLOSED = STAKES.replace(
    "options: [hold, strike]}", "options: [hold, strike, siege], closed: [siege]}"
).replace(
    "pain: -loss * (reply == retaliate)}",
    "pain: -loss * (reply == retaliate) - other * (answer == siege), prestige: 2 * (answer == siege)}",
).replace("levers: {", "levers: {ring: {allow: {answer: [siege]}}, ")  # fmt: skip


def test_a_closed_option_is_no_part_of_what_counts_until_a_lever_opens_it() -> None:
    told = briefing(set_up(crisis_of(CLOSED)), "north")
    assert [stake.pays for stake in told.stakes] == ["“gain” × (answer is strike)", "−“loss” × (reply is retaliate)"]
    assert set(told.inputs) == {"gain", "loss"}
    opened = briefing(set_up(crisis_of(CLOSED).with_levers("ring")), "north")
    assert [stake.pays for stake in opened.stakes] == [
        "“gain” × (answer is strike)",
        "−“loss” × (reply is retaliate) − “other” × (answer is siege)",
        "2 × (answer is siege)",
    ]
    assert set(opened.inputs) == {"gain", "loss", "other"}


def test_who_does_not_play_is_told_nothing() -> None:
    with pytest.raises(UsageError, match="unknown actor 'nort'; did you mean 'north'"):
        briefing(set_up(crisis_of(SIDES)), "nort")
