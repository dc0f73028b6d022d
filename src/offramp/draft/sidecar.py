"""The sidecar of a draft, `crisis.draft.json`: the brief, what became of its quotes, and what a person has decided.

It stands beside the crisis file, is written whole, and may come from a stranger.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from offramp.common.atomic import write_whole
from offramp.common.bounded import json_of, read_bounded, sha256_bounded
from offramp.common.errors import OfframpError, UsageError
from offramp.common.printable import printable
from offramp.common.words import cut
from offramp.crisis.checks.sources import paragraphs_of
from offramp.crisis.draft_standing import MAX_MODEL, MAX_SIDECAR, SIDECAR, DraftStanding
from offramp.draft.brief_checks import RecordFault
from offramp.draft.brief_records import FEW, MAX_EXPRESSION, MAX_QUOTE, MAX_SAYS, DraftBrief, claims_of
from offramp.draft.brief_text import ACCOUNT
from offramp.draft.quotes import QuoteCheck, State, verified_brief
from offramp.draft.variation import Variation

PROMPTS = 1
"""The version of the prompts: the number rises when any of them changes its meaning."""
CRISIS = "crisis.yaml"
MAX_MESSAGE, MAX_MESSAGES, MAX_ID = 2_000, 200, 400

Short = Annotated[str, Field(max_length=200)]
RecordId = Annotated[str, Field(max_length=MAX_ID)]
Message = Annotated[str, Field(max_length=MAX_MESSAGE)]
MAX_COUNT = 10**12
Count = Annotated[int, Field(ge=0, le=MAX_COUNT)]
Stage = Literal["extract", "quotes", "timeline", "numbers", "repair", "sense", "done"]
"""What it waits for: records of who acts; better quotes; order and endings; numbers; repairs; a second look."""
Verdict = Literal["accepted", "changed", "rejected", "not said", "taken back"]
"""What a person decides: right; right after a change; taken out; the quote does not say it, so it is ours; the last
decision does not count."""
MOST_DECISIONS = 20_000


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class DraftDocument(_Part):
    """The document: its file's name and hash, its title, and what was dropped in reading it."""

    name: Short
    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
    title: Short
    dropped: tuple[Message, ...] = Field((), max_length=MAX_MESSAGES)
    suspicious: tuple[Annotated[int, Field(ge=1)], ...] = Field((), max_length=10_000)


class Usage(_Part):
    """What the draft has used: calls of a model, and the tokens that its server counted."""

    calls: Count = 0
    input_tokens: Count = 0
    output_tokens: Count = 0


class QuoteState(_Part):
    """A `QuoteCheck` as it is stored."""

    state: State
    paragraph: int | None = Field(None, ge=1)
    start: Count = 0
    end: Count = 0
    text: Annotated[str, Field(max_length=4 * MAX_QUOTE)] = ""


class RecordMessage(_Part):
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


class KeptEntry(_Part):
    """An entry of a brief as it was before a decision, and its place in the list of its kind.

    `removed`: whether the decision took it out. The kind `rounds` is that of `DraftBrief.rounds`, with place 0.
    """

    kind: Annotated[str, Field(max_length=40)]
    place: Annotated[int, Field(ge=0, le=1_000)]
    removed: bool
    entry: Annotated[dict[RecordId, KeptValue], Field(max_length=40)]


class Decision(_Part):
    """What a person decided of a record, and when; `before` and `after` are its claims if it was changed.

    `was`: the entries that it changed or took out, as they were, so that it can be taken back.
    """

    record: RecordId
    verdict: Verdict
    by: Short
    date: Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\d$")]
    before: Annotated[str, Field(max_length=MAX_SAYS)] = ""
    after: Annotated[str, Field(max_length=MAX_SAYS)] = ""
    was: tuple[KeptEntry, ...] = Field((), max_length=2_000)


