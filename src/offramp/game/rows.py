"""The rows that a compilation grows, the trail they leave, and what they owe.

A `Frontier` is a set of rows, one for each way that play can stand at this point; the compiler replaces
it operation by operation. Every row of every frontier has a number of its own, and the `Trail` notes
into which row or node each went on, so that edges find their nodes however often rows merged between.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from offramp.game.columns import Codes, Variable, distinct
from offramp.game.game import Bill, Contexts, Leaves, PayoffSums

Ids = NDArray[np.int64]


@dataclass
class Frontier:
    """Rows numbered from `first`: columns, how many histories each stands for, what they owe since their edge."""

    number: int
    first: int
    columns: dict[Variable, Codes]
    histories: NDArray[np.float64]
    bill: NDArray[np.int32]

    @property
    def rows(self) -> int:
        return len(self.histories)


@dataclass
class BillBook:
    """Bills made so far: number 0 owes nothing."""

    bills: list[Bill] = field(default_factory=list)
    count: int = 1

    def leaves(self, term: int | None, contexts: Contexts) -> int:
        """New bills, one for each context; returns the first."""
        first = self.count
        self.bills.append(Leaves(first, term, contexts))
        self.count += contexts.count
        return first

    def add(self, left: NDArray[np.int32], right: NDArray[np.int32]) -> NDArray[np.int32]:
        """For each row the bill that is the sum of two."""
        if not left.any():
            return right
        if not right.any():
            return left
        both = (left != 0) & (right != 0)
        total = np.where(left == 0, right, left).astype(np.int32)
        if both.any():
            keys, inverse = distinct(left[both].astype(np.int64) * self.count + right[both], self.count**2)
            self.bills.append(
                PayoffSums(self.count, (keys // self.count).astype(np.int32), (keys % self.count).astype(np.int32))
            )
            total[both] = (self.count + inverse).astype(np.int32)
            self.count += len(keys)
        return total


@dataclass
class Trail:
    """Where each row went: `goes` holds the number of a later row, or `~node`; `owes` the bill on the way."""

    starts: list[int] = field(default_factory=list)
    goes: list[Ids | None] = field(default_factory=list)
    owes: list[NDArray[np.int32] | None] = field(default_factory=list)
    count: int = 0

    def frontier(
        self, columns: dict[Variable, Codes], histories: NDArray[np.float64], bill: NDArray[np.int32] | None = None
    ) -> Frontier:
        """A new frontier, its rows numbered on from those before."""
        rows = len(histories)
        owed = np.zeros(rows, dtype=np.int32) if bill is None else bill
        frontier = Frontier(len(self.starts), self.count, columns, histories, owed)
        self.starts.append(self.count)
        self.goes.append(None)
        self.owes.append(None)
        self.count += rows
        return frontier

    def link(self, frontier: Frontier, goes: Ids) -> None:
        """Note where the rows of a frontier went, and what they owed."""
        self.goes[frontier.number] = goes
        self.owes[frontier.number] = frontier.bill

    def resolve(self, book: BillBook) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """For every row the node where it ends up, and the whole bill until there."""
        node = np.empty(self.count, dtype=np.int32)
        bill = np.zeros(self.count, dtype=np.int32)
        for start, goes, owes in zip(reversed(self.starts), reversed(self.goes), reversed(self.owes), strict=True):
            if goes is None or owes is None or not len(goes):
                continue
            rows = slice(start, start + len(goes))
            onward = goes >= 0
            node[rows] = np.where(onward, node[np.where(onward, goes, 0)], ~goes)
            bill[rows] = book.add(owes, np.where(onward, bill[np.where(onward, goes, 0)], 0).astype(np.int32))
        return node, bill

    def came_from(self, target: int) -> int | None:
        """The number of an earlier row that went on into the row `target` (or the node `~target`)."""
        for start, goes in zip(reversed(self.starts), reversed(self.goes), strict=True):
            if goes is not None:
                found = np.flatnonzero(goes == target)
                if len(found):
                    return start + int(found[0])
        return None
