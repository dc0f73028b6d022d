"""Expectations jointly with the hidden values that play begins from: who is of which type, what has happened.

Hidden values are the values of chance steps before any move that some actor does not see. One backward pass over the
game gives what is still to come at every node; for each combination of values only the few layers up to the last of
these steps are computed again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product, takewhile

import numpy as np
from numpy.typing import NDArray

from offramp.crisis.expressions.expression import SKIPPED
from offramp.crisis.steps import Chance, Move
from offramp.equilibrium.as_of_now import open_edges
from offramp.equilibrium.conditioning import hidden_steps, shares_of
from offramp.equilibrium.core import BYTES, FLOATS, INTS, PACKED, WHOLE, function
from offramp.equilibrium.counting import all_edges
from offramp.equilibrium.sweeps import Block, add_payments
from offramp.game.agreement import Open, consistent_edges
from offramp.game.edges import edges_of
from offramp.game.game import Game, PayoffTerms

Array = NDArray[np.float64]

MOST = 64
"""Maximum number of combinations of hidden values; further steps are left out."""


_expected = function(
    "expected_by_hidden_values", PACKED, PACKED, BYTES, BYTES, *[WHOLE] * 3, INTS, FLOATS, *[WHOLE] * 3, FLOATS, FLOATS
)


@dataclass(frozen=True, eq=False)
class Hidden:
    """The hidden values that play begins from: `steps` by name, `values` of each (`skipped` if it may not occur).

    `open_edges`: for each combination of values, in the order of `itertools.product`, the edges on which play agrees
    with it, or None if it cannot occur; `known`: the edges on which play agrees with what is known. `layers`: the
    number of layers up to the last such step. `left_out`: steps beyond `MOST` combinations.
    """

    steps: tuple[str, ...]
    values: tuple[tuple[str, ...], ...]
    open_edges: tuple[Open | None, ...]
    known: Open
    layers: int
    left_out: tuple[str, ...]


def hidden_of(game: Game) -> Hidden:
    """The hidden values of a game."""
    before = {
        step.key
        for step in takewhile(lambda step: not isinstance(step, Move), game.crisis.steps())
        if isinstance(step, Chance)
    }
    edges = edges_of(game)
    kept: list[int] = []
    values: list[tuple[str, ...]] = []
    left_out: list[str] = []
    count = 1
    for place in hidden_steps(game):
        step, round_ = game.layers[place].step, game.layers[place].round
        if step not in before or round_ > 1:
            continue
        passed_over = ((edges.layer < place) & (edges.leads_to > place)).any()
        options = game.crisis.options_of(step) + ((SKIPPED,) if passed_over else ())
        if count * len(options) > MOST:
            left_out.append(step)
            continue
        count *= len(options)
        kept.append(place)
        values.append(options)
    where = [(game.layers[place].step, game.layers[place].round) for place in kept]
    opened = tuple(
        consistent_edges(game, dict(zip(where, ((value,) for value in picked), strict=True)))
        for picked in product(*values)
    )
    known = open_edges(game)
    opened = tuple(None if open_edge is None else open_edge & known for open_edge in opened)
    layers = max(kept, default=-1) + 1
    return Hidden(tuple(step for step, _ in where), tuple(values), opened, known, layers, tuple(left_out))


def endings_paid(block: Block, endings: Sequence[int]) -> Array:
    """Payoffs that pay 1 at some endings, by place, so that what is expected is their probability: (payoffs, draws)."""
    amount = np.zeros((block.game.payoff_count, block.draws))
    for entries in block.game.payoff_entries:
        if isinstance(entries, PayoffTerms) and entries.term is None:
            amount[[entries.first + ending for ending in endings]] = 1.0
    return _summed(block, amount)


def actor_paid(block: Block, actor: str) -> Array:
    """What each payoff pays an actor: (payoffs, draws)."""
    game = block.game
    amount = np.zeros((game.payoff_count, block.draws))
    for position, entries in enumerate(game.payoff_entries):
        term = entries.term if isinstance(entries, PayoffTerms) else None
        if term is not None and game.crisis.terms[term].actor == actor:
            amount[entries.first : entries.first + len(block.tables.amounts[position])] = block.tables.amounts[position]
    return _summed(block, amount)


def _summed(block: Block, amount: Array) -> Array:
    add_payments(block.structure.payoff_left, block.structure.payoff_right, amount)
    return amount


def by_hidden_values(block: Block, choice: Array, amount: Array, hidden: Hidden) -> tuple[Array, Array]:
    """The payment jointly with each combination of hidden values, and the combination's probability.

    Parameters
    ----------
    block
        A block of draws.
    choice
        The profile, (slots, draws).
    amount
        What each payoff pays, (payoffs, draws).
    hidden
        The hidden values of the block's game.

    Returns
    -------
    Two arrays, (combinations, draws), in the analyst's odds. The payments are already multiplied by the probability of
    the combination, so they add up to the expectation. As of now, both are joint with what is known.
    """
    game, graph = block.game, block.structure.graph
    worth, likelihood = np.zeros((2, len(hidden.open_edges), block.draws))
    possible = [number for number, open_edge in enumerate(hidden.open_edges) if open_edge is not None]
    opened = np.array([hidden.open_edges[number] for number in possible], dtype=bool)
    if not possible:
        return worth, likelihood
    nodes = int(graph.group_node[graph.layer_group[hidden.layers]])
    edges = int(edges_of(game).first[nodes])
    shares, found = shares_of(choice, block.tables.odds[0]), np.empty((2, len(possible), block.draws))
    _expected(
        all_edges(game), shares, hidden.known, opened, len(possible), edges, nodes, game.edge_payoff,
        amount, len(amount), game.root, game.root_payoff, found[0], found[1],
    )  # fmt: skip
    likelihood[possible], worth[possible] = found
    return worth, likelihood
