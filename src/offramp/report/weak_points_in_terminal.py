"""The weak points of a crisis in a terminal: by kind, numbered, with their lines, quotes and what would answer them."""

from __future__ import annotations

from itertools import groupby

from rich.console import Console
from rich.markup import escape
from rich.table import Table as Grid
from rich.text import Text

from offramp.common.printable import printable
from offramp.common.texts import tr, trn
from offramp.common.words import cut, listed
from offramp.crisis.names import capital
from offramp.draft.redteam.redteam_finding import MARKS, STATES, NumberedPoint, WeakPoints
from offramp.draft.redteam.weak_point import KIND_NAMES, MEANS, PROPOSERS, WeakPoint
from offramp.report.findings_in_terminal import grid

MOST_LINES, LONGEST = 6, 600
"""Lines of a file that are named, and characters of a quote that are shown."""


def show_weak_points(console: Console, finding: WeakPoints) -> None:
    """Print a finding of weak points."""
    console.print(f"[bold]{_text(finding.title)}[/bold]")
    if finding.basis:
        console.print(f"[dim]{_text(finding.basis)}[/dim]")
    for sentence in finding.answer:
        console.print(_text(sentence))
    kinds = list(MEANS)
    there = sorted((one for one in finding.points if not one.is_gone), key=lambda one: kinds.index(one.point.kind))
    for kind, points in groupby(there, lambda one: one.point.kind):
        console.print(f"\n[bold]{_text(capital(KIND_NAMES[kind]))}[/bold][dim]: {_text(MEANS[kind])}[/dim]")
        rows = Grid.grid(padding=(0, 1, 1, 0))
        rows.add_column(justify="right", width=4)
        rows.add_column()
        for one in points:
            rows.add_row(f"[bold]{one.number}.[/bold]", _point(one, finding.file))
        console.print(rows)
    best = finding.table("best_options")
    if best.rows:
        console.print(f"[dim]{_text(best.caption)}:[/dim]")
        console.print(grid(best, console.width))
        console.print()
    for note in finding.notes:
        console.print(f"[dim]{_text(note)}[/dim]")


def _point(one: NumberedPoint, file: str) -> Text:
    point, text = one.point, Text()
    where = f"{file}:{point.lines[0]}" if point.lines else ""
    more = [str(line) for line in point.lines[1:]]
    if more:
        lines = listed(more, MOST_LINES)
        also = trn("(also line {lines})", "(also lines {lines})", len(more), lines=lines)
        where = f"{where} {also}"
    text.append(printable(f"{capital(point.says).rstrip('.')}."))
    if quote := point.quote:
        place = f"¶{quote.paragraph}: " if quote.paragraph else ""
        text.append(printable(f"\n{place}“{cut(quote.text, LONGEST)}” "))
        text.append(f"[{STATES[quote.state]}]", "bold" if quote.state == "failed" else "dim")
    text.append(printable(f"\n{tr('To answer it: {answer}.', answer=point.answer)}"), "dim")
    if point.by:
        text.append(printable(f"\n{_proposed(point)}"), "dim")
    if where or point.about:
        text.append(printable(f"\n{'  '.join(filter(None, (where, cut(point.about, 100))))}"), "dim")
    if one.mark != "open" or one.note:
        text.append(printable(f"\n{_marked(one)}"), "italic")
    text.append("\n")
    return text


def _proposed(point: WeakPoint) -> str:
    by = PROPOSERS.get(point.by, point.by)
    if point.quote:
        return tr("Proposed by {model}.", model=by)
    return tr("Proposed by {model}, as its own idea: it gives no words of the document.", model=by)


def _marked(one: NumberedPoint) -> str:
    mark = capital(MARKS[one.mark])
    if not one.note:
        return tr("{mark}, {person} on {date}", mark=mark, person=one.marked_by, date=one.date)
    return tr("{mark}, {person} on {date}: {note}", mark=mark, person=one.marked_by, date=one.date, note=one.note)


def _text(text: str) -> str:
    return escape(printable(text))
