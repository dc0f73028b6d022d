"""Which situations are shown: the likeliest, told apart by as few facts as it takes."""

from __future__ import annotations

from offramp.game.game import Situation
from offramp.report.situations import MOST, Entry, likeliest_situations


def entry(number: int, reached: float, hit: float = 0.75, **sees: str) -> Entry:
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
        entries.append(entry(number, 0.5 / 80, hit, **facts))
    (move,) = likeliest_situations(entries)
    assert not move.shown
    assert [row.facts for row in move.by_fact] == [{"damage": "0"}, {"damage": "1"}, {"reading": "0"}, {"reading": "1"}]
    assert [round(row.reached, 9) for row in move.by_fact] == [0.25] * 4
    assert [round(row.options["hit"], 9) for row in move.by_fact] == [0.2, 0.9, 0.5, 0.6]


def test_where_the_situations_shown_are_most_of_a_move_no_fact_is_shown_by_itself() -> None:
    (move,) = likeliest_situations([entry(0, 0.6, answer="a"), entry(1, 0.3, answer="b"), entry(2, 0.002, answer="c")])
    assert move.by_fact == ()
