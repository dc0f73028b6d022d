"""An extensive-form game as a tree: what Gambit's files hold, and what they are written from.

All numbers are exact. Nodes stand in preorder (a node, then each of its subtrees in the order of its
actions), so a node's children follow from the number of actions of the sets alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from offramp.common.errors import UsageError
from offramp.common.printable import printable

if TYPE_CHECKING:
    pass

CHANCE_PLAYER = -1
"""The player of a chance event."""
NONE = -1
"""Where a node has no set (the end of a play), no outcome or no parent."""


@dataclass(frozen=True)
class TreeSet:
    """An information set of a player, or the nodes of chance with the same odds (`odds` adds up to one exactly)."""

    player: int
    label: str
    actions: tuple[str, ...]
    odds: tuple[Fraction, ...] | None = None
    number: int = 0
    """Its number in the file, for each player anew; 0 where there is no file."""


@dataclass(frozen=True)
class Outcome:
    """What is paid, to each player, where it stands; an ending where it stands at the end of a play."""

    label: str
    payoffs: tuple[Fraction, ...]
    number: int = 0
    """Its number in the file; 0 where there is no file."""


@dataclass(frozen=True, repr=False)
class Tree:
    """A game tree.

    `node_set`: (nodes,) the number of the node's set, `NONE` at the end of a play; `node_outcome`: (nodes,) what
    is paid when the node is reached, or `NONE`; `node_label`: (nodes,) labels, mostly empty. `notes` say what was
    tolerated in reading. `text` is the file it was read from.
    """

    path: str
    text: str
    title: str
    comment: str
    players: tuple[str, ...]
    sets: tuple[TreeSet, ...]
    outcomes: tuple[Outcome, ...]
    node_set: NDArray[np.int32]
    node_outcome: NDArray[np.int32]
    node_label: tuple[str, ...]
    notes: tuple[str, ...] = ()

    @property
    def nodes(self) -> int:
        return len(self.node_set)

    @cached_property
    def actions(self) -> NDArray[np.int64]:
        """(nodes,) the number of actions at each node, 0 at the end of a play."""
        return np.array([*(len(one.actions) for one in self.sets), 0], dtype=np.int64)[self.node_set]

    @cached_property
    def parent(self) -> NDArray[np.int64]:
        """(nodes,) the node before, `NONE` for the first."""
        parent: list[int] = []
        open_ways = [NONE]
        for node, actions in enumerate(self.actions.tolist()):
            parent.append(open_ways.pop())
            open_ways.extend([node] * actions)
        return np.array(parent, dtype=np.int64)

    @cached_property
    def action(self) -> NDArray[np.int64]:
        """(nodes,) the number of the action that leads to the node, counted from 0; `NONE` for the first node."""
        siblings = np.argsort(self.parent, kind="stable")
        first = np.cumsum(self.actions) - self.actions + 1  # where a node's children begin among the siblings
        action = np.full(self.nodes, NONE, dtype=np.int64)
        action[siblings[1:]] = np.arange(1, self.nodes) - first[self.parent[siblings[1:]]]
        return action

    def with_levers(self, *names: str) -> Tree:
        """The game itself: a Gambit file has no levers.

        Raises
        ------
        UsageError
            Where a lever is named.
        """
        if names:
            raise UsageError(f"unknown lever '{names[0]}' ({self.path} has no levers)")
        return self

    def __repr__(self) -> str:
        return printable(
            f"Tree of '{self.title}' ({self.path}): {len(self.players)} players, {self.nodes:,} nodes, "
            f"{sum(one.player != CHANCE_PLAYER for one in self.sets):,} information sets"
        )
