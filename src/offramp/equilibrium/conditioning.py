"""Conditioned play: how likely play is to agree with known facts, which nodes it passes and how it ends.

Play agrees with the facts if it takes only the edges that they leave open (`game.agreement`). One pass forward and
one backward over the open edges give the joint probability of each event and the facts, as in a hidden Markov model
(Rabiner 1989, *Proceedings of the IEEE* 77, equations 18 to 27).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from offramp.equilibrium import audit
from offramp.equilibrium.compiling import compiled
from offramp.equilibrium.graph import Graph
from offramp.equilibrium.sweeps import Block
from offramp.game.agreement import Open
from offramp.game.game import CHANCE, Game, PayoffSums, PayoffTerms

Array = NDArray[np.float64]


@compiled
def forward(graph: Graph, odds: Array, choice: Array, open_edge: Open, reach: Array) -> None:
    """Spread the initial values of `reach`, (nodes + 1, draws), over the open edges; `odds`: of one belief system."""
    draws = reach.shape[1]
    for layer in range(len(graph.layer_actor)):
        chance = graph.layer_actor[layer] < 0
        for group in range(graph.layer_group[layer], graph.layer_group[layer + 1]):
            edge = graph.group_edge[group]
            for node in range(graph.group_node[group], graph.group_node[group + 1]):
                for slot in range(graph.group_slot[group], graph.group_slot[group] + graph.group_options[group]):
                    if open_edge[edge]:
                        child = graph.edge_child[edge]
                        for draw in range(draws):
                            share = odds[slot, draw] if chance else choice[slot, draw]
                            reach[child, draw] += reach[node, draw] * share
                    edge += 1


@compiled
def backward(graph: Graph, odds: Array, choice: Array, open_edge: Open, ahead: Array) -> None:
    """The probability, from each node, that play stays on open edges to the end: `ahead`, (nodes + 1, draws)."""
    nodes, draws = ahead.shape
    ahead[:] = 0.0
    ahead[nodes - 1] = 1.0
    for layer in range(len(graph.layer_actor) - 1, -1, -1):
        chance = graph.layer_actor[layer] < 0
        for group in range(graph.layer_group[layer], graph.layer_group[layer + 1]):
            edge = graph.group_edge[group]
            for node in range(graph.group_node[group], graph.group_node[group + 1]):
                for slot in range(graph.group_slot[group], graph.group_slot[group] + graph.group_options[group]):
                    if open_edge[edge]:
                        child = graph.edge_child[edge]
                        for draw in range(draws):
                            share = odds[slot, draw] if chance else choice[slot, draw]
                            ahead[node, draw] += ahead[child, draw] * share
                    edge += 1


@compiled
def flows(
    graph: Graph, odds: Array, choice: Array, open_edge: Open, reach: Array, ahead: Array,
    edge_payoff: NDArray[np.int32], left: NDArray[np.int32], right: NDArray[np.int32], root_payoff: int, flow: Array,
) -> None:  # fmt: skip
    """The joint probability of each payoff and the known facts: `flow`, (payoffs, draws).

    A sum of payoffs passes its probability on to its two parts.
    """
    nodes, draws = reach.shape
    flow[:] = 0.0
    flow[root_payoff] = reach[nodes - 1]
    for layer in range(len(graph.layer_actor)):
        chance = graph.layer_actor[layer] < 0
        for group in range(graph.layer_group[layer], graph.layer_group[layer + 1]):
            edge = graph.group_edge[group]
            for node in range(graph.group_node[group], graph.group_node[group + 1]):
                for slot in range(graph.group_slot[group], graph.group_slot[group] + graph.group_options[group]):
                    if open_edge[edge]:
                        payoff, child = edge_payoff[edge], graph.edge_child[edge]
                        for draw in range(draws):
                            share = odds[slot, draw] if chance else choice[slot, draw]
                            flow[payoff, draw] += reach[node, draw] * share * ahead[child, draw]
                    edge += 1
    for payoff in range(len(left) - 1, -1, -1):
        if left[payoff] > 0:
            for draw in range(draws):
                flow[left[payoff], draw] += flow[payoff, draw]
                flow[right[payoff], draw] += flow[payoff, draw]


@compiled
def option_flows(
    graph: Graph, layer: int, slot_option: NDArray[np.int32], odds: Array, choice: Array, open_edge: Open,
    reach: Array, ahead: Array, probability: Array,
) -> None:  # fmt: skip
    """The joint probability of each option of a layer and the known facts: `probability`, (options, draws)."""
    draws = reach.shape[1]
    probability[:] = 0.0
    chance = graph.layer_actor[layer] < 0
    for group in range(graph.layer_group[layer], graph.layer_group[layer + 1]):
        edge = graph.group_edge[group]
        first = graph.group_slot[group]
        for node in range(graph.group_node[group], graph.group_node[group + 1]):
            for slot in range(first, first + graph.group_options[group]):
                if open_edge[edge]:
                    option = slot - first if chance else slot_option[slot]
                    child = graph.edge_child[edge]
                    for draw in range(draws):
                        share = odds[slot, draw] if chance else choice[slot, draw]
                        probability[option, draw] += reach[node, draw] * share * ahead[child, draw]
                edge += 1


@compiled
def ending_flows(
    graph: Graph, ending: NDArray[np.int32], odds: Array, choice: Array, open_edge: Open, reach: Array, ahead: Array,
    probability: Array,
) -> None:  # fmt: skip
    """Add the joint probability of each ending and the known facts to `probability`, (endings, draws).

    `ending`: (edges,), the ending that is decided on the edge, or -1.
    """
    draws = reach.shape[1]
    for layer in range(len(graph.layer_actor)):
        chance = graph.layer_actor[layer] < 0
        for group in range(graph.layer_group[layer], graph.layer_group[layer + 1]):
            edge = graph.group_edge[group]
            for node in range(graph.group_node[group], graph.group_node[group + 1]):
                for slot in range(graph.group_slot[group], graph.group_slot[group] + graph.group_options[group]):
                    if open_edge[edge] and ending[edge] >= 0:
                        child = graph.edge_child[edge]
                        for draw in range(draws):
                            share = odds[slot, draw] if chance else choice[slot, draw]
                            probability[ending[edge], draw] += reach[node, draw] * share * ahead[child, draw]
                    edge += 1


def ending_of_payoffs(game: Game) -> NDArray[np.int32]:
    """The ending that each payoff of a game contains, or -1: (payoffs,). Every play has exactly one ending."""
    ending = np.full(game.payoff_count, -1, dtype=np.int32)
    for entries in game.payoff_entries:
        if isinstance(entries, PayoffSums):
            sums = slice(entries.first, entries.first + len(entries.left))
            ending[sums] = np.maximum(ending[entries.left], ending[entries.right])
        elif entries.term is None:
            ending[entries.first : entries.first + entries.contexts.count] = np.arange(entries.contexts.count)
    return ending


@dataclass(frozen=True, eq=False)
class ConditionedPlay:
    """Play conditioned on known facts, in one belief system; the last axis of every array is the draw.

    `reach`: (nodes + 1,), the probability of reaching a node on open edges; `ahead`: (nodes + 1,), the probability of
    staying on open edges from there to the end.
    """

    block: Block
    choice: Array
    system: int
    open_edge: Open
    reach: Array
    ahead: Array
    root_payoff: int
    """The payoff before the first node; 0, no payoff, if play begins later."""

    @property
    def likelihood(self) -> Array:
        """The probability of the known facts: (draws,)."""
        return np.asarray(self.reach[-1])

    @cached_property
    def flow(self) -> Array:
        """The joint probability of each payoff and the known facts: (payoffs, draws)."""
        structure, block = self.block.structure, self.block
        flow = np.empty((block.game.payoff_count, block.draws))
        payoffs = structure.edge_payoff, structure.payoff_left, structure.payoff_right, self.root_payoff
        odds = block.tables.odds[self.system]
        flows(structure.graph, odds, self.choice, self.open_edge, self.reach, self.ahead, *payoffs, flow)
        return flow

    @property
    def endings(self) -> Array:
        """The joint probability of each ending and the known facts: (endings, draws)."""
        game, structure = self.block.game, self.block.structure
        probability = np.zeros((len(game.crisis.endings), self.block.draws))
        ending_of = ending_of_payoffs(game)
        if ending_of[self.root_payoff] >= 0:
            probability[ending_of[self.root_payoff]] = self.likelihood
        odds, ending = self.block.tables.odds[self.system], ending_of[structure.edge_payoff]
        ending_flows(structure.graph, ending, odds, self.choice, self.open_edge, self.reach, self.ahead, probability)
        return probability

    @property
    def terms(self) -> Array:
        """The payoff of each term on plays that agree, times their probability: (payoff terms, draws)."""
        expected = np.zeros((len(self.block.game.crisis.terms), self.block.draws))
        for position, entries in enumerate(self.block.game.payoff_entries):
            if isinstance(entries, PayoffTerms) and entries.term is not None:
                flow = self.flow[entries.first : entries.first + entries.contexts.count]
                audit.add_up(flow, np.ascontiguousarray(self.block.tables.amounts[position]), expected[entries.term])
        return expected

    def option_probabilities(self, layer: int) -> Array:
        """The joint probability of each option of a layer and the known facts: (options, draws).

        They add up to the likelihood less the probability of plays that agree but do not come to the layer.
        """
        game, graph = self.block.game, self.block.structure.graph
        options = len(game.crisis.options_of(game.layers[layer].step))
        probability = np.empty((options, self.block.draws))
        odds = self.block.tables.odds[self.system]
        edges = self.open_edge, self.reach, self.ahead
        option_flows(graph, layer, game.slot_option, odds, self.choice, *edges, probability)
        return probability


def condition_play(
    block: Block, choice: Array, open_edge: Open, *, system: int = 0, start: Array | None = None
) -> ConditionedPlay:
    """Condition play on the open edges.

    Parameters
    ----------
    block
        A block of draws.
    choice
        The profile, (slots, draws).
    open_edge
        (edges,), from `consistent_edges`, `edges_through`, or both.
    system
        The belief system: 0 the analyst's odds, then those of `Game.believers`.
    start
        The probability of beginning at each node, (nodes + 1, draws); by default play begins at the root. Only payoffs
        after the start count.
    """
    graph = block.structure.graph
    reach = np.zeros((graph.nodes + 1, block.draws)) if start is None else start.copy()
    if start is None:
        reach[graph.root] = 1.0
    ahead = np.empty((graph.nodes + 1, block.draws))
    odds, profile = block.tables.odds[system], np.ascontiguousarray(choice)
    forward(graph, odds, profile, open_edge, reach)
    backward(graph, odds, profile, open_edge, ahead)
    root_payoff = block.structure.root_payoff if start is None else 0
    return ConditionedPlay(block, profile, system, open_edge, reach, ahead, root_payoff)


def hidden_steps(game: Game) -> tuple[int, ...]:
    """The layers of chance steps that at least one actor does not see, in the order of play."""
    all_actors = frozenset(game.actors)
    return tuple(
        index
        for index, layer in enumerate(game.layers)
        if layer.actor == CHANCE and not all_actors <= game.crisis.named[layer.step].seen_by
    )
