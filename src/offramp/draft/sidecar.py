"""The sidecar of a draft, `crisis.draft.json`: the brief, what became of its quotes, and what a person has decided.

It stands beside the crisis file, is written whole, and may come from a stranger.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from offramp.common.bounded import sha256_bounded
from offramp.common.errors import OfframpError
from offramp.common.printable import printable
from offramp.common.words import cut
from offramp.crisis.checks.sources import paragraphs_of
from offramp.crisis.draft_standing import MAX_SIDECAR, SIDECAR, DraftStanding
from offramp.draft.brief_checks import RecordFault
from offramp.draft.brief_records import FEW, MAX_EXPRESSION, MAX_QUOTE, MAX_SAYS, DraftBrief, claims_of
from offramp.draft.brief_text import ACCOUNT
from offramp.draft.inquiry_state import (
    MAX_MESSAGE,
    MAX_MESSAGES,
    Count,
    Day,
    InquiryState,
    KeptPart,
    Message,
    Short,
    read_state,
    write_state,
)
from offramp.draft.quotes import QuoteCheck, State, verified_brief
from offramp.draft.taken_back import in_force
from offramp.draft.variation import Variation

PROMPTS = 1
"""The version of the prompts: the number rises when any of them changes its meaning."""
CRISIS = "crisis.yaml"
MAX_ID = 400

RecordId = Annotated[str, Field(max_length=MAX_ID)]
Stage = Literal["extract", "quotes", "timeline", "numbers", "repair", "sense", "done"]
"""What it waits for: records of who acts; better quotes; order and endings; numbers; repairs; a second look."""
Verdict = Literal["accepted", "changed", "rejected", "not said", "taken back"]
"""What a person decides: right; right after a change; taken out; the quote does not say it, so it is ours; the last
decision does not count."""
MOST_DECISIONS = 20_000


class DraftDocument(KeptPart):
    """The document: its file's name and hash, its title, and what was dropped in reading it."""

    name: Short
    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
    title: Short
    dropped: tuple[Message, ...] = Field((), max_length=MAX_MESSAGES)
    suspicious: tuple[Annotated[int, Field(ge=1)], ...] = Field((), max_length=10_000)


class QuoteState(KeptPart):
    """A `QuoteCheck` as it is stored."""

    state: State
    paragraph: int | None = Field(None, ge=1)
    start: Count = 0
    end: Count = 0
    text: Annotated[str, Field(max_length=4 * MAX_QUOTE)] = ""


class RecordMessage(KeptPart):
    """What a program found about a record: a fault, or a sign of a degenerate model."""

    record: RecordId
    message: Message


KeptValue = (
    bool
    | int
    | Annotated[str, Field(max_length=MAX_EXPRESSION)]
    | Annotated[tuple[RecordId, ...], Field(max_length=FEW)]
)
"""The value of a field of a record."""


class KeptEntry(KeptPart):
    """An entry of a brief as it was before a decision, and its place in the list of its kind.

    `removed`: whether the decision took it out. The kind `rounds` is that of `DraftBrief.rounds`, with place 0.
    """

    kind: Annotated[str, Field(max_length=40)]
    place: Annotated[int, Field(ge=0, le=1_000)]
    removed: bool
    entry: Annotated[dict[RecordId, KeptValue], Field(max_length=40)]


class Decision(KeptPart):
    """What a person decided of a record, and when; `before` and `after` are its claims if it was changed.

    `was`: the entries that it changed or took out, as they were, so that it can be taken back.
    """

    record: RecordId
    verdict: Verdict
    by: Short
    date: Day
    before: Annotated[str, Field(max_length=MAX_SAYS)] = ""
    after: Annotated[str, Field(max_length=MAX_SAYS)] = ""
    was: tuple[KeptEntry, ...] = Field((), max_length=2_000)


