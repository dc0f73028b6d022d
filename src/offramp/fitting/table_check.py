"""What a table of cases holds for a crisis: rows that are used, rows that are not and why, and what is odd about it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from offramp.common.texts import tr, trn
from offramp.common.words import listed, nearest, quoted
from offramp.crisis.model import Crisis
from offramp.crisis.parts import CaseColumn
from offramp.fitting.base_cells import base_cells, levels_by_column, misspelt_sentences
from offramp.fitting.case_cells import cell_text, codes_of, counted_cells
from offramp.fitting.case_table import CaseTable
from offramp.fitting.cases import NOT_LISTED, REASONS, Cases, cases_of
from offramp.fitting.cells import MISSING, is_text, written
from offramp.fitting.record_edges import record_edges
from offramp.game.game import Game
from offramp.study.finding import Column, Finding, Table, Value

MOST_LEVELS = 5
"""Maximum number of a column's texts that are shown."""


@dataclass(frozen=True, repr=False)
class TableCheck(Finding):
    """What a table holds for a crisis, before anything is estimated; `oddities`: sentences that warn."""

    crisis: Crisis
    data: CaseTable
    cases: Cases
    oddities: tuple[str, ...]

    @property
    def title(self) -> str:
        return tr("What {table} holds for {file}", table=self.data.name, file=self.crisis.path)

    @property
    def answer(self) -> tuple[str, ...]:
        cases = self.cases
        sentences = [used_rows(cases)]
        if cases.total != cases.used_rows:
            sentences.append(tr("They stand for {observations} observations.", observations=f"{cases.total:,.0f}"))
        if len(cases.weight) != len(cases.entry_row):
            sentences.append(tr("{some} of them differ in a column or in the record.", some=f"{len(cases.weight):,}"))
        if cases.span is not None:
            first, last = map(written, cases.span)
            sentences.append(
                tr("Column {column} goes from {first} to {last}.", column=quoted(self._time), first=first, last=last)
            )
        if cases.cluster is not None:
            clusters = len(np.unique(cases.cluster))
            assert self.crisis.cases is not None
            by = quoted(self.crisis.cases.cluster or "")
            sentences.append(
                trn(
                    "{count} cluster, by column {column}.", "{count} clusters, by column {column}.", clusters, column=by
                )
            )
        coefficients = len(cases.parameters)
        sentences.append(trn("They estimate {count} coefficient.", "They estimate {count} coefficients.", coefficients))
        return (*sentences, *(tr("Warning: {warning}", warning=oddity) for oddity in self.oddities))

    @property
    def _time(self) -> str:
        assert self.crisis.cases is not None
        return self.crisis.cases.time or ""

    @property
    def notes(self) -> tuple[str, ...]:
        return tuple(
            tr(
                "Column {column}: the levels {levels} are told apart from {cells}.",
                column=quoted(base.column),
                levels=listed(base.levels),
                cells=listed(map(quoted, base.cells), MOST_LEVELS),
            )
            for base in base_cells(self.crisis, self.data, self.cases)
            if base.cells
        )

    @property
    def tables(self) -> tuple[Table, ...]:
        return (self._records(), left_out_table(self.cases), self._columns(), self._coefficients())

    def _records(self) -> Table:
        columns = (
            Column("record", tr("record")),
            Column("observations", tr("observations"), "count"),
            Column("share", tr("share"), "share"),
            Column("cases", tr("distinct cases"), "count"),
        )
        rows = []
        for number, name in enumerate(self.cases.record_names):
            weight = self.cases.weight[self.cases.record == number]
            rows.append((name, float(weight.sum()), float(weight.sum()) / self.cases.total, len(weight)))
        return Table("records", tr("What is recorded"), columns, tuple(rows))

    def _columns(self) -> Table:
        columns = (
            Column("column", tr("column")),
            Column("role", tr("used as")),
            Column("missing", tr("missing"), "count"),
            Column("holds", tr("holds")),
        )
        rows = [
            (name, listed(roles, 3), int(self.data.missing(name).sum()), _holds(self.data, name))
            for name, roles in _roles(self.crisis).items()
        ]
        return Table("columns", tr("Columns that the crisis names, over all rows"), columns, tuple(rows))

    def _coefficients(self) -> Table:
        columns = (
            Column("coefficient", tr("coefficient")),
            Column("prior", tr("prior")),
            Column("column", tr("times")),
        )
        times = {
            coefficient: "1" if column is None else column
            for linear in self.crisis.sums.values()
            for coefficient, column in zip(linear.coefficients, linear.columns, strict=True)
        }
        rows: list[tuple[Value, ...]] = [
            (name, self.crisis.inputs[name].distribution.short, times.get(name)) for name in self.cases.parameters
        ]
        shown = 3 if times else 2
        return Table("coefficients", tr("What is estimated"), columns[:shown], tuple(row[:shown] for row in rows))


