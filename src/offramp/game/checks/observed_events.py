"""Checking that a crisis's observations are possible: some history has to agree with all of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from offramp.crisis.expressions.expression import SKIPPED
from offramp.crisis.faults import Fault
from offramp.crisis.model import Crisis, Observation
from offramp.game.game import CHANCE, Game

Known = Mapping[tuple[str, int], str]
"""An option or `skipped`, by step and round (0 outside rounds)."""
Flags = NDArray[np.bool_]


def impossible_observations(game: Game, possible: Flags) -> Iterator[Fault]:
    """The first observed value, in the order of play, with which no history agrees any more.

    `possible`: (odds slots,), whether the odds are positive.
    """
    observed = sorted(_observed(game.crisis), key=lambda entry: _layer_index(game, entry[0]))
    if _agrees(game, possible, {at: value for at, value, _ in observed}):
        return
    known: dict[tuple[str, int], str] = {}
    for at, value, entry in observed:
        known[at] = value
        if not _agrees(game, possible, known):
            step = f"'{at[0]}'" + (f" in round {at[1]}" if at[1] else "")
            with_all = np.ones_like(possible)
            why = "its odds are zero there" if _agrees(game, with_all, known) else "no history has it"
            earlier = " after what was observed before it" if len(known) > 1 else ""
            yield Fault(entry.place, f"observed {step} = {value} cannot have happened{earlier}: {why}")
            return


def _observed(crisis: Crisis) -> Iterator[tuple[tuple[str, int], str, Observation]]:
    for entry in crisis.observed:
        for step, value in entry.values.items():
            yield (step, entry.round or 0), value, entry


def _layer_index(game: Game, at: tuple[str, int]) -> int:
    """The index of a step's layer in a round; the number of layers if the step never happens."""
    return next((n for n, layer in enumerate(game.layers) if (layer.step, layer.round) == at), len(game.layers))


def _agrees(game: Game, possible: Flags, known: Known) -> bool:
    """Whether a history has all the known values."""
    layers = {at: _layer_index(game, at) for at in known}
    end = len(game.layers)
    if any(layers[at] == end and value != SKIPPED for at, value in known.items()):
        return False
    passed = np.zeros(end + 1, dtype=np.int64)
    """For each layer, the number of earlier layers that play has to pass."""
    for at, value in known.items():
        if value != SKIPPED:
            passed[layers[at] + 1 :] += 1
    starts = [int(game.group_node[layer.first_group]) for layer in game.layers]
    layer_of = np.append(np.searchsorted(starts, np.arange(game.nodes), side="right") - 1, end)
    reached = np.zeros(game.nodes + 1, dtype=bool)
    reached[game.root] = passed[layer_of[game.root]] == 0
    values = {layers[at]: value for at, value in known.items()}
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
        if number in values:
            option = offset if layer.actor == CHANCE else game.slot_option[slot]
            names = game.crisis.options_of(layer.step)
            open_edge &= option == (names.index(values[number]) if values[number] != SKIPPED else -1)
        reached[child[open_edge]] = True
    return bool(reached[-1])
