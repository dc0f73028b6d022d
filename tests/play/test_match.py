"""Matches: luck from the seed alone, choices in any order, and play as the equilibrium has it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from functools import cache
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chisquare

from offramp.common.errors import UsageError
from offramp.crisis.expressions.expression import SKIPPED
from offramp.crisis.model import Crisis
from offramp.gambit.opening import compile_game
from offramp.play.board import Board, board_of, set_up
from offramp.play.match import Match, awaiting, begin, choose, leave_to_offramp, new_seed, questions
from offramp.study.histories.flows import flows_of
from offramp.study.histories.plays import solved
from tests.crises import crisis_of, crisis_texts
from tests.examples import examples
from tests.play.small import COINS, SIDES, played
from tests.shipped import tehran

RANDOM = crisis_texts(most_histories=100).map(crisis_of)
GAMES = 10_000


@cache
def tehran_board() -> Board:
    return set_up(tehran())


def values(match: Match) -> list[tuple[str, int, str]]:
    return [(entry.step, entry.round, entry.value) for entry in match.entries]


def agrees(counted: Mapping[str, int], expected: Mapping[str, float]) -> float:
    """The p-value of a chi-square test; what cannot be must not have happened."""
    possible = [name for name, share in expected.items() if share > 0.0]
    assert set(counted) <= set(possible)
    found = np.array([counted.get(name, 0) for name in possible], dtype=float)
    shares = np.array([expected[name] for name in possible])
    return float(chisquare(found, shares / shares.sum() * found.sum()).pvalue) if len(possible) > 1 else 1.0


def test_play_by_offramp_alone_ends_and_goes_as_the_equilibrium_says() -> None:
    board = tehran_board()
    matches = [begin(board, (), seed) for seed in range(GAMES)]
    endings = Counter(match.ending for match in matches if match.ending is not None)
    assert agrees(endings, board.solution.endings) > 0.001
    made = [{(entry.step, entry.round): entry.value for entry in match.entries} for match in matches]
    stages = flows_of(board.block, board.solution).stages
    assert len(stages) > 10
    for stage in stages:
        counted = Counter(found.get((stage.step, stage.round), SKIPPED) for found in made)
        shares = dict(zip(stage.values, map(float, stage.shares.sum(axis=1).clip(0.0)), strict=True))
        expected = {value: share for value, share in shares.items() if share > 1e-9}
        assert agrees(counted, expected) > 0.001 / len(stages), stage.step


def test_what_is_drawn_is_what_its_probability_says() -> None:
    for match in (begin(tehran_board(), (), seed) for seed in range(50)):
        assert all(0.0 < entry.probability <= 1.0 for entry in match.entries)
        assert {entry.by for entry in match.entries} <= {"offramp", "chance"}


@settings(max_examples=examples(40), deadline=None)
@given(RANDOM, st.integers(0, 2**64 - 1), st.integers(0, 99))
def test_the_same_seed_and_choices_give_the_same_match(crisis: Crisis, seed: int, whim: int) -> None:
    block, solution = solved(compile_game(crisis))
    if not solution.converged:
        return
    board = board_of(block, solution)
    again = board_of(*solved(compile_game(crisis)))
    assert played(board, board.movers, seed, whim) == played(again, again.movers, seed, whim)


def test_another_choice_leaves_the_rest_of_the_luck_as_it_was() -> None:
    board = set_up(crisis_of(COINS))
    seen = set()
    for seed in range(20):
        start = begin(board, ("north",), seed)
        low, high = (values(choose(start, "north", option)) for option in ("low", "high"))
        assert low[0] != high[0]
        assert low[1:] == high[1:]
        seen.add(tuple(low[1:]))
    assert len(seen) == 20


def test_a_seat_left_to_offramp_is_played_as_if_nobody_sat_there() -> None:
    board = tehran_board()
    for seed in range(40):
        match = begin(board, board.movers, seed)
        while not match.finished:
            match = leave_to_offramp(match, awaiting(match)[-1])
        assert values(match) == values(begin(board, (), seed))
        assert {entry.by for entry in match.entries} == {"offramp", "chance"}


def test_together_choices_may_be_made_in_any_order() -> None:
    board = tehran_board()
    start = choose(begin(board, ("iran", "hezbollah", "hamas"), 3), "iran", "send")
    assert awaiting(start) == ("iran", "hezbollah", "hamas")
    picks = {"iran": "salvo", "hezbollah": "join", "hamas": "hold"}
    found = set()
    for order in permutations(picks):
        match = start
        for place, actor in enumerate(order):
            assert set(awaiting(match)) == set(order[place:])
            assert len(match.entries) == len(start.entries)
            match = choose(match, actor, picks[actor])
        assert [entry.value for entry in match.entries[len(start.entries) :][:3]] == list(picks.values())
        found.add(match)
    assert len(found) == 1


def test_a_sibling_that_is_not_made_is_not_asked() -> None:
    board = set_up(crisis_of(SIDES))
    asked = set()
    for seed in range(30):
        match = choose(begin(board, ("north", "south", "east"), seed), "north", "silent")
        calm = match.entries[0].value == "calm"
        assert awaiting(match) == (("north", "south", "east") if calm else ("north", "east"))
        asked.add(calm)
    assert asked == {True, False}


def test_what_is_closed_says_why() -> None:
    board = set_up(crisis_of(SIDES).with_levers("calm"))
    match = choose(begin(board, ("north",), 1), "north", "silent")
    question = questions(match)["north"]
    assert question.options == ("hold",)
    assert [(closed.option, closed.only_if) for closed in question.closed] == [
        ("press", None),
        ("strike", "word == speak"),
    ]


def test_a_seat_sees_a_closed_option_only_if_a_lever_allows_it_and_why_a_commitment_rules_others_out() -> None:
    text = SIDES.replace("options: [hold, press, strike],", "options: [hold, press, strike], closed: [press],")
    text = text.replace("{calm: {forbid: {north_acts: [press]}}}", "{calm: {allow: {north_acts: [press]}}, VOW}")
    crisis = crisis_of(text.replace("VOW", "vow: {commit: {north_acts: hold}}"))

    def asked(*levers: str) -> tuple[tuple[str, ...], list[tuple[str, str | None]]]:
        match = choose(begin(set_up(crisis.with_levers(*levers)), ("north",), 1), "north", "silent")
        question = questions(match)["north"]
        return question.options, [(closed.option, closed.only_if) for closed in question.closed]

    assert asked() == (("hold",), [("strike", "word == speak")])
    assert asked("calm") == (("hold", "press"), [("strike", "word == speak")])
    assert asked("calm", "vow") == (("hold",), [("press", None), ("strike", None)])


@pytest.mark.parametrize(
    ("actor", "option", "message"),
    [
        (
            "iran",
            "sned",
            r"'sned' cannot be chosen at 'quiet_word'; did you mean 'send'\? \(open: stay_silent and send",
        ),
        ("israel", "absorb", "it is not the turn of 'israel'"),
        ("hamas", "hold", r"nobody plays 'hamas' in this match: it is Offramp's \(seats: israel and iran\)"),
        ("isreal", "hold", "unknown actor 'isreal'; did you mean 'israel'"),
    ],
)
def test_a_wrong_choice_says_what_can_be_chosen(actor: str, option: str, message: str) -> None:
    match = begin(tehran_board(), ("iran", "israel"), 5)
    with pytest.raises(UsageError, match=message):
        choose(match, actor, option)


def test_a_choice_in_a_together_is_final() -> None:
    match = choose(begin(tehran_board(), ("iran", "hamas"), 5), "iran", "send")
    match = choose(match, "hamas", "hold")
    with pytest.raises(UsageError, match="not the turn of 'hamas'"):
        choose(match, "hamas", "join")


def test_a_match_that_is_over_takes_no_more_choices() -> None:
    match = played(tehran_board(), ("iran",), 1, 1)
    with pytest.raises(UsageError, match="the match is over: it ended in"):
        choose(match, "iran", "send")
    assert awaiting(match) == ()


@pytest.mark.parametrize("seed", [-1, 2**64])
def test_a_seed_out_of_range_is_refused(seed: int) -> None:
    with pytest.raises(UsageError, match="a seed is a whole number"):
        begin(tehran_board(), (), seed)


def test_a_new_seed_is_exact_in_every_language() -> None:
    seeds = {new_seed() for _ in range(100)}
    assert len(seeds) == 100
    assert all(float(seed) == seed for seed in seeds)


def test_what_did_not_converge_cannot_be_played() -> None:
    from dataclasses import replace

    block, solution = solved(crisis_of(SIDES))
    broken = replace(solution, certificate=replace(solution.certificate, residual=1.0))
    with pytest.raises(UsageError, match="its solve did not converge"):
        board_of(block, broken)


def test_what_has_no_odds_is_never_drawn() -> None:
    board = set_up(crisis_of(COINS.replace("{heads: 0.5, tails: rest}", "{edge: 0, heads: 0.5, tails: 0.5, lost: 0}")))
    match = choose(begin(board, ("north", "south"), 1), "north", "low")
    assert {entry.value for entry in match.entries[1:]} == {"heads", "tails"}
    coin = board.place(int(board.plays.edges.child[board.place(board.game.root).first_edge]))
    assert [board.drawn(coin, luck) for luck in (0.0, 0.4999, 0.5, 1.0 - 2**-53)] == [
        "heads",
        "heads",
        "tails",
        "tails",
    ]
