"""Values of a state that differ only beyond the sixth digit stay apart, wherever they are shown or asked for."""

from __future__ import annotations

from io import StringIO

import pytest
from rich.console import Console

from offramp.common.errors import UsageError
from offramp.crisis.faults import CrisisError
from offramp.crisis.model import Crisis
from offramp.equilibrium.nash_limit import limit
from offramp.equilibrium.solution import Solution
from offramp.game.compiler import compile_crisis
from offramp.game.game import described_sees
from offramp.play.board import set_up
from offramp.play.match import begin
from offramp.play.views import view
from offramp.report.equilibria_table import show_limit
from offramp.report.situations import likeliest_situations
from offramp.runs.run import run
from offramp.study.explanation.explaining import why
from offramp.study.histories.plays import solved
from offramp.study.outlook.moves import moves_over_draws
from tests.crises import crisis_of

CLOSE = [
    ("1000000", "1000001", ["1000000", "1000001"]),
    ("0.3", "0.3000001", ["0.3", "0.3000001"]),
    ("123456789.1", "123456789.2", ["123456789.1", "123456789.2"]),
    ("0.333333333333333", "1 / 3", ["0.333333333333333", "0.3333333333333333"]),
    ("-1e-9", "-1.0000000000000003e-9", ["-1e-09", "-1.0000000000000003e-09"]),
]
CASES = pytest.mark.parametrize(("one", "other", "shown"), CLOSE)


def told(one: str, other: str) -> Crisis:
    """An actor sees a state with one of two values; it goes left at the first, right at the other."""
    return crisis_of(f"""
format: 1
title: Told a number
actors: {{a: {{name: A}}}}
timeline:
  - {{chance: c, odds: {{y: 0.6, n: rest}}, seen_by: []}}
  - {{state: s, start: 0, becomes: {one} if c == y else {other}, seen_by: [a]}}
  - {{move: m, by: a, options: [left, right]}}
payoffs:
  a:
    t: (1 if c == y else -1) * (m == left)
endings:
  fine: m == left
  bad: otherwise
""")


ROUNDS = """
format: 1
title: Counted
actors: {a: {name: A}, b: {name: B}}
timeline:
  - rounds: 2
    steps:
      - {chance: c, odds: {y: 0.5, n: rest}, seen_by: []}
      - {state: s, start: 1000000, becomes: s + 1 if c == y else s, seen_by: [a]}
      - {move: m, by: a, options: [left, right]}
  - {tell: s, to: [b]}
  - {move: k, by: b, options: [up, down]}
payoffs:
  a:
    t: {pays: (s - 1000000) * (m == left), when: each_round}
  b:
    u: {pays: (s - 1000001) * (k == up), when: end}
endings: {fine: k == up, bad: otherwise}
"""


def likeliest(solution: Solution) -> list[tuple[str, str]]:
    """What is shown of each situation of the move, and what is chosen there."""
    (move,) = likeliest_situations((one.situation, one.reached, one.options) for one in solution.moves)
    assert not move.common
    return [(row.facts["s"], max(row.options, key=row.options.__getitem__)) for row in move.shown]


@CASES
def test_why_explains_the_situation_with_the_number_that_is_asked_for(one: str, other: str, shown: list[str]) -> None:
    crisis = told(one, other)
    for number, best in zip(shown, ("left", "right"), strict=True):
        found = why(crisis, "m", sees={"s": number})
        assert (found.matching, found.motives[0].option) == (1, best)
        assert f"It knows this: s: {number}." in found.answer[0]
        assert found.to_dict()["knows"] == [{"fact": "s", "value": number, "telling": True}]


def test_a_number_may_be_asked_for_in_any_notation_or_as_it_is_shown() -> None:
    crisis = told("1000001.5", "1 / 3")
    for number, best in (("1000001.5", "left"), ("1e+06", "left"), ("1000000", "left"), ("0.333333", "right")):
        assert why(crisis, "m", sees={"s": number}).motives[0].option == best
    with pytest.raises(UsageError, match=r"'s' is never '0\.33' at m; it is 0\.333333 and 1e\+06"):
        why(crisis, "m", sees={"s": "0.33"})


