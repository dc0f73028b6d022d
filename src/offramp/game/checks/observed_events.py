"""Checking that a crisis's observations are possible: some history has to agree with all of them."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from offramp.common.words import listed
from offramp.crisis.expressions.expression import SKIPPED
from offramp.crisis.faults import Fault
from offramp.crisis.model import Crisis
from offramp.crisis.observation import Facts, Observation, in_words
from offramp.game.game import CHANCE, Game

Flags = NDArray[np.bool_]


def impossible_observations(game: Game, possible: Flags) -> Iterator[Fault]:
    """The first value observed or supposed, in the order of play, with which no history agrees any more.

    `possible`: (odds slots,), whether the odds are positive.
    """
    observed = sorted(_observed(game.crisis), key=lambda entry: _layer_index(game, entry[0]))
    if _agrees(game, possible, game.crisis.facts):
        return
    known: dict[tuple[str, int], tuple[str, ...]] = {}
    for at, values, entry in observed:
        known[at] = tuple(value for value in known.get(at, values) if value in values)
        if not _agrees(game, possible, known):
            step = in_words(at)
            with_all = np.ones_like(possible)
            why = "its odds are zero there" if _agrees(game, with_all, known) else "no history has it"
            earlier = " after what was observed before it" if len(known) > 1 else ""
            value, known_by = listed(values, last="or"), "observed" if entry.date else "supposed"
            yield Fault(entry.place, f"{known_by} {step} = {value} cannot have happened{earlier}: {why}")
            return


def _observed(crisis: Crisis) -> Iterator[tuple[tuple[str, int], tuple[str, ...], Observation]]:
    for entry in (*crisis.observed, *crisis.supposed):
        for step, values in entry.values.items():
            yield (step, entry.round or 0), values, entry


def _layer_index(game: Game, at: tuple[str, int]) -> int:
    """The index of a step's layer in a round; the number of layers if the step never happens."""
    return next((n for n, layer in enumerate(game.layers) if (layer.step, layer.round) == at), len(game.layers))


def _agrees(game: Game, possible: Flags, known: Facts) -> bool:
    """Whether a history has one of the known values of each step."""
    layers = {at: _layer_index(game, at) for at in known}
    end = len(game.layers)
    if any(layers[at] == end and SKIPPED not in values for at, values in known.items()):
        return False
    passed = np.zeros(end + 1, dtype=np.int64)
    """For each layer, the number of earlier layers that play has to pass."""
    for at, values in known.items():
        if SKIPPED not in values:
            passed[layers[at] + 1 :] += 1
    starts = [int(game.group_node[layer.first_group]) for layer in game.layers]
    layer_of = np.append(np.searchsorted(starts, np.arange(game.nodes), side="right") - 1, end)
    reached = np.zeros(game.nodes + 1, dtype=bool)
    reached[game.root] = passed[layer_of[game.root]] == 0
    allowed = {layers[at]: values for at, values in known.items()}
    for number, layer in enumerate(game.layers):
        groups = np.arange(layer.first_group, layer.end_group)
        nodes = np.diff(game.group_node[layer.first_group : layer.end_group + 1])
        group = np.repeat(groups, nodes)
        options = game.group_options[group]
        parent = np.repeat(np.arange(game.group_node[layer.first_group], game.group_node[layer.end_group]), options)
        offset = np.arange(len(parent)) - np.repeat(np.cumsum(options) - options, options)
        slot = np.repeat(game.group_slot[group], options) + offset
        first = int(game.group_edge[layer.first_group])
        child = game.edge_child[first : first + len(parent)]
        open_edge = reached[parent] & (passed[layer_of[child]] - passed[number + 1] == 0)
        open_edge &= possible[slot] if layer.actor == CHANCE else True
        if number in allowed:
            option = offset if layer.actor == CHANCE else game.slot_option[slot]
            names = np.array(game.crisis.options_of(layer.step))
            open_edge &= np.isin(names, allowed[number])[option]
        reached[child[open_edge]] = True
    return bool(reached[-1])
