"""The sidecar of a red team, `redteam.json`: the weak points, what was asked of a model, and what a person marked.

It may come from a stranger. It holds no path: the crisis in words and its claims are copied when the red team begins.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, model_validator

from offramp.common.words import listed
from offramp.draft.brief_records import MAX_QUOTE
from offramp.draft.inquiry_state import Count, Day, InquiryState, KeptPart, Message, Short, read_state, write_state
from offramp.draft.quotes import State
from offramp.draft.redteam.best_options import BestOption, Solving
from offramp.draft.redteam.redteam_answers import MOST_CLAIMS
from offramp.draft.redteam.redteam_finding import Mark, NumberedPoint
from offramp.draft.redteam.weak_point import Kind, PointQuote, WeakPoint

REDTEAM = "redteam.json"
MOST_POINTS, MOST_MARKS, MOST_LINES = 2_000, 20_000, 500
MAX_WORDS = 2_000
Stage = Literal["missing", "support", "done"]
"""What a model is asked next: what is missing; which claims their words do not support; nothing."""
Words = Annotated[str, Field(max_length=MAX_WORDS)]
Line = Annotated[int, Field(ge=1, le=10_000_000)]
Number = Annotated[int, Field(ge=1, le=MOST_POINTS)]


class KeptQuote(KeptPart):
    """A `PointQuote` as it is stored."""

    text: Annotated[str, Field(max_length=4 * MAX_QUOTE)]
    state: State
    paragraph: Line | None = None


class KeptPoint(KeptPart):
    """A `WeakPoint` as it is stored; `gone`: whether a later look no longer found it."""

    kind: Kind
    about: Words
    says: Words
    answer: Words
    lines: Annotated[tuple[Line, ...], Field(max_length=MOST_LINES)] = ()
    by: Short = ""
    quote: KeptQuote | None = None
    gone: bool = False

    @property
    def point(self) -> WeakPoint:
        quote = None if self.quote is None else PointQuote(**self.quote.model_dump())
        return WeakPoint(self.kind, self.about, self.says, self.answer, self.lines, self.by, quote)


class PointMark(KeptPart):
    """What a person says of a weak point, and when."""

    number: Number
    mark: Mark
    note: Words = ""
    by: Short
    date: Day


class KnownMove(KeptPart):
    """A move of the crisis: its key, name, line, and the names of its options."""

    key: Short
    name: Words
    line: Line
    options: Annotated[tuple[Words, ...], Field(max_length=1_000)] = ()


class CitedPlace(KeptPart):
    """A paragraph of the document (from 1), and the words that are cited of it; "" if the whole paragraph is."""

    paragraph: Line
    words: Words = ""

    def __str__(self) -> str:
        return f"“{self.words}” (¶{self.paragraph})" if self.words else f"¶{self.paragraph}"


class CitedClaim(KeptPart):
    """A claim of the crisis with the places of the document that it cites."""

    about: Words
    says: Words
    cites: Annotated[tuple[CitedPlace, ...], Field(min_length=1, max_length=100)]
    line: Line

    @property
    def cited(self) -> str:
        """What it cites, in words."""
        return listed(map(str, self.cites), 100)


class KeptOption(KeptPart):
    """A `BestOption` as it is stored."""

    move: Short
    option: Short
    best: Count
    asked: Annotated[int, Field(ge=1, le=10**12)]
    called: Words
    option_called: Words

    @model_validator(mode="after")
    def _bounded(self) -> KeptOption:
        if self.best > self.asked:
            raise ValueError(f"an option is best in at most all of {self.asked:,} cases, found {self.best:,}")
        return self


class RedTeamState(InquiryState):
    """A red team: the crisis that it looked at, its weak points by number, and everything that a person marked.

    `file`, `sha256`: the name of the crisis file, and its hash when it was looked at. `game`: the crisis in words.
    `names`: of actors, unknowns and endings, which a model should not propose again. `moment`: as of when the crisis
    is, or how much of a draft is read.
    """

    format: Literal[1] = 1
    file: Short
    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
    title: Words
    moment: Words = ""
    as_of: Short | None = None
    stage: Stage = "missing"
    game: Annotated[tuple[Words, ...], Field(max_length=2_000)] = ()
    names: Annotated[tuple[Words, ...], Field(max_length=2_000)] = ()
    moves: Annotated[tuple[KnownMove, ...], Field(max_length=1_000)] = ()
    claims: Annotated[tuple[CitedClaim, ...], Field(max_length=MOST_CLAIMS)] = ()
    points: Annotated[tuple[KeptPoint, ...], Field(max_length=MOST_POINTS)] = ()
    draws: Count = 0
    trouble: Message = ""
    levers_left_out: bool = False
    best_options: Annotated[tuple[KeptOption, ...], Field(max_length=10_000)] = ()
    marks: Annotated[tuple[PointMark, ...], Field(max_length=MOST_MARKS)] = ()

    @property
    def solving(self) -> Solving:
        """What solving showed, without the points."""
        options = tuple(BestOption(**option.model_dump()) for option in self.best_options)
        return Solving(self.draws, (), options, self.trouble, self.levers_left_out)

    @property
    def numbered(self) -> tuple[NumberedPoint, ...]:
        """The weak points with their numbers, and the last mark of each."""
        last = {mark.number: mark for mark in self.marks}
        found = []
        for number, kept in enumerate(self.points, start=1):
            mark = last.get(number)
            one = NumberedPoint(number, kept.point, is_gone=kept.gone)
            if mark is not None:
                one = replace(one, mark=mark.mark, note=mark.note, marked_by=mark.by, date=mark.date)
            found.append(one)
        return tuple(found)


def read_redteam(folder: Path) -> RedTeamState:
    """The red team of a folder; raises UsageError if it holds none, and OfframpError if it cannot be read."""
    missing = f"{folder} holds no red team: there is no {REDTEAM}; begin with `offramp redteam FILE --out DIR`"
    return read_state(folder / REDTEAM, RedTeamState, missing)


def write_redteam(folder: Path, state: RedTeamState) -> None:
    """Write the sidecar of a red team whole; raises OfframpError if it cannot be written."""
    write_state(folder / REDTEAM, state)
