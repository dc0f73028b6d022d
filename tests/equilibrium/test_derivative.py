"""The logit response's derivative equals finite differences, and its linear systems agree with dense algebra."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.special import expit

from offramp.crisis.faults import CrisisError
from offramp.equilibrium.branch.continuation import BranchPoint, krylov_of, tracer_of
from offramp.equilibrium.branch.index import DENSE, index_of
from offramp.equilibrium.branch.krylov import jacobian, solve_bordered
from offramp.equilibrium.evaluation import draw_of
from offramp.equilibrium.response import differentiate, respond
from offramp.equilibrium.response_arrays import Draw, Point, change_of, point_of
from offramp.equilibrium.structure import Structure
from offramp.gambit.opening import compile_game
from offramp.game.game import Game
from offramp.game.private_shocks import check_private_shocks
from tests.crises import crisis_of, crisis_texts
from tests.equilibrium.games import efg, with_rules
from tests.examples import examples
from tests.gambit.gametrees import game_texts
from tests.gambit.test_tree_to_game import FORGETFUL, HORSE, UNTIMED

Array = NDArray[np.float64]
STEP = 2e-4
CRISES = crisis_texts(most_histories=100).map(crisis_of).map(lambda crisis: compile_game(crisis))
TREES = game_texts().map(efg)
GAMES = st.one_of(CRISES, TREES).filter(lambda game: game.slots > game.size.information_sets)
SEEDS = st.integers(0, 999)

BELIEVED = """
format: 1
title: A mover with odds of its own and one that forgets
actors: {north: {name: North, rationality: 2}, south: {name: South, rationality: 1.5, memory: state}}
timeline:
  - chance: kind
    odds: {soft: 0.5, hard: rest}
    seen_by: [north]
    believed_by: {south: {soft: 0.125, hard: rest}}
  - rounds: 2
    steps:
      - {move: push, by: north, options: [hold, press]}
      - {move: reply, by: south, options: [yield_, fight]}
payoffs:
  north: {gain: {pays: (reply == yield_) * (push == press) - (reply == fight) * (kind == soft), when: each_round}}
  south: {loss: {pays: (reply == fight) * (2 * (kind == soft) - 1) - (push == press), when: each_round}}
endings: {war: reply == fight, calm: otherwise}
"""


OPEN = """
format: 1
title: All is seen, and chance differs in the eyes of the first mover
actors: {north: {name: North, rationality: 2}, south: {name: South, rationality: 1.5}, east: {name: East}}
timeline:
  - {move: push, by: north, options: [hold, press]}
  - chance: luck
    odds: {good: 0.5, bad: rest}
    believed_by: {north: {good: 0.125, bad: rest}}
  - {move: reply, by: south, if: push == press, options: [yield_, fight]}
  - {move: join, by: east, options: [aside, in_, against]}
payoffs:
  north: {gain: (reply == yield_) + (join == in_) * (luck == good) - (join == against), held: 0.3 * (push == hold)}
  south: {loss: (reply == fight) * (2 * (luck == bad) - 1) - (join == in_), proud: 0.2 * (reply == fight)}
  east: {near: (join == in_) * (luck == good) + 0.4 * (join == against) * (reply == fight)}
