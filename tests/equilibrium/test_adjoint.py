"""Derivatives of a record's probability through the equilibrium, against central differences of solved games."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, event, example, given, settings
from numpy.typing import NDArray

from offramp.equilibrium.adjoint import RecordAdjoint, record_adjoint
from offramp.equilibrium.conditioning import condition_play
from offramp.equilibrium.evaluation import draw_of
from offramp.equilibrium.structure import RULES, log_probabilities
from offramp.equilibrium.sweeps import Block, Profile, block_of, scaled, swept
from offramp.gambit.opening import compile_game
from offramp.game.agreement import Open, consistent_edges, on_open_plays
from offramp.game.edges import edges_of
from offramp.game.game import Game
from offramp.game.tables import Tables
from tests.crises import crisis_of
from tests.equilibrium.games import efg, repeated
from tests.equilibrium.test_derivative import BELIEVED, GAMES, OPEN, SEEDS, matrix, response, ruled
from tests.examples import examples
from tests.gambit.test_tree_to_game import FORGETFUL, HORSE, UNTIMED

Array = NDArray[np.float64]
STEP = 3e-4


def some_record(block: Block, rng: np.random.Generator) -> Open:
    """Edges that agree with parts of one random play."""
    game, edges = block.game, edges_of(block.game)
    open_edge = np.ones(len(edges.child), dtype=bool)
    node = game.root
    while node != game.nodes:
        leaving = np.arange(edges.first[node], edges.first[node + 1])
        if edges.info_set[leaving[0]] < 0:
            leaving = leaving[block.tables.odds[0, edges.slot[leaving], 0] > 0.0]
        edge = rng.choice(leaving)
        if rng.random() < 0.5:
            open_edge &= (edges.layer != edges.layer[edge]) | (edges.option == edges.option[edge])
        node = edges.child[edge]
    return on_open_plays(game, open_edge)


def solved_near(block: Block, theta: Array) -> Array:
    """The logits of the equilibrium next to `theta` in a block of one draw, by Newton's method with a dense matrix."""
    draw = block.draw(0)
    for _ in range(8):
        point = response(block.structure, draw, theta, 1.0)
        gap = point.image - theta
        theta = theta + np.linalg.solve(np.eye(len(theta)) - matrix(block.structure, draw, point, 1.0), gap)
        if np.abs(gap).max(initial=0.0) < 1e-11 * (1.0 + np.abs(theta).max(initial=0.0)):
            return theta
    raise AssertionError("Newton's method does not converge")


def along_amounts(tables: Tables, step: float, rng: np.random.Generator) -> tuple[Tables, dict[int, Array]]:
    size = 1.0 / (1.0 + tables.played.max(initial=0.0))
    towards = {place: size * rng.normal(size=amount.shape) for place, amount in tables.amounts.items()}
    return replace(tables, amounts={place: tables.amounts[place] + step * towards[place] for place in towards}), towards


def along_odds(tables: Tables, step: float, rng: np.random.Generator) -> tuple[Tables, Array]:
    towards = tables.odds * rng.normal(size=tables.odds.shape)
    return replace(tables, odds=tables.odds + step * towards), towards


def along_rationality(tables: Tables, step: float, rng: np.random.Generator) -> tuple[Tables, Array]:
    towards = rng.normal(size=tables.rationality.shape) / (1.0 + tables.most)
    return replace(tables, rationality=tables.rationality + step * towards), towards


def of_record(block: Block, profile: Profile, open_edge: Open) -> RecordAdjoint:
    """The derivatives of one and the same record in every draw."""
    return record_adjoint(block, profile, [open_edge], np.zeros(block.draws, dtype=np.int64))


