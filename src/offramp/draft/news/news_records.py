"""What a model answers about news: events, each with the step of the crisis that it settles, or that it fits none.

An answer comes from a stranger. It names a text by its number, and can name no file.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import BeforeValidator, Field, field_validator

from offramp.crisis.scalars import MAX_ROUNDS
from offramp.draft.brief_records import MAX_PARAGRAPH, BriefPart, Claim, Label, Quoted

MOST_TEXTS = 20
MOST_EVENTS = 200


class EventRecord(BriefPart):
    """An event that a text tells of, with the words that say so; without a step it fits none."""

    step: Label = Field("", description="The key of the step that this settles.")
    round: int | None = Field(None, ge=1, le=MAX_ROUNDS, description="The round, of a step inside rounds.")
    value: Label = Field("", description="The key of the option that the step took, or skipped.")
    date: Label = Field("", description="The day on which it happened, such as 2031-03-04.")
    fits_no_step: bool = Field(False, description="true if no step and option of the game is this event.")
    says: Claim
    text: int = Field(ge=1, le=MOST_TEXTS, description="The number of the text.")
    quote: Quoted = ""
    para: int | None = Field(None, ge=1, le=MAX_PARAGRAPH)

    @field_validator("step")
    @classmethod
    def _without_round(cls, step: str) -> str:
        if "@" in step:
            raise ValueError("a step is given by its key alone, and its round under `round`")
        return step

    @property
    def position(self) -> str:
        """The step, or `STEP@ROUND`; empty if the event fits none."""
        if self.fits_no_step or not self.step:
            return ""
        return f"{self.step}@{self.round}" if self.round else self.step


def _plain(value: object) -> object:
    """The event without fields that are null or empty, and without round 0; `reply@2` is `reply` in round 2."""
    if not isinstance(value, dict):
        return value
    event = {name: entry for name, entry in value.items() if entry is not None and entry != ""}
    if event.get("round") == 0:
        del event["round"]
    step = event.get("step")
    if isinstance(step, str) and "@" in step:
        name, _, number = step.partition("@")
        is_number = number.isascii() and number.isdigit() and len(number) < 5
        if is_number and event.get("round", int(number)) == int(number):
            event |= {"step": name, "round": int(number)}
    return event


class NewsAnswer(BriefPart):
    """An answer: the events that the texts tell of, and remarks."""

    events: Annotated[tuple[Annotated[EventRecord, BeforeValidator(_plain)], ...], Field(max_length=MOST_EVENTS)]
    notes: tuple[Claim, ...] = Field((), max_length=24, description="Remarks to the person who decides.")
