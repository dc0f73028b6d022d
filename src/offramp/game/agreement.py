"""Which edges of a game agree with known facts.

A layer is one step in one round, and a node's children lie in later layers. So a known fact about a step closes some
edges, and play agrees with the facts if it takes only open edges.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from offramp.crisis.expressions.expression import SKIPPED
from offramp.game.edges import Edges, Flags, Values, carry_backward, carry_forward, edges_of
from offramp.game.game import Game

Open = NDArray[np.bool_]
"""(edges,): whether play may take each edge."""


def layer_of(game: Game, step: str, round_: int) -> int | None:
    """The index of the layer of a step in a round (0 outside rounds), or None if no play comes to it."""
    for index, layer in enumerate(game.layers):
        if (layer.step, layer.round) == (step, round_):
            return index
    return None


def consistent_edges(game: Game, known: Mapping[tuple[str, int], tuple[str, ...]]) -> Open | None:
    """The edges on which play agrees with known facts.

    `known`: by step and round (0 outside rounds), the values, options or `skipped`, one of which the step took.
    Returns None if no play can agree.
    """
    edges = edges_of(game)
    open_edge = np.ones(len(edges.child), dtype=bool)
    for (step, round_), values in known.items():
        layer = layer_of(game, step, round_)
        in_layer = edges.layer == layer if layer is not None else np.zeros(len(open_edge), dtype=bool)
        open_edge &= ~in_layer | np.isin(np.array(game.crisis.options_of(step)), values)[edges.option * in_layer]
        if SKIPPED in values:
            continue
        if layer is None or edges.node_layer[game.root] > layer:
            return None
        open_edge &= _coming_to(edges, layer)
    return np.asarray(open_edge)


def edges_through(game: Game, info_set: int) -> Open:
    """The edges of plays that pass through an information set."""
    edges = edges_of(game)
    in_set = edges.info_set == info_set
    layer = int(edges.layer[in_set][0])
    return np.asarray(_coming_to(edges, layer) & ((edges.layer != layer) | in_set))


def _coming_to(edges: Edges, layer: int) -> Open:
    """The edges that do not lead past a layer: play on them comes to it."""
    return np.asarray((edges.layer >= layer) | (edges.leads_to <= layer))


def reached_nodes(game: Game, open_edge: Open) -> Flags:
    """The nodes that play from the root comes to on open edges: (nodes + 1,)."""
    reached = np.zeros(game.nodes + 1, dtype=bool)
    reached[game.root] = True
    carry_forward(edges_of(game), reached, lambda here, came: came & open_edge[here], np.logical_or)
    return reached


def on_open_plays(game: Game, open_edge: Open) -> Open:
    """The open edges that lie on a play made of open edges only, from the root to the end.

    Results are the same with these edges; the loops skip nodes that play cannot reach.
    """

    def onward(here: slice, ends: Values) -> Flags:
        return np.asarray(ends & open_edge[here])

    edges, ends = edges_of(game), np.zeros(game.nodes + 1, dtype=bool)
    ends[-1] = True
    carry_backward(edges, ends, onward, np.logical_or)
    return np.asarray(open_edge & reached_nodes(game, open_edge)[edges.parent] & ends[edges.child])
