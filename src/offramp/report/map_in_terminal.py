"""A map in a terminal: its sentences, the map in characters, and some points of the border."""

from __future__ import annotations

from dataclasses import replace

from rich.console import Console
from rich.markup import escape

from offramp.common.printable import printable
from offramp.common.texts import tr
from offramp.report.findings_in_terminal import grid
from offramp.study.finding import Table
from offramp.study.two_way_map.map_finding import Map

FEW = 9
"""Number of border points that are printed; an export has all."""


def show_map(console: Console, shown_map: Map) -> None:
    """Print a map."""
    console.print(f"[bold]{escape(printable(shown_map.title))}[/bold]")
    console.print(f"[dim]{escape(printable(shown_map.basis))}[/dim]")
    for sentence in shown_map.answer:
        console.print(escape(printable(sentence)))
    console.print()
    for line in shown_map.sketch:
        console.print(escape(line), no_wrap=True, crop=True)
    border = some_of(shown_map.table("border"))
    if border.rows:
        console.print(f"\n[dim]{escape(printable(border.caption))}:[/dim]")
        console.print(grid(border, console.width))
    console.print()
    for note in shown_map.notes:
        console.print(f"[dim]{escape(printable(note))}[/dim]")


def some_of(border: Table) -> Table:
    """A few points of a border, picked evenly from those along the axis that has more."""
    axes = [row[0] for row in border.rows]
    axis = max(dict.fromkeys(axes), key=axes.count, default=None)
    rows = [row for row in border.rows if row[0] == axis]
    step = -(-len(rows) // FEW) or 1
    caption = border.caption
    if len(rows) < len(border.rows) or len(rows) > FEW:
        caption = tr("{caption} (some points; --export has all)", caption=caption)
    return replace(border, rows=tuple(rows[::step]), caption=caption)