def assert_derivatives(game: Game, open_edge: Open, seed: int) -> None:
    """Whether the derivatives of a record at the medians agree with differences, along random directions."""
    block = draw_of(game)
    profile = swept(block)
    theta = solved_near(block, profile.logit[:, 0])
    found = of_record(block, profile, open_edge)

    def log_probability(tables: Tables) -> float:
        moved = block_of(game, tables)
        choice = np.exp(log_probabilities(moved.structure, solved_near(moved, theta)[:, None]))
        return float(np.log(condition_play(moved, choice, open_edge).likelihood[0]))

    assert found.log_probability[0] == pytest.approx(log_probability(block.tables), rel=1e-9, abs=1e-9)
    assert found.settled[0]
    for name, along in {"amounts": along_amounts, "odds": along_odds, "rationality": along_rationality}.items():
        at = [
            log_probability(along(block.tables, steps * STEP, np.random.default_rng(seed))[0])
            for steps in (-2, -1, 1, 2)
        ]
        expected = (8.0 * (at[2] - at[1]) - (at[3] - at[0])) / (12.0 * STEP)
        _, towards = along(block.tables, 0.0, np.random.default_rng(seed))
        derivatives = getattr(found, name)
        places = derivatives if isinstance(derivatives, dict) else [...]
        parts = np.concatenate([np.zeros(0), *((derivatives[place] * towards[place]).ravel() for place in places)])
        assert parts.sum() == pytest.approx(expected, rel=1e-6, abs=1e-8 + 1e-7 * np.abs(parts).sum()), name


@settings(max_examples=examples(200), deadline=None)
@given(GAMES, SEEDS)
@example(compile_game(crisis_of(BELIEVED)), 1)
@example(efg(UNTIMED), 2)
@example(efg(FORGETFUL), 3)
@example(efg(HORSE), 4)
def test_derivatives_are_those_of_central_differences(game: Game, seed: int) -> None:
    block = draw_of(game)
    assume(swept(block).converged[0])
    event("perfect information" if block.structure.perfect_information else "information sets of several nodes")
    record = some_record(block, np.random.default_rng(seed))
    assume(condition_play(block, swept(block).choice, record).likelihood[0] > 1e-250)
    assert_derivatives(game, record, seed)


@settings(max_examples=examples(100), deadline=None)
@given(GAMES, SEEDS)
@example(compile_game(crisis_of(BELIEVED)), 1)
@example(compile_game(crisis_of(OPEN)), 2)
@example(compile_game(crisis_of(OPEN)), 5)
@example(efg(UNTIMED), 3)
@example(efg(HORSE), 4)
def test_derivatives_by_other_rules_are_those_of_central_differences(game: Game, seed: int) -> None:
    game = ruled(game, np.random.default_rng(seed))
    block = draw_of(game)
    assume(swept(block).converged[0])
    event(" ".join(sorted(RULES[rule] for rule in block.structure.rules)))
    record = some_record(block, np.random.default_rng(seed))
    likelihood = condition_play(block, swept(block).choice, record).likelihood[0]
    assume(likelihood > 1e-100)  # below it, differences are too coarse
    assert_derivatives(game, record, seed)


RARE = """
format: 1
title: In south's own odds, a push is as likely to come from a madman as it is from anyone else
actors: {north: {name: North, rationality: 1}, south: {name: South, rationality: 1.5}}
timeline:
  - chance: kind
    odds: {mad: 0.5, sane: rest}
    seen_by: [north]
    believed_by: {south: {mad: 1e-200, sane: rest}}
  - {move: push, by: north, options: [hold, press]}
  - {move: reply, by: south, if: push == press, options: [yield_, fight]}
payoffs:
  north: {cost: -(300 + 460.5 * (kind == sane)) * (push == press), gain: (reply == yield_) - 0.5 * (push == hold)}
  south: {worth: (reply == fight) * (2 * (kind == mad) - 1)}
endings: {war: reply == fight, calm: otherwise}
"""


def test_derivatives_hold_where_a_float_cannot_hold_reach() -> None:
    game = compile_game(crisis_of(RARE))
    belief = swept(draw_of(game)).choice[-2:, 0]
    assert (belief > 0.3).all(), "south is in doubt"
    open_edge = consistent_edges(game, {("reply", 0): ("fight",)})
    assert open_edge is not None
    assert_derivatives(game, open_edge, 5)


