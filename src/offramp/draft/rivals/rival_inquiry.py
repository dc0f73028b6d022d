"""One of several rival drafts as an inquiry, and what all that wait may cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from offramp.common.texts import tr, trn
from offramp.draft.draft_inquiry import DraftInquiry
from offramp.draft.found_so_far import records_in_words, stage_in_words
from offramp.draft.inquiry import tokens_of_prompt
from offramp.draft.limits import DraftLimits
from offramp.draft.rivals.rival_drafts import RivalDraft

USUAL_CALLS = (3, 9)
"""How many calls a draft usually takes."""
USUAL_TOKENS = (5, 8)
"""How many times the tokens of its first prompt a draft usually takes, sent and answered, as the accounts of the tests
do."""


@dataclass(frozen=True)
class RivalInquiry(DraftInquiry):
    """A rival draft; a command that stops goes on with all of them. See `Inquiry`."""

    @property
    def command(self) -> tuple[str, ...]:
        return "offramp", "draft", str(self.folder.parent)

    @property
    def step(self) -> str:
        return f"{self.folder.name}, {super().step}"


def rival_inquiry(one: RivalDraft) -> RivalInquiry:
    """A rival draft as an inquiry."""
    return RivalInquiry(one.folder, one.draft)


def standing_in_words(one: RivalDraft) -> str:
    """A rival draft in one line: how it is made, and what it holds or waits for."""
    draft = one.draft
    made = draft.variation.words if draft.variation is not None else ""
    if draft.model and draft.variation is not None:
        made = draft.variation.model_copy(update={"model": draft.model}).words
    named = {"draft": one.label, "made": made}
    if not one.is_done:
        return tr("{draft} ({made}) waits for an answer ({step})", **named, step=stage_in_words(draft.stage))
    if one.why_not:
        return tr("{draft} ({made}) done, but {why_not}", **named, why_not=one.why_not)
    return tr("{draft} ({made}) done: {records}", **named, records=records_in_words(draft))


def twins(drafts: Sequence[RivalDraft]) -> list[tuple[str, str]]:
    """The labels of drafts with the same actors, moves and options, word for word: one answer was given to both."""
    found: dict[str, str] = {}
    pairs = []
    for one in drafts:
        brief = one.draft.brief
        if brief.actors:
            held = brief.model_dump_json(include={"actors", "moves", "options"})
            if held in found:
                pairs.append((found[held], one.label))
            found.setdefault(held, one.label)
    return pairs


def cost_in_words(waiting: Sequence[RivalDraft]) -> str:
    """What the drafts that wait usually take, and the alignment; "" if none waits.

    Of drafts that were begun the size of the first prompt is not at hand, so no tokens are given for them.
    """
    prompts = [prompt for one in waiting if (prompt := rival_inquiry(one).prompt()) is not None]
    if not prompts:
        return ""
    first = max(map(tokens_of_prompt, prompts))
    few, many = (number * len(prompts) for number in USUAL_CALLS)
    least, most = (round(number * first * len(prompts), -3) for number in USUAL_TOKENS)
    next_one = tr("The next prompt has about {tokens} tokens.", tokens=f"{first:,}")
    if any(one.draft.stage != "extract" for one in waiting):
        usual = trn(
            "A draft usually takes {few} to {many} prompts from beginning to end; the alignment takes one more.",
            "{count} drafts usually take {few} to {many} prompts from beginning to end; the alignment takes one more.",
            len(prompts),
            few=few,
            many=many,
        )
    else:
        usual = trn(
            "A draft usually takes {few} to {many} prompts with {least} to {most} tokens, sent and answered; "
            "the alignment takes one more.",
            "{count} drafts usually take {few} to {many} prompts with {least} to {most} tokens, sent and answered; "
            "the alignment takes one more.",
            len(prompts),
            few=few,
            many=many,
            least=f"{least:,}",
            most=f"{most:,}",
        )
    return f"{next_one} {usual}"


def bound_in_words(waiting: int, limits: DraftLimits) -> str:
    """The most that so many drafts and their alignment may use."""
    calls, tokens = limits.calls, f"{limits.tokens:,}"
    if not waiting:
        return tr("At most {calls} calls and {tokens} tokens are spent on the alignment.", calls=calls, tokens=tokens)
    whole = waiting + 1
    return trn(
        "At most {calls} calls and {tokens} tokens are spent on the draft and the alignment: "
        "{all_calls} calls and {all_tokens} tokens in all.",
        "At most {calls} calls and {tokens} tokens are spent on each of {count} drafts and the alignment: "
        "{all_calls} calls and {all_tokens} tokens in all.",
        waiting,
        calls=calls,
        tokens=tokens,
        all_calls=whole * limits.calls,
        all_tokens=f"{whole * limits.tokens:,}",
    )
