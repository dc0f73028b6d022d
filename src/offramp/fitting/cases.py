"""Recorded cases: what a table of past cases says of a game, ready for the likelihood.

A row of the table becomes an entry, or with `counts` one entry for each record that was seen. Equal entries, with the
same values of all columns and the same record, are one case.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from offramp.common.errors import OfframpError
from offramp.common.texts import tr
from offramp.common.words import listed, quoted
from offramp.crisis.faults import Faults, Location, without_faults
from offramp.crisis.recorded_cases import RecordedCases
from offramp.fitting.case_cells import (
    UNKNOWN,
    UNLISTED,
    cell_text,
    check_columns,
    check_inputs,
    codes_of,
    counted_cells,
    input_cells,
    shown_cells,
)
from offramp.fitting.case_table import CaseTable
from offramp.fitting.cells import is_text
from offramp.fitting.record_edges import joined, record_edges
from offramp.game.agreement import Open
from offramp.game.game import Game

Array = NDArray[np.float64]
Int = NDArray[np.int64]
Flags = NDArray[np.bool_]
LARGEST = 1e30
"""The largest size of an input of a case; its inverse is the smallest, but for 0. Powers of it stay numbers."""
MOST_CASES = 2**53
"""Beyond it a float cannot count one by one."""
EXAMPLES = 3
"""How many lines a message names."""

MISSING_CELL = "no value"
NOT_FINITE = "not a finite number"
OUT_OF_RANGE = "larger than 1e30, or closer to 0 than 1e-30"
NOT_LISTED = "a cell that is not listed"
NOTHING_RECORDED = "nothing is recorded"
IMPOSSIBLE = "no play fulfils the record"
COUNT_OF_ZERO = "a count of 0"
REASONS = {
    MISSING_CELL: tr("no value"),
    NOT_FINITE: tr("not a finite number"),
    OUT_OF_RANGE: tr("larger than 1e30, or closer to 0 than 1e-30"),
    NOT_LISTED: tr("a cell that is not listed"),
    NOTHING_RECORDED: tr("nothing is recorded"),
    IMPOSSIBLE: tr("no play fulfils the record"),
    COUNT_OF_ZERO: tr("a count of 0"),
}
"""Why rows are left out, as readers see it."""


@dataclass(frozen=True)
class LeftOut:
    """Rows that a fit does not use, for one reason.

    `column`: the column, expression or record that the reason names; empty if none. `examples`: the lines of the first
    rows. `cells`: distinct cells that are not listed, in words.
    """

    reason: str
    column: str
    rows: int
    examples: tuple[int, ...]
    cells: str = ""


@dataclass(frozen=True, eq=False)
class Cases:
    """Recorded cases of a game, sorted by record and then by values, so that the order of rows does not matter.

    `parameters`: the coefficients, in the order of the file. `columns`: by input, its value in each case, (cases,).
    `records`: the edges on which play fulfils each distinct record; `record`: (cases,), the record's position;
    `weight`: (cases,), the number of times that the case was seen.

    `entry_case`, `entry_row`, `entry_weight`: (entries,), the case of an entry, its row of the table, and how often
    it was seen. `cluster`: (entries,), positions in `cluster_names`; `time`: (entries,), NaN if unknown; None without
    such a column. `rows`: of the table; `lines`, `table`, `sha256`, `counted_in`: see `CaseTable`.
    """

    parameters: tuple[str, ...]
    columns: Mapping[str, Array]
    records: tuple[Open, ...]
    record_names: tuple[str, ...]
    record: Int
    weight: Array
    entry_case: Int
    entry_row: Int
    entry_weight: Array
    cluster: Int | None
    cluster_names: tuple[str, ...]
    time: Array | None
    left_out: tuple[LeftOut, ...]
    rows: int
    lines: Int
    table: str
    counted_in: Literal["line", "row"]
    sha256: str | None

    @cached_property
    def total(self) -> float:
        """How often cases were seen in all: the number of observations of a fit."""
        return float(self.entry_weight.sum())

    @cached_property
    def span(self) -> tuple[float, float] | None:
        """The first and the last time of an entry; None without times."""
        known = np.empty(0) if self.time is None else self.time[np.isfinite(self.time)]
        return (float(known.min()), float(known.max())) if len(known) else None

    @cached_property
    def clusters(self) -> int:
        """The number of distinct clusters of the entries; 0 without a column of clusters."""
        return 0 if self.cluster is None else len(np.unique(self.cluster))

    @property
    def used_rows(self) -> int:
        """The number of rows that have an entry."""
        return len(np.unique(self.entry_row))

    def only(self, kept: Flags) -> Cases:
        """Some of the entries, (entries,), with the cases that they are of; `records` stay."""
        return self.weighted(np.where(kept, self.entry_weight, 0.0))

    def weighted(self, entry_weight: Array) -> Cases:
        """The entries as often as `entry_weight` says, (entries,), without those of weight 0; `records` stay."""
        kept = entry_weight > 0.0
        used, case = np.unique(self.entry_case[kept], return_inverse=True)
        return replace(
            self,
            columns={name: values[used] for name, values in self.columns.items()},
            record=self.record[used],
            weight=np.bincount(case, weights=entry_weight[kept], minlength=len(used)).astype(np.float64),
            entry_case=case.astype(np.int64),
            entry_row=self.entry_row[kept],
            entry_weight=entry_weight[kept],
            cluster=None if self.cluster is None else self.cluster[kept],
            time=None if self.time is None else self.time[kept],
        )


def cases_of(game: Game, table: CaseTable) -> Cases:
    """Read the cases of a game from a table, as the `cases` of its crisis file declare them.

    A row is left out if a column that it needs has no value there, an input is not finite, or its size is neither 0 nor
    from 1e-30 to 1e30, a cell is not listed in `observed`, nothing is recorded, or no play fulfils its record. A row
    without a time stays.

    Raises
    ------
    CrisisError
        If the crisis has no `cases`, or an input that a fit cannot give a number, or names columns that the table
        lacks or that hold texts in place of numbers; it holds all these mistakes.
    OfframpError
        If a count is not a whole number, the counts add up to more than `MOST_CASES`, or no row is left.
    """
    crisis = game.crisis

    def declared(faults: Faults) -> RecordedCases | None:
        if crisis.cases is None:
            faults.add(Location(1, 1), "the file has no `cases`, which say what each row of a table records")
            return None
        check_inputs(crisis, crisis.cases, faults)
        check_columns(crisis, crisis.cases, table, faults)
        return crisis.cases

    cases = without_faults(crisis.path, declared)
    return _Reader(game, cases, table).read()


class _Reader:
    """Reads the rows; `free` says which rows no reason has left out so far."""

    def __init__(self, game: Game, cases: RecordedCases, table: CaseTable) -> None:
        self.game, self.cases, self.table = game, cases, table
        self.free = np.ones(table.rows, dtype=bool)
        self.left_out: list[LeftOut] = []

    def read(self) -> Cases:
        inputs = input_cells(self.game.crisis, self.table)
        codes = self.codes()
        for name in dict.fromkeys(name for one in inputs for name in one.columns):
            self.leave(MISSING_CELL, name, self.table.missing(name))
        for one in inputs:
            size = np.abs(one.values)
            self.leave(NOT_FINITE, one.expression, np.isinf(size))
            self.leave(OUT_OF_RANGE, one.expression, (size > LARGEST) | ((size > 0.0) & (size < 1.0 / LARGEST)))
        if self.cases.cluster is not None:
            self.leave(MISSING_CELL, self.cases.cluster, self.table.missing(self.cases.cluster))
        row_weight = self.row_weights()
        edges, names, row, record, weight = self.entries(codes, row_weight)
        if not len(row):
            raise OfframpError(f"no row of {self.table.name} can be used: {self.reasons()}")
        if weight.sum() > MOST_CASES:
            raise OfframpError(f"the counts of {self.table.name} add up to more than {MOST_CASES:,} cases")
        case, first = _distinct([record.astype(float), *(one.values[row] for one in inputs)])
        cluster, cluster_names = self.clusters(row)
        time = None if self.cases.time is None else self.table.columns[self.cases.time][row]
        return Cases(
            parameters=tuple(name for name, entry in self.game.crisis.inputs.items() if entry.estimate),
            columns={one.name: one.values[row[first]] for one in inputs},
            records=edges,
            record_names=names,
            record=record[first],
            weight=np.bincount(case, weights=weight).astype(np.float64),
            entry_case=case,
            entry_row=row,
            entry_weight=weight,
            cluster=cluster,
            cluster_names=cluster_names,
            time=time,
            left_out=tuple(self.left_out),
            rows=self.table.rows,
            lines=self.table.lines,
            table=self.table.name,
            counted_in=self.table.counted_in,
            sha256=self.table.sha256,
        )

    def leave(self, reason: str, column: str, rows: Flags, cells: str = "") -> None:
        """Leave out rows that no earlier reason has left out."""
        self.note(reason, column, np.flatnonzero(rows & self.free), cells)
        self.free &= ~rows

    def note(self, reason: str, column: str, rows: Int, cells: str = "") -> None:
        if len(rows):
            lines = tuple(int(line) for line in self.table.lines[rows[:EXAMPLES]])
            self.left_out.append(LeftOut(reason, column, len(rows), lines, cells))

    def codes(self) -> Int:
        """The code of each cell of the observed columns: (rows, columns)."""
        observed = self.cases.observed
        found = [codes_of(self.table.columns[name], levels) for name, levels in observed.items()]
        for (name, levels), codes in zip(observed.items(), found, strict=True):
            unlisted = (codes == UNLISTED) & self.free
            if unlisted.any():
                cells = shown_cells(counted_cells(self.table.columns[name], unlisted), levels)
                self.leave(NOT_LISTED, name, unlisted, cells)
        matrix = np.array(found, dtype=np.int64).reshape(len(found), self.table.rows).T
        if observed:
            self.leave(NOTHING_RECORDED, "", (matrix == UNKNOWN).all(axis=1))
        return matrix

    def row_weights(self) -> Array:
        """How many rows each row stands for: (rows,)."""
        name = self.cases.count
        return np.ones(self.table.rows) if name is None else self.whole_numbers(name)

    def whole_numbers(self, name: str) -> Array:
        """A column of counts, after rows without one are left out; OfframpError if one is not a whole number."""
        counts = self.table.columns[name]
        self.leave(MISSING_CELL, name, np.isnan(counts))
        with np.errstate(invalid="ignore"):
            wrong = np.flatnonzero(self.free & ~((counts >= 0) & (counts == np.floor(counts)) & (counts <= MOST_CASES)))
        if len(wrong):
            found = f"found {cell_text(float(counts[wrong[0]]))} in {self.table.places(wrong[:1])}"
            raise OfframpError(f"{self.table.name}: expected whole numbers in column {quoted(name)}, {found}")
        return np.where(np.isnan(counts), 0.0, counts)

    def entries(self, codes: Int, weight: Array) -> tuple[tuple[Open, ...], tuple[str, ...], Int, Int, Array]:
        """The edges and names of the distinct records; the row, the record and the weight of each entry."""
        if self.cases.observed:
            self.leave(COUNT_OF_ZERO, self.cases.count or "", weight == 0.0)
            rows = np.flatnonzero(self.free)
            combinations, record = np.unique(codes[rows], axis=0, return_inverse=True)
            named = [self.combination(combination) for combination in combinations]
            return self.possible(named, rows, record.reshape(-1), weight[rows])
        seen = np.array([self.whole_numbers(name) for name in self.cases.counts]).T * weight[:, None]
        self.leave(NOTHING_RECORDED, "", np.all(seen == 0.0, axis=1))
        rows, record = np.nonzero((seen > 0.0) & self.free[:, None])
        return self.possible(
            [(name, record_edges(self.game, one)) for name, one in self.cases.counts.items()],
            rows, record, seen[rows, record],
        )  # fmt: skip

    def combination(self, codes: Int) -> tuple[str, Open | None]:
        """The name of what a row records, and its edges."""
        observed = self.cases.observed.items()
        cells = [(name, list(levels)[code]) for (name, levels), code in zip(observed, codes, strict=True) if code >= 0]
        record = joined(self.cases.observed[name][cell] for name, cell in cells)
        name = cells[0][1] if len(observed) == 1 else ", ".join(f"{name} {cell}" for name, cell in cells)
        return name, record_edges(self.game, record)

    def possible(
        self, named: Sequence[tuple[str, Open | None]], rows: Int, record: Int, weight: Array
    ) -> tuple[tuple[Open, ...], tuple[str, ...], Int, Int, Array]:
        """The entries whose record some play fulfils, with records numbered anew; the others are left out."""
        number = np.full(len(named), -1)
        kept: list[tuple[str, Open]] = []
        for place, (name, edges) in enumerate(named):
            if edges is None:
                self.note(IMPOSSIBLE, name, rows[record == place])
            else:
                number[place] = len(kept)
                kept.append((name, edges))
        fits = number[record] >= 0
        return (
            tuple(edges for _, edges in kept), tuple(name for name, _ in kept),
            rows[fits].astype(np.int64), number[record][fits].astype(np.int64), weight[fits],
        )  # fmt: skip

    def clusters(self, row: Int) -> tuple[Int | None, tuple[str, ...]]:
        if self.cases.cluster is None:
            return None, ()
        cells = self.table.columns[self.cases.cluster][row]
        names, codes = np.unique(cells.astype(str) if is_text(cells) else cells, return_inverse=True)
        return codes.astype(np.int64), tuple(cell_text(name) for name in names.tolist())

    def reasons(self) -> str:
        shown = []
        for one in self.left_out[:5]:
            where = f" in {quoted(one.column)}" if one.column else ""
            shown.append(f"{one.rows:,} {one.reason}{where}{f', {one.cells}' if one.cells else ''}")
        return listed(shown)


def _distinct(keys: Sequence[Array]) -> tuple[Int, Int]:
    """The position of each entry among the distinct ones, and the first entry of each; sorted by the keys in turn."""
    order = np.lexsort(keys[::-1])
    new = np.zeros(len(order), dtype=bool)
    new[:1] = True
    for key in keys:
        ordered = key[order]
        new[1:] |= ordered[1:] != ordered[:-1]  # a difference of large numbers may be too large for a float
    case = np.empty(len(order), dtype=np.int64)
    case[order] = np.cumsum(new) - 1
    return case, order[new]