def test_a_block_gives_what_its_draws_give_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """They depend neither on how many draws there are nor on where windows end."""
    game = compile_game(crisis_of(BELIEVED))
    one, rng = draw_of(game), np.random.default_rng(6)
    block = scaled(one, rng.uniform(0.1, 3.0, size=21))
    open_edge = some_record(one, rng)
    alone = [of_record(part, swept(part), open_edge) for part in map(block.only, np.arange(21)[:, None])]
    for window in (1_000, 1_000_000):
        monkeypatch.setattr("offramp.equilibrium.adjoint.WINDOW_BYTES", window)
        whole = of_record(block, swept(block), open_edge)
        assert whole.settled.all()
        for draw, part in enumerate(alone):
            assert whole.log_probability[draw] == pytest.approx(part.log_probability[0], rel=1e-12)
            assert whole.odds[..., draw] == pytest.approx(part.odds[..., 0], rel=1e-9, abs=1e-12)
            assert whole.rationality[:, draw] == pytest.approx(part.rationality[:, 0], rel=1e-9, abs=1e-12)
            for place, amounts in whole.amounts.items():
                assert amounts[:, draw] == pytest.approx(part.amounts[place][:, 0], rel=1e-9, abs=1e-12)


def test_draws_of_different_records_are_as_each_record_alone() -> None:
    game = compile_game(crisis_of(BELIEVED))
    one, rng = draw_of(game), np.random.default_rng(7)
    block = scaled(one, rng.uniform(0.1, 3.0, size=9))
    records, record = [some_record(one, rng) for _ in range(3)], rng.integers(0, 3, 9)
    mixed = record_adjoint(block, swept(block), records, record)
    for number, open_edge in enumerate(records):
        alone, here = of_record(block, swept(block), open_edge), record == number
        assert mixed.log_probability[here] == pytest.approx(alone.log_probability[here], rel=1e-12)
        assert mixed.odds[..., here] == pytest.approx(alone.odds[..., here], rel=1e-9, abs=1e-12)
        assert mixed.rationality[:, here] == pytest.approx(alone.rationality[:, here], rel=1e-9, abs=1e-12)
        for place, amounts in mixed.amounts.items():
            assert amounts[:, here] == pytest.approx(alone.amounts[place][:, here], rel=1e-9, abs=1e-12)


def test_a_draw_that_is_not_solved_and_a_record_that_is_impossible_are_not_settled() -> None:
    game = compile_game(crisis_of(BELIEVED))
    block = repeated(draw_of(game), 2)
    profile = swept(block)
    every, none = np.ones(len(game.edge_child), dtype=bool), np.zeros(len(game.edge_child), dtype=bool)
    unsolved = replace(profile, converged=np.array([True, False]))
    assert of_record(block, unsolved, every).settled.tolist() == [
        True,
        False,
    ]
    impossible = of_record(block, profile, none)
    assert not impossible.settled.any()
    assert (impossible.log_probability == -np.inf).all()
    assert not impossible.odds.any()


CERTAIN = """
format: 1
title: A first move that is all but certain, and depends on what south believes of a move that it does not see
actors: {north: {name: North, rationality: 1}, east: {name: East, rationality: 1}, south: {name: South, rationality: 1}}
timeline:
  - {move: push, by: north, options: [hold, press]}
  - {move: join, by: east, options: [aside, in_], seen_by: []}
  - {move: reply, by: south, options: [yield_, fight]}
payoffs:
  north: {cost: -480 * (push == press), gain: (reply == yield_) * (push == hold)}
  east: {near: 0.5 * (join == in_)}
  south: {worth: (reply == fight) * (2 * (join == in_) - 1)}
endings: {war: reply == fight, calm: otherwise}
"""


def test_derivatives_too_small_to_be_squared_are_settled() -> None:
    game = compile_game(crisis_of(CERTAIN))
    block = draw_of(game)
    records = (consistent_edges(game, {("push", 0): (option,)}) for option in ("hold", "press"))
    found, pressed = (of_record(block, swept(block), record) for record in records if record is not None)
    assert found.settled[0]
    odds = np.exp(pressed.log_probability[0])
    assert 0.0 < odds < 1e-200
    assert found.rationality[:, 0] == pytest.approx(-odds * pressed.rationality[:, 0], rel=1e-12, abs=0.0)