endings: {war: reply == fight, calm: otherwise}
"""


def ruled(game: Game, rng: np.random.Generator) -> Game:
    """The game by some choice rules, private among them if its shocks can be summed."""
    private = with_rules(game, *rng.permutation(["private", "probit", "logit"]))
    try:
        check_private_shocks(private)
    except CrisisError:
        return with_rules(game, *rng.permutation(["probit", "logit"]))
    return private


def response(structure: Structure, draw: Draw, theta: Array, scale: float, logarithms: bool = False) -> Point:
    point = point_of(structure)
    respond(structure, draw, theta, scale, logarithms, point)
    return point


def derivative(structure: Structure, draw: Draw, point: Point, scale: float, along: Array, faster: float) -> Array:
    out = np.empty(structure.slots)
    differentiate(structure, draw, scale, point, change_of(structure), along, faster, out)
    return out


def matrix(structure: Structure, draw: Draw, point: Point, scale: float) -> Array:
    """The derivative with respect to all logits, a column at a time."""
    columns = [derivative(structure, draw, point, scale, along, 0.0) for along in np.eye(structure.slots)]
    return np.array(columns).T


def assert_derivative(game: Game, rng: np.random.Generator, logarithms: bool, in_turn: bool, rel: float) -> None:
    """Whether the derivative at a random profile, along a random direction, is that of central differences."""
    block = draw_of(game)
    structure, draw = block.structure, replace(block.draw(0), in_turn=in_turn)
    theta, along = rng.normal(size=(2, structure.slots))
    scale, faster = rng.uniform(0.05, 0.5), float(rng.normal())

    def moved(steps: float) -> Array:
        here = theta + steps * STEP * along, scale + steps * STEP * faster
        return response(structure, draw, *here, logarithms).image.copy()

    expected = (8.0 * (moved(1) - moved(-1)) - (moved(2) - moved(-2))) / (12.0 * STEP)
    point = response(structure, draw, theta, scale, logarithms)
    found = derivative(structure, draw, point, scale, along, faster)
    assert found == pytest.approx(expected, rel=rel, abs=1e-7 * (1.0 + np.abs(point.image).max()))


@settings(max_examples=examples(100), deadline=None)
@given(GAMES, SEEDS, st.booleans(), st.booleans())
@example(compile_game(crisis_of(BELIEVED)), 1, False, True)
@example(compile_game(crisis_of(BELIEVED)), 2, True, False)
@example(efg(UNTIMED), 3, False, True)
@example(efg(UNTIMED), 3, True, False)
@example(efg(FORGETFUL), 4, False, True)
@example(efg(HORSE), 5, True, True)
def test_the_derivative_is_that_of_central_differences(game: Game, seed: int, logarithms: bool, in_turn: bool) -> None:
    assert_derivative(game, np.random.default_rng(seed), logarithms, in_turn, 1e-7)


@settings(max_examples=examples(60), deadline=None)
@given(GAMES, SEEDS)
def test_reach_in_logarithms_gives_the_same_response_and_derivative(game: Game, seed: int) -> None:
    block, rng = draw_of(game), np.random.default_rng(seed)
    structure, draw = block.structure, block.draw(0)
    theta, along = rng.normal(size=(2, structure.slots))
    plain, rare = (response(structure, draw, theta, 1.0, logarithms) for logarithms in (False, True))
    assert rare.image == pytest.approx(plain.image, rel=1e-12, abs=1e-12)
    assert rare.weight == pytest.approx(plain.weight, rel=1e-12, abs=1e-12)
    changes = [derivative(structure, draw, point, 1.0, along, 0.5) for point in (plain, rare)]
    assert changes[1] == pytest.approx(changes[0], rel=1e-11, abs=1e-11)


@settings(max_examples=examples(60), deadline=None)
@given(GAMES, SEEDS, st.booleans(), st.booleans())
@example(compile_game(crisis_of(BELIEVED)), 1, False, True)
@example(compile_game(crisis_of(BELIEVED)), 2, True, False)
@example(compile_game(crisis_of(OPEN)), 1, False, True)
@example(compile_game(crisis_of(OPEN)), 7, True, False)
@example(efg(HORSE), 5, True, True)
def test_the_derivative_by_other_rules_is_that_of_differences(
    game: Game, seed: int, logarithms: bool, in_turn: bool
) -> None:
    rng = np.random.default_rng(seed)
    assert_derivative(ruled(game, rng), rng, logarithms, in_turn, 1e-6)


def test_reach_that_a_float_cannot_hold_is_carried_in_logarithms() -> None:
    """After a move of probability e-900 for one kind and e-901 for the other, beliefs are as after e-1 and e-2."""
    crisis = crisis_of(
        BELIEVED.replace("rounds: 2", "rounds: 1").replace("reply, by: south", "reply, by: south, if: push == press")
    )
    game = compile_game(crisis)
    block = draw_of(game)
    structure, draw = block.structure, block.draw(0)
    pushes = {str(s.sees["kind"]): s.slots for s in game.situations if s.move == "push"}
    (reply,) = [s.slots for s in game.situations if s.move == "reply"]
    found = []
    for far in (0.0, 900.0):
        theta = np.zeros(structure.slots)
        theta[pushes["soft"]] = [far + 1.0, 0.0]
        theta[pushes["hard"]] = [far + 2.0, 0.0]
        point = point_of(structure)
        assert respond(structure, draw, theta, 1.0, False, point) == (far > 0)
        found.append(point.image[reply].copy())
    soft, hard = (0.125 * expit(-1), 0.875 * expit(-2)), (0.125 * np.exp(-1), 0.875 * np.exp(-2))
    for image, (one, two) in zip(found, (soft, hard), strict=True):
        belief = one / (one + two)
        assert image[1] - image[0] == pytest.approx(1.5 * (2.0 * belief - 1.0), abs=1e-12)


@settings(max_examples=examples(60), deadline=None)
@given(GAMES, SEEDS)
def test_the_matrix_of_the_index_is_made_of_derivatives(game: Game, seed: int) -> None:
    block, rng = draw_of(game), np.random.default_rng(seed)
    structure, draw = block.structure, block.draw(0)
    point = response(structure, draw, rng.normal(size=structure.slots), 1.0)
    ends = np.cumsum(structure.options) - 1
    others = np.setdiff1d(np.arange(structure.slots), ends)
    relative = np.eye(structure.slots)[others] - np.eye(structure.slots)[structure.over_options(ends)[others]]
    full = matrix(structure, draw, point, 1.0)
    expected = np.eye(len(others)) - (relative @ full)[:, others]
    found = np.zeros((len(others), len(others)))
    jacobian(structure, draw, 1.0, point, change_of(structure), found)
    assert found == pytest.approx(expected, rel=1e-12, abs=1e-12)


@settings(max_examples=examples(80), deadline=None)
@given(GAMES, SEEDS)
def test_bordered_systems_are_solved_as_by_dense_algebra(game: Game, seed: int) -> None:
    block, rng = draw_of(game), np.random.default_rng(seed)
    structure, draw = block.structure, block.draw(0)
    slots, scale, speed = structure.slots, 1.0, 0.7
    point = response(structure, draw, rng.normal(size=slots), scale)
    border, right = rng.normal(size=(2, slots + 1))
    dense = np.zeros((slots + 1, slots + 1))
    dense[:slots, :slots] = matrix(structure, draw, point, scale) - np.eye(slots)
    dense[:slots, slots] = derivative(structure, draw, point, scale, np.zeros(slots), speed)
    dense[slots] = border
    assume(np.linalg.cond(dense) < 1e6)
    found = np.empty(slots + 1)
    krylov = krylov_of(slots, slots + 1)
    tolerance = 1e-12
    steps, residual, side = solve_bordered(
        structure, draw, scale, speed, point, change_of(structure), border, right, tolerance, krylov, found
    )
    assert steps <= slots + 1
    assert residual <= tolerance
    assert np.linalg.norm(dense @ found - right) <= 1e-11 * np.linalg.norm(right)
    assert found == pytest.approx(np.linalg.solve(dense, right), rel=1e-5, abs=1e-5 * np.abs(found).max())
    assert side == np.sign(np.linalg.det(-dense))


def many_meetings(count: int, seed: int) -> tuple[str, Array]:
    """Chance draws one of `count` games of coordination, seen by both; what each pays for a match, (count, 2)."""
    paid = np.random.default_rng(seed).integers(1, 400, size=(count, 2))
    odds = " ".join(f'"{number}" 1/{count}' for number in range(count))
    lines = [f'EFG 2 R "Meetings" {{ "A" "B" }} c "" 1 "" {{ {odds} }} 0']
    for number, (first, second) in enumerate(paid.tolist(), start=1):
        lines.append(f'p "" 1 {number} "" {{ "l" "r" }} 0')
        lines += [f'p "" 2 {number} "" {{ "l" "r" }} 0'] * 2
        ends = [f't "" {2 * number - 1} "" {{ {first} {second} }}', f't "" {2 * number} "" {{ 0 0 }}']
        at = len(lines) - 1
        lines[at:at] = ends
        lines += ends[::-1]
    return "\n".join(lines), paid.astype(np.float64)


@pytest.mark.parametrize("count", [3, 40, 90, 130], ids="{} games".format)
def test_the_index_is_the_sign_of_a_determinant_known_in_closed_form(count: int) -> None:
    """Games of a match side by side: det(I - J) is the product of 1 - (slope of A's answer) (slope of B's answer)."""
    text, paid = many_meetings(count, seed=count)
    game = efg(text)
    tracer = tracer_of(*(lambda block: (block.structure, block.draw(0)))(draw_of(game, rationality=1.0)))
    assert (2 * count > DENSE) == (count > 100), "both ways of finding the sign are tried"
    names = [(situation.actor, situation.move) for situation in game.situations]
    firsts = [situation.slots.start for situation in game.situations]
    signs = []
    for seed in range(6):
        rng = np.random.default_rng(seed)
        gaps = rng.normal(size=len(names)) * 2.0
        at = np.zeros(game.slots + 1)
        for first, gap in zip(firsts, gaps, strict=True):
            at[first : first + 2] = gap / 2, -gap / 2
        scale = rng.uniform(0.005, 0.03)
        at[-1] = scale * tracer.unit
        factors = []
        for number in range(count):
            one, two = (gaps[names.index((who, f"{who}:{number + 1}"))] for who in "AB")
            a, b = scale * paid[number]
            known = {"A": (a, b, two, one), "B": (b, a, one, two)}[names_later(game, number)]
            late_pays, early_pays, early_gap, _ = known
            late = late_pays * (2.0 * expit(early_gap) - 1.0)  # what moves last answers first, to the logits as given
            slopes = (
                2.0 * late_pays * expit(early_gap) * expit(-early_gap),
                2.0 * early_pays * expit(late) * expit(-late),
            )
            factors.append(1.0 - slopes[0] * slopes[1])
        expected = int(np.sign(np.prod(np.sign(factors))))
        direction = np.zeros(game.slots + 1)
        for runs in (1.0, -1.0):
            direction[-1] = runs
            assert index_of(tracer, BranchPoint(at, direction, signs=(1, 0))) == expected * runs
        signs.append(expected)
    assert len(set(signs)) == 2, "both signs are met"


def names_later(game: Game, number: int) -> str:
    """The actors of a game of many meetings that are later in the layers, and so answer first."""
    order = [situation.actor for situation in game.situations if situation.move.endswith(f":{number + 1}")]
    return order[-1]


def test_the_index_of_a_hidden_game_is_that_of_its_dense_matrix() -> None:
    """A game in which nobody sees anything, so all moves depend on each other."""
    texts = ['EFG 2 R "Hidden" { "A" "B" "C" }']
    rng = np.random.default_rng(8)
    ends = iter(range(1, 10**6))

    def grow(depth: int) -> None:
        if depth == 6:
            paid = " ".join(f"{amount:.3f}" for amount in 4.0 * rng.normal(size=3))
            texts.append(f't "" {next(ends)} "" {{ {paid} }}')
            return
        texts.append(f'p "" {depth % 3 + 1} {depth // 3 + 1} "" {{ "a" "b" "c" }} 0')
        for _ in range(3):
            grow(depth + 1)

    grow(0)
    game = efg("\n".join(texts))
    block = draw_of(game, rationality=1.0)
    tracer = tracer_of(block.structure, block.draw(0))
    found, expected = [], []
    direction = np.append(np.zeros(game.slots), 1.0)
    for seed in range(30):
        theta = np.random.default_rng(seed).normal(size=game.slots) * 0.5
        at = np.append(theta, 3.0 * tracer.unit)
        found.append(index_of(tracer, BranchPoint(at, direction, signs=(1, 0))))
        point = response(block.structure, block.draw(0), theta, 3.0)
        full = matrix(block.structure, block.draw(0), point, 3.0)
        expected.append(int(np.sign(np.linalg.det(np.eye(game.slots) - full))))
    assert found == expected
    assert any(one != two for one, two in pairwise(expected))
