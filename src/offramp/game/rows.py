"""Rows of histories during compilation, the trail of their successors, and their accumulated payoffs.

A `Frontier` is a set of rows, one for each distinct state of play at this point; the compiler replaces it with every
operation. Rows are numbered across all frontiers, and the `Trail` records the row or node that follows each row, so
edges find their nodes however often rows were merged in between.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from offramp.game.columns import Codes, Variable, distinct
from offramp.game.game import Contexts, PayoffEntries, PayoffSums, PayoffTerms

Ids = NDArray[np.int64]


@dataclass
class Frontier:
    """Rows numbered from `first`: columns, number of histories merged into each, payoff since the last edge."""

    number: int
    first: int
    columns: dict[Variable, Codes]
    histories: NDArray[np.float64]
    payoff: NDArray[np.int32]

    @property
    def rows(self) -> int:
        return len(self.histories)


@dataclass
class PayoffBook:
    """The accumulated payoffs so far, numbered from 1; 0 is no payoff."""

    entries: list[PayoffEntries] = field(default_factory=list)
    count: int = 1

    def new_terms(self, term: int | None, contexts: Contexts) -> int:
        """Add one payoff for each context of a term, or (None) for each ending; return the number of the first."""
        first = self.count
        self.entries.append(PayoffTerms(first, term, contexts))
        self.count += contexts.count
        return first

    def add(self, left: NDArray[np.int32], right: NDArray[np.int32]) -> NDArray[np.int32]:
        """The sum of two payoffs, row by row."""
        if not left.any():
            return right
        if not right.any():
            return left
        both = (left != 0) & (right != 0)
        total = np.where(left == 0, right, left).astype(np.int32)
        if both.any():
            keys, inverse = distinct(left[both].astype(np.int64) * self.count + right[both], self.count**2)
            self.entries.append(
                PayoffSums(self.count, (keys // self.count).astype(np.int32), (keys % self.count).astype(np.int32))
            )
            total[both] = (self.count + inverse).astype(np.int32)
            self.count += len(keys)
        return total


@dataclass
class Trail:
    """The successor of each row: the number of a later row or `~node`, and the payoff in between."""

    starts: list[int] = field(default_factory=list)
    successors: list[Ids | None] = field(default_factory=list)
    payoffs: list[NDArray[np.int32] | None] = field(default_factory=list)
    count: int = 0

    def frontier(
        self, columns: dict[Variable, Codes], histories: NDArray[np.float64], payoff: NDArray[np.int32] | None = None
    ) -> Frontier:
        """A new frontier; its rows continue the numbering of the earlier ones."""
        rows = len(histories)
        since_edge = np.zeros(rows, dtype=np.int32) if payoff is None else payoff
        frontier = Frontier(len(self.starts), self.count, columns, histories, since_edge)
        self.starts.append(self.count)
        self.successors.append(None)
        self.payoffs.append(None)
        self.count += rows
        return frontier

    def link(self, frontier: Frontier, successors: Ids) -> None:
        """Record the successors of a frontier's rows, and the rows' payoffs."""
        self.successors[frontier.number] = successors
        self.payoffs[frontier.number] = frontier.payoff

    def resolve(self, book: PayoffBook) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """For every row, the node that it leads to and the whole payoff on the way there."""
        node = np.empty(self.count, dtype=np.int32)
        payoff = np.zeros(self.count, dtype=np.int32)
        links = zip(self.starts, self.successors, self.payoffs, strict=True)
        for start, successors, own_payoff in reversed(list(links)):
            if successors is None or own_payoff is None or not len(successors):
                continue
            rows = slice(start, start + len(successors))
            is_row = successors >= 0
            next_row = np.where(is_row, successors, 0)
            node[rows] = np.where(is_row, node[next_row], ~successors)
            payoff[rows] = book.add(own_payoff, np.where(is_row, payoff[next_row], 0).astype(np.int32))
        return node, payoff

    def came_from(self, target: int) -> int | None:
        """The number of an earlier row whose successor is the row `target` (or the node `~target`)."""
        for start, successors in zip(reversed(self.starts), reversed(self.successors), strict=True):
            if successors is not None:
                rows = np.flatnonzero(successors == target)
                if len(rows):
                    return start + int(rows[0])
        return None
