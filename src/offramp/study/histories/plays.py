"""Play of one solved draw, edge by edge: the probability of each edge at its node, and the ending it decides.

Every play is assigned its ending once, on an edge or before the first node. So from a node on, either one ending is
still to come, with the odds `ahead`, or none is. Everything is in the analyst's odds and given what is known, if
anything is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from offramp.equilibrium.as_of_now import open_edges
from offramp.equilibrium.conditioning import condition_play, edges_of, ending_of_payoffs
from offramp.equilibrium.evaluation import draw_of, solution_of, solve_draw_now
from offramp.equilibrium.logit import solve_traced
from offramp.equilibrium.solution import Solution
from offramp.equilibrium.sweeps import Block
from offramp.gambit.opening import Playable, compile_game
from offramp.game.game import Game

Array = NDArray[np.float64]
Int = NDArray[np.int64]

OTHER = "other endings"


def solved(
    game: Playable, rationality: float | None = None, given: Mapping[str, float] | None = None
) -> tuple[Block, Solution]:
    """A game's numbers at the medians of the inputs, or the values given, and its solution (`offramp.solve`)."""
    game = compile_game(game)
    if game.as_of_now:
        return solve_draw_now(game, rationality, given)
    block = draw_of(game, rationality, given)
    return block, solution_of(block, *solve_traced(block))


@dataclass(frozen=True, eq=False)
class Plays:
    """A draw's play on the edges of a game.

    `node_layer`, `first_edge`: (nodes + 1,); the end of play counts as one more layer. By edge: `share`, its
    probability at its node; `child`; `option`, by index in its step; `leads_to`, the layer of its child; `ending`, the
    index in `endings` of the ending that it decides, or -1. `ahead`: (nodes + 1, endings), the odds of the endings that
    are decided from a node on. `at_once`: the ending decided before the first node, or -1.
    """

    game: Game
    endings: tuple[str, ...]
    node_layer: Int
    first_edge: Int
    share: Array
    child: Int
    option: Int
    leads_to: Int
    ending: Int
    ahead: Array
    at_once: int

    def begin(self) -> Array:
        """The weights at the first node: (endings + 1,), 1 for the ending decided before it, otherwise for the last."""
        weight = np.zeros(len(self.endings) + 1)
        weight[self.at_once] = 1.0
        return weight

    def nodes(self, place: int) -> slice:
        """The nodes of a layer."""
        layer = self.game.layers[place]
        return slice(int(self.game.group_node[layer.first_group]), int(self.game.group_node[layer.end_group]))

    def over(self, place: int, weight: Array) -> tuple[Int, Array]:
        """The edges of a layer, and weights at its nodes, (nodes of the layer, endings + 1), carried over them."""
        nodes = self.nodes(place)
        first = self.first_edge[nodes.start : nodes.stop + 1]
        edges = np.arange(first[0], first[-1])
        return edges, self.along(edges, np.repeat(weight, np.diff(first), axis=0))

    def along(self, edges: Int, weight: Array) -> Array:
        """Weights, (edges, endings + 1), carried over edges."""
        return self.decided(edges, weight * self.share[edges, None])

    def decided(self, edges: Int, weight: Array) -> Array:
        """Weights, (edges, endings + 1), past edges; weight without an ending gets the one decided there."""
        carried = weight.copy()
        paid = np.flatnonzero(self.ending[edges] >= 0)
        carried[paid, self.ending[edges[paid]]] += carried[paid, -1]
        carried[paid, -1] = 0.0
        return carried

    def destined(self, nodes: Int, weight: Array) -> Array:
        """The final endings of weights, (nodes, endings + 1), at some nodes: (nodes, endings)."""
        return np.asarray(weight[:, :-1] + weight[:, -1:] * self.ahead[nodes])


def _given_facts(block: Block, choice: Array, share: Array, node: Int) -> Array:
    """The share of each edge at its `node` given what is known: none if no play on it agrees with that."""
    graph, edges = block.structure.graph, open_edges(block.game)
    ahead = condition_play(block, choice[:, None], edges).ahead[:, 0]
    joint = share * ahead[graph.edge_child] * edges
    return np.divide(joint, ahead[node], out=np.zeros_like(joint), where=ahead[node] > 0.0)


def plays_of(block: Block, choice: Array, endings: tuple[str, ...]) -> Plays:
    """A draw's play under a profile, (slots,), by the given endings; all others, if any, count as one."""
    game, structure = block.game, block.structure
    graph, every = structure.graph, edges_of(game)
    names = [ending.key for ending in game.crisis.endings]
    places = np.array([endings.index(name) if name in endings else len(endings) for name in names], dtype=np.int64)
    shown = endings if len(endings) == len(names) else (*endings, OTHER)
    settled = ending_of_payoffs(game)
    paid = np.where(settled >= 0, places[settled], -1)
    node_group = np.repeat(np.arange(len(graph.group_options)), np.diff(graph.group_node))
    within = np.arange(game.nodes) - graph.group_node[node_group]
    first_edge = np.append(
        graph.group_edge[node_group] + within * graph.group_options[node_group], len(game.edge_child)
    )
    edge_group = np.repeat(node_group, graph.group_options[node_group])
    number = np.arange(len(edge_group)) - np.repeat(first_edge[:-1], graph.group_options[node_group])
    slot = graph.group_slot[edge_group] + number
    share, moves = np.empty(len(slot)), graph.group_set[edge_group] >= 0
    share[moves], share[~moves] = choice[slot[moves]], block.tables.odds[0, slot[~moves], 0]
    if game.past:
        node = np.repeat(np.arange(game.nodes), graph.group_options[node_group])
        share = _given_facts(block, choice, share, node)
    group_layer = np.repeat(np.arange(len(game.layers)), np.diff(graph.layer_group))
    ending, child = paid[game.edge_payoff], game.edge_child.astype(np.int64)
    ahead = np.zeros((game.nodes + 1, len(shown)))
    for layer in reversed(game.layers):
        nodes = slice(graph.group_node[layer.first_group], graph.group_node[layer.end_group])
        edges = slice(graph.group_edge[layer.first_group], graph.group_edge[layer.end_group])
        to_come = ahead[child[edges]]
        now = np.flatnonzero(ending[edges] >= 0)
        to_come[now, ending[edges][now]] += 1.0
        to_come *= share[edges, None]
        ahead[nodes] = np.add.reduceat(to_come, first_edge[nodes] - graph.group_edge[layer.first_group])
    return Plays(
        game=game,
        endings=shown,
        node_layer=np.append(group_layer[node_group], len(game.layers)),
        first_edge=first_edge,
        share=share,
        child=child,
        option=every.option,
        leads_to=every.leads_to,
        ending=ending,
        ahead=ahead,
        at_once=int(paid[game.root_payoff]),
    )
