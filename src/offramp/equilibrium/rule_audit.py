"""The certificate's own responses by choice rules other than logit, straight from their definitions (`choice_rules`).

As in `audit`, nothing is shared with the loops that find solutions, and the last axis of every array is the draw.
"""

from __future__ import annotations

import math
from functools import cache

import numpy as np
from numpy.typing import NDArray

from offramp.equilibrium.compiling import compiled
from offramp.equilibrium.graph import Graph
from offramp.equilibrium.structure import LOGIT, PRIVATE, Structure

Float = NDArray[np.float64]
Int = NDArray[np.integer]

WIDEST = 9.0
"""A standard normal shock is beyond this with a probability of 2e-19."""
POINTS = 48
"""Number of points of the quadrature over a shock, over the root of the number of options: the more there are, the
narrower the integrand may be."""


@cache
def quadrature(options: int) -> tuple[Float, Float]:
    """Points of a standard normal shock, and their weights times its density (Gauss-Legendre), for so many options."""
    nodes, weights = np.polynomial.legendre.leggauss(math.ceil(POINTS * math.sqrt(options)))
    shocks = WIDEST * nodes
    return shocks, WIDEST * weights * np.exp(-0.5 * shocks**2) / math.sqrt(2.0 * math.pi)


def deviations(structure: Structure, odds: Float, choice: Float) -> Float:
    """The standard deviation of the difference of two options' shocks, times rationality: (information sets, draws)."""
    graph, draws = structure.graph, choice.shape[1]
    deviation = np.full((len(structure.movers), draws), math.sqrt(2.0))
    if (structure.rules == PRIVATE).any():
        squares = np.empty((len(graph.until), graph.nodes + 1, draws))
        squares_of(graph, odds, choice, squares)
        deviations_of(graph, squares, deviation)
    return deviation


@compiled
def squares_of(graph: Graph, odds: Float, choice: Float, squares: Float) -> None:
    """The sum of squared probabilities of all ways for play to end after a node: (belief systems, nodes + 1, draws)."""
    systems, nodes, draws = squares.shape
    squares[:] = 0.0
    squares[:, nodes - 1] = 1.0
    for layer in range(len(graph.layer_actor) - 1, -1, -1):
        chance = graph.layer_actor[layer] < 0
        for group in range(graph.layer_group[layer], graph.layer_group[layer + 1]):
            edge = graph.group_edge[group]
            for node in range(graph.group_node[group], graph.group_node[group + 1]):
                for slot in range(graph.group_slot[group], graph.group_slot[group] + graph.group_options[group]):
                    child = graph.edge_child[edge]
                    edge += 1
                    for system in range(systems):
                        for draw in range(draws):
                            share = odds[system, slot, draw] if chance else choice[slot, draw]
                            squares[system, node, draw] += share**2 * squares[system, child, draw]


@compiled
def deviations_of(graph: Graph, squares: Float, deviation: Float) -> None:
    """Set `deviation`, (information sets, draws), where the mover has private shocks: there a set is a single node."""
    for layer in range(len(graph.layer_actor)):
        mover = graph.layer_actor[layer]
        if mover >= 0 and graph.rules[mover] == PRIVATE:
            for group in range(graph.layer_group[layer], graph.layer_group[layer + 1]):
                edge = graph.group_edge[group]
                for draw in range(deviation.shape[1]):
                    total = 0.0
                    for option in range(graph.group_options[group]):
                        total += squares[graph.belief_of[mover], graph.edge_child[edge + option], draw]
                    deviation[graph.group_set[group], draw] = math.sqrt(total)


def responses(structure: Structure, option_value: Float, rationality: Float, deviation: Float, ahead: Float) -> Float:
    """Probabilities of options, (slots, draws), of movers with other rules than logit; 0 elsewhere.

    `ahead`: (slots, draws), added to what an option is worth when its own probability is computed.
    """
    response = np.zeros_like(option_value)
    responses_of(
        structure.movers, structure.first_slots, structure.options, structure.rules, option_value, rationality,
        deviation, ahead, *quadrature(int(structure.options.max(initial=1))), response,
    )  # fmt: skip
    return response


@compiled
def responses_of(
    movers: Int, first_slots: Int, options: Int, rules: Int, option_value: Float, rationality: Float,
    deviation: Float, ahead: Float, shocks: Float, weights: Float, response: Float,
) -> None:  # fmt: skip
    """See `responses`."""
    for info_set in range(len(movers)):
        mover, first, last = movers[info_set], first_slots[info_set], first_slots[info_set] + options[info_set]
        if rules[mover] == LOGIT:
            continue
        for slot in range(first, last):
            for draw in range(option_value.shape[1]):
                worth = option_value[slot, draw] + ahead[slot, draw]
                if last - first == 1:
                    response[slot, draw] = 1.0
                elif last - first == 2:
                    lead = rationality[mover, draw] * (worth - option_value[first + last - 1 - slot, draw])
                    response[slot, draw] = 0.5 * math.erfc(-lead / deviation[info_set, draw] / math.sqrt(2.0))
                else:
                    for point in range(len(shocks)):
                        chance = weights[point]
                        for other in range(first, last):
                            if other != slot:
                                lead = rationality[mover, draw] * (worth - option_value[other, draw])
                                chance *= 0.5 * math.erfc(-(shocks[point] + lead) / math.sqrt(2.0))
                        response[slot, draw] += chance
