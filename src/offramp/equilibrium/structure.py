"""The game's arrays for the compiled loops."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from offramp.equilibrium.graph import Graph
from offramp.equilibrium.play_graph import PlayGraph, open_nodes, play_graph
from offramp.equilibrium.sweep_plan import SweepPlan, sweep_plan
from offramp.game.columns import by_first_use
from offramp.game.edges import Edges, edges_of, share_edges
from offramp.game.game import CHANCE, Game, PayoffTerms

Array = NDArray[np.float64]
Values = TypeVar("Values", bound=np.generic)

UNDERFLOW = 1e-280
"""Reach below which the weights within an information set may have lost digits: logarithms are needed."""

RULES = ("logit", "probit", "private")
"""The choice rules' names in a crisis file, by number (`core/choice_rules.hpp`)."""
LOGIT, PROBIT, PRIVATE = range(len(RULES))


@dataclass(frozen=True, eq=False, repr=False)
class Payments:
    """Payment rows: amounts of one actor's payoff terms in their contexts, and sums of two earlier rows.

    `first`: by position in `Game.payoff_entries`, the row of the first context; `left`, `right`: (rows,), the parts
    of a row that is a sum, else 0; `on_edges`: the rows that edges pay.
    """

    first: dict[int, int]
    left: NDArray[np.int32]
    right: NDArray[np.int32]
    on_edges: NDArray[np.int32]


@dataclass(frozen=True, eq=False, repr=False)
class Structure:
    """A game's graph, with everything that does not depend on the draw.

    `payoff_left`, `payoff_right`: (payoffs,), the parts of a payoff that is a sum, else 0. `movers`, `options`:
    (information sets,), the actor and the number of options; `first_slots`: the set's first slot in a profile.
    """

    graph: Graph
    payments: Payments
    edge_payoff: NDArray[np.int32]
    root_payoff: int
    payoff_left: NDArray[np.int32]
    payoff_right: NDArray[np.int32]
    movers: NDArray[np.int64]
    options: NDArray[np.int64]
    first_slots: NDArray[np.int64]

    @cached_property
    def open_nodes(self) -> NDArray[np.bool_]:
        """Whether somebody decides at a node or after it: (nodes + 1,)."""
        return open_nodes(self.graph)

    @cached_property
    def play(self) -> PlayGraph:
        """The part of the graph that play can change."""
        nothing = np.flatnonzero(self.payments.on_edges == 0)
        return play_graph(self.graph, int(nothing[0]) if len(nothing) else -1)

    @cached_property
    def plan(self) -> SweepPlan:
        """How sweeps pass that part."""
        return sweep_plan(self.play)

    @property
    def slots(self) -> int:
        """The length of a profile."""
        return self.graph.slots

    @cached_property
    def perfect_information(self) -> bool:
        """Whether every information set is a single node; then one sweep is exact and the equilibrium is unique."""
        sizes = np.diff(self.graph.group_node)[self.graph.group_set >= 0]
        return bool((sizes == 1).all()) and len(sizes) == len(self.movers)

    @property
    def rules(self) -> NDArray[np.int32]:
        """Each actor's choice rule, (actors,), by number in `RULES`."""
        return self.graph.rules

    @property
    def only_logit(self) -> bool:
        """Whether every actor's choice rule is logit."""
        return not self.rules.any()

    @cached_property
    def last_layers(self) -> NDArray[np.int64]:
        """The number of layers up to the last information set of several nodes in each belief system, or 0."""
        graph = self.graph
        sizes = np.zeros(len(self.movers), dtype=np.int64)
        moves = graph.group_set >= 0
        np.add.at(sizes, graph.group_set[moves], np.diff(graph.group_node)[moves])
        last = np.zeros(len(graph.until), dtype=np.int64)
        for layer, mover in enumerate(graph.layer_actor):
            groups = slice(graph.layer_group[layer], graph.layer_group[layer + 1])
            if mover >= 0 and (sizes[graph.group_set[groups]] > 1).any():
                last[graph.belief_of[mover]] = layer + 1
        return last

    def over_options(self, values: NDArray[Values]) -> NDArray[Values]:
        """One value for each information set, repeated for each of its options."""
        return np.repeat(values, self.options, axis=0)

    def uniform(self, draws: int) -> Array:
        """The profile in which every option is equally likely: (slots, draws)."""
        return np.repeat(self.over_options(1.0 / self.options)[:, None], draws, axis=1)


_KNOWN: WeakKeyDictionary[Game, Structure] = WeakKeyDictionary()


def structure_of(game: Game) -> Structure:
    """The game's arrays for the compiled loops; cached as long as the game exists."""
    if game not in _KNOWN:
        _KNOWN[game] = _structure(game)
    return _KNOWN[game]


def share_structure(game: Game, other: Game) -> None:
    """Let a game have the arrays of another one with the same graph."""
    _KNOWN[game] = structure_of(other)
    share_edges(game, other)
    if game.measured is not None and other.measured is not None:
        share_structure(game.measured, other.measured)


