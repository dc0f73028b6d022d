"""Branches followed side by side are those that the tracer of single draws follows, in every company the same bits."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

import offramp
from offramp.equilibrium.branch import principal
from offramp.equilibrium.branch.lane_tracing import Followed, follow_in_lanes, trace_block, trace_one
from offramp.equilibrium.branch.principal import trace
from offramp.equilibrium.branch.traced import STATUSES, Traced
from offramp.equilibrium.evaluation import draw_of
from offramp.equilibrium.structure import log_probabilities
from offramp.equilibrium.sweeps import Block, block_of, scaled
from offramp.gambit.opening import compile_game
from offramp.game.game import Game
from offramp.game.tables import Draws, tabulate
from offramp.runs.sampling import sample_draws
from tests.crises import crisis_of
from tests.equilibrium.games import efg, with_rules
from tests.equilibrium.test_branch import FORK, MEETING, TURN_BACK, joined_at, volunteers
from tests.examples import examples
from tests.gambit.gametrees import game_texts
from tests.gambit.test_tree_to_game import POKER
from tests.runs.test_ensemble import CHICKEN

STARTER = Path(offramp.__file__).parent / "starter.yaml"
DRAWS = 11


@pytest.fixture(scope="module")
def drawn() -> Block:
    """Draws of a crisis in which actors differ in their beliefs."""
    crisis = offramp.read(STARTER)
    game = compile_game(crisis)
    return block_of(game, tabulate(game, Draws(sample_draws(crisis, 1, 0, DRAWS), [""] * DRAWS)))


@pytest.fixture(scope="module")
def followed(drawn: Block) -> Followed:
    found = follow_in_lanes(drawn)
    assert found.ordinary.all()
    return found


def at_rationalities(game: Game, rationalities: list[float]) -> Block:
    return scaled(draw_of(game, 1.0, None), np.array(rationalities))


def alone(block: Block) -> list[Traced]:
    """Every draw traced as before."""
    return [trace(block.structure, block.draw(draw)) for draw in range(block.draws)]


def assert_same_ends(block: Block) -> None:
    ends, expected = trace_block(block), alone(block)
    assert [STATUSES[status] for status in ends.status] == [one.status for one in expected]
    for draw, one in enumerate(expected):
        assert ends.reached[draw] == (one.logit is not None)
        if one.logit is not None:
            logit = np.column_stack([one.logit, ends.logit[:, draw]])
            choice = np.exp(log_probabilities(block.structure, logit))
            assert choice[:, 1] == pytest.approx(choice[:, 0], abs=1e-9)


@settings(max_examples=examples(60), deadline=None)
@given(game_texts(), st.lists(st.floats(0.01, 20.0), min_size=1, max_size=9))
def test_random_games_end_as_if_their_draws_were_followed_alone(text: str, rationalities: list[float]) -> None:
    assert_same_ends(at_rationalities(efg(text), rationalities))


def test_draws_of_a_crisis_take_the_steps_of_each_alone(drawn: Block, followed: Followed) -> None:
    assert_same_ends(drawn)
    assert followed.steps.tolist() == [one.steps for one in alone(drawn)]


@pytest.mark.parametrize("sizes", [[1] * DRAWS, [3, 8], [8, 3], [4, 2, 5]], ids=str)
def test_the_bits_of_a_draw_do_not_depend_on_the_draws_beside_it(
    drawn: Block, followed: Followed, sizes: list[int]
) -> None:
    ends = np.cumsum([0, *sizes])
    for order in (np.arange(DRAWS), np.arange(DRAWS)[::-1]):
        for first, end in pairwise(ends.tolist()):
            lanes = np.ascontiguousarray(order[first:end])
            assert_same_bits(follow_in_lanes(drawn.only(lanes)), followed, lanes)


def assert_same_bits(found: Followed, expected: Followed, lanes: NDArray[np.int64]) -> None:
    assert found.logit.tobytes() == np.ascontiguousarray(expected.logit[:, lanes]).tobytes()
    assert found.steps.tolist() == expected.steps[lanes].tolist()
    assert found.sweeps.tolist() == expected.sweeps[lanes].tolist()


def test_threads_do_not_disturb_each_other(drawn: Block, followed: Followed) -> None:
    with ThreadPoolExecutor(2) as pool:
        for found in pool.map(lambda _: follow_in_lanes(drawn), range(6)):
            assert_same_bits(found, followed, np.arange(DRAWS))


def test_a_branch_that_turns_back_is_followed_in_its_lane_to_the_first_crossing() -> None:
    block = at_rationalities(volunteers(), [3.0, 3.99, 4.1, 6.0])
    found = follow_in_lanes(block)
    assert found.ordinary.all()
    assert found.turns.tolist() == [0, 0, 2, 2]
    assert joined_at(TURN_BACK) < 4.1
    assert_same_ends(block)


def test_one_solve_says_where_its_branch_turned() -> None:
    turned = trace_one(at_rationalities(volunteers(), [6.0]))
    assert len(turned.turns) == 2
    assert trace_one(at_rationalities(volunteers(), [3.0])).turns == ()


def test_one_solve_is_found_though_saying_where_its_branch_turned_takes_too_much_work(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    block = at_rationalities(volunteers(), [6.0])
    expected = trace_one(block)
    monkeypatch.setattr(principal, "MAX_SWEEPS", expected.sweeps // 2)
    found = trace_one(block)
    assert (found.status, found.ended, found.turns) == ("principal", "branch followed", ())
    assert found.logit == pytest.approx(expected.logit, abs=1e-9)


def test_a_branch_that_another_one_crosses_is_left_to_the_tracer_of_single_draws() -> None:
    block = at_rationalities(MEETING, [FORK - 0.1, FORK + 0.1, 5.0])
    assert follow_in_lanes(block).ordinary.tolist() == [True, False, False]
    assert_same_ends(block)
    assert trace_one(block.only(slice(2, 3))).sides


def test_no_side_of_a_crossing_in_a_symmetric_game_is_called_the_principal_branch() -> None:
    """Chicken at rationality 3 lies beyond its crossing whatever a crash costs; rounding leads some draws to a side."""
    crisis = crisis_of(CHICKEN.decode())
    game = compile_game(crisis)
    block = block_of(game, tabulate(game, Draws(sample_draws(crisis, 1, 0, 200), [""] * 200)))
    assert [STATUSES[status] for status in trace_block(block).status] == ["bifurcation"] * 200
    assert not follow_in_lanes(block).ordinary.any()


LONG = """
format: 1
title: A long wait
actors: {north: {name: North, rationality: 2}, south: {name: South, rationality: 2}}
timeline:
  - rounds: 200
    until: one != stay or other != stay
    steps:
      - together:
          - {move: one, by: north, options: [stay, a, b, c, d, e, f, g]}
          - {move: other, by: south, options: [stay, a, b, c]}
