"""Proposals for `observed`: the events of an answer, checked without a model, and those that are one event merged.

Texts that tell the same of a step, with the same value and the same day, make one proposal. Texts that disagree make
several, which name each other.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from offramp.common.words import expected, listed, quoted
from offramp.crisis import scalars
from offramp.crisis.expressions.expression import SKIPPED
from offramp.crisis.model import Crisis
from offramp.draft.news.news_records import EventRecord
from offramp.draft.quotes import QuoteCheck, verified


@dataclass(frozen=True)
class NewsSource:
    """A text of news: its file's name, its paragraphs, its day, and the paragraphs that may speak to a machine."""

    name: str
    paragraphs: tuple[str, ...]
    as_of: str | None = None
    suspicious: tuple[int, ...] = ()


@dataclass(frozen=True)
class Support:
    """The words of one text for a proposal, and what became of them.

    `text`: the number of the text, from 1; `quote`: the words as the answer gave them; `fault`: why they cannot count.
    """

    text: int
    name: str
    says: str
    quote: str
    check: QuoteCheck
    fault: str = ""
    is_suspicious: bool = False

    @property
    def place(self) -> str:
        """The text and the paragraph: `herald.txt ¶3`, or `herald.txt ¶?` if no paragraph has the words."""
        return f"{self.name} ¶{self.check.paragraph if self.check.found else '?'}"

    def to_dict(self) -> dict[str, Any]:
        words = self.check.text if self.check.found else self.quote
        return {
            "text": self.name,
            "paragraph": self.check.paragraph,
            "quote": words,
            "state": self.check.state,
            "says": self.says,
            "fault": self.fault,
            "speaks_to_a_machine": self.is_suspicious,
        }


@dataclass(frozen=True)
class Proposal:
    """An event that texts tell of: what a step took, and on which day.

    `position`: the step, or `STEP@ROUND`; empty if the event fits no step. `faults`: why it can never be written.
    `against`: the numbers of the proposals that say something else of the same step.
    """

    number: int
    position: str
    value: str
    date: str
    supports: tuple[Support, ...]
    faults: tuple[str, ...] = ()
    against: tuple[int, ...] = ()

    @property
    def is_quoted(self) -> bool:
        """Whether words of a text stand behind it."""
        return any(support.check.found and not support.fault for support in self.supports)

    def words(self, crisis: Crisis) -> str:
        """What it says has happened, by name if the crisis has the step and the option."""
        if not self.position:
            return self.supports[0].says
        step, _, number = self.position.partition("@")
        if position_fault(crisis, self.position, self.value):
            return f"{self.position}: {self.value or '?'}"
        return crisis.by_name((step, int(number or 0)), (self.value,))

    def to_dict(self) -> dict[str, Any]:
        return {
            "number": self.number,
            "step": self.position or None,
            "value": self.value or None,
            "date": self.date or None,
            "fits_no_step": not self.position,
            "sources": [support.to_dict() for support in self.supports],
            "faults": list(self.faults),
            "disagrees_with": list(self.against),
        }


def proposals_of(records: Sequence[EventRecord], sources: Sequence[NewsSource], crisis: Crisis) -> tuple[Proposal, ...]:
    """The proposals that the events of an answer make, by their day; those that fit no step come last.

    Their numbers depend on the events alone, not on the crisis.
    """
    groups: dict[tuple[str, str, str, str], list[EventRecord]] = {}
    for record in records:
        apart = "" if record.position else f"{record.text} {record.para} {record.quote or record.says}"
        groups.setdefault((record.position, record.value, record.date, apart), []).append(record)
    order = sorted(groups, key=lambda key: (not key[0], key[2]))
    found = [_proposal(number, groups[key], sources, crisis) for number, key in enumerate(order, start=1)]
    return tuple(
        replace(one, against=tuple(other.number for other in found if one.position and _disagree(one, other)))
        for one in found
    )


