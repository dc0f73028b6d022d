"""What a model answers to a red team's questions: what is missing, and claims that their words do not support.

An answer comes from a stranger. It names a move by its key and a claim by its number, and can name no file.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from offramp.draft.brief_records import BriefPart, Claim, Label, OptionalExpr, Record

MOST_PROPOSED, MOST_CLAIMS, MOST_NOTES = 40, 1_000, 24
Missing = Literal["actor", "option", "ending", "hidden fact"]


def _plain(value: object) -> object:
    """The record without fields that are null; one that says nothing of its support, or two things, is ours."""
    if not isinstance(value, dict):
        return value
    plain = {name: entry for name, entry in value.items() if entry is not None}
    if "says" in plain and bool(plain.get("quote")) == bool(plain.get("ours")):
        return plain | {"quote": "", "ours": True}
    return plain


def _kind(value: object) -> object:
    return value.replace("_", " ").strip().casefold() if isinstance(value, str) else value


class MissingRecord(Record):
    """What the account says and the game leaves out."""

    what: Annotated[Missing, BeforeValidator(_kind)] = Field(description="What is missing.")
    name: Label = Field(description="What it is called, in a few words.")
    of: OptionalExpr = Field("", description="option: the key of the move.")


class DoubtRecord(Record):
    """A claim that its words do not support."""

    claim: int = Field(ge=1, le=MOST_CLAIMS, description="The number of the claim.")


Notes = Annotated[tuple[Claim, ...], Field(max_length=MOST_NOTES)]


class MissingAnswer(BriefPart):
    """The answer to what is missing."""

    missing: Annotated[tuple[Annotated[MissingRecord, BeforeValidator(_plain)], ...], Field(max_length=MOST_PROPOSED)]
    notes: Notes = Field((), description="Remarks to the person who decides.")


class SupportAnswer(BriefPart):
    """The answer to which claims their words do not support."""

    unsupported: Annotated[tuple[Annotated[DoubtRecord, BeforeValidator(_plain)], ...], Field(max_length=MOST_PROPOSED)]
    notes: Notes = Field((), description="Remarks to the person who decides.")
