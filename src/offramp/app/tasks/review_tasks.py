"""Tasks of a draft's review: the records in the order in which they are read, and a person's decisions about them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from offramp.app.http_errors import Refused
from offramp.app.tasks.draft_tasks import draft_in
from offramp.common.printable import printable
from offramp.common.texts import tr

if TYPE_CHECKING:
    from offramp.draft.brief_records import Record
    from offramp.draft.review.walk import WalkEntry
    from offramp.draft.sidecar import Draft, Verdict

KINDS = {
    "actors": tr("Actor"),
    "moves": tr("Move"),
    "unknowns": tr("Unknown"),
    "options": tr("Option"),
    "steps": tr("Step of the timeline"),
    "restrictions": tr("Restriction"),
    "inputs": tr("Input"),
    "odds": tr("Odds"),
    "stakes": tr("Payoff term"),
    "endings": tr("Ending"),
    "levers": tr("Lever"),
    "left_out": tr("Left out"),
}
"""The kinds of records, each in the singular."""


@dataclass(frozen=True)
class Decided:
    """A decision on a record; `seen`: the record's state as the person saw it, `change`: new values of its fields."""

    record: str
    seen: str
    verdict: Verdict
    by: str
    date: str
    change: Mapping[str, str] = field(default_factory=dict)
    still_quoted: bool = False


def review(folder: Path) -> dict[str, Any]:
    """The records of a draft, the heaviest first; to weigh them takes seconds."""
    return _walk(folder, draft_in(folder), weigh=True)


def decide(folder: Path, decided: Decided) -> dict[str, Any]:
    """The records after a decision, in the order of the brief."""
    from offramp.draft.brief_records import claims_of
    from offramp.draft.review import decisions

    draft = draft_in(folder)
    record = claims_of(draft.brief).get(decided.record)
    if record is None or _state(record, draft, decided.record) != decided.seen:
        raise Refused(409, "this record was decided or taken out meanwhile: load the page again, and look once more")
    after = decisions.decide(
        folder,
        draft,
        decided.record,
        decided.verdict,
        decided.by,
        decided.date,
        decided.change,
        still_quoted=decided.still_quoted,
    )
    return _walk(folder, after)


def undo(folder: Path, by: str, date: str) -> dict[str, Any]:
    """The records after the last decision is taken back; `undone`: the record that it was about."""
    from offramp.draft.review import decisions

    draft_in(folder)
    after = decisions.undo(folder, by, date)
    return _walk(folder, after) | {"undone": after.decisions[-1].record}


def falls(folder: Path, record: str) -> dict[str, Any]:
    """What falls with a record that is rejected, each in words; `idle`: a sentence on inputs that nothing else uses."""
    from offramp.draft.brief_records import claims_of, entries_of
    from offramp.draft.review.hanging import idle_in_words, without
    from offramp.draft.review.record_words import words_of

    brief = draft_in(folder).brief
    if record not in claims_of(brief):
        raise Refused(404, "there is no such record any longer: load the page again")
    entries, found = dict(entries_of(brief)), without(brief, record)
    said = [printable(words_of(brief, entries[id_])) for id_ in found.fallen]
    return {"falls": said, "idle": printable(idle_in_words(found))}


def _walk(folder: Path, draft: Draft, *, weigh: bool = False) -> dict[str, Any]:
    from offramp.draft.brief_records import claims_of
    from offramp.draft.review.record_weights import input_weights
    from offramp.draft.review.walk import walk_of
    from offramp.draft.sidecar import CRISIS, paragraphs_of_draft

    walk = walk_of(draft, paragraphs_of_draft(folder), input_weights(folder) if weigh else None)
    claims = claims_of(draft.brief)
    standing = draft.standing
    return {
        "crisis": CRISIS if (folder / CRISIS).is_file() else None,
        "standing": {"read": standing.read, "total": standing.total},
        "order": printable(walk.order),
        "faults": [printable(f"{fault.record}: {fault.message}") for fault in draft.faults],
        "records": [_record(entry, claims[entry.id], draft) for entry in walk.entries],
    }


def _record(entry: WalkEntry, record: Record, draft: Draft) -> dict[str, Any]:
    """A record for the page; every text is plain."""
    from offramp.draft.review.record_fields import fields_of

    decision = entry.decision
    return {
        "id": entry.id,
        "kind": KINDS.get(entry.kind, entry.kind),
        "claim": printable(entry.claim),
        "words": printable(entry.words),
        "state": entry.state,
        "seen": _state(record, draft, entry.id),
        "fields": [
            {"name": one.name, "says": one.says, "value": printable(one.value), "written": one.written}
            for one in fields_of(record)
        ],
        "passage": _passage(entry),
        "flags": [printable(flag) for flag in entry.flags],
        "changed": entry.changed_after_solve,
        "decision": decision and {"verdict": decision.verdict, "by": printable(decision.by), "date": decision.date},
    }


def _passage(entry: WalkEntry) -> dict[str, Any] | None:
    """The paragraph of a quote in three parts, since Python and browsers count characters differently."""
    if entry.paragraph is None:
        return None
    text, start, end = entry.text, entry.start, entry.end
    before, quote, after = map(printable, (text[:start], text[start:end], text[end:]))
    return {"number": entry.paragraph, "before": before, "quote": quote, "after": after}


def _state(record: Record, draft: Draft, id_: str) -> str:
    """A digest of a record with the decision on it, so that nobody decides on what has changed meanwhile."""
    decision = draft.decided.get(id_)
    content = [record.model_dump(mode="json"), decision and decision.model_dump(mode="json", exclude={"was"})]
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()[:32]
