"""States are exact: tenths that add up to eight tenths equal eight tenths, wherever they are used."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import offramp
from offramp.crisis.faults import CrisisError
from offramp.crisis.inputs import medians
from offramp.crisis.model import Crisis
from offramp.gambit.opening import compile_game
from offramp.gambit.unfold import unfold
from offramp.game.checks.game_warnings import central_draws
from offramp.game.game import Game
from offramp.game.tables import tabulate
from offramp.play.board import set_up
from offramp.play.chronicle import chronicle
from tests.crises import crisis_of
from tests.examples import examples
from tests.play.small import played
from tests.walker import walk


def timeline(steps: str, endings: str = "{all: otherwise}", payoffs: str = "{}", inputs: str = "{}") -> Crisis:
    actors = "{north: {name: North, memory: state}, south: {name: South, memory: state}}"
    head = f"format: 1\ntitle: States\nactors: {actors}\ninputs: {inputs}\npayoffs: {payoffs}\nendings: {endings}\n"
    return crisis_of(f"{head}timeline:\n{steps}")


LOSSES = """
  - rounds: 2
    steps:
      - {move: answer, by: north, options: [raid, strike, volley]}
      - state: losses
        start: 0
        becomes: losses + 0.1 * (answer == raid) + 0.4 * (answer == strike) + 0.7 * (answer == volley)
"""
BROKEN = "{broken: losses >= 0.8, holds: otherwise}"


def test_an_ending_is_reached_at_exactly_its_threshold() -> None:
    crisis = timeline(LOSSES, BROKEN)
    assert offramp.solve(compile_game(crisis)).endings == pytest.approx({"broken": 6 / 9, "holds": 3 / 9})
    found = walk(crisis, lambda _, options: dict.fromkeys(options, 1 / len(options)))
    assert found.endings == pytest.approx({"broken": 6 / 9, "holds": 3 / 9})


def test_an_exported_tree_has_the_endings_of_the_exact_states() -> None:
    tree = unfold(timeline(LOSSES, BROKEN, "{south: {loss: {pays: -losses, when: end}}}"), {}, setting="at the medians")
    ends = [tree.outcomes[number] for number in tree.node_outcome.tolist() if number >= 0]
    assert [outcome.label.startswith("broken") for outcome in ends].count(True) == 6
    paid = {-outcome.payoffs[1] for outcome in ends if outcome.label.startswith("broken")}
    assert paid == {Fraction(text) for text in ("0.8", "1.1", "1.4")}


STOCK = """
  - rounds: 5
    until: stock <= 0.7
    steps:
      - {chance: spent, odds: {some: 0.5, more: 0.5}}
      - {state: stock, start: 1, becomes: stock - 0.1 - 0.1 * (spent == more)}
"""


def test_until_fires_at_exactly_its_threshold() -> None:
    crisis = timeline(STOCK, "{third: round == 3, second: round == 2, late: otherwise}")
    expected = {"third": 0.25, "second": 0.75, "late": 0.0}
    assert offramp.solve(compile_game(crisis)).endings == pytest.approx(expected)
    assert walk(crisis, lambda *_: {}).endings == pytest.approx(expected)


def test_a_match_stops_its_rounds_and_shows_states_as_the_game_has_them() -> None:
    board = set_up(timeline(STOCK, "{third: round == 3, second: round == 2, late: otherwise}"))
    for seed in range(20):
        match = played(board, (), seed, 0)
        events = chronicle(match)
        (played_rounds,) = (event.value for event in events if event.kind == "rounds_over")
        assert {3.0: "third", 2.0: "second"}[float(played_rounds)] == match.ending
        assert [event.value for event in events if event.kind == "state"][-1] in (0.7, 0.6)


def hidden(gradual: str, second: str, sudden: str) -> Crisis:
    return timeline(
        f"""
  - {{chance: plan, odds: {{gradual: 0.5, sudden: rest}}, seen_by: [north]}}
  - {{state: first, start: 0, becomes: {gradual} if plan == gradual else {sudden}, seen_by: []}}
  - {{state: total, start: 0, becomes: "first + ({second} if plan == gradual else 0)", seen_by: [north, south]}}
  - {{move: reply, by: south, options: [absorb, strike]}}
  - {{tell: total, to: [north]}}
  - {{move: answer, by: north, options: [absorb, strike]}}
