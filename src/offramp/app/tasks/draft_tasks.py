"""Tasks on a draft's folder: its state, an answer of a model, the records to review, and decisions about them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from offramp.app.http_errors import Refused
from offramp.common.printable import printable

if TYPE_CHECKING:
    from offramp.draft.documents.source_document import Document
    from offramp.draft.sidecar import Draft

MOST_FAULTS = 20
"""Faults of the crisis file that are shown."""
KeyState = Literal["none", "set", "not set"]
"""Whether a provider needs a key, and whether its variable is set."""
LINKED = ("sources", "exchanges")
"""Folders of a draft in which files are written."""


def begin(document: Document, folder: Path, as_of: str | None) -> dict[str, Any]:
    """Begin a draft in a new folder; its state."""
    from offramp.draft import drafting

    if folder.exists():
        raise Refused(409, f"there is {folder.name} already: give the draft a folder of its own")
    return state_of(folder, drafting.begin(document, folder, as_of))


def state(folder: Path) -> dict[str, Any]:
    """The state of a draft."""
    return state_of(folder, draft_in(folder))


def answer(folder: Path, text: str) -> dict[str, Any]:
    """The state of a draft after the answer of a model."""
    from offramp.draft.drafting import advance

    return state_of(folder, advance(folder, draft_in(folder), text))


def sending(folder: Path, base_url: str, key_env: str) -> dict[str, Any]:
    """What is sent for the next prompt of a draft, where, and at most how much; nothing is sent."""
    from offramp.draft.limits import DraftLimits
    from offramp.draft.server_address import server_address
    from offramp.draft.stages import next_prompt

    server, limits = server_address(base_url), DraftLimits()
    prompt = next_prompt(draft_in(folder), folder)
    if prompt is None:
        raise Refused(409, "the draft is complete: there is nothing to ask")
    key: KeyState = "none" if not key_env else "set" if os.environ.get(key_env) else "not set"
    return {
        "host": printable(server.name),
        "local": server.stays_here,
        "characters": sum(len(message.content) for message in prompt.messages),
        "max_calls": limits.calls,
        "max_tokens": limits.tokens,
        "key": key,
    }


def state_of(folder: Path, draft: Draft) -> dict[str, Any]:
    """A draft for the page: its document, its stages, and the prompt that waits for an answer."""
    from offramp.draft.drafting import outcome, stuck
    from offramp.draft.found_so_far import quotes_in_words, records_in_words, unfound_in_words
    from offramp.draft.sidecar import CRISIS, paragraphs_of_draft
    from offramp.draft.stages import next_prompt

    prompt = next_prompt(draft, folder)
    standing = draft.standing
    return {
        "crisis": CRISIS if (folder / CRISIS).is_file() else None,
        "document": {
            "name": printable(draft.document.name),
            "title": printable(draft.brief.title or draft.document.title),
            "suspicious": list(draft.document.suspicious),
            "paragraphs": len(paragraphs_of_draft(folder)),
        },
        "as_of": draft.as_of,
        "model": printable(draft.model),
        "usage": draft.usage.model_dump(),
        "stages": list(_stages(draft)),
        "found": [records_in_words(draft), quotes_in_words(draft), unfound_in_words(draft)] if draft.quotes else [],
        "faults": [printable(f"{fault.record}: {fault.message}") for fault in draft.faults[:MOST_FAULTS]],
        "outcome": _shown(outcome(draft)),
        "notes": [printable(note.says) for note in draft.brief.notes],
        "changed": [printable(id_) for id_ in draft.changed_after_solve],
        "remarks": [printable(remark) for remark in draft.remarks],
        "complaints": [printable(complaint) for complaint in draft.complaints],
        "stuck": _shown(stuck(draft)),
        "prompt": prompt
        and {
            "number": prompt.number,
            "stage": prompt.stage,
            "text": prompt.text,
        },
        "standing": {"read": standing.read, "total": standing.total},
    }


def _stages(draft: Draft) -> Iterator[dict[str, str]]:
    """The stages, each with where it stands; that of quotes stands behind the stage whose records it returns to."""
    from offramp.draft.found_so_far import STAGES

    stages = list(STAGES)
    returned = max((stages.index(stage) for stage in draft.returns if stage in stages), default=0)
    quotes = draft.stage == "quotes"
    at = returned if quotes else stages.index(draft.stage) if draft.stage in stages else len(stages)
    for number, stage in enumerate(stages):
        needed = stage not in ("repair", "sense") or stage in draft.returns
        if number < at or (quotes and number == at):
            stands = "done" if needed else "skipped"
        else:
            stands = "now" if number == at else "ahead"
        yield {"stage": stage, "state": stands}
        if quotes and number == at:
            yield {"stage": "quotes", "state": "now"}


def _shown(text: str | None) -> str | None:
    return None if text is None else printable(text)


def draft_in(folder: Path) -> Draft:
    """The draft of a folder, in which no link is followed."""
    from offramp.draft.sidecar import read_draft

    for name in LINKED:
        if (folder / name).is_symlink():
            raise Refused(403, f"{folder.name}/{name} is a link; a draft with links in it is left alone")
    return read_draft(folder)
