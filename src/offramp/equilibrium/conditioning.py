"""Play that agrees with something: how likely it is, where it passes, and how it ends.

A game's children lie in later layers, and a layer is one step in one round; so what is known of steps comes down to
edges that are shut. Play agrees if it never takes a shut edge. One pass forward and one backward over the open edges
then give the probability of everything together with what is known, as in a hidden Markov model (Rabiner 1989,
*Proceedings of the IEEE* 77, equations 18 to 27).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from offramp.equilibrium import audit
from offramp.equilibrium.compiling import compiled
from offramp.equilibrium.structure import Graph, structure_of
from offramp.equilibrium.sweeps import Block
from offramp.game.game import CHANCE, Game, Leaves, PayoffSums

Array = NDArray[np.float64]
Open = NDArray[np.bool_]

SKIPPED = "skipped"


@compiled
def forward(graph: Graph, odds: Array, choice: Array, open_edge: Open, reach: Array) -> None:
    """Spread what `reach`, (nodes + 1, draws), holds at first over the open edges; `odds` are one belief system's."""
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
    """From each node the probability that play stays on open edges to its end: `ahead`, (nodes + 1, draws)."""
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
    graph: Graph, odds: Array, choice: Array, open_edge: Open, reach: Array, ahead: Array, edge_bill: NDArray[np.int32],
    left: NDArray[np.int32], right: NDArray[np.int32], root_bill: int, flow: Array,
) -> None:  # fmt: skip
    """How often each bill is paid together with what is known: `flow`, (bills, draws); sums go on to their parts."""
    nodes, draws = reach.shape
    flow[:] = 0.0
    flow[root_bill] = reach[nodes - 1]
    for layer in range(len(graph.layer_actor)):
        chance = graph.layer_actor[layer] < 0
        for group in range(graph.layer_group[layer], graph.layer_group[layer + 1]):
            edge = graph.group_edge[group]
            for node in range(graph.group_node[group], graph.group_node[group + 1]):
                for slot in range(graph.group_slot[group], graph.group_slot[group] + graph.group_options[group]):
                    if open_edge[edge]:
                        bill, child = edge_bill[edge], graph.edge_child[edge]
                        for draw in range(draws):
                            share = odds[slot, draw] if chance else choice[slot, draw]
                            flow[bill, draw] += reach[node, draw] * share * ahead[child, draw]
                    edge += 1
    for bill in range(len(left) - 1, -1, -1):
        if left[bill] > 0:
            for draw in range(draws):
                flow[left[bill], draw] += flow[bill, draw]
                flow[right[bill], draw] += flow[bill, draw]


@compiled
def taken_of(
    graph: Graph, layer: int, slot_option: NDArray[np.int32], odds: Array, choice: Array, open_edge: Open,
    reach: Array, ahead: Array, taken: Array,
) -> None:  # fmt: skip
    """How often each option of a layer is taken together with what is known: `taken`, (options, draws)."""
    draws = reach.shape[1]
    taken[:] = 0.0
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
                        taken[option, draw] += reach[node, draw] * share * ahead[child, draw]
                edge += 1


@compiled
def ended(
    graph: Graph, ending: NDArray[np.int32], odds: Array, choice: Array, open_edge: Open, reach: Array, ahead: Array,
    found: Array,
) -> None:  # fmt: skip
    """How often play takes the edges on which each `ending`, or none (-1), is settled: `found`, (endings, draws)."""
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
                            found[ending[edge], draw] += reach[node, draw] * share * ahead[child, draw]
                    edge += 1


@dataclass(frozen=True)
class Edges:
    """For each edge of a game its layer, its option's number in the step, and the layer it leads to.

    The end of play counts as one more layer.
    """

    layer: NDArray[np.int64]
    option: NDArray[np.int64]
    leads_to: NDArray[np.int64]
    held: NDArray[np.int64]
    """The information set, or -1."""