""",
        "{right: reply == strike and plan == gradual, wrong: reply == strike, none: otherwise}",
        "{south: {t: (1 if plan == gradual else -1) * (reply == strike)}}",
    )


@pytest.mark.parametrize(
    "numbers", [("0.1", "0.2", "0.3"), ("1", "2", "3"), ("1/3", "1/6", "0.5"), ("1.1", "2.2", "3.3")]
)
def test_equal_totals_are_one_information_set_however_they_came_about(numbers: tuple[str, str, str]) -> None:
    game = compile_game(hidden(*numbers))
    assert game.size.information_sets_of == {"north": 4, "south": 1}
    assert offramp.solve(game).endings == pytest.approx({"right": 0.25, "wrong": 0.25, "none": 0.5})


# A crisis of whole numbers, and the same in other units


UNITS = ("0.1", "0.01", "0.001", "0.7", "2.5", "1e-9", "1e12", "1e-200")
SMALL = st.integers(-3, 4)


@st.composite
def in_two_units(draw: st.DrawFn) -> tuple[Crisis, Crisis, Fraction]:
    a, b, c, d, high, low, stop = (draw(SMALL) for _ in range(7))
    unit, rounds = draw(st.sampled_from(UNITS)), draw(st.integers(1, 3))
    memory, seen = draw(st.sampled_from(["state", "recall"])), draw(st.sampled_from(["[north]", "[north, south]"]))

    def crisis(unit: Fraction) -> Crisis:
        def times(number: int) -> str:
            return decimal(number * unit)

        return crisis_of(f"""
format: 1
title: Units
actors: {{north: {{name: North, memory: state}}, south: {{name: South, memory: {memory}}}}}
inputs: {{share: {{is: "uniform(0.1, 0.4)"}}}}
let: {{worse: stock - debt > {times(low)}}}
timeline:
  - rounds: {rounds}
    until: stock == {times(stop)}
    steps:
      - {{move: first, by: north, options: [p, q, r], only_if: {{r: "debt <= {times(high)}"}}}}
      - chance: luck
        if: stock != {times(d)}
        odds: [{{if: "worse and stock in [{times(a)}, {times(b)}]", good: share, bad: rest}}, {{good: 0.5, bad: rest}}]
      - state: stock
        start: {times(1)}
        becomes: stock + {times(a)} * (first == p) + {times(b)} * (first == q) + {times(c)} * (luck == good)
      - state: debt
        start: 0
        becomes: clip(max(debt, stock) - debt / 2, {times(-2)}, {times(5)})
        seen_by: {seen}
      - {{move: reply, by: south, if: stock >= debt, options: [yes_, no_]}}
payoffs:
  north: {{gain: {{pays: (stock >= {times(high)}) - share * worse, when: each_round}}}}
  south: {{gain: {{pays: (2 if debt > {times(low)} else share) * (reply == yes_), when: each_round}}}}
endings: {{high: stock >= {times(high)}, low: "debt < {times(low)}", worse: worse, other: otherwise}}
""")

    return crisis(Fraction(1)), crisis(Fraction(unit)), Fraction(unit)


def decimal(number: Fraction) -> str:
    whole, digits = number, 0
    while whole.denominator > 1:
        whole, digits = whole * 10, digits + 1
    return f"{whole.numerator}e-{digits}" if whole >= 0 else f"(0 - {-whole.numerator}e-{digits})"


def arrays(game: Game) -> list[list[int]]:
    found = (game.group_node, game.group_slot, game.group_options, game.edge_child, game.edge_payoff, game.slot_option)
    return [array.tolist() for array in found]


@settings(max_examples=examples(80), deadline=None)
@given(in_two_units())
def test_a_crisis_in_other_units_is_the_same_game(crises: tuple[Crisis, Crisis, Fraction]) -> None:
    whole, decimals = (outcome_of(crisis) for crisis in crises[:2])
    if isinstance(whole, str) or isinstance(decimals, str):
        assert isinstance(whole, str)
        assert isinstance(decimals, str)
        return
    assert arrays(whole) == arrays(decimals)
    assert whole.size == decimals.size
    for one, other in zip(whole.situations, decimals.situations, strict=True):
        for label, value in one.sees.items():
            unit = 1 if isinstance(value, str) or label.startswith("round") else crises[2]
            assert other.sees[label] == (value if isinstance(value, str) else float(Fraction(value) * unit))
    left, right = (tabulate(game, central_draws(game.crisis)) for game in (whole, decimals))
    assert left.odds.tobytes() == right.odds.tobytes()
    assert all(np.array_equal(left.amounts[position], right.amounts[position]) for position in left.amounts)


def outcome_of(crisis: Crisis) -> Game | str:
    """The game, or the error message if there is none."""
    try:
        return compile_game(crisis)
    except CrisisError as error:
        return str(error)


# Payoffs and odds


def test_conditions_in_payoffs_and_odds_are_exact_and_one_that_names_an_input_is_not() -> None:
    crisis = timeline(
        """
  - {state: first, start: 0, becomes: 0.1}
  - {chance: event, odds: [{if: first + 0.7 < 0.8, a: 1, b: 0}, {a: 0.25 * (first + 0.7 >= 0.8), b: rest}]}
