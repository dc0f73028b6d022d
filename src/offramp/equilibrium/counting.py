"""What the edges of a game count for when probabilities along them are added up, as the core takes it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from offramp.equilibrium.core import Struct
from offramp.equilibrium.structure import structure_of
from offramp.game.edges import edges_of
from offramp.game.game import Game, PayoffSums, PayoffTerms

Ids = NDArray[np.int32]
Kind = Literal["endings", "options", "reached", "terms"]

NO_IDS: Ids = np.zeros(0, dtype=np.int32)


@dataclass(frozen=True, eq=False, repr=False)
class AllEdges(Struct):
    """A game's edges, in the order of its layers, as the core takes them.

    `source`, `child`: the nodes between which an edge leads; `share`: the place of its probability in the profile or,
    inverted (`~share`), in the odds.
    """

    edges: int
    nodes: int
    source: Ids
    child: Ids
    share: Ids


@dataclass(frozen=True, eq=False, repr=False)
class Counted(Struct):
    """What edges count for, as the core takes it.

    `row`: (kinds, edges), the row of each kind for which an edge counts, or -1; `begins`: (kinds,), the row for which
    the beginning of play counts, or -1. Rows from `first_sum` on, in number `sums`, may be sums of two rows, `left` and
    `right`, (sums,), counted from there. `shown`: the rows that are wanted, rising.
    """

    kinds: int
    rows: int
    shown_rows: int
    first_sum: int
    sums: int
    row: Ids
    begins: Ids
    left: Ids
    right: Ids
    shown: Ids


_EDGES: WeakKeyDictionary[Game, AllEdges] = WeakKeyDictionary()
_COUNTED: WeakKeyDictionary[Game, dict[tuple[Kind, ...], tuple[Counted, list[int]]]] = WeakKeyDictionary()


def all_edges(game: Game) -> AllEdges:
    """The edges of a game; cached as long as the game exists."""
    if game not in _EDGES:
        edges = edges_of(game)
        share = np.where(edges.info_set < 0, ~edges.slot, edges.slot)
        _EDGES[game] = AllEdges(len(edges.child), game.nodes, edges.parent, edges.child, share)
    return _EDGES[game]


def counted_for(game: Game, kinds: tuple[Kind, ...]) -> tuple[Counted, list[int]]:
    """What edges count for in some kinds, and the places of each kind's first row that is shown, and of their end.

    Cached as long as the game exists.
    """
    known = _COUNTED.setdefault(game, {})
    if kinds not in known:
        known[kinds] = _counted(game, kinds)
    return known[kinds]


def _counted(game: Game, kinds: tuple[Kind, ...]) -> tuple[Counted, list[int]]:
    structure, rows, first = structure_of(game), 0, [0]
    row = np.empty((len(kinds), len(game.edge_child)), dtype=np.int32)
    begins, shown = np.full(len(kinds), -1, dtype=np.int32), []
    first_sum, left, right = 0, NO_IDS, NO_IDS
    for place, kind in enumerate(kinds):
        of_edge, count, at_once = _rows(game, kind)
        row[place] = np.where(of_edge < 0, -1, of_edge + rows)
        begins[place] = -1 if at_once < 0 else at_once + rows
        wanted = np.arange(count)
        if kind == "terms":
            first_sum, left, right = rows, structure.payoff_left, structure.payoff_right
            wanted = np.concatenate([NO_IDS, *(np.arange(span.start, span.stop) for _, _, span in term_payoffs(game))])
        shown.append(wanted + rows)
        first.append(first[-1] + len(wanted))
        rows += count
    places = np.concatenate([NO_IDS, *shown]).astype(np.int32)
    return Counted(len(kinds), rows, first[-1], first_sum, len(left), row, begins, left, right, places), first


def _rows(game: Game, kind: Kind) -> tuple[Ids, int, int]:
    """The row for which each edge counts, or -1, the number of rows, and that for which the beginning counts."""
    edges = edges_of(game)
    if kind == "endings":
        of_payoff = ending_of_payoffs(game)
        return of_payoff[game.edge_payoff], len(game.crisis.endings), int(of_payoff[game.root_payoff])
    if kind == "options":
        first = first_options(game)
        return (edges.option + first[edges.layer]).astype(np.int32), int(first[-1]), -1
    if kind == "reached":
        return edges.info_set, game.size.information_sets, -1
    return game.edge_payoff, game.payoff_count, game.root_payoff


def first_options(game: Game) -> NDArray[np.int64]:
    """The number of options in all layers before each layer, and in all: (layers + 1,)."""
    return np.cumsum([0, *(len(game.crisis.options_of(layer.step)) for layer in game.layers)])


def term_payoffs(game: Game) -> Iterator[tuple[int, int, slice]]:
    """Payoffs that pay one term, rising: their position in `Game.payoff_entries`, the term, and the payoffs."""
    for position, entries in enumerate(game.payoff_entries):
        if isinstance(entries, PayoffTerms) and entries.term is not None:
            yield position, entries.term, slice(entries.first, entries.first + entries.contexts.count)


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