payoffs:
  north:
    win: {pays: 3 * (one != stay), when: each_round}
    clash: {pays: -4 * (one != stay and other != stay), when: each_round}
  south:
    win: {pays: 2 * (other == a), when: each_round}
    clash: {pays: -3 * (one == a and other != stay), when: each_round}
endings: {left: one != stay or other != stay, waiting: otherwise}
"""


def test_a_game_too_long_for_reach_in_a_float_is_followed_in_its_lane() -> None:
    """The last round is reached with probability 1 / 32 ** 199, or 1e-300, at uniform play."""
    block = draw_of(compile_game(crisis_of(LONG)), None, None)
    assert follow_in_lanes(block).ordinary.all()
    assert_same_ends(block)


def test_games_with_another_choice_rule_are_left_to_the_tracer_of_single_draws() -> None:
    block = at_rationalities(with_rules(efg(POKER), "probit", "logit"), [1.0, 2.0])
    assert not follow_in_lanes(block).ordinary.any()
    assert_same_ends(block)


def test_an_actor_of_rationality_0_and_an_empty_block_are_no_special_cases() -> None:
    assert_same_ends(at_rationalities(efg(POKER), [0.0, 1.0]))
    assert follow_in_lanes(at_rationalities(efg(POKER), [1.0]).only(slice(0, 0))).logit.shape[1] == 0
