"""When the nodes of a tree are played: levels such that nodes come after what leads to them.

An information set has one level where that can be (the game is timeable); where two sets each come before
the other on some play (Jakobsen, Sorensen & Conitzer 2016, "Timeability of extensive-form games"), their nodes
have levels of their own.
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
    """`level`: (nodes,) counted from 0, `NONE` at the ends of plays; `untimed` the sets that have no one level."""

    level: Ints
    untimed: tuple[int, ...]


def timing_of(tree: Tree) -> Timing:
    """The earliest level of every node; that of a set is one more than the highest level that leads to it.

    Nodes of chance are timed one by one. No set may be passed twice by a play.
    """
    inner = np.flatnonzero(tree.node_set != NONE)
    player = np.array([one.player for one in tree.sets], dtype=np.int64)
    alone = np.array(player == CHANCE_PLAYER)
    level = _levels(tree, inner, alone)
    untimed: Ints = np.zeros(0, dtype=np.int64)
    if level is None:
        untimed = _in_cycles(tree, inner, alone)
        alone[untimed] = True
        level = _levels(tree, inner, alone)
        assert level is not None
    found = np.full(tree.nodes, NONE, dtype=np.int64)
    found[inner] = level
    return Timing(found, tuple(untimed.tolist()))


def timing_notes(names: PartNames, timing: Timing) -> tuple[str, ...]:
    """A sentence on a game that is not timeable."""
    if not timing.untimed:
        return ()
    sets = listed((quoted(names.sets[place]) for place in timing.untimed), 4)
    return (f"not timeable: of {sets}, each comes before another on some play; solved all the same",)


def _units(tree: Tree, inner: Ints, alone: NDArray[np.bool_]) -> tuple[Ints, Ints, Ints, int]:
    """What gets one level, a set or a node alone: each inner node's unit; pairs, earlier to later; how many."""
    sets = tree.node_set[inner].astype(np.int64)
    unit = np.full(tree.nodes, NONE, dtype=np.int64)
    found, unit[inner] = np.unique(np.where(alone[sets], len(tree.sets) + inner, sets), return_inverse=True)
    later = inner[tree.parent[inner] != NONE]
    return unit[inner], unit[tree.parent[later]], unit[later], len(found)


def _levels(tree: Tree, inner: Ints, alone: NDArray[np.bool_]) -> Ints | None:
    """The level of each inner node, or None where units come before each other in a circle (Kahn 1962)."""
    unit, earlier, later, count = _units(tree, inner, alone)
    waiting = np.bincount(later, minlength=count).tolist()
    after = later[np.argsort(earlier, kind="stable")].tolist()
    first = np.cumsum([0, *np.bincount(earlier, minlength=count)]).tolist()
    level = [0] * count
    ready = [one for one in range(count) if not waiting[one]]
    timed = 0
    while ready:
        one = ready.pop()
        timed += 1
        for other in after[first[one] : first[one + 1]]:
            level[other] = max(level[other], level[one] + 1)
            waiting[other] -= 1
            if not waiting[other]:
                ready.append(other)
    return np.array(level, dtype=np.int64)[unit] if timed == count else None


def _in_cycles(tree: Tree, inner: Ints, alone: NDArray[np.bool_]) -> Ints:
    """The sets that come before themselves by way of others."""
    from scipy.sparse import coo_array  # only games that are not timeable wait for it
    from scipy.sparse.csgraph import connected_components

    unit, earlier, later, count = _units(tree, inner, alone)
    graph = coo_array((np.ones(len(later), dtype=np.int8), (earlier, later)), shape=(count, count))
    _, component = connected_components(graph, directed=True, connection="strong")
    circular = np.bincount(component)[component[unit]] > 1
    sets = np.unique(tree.node_set[inner[circular]]).astype(np.int64)
    return sets[~alone[sets]]