class Draft(InquiryState):
    """A draft: what it waits for, the brief so far, and everything known about it.

    `returns`: how often records were sent back, by stage. `faults_at_first`: number of faults of the first crisis file;
    `faults`: those of the brief as it stands; `signs`: what the second look is about. `remarks` also says what counts
    as ours. `changed_after_solve`: the records that the second look changed. `crisis_sha256`: of the crisis file as
    it was last written; `crisis_before`: of the one before, which may still stand there if the writing was
    interrupted. `variation`: how it differs from its rivals, if it has some.
    """

    format: Literal[1] = 1
    document: DraftDocument
    as_of: Day | None = None
    prompts: int = PROMPTS
    stage: Stage = "extract"
    returns: dict[Stage, Count] = Field(default_factory=dict)
    faults_at_first: Count | None = None
    faults: tuple[RecordMessage, ...] = Field((), max_length=MAX_MESSAGES)
    signs: tuple[RecordMessage, ...] = Field((), max_length=MAX_MESSAGES)
    brief: DraftBrief = DraftBrief()
    quotes: dict[RecordId, QuoteState] = Field(default_factory=dict)
    changed_after_solve: tuple[RecordId, ...] = Field((), max_length=100)
    decisions: tuple[Decision, ...] = Field((), max_length=MOST_DECISIONS)
    crisis_sha256: str | None = Field(None, max_length=64)
    crisis_before: str | None = Field(None, max_length=64)
    variation: Variation | None = None

    @property
    def checks(self) -> dict[str, QuoteCheck]:
        """What became of each record's quote, by id; one of which nothing is known was not found."""
        return {
            id_: QuoteCheck(**self.quotes[id_].model_dump())
            if record.quote and id_ in self.quotes
            else QuoteCheck("failed" if record.quote else "ours")
            for id_, record in claims_of(self.brief).items()
        }

    @property
    def in_force(self) -> tuple[Decision, ...]:
        """The decisions without those that were taken back, in their order."""
        return in_force(self.decisions)

    @property
    def decided(self) -> dict[str, Decision]:
        """The last decision in force on each record, by id."""
        return {decision.record: decision for decision in self.in_force}

    @property
    def standing(self) -> DraftStanding:
        """How much of the draft a person has read."""
        claims, read = claims_of(self.brief), self.decided
        return DraftStanding(self.model or "an assistant", sum(id_ in read for id_ in claims), len(claims))


def read_draft(folder: Path) -> Draft:
    """The draft of a folder.

    Raises
    ------
    UsageError
        If the folder holds no draft.
    OfframpError
        If its sidecar cannot be read.
    """
    missing = f"{folder} holds no draft: there is no {SIDECAR}; begin with `offramp draft DOCUMENT`"
    return read_state(folder / SIDECAR, Draft, missing, besides=("standing",))


def write_draft(folder: Path, draft: Draft) -> None:
    """Write the sidecar of a draft whole, with its standing first.

    Raises
    ------
    OfframpError
        If it cannot be written.
    """
    standing = draft.standing
    values = {"model": standing.model, "read": standing.read, "total": standing.total}
    write_state(folder / SIDECAR, draft, {"standing": values, "format": draft.format})


def with_brief(draft: Draft, brief: DraftBrief, paragraphs: Sequence[str]) -> Draft:
    """The draft with another brief, whose quotes are verified."""
    checks = verified_brief(brief, paragraphs)
    quotes = {id_: QuoteState(**vars(check)) for id_, check in checks.items()}
    return draft.model_copy(update={"brief": brief, "quotes": quotes})


def record_messages(faults: Iterable[RecordFault]) -> tuple[RecordMessage, ...]:
    """Faults as a draft keeps them, within the same bounds."""
    found = (
        RecordMessage(record=cut(fault.id, MAX_ID), message=cut(printable(fault.message), MAX_MESSAGE))
        for fault in faults
    )
    return tuple(found)[:MAX_MESSAGES]


def paragraphs_of_draft(folder: Path) -> tuple[str, ...]:
    """The paragraphs of a draft's document.

    Raises
    ------
    OfframpError
        If the text is missing.
    """
    blocks = paragraphs_of(folder, ACCOUNT)
    if blocks is None:
        raise OfframpError(f"cannot read {folder / ACCOUNT}, the document's text; begin again with `offramp draft`")
    return tuple(blocks)


def crisis_edited(folder: Path, draft: Draft) -> bool:
    """Whether the crisis file is not as the draft wrote it last, so that writing it again would lose work."""
    try:
        found = sha256_bounded(folder / CRISIS, MAX_SIDECAR)
    except FileNotFoundError:
        return False
    except (OSError, ValueError):
        return True
    return found not in (draft.crisis_sha256, draft.crisis_before)
