"""Warnings that need the game appear exactly when they should; and facts revealed by conditions."""

from __future__ import annotations

import pytest

import offramp
from offramp.crisis.reading import read_text
from offramp.gambit.opening import compile_game
from offramp.game.checks.game_warnings import warnings_of
from offramp.game.checks.revealed_facts import Reveal, reveals
from tests.shipped import tehran

BASE = """
format: 1
title: Advice
actors: {north: {name: North}, south: {name: South}}
inputs: {luck: {is: "uniform(0.2, 0.8)", because: test}}
timeline:
  - {chance: weather, odds: {fair: luck, foul: rest}, seen_by: [north]}
  - {move: answer, by: north, options: [hold, strike]}
  - {move: reply, by: south, if: answer == strike, options: [absorb, fight]}
payoffs:
  north: {gain: (answer == strike) * (weather == fair)}
  south: {harm: -1 * (reply == absorb)}
endings: {clash: reply == fight, struck: answer == strike, calm: otherwise}
"""


def warned(old: str = "", new: str = "") -> list[str]:
    """All warnings of the base crisis with one text replaced."""
    assert old in BASE
    crisis = read_text(BASE.replace(old, new).encode(), "a.yaml")
    return [warning.located("a.yaml") for warning in warnings_of(compile_game(crisis))]


def test_a_crisis_without_oddities_is_not_warned_of() -> None:
    assert warned() == []


@pytest.mark.parametrize(
    ("old", "new", "warning"),
    [
        (
            "calm: otherwise",
            "both: answer == hold and reply == fight, calm: otherwise",
            "a.yaml:13:60: ending 'both' is never reached: its condition holds after no history",
        ),
        (
            "calm: otherwise",
            "again: reply == absorb, calm: otherwise",
            "a.yaml:13:60: ending 'again' is always shadowed: where it holds, one above it holds too",
        ),
        (
            "options: [hold, strike]}",
            "options: [hold, strike, wait], only_if: {wait: weather == fair and weather == foul}}",
            "a.yaml:8:12: option 'wait' of 'answer' is never available",
        ),
        (
            "  - {move: reply, by: south, if: answer == strike,",
            "  - {move: reply, by: south, if: answer == strike and answer == hold,",
            "a.yaml:9:12: 'reply' never happens: its `if` holds after no history",
        ),
        (
            "{harm: -1 * (reply == absorb)}",
            "{harm: -1 * (reply == absorb), pride: 0 * (reply == fight)}",
            "a.yaml:12:41: payoff term 'pride' of south never differs: it is 0 after every history",
        ),
        (
            "{harm: -1 * (reply == absorb)}",
            "{harm: -1 * (reply != fight)}",
            "a.yaml:12:11: payoff term 'harm' of south pays where 'reply' was skipped: "
            "'reply != fight' holds there too",
        ),
    ],
)
def test_what_is_likely_not_meant_is_warned_of_at_its_place(old: str, new: str, warning: str) -> None:
    assert warning in warned(old, new)


def test_odds_that_fail_only_where_an_input_is_extreme_are_found_on_checking() -> None:
    text = BASE.replace("fair: luck", "fair: luck + 0.25")
    crisis = read_text(text.encode(), "a.yaml")
    with pytest.raises(
        offramp.CrisisError, match=r"add up to 1\.0494; .* \(with luck at its 99\.9 % quantile: luck = 0\.7994\)"
    ):
        warnings_of(compile_game(crisis))


def test_a_size_that_forgetting_would_shrink_is_warned_of() -> None:
    crisis = tehran()
    forgetful = warnings_of(compile_game(crisis))
    assert not any("would shrink" in warning.message for warning in forgetful)
    text = crisis.text.replace("hamas:     {name: Hamas, memory: state", "hamas:     {name: Hamas, memory: recall")
    text = text.replace("memory: state", "memory: recall")
    keeping = read_text(text.encode(), crisis.path)
    shrinkable = [warning.message for warning in warnings_of(compile_game(keeping, max_nodes=1_000_000))]
    assert any("`memory: state` for" in message and "would shrink the game from" in message for message in shrinkable)


def test_a_condition_on_hidden_facts_is_listed_with_those_who_learn_of_them() -> None:
    text = BASE.replace("if: answer == strike", "if: answer == strike and weather == fair")
    crisis = read_text(text.encode(), "a.yaml")
    assert reveals(crisis) == (Reveal("reply", ("south",), ("weather",)),)


def test_a_term_is_not_constant_because_a_column_is_zero_in_this_case_or_a_coefficient_at_its_median() -> None:
    text = BASE.replace(
        "inputs: {",
        "inputs: {pact: {is: 0, column: pact}, regime: {is: none, column: regime, levels: [full]}, "
        "tie: {linear: [pact], is: 'normal(0, 1)'}, trust: {linear: [regime], is: 'normal(0, 1)'}, ",
    )
    text = text.replace(
        "north: {gain: ", "north: {tie: tie * (answer == hold), trust: trust * (answer == hold), gain: "
    )

    def warnings(text: str) -> list[str]:
        return [warning.message for warning in warnings_of(compile_game(read_text(text.encode(), "a.yaml")))]

    assert warnings(text) == []
    never = text.replace("tie * (answer == hold)", "tie * (answer == skipped)")
    assert warnings(never) == ["payoff term 'tie' of north never differs: it is 0 after every history"]


@pytest.mark.parametrize(
    ("term", "where"),
    [
        ("(0.4 < luck < 0.4001) * (answer == hold)", " in the values tried"),
        ("max(luck - 0.7999, 0) * (answer == hold)", " in the values tried"),
        ("luck * (answer == skipped)", ""),
    ],
)
def test_a_term_that_may_pay_in_values_that_were_not_tried_is_not_said_never_to_differ(term: str, where: str) -> None:
    (warning,) = warned("north: {gain: ", f"north: {{rare: '{term}', gain: ")
    assert warning.endswith(f"payoff term 'rare' of north never differs{where}: it is 0 after every history")
