"""A weak point of a crisis: what may be wrong or missing, where, and what would answer it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from offramp.common.texts import tr
from offramp.crisis.faults import Fault, Location
from offramp.draft.quotes import State

Kind = Literal[
    "missing actor",
    "missing option",
    "missing ending",
    "missing hidden fact",
    "unsupported claim",
    "quote",
    "best option",
    "ending",
    "lever",
    "actor",
    "equal numbers",
    "source",
    "check",
]
MEANS: dict[Kind, str] = {
    "missing actor": tr("somebody whom the document names, and who is not in the crisis"),
    "missing option": tr("what an actor could do, and the crisis does not let it"),
    "missing ending": tr("a way in which it could end that the crisis does not tell apart"),
    "missing hidden fact": tr("what some know and others do not, and the crisis leaves out"),
    "unsupported claim": tr("an assumption whose quote or cite does not say it"),
    "quote": tr("words that are not in the document, or were found not to say it"),
    "best option": tr("a choice that hardly depends on anything"),
    "ending": tr("an ending that nobody can bring about, or that hardly happens"),
    "lever": tr("a lever that moves nothing"),
    "actor": tr("an actor that sees everything, wants nothing or never moves"),
    "equal numbers": tr("numbers that are equal where they need not be"),
    "source": tr("assumptions without a source, or all from one place"),
    "check": tr("what `offramp check` warns of besides"),
}
"""What each kind of weak point is about, in the order in which they are shown: those of a model come first."""
KIND_NAMES: dict[Kind, str] = {
    "missing actor": tr("missing actor"),
    "missing option": tr("missing option"),
    "missing ending": tr("missing ending"),
    "missing hidden fact": tr("missing hidden fact"),
    "unsupported claim": tr("unsupported claim"),
    "quote": tr("quote"),
    "best option": tr("best option"),
    "ending": tr("ending"),
    "lever": tr("lever"),
    "actor": tr("actor"),
    "equal numbers": tr("equal numbers"),
    "source": tr("source"),
    "check": tr("check"),
}
"""What readers see in place of a kind."""
ASSISTANT = "an assistant"
PROPOSERS = {ASSISTANT: tr("an assistant")}
"""What readers see in place of who proposes a weak point, where that is no name of a model."""


@dataclass(frozen=True)
class PointQuote:
    """Words that a weak point gives: found in a paragraph of the document (from 1), or not found."""

    text: str
    state: State
    paragraph: int | None = None


@dataclass(frozen=True)
class WeakPoint:
    """What may be wrong or missing in a crisis.

    `about`: the parts of the file that it is about, such as `payoffs.north.war`; `lines`: theirs, from 1, or none if it
    is about what is not there. `answer`: what would answer it. `by`: the model that proposes it, or "" for a program.
    `quote`: the words of the document that it rests on.
    """

    kind: Kind
    about: str
    says: str
    answer: str
    lines: tuple[int, ...] = ()
    by: str = ""
    quote: PointQuote | None = None

    @property
    def id(self) -> str:
        """What tells it from others of the same crisis, also after the file was changed elsewhere."""
        return f"{self.kind}: {self.about or self.says}"


def lines_of(places: Iterable[Location]) -> tuple[int, ...]:
    """The lines of some places, in the order of the file."""
    return tuple(sorted({place.line for place in places}))


def warned(kind: Kind, fault: Fault, answer: str) -> WeakPoint:
    """A warning of a check as a weak point."""
    return WeakPoint(kind, "", fault.message, answer, (fault.place.line,))
