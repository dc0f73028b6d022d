"""The order in which the nodes of a tree are played: each node's level is above those of its predecessors.

In a timeable game all nodes of an information set have one level. If two sets each come before the other on some
play (Jakobsen, Sorensen & Conitzer 2016, "Timeability of extensive-form games"), their nodes have separate levels.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from offramp.common.words import listed, quoted
from offramp.gambit.part_names import PartNames
from offramp.gambit.tree import CHANCE_PLAYER, NONE, Tree

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Timing:
    """`level`: (nodes,), from 0, `NONE` at terminal nodes; `untimed`: the sets whose nodes have separate levels."""

    level: Ints
    untimed: tuple[int, ...]


def timing_of(tree: Tree) -> Timing:
    """The earliest level of every node; a set's level is one more than the highest level that leads to it.

    Chance nodes get levels one by one. No play may pass a set twice.
    """
    inner = np.flatnonzero(tree.node_set != NONE)
    player = np.array([entry.player for entry in tree.sets], dtype=np.int64)
    alone = np.array(player == CHANCE_PLAYER)
    level = _levels(tree, inner, alone)
    untimed: Ints = np.zeros(0, dtype=np.int64)
    if level is None:
        untimed = _in_cycles(tree, inner, alone)
        alone[untimed] = True
        level = _levels(tree, inner, alone)
        assert level is not None
    of_node = np.full(tree.nodes, NONE, dtype=np.int64)
    of_node[inner] = level
    return Timing(of_node, tuple(untimed.tolist()))


def timing_notes(names: PartNames, timing: Timing) -> tuple[str, ...]:
    """A sentence if the game is not timeable."""
    if not timing.untimed:
        return ()
    sets = listed((quoted(names.sets[index]) for index in timing.untimed), 4)
    return (f"not timeable: each of {sets} comes before another of them on some play; solved all the same",)


def _units(tree: Tree, inner: Ints, alone: NDArray[np.bool_]) -> tuple[Ints, Ints, Ints, int]:
    """Units that get one level: a set, or a node alone.

    Returns each inner node's unit, the earlier and the later unit of each pair of successive nodes, and the number of
    units.
    """
    sets = tree.node_set[inner].astype(np.int64)
    unit = np.full(tree.nodes, NONE, dtype=np.int64)
    units, unit[inner] = np.unique(np.where(alone[sets], len(tree.sets) + inner, sets), return_inverse=True)
    later = inner[tree.parent[inner] != NONE]
    return unit[inner], unit[tree.parent[later]], unit[later], len(units)


def _levels(tree: Tree, inner: Ints, alone: NDArray[np.bool_]) -> Ints | None:
    """The level of each inner node, or None if units precede each other in a cycle (Kahn 1962)."""
    unit, earlier, later, count = _units(tree, inner, alone)
    waiting = np.bincount(later, minlength=count).tolist()
    after = later[np.argsort(earlier, kind="stable")].tolist()
    first = np.cumsum([0, *np.bincount(earlier, minlength=count)]).tolist()
    level = [0] * count
    ready = [number for number in range(count) if not waiting[number]]
    timed = 0
    while ready:
        before = ready.pop()
        timed += 1
        for following in after[first[before] : first[before + 1]]:
            level[following] = max(level[following], level[before] + 1)
            waiting[following] -= 1
            if not waiting[following]:
                ready.append(following)
    return np.array(level, dtype=np.int64)[unit] if timed == count else None


def _in_cycles(tree: Tree, inner: Ints, alone: NDArray[np.bool_]) -> Ints:
    """The sets that come before themselves through other sets."""
    from scipy.sparse import coo_array  # imported here because only games that are not timeable need it
    from scipy.sparse.csgraph import connected_components

    unit, earlier, later, count = _units(tree, inner, alone)
    graph = coo_array((np.ones(len(later), dtype=np.int8), (earlier, later)), shape=(count, count))
    _, component = connected_components(graph, directed=True, connection="strong")
    circular = np.bincount(component)[component[unit]] > 1
    sets = np.unique(tree.node_set[inner[circular]]).astype(np.int64)
    return sets[~alone[sets]]
