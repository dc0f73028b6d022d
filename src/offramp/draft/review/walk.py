"""The records of a draft in the order in which a person reads them, each with its paragraph.

Words that stand in the document do not support a claim by that alone: a record is `found, unread` until a person has
decided.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from offramp.common.texts import tr
from offramp.draft.brief_records import Record, claims_of, kind_of
from offramp.draft.quotes import QuoteCheck, State, verified
from offramp.draft.review.record_names import BriefNames
from offramp.draft.review.record_weights import NO_WEIGHT, InputWeights, record_weights, weight_in_words
from offramp.draft.review.record_words import decided_in_words, words_of
from offramp.draft.sidecar import Decision, Draft

_FOUND: Mapping[State, str] = {
    "exact": tr("found"),
    "folded": tr("found but for marks, case or spaces"),
    "elsewhere": tr("found in another paragraph"),
    "failed": tr("not found, so ours"),
    "ours": tr("ours"),
}


@dataclass(frozen=True)
class WalkEntry:
    """A record as a person reads it.

    `claim`: what it says; `words`: what it does to the model. `quote`: as it was given; `state`: what became of it.
    `paragraph`, numbered from 1, is that with the quote, and `text` its words, of which the quote is `start` to `end`;
    without a quote there is none. `flags`: what to know before reading. `weight`: the share
    of the endings' variance that it or its input carries; `carries` says so in words, empty if it is small.
    `decision`: the last decision on it, None if it is unread.
    """

    id: str
    kind: str
    claim: str
    words: str
    quote: str
    state: State
    paragraph: int | None
    text: str
    start: int
    end: int
    flags: tuple[str, ...]
    changed_after_solve: bool
    weight: float
    carries: str
    decision: Decision | None

    @property
    def is_read(self) -> bool:
        """Whether a person has decided on it."""
        return self.decision is not None

    @property
    def standing(self) -> str:
        """What became of its quote, and whether a person has read it: `found, unread`."""
        if self.decision is None:
            return tr("{found}, unread", found=_FOUND[self.state])
        return f"{_FOUND[self.state]}; {decided_in_words(self.decision)}"

    def to_dict(self) -> dict[str, Any]:
        """The entry as plain values, the form of `offramp review --json`."""
        values = asdict(self) | {"read": self.is_read, "standing": self.standing}
        return values | {"decision": self.decision and self.decision.model_dump(mode="json", exclude={"was"})}


@dataclass(frozen=True)
class Walk:
    """All records in reading order; `order`: what the order is, in a sentence."""

    entries: tuple[WalkEntry, ...]
    order: str

    @property
    def read(self) -> int:
        """How many records a person has decided on."""
        return sum(entry.is_read for entry in self.entries)


def walk_of(draft: Draft, paragraphs: Sequence[str], weights: InputWeights | None = None) -> Walk:
    """The records of a draft in reading order.

    First those that were changed after a solve, then those with flags, then the others; each group the heaviest first,
    as `weights` has it. Without weights, and among equals, the order is that of the brief.
    """
    weighed = record_weights(draft.brief, weights.by_input) if weights is not None else {}
    checks, decided, flags = draft.checks, draft.decided, flags_of(draft)
    entries, names = [], BriefNames.of(draft.brief)
    for id_, record in claims_of(draft.brief).items():
        check, weight = _as_it_stands(record, checks[id_], paragraphs), weighed.get(id_, NO_WEIGHT)
        entries.append(
            WalkEntry(
                id=id_,
                kind=kind_of(id_),
                claim=record.says,
                words=words_of(draft.brief, record, names),
                quote=record.quote,
                state=check.state,
                paragraph=check.paragraph,
                text=paragraphs[check.paragraph - 1] if check.paragraph is not None else "",
                start=check.start,
                end=check.end,
                flags=flags.get(id_, ()),
                changed_after_solve=id_ in draft.changed_after_solve,
                weight=weight.share,
                carries=weight_in_words(record, weight, names),
                decision=decided.get(id_),
            )
        )
    entries.sort(key=lambda entry: (not entry.changed_after_solve, not entry.flags, -entry.weight))
    if weights is None or weights.why_not:
        order = tr("changed after a solve first, then flagged, then in the order of the brief")
        if weights is not None:
            why = tr("because the crisis file cannot be weighed: {reason}", reason=weights.why_not)
            order = f"{order}, {why}"
    else:
        order = tr("changed after a solve first, then flagged, then the heaviest for the endings")
    return Walk(tuple(entries), order)


def flags_of(draft: Draft) -> dict[str, tuple[str, ...]]:
    """What a person should know before reading a record, by id: it rests on a passage that may speak to a model."""
    suspicious = set(draft.document.suspicious)
    found: dict[str, tuple[str, ...]] = {}
    checks = draft.checks
    for id_, record in claims_of(draft.brief).items():
        check = checks.get(id_)
        number = check.paragraph if check is not None and check.found else record.para
        if number in suspicious:
            found[id_] = (tr("¶{number} reads like an instruction to a language model", number=number),)
    return found


def _as_it_stands(record: Record, check: QuoteCheck, paragraphs: Sequence[str]) -> QuoteCheck:
    """What became of a quote; looked for again if the document or the sidecar has been changed since."""
    now = verified(record.quote, check.paragraph, paragraphs) if check.found else check
    return replace(now, state=check.state) if now.paragraph == check.paragraph else now
