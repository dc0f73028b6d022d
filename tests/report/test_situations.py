"""Which situations are shown: the likeliest, told apart by as few facts as it takes."""

from __future__ import annotations

from offramp.game.game import Situation
from offramp.report.situations import MOST, Entry, likeliest_situations


def entry(number: int, reached: float, hit: float | None = None, **sees: str) -> Entry:
    """A situation; the choice differs from one number to the next if no share of *hit* is given."""
    hit = 0.5 + number / 100 if hit is None else hit
    slots = slice(2 * number, 2 * number + 2)
    situation = Situation("reply", 1, "south", {"round": 1.0, **sees}, ("absorb", "hit"), slots)
    return situation, reached, {"absorb": 1.0 - hit, "hit": hit}


def test_rare_situations_are_counted_and_their_reach_is_summed() -> None:
    (move,) = likeliest_situations(
        [entry(0, 0.004, answer="a"), entry(1, 0.9, answer="b"), entry(2, 0.006, answer="c")]
    )
    assert [row.facts for row in move.shown] == [{"answer": "b"}]
    assert move.left_out == 2
    assert move.left_out_reached == 0.01


def test_no_more_situations_of_a_move_are_shown_than_a_reader_takes_in() -> None:
    (move,) = likeliest_situations([entry(n, 0.02 + n / 1000, answer=f"a{n}") for n in range(20)])
    assert [row.facts["answer"] for row in move.shown] == [f"a{n}" for n in range(19, 19 - MOST, -1)]
    assert move.left_out == 20 - MOST


def test_facts_common_to_all_situations_shown_are_said_once() -> None:
    entries = [
        entry(0, 0.5, answer="volley", damage="hits"),
        entry(1, 0.4, answer="staged", damage="hits"),
        entry(2, 0.001, answer="staged", damage="none"),
    ]
    (move,) = likeliest_situations(entries)
    assert move.common == {"damage": "hits"}
    assert [row.facts for row in move.shown] == [{"answer": "volley"}, {"answer": "staged"}]


def test_a_move_with_one_information_set_has_nothing_to_tell_apart() -> None:
    (move,) = likeliest_situations([entry(0, 1.0)])
    assert move.shown[0].facts == {}
    assert move.common == {}
    assert move.left_out == 0


def test_where_no_situation_is_frequent_the_facts_that_change_the_choice_most_are_shown_by_themselves() -> None:
    entries = []
    for number in range(80):
        facts = {"damage": str(number % 2), "reading": str(number // 2 % 2), "other": str(number // 4)}
        hit = 0.9 if number % 2 else 0.1 + 0.2 * (number // 2 % 2)
        hit += 0.002 * (number // 4 - 9.5)  # so that the other facts change it too, and nothing on average
        entries.append(entry(number, 0.5 / 80, hit, **facts))
    (move,) = likeliest_situations(entries)
    assert not move.shown
    assert [row.facts for row in move.by_fact] == [{"damage": "0"}, {"damage": "1"}, {"reading": "0"}, {"reading": "1"}]
    assert [round(row.reached, 9) for row in move.by_fact] == [0.25] * 4
    assert [round(row.options["hit"], 9) for row in move.by_fact] == [0.2, 0.9, 0.5, 0.6]


def test_where_the_situations_shown_are_most_of_a_move_no_fact_is_shown_by_itself() -> None:
    (move,) = likeliest_situations([entry(0, 0.6, answer="a"), entry(1, 0.3, answer="b"), entry(2, 0.002, answer="c")])
    assert move.by_fact == ()


def test_situations_that_differ_only_in_what_changes_no_choice_are_joined() -> None:
    entries = [
        entry(0, 0.3, 0.25, line="low", answer="volley"),
        entry(1, 0.1, 0.25, line="low", answer="staged"),
        entry(2, 0.2, 0.75, line="high", answer="volley"),
        entry(3, 0.4, 0.75, line="high", answer="staged"),
    ]
    (move,) = likeliest_situations(entries)
    found = [(row.facts, round(row.reached, 9), round(row.options["hit"], 9), row.situations) for row in move.shown]
    assert found == [({"line": "high"}, 0.6, 0.75, 2), ({"line": "low"}, 0.4, 0.25, 2)]
    assert move.left_out == 0


def test_situations_are_not_joined_if_the_choice_in_one_of_them_looks_different() -> None:
    for apart in (0.001, 0.1):
        alike = [entry(0, 0.5, 0.75, line="low"), entry(1, 0.3, 0.75, line="high")]
        entries = [*alike, entry(2, 0.2, 0.75 - apart, line="none")]
        (move,) = likeliest_situations(entries)
        assert [row.facts["line"] for row in move.shown] == ["low", "high", "none"]


def test_situations_with_different_options_are_not_joined() -> None:
    one, (situation, reached, _) = entry(0, 0.5, line="low"), entry(1, 0.5, line="high")
    (move,) = likeliest_situations([one, (situation, reached, {"absorb": 0.25, "wait": 0.75})])
    assert [row.situations for row in move.shown] == [1, 1]


def test_a_joined_situation_left_out_counts_for_all_that_it_stands_for() -> None:
    rare = [entry(number, 0.001, 0.9, line="low", answer=f"a{number}") for number in range(1, 6)]
    (move,) = likeliest_situations([entry(0, 0.9, line="high", answer="a0"), *rare])
    assert (move.left_out, round(move.left_out_reached, 9)) == (5, 0.005)
