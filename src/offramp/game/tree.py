"""An extensive-form game as a tree: what Gambit's files hold, and what they are written from.

All numbers are exact. Nodes stand in preorder (a node, then each of its subtrees in the order of its
actions), so a node's children follow from the number of actions of the sets alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

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


@dataclass(frozen=True)
class Outcome:
    """What is paid, to each player, where it stands; an ending where it stands at the end of a play."""

    label: str
    payoffs: tuple[Fraction, ...]


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
