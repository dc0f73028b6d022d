"""A draft as an inquiry: its stages are the questions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

from offramp.common.texts import tr, trn
from offramp.draft.drafting import advance, stuck
from offramp.draft.found_so_far import quotes_in_words, records_in_words, stage_in_words, unfound_in_words
from offramp.draft.inquiry import credited
from offramp.draft.prompts import Prompt
from offramp.draft.provider import ServerReply
from offramp.draft.sidecar import Draft, paragraphs_of_draft
from offramp.draft.stage_answers import earlier_stage
from offramp.draft.stages import next_prompt


@dataclass(frozen=True)
class DraftInquiry:
    """The draft of a folder; see `Inquiry`."""

    folder: Path
    state: Draft

    @property
    def sends(self) -> str:
        paragraphs = paragraphs_of_draft(self.folder)
        return tr(
            "the document ({paragraphs} paragraphs, {characters} characters) and what is drafted from it",
            paragraphs=len(paragraphs),
            characters=f"{sum(map(len, paragraphs)):,}",
        )

    @property
    def command(self) -> tuple[str, ...]:
        return "offramp", "draft", str(self.folder)

    @property
    def step(self) -> str:
        return stage_in_words(self.state.stage)

    @property
    def stuck(self) -> str | None:
        return stuck(self.state)

    def prompt(self) -> Prompt | None:
        return next_prompt(self.state, self.folder)

    def take(self, text: str, reply: ServerReply | None = None) -> Self:
        named = credited(self.state, reply)
        if reply is not None and named.variation is not None:
            taken = named.variation.model_copy(update={"temperature": reply.temperature})
            named = named.model_copy(update={"variation": taken})
        return replace(self, state=advance(self.folder, named, text))

    def found(self) -> Iterator[str]:
        """What was found so far, and how many quotes are real words of the document; during repairs, what is wrong."""
        draft = self.state
        if draft.stage == "repair" and draft.faults:
            first = f"{draft.faults[0].record}: {draft.faults[0].message}"
            yield trn("{count} fault: {first}", "{count} faults; the first: {first}", len(draft.faults), first=first)
            return
        yield records_in_words(draft)
        if draft.quotes:
            yield quotes_in_words(draft)
        if unfound := unfound_in_words(draft):
            yield unfound

    def earlier(self, text: str) -> int | None:
        return earlier_stage(self.state.returns, text)