def record_faults(record: EventRecord, sources: Sequence[NewsSource], crisis: Crisis) -> Iterator[str]:
    """What is wrong with an event, in words; a quote that was not found is the last."""
    if record.position:
        if fault := position_fault(crisis, record.position, record.value):
            yield fault
        yield from _date_faults(record, sources)
    if record.text > len(sources):
        yield _no_text(record, sources)
    elif not _checked(record, sources).found:
        elsewhere = (verified(record.quote, None, source.paragraphs).paragraph for source in sources)
        places = [f"text {text}, ¶{number}" for text, number in enumerate(elsewhere, start=1) if number is not None]
        stand = f"; they stand in {listed(places)}" if places else ""
        yield f"the words {quoted(record.quote)} are not in text {record.text}{stand}"


def position_fault(crisis: Crisis, position: str, value: str) -> str:
    """Why a step cannot have taken a value; empty if it can."""
    step, _, number = position.partition("@")
    counts = dict(sorted(at for together in crisis.positions for at in together))  # the last round counts
    if step not in counts:
        return f"there is no chance step or move {quoted(step)}{expected(step, counts)}"
    most = counts[step]
    if most and not 1 <= int(number or 0) <= most:
        return f"'{step}' is inside rounds 1 to {most}: " + (f"there is no round {number}" if number else "which one?")
    if number and not most:
        return f"'{step}' is not inside rounds, so there is no round {number}"
    if not value:
        return f"the value of '{position}' is missing"
    options = (*crisis.options_of(step), SKIPPED)
    if value not in options:
        return f"{quoted(value)} is no option of '{step}'{expected(value, options, 20)}"
    return ""


def _proposal(number: int, records: Sequence[EventRecord], sources: Sequence[NewsSource], crisis: Crisis) -> Proposal:
    first = records[0]
    supports = tuple(dict.fromkeys(_support(record, sources) for record in records))
    faults = []
    if first.position:
        fault = position_fault(crisis, first.position, first.value)
        faults = [fault] if fault else []
        if not scalars.is_date(first.date):
            faults += _date_faults(first, sources)
        elif all(support.fault for support in supports):
            faults += dict.fromkeys(support.fault for support in supports)
    return Proposal(number, first.position, first.value, first.date, supports, tuple(faults))


def _support(record: EventRecord, sources: Sequence[NewsSource]) -> Support:
    if record.text > len(sources):
        fault = _no_text(record, sources)
        return Support(record.text, f"text {record.text}", record.says, record.quote, QuoteCheck("failed"), fault)
    source, check = sources[record.text - 1], _checked(record, sources)
    faults = list(_date_faults(record, sources)) if record.position and scalars.is_date(record.date) else []
    return Support(
        record.text,
        source.name,
        record.says,
        record.quote,
        check,
        "; ".join(faults),
        check.paragraph in source.suspicious or (not check.found and record.para in source.suspicious),
    )


def _checked(record: EventRecord, sources: Sequence[NewsSource]) -> QuoteCheck:
    check = verified(record.quote, record.para, sources[record.text - 1].paragraphs)
    return QuoteCheck("failed") if check.state == "ours" else check


def _date_faults(record: EventRecord, sources: Sequence[NewsSource]) -> Iterator[str]:
    if not scalars.is_date(record.date):
        yield f"expected {scalars.DATE_WORDS}, found {quoted(record.date)}"
    elif record.text <= len(sources):
        until = sources[record.text - 1].as_of
        if until is not None and record.date > until:
            yield f"{record.date} is after {until}, the day of text {record.text}"


def _no_text(record: EventRecord, sources: Sequence[NewsSource]) -> str:
    return f"there is no text {record.text}; there are texts {listed(map(str, range(1, len(sources) + 1)), 20)}"


def _disagree(one: Proposal, other: Proposal) -> bool:
    return one.position == other.position and (one.value, one.date) != (other.value, other.date)