def edges_of(game: Game) -> Edges:
    """The layers and options of a game's edges."""
    graph = structure_of(game).graph
    layers = len(graph.layer_actor)
    group_layer = np.repeat(np.arange(layers), np.diff(graph.layer_group))
    node_group = np.repeat(np.arange(len(group_layer)), np.diff(graph.group_node))
    node_layer = np.append(group_layer[node_group], layers)
    options = graph.group_options[node_group]
    group = np.repeat(node_group, options)
    within = np.arange(len(group)) - np.repeat(np.cumsum(options) - options, options)
    move = graph.group_set[group] >= 0
    option = within.astype(np.int64)
    option[move] = game.slot_option[graph.group_slot[group[move]] + within[move]]
    return Edges(group_layer[group], option, node_layer[graph.edge_child], graph.group_set[group].astype(np.int64))


def ending_of_bills(game: Game) -> NDArray[np.int32]:
    """For each bill the ending that is settled with it, or -1; a play settles one ending, once."""
    found = np.full(game.bill_count, -1, dtype=np.int32)
    for bill in game.bills:
        if isinstance(bill, PayoffSums):
            found[bill.first : bill.first + len(bill.left)] = np.maximum(found[bill.left], found[bill.right])
        elif bill.term is None:
            found[bill.first : bill.first + bill.contexts.count] = np.arange(bill.contexts.count)
    return found


def layer_of(game: Game, step: str, round_: int) -> int | None:
    """The place of a step's layer in a round (0 outside rounds); None where the game never comes to it."""
    for place, layer in enumerate(game.layers):
        if (layer.step, layer.round) == (step, round_):
            return place
    return None


def agreeing(game: Game, known: Mapping[tuple[str, int], str]) -> Open | None:
    """The edges on which play agrees with what is known: by step and round (0 outside rounds), an option or `skipped`.

    None where no play can agree.
    """
    edges = edges_of(game)
    found = np.ones(len(edges.layer), dtype=bool)
    root = int(np.searchsorted(structure_of(game).graph.layer_group, _group_of_root(game), side="right")) - 1
    for (step, round_), option in known.items():
        layer = layer_of(game, step, round_)
        here = edges.layer == layer if layer is not None else np.zeros(len(found), dtype=bool)
        if option == SKIPPED:
            found &= ~here
            continue
        if layer is None or root > layer:
            return None
        found &= ~here | (edges.option == game.crisis.options_of(step).index(option))
        found &= ~((edges.layer < layer) & (edges.leads_to > layer))
    return np.asarray(found)


def passable(game: Game, open_edge: Open) -> Open:
    """Those of the open edges that some play takes which stays on open edges from the root to the end.

    Nothing changes but the work: the loops need not walk where play cannot be.
    """
    graph = structure_of(game).graph
    reach, ahead = np.zeros((2, graph.nodes + 1, 1))
    reach[graph.root] = 1.0
    odds, choice = np.ones((game.odds_slots, 1)), np.ones((game.slots, 1))
    forward(graph, odds, choice, open_edge, reach)
    backward(graph, odds, choice, open_edge, ahead)
    node = np.repeat(np.arange(graph.nodes), np.repeat(graph.group_options, np.diff(graph.group_node)))
    return np.asarray(open_edge & (reach[node, 0] > 0.0) & (ahead[graph.edge_child, 0] > 0.0))


def _group_of_root(game: Game) -> int:
    return int(np.searchsorted(game.group_node, game.root, side="right")) - 1


def through(game: Game, held: int, option: int | None = None) -> Open:
    """The edges of plays that pass through an information set, and take one of its options (by place), if given."""
    edges, graph = edges_of(game), structure_of(game).graph
    here = edges.held == held
    layer = int(edges.layer[here][0])
    found = ~((edges.layer < layer) & (edges.leads_to > layer)) & ((edges.layer != layer) | here)
    if option is not None:
        first = int(graph.group_slot[np.flatnonzero(graph.group_set == held)[0]])
        found &= ~here | (edges.option == game.slot_option[first + option])
    return np.asarray(found)


