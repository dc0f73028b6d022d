"""Reads the cells of a CSV file; all mistakes at once, with their lines.

The standard library's reader is used, because it leaves every cell as it is written and knows its line: no guess is
made of types, dates or separators.
"""

from __future__ import annotations

import csv
import io

import numpy as np
from numpy.typing import NDArray

from offramp.common.words import quoted
from offramp.crisis.faults import Faults, Location, without_faults
from offramp.fitting.cells import MAX_CELL, MAX_CELLS, MAX_COLUMNS, MAX_ROWS, MISSING, Cells, numbers_if_all

Read = tuple[dict[str, Cells], NDArray[np.int64]]


def csv_columns(content: bytes, name: str) -> Read:
    """The columns of a CSV file, and the line in which each row begins; CrisisError if it has mistakes."""

    def read(faults: Faults) -> Read | None:
        text = _decoded(content, faults)
        return None if text is None else _columns(text, faults)

    return without_faults(name, read)


def _decoded(content: bytes, faults: Faults) -> str | None:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        faults.add(Location(1, 1), "the table is UTF-16 text; save it as CSV in UTF-8")
        return None
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        faults.add(Location(line, 1), "this is not UTF-8 text; save the table as CSV in UTF-8")
        return None
    if "\0" in text:
        faults.add(Location(text.count("\n", 0, text.index("\0")) + 1, 1), "a text has no null characters")
        return None
    return text


def _columns(text: str, faults: Faults) -> Read | None:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    names: list[str] | None = None
    rows: list[list[str]] = []
    lines: list[int] = []
    begins = 1
    try:
        for cells in reader:
            line, begins = begins, reader.line_num + 1
            if not cells:
                continue
            if names is None:
                names = _names(cells, line, faults)
                if names is None:
                    return None
            elif len(cells) != len(names):
                faults.add(Location(line, 1), f"expected {len(names)} cells, as in the first line, found {len(cells)}")
            elif len(rows) == min(MAX_ROWS, MAX_CELLS // len(names)):
                faults.add(Location(line, 1), f"a table of {len(names)} columns has at most {len(rows):,} rows")
                return None
            else:
                _check_lengths(cells, names, line, faults)
                rows.append(cells)
                lines.append(line)
    except csv.Error as error:
        message = "expected a comma or the end of the line after a text in quotes; a quote within it is written twice"
        if "field limit" in str(error):
            message = (
                f"a cell has at most {MAX_CELL:,} characters, found more than {csv.field_size_limit():,}; is a text in "
                "quotes not closed?"
            )
        faults.add(Location(begins, 1), message)
        return None
    if not rows:
        if not faults:
            faults.add(Location(1, 1), "expected names of columns in the first line, and a row for each case below")
        return None
    kept = [[cell.strip() for cell in column] for column in zip(*rows, strict=True)]
    read = [numbers_if_all([None if cell in MISSING else cell for cell in column]) for column in kept]
    return dict(zip(names or (), read, strict=True)), np.array(lines, dtype=np.int64)


def _names(cells: list[str], line: int, faults: Faults) -> list[str] | None:
    """The names of the columns, or None if no cell below can be understood."""
    names = [cell.strip() for cell in cells]
    place = Location(line, 1)
    for separator, called in ((";", "semicolons"), ("\t", "tabs")):
        if len(names) == 1 and separator in names[0]:
            faults.add(place, f"expected commas between cells, found {called}; save the table with commas")
            return None
    if len(names) > MAX_COLUMNS:
        faults.add(place, f"a table has at most {MAX_COLUMNS:,} columns, found {len(names):,}")
        return None
    first: dict[str, int] = {}
    for number, name in enumerate(names, 1):
        if not name:
            hint = "; R leaves the column of row names so: write.csv(..., row.names = FALSE)" if number == 1 else ""
            faults.add(place, f"column {number} has no name{hint}")
        elif len(name) > MAX_CELL:
            faults.add(place, f"the name of column {number} has more than {MAX_CELL:,} characters: {quoted(name)}")
        elif name in first:
            faults.add(place, f"columns {first[name]} and {number} have the same name, {quoted(name)}")
        first.setdefault(name, number)
    return names


def _check_lengths(cells: list[str], names: list[str], line: int, faults: Faults) -> None:
    for name, cell in zip(names, cells, strict=True):
        if len(cell) > MAX_CELL:
            message = f"a cell has at most {MAX_CELL:,} characters, found {len(cell):,} in column {quoted(name)}"
            faults.add(Location(line, 1), message)
