"""Private shocks that cannot be summed exactly are refused, with the move and the reason; all others are allowed."""

from __future__ import annotations

import pytest

from offramp.crisis.faults import CrisisError
from offramp.game.compiler import compile_crisis
from tests.crises import crisis_of

PLAIN = """
format: 1
title: Three movers, all seen
actors:
  north: {name: North, choice: private}
  south: {name: South, choice: private}
  east: {name: East, choice: private}
timeline:
  - {chance: storm, odds: {calm: 0.5, wild: rest}}
  - {move: push, by: north, options: [hold, press]}
  - {move: reply, by: south, if: push == press, options: [give, fight]}
  - {move: join, by: east, options: [aside, in_]}
payoffs: {north: {gain: reply == give}, south: {gain: reply == fight}, east: {gain: (join == in_) * (storm == calm)}}
endings: {war: reply == fight, calm: otherwise}
"""


def reasons(text: str) -> list[str]:
    """The faults of a crisis, with their places."""
    with pytest.raises(CrisisError) as refused:
        compile_crisis(crisis_of(text))
    return [f"{fault.place.line}:{fault.place.column} {fault.message}" for fault in refused.value.faults]


def test_movers_that_see_all_and_move_once_are_allowed() -> None:
    compile_crisis(crisis_of(PLAIN))


def test_more_than_two_options_are_refused() -> None:
    assert reasons(PLAIN.replace("[hold, press]", "[hold, press, beg]")) == [
        "10:12 'push': the choice of north is `private`, which needs two options at a move, and this one has 3; "
        "use `probit` or `logit`"
    ]


def test_a_third_option_that_is_closed_is_allowed() -> None:
    compile_crisis(crisis_of(PLAIN.replace("options: [hold, press]", "options: [hold, press, beg], closed: [beg]")))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("calm: 0.5, wild: rest}", "calm: 0.5, wild: rest}, seen_by: [south]"),
        ("[give, fight]", "[give, fight], seen_by: [north]"),
        ("north: {gain: reply == give}", "north: {gain: reply == give, wet: storm == wild}"),
    ],
)
def test_a_mover_that_does_not_know_what_was_played_is_refused_however_nodes_are_merged(old: str, new: str) -> None:
    text = PLAIN.replace(old, new)
    if "wet" in new:  # the storm is forgotten at once: its ways are merged before the moves
        text = text.replace("calm: 0.5, wild: rest}", "calm: 0.5, wild: rest}, seen_by: []").replace(
            "(join == in_) * (storm == calm)", "join == in_"
        )
    for merge in (True, False):
        with pytest.raises(CrisisError) as refused:
            compile_crisis(crisis_of(text), merge=merge)
        assert "knows all that was played before, and this one does not" in str(refused.value)


def test_a_second_move_on_a_way_is_refused_and_one_of_a_single_option_is_not() -> None:
    again = PLAIN.replace("by: east", "by: north")
    assert [reason.split("; ")[0] for reason in reasons(again)] == [
        "10:12 'push': the choice of north is `private`, which needs one move on every way for play to end, and after "
        "this one it can move again"
    ]
    compile_crisis(crisis_of(again.replace("[aside, in_]", "[aside, in_], closed: [in_]")))


def test_moves_on_different_ways_are_allowed() -> None:
    compile_crisis(crisis_of(PLAIN.replace("join, by: east, options", "join, by: south, if: push == hold, options")))


def test_all_reasons_are_given_at_once() -> None:
    text = PLAIN.replace("[hold, press]", "[hold, press, beg]").replace("by: east", "by: north")
    assert len(reasons(text)) == 2


def test_other_rules_are_allowed_everywhere() -> None:
    text = PLAIN.replace("choice: private", "choice: probit").replace("[hold, press]", "[hold, press, beg]")
    compile_crisis(crisis_of(text.replace("wild: rest}", "wild: rest}, seen_by: []").replace("by: east", "by: north")))
