"""One stage of a draft by a model: ask within the limits, keep the exchange, take the answer."""

from __future__ import annotations

import json
from pathlib import Path

from offramp.common.words import cut
from offramp.crisis.draft_standing import MAX_MODEL
from offramp.draft.drafting import advance
from offramp.draft.exchanges import keep_exchange
from offramp.draft.limits import DraftLimits, both, room_for_answer, tokens_of, used_since
from offramp.draft.prompts import Prompt
from offramp.draft.provider import Provider
from offramp.draft.sidecar import Draft, Usage

_AND = " and "


def models_of(draft: Draft) -> list[str]:
    """The models that have answered, in their order; "" if a person pasted all answers."""
    return draft.model.split(_AND)


def tokens_of_prompt(prompt: Prompt) -> int:
    """An estimate of the tokens of a prompt and its schema."""
    return tokens_of([*(message.content for message in prompt.messages), json.dumps(prompt.schema)])


def asked(
    folder: Path,
    draft: Draft,
    prompt: Prompt,
    provider: Provider,
    limits: DraftLimits,
    start: Usage,
    *,
    keep: bool = True,
) -> Draft:
    """The draft after a model has answered its next prompt; everything up to then is saved.

    Parameters
    ----------
    folder
        The draft's folder.
    draft, prompt
        The draft and its next prompt (`stages.next_prompt`).
    provider
        The model.
    limits, start
        The limits, and what the draft had used when they began to count.
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
    room = room_for_answer(limits, used_since(start, draft.usage), tokens_of_prompt(prompt))
    reply = provider.answer(prompt.messages, prompt.schema, room)
    if keep:
        keep_exchange(folder, prompt, reply)
    named = _answered_by(draft, reply.model, reply.host)
    return advance(folder, named.model_copy(update={"usage": both(draft.usage, reply.usage)}), reply.text)


def _answered_by(draft: Draft, model: str, host: str) -> Draft:
    """The draft, with the name of a model that has answered."""
    models = [name for name in models_of(draft) if name]
    named = models if model in models else [*models, model]
    return draft.model_copy(update={"model": cut(_AND.join(named), MAX_MODEL), "host": host})
