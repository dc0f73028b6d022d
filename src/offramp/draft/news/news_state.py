"""The sidecar of news, `news.json`: the texts, the events that a model found in them, and what a person decided."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from offramp.common.errors import OfframpError, UsageError
from offramp.crisis.checks.sources import paragraphs_of
from offramp.draft.inquiry_state import Count, Day, InquiryState, KeptPart, Short
from offramp.draft.news.news_records import MOST_EVENTS, MOST_TEXTS, EventRecord
from offramp.draft.news.proposals import NewsSource
from offramp.draft.sidecar import MOST_DECISIONS, DraftDocument
from offramp.draft.taken_back import in_force

NEWS = "news.json"


class NewsText(DraftDocument):
    """A text: the file's name and hash, what was dropped in reading it, and its day."""

    as_of: Day | None = None


class NewsDecision(KeptPart):
    """What a person decided of a proposal, and when.

    `at`, `length`: of a proposal that was written, the place of its characters in the crisis file.
    """

    number: Annotated[int, Field(ge=1, le=MOST_EVENTS)]
    verdict: Literal["written", "rejected", "taken back"]
    by: Short
    date: Day
    at: Count = 0
    length: Annotated[int, Field(ge=0, le=10_000)] = 0


class NewsState(InquiryState):
    """News: its texts, the events found in them, and every decision.

    `crisis`: the crisis file, from the folder; empty if a person has to name it. `returned`: whether an answer went
    back once, because of faults in its events. `is_done`: whether nothing is asked any more.
    """

    format: Literal[1] = 1
    crisis: Annotated[str, Field(max_length=400)] = ""
    title: Short = ""
    texts: Annotated[tuple[NewsText, ...], Field(min_length=1, max_length=MOST_TEXTS)]
    returned: bool = False
    is_done: bool = False
    events: Annotated[tuple[EventRecord, ...], Field(max_length=MOST_EVENTS)] = ()
    decisions: Annotated[tuple[NewsDecision, ...], Field(max_length=MOST_DECISIONS)] = ()

    @property
    def in_force(self) -> tuple[NewsDecision, ...]:
        """The decisions without those that were taken back, in their order."""
        return in_force(self.decisions)

    @property
    def decided(self) -> dict[int, NewsDecision]:
        """The decision in force on each proposal, by its number."""
        return {decision.number: decision for decision in self.in_force}


def text_file(number: int) -> str:
    """The file of a text's paragraphs, from the folder."""
    return f"texts/{number}.txt"


def sources_of(folder: Path, state: NewsState) -> tuple[NewsSource, ...]:
    """The texts with their paragraphs, as they are in the folder.

    Raises
    ------
    OfframpError
        If one is missing.
    """
    found = []
    for number, text in enumerate(state.texts, start=1):
        paragraphs = paragraphs_of(folder, text_file(number))
        if paragraphs is None:
            raise OfframpError(f"cannot read {folder / text_file(number)}, the text of {text.name}; begin again")
        found.append(NewsSource(text.name, tuple(paragraphs), text.as_of, text.suspicious))
    return tuple(found)


def crisis_from(folder: Path, crisis: Path) -> str:
    """How a folder names its crisis file; empty if that is not below the folder that holds it."""
    try:
        relative = os.path.relpath(crisis.resolve(), folder.resolve())
        return Path(relative).as_posix() if crisis_of_folder(folder, relative) else ""
    except (OSError, ValueError, UsageError):
        return ""


def crisis_of_folder(folder: Path, named: str) -> Path:
    """The crisis file that a folder names.

    A folder may come from a stranger, so it names a file only below the folder that holds it.

    Raises
    ------
    UsageError
        If it names none, or one elsewhere.
    """
    try:
        path = Path(os.path.normpath(folder / named))
        if named and not Path(named).is_absolute() and path.resolve().is_relative_to(folder.resolve().parent):
            return path
    except (OSError, ValueError, RuntimeError):
        pass
    raise UsageError(f"{folder} does not say for which crisis it is: name the file with --crisis FILE")