def used_rows(cases: Cases) -> str:
    """One sentence on how many rows are used, and how many are left out for which reasons."""
    used, rows = cases.used_rows, cases.rows
    if used == rows:
        return trn("The one row of {table} is used.", "All {count} rows of {table} are used.", rows, table=cases.table)
    reasons: dict[str, int] = {}
    for one in cases.left_out:
        reasons[one.reason] = reasons.get(one.reason, 0) + one.rows
    return tr(
        "{used} of {rows} rows of {table} are used. Left out: {reasons}.",
        used=f"{used:,}",
        rows=f"{rows:,}",
        table=cases.table,
        reasons=listed(f"{REASONS.get(reason, reason)} ({count:,})" for reason, count in reasons.items()),
    )


def left_out_table(cases: Cases) -> Table:
    """The rows that are left out, by reason, with their first lines; a row counts for its first reason."""
    columns = (
        Column("reason", tr("left out"), names=REASONS),
        Column("column", tr("in")),
        Column("rows", tr("rows"), "count"),
        Column("examples", tr("first lines") if cases.counted_in == "line" else tr("first rows")),
        Column("cells", tr("cells")),
    )
    rows = tuple(
        (one.reason, one.column or None, one.rows, listed(map(str, one.examples)), one.cells or None)
        for one in cases.left_out
    )
    shown = columns if any(one.cells for one in cases.left_out) else columns[:-1]
    return Table("left_out", tr("Rows left out"), shown, tuple(row[: len(shown)] for row in rows))


def check_table(game: Game, table: CaseTable) -> TableCheck:
    """What a table holds for a crisis; raises as `cases_of` does."""
    cases = cases_of(game, table)
    return TableCheck(game.crisis, table, cases, tuple(_oddities(game, table, cases)))


def _oddities(game: Game, table: CaseTable, cases: Cases) -> Iterator[str]:
    crisis = game.crisis
    for one in cases.left_out:
        if one.reason == NOT_LISTED:
            yield tr(
                "column {column} has cells that `observed` does not list: {cells}.",
                column=quoted(one.column),
                cells=one.cells,
            )
    yield from misspelt_sentences(base_cells(crisis, table, cases))
    assert crisis.cases is not None
    recorded = {name: list(cells.values()) for name, cells in crisis.cases.observed.items()}
    for name, records in (recorded | {name: [record] for name, record in crisis.cases.counts.items()}).items():
        edges = [record_edges(game, record) for record in records]
        if all(edge is not None and edge.all() for edge in edges):
            yield tr(
                "column {column} records nothing: what `cases` says of it is so for all play.", column=quoted(name)
            )
    rows = np.unique(cases.entry_row)
    for name, levels in (*crisis.cases.observed.items(), *levels_by_column(crisis).items()):
        codes = codes_of(table.columns[name][rows], levels)
        for code, level in enumerate(levels):
            if not (codes == code).any():
                yield _never(name, level, table)
    for name, values in cases.columns.items():
        if len(np.unique(values)) == 1 and not _is_level(crisis.inputs[name].column):
            value = written(float(values[0]))
            yield tr("input {input} is {value} in every row that is used.", input=quoted(name), value=value)
    if cases.total <= len(cases.parameters):
        yield trn(
            "{coefficients} cannot be estimated from {count} observation.",
            "{coefficients} cannot be estimated from {count} observations.",
            round(cases.total),
            coefficients=trn("{count} coefficient", "{count} coefficients", len(cases.parameters)),
        )


def _is_level(column: CaseColumn | None) -> bool:
    return column is not None and column.level is not None


def _never(name: str, level: str, table: CaseTable) -> str:
    if level in MISSING:
        return tr(
            "column {column}: a cell that reads {cell} counts as missing; give it another word.",
            column=quoted(name),
            cell=quoted(level),
        )
    cells = table.columns[name]
    known = {cell_text(cell) for cell in set(cells[~table.missing(name)].tolist())}
    never = tr("no row that is used has {cell} in column {column}", cell=quoted(level), column=quoted(name))
    hint = "" if level in known else nearest(level, sorted(known))
    return f"{never}{hint or '.'}"


def _roles(crisis: Crisis) -> dict[str, list[str]]:
    """The columns that a crisis names, with what they are used as, in the order of the file."""
    roles: dict[str, list[str]] = {}

    def add(name: str | None, role: str) -> None:
        if name is not None and role not in roles.setdefault(name, []):
            roles[name].append(role)

    for entry in crisis.inputs.values():
        if entry.column is not None:
            for name in sorted(entry.column.expression.names):
                add(name, entry.key)
    assert crisis.cases is not None
    for name in (*crisis.cases.observed, *crisis.cases.counts):
        add(name, "record")
    add(crisis.cases.cluster, "cluster")
    add(crisis.cases.time, "time")
    add(crisis.cases.count, "count")
    return roles


def _holds(table: CaseTable, name: str) -> str:
    """The range of a column's numbers, or its texts and how often each occurs."""
    cells, present = table.columns[name], ~table.missing(name)
    if not present.any():
        return tr("nothing")
    if not is_text(cells):
        low, high = (f"{value:.6g}" for value in (cells[present].min(), cells[present].max()))
        return low if low == high else tr("{low} to {high}", low=low, high=high)
    found = counted_cells(cells, present)
    return listed((f"{cell} {count:,}" for cell, count in found.items()), MOST_LEVELS)