@CASES
def test_situations_are_shown_apart(one: str, other: str, shown: list[str]) -> None:
    block, solution = solved(told(one, other))
    assert likeliest(solution) == [(shown[0], "left"), (shown[1], "right")]
    assert {described_sees(situation) for situation in block.game.situations} == {f"s = {number}" for number in shown}
    assert [other.facts for other in why(told(one, other), "m").others] == [{"s": shown[1]}]


@CASES
def test_moves_of_a_run_are_shown_apart(one: str, other: str, shown: list[str]) -> None:
    found = moves_over_draws(run(told(one, other), draws=2))
    assert [facts["s"] for facts in found.facts] == shown
    assert {row["sees"] for row in found.to_dict()["situations"]} == {f"s={number}" for number in shown}


@CASES
def test_a_seat_is_shown_the_number_that_it_has_seen(one: str, other: str, shown: list[str]) -> None:
    board, seen = set_up(told(one, other)), set()
    for seed in range(1, 12):
        timeline = view(begin(board, ("a",), seed), "a").to_dict()["timeline"]
        seen.add(timeline[-1]["value_name"])
    assert seen == set(shown)


def test_numbers_that_six_digits_tell_apart_are_shown_with_six() -> None:
    _, solution = solved(told("1 / 3", "1234567"))
    assert likeliest(solution) == [("0.333333", "left"), ("1.23457e+06", "right")]


def test_numbers_that_no_float_tells_apart_are_shown_exactly_and_both_are_meant_by_their_float() -> None:
    crisis = told("1 / 3", "0.3333333333333333")
    _, solution = solved(crisis)
    exact = ["1/3", "3333333333333333/10000000000000000"]
    assert likeliest(solution) == [(exact[0], "left"), (exact[1], "right")]
    for number, best in zip(exact, ("left", "right"), strict=True):
        found = why(crisis, "m", sees={"s": number})
        assert (found.matching, found.motives[0].option) == (1, best)
    found = why(crisis, "m", sees={"s": "0.3333333333333333"})
    assert "in the likeliest of 2 situations. It knows this: s: 1/3." in found.answer[0]
    assert [one.facts for one in found.others] == [{"s": exact[1]}]


def test_numbers_of_earlier_rounds_and_numbers_that_were_told_are_told_apart() -> None:
    crisis = crisis_of(ROUNDS)
    for number, best in (("1000000", "down"), ("1000002", "up")):
        assert why(crisis, "k", sees={"s": number}).motives[0].option == best
    for before in ("1000000", "1000001"):
        found = why(crisis, "m@2", sees={"s@1": before, "s": "1000001"})
        assert found.matching == 2  # it chose left, or right, in round 1
        assert {row["value"] for row in found.to_dict()["knows"] if row["fact"] == "s@1"} == {before}


def test_a_fault_names_the_number_where_it_is_met() -> None:
    text = told("1000000", "1000001").text
    wrong = text.replace(
        "  - {move: m", "  - {state: d, start: 0, becomes: 1 / (s - 1000001), seen_by: []}\n  - {move: m"
    )
    with pytest.raises(CrisisError, match=r"is not a finite number where s = 1000001$"):
        compile_crisis(crisis_of(wrong))
    wrong = text.replace("(1 if c == y else -1)", "i / (s - 1000001)") + "inputs: {i: {is: 1}}\n"
    with pytest.raises(CrisisError, match=r"where .*s = 1000001\b"):
        solved(crisis_of(wrong))


def test_the_limit_names_the_situations_in_which_options_tie() -> None:
    crisis = crisis_of(told("1000000", "1000001").text.replace("(1 if c == y else -1)", "0"))
    text = StringIO()
    show_limit(Console(file=text, width=120), limit(crisis))
    assert "  m (A): s: 1000000\n  m (A): s: 1000001\n" in text.getvalue()