def _structure(game: Game) -> Structure:
    edges, groups = edges_of(game), len(game.group_options)
    layer_actor = np.array([layer.actor for layer in game.layers], dtype=np.int32)
    moves = np.flatnonzero(edges.group_set >= 0)
    sets = edges.group_set[moves]
    sample = moves[np.unique(sets, return_index=True)[1]]
    opens, closes = np.zeros(groups, dtype=bool), np.zeros(groups, dtype=bool)
    closes[sample] = True
    opens[moves[len(moves) - 1 - np.unique(sets[::-1], return_index=True)[1]]] = True
    belief_of = [1 + game.believers.index(actor) if actor in game.believers else 0 for actor in game.actors]
    until = np.zeros(1 + len(game.believers), dtype=np.int64)
    for layer in game.layers:
        if layer.actor != CHANCE:
            until[belief_of[layer.actor]] = game.group_node[layer.end_group]
    payments, edge_pay, root_pay = _payments(game)
    payoff_left, payoff_right = np.zeros((2, game.payoff_count), dtype=np.int32)
    for entries in game.payoff_entries:
        if not isinstance(entries, PayoffTerms):
            payoff_left[entries.first : entries.first + len(entries.left)] = entries.left
            payoff_right[entries.first : entries.first + len(entries.right)] = entries.right
    ways, way_from, way_slot = _ways_in(game.nodes, edges)
    graph = Graph(
        root=game.root,
        nodes=game.nodes,
        layer_actor=layer_actor,
        layer_group=np.array([*(layer.first_group for layer in game.layers), groups], dtype=np.int32),
        group_node=game.group_node,
        group_slot=game.group_slot,
        group_options=game.group_options,
        group_edge=game.group_edge,
        group_set=edges.group_set,
        opens=opens,
        closes=closes,
        edge_child=game.edge_child,
        edge_pay=edge_pay,
        root_pay=root_pay,
        ways=ways,
        way_from=way_from,
        way_slot=way_slot,
        belief_of=np.array(belief_of, dtype=np.int32),
        until=until,
        rules=np.array([RULES.index(actor.choice) for actor in game.crisis.actors.values()], dtype=np.int32),
        layers=len(game.layers),
        groups=groups,
        edges=len(game.edge_child),
        actors=len(game.actors),
        systems=len(until),
        sets=len(sample),
        slots=game.slots,
        odds_slots=game.odds_slots,
        most_options=int(game.group_options.max(initial=1)),
    )
    return Structure(
        graph=graph,
        payments=payments,
        edge_payoff=game.edge_payoff,
        root_payoff=game.root_payoff,
        payoff_left=payoff_left,
        payoff_right=payoff_right,
        movers=layer_actor[edges.node_layer[game.group_node[sample]]].astype(np.int64),
        options=game.group_options[sample].astype(np.int64),
        first_slots=game.group_slot[sample].astype(np.int64),
    )


def _ways_in(nodes: int, edges: Edges) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.int32]]:
    """Every node's ways in: `ways`, `way_from` and `way_slot` of `Graph`."""
    slot = np.where(edges.info_set < 0, ~edges.slot, edges.slot)
    order = np.argsort(edges.child, kind="stable")
    order = order[: np.count_nonzero(edges.child < nodes)]
    ways = np.searchsorted(edges.child[order], np.arange(nodes + 1))
    return ways.astype(np.int64), edges.parent[order], slot[order]


def _payments(game: Game) -> tuple[Payments, NDArray[np.int32], NDArray[np.int32]]:
    """The payment rows, and the row that each edge, (edges, actors), and the root, (actors,), pays each actor.

    Payoffs are split by actor, so payoffs that differ only for other actors share a row, and sums of the same parts
    are one row: thousands of payoffs take a few hundred rows, which fit in the processor's cache.
    """
    first: dict[int, int] = {}
    lefts, rights = [np.zeros(1, dtype=np.int64)], [np.zeros(1, dtype=np.int64)]
    row_of = np.zeros((game.payoff_count, len(game.actors)), dtype=np.int64)
    count = 1
    for actor, name in enumerate(game.actors):
        rows = row_of[:, actor]
        for position, entries in enumerate(game.payoff_entries):
            if isinstance(entries, PayoffTerms):
                if entries.term is None or game.crisis.terms[entries.term].actor != name:
                    continue
                first[position] = count
                rows[entries.first : entries.first + entries.contexts.count] = count + np.arange(entries.contexts.count)
                left = right = np.zeros(entries.contexts.count, dtype=np.int64)
            else:
                left, right = rows[entries.left], rows[entries.right]
                both = (left > 0) & (right > 0)
                total = np.maximum(left, right)
                pairs, inverse = np.unique(left[both] * count + right[both], return_inverse=True)
                total[both] = count + inverse
                rows[entries.first : entries.first + len(total)] = total
                left, right = pairs // count, pairs % count
            lefts.append(left)
            rights.append(right)
            count += len(left)
    payoffs = by_first_use(np.append(game.edge_payoff, np.int32(game.root_payoff)), game.payoff_count)
    used = by_first_use(row_of[payoffs].ravel(), count)
    place_of = np.zeros(count, dtype=np.int32)
    place_of[used] = np.arange(len(used), dtype=np.int32)
    places = place_of[row_of]
    payments = Payments(
        first,
        np.concatenate(lefts).astype(np.int32),
        np.concatenate(rights).astype(np.int32),
        used.astype(np.int32),
    )
    return payments, places[game.edge_payoff], places[game.root_payoff]


def log_probabilities(structure: Structure, logit: Array) -> Array:
    """Logits as logarithms of choice probabilities, along the first axis."""
    best = np.maximum.reduceat(logit, structure.first_slots, axis=0)
    relative = logit - structure.over_options(best)
    total = np.add.reduceat(np.exp(relative), structure.first_slots, axis=0)
    return np.asarray(relative - structure.over_options(np.log(total)))
