"""The draft of the harbour incident in a folder, as if its stages were done."""

from __future__ import annotations

import json
from pathlib import Path

from offramp.draft.brief_records import DraftBrief
from offramp.draft.brief_text import ACCOUNT, written_brief
from offramp.draft.drafting import with_crisis
from offramp.draft.quotes import verified_brief
from offramp.draft.sidecar import Draft, DraftDocument, QuoteState
from tests.draft.briefs import PARAGRAPHS, harbour

TODAY = "2031-03-09"


def draft_in(folder: Path, **more: object) -> Draft:
    """Write the draft with its account and its crisis file."""
    brief = DraftBrief.model_validate_json(json.dumps(harbour()))
    (folder / ACCOUNT).parent.mkdir(parents=True)
    (folder / ACCOUNT).write_text("\n\n".join(PARAGRAPHS) + "\n", encoding="utf-8")
    checks = verified_brief(brief, PARAGRAPHS)
    document = DraftDocument(name="account.txt", sha256="0" * 64, title="A harbour", suspicious=(3,))
    quotes = {id_: QuoteState(**vars(check)) for id_, check in checks.items()}
    draft = Draft(document=document, model="m-7", stage="done", brief=brief, quotes=quotes).model_copy(update=more)
    return with_crisis(folder, draft, written_brief(brief, checks, document.title).text)
