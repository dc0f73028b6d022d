"""Conditioned play, backward induction and derivatives: the compiled core gives the bits of its loops in Python."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

import offramp
from offramp.equilibrium.adjoint import first_rows, place_of, relative
from offramp.equilibrium.backward_induction import choices_backward
from offramp.equilibrium.carried_back import Derivatives, through_equilibrium
from offramp.equilibrium.conditioning import condition_play, reached_on_edges, shares_of
from offramp.equilibrium.counting import ending_of_payoffs, first_options
from offramp.equilibrium.sweeps import Block, block_of, swept
from offramp.gambit.opening import compile_game
from offramp.game.edges import edges_of
from offramp.game.tables import Draws, tabulate
from offramp.runs.sampling import sample_draws
from offramp.runs.tally import add_draws, option_probabilities
from offramp.study.value_of_information.hidden_values import actor_paid, by_hidden_values, hidden_of
from tests.crises import crisis_of
from tests.equilibrium.oracle import carried_back
from tests.equilibrium.oracle import conditioning as oracle
from tests.equilibrium.oracle.backward_induction import induce

Array = NDArray[np.float64]

HIDDEN = """
format: 1
title: Two hidden values
actors: {north: {name: North}, south: {name: South}}
inputs: {cost: {is: "uniform(1, 2)", because: test}}
timeline:
  - {chance: type, odds: {strong: 0.4, weak: rest}, seen_by: [south]}
  - {chance: line, odds: {low: 0.25, high: rest}, seen_by: [north]}
  - {move: raid, by: north, options: [raid_, no_raid]}
  - {move: answer, if: raid == raid_, by: south, options: [answer_, none]}
payoffs:
  north:
    gain: {pays: answer == answer_ and type == strong}
    calm: {pays: cost}
endings: {fought: answer == answer_, quiet: otherwise}
"""
BY_RULES = """
format: 1
title: Three rules
actors:
  north: {name: North, choice: private, rationality: "uniform(1, 3)"}
  south: {name: South, choice: probit, rationality: "uniform(1, 3)"}
  east: {name: East, rationality: "uniform(1, 3)"}
inputs: {cost: {is: "uniform(1, 2)", because: test}}
timeline:
  - {move: raid, by: north, options: [raid_, no_raid]}
  - {chance: weather, odds: {calm: 0.3, rough: rest}}
  - {move: answer, if: raid == raid_, by: south, options: [answer_, wait, none]}
  - {move: help, if: answer == answer_, by: east, options: [help_, no_help]}
payoffs:
  north: {gain: {pays: raid == raid_ and answer == none}, loss: {pays: "-cost"}}
  south: {loss: {pays: answer == wait}, calm: {pays: weather == calm and answer == answer_}}
  east: {help: {pays: help == help_}}
endings: {fought: answer == answer_, quiet: otherwise}
"""
SIGNAL = """
format: 1
title: A signal whose meaning the other side must guess
actors:
  north: {name: North, rationality: "uniform(1, 3)"}
  south: {name: South, RULErationality: "uniform(1, 3)"}
inputs: {cost: {is: "uniform(1, 2)", because: test}}
timeline:
  - {chance: kind, odds: {strong: 0.4, weak: rest}, seen_by: [north], believed_by: {south: {strong: 0.7, weak: rest}}}
  - {move: signal, by: north, options: [loud, soft]}
  - {move: reply, by: south, options: [yield_, fight]}
  - {chance: luck, if: reply == fight, odds: {good: 0.3, bad: rest}}
  - {move: strike, by: north, if: reply == fight, options: [strike_, hold]}
payoffs:
  north:
    bluff: {pays: "-cost / 4 if signal == loud and kind == weak else 0"}
    gain: {pays: reply == yield_}
    war: {pays: "-cost if strike == strike_ and luck == bad else 0"}
  south:
    loss: {pays: "-cost if strike == strike_ and kind == strong else 0"}
    shame: {pays: "-1 if reply == yield_ else 0"}
