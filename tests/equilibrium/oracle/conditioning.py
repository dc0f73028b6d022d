"""Play along open edges in plain Python, all draws side by side: what the core's conditioned play is compared with."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from offramp.equilibrium.graph import Graph
from offramp.game.agreement import Open

Array = NDArray[np.float64]


class Edge(NamedTuple):
    """An open edge; `layer`: the layer it comes from; `chance`: whether its slot is one of the odds."""

    layer: int
    place: int
    node: int
    child: int
    slot: int
    chance: bool


def edges_along(graph: Graph, open_edge: Open) -> Iterator[Edge]:
    """The open edges in the order of layers."""
    for layer in range(graph.layers):
        chance = bool(graph.layer_actor[layer] < 0)
        for group in range(graph.layer_group[layer], graph.layer_group[layer + 1]):
            edge = int(graph.group_edge[group])
            for node in range(graph.group_node[group], graph.group_node[group + 1]):
                for slot in range(graph.group_slot[group], graph.group_slot[group] + graph.group_options[group]):
                    if open_edge[edge]:
                        yield Edge(layer, edge, node, int(graph.edge_child[edge]), slot, chance)
                    edge += 1


def forward(graph: Graph, odds: Array, choice: Array, open_edge: Open, reach: Array) -> None:
    """Spread the initial values of `reach`, (nodes + 1, draws), over the open edges; `odds`: of one belief system."""
    for edge in edges_along(graph, open_edge):
        reach[edge.child] += reach[edge.node] * (odds if edge.chance else choice)[edge.slot]


def backward(graph: Graph, odds: Array, choice: Array, open_edge: Open, ahead: Array) -> None:
    """The probability, from each node, that play stays on open edges to the end: `ahead`, (nodes + 1, draws)."""
    ahead[:] = 0.0
    ahead[-1] = 1.0
    for edge in sorted(edges_along(graph, open_edge), key=lambda edge: -edge.layer):
        ahead[edge.node] += ahead[edge.child] * (odds if edge.chance else choice)[edge.slot]


def count(
    graph: Graph, odds: Array, choice: Array, open_edge: Open, reach: Array, ahead: Array, row: NDArray[np.int32],
    found: Array,
) -> None:  # fmt: skip
    """Add to `found`, (rows, draws), the joint probability of each edge and the facts, in the edge's row unless -1."""
    for edge in edges_along(graph, open_edge):
        if row[edge.place] >= 0:
            share = (odds if edge.chance else choice)[edge.slot]
            found[row[edge.place]] += reach[edge.node] * share * ahead[edge.child]


def share_sums(left: NDArray[np.int32], right: NDArray[np.int32], parts: Array) -> None:
    """Pass what rows, (rows, draws), have on to the two rows that they are sums of."""
    for row in range(len(left) - 1, -1, -1):
        if left[row] > 0:
            parts[left[row]] += parts[row]
            parts[right[row]] += parts[row]


def derivatives(graph: Graph, open_edge: Open, reach: Array, ahead: Array, by_choice: Array, by_odds: Array) -> None:
    """Add the derivatives of the probability that play stays on open edges, (slots, draws) and (odds slots, draws)."""
    for edge in edges_along(graph, open_edge):
        (by_odds if edge.chance else by_choice)[edge.slot] += reach[edge.node] * ahead[edge.child]


def expected(
    graph: Graph, odds: Array, choice: Array, open_edge: Open, payoff: NDArray[np.int32], amount: Array, layers: int,
    ahead: Array, value: Array,
) -> None:  # fmt: skip
    """For nodes of the first `layers` layers: the probability of staying on open edges, and the payment if so.

    `amount`: (payoffs, draws); `ahead`, `value`: (nodes + 1, draws), filled for the layers after these.
    """
    first = graph.group_node[graph.layer_group[layers]]
    ahead[:first] = 0.0
    value[:first] = 0.0
    for edge in sorted(edges_along(graph, open_edge), key=lambda edge: -edge.layer):
        if edge.layer < layers:
            share = (odds if edge.chance else choice)[edge.slot]
            ahead[edge.node] += share * ahead[edge.child]
            value[edge.node] += share * (amount[payoff[edge.place]] * ahead[edge.child] + value[edge.child])
