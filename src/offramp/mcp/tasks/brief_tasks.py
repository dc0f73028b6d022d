"""Tasks of the tools on a document: its paragraphs, quotes looked up in it, a brief compiled to a crisis file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from offramp.draft.brief_game import BriefGame
    from offramp.draft.quotes import QuoteCheck
    from offramp.draft.sidecar import Draft

FOUND = {
    "exact": "word for word",
    "folded": "but for quotation marks, dashes, case or white space",
    "elsewhere": "in another paragraph than was said",
}
"""What the states of a quote that was found mean, in words."""


def paragraphs(document: Path) -> str:
    """A document as numbered paragraphs, as cites and quotes count them."""
    from offramp.common.printable import printable

    return "\n\n".join(f"¶{number} {printable(text)}" for number, text in enumerate(_paragraphs(document), start=1))


def verify_quotes(document: Path, quotes: list[tuple[str, int | None]]) -> dict[str, Any]:
    """What becomes of quotes in a document: found in which paragraph, and how; or not."""
    texts = _paragraphs(document)
    rows = [{"quote": quote, **asdict(_looked_up(quote, para, texts))} for quote, para in quotes]
    states = Counter(row["state"] for row in rows)
    found = [f"{states[state]} found {words}" for state, words in FOUND.items() if states[state]]
    counts = ", ".join([*found, *([f"{states['failed']} not found"] if states["failed"] else [])])
    sentence = (
        f"{len(rows)} quote{'s were' if len(rows) != 1 else ' was'} looked up in the {len(texts):,} paragraphs of"
        f" {document.name}: {counts}. Whether the words support a claim, a person decides."
    )
    return {"sentence": sentence, "paragraphs": len(texts), "quotes": rows}


def _looked_up(quote: str, para: int | None, texts: Sequence[str]) -> QuoteCheck:
    """What becomes of a quote; in any paragraph if none is named."""
    from offramp.draft.quotes import verified

    check = verified(quote, para, texts)
    return verified(quote, check.paragraph, texts) if para is None and check.found else check


def compile_brief(
    document: Path, brief: dict[str, Any], as_of: str | None, model: str, folder: Path | None
) -> dict[str, Any]:
    """The crisis file of a brief, or what is wrong with the brief; every quote is looked up in the document.

    `folder`: where the draft is written if it compiles: its crisis file, its sidecar and the account. Nobody has
    accepted any of it then.
    """
    from pydantic import ValidationError

    from offramp.draft import drafting
    from offramp.draft.brief_game import brief_game
    from offramp.draft.brief_records import DraftBrief
    from offramp.draft.documents.source_document import read_document
    from offramp.draft.sense import signs_of
    from offramp.draft.sidecar import paragraphs_of_draft, record_messages, with_brief
    from offramp.draft.stage_answers import complaints_of

    try:
        records = DraftBrief.model_validate(brief)
    except ValidationError as error:
        complaints = complaints_of(error, brief)
        count = f"{len(complaints)} mistake{'s' * (len(complaints) != 1)}"
        return {"sentence": f"The brief cannot be read: {count}, such as {complaints[0]}.", "complaints": complaints}
    read = read_document(document)
    with TemporaryDirectory(prefix="offramp-") as temporary:
        begun = drafting.begin(read, Path(temporary), as_of, model)
        draft = with_brief(begun, records, paragraphs_of_draft(Path(temporary)))
        game = brief_game(draft, Path(temporary))
        signs = () if game.game is None else signs_of(records, game.game)
    answer = _compiled(draft, game) | {"signs": [{"record": sign.id, "message": sign.message} for sign in signs]}
    if folder is not None and game.game is not None:
        drafting.begin(read, folder, as_of, model)
        done = {"stage": "done", "signs": record_messages(signs), "faults_at_first": 0}
        drafting.with_crisis(folder, draft.model_copy(update=done), game.text)
    return answer


def _compiled(draft: Draft, game: BriefGame) -> dict[str, Any]:
    """The answer on a brief: its faults, its quotes, its crisis file."""
    checks = draft.checks
    states = Counter(check.state for check in checks.values())
    failed = [id_ for id_, check in checks.items() if check.state == "failed"]
    supported = sum(check.found for check in checks.values())
    missing = f"the quotes of {len(failed)} are not found" if failed else "every quote is found"
    quotes = (
        f"{supported} of {len(checks)} records rest on words of {draft.document.name}, {states['ours']} on none, and"
    )
    count = f"{len(game.faults)} fault{'s' * (len(game.faults) != 1)}"
    state = (
        f"The brief does not compile: {count}, such as {game.faults[0].id}: {game.faults[0].message}"
        if game.faults
        else "The brief compiles to a crisis file of which nobody has accepted an assumption yet"
    )
    return {
        "sentence": f"{state.rstrip('.')}; {quotes} {missing}." if checks else f"{state.rstrip('.')}.",
        "ok": game.game is not None,
        "faults": [{"record": fault.id, "message": fault.message} for fault in game.faults],
        "quotes_not_found": failed,
        "suspicious_paragraphs": list(draft.document.suspicious),
        "text": game.text,
    }


def _paragraphs(document: Path) -> tuple[str, ...]:
    from offramp.draft.documents.source_document import read_document

    return read_document(document).paragraphs
