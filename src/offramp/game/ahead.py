"""The game ahead: a game from now on, as chance with given odds up to now and as a game of its own after it.

Every play of the game is a play of the game ahead, with the same endings, so that actors learn of each other from what
was played. Only the moves ahead are choices, and only what is still to be paid is paid.
"""

from __future__ import annotations

from dataclasses import replace
from weakref import WeakKeyDictionary

import numpy as np

from offramp.game.game import CHANCE, Game

_AHEAD: WeakKeyDictionary[Game, Game] = WeakKeyDictionary()


def game_ahead(game: Game) -> Game:
    """The game ahead of a game as of now; cached as long as the game exists.

    Its odds slots are those of the game, followed by one for each slot of the profile up to now. Its tables of odds are
    those of chance steps ahead: whoever solves it fills in the odds up to now. Its profile is that of the moves ahead.
    """
    if game not in _AHEAD:
        _AHEAD[game] = _ahead(game)
    return _AHEAD[game]


def _ahead(game: Game) -> Game:
    moves = np.zeros(len(game.group_options), dtype=bool)
    for layer in game.layers:
        moves[layer.first_group : layer.end_group] = layer.actor != CHANCE
    shift = np.where(np.arange(len(moves)) < game.past_groups, game.odds_slots, -game.past_slots)
    slots = game.group_slot.copy()
    slots[:-1] += np.where(moves, shift, 0).astype(np.int32)
    slots[-1] -= game.past_slots
    return replace(
        game,
        layers=tuple(
            replace(layer, actor=CHANCE) if place < game.past else layer for place, layer in enumerate(game.layers)
        ),
        group_slot=slots,
        slots=game.slots - game.past_slots,
        slot_option=game.slot_option[game.past_slots :],
        odds=tuple(table for table in game.odds if table.first_slot >= game.past_odds_slots),
        odds_slots=game.odds_slots + game.past_slots,
        payoff_entries=tuple(entries for place, entries in enumerate(game.payoff_entries) if place not in game.paid),
        measured=None,
        memories={place: memory for place, memory in game.memories.items() if place >= game.past},
    )
