"""What a crisis reads from each row of a table: the numbers of its inputs and the levels of recorded columns."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from offramp.common.errors import UsageError
from offramp.common.words import expected, listed, nearest_word, quoted
from offramp.crisis.expressions.expression import Expression, evaluate
from offramp.crisis.faults import Faults, Location
from offramp.crisis.model import Crisis
from offramp.crisis.parts import CaseColumn
from offramp.crisis.recorded_cases import RecordedCases
from offramp.fitting.case_table import CaseTable
from offramp.fitting.cells import Cells, is_text, number_of, written

Array = NDArray[np.float64]
MOST_WORDS = 2
"""How many of the cells that are no number a message names."""
_DECIMAL_COMMA = re.compile(r"[-+]?(?:0?,[0-9]+|[0-9]+,(?![0-9]{3}$)[0-9]+)")
"""A decimal with a comma; `1,000` may be a thousand."""
TIMES = "; times are numbers, such as the year"
UNKNOWN = -1
"""The code of a missing cell."""
UNLISTED = -2
"""The code of a cell that is no level."""


@dataclass(frozen=True, eq=False)
class InputCells:
    """An input's value in each row: (rows,), NaN if a column that it names has no value there.

    `columns`: those that it names. `expression`: as the file writes it.
    """

    name: str
    values: Array
    columns: tuple[str, ...]
    expression: str


def check_inputs(crisis: Crisis, cases: RecordedCases, faults: Faults) -> None:
    """Add a mistake for each input that a fit cannot give a number; and one if there is nothing to estimate."""
    for name, entry in crisis.inputs.items():
        if entry.column is None and not entry.estimate and entry.distribution.kind != "constant":
            whose = f"the rationality of {entry.of_actor}" if entry.of_actor else f"'{name}'"
            faults.add(
                entry.place,
                f"{whose} is uncertain, so a fit has no number for it: give it `estimate: yes`, a `column`, or a "
                "number as `is`",
            )
    if not any(entry.estimate for entry in crisis.inputs.values()):
        faults.add(cases.place, "there is nothing to estimate: no input has `estimate: yes` or `linear`")


def check_columns(crisis: Crisis, cases: RecordedCases, table: CaseTable, faults: Faults) -> None:
    """Add a mistake for each column that the table lacks, or that holds texts in place of numbers."""
    for entry in crisis.inputs.values():
        if entry.column is not None:
            check_expression(entry.column, table, faults)
    what = "observed" if cases.observed else "counts"
    for name in cases.observed or cases.counts:
        _check_known(name, f"`{what}`", cases.place_of(what, name), table, faults)
    for key, named in (("cluster", cases.cluster), ("time", cases.time), ("count", cases.count)):
        if named is not None:
            _check_known(named, f"`{key}`", cases.place_of(key, named), table, faults)
    for key, named in (*(("counts", name) for name in cases.counts), ("time", cases.time), ("count", cases.count)):
        if named is not None:
            _check_numbers(named, cases.place_of(key, named), table, faults, TIMES if key == "time" else "")
    for name, levels in cases.observed.items():
        _check_alike(name, levels, cases, faults)


def check_expression(column: CaseColumn, table: CaseTable, faults: Faults) -> None:
    """Add a mistake for each column that an expression names and the table lacks, or that holds texts."""
    expression = column.expression
    for name in sorted(expression.names):
        place = expression.places.get(name, expression.place)
        _check_known(name, "`column`", place, table, faults)
        if column.level is None:
            hint = f"; `levels` turns words into inputs of 0 and 1, as in levels: [{_first_text(table, name)}]"
            _check_numbers(name, place, table, faults, of_words=hint)


def check_times(column: str, table: CaseTable) -> None:
    """Raise UsageError if the column that `--by` names is not one of times."""
    faults, nowhere = Faults(), Location(1, 1)
    _check_known(column, "--by", nowhere, table, faults)
    _check_numbers(column, nowhere, table, faults, TIMES)
    if faults:
        raise UsageError("; ".join(fault.message for fault in faults.entries))


def _check_known(name: str, where: str, place: Location, table: CaseTable, faults: Faults) -> None:
    if name not in table.columns:
        faults.add(place, f"{table.name} has no column {quoted(name)}, as {where} says{expected(name, table.columns)}")


def _check_numbers(
    name: str, place: Location, table: CaseTable, faults: Faults, hint: str = "", of_words: str = ""
) -> None:
    """Add a mistake if a column holds texts; `of_words`: the hint if it holds no number at all."""
    if name not in table.columns or not is_text(cells := table.columns[name]):
        return
    words = np.flatnonzero([isinstance(cell, str) and number_of(cell) is None for cell in cells])
    numbers = bool((~table.missing(name)).sum() > len(words))
    if not len(words):  # a text column of a data frame, whose texts are numbers
        words = np.flatnonzero(~table.missing(name))
    first: dict[str, int] = {}
    for row in words.tolist():
        first.setdefault(cells[row], row)
    named = [f"{quoted(cell)} in {table.places(np.array([row]))}" for cell, row in [*first.items()][:MOST_WORDS]]
    others = f" and {len(words) - len(named):,} more" if len(words) > len(named) else ""
    comma = next((cell for cell in first if _DECIMAL_COMMA.fullmatch(cell)), None)
    if comma is not None:
        hint = f"; decimals have a point and no comma: {comma.replace(',', '.')}"
    found = (", " if others else " and ").join(named) or "texts"
    faults.add(
        place,
        f"expected numbers in column {quoted(name)}, found {found}{others}{hint or ('' if numbers else of_words)}",
    )


def _first_text(table: CaseTable, name: str) -> str:
    cells = table.columns.get(name, np.empty(0))
    return next((cell for cell in cells if isinstance(cell, str)), "")[:30]


def _check_alike(name: str, levels: Iterable[str], cases: RecordedCases, faults: Faults) -> None:
    first: dict[float, str] = {}
    for level in levels:
        number = number_of(level)
        if number is not None and first.setdefault(number, level) != level:
            message = f"cells {quoted(first[number])} and {quoted(level)} of column {quoted(name)} are the same number"
            faults.add(cases.place_of("observed", name, level), message)


def input_cells(crisis: Crisis, table: CaseTable) -> tuple[InputCells, ...]:
    """The values of every input with `column`, in the order of the file; all columns are there and fit."""
    return tuple(_cells_of(name, entry.column, table) for name, entry in crisis.inputs.items() if entry.column)


def _cells_of(name: str, column: CaseColumn, table: CaseTable) -> InputCells:
    expression: Expression = column.expression
    named = tuple(sorted(expression.names))
    absent = np.zeros(table.rows, dtype=bool)
    for one in named:
        absent |= table.missing(one)
    if column.level is not None:
        values = (codes_of(table.columns[named[0]], [column.level]) == 0).astype(np.float64)
        return InputCells(name, np.where(absent, np.nan, values), named, f"{expression.text} = {column.level}")
    found = evaluate(expression.root, {one: table.columns[one] for one in named})
    found = np.where(np.isnan(found), np.inf, np.broadcast_to(found, table.rows))  # undefined is not missing
    return InputCells(name, np.where(absent, np.nan, found) + 0.0, named, expression.text)


def codes_of(cells: Cells, levels: Iterable[str]) -> NDArray[np.int64]:
    """The position of each cell among levels, `UNKNOWN` or `UNLISTED`: (rows,).

    A cell is a level if it is the same text or the same number.

    Examples
    --------
    >>> codes_of(np.array([1.0, 0.0, np.nan, 2.0]), ["0", "1"]).tolist()
    [1, 0, -1, -2]
    >>> codes_of(np.array(["war", None, "1.0", "peace"], dtype=object), ["war", "1"]).tolist()
    [0, -1, 1, -2]
    """
    known: dict[object, int] = {None: UNKNOWN}
    numbers: dict[float, int] = {}
    for code, level in enumerate(levels):
        known[level] = code
        number = number_of(level)
        if number is not None:
            numbers[number] = code
    if not is_text(cells):
        codes = np.full(len(cells), UNLISTED, dtype=np.int64)
        for number, code in numbers.items():
            codes[cells == number] = code
        codes[np.isnan(cells)] = UNKNOWN
        return codes
    for cell in set(cells) - known.keys():
        number = number_of(cell)
        known[cell] = UNLISTED if number is None else numbers.get(number, UNLISTED)
    return np.array([known[cell] for cell in cells], dtype=np.int64)


def cell_text(cell: object) -> str:
    """A cell that is not missing, as text."""
    return written(cell) if isinstance(cell, float) else str(cell)


def counted_cells(cells: Cells, rows: NDArray[np.bool_]) -> Mapping[str, int]:
    """The distinct cells of some rows, none missing, with how often each occurs, the most frequent first."""
    found, counts = np.unique(cells[rows].astype(str if is_text(cells) else float), return_counts=True)
    order = np.argsort(-counts, kind="stable")
    return {cell_text(found[place].item()): int(counts[place]) for place in order}


def shown_cells(cells: Iterable[str], levels: Iterable[str]) -> str:
    """Some cells that are no level, each with the nearest level: `'wer' (did you mean 'war'?) and 2 more`."""
    shown: list[str] = []
    known = list(levels)
    for cell in cells:
        near = nearest_word(cell, known) if len(shown) < 3 else None
        shown.append(f"{quoted(cell)} (did you mean '{near}'?)" if near else quoted(cell))
    return listed(shown, 3)
