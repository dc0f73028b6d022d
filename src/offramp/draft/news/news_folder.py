"""News on disk: a folder begins with the texts and a crisis file, and goes on with each answer of a model."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from offramp.common.atomic import write_whole
from offramp.common.errors import OfframpError, UsageError
from offramp.common.printable import printable
from offramp.common.texts import tr, trn
from offramp.common.words import quoted
from offramp.crisis import scalars
from offramp.crisis.model import Crisis
from offramp.draft.documents.account import account_text
from offramp.draft.documents.source_document import Document
from offramp.draft.draft_lock import alone, overtaken
from offramp.draft.inquiry import credited
from offramp.draft.inquiry_state import MOST_BAD, begin_folder, bounded_messages, read_state, write_state
from offramp.draft.news.news_prompt import news_prompt
from offramp.draft.news.news_records import MOST_TEXTS, EventRecord, NewsAnswer
from offramp.draft.news.news_state import (
    NEWS,
    NewsState,
    NewsText,
    crisis_from,
    crisis_of_folder,
    sources_of,
    text_file,
)
from offramp.draft.news.observable import CrisisOnDisk, EventStanding, crisis_text, known_entry, standing_of
from offramp.draft.news.proposals import NewsSource, Proposal, proposals_of, record_faults
from offramp.draft.prompts import Prompt
from offramp.draft.provider import ServerReply
from offramp.draft.stage_answers import MAX_COMPLAINTS, answer_in

MOST_CHARACTERS = 1_000_000
"""Maximum number of characters of all texts together."""


@dataclass(frozen=True)
class News:
    """News in a folder, with the crisis file as it was read."""

    folder: Path
    state: NewsState
    sources: tuple[NewsSource, ...]
    file: CrisisOnDisk

    @cached_property
    def proposals(self) -> tuple[Proposal, ...]:
        """What the events of the answer propose; raises CrisisError if the crisis file has faults."""
        return proposals_of(self.state.events, self.sources, self.file.crisis)

    def standing(self, number: int) -> EventStanding:
        """What a proposal is to the crisis file; raises CrisisError if that has faults."""
        return standing_of(self.file, self.proposal(number))

    def proposal(self, number: int) -> Proposal:
        """A proposal by its number; UsageError if there is none."""
        if not 1 <= number <= len(self.proposals):
            raise UsageError(f"there is no proposal {number}; there are {len(self.proposals)}")
        return self.proposals[number - 1]

    @property
    def waiting(self) -> tuple[int, ...]:
        """The numbers of the proposals that nobody has decided and that the crisis file does not hold already."""
        return tuple(
            proposal.number
            for proposal in self.proposals
            if proposal.number not in self.state.decided
            and not ((known := known_entry(self.file, proposal)) is not None and known.same)
        )

    def to_dict(self) -> dict[str, Any]:
        """Everything as plain values."""
        decided = {number: decision.model_dump() for number, decision in self.state.decided.items()}
        return {
            "crisis": str(self.file.path),
            "title": self.file.crisis.title,
            "model": self.state.model or "an assistant",
            "waiting": list(self.waiting),
            "notes": list(self.state.remarks),
            "proposals": [
                one.to_dict() | self.standing(one.number).to_dict() | {"decision": decided.get(one.number)}
                for one in self.proposals
            ],
        }

    @property
    def sends(self) -> str:
        """What a model is sent, in words."""
        paragraphs = [text for source in self.sources for text in source.paragraphs]
        return trn(
            "{count} text ({paragraphs} paragraphs, {characters} characters) and the steps of the crisis, with what "
            "is observed of them",
            "{count} texts ({paragraphs} paragraphs, {characters} characters) and the steps of the crisis, with what "
            "is observed of them",
            len(self.sources),
            paragraphs=len(paragraphs),
            characters=f"{sum(map(len, paragraphs)):,}",
        )

    @property
    def command(self) -> tuple[str, ...]:
        """The command that goes on with it."""
        named = () if self.state.crisis else ("--crisis", str(self.file.path))
        return "offramp", "news", str(self.folder), *named

    @property
    def step(self) -> str:
        """What is asked next, in words."""
        return tr("once more: events with faults") if self.state.returned else tr("what has happened")

    @property
    def stuck(self) -> str | None:
        """Why it should not ask again by itself; None if it may."""
        return None if self.state.is_done else self.state.stuck_at()

    def prompt(self) -> Prompt | None:
        """What is asked next; None if nothing is. The same state and the same crisis give the same messages."""
        if self.state.is_done:
            return None
        return news_prompt(self.file.crisis, self.sources, self.state.answers + 1, self.state.complaints)

    def take(self, text: str, reply: ServerReply | None = None) -> News:
        """The news after an answer, which is written first. A bad answer is counted.

        Raises
        ------
        UsageError
            If another process has taken an answer meanwhile.
        OfframpError
            If a file cannot be read or written.
        """
        with alone(self.folder):
            now = opened_news(self.folder, self.file.path)
            if now.state != self.state:
                raise overtaken(self.folder)
            return with_state(now, _taken(credited(now.state, reply), text, now.sources, now.file.crisis))

    def found(self) -> Iterator[str]:
        """What the last answer brought, in lines."""
        if self.state.complaints:
            faults = self.state.complaints
            yield trn("{count} fault: {first}", "{count} faults; the first: {first}", len(faults), first=faults[0])
        yield in_words(self.proposals)

    def earlier(self, text: str) -> None:
        """No text is the answer to an earlier prompt, because all prompts ask the same."""


def in_words(proposals: Sequence[Proposal]) -> str:
    """How many proposals there are, and how many events that fit no step."""
    fitting = sum(bool(proposal.position) for proposal in proposals)
    others = len(proposals) - fitting
    unquoted = sum(not proposal.is_quoted for proposal in proposals)
    parts = (
        trn("{count} proposal for `observed`", "{count} proposals for `observed`", fitting),
        trn("{count} event that fits no step", "{count} events that fit no step", others),
    )
    return f"{', '.join(parts)}; {tr('{number} without words that stand in a text', number=unquoted)}"


def begin_news(
    documents: Sequence[Document], crisis: Path, folder: Path, days: Mapping[int, str] | None = None
) -> News:
    """Begin the news of texts for a crisis in a new folder; `days`: the days of texts, by their numbers from 1.

    Raises
    ------
    UsageError
        If the folder holds anything, there are too many texts or characters, or a day is none.
    CrisisError
        If the crisis file has faults.
    OfframpError
        If a file cannot be read or written.
    """
    if not 1 <= len(documents) <= MOST_TEXTS:
        raise UsageError(f"give 1 to {MOST_TEXTS} texts, found {len(documents)}")
    characters = sum(len(text) for document in documents for text in document.paragraphs)
    if characters > MOST_CHARACTERS:
        raise UsageError(f"the texts have {characters:,} characters together; at most {MOST_CHARACTERS:,} are asked of")
    for day in (days or {}).values():
        if not scalars.is_date(day):
            raise UsageError(f"expected {scalars.DATE_WORDS}, found {quoted(day)}")
    file = crisis_text(crisis)
    title = file.crisis.title[:200]
    begin_folder(folder)
    try:
        (folder / text_file(1)).parent.mkdir()
        for number, document in enumerate(documents, start=1):
            write_whole(folder / text_file(number), account_text(document.paragraphs).encode())
    except OSError as error:
        raise OfframpError(f"cannot write {folder}: {error.strerror or error}") from None
    names = [document.name for document in documents]
    texts = tuple(
        _text(document, number, names.index(document.name) + 1 < number, (days or {}).get(number))
        for number, document in enumerate(documents, start=1)
    )
    state = NewsState(crisis=crisis_from(folder, crisis), title=title, texts=texts)
    news = News(folder, state, sources_of(folder, state), file)
    return with_state(news, state)


def opened_news(folder: Path, crisis: Path | None = None) -> News:
    """The news of a folder; `crisis`: the crisis file, if it is not the one that the folder names.

    Raises
    ------
    UsageError
        If the folder holds no news, or names no crisis file that it may name.
    OfframpError
        If a file cannot be read.
    """
    missing = f"{folder} holds no news: there is no {NEWS}; begin with `offramp news TEXT --crisis FILE --out DIR`"
    state = read_state(folder / NEWS, NewsState, missing)
    path = crisis or crisis_of_folder(folder, state.crisis)
    return News(folder, state, sources_of(folder, state), crisis_text(path))


def with_state(news: News, state: NewsState) -> News:
    """The news with another state, which is written; raises OfframpError if it cannot be."""
    write_state(news.folder / NEWS, state)
    return replace(news, state=state)


def _text(document: Document, number: int, has_twin: bool, day: str | None) -> NewsText:
    """A text as it is kept; `has_twin`: whether one before it has the same name."""
    return NewsText(
        name=f"{document.name[:180]} ({number})" if has_twin else document.name[:180],
        sha256=document.sha256,
        title=(document.title or "")[:160],
        dropped=bounded_messages(document.dropped),
        suspicious=document.suspicious[:10_000],
        as_of=day,
    )


def _taken(state: NewsState, text: str, sources: Sequence[NewsSource], crisis: Crisis) -> NewsState:
    """The state after an answer. Events with faults go back once; then they stay, and are shown with their faults."""
    answer = answer_in(text, NewsAnswer)
    if isinstance(answer, tuple):
        bad = state.with_bad_answer(answer)
        if not state.returned or bad.bad_answers < MOST_BAD:
            return bad
        remark = tr("no other answer could be used, so the events of the first one stay")
        return state.with_good_answer([remark], is_done=True)
    found = _complaints(answer.events, sources, crisis)
    notes = [note for note in answer.notes if printable(note) not in state.remarks]
    if found and not state.returned:
        complaints = bounded_messages(found[:MAX_COMPLAINTS])
        return state.with_good_answer(notes, returned=True, events=answer.events, complaints=complaints)
    if len(found) > len(_complaints(state.events, sources, crisis)):
        remark = tr("the second answer had more faults than the first, so the events of the first one stay")
        return state.with_good_answer([remark], is_done=True)
    return state.with_good_answer(notes, is_done=True, events=answer.events)


def _complaints(events: Sequence[EventRecord], sources: Sequence[NewsSource], crisis: Crisis) -> tuple[str, ...]:
    return tuple(
        f"events, record {number}: {fault}"
        for number, event in enumerate(events, start=1)
        for fault in record_faults(event, sources, crisis)
    )
