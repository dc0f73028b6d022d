"""A finding in a terminal."""

from __future__ import annotations

import textwrap

from rich import box
from rich.cells import cell_len
from rich.console import Console
from rich.markup import escape
from rich.table import Table as Grid

from offramp.common.printable import printable
from offramp.common.texts import trn
from offramp.study.finding import Finding, Table, first_rows

MOST_ROWS = 30
"""Maximum number of rows that a terminal shows of a table, so that the answer above stays in sight."""


def show_finding(console: Console, finding: Finding, basis: str | None = None, files: str = "--export") -> None:
    """Print a finding: what was asked, the answer, its tables, and notes.

    `basis`: other words on what it rests on. `files`: the option that writes its tables.
    """
    console.print(f"[bold]{_text(finding.title)}[/bold]")
    if basis := finding.basis if basis is None else basis:
        console.print(f"[dim]{_text(basis)}[/dim]")
    for sentence in finding.answer:
        console.print(_text(sentence))
    for table in finding.tables:
        if table.rows:
            console.print()
            console.print(f"[dim]{_text(table.caption)}:[/dim]")
            console.print(grid(table, console.width))
            if (more := len(table.rows) - len(first_rows(table, MOST_ROWS).rows)) > 0:
                left_out = trn(
                    "{count} more row; --json and {option} have all",
                    "{count} more rows; --json and {option} have all",
                    more,
                    option=files,
                )
                console.print(f"[dim]{escape(left_out)}[/dim]")
    if finding.notes:
        console.print()
    for note in finding.notes:
        console.print(f"[dim]{_text(note)}[/dim]")


def grid(table: Table, width: int) -> Grid:
    """A table without lines; numbers are right-aligned, words wrap.

    If it is wider than `width`, the headings of numbers wrap too, and leave their room to the words.
    """
    columns = Grid(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, padding=(0, 1))
    rows = first_rows(table, MOST_ROWS).shown()
    cells = [max((cell_len(row[place]) for row in rows), default=0) for place in range(len(table.columns))]
    widest = [max(cell, cell_len(column.heading)) for cell, column in zip(cells, table.columns, strict=True)]
    is_tight = sum(widest) + 3 * (len(widest) - 1) > width
    for column, cell in zip(table.columns, cells, strict=True):
        words, heading = column.kind == "text", column.heading
        if is_tight and not words:
            heading = "\n".join(textwrap.wrap(heading, max(cell, *map(cell_len, heading.split()), 1)))
        columns.add_column(escape(heading), justify="left" if words else "right", no_wrap=not words, overflow="fold")
    for row in rows:
        columns.add_row(*(escape(cell) for cell in row))
    return columns


def _text(text: str) -> str:
    return escape(printable(text))
