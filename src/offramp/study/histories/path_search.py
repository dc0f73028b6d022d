"""The search for the likeliest paths: best first, so that the paths found are the likeliest."""

from __future__ import annotations

import heapq
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import count

import numpy as np
from numpy.typing import NDArray

from offramp.equilibrium.conditioning import hidden_steps
from offramp.game.game import CHANCE, Game
from offramp.study.histories.plays import Plays

Array = NDArray[np.float64]

EXPANSIONS = 20_000
"""A search for paths gives up after extending this many beginnings of paths."""

Step = tuple[str, int, str]
"""A step's name, its round (0 outside rounds), and its value."""


@dataclass(frozen=True)
class Circumstance:
    """A value of a step over which paths are summed, given that it is made: how likely it is, and given a path."""

    step: str
    value: str
    before: float
    given: float


@dataclass(frozen=True)
class Path:
    """One path of the crisis; steps that do not occur are left out.

    `probability`: of the path, together with the ending if it is a path to one; `endings`: given the path.
    """

    steps: tuple[Step, ...]
    probability: float
    endings: Mapping[str, float]
    circumstances: tuple[Circumstance, ...] = ()


def circumstances(game: Game) -> tuple[int, ...]:
    """The layers over which paths are summed: those up to now or, from the outset, hidden chance before any move."""
    if game.past:
        return tuple(range(game.past))
    first_move = next((place for place, layer in enumerate(game.layers) if layer.actor != CHANCE), len(game.layers))
    return tuple(place for place in hidden_steps(game) if place < first_move)


def likeliest_paths(plays: Plays, ending: int | None, top: int) -> tuple[list[Path], bool]:
    """The likeliest paths, likeliest first, and whether the search found as many as there are to show.

    Best-first search (Hart, Nilsson & Raphael 1968) over beginnings of paths. The probability of a beginning, together
    with the ending, is at least the probability of every path that begins so. So the first whole path to leave the
    queue is the likeliest path not found yet.

    Parameters
    ----------
    plays
        A draw's play.
    ending
        The ending to which the paths lead, by index in `Plays.endings`; None for all paths.
    top
        How many paths.
    """
    summed = frozenset(circumstances(plays.game))
    end, order = len(plays.game.layers), count()
    queue: list[tuple[float, int, tuple[Step, ...], NDArray[np.int64], Array]] = []

    def enter(steps: tuple[Step, ...], nodes: NDArray[np.int64], weight: Array) -> None:
        reached = plays.destined(nodes, weight).sum(axis=0)
        bound = float(reached.sum() if ending is None else reached[ending])
        if bound > 0.0:
            heapq.heappush(queue, (-bound, next(order), steps, nodes, weight))

    enter((), np.array([plays.game.root]), plays.begin()[None])
    paths_: list[Path] = []
    expansions = 0
    while queue and len(paths_) < top:
        probability, _, steps, nodes, weight = heapq.heappop(queue)
        layer = int(plays.edges.node_layer[nodes].min())
        if layer == end:
            destined = weight[:, :-1].sum(axis=0)
            odds = dict(zip(plays.endings, map(float, destined / destined.sum()), strict=True))
            paths_.append(Path(steps, -probability, odds))
            continue
        if expansions == EXPANSIONS:
            return paths_, False
        expansions += 1
        for value, onward, carried in _carried(plays, layer, nodes, weight, layer in summed):
            made = plays.game.layers[layer]
            enter(steps if value is None else (*steps, (made.step, made.round, value)), onward, carried)
    return paths_, True


def _carried(
    plays: Plays, layer: int, nodes: NDArray[np.int64], weight: Array, summed: bool
) -> list[tuple[str | None, NDArray[np.int64], Array]]:
    """Weights at nodes carried past a layer, by value; None if the step does not occur or is summed over."""
    here = plays.edges.node_layer[nodes] == layer
    edges, source = plays.edges.of_nodes(nodes[here])
    carried = plays.along(edges, weight[here][source])
    child, option_of = plays.edges.child[edges], plays.edges.option[edges]
    past = nodes[~here], weight[~here]
    if summed:
        return [(None, *_merged(np.append(child, past[0]), np.concatenate([carried, past[1]])))]
    names = plays.game.crisis.options_of(plays.game.layers[layer].step)
    by_value: list[tuple[str | None, NDArray[np.int64], Array]] = []
    for option in np.unique(option_of):
        taken = option_of == option
        by_value.append((names[option], *_merged(child[taken], carried[taken])))
    return [*by_value, (None, *past)] if len(past[0]) else by_value


def _merged(nodes: NDArray[np.int64], weight: Array) -> tuple[NDArray[np.int64], Array]:
    """Weights of the same node added up."""
    kept, place = np.unique(nodes, return_inverse=True)
    total = np.zeros((len(kept), weight.shape[1]))
    np.add.at(total, place, weight)
    return kept, total