@dataclass(frozen=True, eq=False)
class ConditionedPlay:
    """Play that agrees with what is known, in one belief system; the last axis of every array is the draw.

    `reach`, `ahead`: (nodes + 1,), the probability of coming to a node on open edges, and of staying on them from it.
    """

    block: Block
    choice: Array
    system: int
    open_edge: Open
    reach: Array
    ahead: Array
    root_bill: int
    """What is paid before the first node; 0, nothing, where play begins later."""

    @property
    def likelihood(self) -> Array:
        """The probability of what is known: (draws,)."""
        return np.asarray(self.reach[-1])

    @cached_property
    def flow(self) -> Array:
        """How often each bill is paid together with what is known: (bills, draws)."""
        structure, block = self.block.structure, self.block
        flow = np.empty((block.game.bill_count, block.draws))
        bills = structure.edge_bill, structure.bill_left, structure.bill_right, self.root_bill
        odds = block.tables.odds[self.system]
        flows(structure.graph, odds, self.choice, self.open_edge, self.reach, self.ahead, *bills, flow)
        return flow

    @property
    def endings(self) -> Array:
        """The probability of each ending together with what is known: (endings, draws)."""
        game, structure = self.block.game, self.block.structure
        found = np.zeros((len(game.crisis.endings), self.block.draws))
        paid = ending_of_bills(game)
        if paid[self.root_bill] >= 0:
            found[paid[self.root_bill]] = self.likelihood
        odds, ending = self.block.tables.odds[self.system], paid[structure.edge_bill]
        ended(structure.graph, ending, odds, self.choice, self.open_edge, self.reach, self.ahead, found)
        return found

    @property
    def terms(self) -> Array:
        """What each payoff term pays on plays that agree, times their probability: (payoff terms, draws)."""
        found = np.zeros((len(self.block.game.crisis.terms), self.block.draws))
        for position, bill in enumerate(self.block.game.bills):
            if isinstance(bill, Leaves) and bill.term is not None:
                paid = self.flow[bill.first : bill.first + bill.contexts.count]
                audit.add_up(paid, np.ascontiguousarray(self.block.tables.amounts[position]), found[bill.term])
        return found

    def taken(self, layer: int) -> Array:
        """The probability of each option of a layer together with what is known: (options, draws).

        What is missing to the likelihood is play that agrees and does not come to the layer.
        """
        game, graph = self.block.game, self.block.structure.graph
        options = len(game.crisis.options_of(game.layers[layer].step))
        found = np.empty((options, self.block.draws))
        odds = self.block.tables.odds[self.system]
        taken_of(graph, layer, game.slot_option, odds, self.choice, self.open_edge, self.reach, self.ahead, found)
        return found


def passage(
    block: Block, choice: Array, open_edge: Open, *, system: int = 0, start: Array | None = None
) -> ConditionedPlay:
    """Follow play over open edges.

    Parameters
    ----------
    block
        A block of draws.
    choice
        The profile, (slots, draws).
    open_edge
        (edges,), from `agreeing`, `through`, or both.
    system
        The belief system: 0 the analyst's odds, then those of `Game.believers`.
    start
        Where play begins, (nodes + 1, draws), by default at the root; only what is paid from there on counts.
    """
    graph = block.structure.graph
    reach = np.zeros((graph.nodes + 1, block.draws)) if start is None else start.copy()
    if start is None:
        reach[graph.root] = 1.0
    ahead = np.empty((graph.nodes + 1, block.draws))
    odds, profile = block.tables.odds[system], np.ascontiguousarray(choice)
    forward(graph, odds, profile, open_edge, reach)
    backward(graph, odds, profile, open_edge, ahead)
    root_bill = block.structure.root_bill if start is None else 0
    return ConditionedPlay(block, profile, system, open_edge, reach, ahead, root_bill)


def hidden_steps(game: Game) -> tuple[int, ...]:
    """The layers of chance steps that somebody does not see, in the order of play."""
    everybody = frozenset(game.actors)
    return tuple(
        place
        for place, layer in enumerate(game.layers)
        if layer.actor == CHANCE and not everybody <= game.crisis.named[layer.step].seen_by
    )