class Draft(_Part):
    """A draft: what it waits for, the brief so far, and everything known about it.

    `complaints`: what was wrong with the last answer; `bad_answers`: how many such answers in a row; `returns`: how
    often records were sent back, by stage. `answers`: how many answers were taken, bad ones among them.
    `faults_at_first`: number of faults of the first crisis file; `faults`: those of the brief as it stands; `signs`:
    what the second look is about. `remarks`: what was ignored in answers, or counts as ours. `changed_after_solve`: the
    records that the second look changed. `crisis_sha256`: of the crisis file as it was last written; `crisis_before`:
    of the one before, which may still stand there if the writing was interrupted. `variation`: how it differs from its
    rivals, if it has some.
    """

    format: Literal[1] = 1
    document: DraftDocument
    as_of: Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\d$")] | None = None
    prompts: int = PROMPTS
    model: Annotated[str, Field(max_length=MAX_MODEL)] = ""
    host: Short = ""
    usage: Usage = Usage()
    stage: Stage = "extract"
    complaints: tuple[Message, ...] = Field((), max_length=MAX_MESSAGES)
    bad_answers: Count = 0
    returns: dict[Stage, Count] = Field(default_factory=dict)
    answers: Count = 0
    faults_at_first: Count | None = None
    faults: tuple[RecordMessage, ...] = Field((), max_length=MAX_MESSAGES)
    signs: tuple[RecordMessage, ...] = Field((), max_length=MAX_MESSAGES)
    remarks: tuple[Message, ...] = Field((), max_length=MAX_MESSAGES)
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
        kept: list[Decision] = []
        for decision in self.decisions:
            if decision.verdict != "taken back":
                kept.append(decision)
            elif kept:
                kept.pop()
        return tuple(kept)

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
    path = folder / SIDECAR
    try:
        content: Any = json_of(read_bounded(path, MAX_SIDECAR, follow=False))
    except FileNotFoundError:
        raise UsageError(
            f"{folder} holds no draft: there is no {SIDECAR}; begin with `offramp draft DOCUMENT`"
        ) from None
    except (OSError, ValueError) as error:
        raise OfframpError(f"cannot read {path}: {getattr(error, 'strerror', None) or error}") from None
    try:
        values = {key: value for key, value in content.items() if key != "standing"}
        return Draft.model_validate(values)
    except (AttributeError, ValidationError) as error:
        raise OfframpError(f"cannot read {path}: {_first_fault(error)}") from None


def write_draft(folder: Path, draft: Draft) -> None:
    """Write the sidecar of a draft whole, with its standing first.

    Raises
    ------
    OfframpError
        If it cannot be written.
    """
    standing = draft.standing
    values = {"standing": {"model": standing.model, "read": standing.read, "total": standing.total}}
    values |= draft.model_dump(mode="json", by_alias=True, exclude_defaults=True) | {"format": draft.format}
    text = json.dumps(values, indent=1, ensure_ascii=False) + "\n"
    try:
        write_whole(folder / SIDECAR, text.encode())
    except OSError as error:
        raise OfframpError(f"cannot write {folder / SIDECAR}: {error.strerror or error}") from None


def with_brief(draft: Draft, brief: DraftBrief, paragraphs: Sequence[str]) -> Draft:
    """The draft with another brief, whose quotes are verified."""
    checks = verified_brief(brief, paragraphs)
    quotes = {id_: QuoteState(**vars(check)) for id_, check in checks.items()}
    return draft.model_copy(update={"brief": brief, "quotes": quotes})


def bounded_messages(messages: Iterable[str]) -> tuple[str, ...]:
    """Messages as a draft keeps them: printable, cut, and no more than it holds."""
    return tuple(cut(printable(message), MAX_MESSAGE) for message in messages)[:MAX_MESSAGES]


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


def _first_fault(error: Exception) -> str:
    if isinstance(error, ValidationError):
        entry = error.errors(include_url=False)[0]
        return f"{'.'.join(map(str, entry['loc']))}: {entry['msg']}"
    return "expected a JSON object"
