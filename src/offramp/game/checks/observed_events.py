"""Checking that a crisis's observations are possible: some history has to agree with all of them."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from offramp.common.words import listed
from offramp.crisis.faults import Fault
from offramp.crisis.model import Crisis
from offramp.crisis.names import names_of
from offramp.crisis.observation import Facts, Observation, in_words
from offramp.game.agreement import consistent_edges, layer_of, reached_nodes
from offramp.game.edges import edges_of
from offramp.game.game import Game

Flags = NDArray[np.bool_]


def impossible_observations(game: Game, possible: Flags) -> Iterator[Fault]:
    """The first value observed or supposed, in the order of play, with which no history agrees any more.

    `possible`: (odds slots,), whether the odds are positive.
    """
    observed = sorted(_observed(game.crisis), key=lambda entry: _order(game, entry[0]))
    if _agrees(game, possible, game.crisis.facts):
        return
    known: dict[tuple[str, int], tuple[str, ...]] = {}
    for at, values, entry in observed:
        known[at] = tuple(value for value in known.get(at, values) if value in values)
        if not _agrees(game, possible, known):
            with_all = np.ones_like(possible)
            why = "its odds are zero there" if _agrees(game, with_all, known) else "no history has it"
            earlier = " after what was observed before it" if len(known) > 1 else ""
            what = f"observed {in_words(at)} = {listed(values, last='or')}"
            if entry.date is None:
                what = f"what is supposed, {names_of(game.crisis).known(*at, values)},"
            yield Fault(entry.place, f"{what} cannot have happened{earlier}: {why}")
            return


def _observed(crisis: Crisis) -> Iterator[tuple[tuple[str, int], tuple[str, ...], Observation]]:
    for entry in (*crisis.observed, *crisis.supposed):
        for step, values in entry.values.items():
            yield (step, entry.round or 0), values, entry


def _order(game: Game, at: tuple[str, int]) -> int:
    """The index of a step's layer in a round; the number of layers if the step never happens."""
    layer = layer_of(game, *at)
    return len(game.layers) if layer is None else layer


def _agrees(game: Game, possible: Flags, known: Facts) -> bool:
    """Whether a history has one of the known values of each step."""
    open_edge = consistent_edges(game, known)
    if open_edge is None:
        return False
    edges = edges_of(game)
    chance = np.flatnonzero(edges.info_set < 0)
    open_edge[chance] &= possible[edges.slot[chance]]
    return bool(reached_nodes(game, open_edge)[-1])
