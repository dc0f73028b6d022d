"""An inquiry puts questions to a language model, or to a person who pastes, and keeps every answer before the next."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Protocol, Self, TypeVar

from offramp.draft.exchanges import keep_exchange
from offramp.draft.inquiry_state import InquiryState, State, Usage
from offramp.draft.limits import DraftLimits, room_for_answer, tokens_of
from offramp.draft.prompts import Prompt
from offramp.draft.provider import Provider, ServerReply


class Inquiry(Protocol):
    """Questions and their answers in a folder; an answer gives a new object, and is on the disk by then.

    `state`: the answers so far.
    """

    @property
    def folder(self) -> Path: ...

    @property
    def state(self) -> InquiryState: ...

    @property
    def sends(self) -> str:
        """What a model is sent, in words, such as "the document (12 paragraphs) and what is drafted from it"."""
        ...

    @property
    def command(self) -> tuple[str, ...]:
        """The command that goes on with it, such as `offramp draft DIR`."""
        ...

    @property
    def step(self) -> str:
        """What is asked next, in words."""
        ...

    @property
    def stuck(self) -> str | None:
        """Why it should not ask again by itself; None if it may."""
        ...

    def prompt(self) -> Prompt | None:
        """What is asked next; None if all is answered. The same state gives the same messages."""
        ...

    def take(self, text: str, reply: ServerReply | None = None) -> Self:
        """Take an answer to the prompt; one that cannot be used is counted and complained of, and never raises."""
        ...

    def found(self) -> Iterable[str]:
        """What the last answer brought, in lines."""
        ...

    def earlier(self, text: str) -> int | None:
        """The number of a prompt, answered already, to which a text may be the answer; None if there is none."""
        ...


Asked = TypeVar("Asked", bound=Inquiry)


def credited(state: State, reply: ServerReply | None) -> State:
    """The state with the name of the model that has answered, and with what that used; as it is if a person pasted."""
    return state if reply is None else state.answered_by(reply.model, reply.host, reply.usage)


def tokens_of_prompt(prompt: Prompt) -> int:
    """An estimate of the tokens of a prompt and its schema."""
    return tokens_of([*(message.content for message in prompt.messages), json.dumps(prompt.schema)])


def asked(
    inquiry: Asked, prompt: Prompt, provider: Provider, limits: DraftLimits, start: Usage, *, keep: bool = True
) -> Asked:
    """The inquiry after a model has answered its next prompt; everything up to then is saved.

    Parameters
    ----------
    inquiry, prompt
        The inquiry and its next prompt.
    provider
        The model.
    limits, start
        The limits, and what the inquiry had used when they began to count.
    keep
        Whether to keep what is sent and answered, in `exchanges`.

    Raises
    ------
    LimitReachedError
        If a limit allows no further call.
    ServerError
        If there is no answer.
    OfframpError
        If the folder cannot be written.
    """
    room = room_for_answer(limits, inquiry.state.usage.since(start), tokens_of_prompt(prompt))
    reply = provider.answer(prompt.messages, prompt.schema, room)
    if keep:
        keep_exchange(inquiry.folder, prompt, reply)
    return inquiry.take(reply.text, reply)
