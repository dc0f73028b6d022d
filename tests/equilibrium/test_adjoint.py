"""Derivatives of a record's probability through the equilibrium, against central differences of solved games."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, event, example, given, settings
from numpy.typing import NDArray

from offramp.equilibrium.adjoint import record_adjoint
from offramp.equilibrium.conditioning import condition_play
from offramp.equilibrium.evaluation import draw_of
from offramp.equilibrium.structure import log_probabilities
from offramp.equilibrium.sweeps import Block, block_of, swept
from offramp.gambit.opening import compile_game
from offramp.game.agreement import Open, on_open_plays
from offramp.game.edges import edges_of
from offramp.game.game import Game
from offramp.game.tables import Tables
from tests.crises import crisis_of
from tests.equilibrium.games import efg
from tests.equilibrium.test_derivative import BELIEVED, GAMES, SEEDS, matrix, response
from tests.examples import examples
from tests.gambit.test_tree_to_game import FORGETFUL, HORSE, UNTIMED

Array = NDArray[np.float64]
STEP = 1e-3


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
    assume(False)
    raise AssertionError


def along_amounts(tables: Tables, step: float, rng: np.random.Generator) -> tuple[Tables, dict[int, Array]]:
    size = 1.0 / (1.0 + tables.played.max(initial=0.0))
    towards = {place: size * rng.normal(size=amount.shape) for place, amount in tables.amounts.items()}
    return replace(tables, amounts={place: tables.amounts[place] + step * towards[place] for place in towards}), towards


def along_odds(tables: Tables, step: float, rng: np.random.Generator) -> tuple[Tables, Array]:
    towards = tables.odds * rng.normal(size=tables.odds.shape)
    return replace(tables, odds=tables.odds + step * towards), towards


def along_rationality(tables: Tables, step: float, rng: np.random.Generator) -> tuple[Tables, Array]:
    towards = tables.rationality * rng.normal(size=tables.rationality.shape)
    return replace(tables, rationality=tables.rationality + step * towards), towards


@settings(max_examples=examples(200), deadline=None)
@given(GAMES, SEEDS)
@example(compile_game(crisis_of(BELIEVED)), 1)
@example(efg(UNTIMED), 2)
@example(efg(FORGETFUL), 3)
@example(efg(HORSE), 4)
def test_derivatives_are_those_of_central_differences(game: Game, seed: int) -> None:
    block, rng = draw_of(game), np.random.default_rng(seed)
    profile = swept(block)
    assume(profile.converged[0])
    theta, open_edge = solved_near(block, profile.logit[:, 0]), some_record(block, rng)
    found = record_adjoint(block, profile, open_edge)
    event("perfect information" if block.structure.perfect_information else "information sets of several nodes")

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
