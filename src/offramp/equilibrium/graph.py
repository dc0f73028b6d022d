"""A game's graph as flat arrays, as the compiled core takes it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from offramp.equilibrium.core import Struct


@dataclass(frozen=True, eq=False, repr=False)
class Graph(Struct):
    """A game's graph as flat arrays; `layer_actor` is -1 for chance, other names are as in `Game`.

    `group_set`: (groups,), the information set, or -1. Most sets are one group. A set that does not fit into a single
    layer has several groups; in the order of a backward pass one `opens` it and one `closes` it.
    `edge_pay`: (edges, actors), the payment row for each actor; `root_pay`: (actors,).
    `ways`: (nodes + 1,), the first way into each node; for each way, `way_from` is the node it comes from and
    `way_slot` its slot in the profile or, inverted (`~slot`), in the odds. `belief_of`: (actors,), each actor's belief
    system; `until`: (belief systems,), the nodes up to the last move that uses the system. `rules`: (actors,), each
    actor's choice rule, by number in `RULES`.
    """

    root: int
    nodes: int
    layer_actor: NDArray[np.int32]
    layer_group: NDArray[np.int32]
    group_node: NDArray[np.int32]
    group_slot: NDArray[np.int32]
    group_options: NDArray[np.int32]
    group_edge: NDArray[np.int64]
    group_set: NDArray[np.int32]
    opens: NDArray[np.bool_]
    closes: NDArray[np.bool_]
    edge_child: NDArray[np.int32]
    edge_pay: NDArray[np.int32]
    root_pay: NDArray[np.int32]
    ways: NDArray[np.int64]
    way_from: NDArray[np.int32]
    way_slot: NDArray[np.int32]
    belief_of: NDArray[np.int32]
    until: NDArray[np.int64]
    rules: NDArray[np.int32]
    layers: int
    groups: int
    edges: int
    actors: int
    systems: int
    sets: int
    slots: int
    odds_slots: int
    most_options: int
