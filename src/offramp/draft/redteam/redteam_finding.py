"""The weak points of a crisis as a finding, numbered, with what a person has said of each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from offramp.common.texts import tr, trn
from offramp.common.words import listed
from offramp.draft.quotes import State
from offramp.draft.redteam.best_options import BestOption, Solving
from offramp.draft.redteam.weak_point import KIND_NAMES, MEANS, PROPOSERS, WeakPoint
from offramp.study.finding import Column, Finding, Table

Mark = Literal["open", "answered", "set aside"]
MARKS: dict[Mark, str] = {"open": tr("open"), "answered": tr("answered"), "set aside": tr("set aside")}
"""What a person says of a weak point, for readers."""
STATES: dict[State, str] = {
    "exact": tr("in the document, letter by letter"),
    "folded": tr("in the document, but for case, white space and marks"),
    "elsewhere": tr("in the document, in another paragraph than was said"),
    "failed": tr("NOT in the document"),
    "ours": tr("no words of the document"),
}
"""What became of a quote, in words."""
_IN_SHORT: dict[State, str] = {
    "exact": tr("exact"),
    "folded": tr("folded"),
    "elsewhere": tr("elsewhere"),
    "failed": tr("failed"),
    "ours": tr("ours"),
}


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
        return tr("What may be weak in “{crisis}”?", crisis=self.crisis)

    @property
    def basis(self) -> str:
        if not self.solving.draws:
            return self.moment.strip()
        solved = trn(
            "{count} draw of its inputs was solved.", "{count} draws of its inputs were solved.", self.solving.draws
        )
        return f"{self.moment}{solved}".strip()

    @property
    def answer(self) -> tuple[str, ...]:
        there = [one for one in self.points if not one.is_gone]
        if not there:
            return (tr("No weak point was found. That does not mean that there is none."),)
        kinds = Counter(one.point.kind for one in there)
        shown = listed((f"{kinds[kind]} “{name}”" for kind, name in KIND_NAMES.items() if kinds[kind]), len(MEANS))
        marks = Counter(one.mark for one in there)
        sentences = [trn("{count} weak point: {kinds}.", "{count} weak points: {kinds}.", len(there), kinds=shown)]
        if marks["open"] < len(there):
            sentences.append(
                tr(
                    "{answered} answered, {set_aside} set aside, {open} open.",
                    answered=marks["answered"],
                    set_aside=marks["set aside"],
                    open=marks["open"],
                )
            )
        if gone := len(self.points) - len(there):
            sentences.append(
                trn("{count} found earlier is no longer found.", "{count} found earlier are no longer found.", gone)
            )
        return tuple(sentences)

    @property
    def tables(self) -> tuple[Table, ...]:
        return (self._points(), self._best())

    @property
    def notes(self) -> tuple[str, ...]:
        notes = [self.solving.trouble] if self.solving.trouble else []
        if self.solving.levers_left_out:
            notes.append(tr("There are too many levers for a game of this size: none was tried."))
        if any(one.point.by for one in self.points):
            notes.append(tr("What a model proposes is a question to you, and no finding about the world."))
        return (
            *notes,
            *self.remarks,
            tr("A weak point is no mistake: answer it, or set it aside with a reason. Nothing was changed."),
        )

    def _points(self) -> Table:
        columns = (
            Column("number", tr("no."), "count"),
            Column("kind", tr("kind"), names=KIND_NAMES),
            Column("lines", tr("lines")),
            Column("about", tr("about")),
            Column("says", tr("what may be weak")),
            Column("answer", tr("what would answer it")),
            Column("by", tr("proposed by"), names=PROPOSERS),
            Column("quote", tr("quote")),
            Column("paragraph", "¶", "count"),
            Column("quote_state", tr("the quote is"), names=_IN_SHORT),
            Column("mark", tr("mark"), names=MARKS),
            Column("note", tr("note")),
            Column("marked_by", tr("by")),
            Column("date", tr("on")),
            Column("gone", tr("no longer found")),
        )
        return Table("points", tr("Weak points"), columns, tuple(map(_row, self.points)))

    def _best(self) -> Table:
        shown = self.solving.options
        steps = {one.move: one.called for one in shown}
        options = {(one.move, one.option): one.option_called for one in shown}
        columns = (
            Column("move", tr("choice"), names=steps),
            Column("option", tr("option"), of="move", names=options),
            Column("best", tr("is best in"), "share"),
            Column("cases", tr("of cases"), "count"),
        )
        rows = tuple(_share(option) for option in shown)
        caption = tr(
            "How often each option is the best, in the equilibrium to which each draw is solved, over all draws and "
            "all that its actor may know"
        )
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
