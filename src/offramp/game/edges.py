"""A game's edges as flat arrays, and the two ways over them, layer by layer: forward and backward.

All code that follows play along edges does it with these, except the compiled loops of the solver and of the audit.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from offramp.game.game import CHANCE, Game

Int = NDArray[np.int32]
Flags = NDArray[np.bool_]
Values = NDArray[Any]
Carried = Callable[[slice, Values], Values]
"""What a layer's edges carry, given the edges and the values at the nodes that they carry from."""


@dataclass(frozen=True, eq=False, repr=False)
class Edges:
    """The edges of a game, in the order of its layers; a node's edges are consecutive.

    The end of play counts as one more layer. Information sets are numbered in the order of the profile, and -1 stands
    for chance.
    """

    layers: tuple[slice, ...]
    """The edges of each layer."""
    group_set: Int
    """(groups,): the information set."""
    node_group: Int
    """(nodes,)"""
    node_layer: Int
    """(nodes + 1,)"""
    first: NDArray[np.int64]
    """(nodes + 1,): each node's first edge."""
    parent: Int
    """(edges,): the node that the edge comes from."""
    child: Int
    """(edges,): the node that it leads to."""
    layer: Int
    """(edges,): the layer that it comes from."""
    leads_to: Int
    """(edges,): the layer that it leads to."""
    info_set: Int
    """(edges,)"""
    slot: Int
    """(edges,): the place of its option in the profile or, for chance, in the odds."""
    option: Int
    """(edges,): its option, by index in the step."""

    def of_nodes(self, nodes: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The edges of some nodes, one node after another, and the position of each edge's node among them."""
        count = self.first[nodes + 1] - self.first[nodes]
        source = np.repeat(np.arange(len(nodes)), count)
        within = np.arange(len(source)) - (np.cumsum(count) - count)[source]
        return self.first[nodes][source] + within, source


_KNOWN: WeakKeyDictionary[Game, Edges] = WeakKeyDictionary()


def edges_of(game: Game) -> Edges:
    """The game's edges; cached as long as the game exists."""
    if game not in _KNOWN:
        _KNOWN[game] = _edges(game)
    return _KNOWN[game]


def share_edges(game: Game, other: Game) -> None:
    """Let a game have the edges of another one with the same graph."""
    _KNOWN[game] = edges_of(other)


def _edges(game: Game) -> Edges:
    sizes = [layer.end_group - layer.first_group for layer in game.layers]
    group_layer = np.repeat(np.arange(len(sizes), dtype=np.int32), sizes)
    moves = np.repeat([layer.actor != CHANCE for layer in game.layers], sizes).astype(bool)
    group_set = np.full(len(group_layer), -1, dtype=np.int32)
    group_set[moves] = np.unique(game.group_slot[:-1][moves], return_inverse=True)[1]
    node_group = np.repeat(np.arange(len(group_layer), dtype=np.int32), np.diff(game.group_node))
    node_layer = np.append(group_layer[node_group], np.int32(len(sizes)))
    options = game.group_options[node_group]
    first = np.concatenate([[0], np.cumsum(options, dtype=np.int64)])
    parent = np.repeat(np.arange(game.nodes, dtype=np.int32), options)
    number = np.arange(len(parent)) - first[parent]
    group = node_group[parent]
    slot = (game.group_slot[group] + number).astype(np.int32)
    is_move = moves[group]
    option = number.astype(np.int32)
    option[is_move] = game.slot_option[slot[is_move]]
    return Edges(
        layers=tuple(
            slice(int(game.group_edge[layer.first_group]), int(game.group_edge[layer.end_group]))
            for layer in game.layers
        ),
        group_set=group_set,
        node_group=node_group,
        node_layer=node_layer,
        first=first,
        parent=parent,
        child=game.edge_child,
        layer=group_layer[group],
        leads_to=node_layer[game.edge_child],
        info_set=group_set[group],
        slot=slot,
        option=option,
    )


def carry_forward(edges: Edges, values: Values, carried: Carried, join: np.ufunc = np.add) -> None:
    """Carry values from the first layer to the end of play: what edges carry is joined at the nodes that they lead to.

    `values`: (nodes + 1, ...), changed in place; first what play begins with.
    """
    for here in edges.layers:
        join.at(values, edges.child[here], carried(here, values[edges.parent[here]]))


def carry_backward(edges: Edges, values: Values, carried: Carried, join: np.ufunc = np.add) -> None:
    """Carry values from the end of play to the first layer: what a node's edges carry is joined at the node.

    `values`: (nodes + 1, ...), changed in place; first what each node begins with.
    """
    for here in reversed(edges.layers):
        nodes = slice(int(edges.parent[here.start]), int(edges.parent[here.stop - 1]) + 1)
        sums = join.reduceat(carried(here, values[edges.child[here]]), edges.first[nodes] - here.start)
        values[nodes] = join(values[nodes], sums)
