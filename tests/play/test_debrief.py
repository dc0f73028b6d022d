"""The debrief, against a walk through every history and against why."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from offramp.common.errors import UsageError
from offramp.crisis.model import Crisis
from offramp.play.board import Board, board_of, set_up
from offramp.play.debrief import debrief
from offramp.play.match import begin
from offramp.study.explanation.motives import is_reached
from offramp.study.explanation.why import why_of
from offramp.study.histories.plays import solved
from tests.crises import crisis_of, crisis_texts
from tests.examples import examples
from tests.play.small import SIDES, played
from tests.shipped import tehran
from tests.study.observed_histories import Histories
from tests.walker import ANALYST

RANDOM = crisis_texts(most_histories=100).map(crisis_of)
SEEDS = st.integers(0, 2**32)


def board_for(crisis: Crisis) -> Board | None:
    block, solution = solved(crisis)
    return board_of(block, solution) if solution.converged else None


@settings(max_examples=examples(40), deadline=None)
@given(RANDOM, SEEDS, st.integers(0, 99))
def test_odds_lead_from_those_of_the_solve_to_the_ending(crisis: Crisis, seed: int, whim: int) -> None:
    board = board_for(crisis)
    if board is None:
        return
    found = debrief(played(board, board.movers, seed, whim))
    assert found.outset == pytest.approx(dict(board.solution.endings), abs=1e-9)
    odds = found.outset
    for step in found.steps:
        assert step.odds_before == odds
        odds = step.odds_after
        assert sum(odds.values()) == pytest.approx(1.0, abs=1e-9)
    assert odds[found.ending] == 1.0


@settings(max_examples=examples(40), deadline=None)
@given(RANDOM, SEEDS, st.integers(0, 99))
def test_odds_and_payoffs_are_those_of_the_histories(crisis: Crisis, seed: int, whim: int) -> None:
    board = board_for(crisis)
    if board is None:
        return
    match = played(board, board.movers, seed, whim)
    found = debrief(match)
    made = tuple((entry.step, entry.value) for entry in match.entries)
    every = Histories(board.solution).found
    for number, step in enumerate(found.steps):
        agreeing = [play for play in every if play.steps[: number + 1] == made[: number + 1]]
        total = sum(play.odds[ANALYST] for play in agreeing)
        if total > 1e-12:
            for ending, odds in step.odds_after.items():
                share = sum(play.odds[ANALYST] for play in agreeing if play.terminal.ending == ending)
                assert odds == pytest.approx(share / total, abs=1e-7)
    (whole,) = [play for play in every if play.steps == made]
    got = {(paid.actor, paid.term): paid.got for paid in found.paid}
    assert got == pytest.approx(dict(whole.terminal.paid), abs=1e-9)


@settings(max_examples=examples(40), deadline=None)
@given(RANDOM, SEEDS)
def test_what_is_to_come_is_expected_before_it_comes(crisis: Crisis, seed: int) -> None:
    """The odds before a step are the mean of those after it, over what could have come out."""
    board = board_for(crisis)
    if board is None:
        return
    match = begin(board, (), seed)
    node, settled = board.game.root, board.plays.at_once
    for step in debrief(match).steps:
        place = board.place(node)
        mean = dict.fromkeys(step.odds_before, 0.0)
        for edge, share in enumerate(board.shares(place), start=place.first_edge):
            after = board.odds(int(board.plays.edges.child[edge]), max(settled, int(board.plays.ending[edge])))
            mean = {ending: odds + share * after[ending] for ending, odds in mean.items()}
        assert mean == pytest.approx(step.odds_before, abs=1e-9)
        edge = place.first_edge + place.options.index(step.value)
        node, settled = int(board.plays.edges.child[edge]), max(settled, int(board.plays.ending[edge]))


@settings(max_examples=examples(40), deadline=None)
@given(RANDOM, SEEDS, st.integers(0, 99))
def test_a_choice_is_judged_as_why_judges_it(crisis: Crisis, seed: int, whim: int) -> None:
    board = board_for(crisis)
    if board is None:
        return
    match = played(board, board.movers, seed, whim)
    for step in debrief(match).steps:
        if step.actor is None:
            assert (step.cost, step.gain, step.options) == (None, None, ())
            continue
        held = next(
            number
            for number, situation in enumerate(board.game.situations)
            if (situation.move, situation.round, situation.sees) == (step.step, step.round, step.sees)
        )
        if not is_reached(board.solution, held):
            continue
        at = f"{step.step}@{step.round}" if step.round else step.step
        known = {label: value if isinstance(value, str) else f"{value:g}" for label, value in step.sees.items()}
        found = why_of(board.block, board.solution, at, known)
        if found.situation.sees != step.sees:  # another situation agrees with all that is known in this one
            continue
        worth = {motive.option: motive.value for motive in found.motives}
        mean = sum(motive.chosen * motive.value for motive in found.motives)
        assert {judged.option: judged.value for judged in step.options} == worth
        assert step.cost == pytest.approx(max(worth.values()) - worth[step.value])
        assert step.gain == pytest.approx(worth[step.value] - mean)
        told = {(belief.step, belief.round, belief.value) for belief in found.beliefs}
        assert told <= {(belief.step, belief.round, belief.value) for belief in step.beliefs}


def test_a_debrief_says_what_turned_the_match_and_what_was_dear() -> None:
    board = set_up(tehran())
    found = debrief(played(board, ("iran", "hamas"), 7, 3))
    dear = max((step for step in found.steps if step.actor == "iran"), key=lambda step: step.cost or 0.0)
    text = " ".join(found.answer)
    assert "It ended in" in text
    assert "The largest turning point: " + found.event(max(found.steps, key=lambda step: step.swing)) in text
    assert dear.cost is not None
    assert f"cost {dear.cost:.2f} of payoff to come" in text
    assert dear.prefers is not None
    assert dear.prefers in text


def test_a_debrief_prints_and_is_json() -> None:
    found = debrief(played(set_up(crisis_of(SIDES)), ("north", "east"), 7, 3))
    assert found.title in repr(found)
    for table in found.tables:
        assert len(found.to_pandas(table.name)) == len(table.rows)
        assert table.caption in repr(found)
    plain = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    assert plain["ending"] == found.ending
    assert [entry["step"] for entry in plain["entries"]] == [step.step for step in found.steps]
    assert plain["entries"][1]["options"][0].keys() == {"option", "probability", "value"}


def test_there_is_no_debrief_before_the_end() -> None:
    with pytest.raises(UsageError, match="the match is not over"):
        debrief(begin(set_up(crisis_of(SIDES)), ("north",), 1))
