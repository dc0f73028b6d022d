"""An extensive-form game as a tree, read from Gambit's files and written to them.

All numbers are exact. Nodes are in preorder (a node, then each of its subtrees in the order of its actions), so the
sets' numbers of actions determine every node's children.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from offramp.common.errors import UsageError
from offramp.common.printable import printable

CHANCE_PLAYER = -1
"""The player of a chance event."""
NONE = -1
"""Index for no set (a terminal node), no outcome, or no parent (the root)."""


@dataclass(frozen=True)
class TreeSet:
    """An information set of a player, or chance nodes with the same odds (`odds` adds up to exactly one)."""

    player: int
    label: str
    actions: tuple[str, ...]
    odds: tuple[Fraction, ...] | None = None
    number: int = 0
    """The set's number in the file, counted separately for each player; 0 if there is no file."""


@dataclass(frozen=True)
class Outcome:
    """The payoff of each player at a node; at a terminal node the outcome is also an ending."""

    label: str
    payoffs: tuple[Fraction, ...]
    number: int = 0
    """The outcome's number in the file; 0 if there is no file."""


@dataclass(frozen=True, repr=False)
class Tree:
    """A game tree.

    `node_set`: (nodes,), the index of the node's set, `NONE` at terminal nodes; `node_outcome`: (nodes,), the outcome
    paid at the node, or `NONE`; `node_label`: (nodes,), labels, mostly empty. `notes`: irregularities tolerated in
    reading. `text`: the file's text.
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
        """The number of actions at each node, (nodes,); 0 at terminal nodes."""
        return np.array([*(len(entry.actions) for entry in self.sets), 0], dtype=np.int64)[self.node_set]

    @cached_property
    def parent(self) -> NDArray[np.int64]:
        """Each node's parent, (nodes,); `NONE` for the root."""
        parent: list[int] = []
        open_actions = [NONE]
        for node, actions in enumerate(self.actions.tolist()):
            parent.append(open_actions.pop())
            open_actions.extend([node] * actions)
        return np.array(parent, dtype=np.int64)

    @cached_property
    def action(self) -> NDArray[np.int64]:
        """The number of the action that leads to each node, (nodes,), from 0; `NONE` for the root."""
        siblings = np.argsort(self.parent, kind="stable")
        first = np.cumsum(self.actions) - self.actions + 1  # the position of a node's first child in `siblings`
        action = np.full(self.nodes, NONE, dtype=np.int64)
        action[siblings[1:]] = np.arange(1, self.nodes) - first[self.parent[siblings[1:]]]
        return action

    def with_levers(self, *names: str) -> Tree:
        """Return the game itself: a Gambit file has no levers.

        Raises
        ------
        UsageError
            If a lever is named.
        """
        if names:
            raise UsageError(f"unknown lever '{names[0]}' ({self.path} has no levers)")
        return self

    def __repr__(self) -> str:
        return printable(
            f"Tree of '{self.title}' ({self.path}): {len(self.players)} players, {self.nodes:,} nodes, "
            f"{sum(entry.player != CHANCE_PLAYER for entry in self.sets):,} information sets"
        )
