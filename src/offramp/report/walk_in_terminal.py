"""The records of a draft in a terminal: one with its paragraph, or all in a list."""

from __future__ import annotations

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table as Grid
from rich.text import Text

from offramp.common.printable import printable
from offramp.common.texts import tr
from offramp.crisis.names import capital
from offramp.draft.review.walk import Walk, WalkEntry
from offramp.report.marked_quotes import marked

NARROW = 100
"""In a terminal with fewer columns, the paragraph stands below the claim, not beside it."""
_KINDS = {
    "actors": tr("Who acts"),
    "moves": tr("A choice"),
    "unknowns": tr("What nobody chooses"),
    "options": tr("An option"),
    "steps": tr("The order of events"),
    "restrictions": tr("When an option is open"),
    "inputs": tr("A number"),
    "odds": tr("Odds"),
    "stakes": tr("What counts"),
    "endings": tr("An ending"),
    "levers": tr("A lever"),
    "left_out": tr("Left out"),
}


def show_entry(console: Console, walk: Walk, entry: WalkEntry) -> None:
    """Print a record: its claim and what it does, with its paragraph beside or below, the quote marked."""
    place = walk.entries.index(entry) + 1
    console.rule(
        f"[bold]{_read(walk)}[/bold] · {_text(tr('{number} of {all}', number=place, all=len(walk.entries)))}: "
        f"{_text(entry.id)}",
        align="left",
        style="dim",
    )
    claim, source = _claim(entry), _source(console, entry)
    if console.width < NARROW:
        console.print(claim)
        console.print()
        console.print(source)
        return
    grid = Grid.grid(padding=(0, 4), expand=True)
    grid.add_column(ratio=1)
    grid.add_column(ratio=1)
    grid.add_row(claim, source)
    console.print(grid)


def show_walk(console: Console, walk: Walk) -> None:
    """Print all records in reading order: which are read, and what became of their quotes."""
    console.print(f"[bold]{_read(walk)}[/bold]; {_text(walk.order)}")
    rows = Grid(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, padding=(0, 1))
    for heading in (tr("record"), tr("claim"), tr("state")):
        rows.add_column(heading, overflow="fold")
    for entry in walk.entries:
        notes = "; ".join([*([tr("changed after a solve")] if entry.changed_after_solve else []), *entry.flags])
        state = f"{entry.standing}; {notes}" if notes else entry.standing
        rows.add_row(_text(entry.id), _text(entry.claim), _text(state), style="dim" if entry.is_read else "")
    console.print(rows)


def _claim(entry: WalkEntry) -> Text:
    text = Text()
    text.append(f"{_KINDS.get(entry.kind, entry.kind)}\n", "dim")
    text.append(f"{printable(entry.claim)}\n", "bold")
    text.append(f"{printable(entry.words)}.\n")
    if entry.carries:
        text.append(f"{printable(entry.carries)}\n", "dim")
    if entry.changed_after_solve:
        asked = tr("The model changed it after a solve: does the document say so, or only the result?")
        text.append(f"{asked}\n", "yellow")
    for flag in entry.flags:
        text.append(f"{printable(tr('Take care: {caution}.', caution=flag))}\n", "yellow")
    text.append(printable(f"{capital(entry.standing)}."), "dim" if entry.is_read else "")
    return text


def _source(console: Console, entry: WalkEntry) -> Text:
    """The paragraph with the quote marked, cut around it if it is long; or that there is none."""
    if entry.paragraph is None:
        if entry.state == "ours" or not entry.quote:
            return Text(tr("It rests on no words of the document."), "dim")
        missing = tr("The document does not hold the words that were given for it: “{quote}”", quote=entry.quote)
        return Text(printable(missing), "dim")
    width = console.width if console.width < NARROW else console.width // 2
    return marked(console, f"¶{entry.paragraph}", entry.text, entry.start, entry.end, width)


def _read(walk: Walk) -> str:
    return _text(tr("{number} of {all} read", number=walk.read, all=len(walk.entries)))


def _text(text: str) -> str:
    return escape(printable(text))
