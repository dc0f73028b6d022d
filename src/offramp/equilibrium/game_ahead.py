"""The game ahead: a game from now on, after one chance event that stands for all that was played up to now.

The event leads to every node at which play can come out of the past, with the odds, in each belief system, with which
it does. So what follows is as in the whole game: beliefs at moves ahead are those of full reach through the past. What
was paid up to now, and what is paid on the way out of the past, changes no choice and is left out.

Given what is known, most of the game ahead may not matter. It falls into parts that share no information set and no
play ahead; only the parts to which play can still come, given what is known, are needed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from offramp.equilibrium.conditioning import from_root, reached_on_edges, shares_of
from offramp.game.agreement import Open, reached_nodes
from offramp.game.edges import edges_of
from offramp.game.game import CHANCE, Game, Layer
from offramp.game.tables import SMALLEST

Array = NDArray[np.float64]
Ids = NDArray[np.int64]

_AHEAD: dict[bool, WeakKeyDictionary[Game, GameAhead]] = {False: WeakKeyDictionary(), True: WeakKeyDictionary()}


@dataclass(frozen=True, eq=False)
class GameAhead:
    """A game ahead, and how it lies in the whole game.

    `slots`: (its slots), their places in the whole game's profile. `entries`: the whole game's nodes at which play
    comes out of the past, one for each option of the first event. The odds slots are those of the whole game, of which
    those of the past are not used, and one for each entry.
    """

    game: Game
    slots: Ids
    entries: Ids


def game_ahead(game: Game, known: Open | None) -> GameAhead:
    """The game ahead of a game as of now; cached as long as the game exists.

    `known`: (edges,), the edges of plays that agree with the facts, for the parts that they leave open; None for all.
    """
    cache = _AHEAD[known is None]
    if game not in cache:
        cache[game] = _built(game, _kept(game, known))
    return cache[game]


def entry_odds(game: Game, entries: Ids, odds: Array, choice: Array) -> Array:
    """The probability, in each belief system, with which play comes out of the past at each entry.

    `odds`: (belief systems, odds slots, draws); `choice`: (slots up to now, draws). The result is (belief systems,
    entries, draws); a probability that underflows stays positive.
    """
    past = edges_of(game).layer < game.past

    def reached(of: Array, profile: Array) -> Array:
        return reached_on_edges(game, past, shares_of(profile, of), from_root(game), entries)

    found = np.array([reached(of, choice) for of in odds])
    if not (found > 0.0).all():
        possible = reached((odds[0] > 0.0).astype(np.float64), np.ones_like(choice)) > 0.0
        found = np.where(possible, np.maximum(found, SMALLEST), 0.0)
    return found


def _kept(game: Game, known: Open | None) -> NDArray[np.bool_]:
    """The nodes ahead that are needed: (nodes,)."""
    first = int(game.group_node[game.past_groups])
    kept = np.arange(game.nodes) >= first
    if known is None:
        return kept
    kept &= reached_nodes(game, known)[:-1]
    edges = edges_of(game)
    info_set = edges.group_set[edges.node_group]
    inner = (edges.parent >= first) & (edges.child < game.nodes)
    from_, to = edges.parent[inner], edges.child[inner]
    before = -1
    while (count := int(kept.sum())) != before:
        before = count
        kept |= np.isin(info_set, np.unique(info_set[kept & (info_set >= 0)]))
        for _ in range(len(game.layers) - game.past):
            kept[to[kept[from_]]] = True
            kept[from_[kept[to]]] = True
    return kept


def _built(game: Game, kept: NDArray[np.bool_]) -> GameAhead:
    every = edges_of(game)
    past = every.parent < int(game.group_node[game.past_groups])
    nodes = np.flatnonzero(kept)
    entries = np.intersect1d(np.append(game.edge_child[past], game.root), nodes)
    if not len(entries):
        entries = np.array([game.nodes])
    number = np.zeros(game.nodes + 1, dtype=np.int32)
    number[nodes], number[-1] = 1 + np.arange(len(nodes)), 1 + len(nodes)
    groups, sizes = np.unique(every.node_group[nodes], return_counts=True)
    options, moves = game.group_options[groups], every.group_set[groups] >= 0
    starts = np.cumsum(np.where(moves, options, 0)) - np.where(moves, options, 0)
    slots = np.concatenate(
        [
            np.zeros(0, dtype=np.int64),
            *(game.group_slot[group] + np.arange(game.group_options[group]) for group in groups[moves]),
        ]
    )
    edges = kept[every.parent]
    layers = [Layer("", 0, CHANCE, 0, 1)]
    for layer in game.layers[game.past :]:
        begin, end = 1 + np.searchsorted(groups, [layer.first_group, layer.end_group])
        if begin < end:
            layers.append(replace(layer, first_group=int(begin), end_group=int(end)))
    ahead = replace(
        game,
        layers=tuple(layers),
        group_node=np.cumsum([0, 1, *sizes]).astype(np.int32),
        group_slot=np.array(
            [game.odds_slots, *np.where(moves, starts, game.group_slot[groups]), len(slots)], dtype=np.int32
        ),
        group_options=np.array([len(entries), *options], dtype=np.int32),
        group_edge=np.cumsum([0, len(entries), *(sizes * options)]).astype(np.int64),
        edge_child=number[np.concatenate([entries, game.edge_child[edges]])],
        edge_payoff=np.concatenate([np.zeros(len(entries), dtype=np.int32), game.edge_payoff[edges]]),
        root=0,
        root_payoff=0,
        slots=len(slots),
        slot_option=game.slot_option[slots],
        odds=tuple(table for table in game.odds if table.first_slot >= game.past_odds_slots),
        odds_slots=game.odds_slots + len(entries),
        payoff_entries=tuple(entries_ for place, entries_ in enumerate(game.payoff_entries) if place not in game.paid),
        known_after={},
        measured=None,
        memories={},
    )
    return GameAhead(ahead, slots, entries)