endings: {fought: strike == strike_, quiet: otherwise}
"""
STARTER = Path(offramp.__file__).parent / "starter.yaml"


def starter_block(draws: int) -> Block:
    crisis = offramp.read(STARTER)
    game = compile_game(crisis)
    return block_of(game, tabulate(game, Draws(sample_draws(crisis, 1, 0, draws), [""] * draws)))


def scattered_choice(block: Block, random: np.random.Generator) -> Array:
    """A profile of which nothing is even."""
    weight = random.uniform(0.1, 1.0, size=(block.structure.slots, block.draws))
    total = np.add.reduceat(weight, block.structure.first_slots, axis=0)
    return np.asarray(weight / block.structure.over_options(total))


@pytest.mark.parametrize("draws", [1, 11])
@pytest.mark.parametrize("open_share", [1.0, 0.7])
def test_conditioned_play_gives_the_bits_of_the_loops_in_python(draws: int, open_share: float) -> None:
    random = np.random.default_rng(7)
    block = starter_block(draws)
    game, structure = block.game, block.structure
    graph, odds, choice = structure.graph, block.tables.odds[0], scattered_choice(block, random)
    open_edge = random.random(graph.edges) < open_share
    reach, ahead = np.zeros((2, graph.nodes + 1, draws))
    reach[graph.root] = 1.0
    oracle.forward(graph, odds, choice, open_edge, reach)
    oracle.backward(graph, odds, choice, open_edge, ahead)
    edges, ending, first = edges_of(game), ending_of_payoffs(game), first_options(game)
    rows = {
        "endings": (ending[game.edge_payoff], len(game.crisis.endings)),
        "options": (edges.option + first[edges.layer], int(first[-1])),
        "reached": (edges.info_set, game.size.information_sets),
        "payoffs": (game.edge_payoff, game.payoff_count),
    }
    wanted = {}
    for kind, (row, count) in rows.items():
        wanted[kind] = np.zeros((count, draws))
        oracle.count(graph, odds, choice, open_edge, reach, ahead, row.astype(np.int32), wanted[kind])
    oracle.share_sums(structure.payoff_left, structure.payoff_right, wanted["payoffs"])

    play = condition_play(block, choice, open_edge)
    likelihood, endings, options, reached, terms = play.joint("endings", "options", "reached", "terms")
    assert np.array_equal(likelihood, reach[-1])
    assert np.array_equal(play.likelihood, likelihood)
    assert np.array_equal(endings, wanted["endings"])
    assert np.array_equal(options, wanted["options"])
    assert np.array_equal(reached, wanted["reached"])
    amount = np.zeros((game.payoff_count, draws))
    for term, row in enumerate(terms):
        amount[:] = 0.0
        for position, entries in enumerate(game.payoff_entries):
            if getattr(entries, "term", None) == term:
                amounts = block.tables.amounts[position]
                amount[entries.first : entries.first + len(amounts)] = amounts
        assert np.allclose(row, (amount * wanted["payoffs"]).sum(axis=0), rtol=1e-12, atol=0.0)

    nodes = np.arange(game.nodes, -1, -3)
    at_nodes = reached_on_edges(game, open_edge, shares_of(choice, odds), play.start, nodes)
    assert np.array_equal(at_nodes, reach[nodes])
    assert np.array_equal(play.ahead, ahead)

    by_choice, by_odds = np.zeros(choice.shape), np.zeros(odds.shape)
    oracle.derivatives(graph, open_edge, reach, ahead, by_choice, by_odds)
    assert all(map(np.array_equal, play.derivatives(), (likelihood, by_choice, by_odds)))


def test_what_is_paid_by_hidden_values_has_the_bits_of_the_loops_in_python() -> None:
    crisis = crisis_of(HIDDEN)
    game, draws = compile_game(crisis), 11
    block = block_of(game, tabulate(game, Draws(sample_draws(crisis, 1, 0, draws), [""] * draws)))
    graph, odds, choice = block.structure.graph, block.tables.odds[0], scattered_choice(block, np.random.default_rng(7))
    hidden, amount = hidden_of(game), actor_paid(block, "north")
    worth, likelihood = by_hidden_values(block, choice, amount, hidden)
    assert len(worth) == 4
    for number, open_edge in enumerate(hidden.open_edges):
        assert open_edge is not None
        ahead, value = np.zeros((2, graph.nodes + 1, draws))
        ahead[-1] = 1.0
        along = graph, odds, choice
        for edges, layers in ((hidden.known, graph.layers), (open_edge, hidden.layers)):
            oracle.expected(*along, edges, game.edge_payoff, amount, layers, ahead, value)
        assert np.array_equal(likelihood[number], ahead[graph.root])
        assert np.array_equal(worth[number], value[graph.root] + amount[game.root_payoff] * ahead[graph.root])
    assert worth.sum(axis=0).min() > 0.0


def test_sums_over_draws_leave_out_those_without_weight() -> None:
    random = np.random.default_rng(7)
    choice, reached = random.random((5, 9)), random.random((3, 9))
    sets, rows = np.array([0, 0, 1, 2, 2]), np.array([0, 1, 2, 0, 1])
    weight = np.where(random.random(9) < 0.5, 0.0, random.random(9))
    sums = np.zeros(3), *np.zeros((3, 5))
    add_draws(choice, reached, sets, weight, *sums)
    expected = reached @ weight, (choice * reached[sets]) @ weight, choice @ weight, choice**2 @ weight
    assert all(np.allclose(found, wanted, rtol=1e-14) for found, wanted in zip(sums, expected, strict=True))
    taken = np.zeros((3, 9))
    np.add.at(taken, rows, choice * reached[sets])
    assert np.array_equal(option_probabilities(choice, reached, sets, rows, 3), taken)


@pytest.mark.parametrize("draws", [1, 11])
def test_choices_by_backward_induction_have_the_bits_of_the_loops_in_python(draws: int) -> None:
    crisis = crisis_of(BY_RULES)
    game = compile_game(crisis)
    block = block_of(game, tabulate(game, Draws(sample_draws(crisis, 1, 0, draws), [""] * draws)))
    graph = block.structure.graph
    numbers = block.tables.odds, block.pay, block.tables.played, block.supported
    value, concentration = np.zeros((graph.nodes + 1, graph.actors, draws)), np.zeros((1, graph.nodes + 1, draws))
    concentration[:, -1] = 1.0
    choice, log_choice = np.empty((2, graph.slots, draws))
    induce(graph, *numbers, value, concentration, choice, log_choice)
    found = choices_backward(graph, *numbers)
    assert set(graph.rules) == {0, 1, 2}
    assert np.array_equal(found, (choice, log_choice))


@pytest.mark.parametrize("draws", [1, 11])
@pytest.mark.parametrize("text", [BY_RULES, SIGNAL.replace("RULE", ""), SIGNAL.replace("RULE", "choice: probit, ")])
def test_derivatives_through_equilibria_are_those_of_the_loops_in_python(text: str, draws: int) -> None:
    crisis, random = crisis_of(text), np.random.default_rng(7)
    game = compile_game(crisis)
    block = block_of(game, tabulate(game, Draws(sample_draws(crisis, 1, 0, draws), [""] * draws)))
    structure, graph, last_layer = block.structure, block.structure.graph, block.structure.last_layers
    profile = swept(block)
    at = place_of(block, profile.choice, profile.logit, int(last_layer.max()))
    back = Derivatives(*(random.random(part.shape) for part in (at.odds, at.pay, at.rationality)))
    loops = carried_back.Derivatives(
        *(part.copy() for part in back),
        *(np.zeros(part.shape) for part in (at.choice, at.choice, at.value)),
        np.zeros((graph.nodes + 1, draws)),
        np.zeros(at.concentration.shape),
        np.zeros((graph.nodes + 1, draws)),
        np.zeros((3, draws)),
    )
    given = relative(structure, at.choice, random.normal(size=at.choice.shape))
    rows = first_rows(structure, last_layer)
    assert rows == (0 if text is BY_RULES else 4)
    x = given.copy()
    assert through_equilibrium(graph, at, last_layer, rows, x, back).all()
    there = carried_back.Place(**{part.name: getattr(at, part.name) for part in fields(at)})
    carried_back.carry_back(graph, there, x, last_layer, True, loops)
    assert all(map(np.array_equal, back, loops))
    if rows:
        carried_back.carry_back(graph, there, x, last_layer, False, loops)
        product = relative(structure, at.choice, loops.log_choice)
        product[rows:] = 0.0
        assert np.abs(product).max() > 0.01
        assert np.allclose(x - product, given, rtol=0.0, atol=1e-11)
    else:
        assert np.array_equal(x, given)
