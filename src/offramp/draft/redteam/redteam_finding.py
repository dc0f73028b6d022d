"""The weak points of a crisis as a finding, numbered, with what a person has said of each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from offramp.common.words import listed
from offramp.draft.quotes import State
from offramp.draft.redteam.best_options import BestOption, Solving
from offramp.draft.redteam.weak_point import MEANS, WeakPoint
from offramp.study.finding import Column, Finding, Table

Mark = Literal["open", "answered", "set aside"]
STATES: dict[State, str] = {
    "exact": "in the document, letter by letter",
    "folded": "in the document, but for case, white space and marks",
    "elsewhere": "in the document, in another paragraph than was said",
    "failed": "NOT in the document",
    "ours": "no words of the document",
}
"""What became of a quote, in words."""


@dataclass(frozen=True)
class NumberedPoint:
    """A weak point with its number, and what a person says of it: its mark, a note, who and when.

    `is_gone`: whether it was found earlier, and is no longer.
    """

    number: int
    point: WeakPoint
    mark: Mark = "open"
    note: str = ""
    marked_by: str = ""
    date: str = ""
    is_gone: bool = False


@dataclass(frozen=True)
class WeakPoints(Finding):
    """What is weak in a crisis. `file`: the name of its file; `moment`: as of when, or how much of a draft is read.

    `remarks`: what was left out of a model's answers, and its notes.
    """

    crisis: str
    file: str
    points: tuple[NumberedPoint, ...]
    solving: Solving
    moment: str = ""
    remarks: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        return f"What may be weak in “{self.crisis}”?"

    @property
    def basis(self) -> str:
        solved = f"{self.solving.draws} draws of its inputs were solved." if self.solving.draws else ""
        return f"{self.moment}{solved}".strip()

    @property
    def answer(self) -> tuple[str, ...]:
        there = [one for one in self.points if not one.is_gone]
        if not there:
            return ("No weak point was found. That does not mean that there is none.",)
        kinds = Counter(one.point.kind for one in there)
        shown = listed((f"{kinds[kind]} “{kind}”" for kind in MEANS if kinds[kind]), len(MEANS))
        count = f"{len(there)} weak point{'s' * (len(there) != 1)}"
        marks = Counter(one.mark for one in there)
        sentences = [f"{count}: {shown}."]
        if marks["open"] < len(there):
            sentences.append(f"{marks['answered']} answered, {marks['set aside']} set aside, {marks['open']} open.")
        if gone := len(self.points) - len(there):
            sentences.append(f"{gone} found earlier {'is' if gone == 1 else 'are'} no longer found.")
        return tuple(sentences)

    @property
    def tables(self) -> tuple[Table, ...]:
        return (self._points(), self._best())

    @property
    def notes(self) -> tuple[str, ...]:
        notes = [self.solving.trouble] if self.solving.trouble else []
        if self.solving.levers_left_out:
            notes.append("There are too many levers for a game of this size: none was tried.")
        if any(one.point.by for one in self.points):
            notes.append("What a model proposes is a question to you, and no finding about the world.")
        return (
            *notes,
            *self.remarks,
            "A weak point is no mistake: answer it, or set it aside with a reason. Nothing was changed.",
        )

    def _points(self) -> Table:
        columns = (
            Column("number", "no.", "count"),
            Column("kind", "kind"),
            Column("lines", "lines"),
            Column("about", "about"),
            Column("says", "what may be weak"),
            Column("answer", "what would answer it"),
            Column("by", "proposed by"),
            Column("quote", "quote"),
            Column("paragraph", "¶", "count"),
            Column("quote_state", "the quote is"),
            Column("mark", "mark"),
            Column("note", "note"),
            Column("marked_by", "by"),
            Column("date", "on"),
            Column("gone", "no longer found"),
        )
        return Table("points", "Weak points", columns, tuple(map(_row, self.points)))

    def _best(self) -> Table:
        shown = self.solving.options
        steps = {one.move: one.called for one in shown}
        options = {(one.move, one.option): one.option_called for one in shown}
        columns = (
            Column("move", "choice", names=steps),
            Column("option", "option", of="move", names=options),
            Column("best", "is best in", "share"),
            Column("cases", "of cases", "count"),
        )
        rows = tuple(_share(option) for option in shown)
        caption = "How often each option is the best, over all draws and all that its actor may know"
        return Table("best_options", caption, columns, rows, grouped=1)


def numbered(points: Sequence[WeakPoint]) -> tuple[NumberedPoint, ...]:
    """Weak points with numbers from 1, all open."""
    return tuple(NumberedPoint(number, point) for number, point in enumerate(points, start=1))


def _row(one: NumberedPoint) -> tuple[str | int | bool | None, ...]:
    point, quote = one.point, one.point.quote
    words = (quote.text, quote.paragraph, quote.state) if quote else ("", None, "")
    lines = ", ".join(map(str, point.lines))
    marked = (one.mark, one.note, one.marked_by, one.date, one.is_gone)
    return (one.number, point.kind, lines, point.about, point.says, point.answer, point.by, *words, *marked)


def _share(option: BestOption) -> tuple[str | float | int, ...]:
    return (option.move, option.option, option.best / option.asked, option.asked)
