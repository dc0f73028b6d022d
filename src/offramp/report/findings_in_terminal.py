"""A finding in a terminal."""

from __future__ import annotations

from rich import box
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
            console.print(grid(table))
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


def grid(table: Table) -> Grid:
    """A table without lines; numbers are right-aligned, words wrap."""
    columns = Grid(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, padding=(0, 1))
    for column in table.columns:
        words = column.kind == "text"
        columns.add_column(
            escape(column.heading), justify="left" if words else "right", no_wrap=not words, overflow="fold"
        )
    for row in first_rows(table, MOST_ROWS).shown():
        columns.add_row(*(escape(cell) for cell in row))
    return columns


def _text(text: str) -> str:
    return escape(printable(text))
