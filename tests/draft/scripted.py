"""Drafts that scripted answers drive, without a model."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from offramp.draft.documents.source_document import Document
from offramp.draft.documents.suspicion import suspicious
from offramp.draft.drafting import advance, begin, stuck
from offramp.draft.sidecar import Draft
from offramp.draft.stage_answers import LISTS
from offramp.draft.stages import next_prompt
from tests.draft.briefs import PARAGRAPHS, harbour

Answer = str | Mapping[str, Any]


NOTE = Document("note.txt", "a" * 64, "A note", PARAGRAPHS, (), "a block between blank lines", ())


def parts(brief: Mapping[str, Any] | None = None) -> dict[str, dict[str, Any]]:
    """A whole brief as the answers of the first stages."""
    whole = harbour() if brief is None else brief
    late = {"actors", "moves", "unknowns", "options"}
    return {
        stage: {name: whole[name] for name in lists if name in whole and not (stage != "extract" and name in late)}
        | ({} if stage == "extract" else {"notes": []})
        | ({"lets": []} if stage == "numbers" else {})
        for stage, lists in LISTS.items()
    }


def begun(folder: Path, **change: Any) -> Draft:
    """A draft of `NOTE` that has just begun; `change`: other fields of the document."""
    note = replace(NOTE, **change)
    note = replace(note, suspicious=suspicious(note.paragraphs))
    return begin(note, folder, "2031-03-02", "m-7")


def answered(folder: Path, draft: Draft, *answers: Answer) -> Draft:
    """The draft after answers, one after the other."""
    for answer in answers:
        draft = advance(folder, draft, answer if isinstance(answer, str) else json.dumps(answer))
    return draft


def driven(
    folder: Path, draft: Draft, answers: Mapping[str, Answer], then: Callable[[Draft], Answer] | None = None
) -> Draft:
    """The draft driven as far as there are answers for its stages; `then` answers the others."""
    while stuck(draft) is None and next_prompt(draft, folder) is not None:
        answer = answers.get(draft.stage)
        if answer is None:
            if then is None:
                break
            answer = then(draft)
        draft = answered(folder, draft, answer)
    return draft
