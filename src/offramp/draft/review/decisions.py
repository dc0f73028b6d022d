"""What a person decides on the records of a draft: the sidecar keeps it by name and date, the crisis file follows.

A decision is never deleted: taking the last one back is another entry.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from offramp.common.errors import OfframpError, UsageError
from offramp.common.words import cut, nearest
from offramp.draft.brief_checks import RecordFault, brief_faults
from offramp.draft.brief_edits import ours
from offramp.draft.brief_game import brief_game
from offramp.draft.brief_records import DraftBrief, Record, claims_of, entries_of, kind_of
from offramp.draft.draft_lock import alone
from offramp.draft.drafting import resumed, with_crisis
from offramp.draft.quotes import verified
from offramp.draft.review.hanging import kept_entry, restored, without
from offramp.draft.review.record_fields import with_values
from offramp.draft.sidecar import (
    CRISIS,
    MOST_DECISIONS,
    Decision,
    Draft,
    KeptEntry,
    Verdict,
    crisis_edited,
    paragraphs_of_draft,
    record_messages,
    with_brief,
    write_draft,
)
from offramp.draft.taken_back import name_of

EDITED = (
    f"{CRISIS} was changed by hand since the draft wrote it, and this decision would overwrite that. Accepting still "
    f"works. For anything else make the change in {CRISIS} itself; or move the file to another name and review on: "
    "it is then written anew, and you carry your changes over"
)


@dataclass(frozen=True)
class _Outcome:
    """What a decision makes of a brief; `was`: what it changed."""

    brief: DraftBrief
    was: tuple[KeptEntry, ...]
    before: str = ""
    after: str = ""


def decide(
    folder: Path,
    draft: Draft,
    record_id: str,
    verdict: Verdict,
    by: str,
    date: str,
    change: Mapping[str, object] | None = None,
    *,
    still_quoted: bool = False,
) -> Draft:
    """Decide on a record: the sidecar keeps it and, unless it is accepted, the crisis file is written again.

    After a record is taken out the crisis file may have faults: `Draft.faults` has them, and `undo` takes the decision
    back.

    Parameters
    ----------
    folder
        The folder of the draft.
    draft
        The draft as the person saw it. Decisions that others have made meanwhile stay.
    record_id
        The record's id, as in `claims_of`.
    verdict
        `accepted`; `changed`, with new values in `change`; `rejected`: it is taken out with all that hangs on it, see
        `hanging.without`; `not said`: its quote does not say it, so it becomes ours.
    by, date
        Who decides, and the day.
    change
        New values of fields, as `with_values` takes them.
    still_quoted
        Of a change: whether the quote says what the record claims now. Otherwise the record becomes ours.

    Raises
    ------
    UsageError
        If there is no such record, another person has decided on it meanwhile, a value is wrong, the brief would no
        longer be a crisis, a change would bring a fault into the crisis file, or that file was changed by hand and
        would be overwritten. Nothing is changed then.
    OfframpError
        If a file cannot be read or written.
    """
    with alone(folder):
        now = _fresh(folder)
        record = _same_record(draft, now, record_id)
        outcome = _outcome(now, record_id, record, verdict, change or {}, folder, still_quoted)
        decision = Decision(
            record=record_id,
            verdict=verdict,
            by=name_of(by),
            date=date,
            before=outcome.before,
            after=outcome.after,
            was=outcome.was,
        )
        return _kept(folder, now, decision, outcome.brief)


def undo(folder: Path, by: str, date: str) -> Draft:
    """Take back the last decision in force: the brief and the crisis file are as they were before.

    Raises
    ------
    UsageError
        If there is none, it is another person's, or the crisis file was changed by hand and would be overwritten.
    OfframpError
        If a file cannot be read or written.
    """
    with alone(folder):
        now = _fresh(folder)
        if not now.in_force:
            raise UsageError("there is no decision to take back")
        last = now.in_force[-1]
        if last.by != name_of(by):
            raise UsageError(f"the last decision is by {last.by} ({last.verdict}: {last.record}), who takes it back")
        try:
            brief = restored(now.brief, last.was)
        except ValueError as error:
            raise OfframpError(f"cannot take back the decision on {last.record}: {cut(str(error), 200)}") from None
        decision = Decision(record=last.record, verdict="taken back", by=name_of(by), date=date)
        return _kept(folder, now, decision, brief)


def _outcome(
    draft: Draft,
    id_: str,
    record: Record,
    verdict: Verdict,
    change: Mapping[str, object],
    folder: Path,
    still_quoted: bool,
) -> _Outcome:
    if verdict != "changed" and change:
        raise UsageError("new values go with `changed`")
    if verdict == "accepted":
        return _Outcome(draft.brief, ())
    if verdict == "rejected":
        found = without(draft.brief, id_)
        return _Outcome(found.brief, found.was, before=record.says)
    if verdict == "not said":
        if not draft.checks[id_].found:
            raise UsageError(f"{id_} rests on no words of the document: it counts as ours already")
        after = ours(record)
    elif verdict == "changed":
        after = with_values(record, change, still_quoted=still_quoted)
        if after == record:
            raise UsageError(f"nothing of {id_} would change")
        if "quote" in change and not verified(after.quote, after.para, paragraphs_of_draft(folder)).found:
            raise UsageError("these words are not in the document; copy them letter by letter, at least 12 characters")
    else:
        raise UsageError(f"a decision is accepted, changed, rejected or not said, found {verdict[:40]!r}")
    kind = kind_of(id_)
    entries = list(getattr(draft.brief, kind))
    place = entries.index(record)
    was = (kept_entry(kind, place, record, removed=False),)
    entries[place] = after
    brief = draft.brief.model_copy(update={kind: tuple(entries)})
    return _Outcome(brief, was, before=record.says, after=after.says if isinstance(after, Record) else "")


def _kept(folder: Path, draft: Draft, decision: Decision, brief: DraftBrief) -> Draft:
    """Write a decision, and the crisis file if the brief has changed."""
    decided = draft.model_copy(update={"decisions": (*draft.decisions, decision)})
    if brief == draft.brief:
        write_draft(folder, decided)
        return decided
    if crisis_edited(folder, draft):
        raise UsageError(EDITED)
    old = brief_faults(draft.brief)
    new = [fault for fault in brief_faults(brief) if fault not in old]
    if new:
        raise UsageError(f"the draft would be no crisis then: {_told(new)}")
    decided = with_brief(decided, brief, paragraphs_of_draft(folder))
    game = brief_game(decided, folder)
    if decision.verdict == "changed" and game.faults:
        _refuse_broken(decision.record, brief_game(draft, folder).faults, game.faults)
    decided = decided.model_copy(update={"faults": record_messages(game.faults)})
    if game.text:
        return with_crisis(folder, decided, game.text)
    write_draft(folder, decided)
    return decided


def _refuse_broken(changed: str, before: tuple[RecordFault, ...], after: tuple[RecordFault, ...]) -> None:
    """Refuse a change that breaks the crisis file; one that mends a fault may uncover those of other records."""
    mends = not set(before) <= set(after)
    new = [fault for fault in after if fault not in before and (fault.id == changed or not mends)]
    if new:
        raise UsageError(f"the crisis file would have a fault then: {_told(new)}")


def _told(faults: list[RecordFault]) -> str:
    return "; ".join(f"{fault.id}: {fault.message}" for fault in faults[:5])


def _fresh(folder: Path) -> Draft:
    """The draft as it is on the disk now, which must be done and have room for a decision."""
    draft = resumed(folder)
    if draft.stage != "done":
        raise UsageError(f"the draft is not done; `offramp draft {folder}` goes on with it")
    if len(draft.decisions) >= MOST_DECISIONS:
        raise UsageError(f"the draft has {MOST_DECISIONS:,} decisions, and can keep no more")
    return draft


def _same_record(seen: Draft, now: Draft, id_: str) -> Record:
    """The record as it is now; UsageError if there is none, or the person has seen another."""
    claims = claims_of(now.brief)
    if id_ not in claims:
        if id_ in claims_of(seen.brief):
            raise UsageError(f"{id_} was taken out meanwhile{_who(now, id_)}")
        raise UsageError(f"there is no record '{cut(id_, 60)}'{nearest(id_, claims)}")
    if dict(entries_of(seen.brief)).get(id_) != claims[id_] or seen.decided.get(id_) != now.decided.get(id_):
        raise UsageError(f"{id_} was decided meanwhile{_who(now, id_)}: look at it again")
    return claims[id_]


def _who(draft: Draft, id_: str) -> str:
    decision = draft.decided.get(id_)
    return f" ({decision.verdict} by {decision.by})" if decision else ""