""",
        payoffs="{north: {sure: 3 * (first + 0.7 >= 0.8), mixed: 2 * (3 * tenth > 0.3), loss: -first}}",
        inputs="{tenth: {is: 0.1, because: a test}}",
    )
    solution = offramp.solve(compile_game(crisis))
    assert solution.payoffs["north"] == {"sure": 3.0, "mixed": 2.0, "loss": -0.1}
    values = {name: value.item() for name, value in medians(crisis).items()}
    tree = unfold(crisis, values, setting="at the medians")
    assert tree.sets[0].odds == (Fraction(1, 4), Fraction(3, 4))
    assert {outcome.payoffs[0] for outcome in tree.outcomes} == {5 - Fraction(1, 10)}


def test_numbers_alone_are_compared_exactly_wherever_they_stand() -> None:
    crisis = timeline(
        "  - {move: m, by: north, options: [x, y]}\n",
        payoffs="{north: {gain: share * (m == x)}}",
        inputs='{share: {is: "uniform(0, 1)"}}',
    )
    text = crisis.text.replace("memory: state}, south", "memory: state, rationality: 3 * (0.1 + 0.7 == 0.8)}, south")
    game = compile_game(crisis_of(text))
    assert tabulate(game, central_draws(game.crisis)).rationality[0].tolist() == [3.0] * 3


# Functions, bounds and what has no value


def levels(steps: str, state: str = "s") -> list[Fraction]:
    """The values of a state that an actor sees or a condition uses."""
    told = f"  - {{tell: {state}, to: [north]}}\n  - {{move: m, by: north, options: [x, y]}}\n"
    return [Fraction(value) for value in compile_game(timeline(steps + told)).levels[state]]


@pytest.mark.parametrize(
    ("becomes", "value"),
    [
        ("sqrt(s)", "1.41421356237"),
        ("exp(s) - 7", "0.38905609893"),
        ("log(s)", "0.693147180560"),
        ("s ** 0.5", "1.41421356237"),
        ("s ** -2", "1/4"),
        ("(s / 4) ** 3 + s / 3", "19/24"),
        ("0.1e-300 + 0 * s", "1e-301"),
        ("1e300 * s", "2e300"),
        ("abs(min(s, 1 / 3) - clip(s, 0, 0.1))", "7/30"),
    ],
)
def test_functions_are_rounded_and_all_else_is_not(becomes: str, value: str) -> None:
    assert levels(f"  - {{state: s, start: 2, becomes: '{becomes}'}}\n")[-1] == Fraction(value)


@pytest.mark.parametrize(
    "becomes", ["s * s / 2 + s / 3 + 0.1", "s / 3", "s * 1.001 + 1e-9", "(s + 1) / (s + 2)", "s ** 2 / 3 + s / 2"]
)
def test_a_state_stays_short_however_many_rounds_are_played(becomes: str) -> None:
    found = levels(f"  - rounds: 400\n    steps: [{{state: s, start: 0.7, becomes: '{becomes}'}}]\n")
    assert all(max(value.numerator.bit_length(), value.denominator.bit_length()) < 1200 for value in found)


@pytest.mark.parametrize(
    ("state", "message"),
    [
        (
            "start: 2, becomes: s * s * 1e300 * 1e300",
            "'s * s * 1e300 * 1e300' reaches a number that is too large where s",
        ),
        (
            "start: 10 ** 400, becomes: s",
            "'10 ** 400' reaches a number that is too large; exact numbers are 0, or from",
        ),
        ("start: 1e-200, becomes: s * s", "'s * s' reaches a number that is too near to 0 where s = 1e-200; exact"),
        ("start: 1e-324, becomes: s", "the number '1e-324' is too near to 0; write 0"),
        (
            "start: 0, becomes: 3 * (10 ** 400 > s)",
            "'3 * (10 ** 400 > s)' reaches a number that is too large where s = 0",
        ),
        ("start: 0, becomes: 3 * (10 ** 400 > 1)", "a comparison reaches a number that is too large"),
        ("start: 1, becomes: 1 / (s - 1)", "'1 / (s - 1)' is not a finite number where s = 1"),
        ("start: 1, becomes: log(0 - s)", "'log(0 - s)' is not a finite number where s = 1"),
        ("start: 0 / 0, becomes: s", "'0 / 0' is not a finite number"),
    ],
)
def test_a_state_without_a_value_is_a_mistake_with_its_place(state: str, message: str) -> None:
    with pytest.raises(CrisisError) as error:
        compile_game(timeline(f"  - {{state: s, {state}}}\n"))
    assert message.split(": ", 1)[-1] in str(error.value)


def test_a_state_whose_condition_is_false_is_not_worked_out() -> None:
    steps = """
  - {chance: sent, odds: {none: 0.5, some: rest}}
  - {state: ships, start: 0, becomes: 4 * (sent == some)}
  - {state: rate, start: 0, if: ships > 0, becomes: 1 / ships}
"""
    assert levels(steps, "rate")[-1] == Fraction(1, 4)
