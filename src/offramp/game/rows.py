"""Rows of histories during compilation, the trail of their successors, and their accumulated payoffs.

A `Frontier` is a set of rows, one for each distinct state of play at this point; the compiler replaces it with every
operation. Rows are numbered across all frontiers, and the `Trail` records the row or node that follows each row, so
edges find their nodes however often rows were merged in between.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from offramp.crisis.expressions.expression import SKIPPED_CODE
from offramp.game.columns import NOT_SHOWN, Codes, Variable, distinct, narrow, pack, sample_rows
from offramp.game.game import Contexts, PayoffEntries, PayoffSums, PayoffTerms

Ids = NDArray[np.int64]


@dataclass(eq=False)
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


@dataclass(eq=False)
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


@dataclass(eq=False)
class Trail:
    """The successor of each row: the number of a later row or `~node`, and the payoff in between.

    `merging`: whether equal rows become one; if not, every history is kept apart.
    """

    merging: bool = True
    starts: list[int] = field(default_factory=list)
    successors: list[Ids | None] = field(default_factory=list)
    payoffs: list[NDArray[np.int32] | None] = field(default_factory=list)
    count: int = 0

    def frontier(self, columns: dict[Variable, Codes], histories: NDArray[np.float64]) -> Frontier:
        """A new frontier; its rows continue the numbering of the earlier ones."""
        rows = len(histories)
        frontier = Frontier(len(self.starts), self.count, columns, histories, np.zeros(rows, dtype=np.int32))
        self.starts.append(self.count)
        self.successors.append(None)
        self.payoffs.append(None)
        self.count += rows
        return frontier

    def link(self, frontier: Frontier, successors: Ids) -> None:
        """Record the successors of a frontier's rows, and the rows' payoffs."""
        self.successors[frontier.number] = successors
        self.payoffs[frontier.number] = frontier.payoff

    def merged(self, frontier: Frontier) -> Frontier:
        """Merge equal rows."""
        if not self.merging or frontier.rows < 2:
            return frontier
        keys, inverse = distinct(*pack(list(frontier.columns.values()), frontier.rows))
        if len(keys) == frontier.rows:
            return frontier
        sample = sample_rows(inverse, len(keys))
        columns = {column: codes[sample] for column, codes in frontier.columns.items()}
        histories = np.bincount(inverse, weights=frontier.histories, minlength=len(keys)).astype(np.float64)
        new = self.frontier(columns, histories)
        self.link(frontier, new.first + inverse)
        return new

    def split(
        self, frontier: Frontier, leaving: NDArray[np.bool_], exits: Mapping[Variable, Variable | int], index: int
    ) -> tuple[Frontier | None, Frontier]:
        """The rows that leave the rounds, if any, with the columns known afterwards, and the others.

        `index`: the operation after which they leave; columns that no later one reads are dropped.
        """
        going, staying = np.flatnonzero(leaving), np.flatnonzero(~leaving)
        successors = np.empty(frontier.rows, dtype=np.int64)
        out = None
        if len(going):
            columns: dict[Variable, Codes] = {}
            for column, source in exits.items():
                if column.last_read > index:
                    if isinstance(source, Variable):
                        columns[column] = frontier.columns[source][going]
                    else:
                        columns[column] = narrow(np.full(len(going), source))
            for column, codes in frontier.columns.items():
                if column.last_read > index:
                    columns[column] = codes[going]
            out = self.frontier(columns, frontier.histories[going])
            successors[going] = out.first + np.arange(len(going))
        inside = {column: codes[staying] for column, codes in frontier.columns.items() if column.last_read > index}
        remaining = self.frontier(inside, frontier.histories[staying])
        successors[staying] = remaining.first + np.arange(len(staying))
        self.link(frontier, successors)
        return None if out is None else self.merged(out), self.merged(remaining)

    def joined(self, pools: list[Frontier], index: int) -> Frontier:
        """All rows that have left the rounds; steps that a row did not come to are skipped.

        `index`: the operation that joins them; columns that no later one reads are dropped.
        """
        needed = dict.fromkeys(column for pool in pools for column in pool.columns if column.last_read > index)
        columns: dict[Variable, Codes] = {}
        for column in needed:
            blank = NOT_SHOWN if column.kind == "tell" else SKIPPED_CODE
            columns[column] = np.concatenate(
                [pool.columns.get(column, np.full(pool.rows, blank, dtype=np.int8)) for pool in pools]
            )
        new = self.frontier(columns, np.concatenate([pool.histories for pool in pools]))
        first = new.first
        for pool in pools:
            self.link(pool, first + np.arange(pool.rows))
            first += pool.rows
        return self.merged(new)

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
