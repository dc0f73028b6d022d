"""The result of a study: sentences that answer the question, tables behind them, notes on how they were made.

Terminal, notebook, `--json`, exported files and the report all show these same parts.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from html import escape
from typing import TYPE_CHECKING, Any, Literal

from offramp.common.errors import UsageError
from offramp.common.numerals import amount, clear_of_zero, deviation, interval, percent, points, quantity, signed
from offramp.common.printable import printable
from offramp.common.texts import tr, trn
from offramp.common.words import expected, quoted

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

Kind = Literal["text", "share", "points", "error", "amount", "number", "change", "count"]
"""What a column holds: text; a probability; a difference of probabilities; a standard error, in points but of a change;
a payoff; another number; a difference of such numbers, a change; a whole number."""
Value = str | float | int | bool | None
MOST_IN_REPR = 20
"""Maximum number of rows of a table that prints itself alone."""
_WORDED: Mapping[Kind, Callable[[float], str]] = {
    "share": percent,
    "points": points,
    "error": deviation,
    "amount": amount,
    "change": signed,
}


@dataclass(frozen=True)
class Column:
    """A column: its name in data, its heading for readers, and what it holds.

    `of`: for an error or an end of an interval, the column of differences that it belongs to. These are shown together
    with only as many digits as the error allows. `names`: what readers see in place of a key. With `of`, a text column
    holds keys that have their names only together with another column, as an option has with its step: `names` is then
    by the value of that column and the key.
    """

    name: str
    heading: str
    kind: Kind = "text"
    of: str = ""
    names: Mapping[Any, str] = field(default_factory=dict)

    def shown(self, value: Value, beside: Value = None) -> str:
        """A value as text, a dash if there is none; `beside`: the value of the column `of`."""
        key = (beside, value) if self.kind == "text" and self.of else value
        if key in self.names:
            return printable(self.names[key])
        if value is None or (isinstance(value, float) and math.isnan(value)):
            return "–"
        if isinstance(value, str):
            return printable(value)
        if isinstance(value, bool):
            return tr("yes") if value else tr("no")
        if self.kind == "count":
            return f"{value:,.0f}"
        return _WORDED.get(self.kind, quantity)(value)


@dataclass(frozen=True, repr=False)
class Table:
    """Rows of values under columns; `caption` says what they are, `name` is used for files and JSON keys.

    `grouped`: how many columns at the left belong to several rows together and are shown once. `ranges`: whether these
    go over a range, of which a short view shows both ends and values between.
    """

    name: str
    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Value, ...], ...]
    grouped: int = 0
    ranges: bool = False

    def __repr__(self) -> str:
        shown = first_rows(self, MOST_IN_REPR)
        more = len(self.rows) - len(shown.rows)
        rest = [f"  {_left_out(more, 'to_pandas()')}"] if more else []
        return printable("\n".join([self.caption, *_plain(shown), *rest]))

    def _repr_html_(self) -> str:
        return _as_html(self, "to_pandas()")

    def to_pandas(self) -> pd.DataFrame:
        """The values as a data frame."""
        import pandas as pd

        return pd.DataFrame(list(self.rows), columns=[column.name for column in self.columns])

    def to_xarray(self) -> xr.Dataset:
        """The values by their labels: a dimension for each column of text, or `row` if labels repeat."""
        frame = self.to_pandas()
        labels = [column.name for column in self.columns if column.kind == "text"]
        if not labels or frame.duplicated(labels).any():
            return frame.rename_axis("row").to_xarray()
        return frame.set_index(labels).to_xarray()

    def to_dicts(self) -> list[dict[str, Value]]:
        """The values, one mapping per row; NaN and infinity become None."""
        names = [column.name for column in self.columns]
        return [{name: finite(value) for name, value in zip(names, row, strict=True)} for row in self.rows]

    def shown(self) -> list[tuple[str, ...]]:
        """The rows as text."""
        rows: list[tuple[str, ...]] = []
        group: tuple[Value, ...] = ()
        for row in self.rows:
            cells = self._cells(row)
            if self.grouped and row[: self.grouped] == group:
                cells[: self.grouped] = [""] * self.grouped
            group = row[: self.grouped]
            rows.append(tuple(cells))
        return rows

    def _cells(self, row: tuple[Value, ...]) -> list[str]:
        """A row as text; a difference and its interval have as many digits as its error allows."""
        values = dict(zip((column.name for column in self.columns), row, strict=True))
        cells = {column.name: column.shown(values[column.name], values.get(column.of)) for column in self.columns}
        kinds = {column.name: column.kind for column in self.columns}
        for head in dict.fromkeys(column.of for column in self.columns if column.of and column.kind != "text"):
            of_error = [column.name for column in self.columns if column.of == head and column.kind == "error"]
            ends = [column.name for column in self.columns if column.of == head and column.kind in ("points", "change")]
            names = (head, *ends)
            numbers = [number for number in map(values.__getitem__, names) if isinstance(number, float)]
            if len(numbers) == len(names):
                error = values[of_error[0]] if of_error else (max(numbers) - min(numbers)) / 2.0
                assert isinstance(error, float)
                if kinds[head] == "change":
                    cells |= zip(names, clear_of_zero(*numbers, error=error), strict=True)
                    cells |= {name: signed(error).removeprefix("+") for name in of_error}
                else:
                    cells |= zip(names, interval(numbers[0], error, *numbers[1:]), strict=True)
        return [cells[column.name] for column in self.columns]


class Finding(ABC):
    """The result of a study; it prints itself in a terminal and in a notebook."""

    @property
    @abstractmethod
    def title(self) -> str:
        """The question and the crisis."""

    @property
    @abstractmethod
    def answer(self) -> tuple[str, ...]:
        """The answer in sentences, the most important first."""

    @property
    @abstractmethod
    def tables(self) -> tuple[Table, ...]:
        """The numbers behind the answer, the most important table first."""

    @property
    def basis(self) -> str:
        """What the answer rests on (`offramp.study.basis`); empty if nothing was solved."""
        return ""

    @property
    def notes(self) -> tuple[str, ...]:
        """How the numbers were made, and what they do not say."""
        return ()

    def table(self, name: str) -> Table:
        """One of the tables, by name; UsageError if there is none of that name."""
        tables = {table.name: table for table in self.tables}
        if name not in tables:
            raise UsageError(f"there is no table {quoted(name)}{expected(name, tables)}")
        return tables[name]

    def to_pandas(self, name: str | None = None) -> pd.DataFrame:
        """A table, by default the first, as a data frame."""
        return (self.tables[0] if name is None else self.table(name)).to_pandas()

    def to_xarray(self, name: str | None = None) -> xr.Dataset:
        """A table, by default the first, as labelled arrays."""
        return (self.tables[0] if name is None else self.table(name)).to_xarray()

    def to_dict(self) -> dict[str, Any]:
        """Everything as plain values, as printed by `--json`."""
        tables: Mapping[str, Any] = {table.name: table.to_dicts() for table in self.tables}
        sentences = {"title": self.title, "basis": self.basis, "answer": list(self.answer)}
        return {**sentences, **tables, "notes": list(self.notes)}

    @property
    def _filled(self) -> tuple[Table, ...]:
        """The tables that have rows: only these are shown."""
        return tuple(table for table in self.tables if table.rows)

    def __repr__(self) -> str:
        lines = [self.title, *(f"  {sentence}" for sentence in (self.basis, *self.answer) if sentence)]
        for table in self._filled:
            lines += ["", table.caption, *_plain(table)]
        return printable("\n".join([*lines, *([""] if self.notes else []), *self.notes]))

    def _repr_html_(self) -> str:
        sentences = [sentence for sentence in (self.basis, *self.answer) if sentence]
        parts = [f"<p><b>{escape(self.title)}</b></p>", *(f"<p>{escape(sentence)}</p>" for sentence in sentences)]
        parts += [_as_html(table, "to_pandas()") for table in self._filled[:1]]
        for table in self._filled[1:]:
            shown = _as_html(table, f"to_pandas({table.name!r})", folded=True)
            parts.append(f"<details><summary>{escape(table.caption)}</summary>{shown}</details>")
        return printable("".join([*parts, *(f"<p><small>{escape(note)}</small></p>" for note in self.notes)]))


def finite(value: Any) -> Any:
    """A value of JSON, in which NaN and infinity are None."""
    if isinstance(value, Mapping):
        return {name: finite(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [finite(part) for part in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def first_rows(table: Table, most: int) -> Table:
    """A table with at most so many rows: the first, or, of one that goes over a range, groups spread over it."""
    if len(table.rows) <= most or not table.ranges:
        return replace(table, rows=table.rows[:most])
    groups: dict[tuple[Value, ...], list[tuple[Value, ...]]] = {}
    for row in table.rows:
        groups.setdefault(row[: table.grouped], []).append(row)
    size = max(map(len, groups.values()))
    count = max(2, most // size)
    values = [*groups.values()]
    places = sorted({round(number * (len(values) - 1) / (count - 1)) for number in range(count)})
    return replace(table, rows=tuple(row for place in places for row in values[place])[:most])


def _plain(table: Table) -> list[str]:
    """A table as lines of text, columns aligned, numbers to the right."""
    grid = [tuple(column.heading for column in table.columns), *table.shown()]
    widths = [max(len(row[place]) for row in grid) for place in range(len(table.columns))]
    return [
        "  "
        + "  ".join(
            cell.ljust(width) if column.kind == "text" else cell.rjust(width)
            for cell, width, column in zip(row, widths, table.columns, strict=True)
        ).rstrip()
        for row in grid
    ]


def _left_out(rows: int, call: str) -> str:
    return trn("{count} more row; {call} has all", "{count} more rows; {call} has all", rows, call=call)


def _as_html(table: Table, call: str, *, folded: bool = False) -> str:
    """A table for a notebook, at most its first rows; `call` gives all. The caption of a folded one is on its fold."""
    shown = first_rows(table, MOST_IN_REPR)
    left = [' style="text-align: left"' if column.kind == "text" else "" for column in table.columns]
    rows = [("th", [column.heading for column in table.columns]), *(("td", row) for row in shown.shown())]
    body = "".join(
        "<tr>" + "".join(f"<{tag}{to}>{escape(cell)}</{tag}>" for to, cell in zip(left, row, strict=True)) + "</tr>"
        for tag, row in rows
    )
    more = len(table.rows) - len(shown.rows)
    rest = f"<p><small>{escape(_left_out(more, call))}</small></p>" if more else ""
    caption = "" if folded else f"<caption>{escape(table.caption)}</caption>"
    return printable(f"<table>{caption}{body}</table>{rest}")
