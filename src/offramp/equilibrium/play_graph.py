"""The part of a game's graph that play can change: the nodes after which somebody still decides.

All other nodes are *settled*: their values are constants of a draw, so a sweep does not visit them. An edge to a
settled node, or to the end, leads to a constant: the payment on the edge and the value after it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from offramp.equilibrium.core import Struct
from offramp.equilibrium.graph import Graph
from offramp.game.columns import by_first_use, distinct, pack

Ints = NDArray[np.int32]
Longs = NDArray[np.int64]


@dataclass(frozen=True, eq=False, repr=False)
class PlayGraph(Struct):
    """The nodes that play can change, in their order in the whole graph, as flat arrays; most names are as in `Graph`.

    A row of values belongs to a node or, after all nodes, to a constant. `edge_row`: (edges,), the row that an edge
    leads to; `edge_paid`: (edges,), the kind of payment on an edge to a node, -1 for none and for constants;
    `paid_pay`: (kinds, actors), payment rows; `group_paid`: whether a group has an edge with a payment.

    A row of reach belongs to a node in one belief system, if a mover of that system still decides after it or there:
    `reach_first`: (belief systems + 1,), each system's first row; `group_reach`: (groups,), the row of a group's first
    node in its mover's system, -1 for chance. `ways`: (rows + 1,), the first way into each row; `way_from`: the row it
    comes from; `way_slot` as in `Graph`. The root has no way in.

    Settled nodes: `settled_slot`: (settled,), the first slot of a node's odds; `settled_edge`: (settled + 1,);
    `settled_child`: (edges,), the number of settled nodes for the end; `settled_pay`: (edges, actors). Constants:
    `constant_child`: (constants,), a settled node or the end; `constant_pay`: (constants, actors).
    """

    nodes: int
    layers: int
    actors: int
    systems: int
    sets: int
    slots: int
    odds_slots: int
    most_options: int
    paid: int
    settled: int
    constants: int
    layer_actor: Ints
    layer_group: Ints
    group_node: Ints
    group_slot: Ints
    group_options: Ints
    group_edge: Longs
    group_set: Ints
    opens: NDArray[np.bool_]
    closes: NDArray[np.bool_]
    group_paid: NDArray[np.bool_]
    group_reach: Ints
    edge_row: Ints
    edge_paid: Ints
    paid_pay: Ints
    belief_of: Ints
    reach_first: Longs
    ways: Longs
    way_from: Ints
    way_slot: Ints
    settled_slot: Ints
    settled_edge: Longs
    settled_child: Ints
    settled_pay: Ints
    constant_child: Ints
    constant_pay: Ints


def play_graph(graph: Graph, nothing: int) -> PlayGraph:
    """The part of the graph that play can change; `nothing` is the payment row that is always zero, or -1."""
    end, groups = graph.nodes, len(graph.group_options)
    node_group = np.repeat(np.arange(groups), np.diff(graph.group_node))
    options = graph.group_options[node_group].astype(np.int64)
    parent = np.repeat(np.arange(end), options)
    open_ = open_nodes(graph)
    number = np.cumsum(open_) - 1
    nodes = int(open_.sum())

    kept = np.flatnonzero(open_[:end][parent])
    child = graph.edge_child[kept]
    inner = open_[child]
    kinds, kind = _distinct(graph.edge_pay[kept[inner]])
    pays = (kinds != nothing).any(axis=1)
    edge_paid = np.full(len(kept), -1, dtype=np.int32)
    edge_paid[inner] = np.where(pays[kind], np.cumsum(pays)[kind] - 1, -1)
    constants, constant = _distinct(np.column_stack([child[~inner], graph.edge_pay[kept[~inner]]]))
    edge_row = np.empty(len(kept), dtype=np.int32)
    edge_row[inner], edge_row[~inner] = number[child[inner]], nodes + constant

    sizes = np.bincount(node_group[open_[:end]], minlength=groups)
    stay = np.flatnonzero(sizes)
    edges = np.concatenate([[0], np.cumsum(sizes[stay] * graph.group_options[stay])])
    layer_of_group = np.repeat(np.arange(graph.layers), np.diff(graph.layer_group[: graph.layers + 1]))
    first_nodes = np.concatenate([[0], np.cumsum(sizes[stay])])
    paid_edges = np.concatenate([[0], np.cumsum(edge_paid >= 0)])[edges]
    reach_first, reach_rows, ways, way_from, way_slot = _reach(graph, parent, node_group)
    mover = graph.layer_actor[layer_of_group[stay]]
    group_reach = np.full(len(stay), -1, dtype=np.int32)
    moves = mover >= 0
    group_reach[moves] = reach_rows[graph.belief_of[mover[moves]], graph.group_node[stay[moves]]]

    closed = np.flatnonzero(~open_[:end])
    place = np.full(end + 1, len(closed), dtype=np.int32)
    place[closed] = np.arange(len(closed))
    settled_edges = np.flatnonzero(~open_[:end][parent])
    return PlayGraph(
        nodes=nodes,
        layers=graph.layers,
        actors=graph.actors,
        systems=graph.systems,
        sets=graph.sets,
        slots=graph.slots,
        odds_slots=graph.odds_slots,
        most_options=graph.most_options,
        paid=int(pays.sum()),
        settled=len(closed),
        constants=len(constants),
        layer_actor=graph.layer_actor[: graph.layers],
        layer_group=np.searchsorted(layer_of_group[stay], np.arange(graph.layers + 1)).astype(np.int32),
        group_node=first_nodes.astype(np.int32),
        group_slot=graph.group_slot[stay],
        group_options=graph.group_options[stay],
        group_edge=edges.astype(np.int64),
        group_set=graph.group_set[stay],
        opens=graph.opens[stay],
        closes=graph.closes[stay],
        group_paid=np.diff(paid_edges) > 0,
        group_reach=group_reach,
        edge_row=edge_row,
        edge_paid=edge_paid,
        paid_pay=np.ascontiguousarray(kinds[pays], dtype=np.int32),
        belief_of=graph.belief_of,
        reach_first=reach_first,
        ways=ways,
        way_from=way_from,
        way_slot=way_slot,
        settled_slot=graph.group_slot[node_group[closed]],
        settled_edge=np.concatenate([[0], np.cumsum(options[closed])]).astype(np.int64),
        settled_child=place[graph.edge_child[settled_edges]],
        settled_pay=np.ascontiguousarray(graph.edge_pay[settled_edges]),
        constant_child=place[constants[:, 0]],
        constant_pay=np.ascontiguousarray(constants[:, 1:], dtype=np.int32),
    )


def open_nodes(graph: Graph) -> NDArray[np.bool_]:
    """Whether somebody decides at a node or after it: (nodes + 1,)."""
    node_group = np.repeat(np.arange(graph.groups), np.diff(graph.group_node))
    parent = np.repeat(np.arange(graph.nodes), graph.group_options[node_group])
    open_ = np.append(graph.group_set[node_group] >= 0, False)
    _spread_back(graph, parent, open_)
    return open_


def _spread_back(graph: Graph, parent: Longs, marked: NDArray[np.bool_]) -> None:
    """Mark every node that leads to a marked one, in `marked`, (nodes + 1,)."""
    first_edges = np.searchsorted(parent, graph.group_node[graph.layer_group[: graph.layers + 1]])
    for layer in range(graph.layers - 1, -1, -1):
        edges = slice(first_edges[layer], first_edges[layer + 1])
        marked[parent[edges][marked[graph.edge_child[edges]]]] = True


def _reach(graph: Graph, parent: Longs, node_group: Longs) -> tuple[Longs, Ints, Longs, Ints, Ints]:
    """The rows of reach: `reach_first`, each system's rows by node, (systems, nodes + 1), and the ways into rows."""
    layer_of_group = np.repeat(np.arange(graph.layers), np.diff(graph.layer_group[: graph.layers + 1]))
    mover = graph.layer_actor[layer_of_group[node_group]]
    systems = np.where(mover >= 0, graph.belief_of[mover], -1)
    rows = np.full((graph.systems, graph.nodes + 1), -1, dtype=np.int32)
    first, ways, froms, slots, count, before = [0], [np.zeros(1, dtype=np.int64)], [], [], 0, 0
    way_to = np.repeat(np.arange(graph.nodes), np.diff(graph.ways))
    for system in range(graph.systems):
        needed = np.append(systems == system, False)
        _spread_back(graph, parent, needed)
        here = np.flatnonzero(needed)
        rows[system, here] = count + np.arange(len(here))
        into = np.flatnonzero(needed[way_to])
        froms.append(rows[system, graph.way_from[into]])
        slots.append(graph.way_slot[into])
        ends = before + np.cumsum(np.bincount(rows[system, way_to[into]] - count, minlength=len(here)))
        ways.append(ends.astype(np.int64))
        count, before = count + len(here), before + len(into)
        first.append(count)
    return (
        np.array(first, dtype=np.int64),
        rows,
        np.concatenate(ways),
        np.concatenate(froms).astype(np.int32),
        np.concatenate(slots).astype(np.int32),
    )


def _distinct(rows: NDArray[np.integer]) -> tuple[Longs, Longs]:
    """The distinct rows in the order of their first use, and each row's place among them."""
    present, key = distinct(*pack(list(rows.T), len(rows)))
    used = by_first_use(key, len(present))
    place, first = np.empty((2, len(present)), dtype=np.int64)
    place[used] = np.arange(len(used))
    first[key[::-1]] = np.arange(len(key))[::-1]  # of repeated places the last counts
    return rows[first[used]].astype(np.int64), place[key]
