"""Games of perfect information, solved backward from their end by any choice rules, all draws side by side."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from offramp.equilibrium.graph import Graph
from offramp.equilibrium.structure import PRIVATE
from tests.equilibrium.oracle.choice_rules import log_response
from tests.equilibrium.oracle.lanes import compiled, exp_of

Float = NDArray[np.float64]


@compiled
def induce(
    graph: Graph, odds: Float, pay: Float, rationality: Float, supported: Float, value: Float, concentration: Float,
    choice: Float, log_choice: Float,
) -> None:  # fmt: skip
    """Set `choice` and `log_choice`, (slots, draws), layer by layer from the last.

    `value`: (nodes + 1, actors, draws), payoff to come, and `concentration`: (belief systems, nodes + 1, draws), the
    sum of squared probabilities of the ways for play to end; both are those of the end of play at first.
    """
    actors, draws = len(graph.belief_of), log_choice.shape[1]
    most = max(graph.group_options) if len(graph.group_options) else 0
    gains, variances, answer = np.empty((most, draws)), np.ones((most, draws)), np.empty(most)
    gain, variance = np.empty(most), np.ones(most)
    shares = np.empty((most, draws))
    for layer in range(len(graph.layer_actor) - 1, -1, -1):
        mover = graph.layer_actor[layer]
        for group in range(graph.layer_group[layer], graph.layer_group[layer + 1]):
            options, slot = graph.group_options[group], graph.group_slot[group]
            for node in range(graph.group_node[group], graph.group_node[group + 1]):
                start = graph.group_edge[group] + (node - graph.group_node[group]) * options
                if mover >= 0:
                    for option in range(options):
                        child, row = graph.edge_child[start + option], graph.edge_pay[start + option, mover]
                        for draw in range(draws):
                            to_come = value[child, mover, draw] + pay[row, draw]
                            gains[option, draw] = to_come * supported[graph.group_set[group], draw]
                        if graph.rules[mover] == PRIVATE:
                            variances[option] = concentration[graph.belief_of[mover], child]
                    for draw in range(draws):
                        for option in range(options):
                            gain[option], variance[option] = gains[option, draw], variances[option, draw]
                        log_response(
                            graph.rules[mover], rationality[mover, draw], gain[:options], variance[:options],
                            answer[:options],
                        )  # fmt: skip
                        for option in range(options):
                            log_choice[slot + option, draw] = answer[option]
                            choice[slot + option, draw] = shares[option, draw] = exp_of(answer[option])
                for actor in range(actors):
                    for option in range(options):
                        child, row = graph.edge_child[start + option], graph.edge_pay[start + option, actor]
                        for draw in range(draws):
                            share = shares[option, draw]
                            if mover < 0:
                                share = odds[graph.belief_of[actor], slot + option, draw]
                            value[node, actor, draw] += share * (value[child, actor, draw] + pay[row, draw])
                if concentration.shape[1]:
                    for belief in range(len(graph.until)):
                        for option in range(options):
                            child = graph.edge_child[start + option]
                            for draw in range(draws):
                                share = shares[option, draw]
                                if mover < 0:
                                    share = odds[belief, slot + option, draw]
                                more = share * share * concentration[belief, child, draw]
                                concentration[belief, node, draw] += more
