"""A row of endings in a terminal: the endings of the drafts side by side, each with its words and its quote."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table as Grid
from rich.text import Text

from offramp.common.printable import printable
from offramp.common.texts import tr, trn
from offramp.draft.rivals.endings_rows import EndingShown, EndingsRows

NARROW = 36
"""With fewer columns for each draft, the drafts stand one below the other."""


def show_row(console: Console, found: EndingsRows, shared: str) -> None:
    """Print a row: for each draft its ending, or its endings that count as one, or that it has none."""
    place = list(found.rows).index(shared) + 1
    title = tr("{place} of {rows} · {row}", place=place, rows=len(found.rows), row=printable(shared))
    console.rule(Text(title, "bold"), align="left", style="dim")
    row = found.rows[shared]
    cells = [_cell(one.label, [found.shown(one.label, key) for key in row.get(one.label, ())]) for one in found.drafts]
    if console.width // len(cells) < NARROW:
        for cell in cells:
            console.print(cell)
    else:
        grid = Grid.grid(padding=(0, 2), expand=True)
        for _ in cells:
            grid.add_column(ratio=1)
        grid.add_row(*cells)
        console.print(grid)
    for fault in found.faults(shared):
        console.print(Text(printable(fault), "bold red"))
    if why := found.why(shared):
        console.print(Text(tr("Why, says the model: {reason}", reason=printable(why)), "dim"))


def show_only_in(console: Console, found: EndingsRows) -> None:
    """Print the endings that stand in no row."""
    for label, keys in found.only_in.items():
        for key in keys:
            ending = found.shown(label, key)
            text = Text(f"{tr('only in {draft}:', draft=label)} ", "yellow")
            text.append(f"{printable(ending.name)} ({printable(key)})", "not dim")
            console.print(text)


def _cell(label: str, endings: Sequence[EndingShown]) -> Text:
    text = Text(f"{label}\n", "dim")
    if not endings:
        return text.append(f"{tr('has no such ending')}\n", "yellow")
    if len(endings) > 1:
        several = trn("{count} ending that counts as one:", "{count} endings that count as one:", len(endings))
        text.append(f"{several}\n", "yellow")
    for ending in endings:
        text.append(f"{printable(ending.name)}", "not dim bold").append(f" ({printable(ending.key)})\n", "dim")
        if not ending.words:  # the draft has no such ending
            continue
        text.append(f"{printable(ending.words)}.\n", "not dim")
        text.append(f"{printable(ending.claim)}\n", "not dim")
        if ending.paragraph is None:
            text.append(f"{tr('It rests on no words of the document.')}\n", "dim")
        else:
            text.append(f"¶{ending.paragraph} “{printable(ending.quote)}”\n", "dim")
    return text
