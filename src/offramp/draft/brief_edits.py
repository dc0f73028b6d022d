"""Changes to a brief by answers of later stages: records that are added, changed, taken out or put in another order.

What an answer may not do is left out and told in a remark. Nothing here reads or writes a file.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Sequence
from dataclasses import dataclass

from offramp.common.texts import tr
from offramp.common.words import cut
from offramp.crisis.scalars import MAX_NAME
from offramp.draft.brief_checks import RecordFault
from offramp.draft.brief_game import records_of_fault
from offramp.draft.brief_records import KINDS, PLAYED, BriefPart, DraftBrief, Record, entries_of, kind_of
from offramp.draft.stage_answers import BetterQuote, StageAnswer

EXTRACTED = frozenset({"actors", "moves", "unknowns", "options"})
"""Records of these kinds rest on the document only if the first stage found them; later ones are ours."""
UNNAMED = frozenset({"odds", "stakes", "left_out"})
"""Records of these kinds have keys that no other record names."""
ONCE = frozenset(KINDS) - UNNAMED - {"notes", "steps", "restrictions"}
"""Of these kinds, a record that is given again adds nothing."""
MOST_NOTES = 80
"""Maximum number of notes that are kept."""
MOST_CHANGES = 5
"""Maximum number of records that the second look changes."""

MISSING = (
    ("no options", ("options",)),
    ("no step of the timeline has its key", ("steps",)),
    ("no odds", ("odds",)),
    ("add up to", ("odds",)),
    ("last row must have no `if`", ("odds",)),
    ("there is no actor", ("actors",)),
    ("there is no move", ("moves", "unknowns", "options", "steps")),
    ("there is no unknown", ("unknowns", "options", "steps", "odds")),
    ("there is no lever", ("levers",)),
    ("no ending holds", ("endings",)),
    ("unknown name", ("inputs", "lets", "steps")),
    ("unknown step", ("steps",)),
    ("unknown input", ("inputs",)),
    ("left with no option", ("options",)),
    ("needs `rounds`", ("rounds",)),
    ("closed", ("levers", "lever_acts")),
    ("has no value", ("options",)),
    ("at least one is needed", ("actors", "moves", "endings")),
)  # fmt: skip
"""Words of a fault, and the kinds of records that may be missing then."""


@dataclass(frozen=True)
class Edited:
    """A brief after changes, with the ids of the records that differ, and remarks on what was left out."""

    brief: DraftBrief
    changed: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()


def ours(entry: BriefPart) -> BriefPart:
    """A record without words of the document."""
    return entry.model_copy(update={"quote": "", "para": None, "ours": True}) if isinstance(entry, Record) else entry


def joined(brief: DraftBrief, part: DraftBrief, kinds: Iterable[str]) -> Edited:
    """The brief with the records of these kinds that an answer adds.

    A record that is there already stays as it is, and of two with one key the first is taken; rows of odds, payoff
    terms and what is left out, which nothing names, get keys of their own. What is added after the first stage is ours
    if it is an actor, a move, an unknown or an option.
    """
    fields: dict[str, tuple[BriefPart, ...]] = {}
    remarks: list[str] = []
    known = dict(entries_of(brief))
    later = bool(brief.actors)
    for kind in (kind for kind in kinds if kind in KINDS):
        added: list[BriefPart] = []
        for id_, entry in entries_of(part, [kind]):
            if kind in UNNAMED:
                entry = _with_own_key(kind, entry, known)
                id_ = _id(kind, entry)
            elif kind in ONCE and id_ in known:
                if entry != known[id_]:
                    remarks.append(tr("{record}: an answer gave it again, otherwise; the first one stays", record=id_))
                continue
            if kind != "notes":
                known[id_] = entry
            if later and kind in EXTRACTED:
                if entry != ours(entry):
                    remarks.append(tr("{record}: it was added after the first stage, so it is ours", record=id_))
                entry = ours(entry)
            added.append(entry)
        fields[kind] = (*getattr(brief, kind), *added)
    return Edited(with_lists(brief, fields), remarks=tuple(remarks))


def requoted(brief: DraftBrief, asked: Iterable[str], quotes: Iterable[BetterQuote]) -> Edited:
    """The brief with other words of the document for the records that were asked about."""
    better = {entry.record: entry for entry in quotes}
    asked = set(asked)
    remarks = tuple(
        tr("{record}: nobody asked for its quote; ignored", record=cut(id_, 100)) for id_ in better if id_ not in asked
    )

    def renewed(id_: str, entry: BriefPart) -> BriefPart:
        if id_ not in asked or id_ not in better:
            return entry
        found = better[id_]
        quote = " ".join(found.quote.split())
        if found.ours or not quote:
            return ours(entry)
        return entry.model_copy(update={"quote": quote, "para": found.para or getattr(entry, "para", None)})

    return Edited(_mapped(brief, renewed), remarks=remarks)


def nameable(faults: Iterable[RecordFault], brief: DraftBrief) -> tuple[str, ...]:
    """The ids of the records that faults name, which a repair may change, in the order of the brief."""
    named = {id_ for fault in faults for id_ in records_of_fault(fault, brief)}
    rounds = ("rounds",) if brief.rounds is not None and "rounds" in named else ()
    return (*(id_ for id_, _ in entries_of(brief) if id_ in named), *rounds)


def addable(faults: Iterable[RecordFault]) -> tuple[str, ...]:
    """The kinds of records that may be missing after these faults."""
    found = {kind for fault in faults for words, kinds in MISSING if words in fault.message for kind in kinds}
    return tuple(kind for kind in (*KINDS, "rounds") if kind in found)


def repair_lists(faults: Sequence[RecordFault], brief: DraftBrief) -> tuple[str, ...]:
    """The lists of a repair's answer: the kinds of records that may change or be missing."""
    kinds = {*map(kind_of, nameable(faults, brief)), *addable(faults)}
    return (*(kind for kind in KINDS if kind in kinds), *(("rounds",) if "rounds" in kinds else ()), "notes")


def repaired(brief: DraftBrief, faults: Sequence[RecordFault], answer: StageAnswer) -> Edited:
    """The brief after a repair, which changes only records that a fault names, and adds only what a fault misses.

    A record may also be replaced by another of its kind, such as itself under another key: one is taken out, and one is
    added, which is ours unless it rests on the same words. The acts of a lever that is named are given whole.
    """
    named, missing = set(nameable(faults, brief)), set(addable(faults))
    known = dict(entries_of(brief))
    gone = {id_ for id_ in answer.remove if id_ in named}
    remarks = [
        tr("{record}: no fault names it, so it was not taken out", record=cut(id_, 100))
        for id_ in answer.remove
        if id_ not in named
    ]
    acted = {act.lever for act in answer.part.lever_acts if _lever_is_named(act.lever, named)}
    gone |= {f"lever_acts.{act.id}" for act in brief.lever_acts if act.lever in acted}
    changed: dict[str, BriefPart] = {}
    added: dict[str, list[BriefPart]] = {}
    for id_, entry in entries_of(answer.part):
        kind = kind_of(id_)
        if kind == "notes":
            added.setdefault(kind, []).append(entry)
        elif id_ in known and id_ not in gone:
            if id_ in named:
                changed[id_] = entry
            elif entry != known[id_]:
                remarks.append(tr("{record}: no fault names it, so it was not changed", record=id_))
        elif kind in missing or kind in set(map(kind_of, gone)) or kind == "lever_acts":
            added.setdefault(kind, []).append(entry)
        else:
            remarks.append(tr("{record}: no fault says that it is missing, so it was not added", record=id_))
    return _edited(brief, changed, gone, added, answer, named, missing, remarks)


def _edited(
    brief: DraftBrief,
    changed: dict[str, BriefPart],
    gone: set[str],
    added: dict[str, list[BriefPart]],
    answer: StageAnswer,
    named: set[str],
    missing: set[str],
    remarks: list[str],
) -> Edited:
    fields: dict[str, tuple[BriefPart, ...]] = {}
    for kind in KINDS:
        before = list(entries_of(brief, [kind]))
        kept = [_kept_ours(id_, entry, changed.get(id_, entry)) for id_, entry in before if id_ not in gone]
        quoted = {_words(entry) for id_, entry in before if id_ in gone}
        new = [
            ours(entry) if kind in EXTRACTED and _words(entry) not in quoted else entry for entry in added.get(kind, ())
        ]
        last = kind == "endings" and bool(kept) and getattr(kept[-1], "condition", "") == "otherwise"
        fields[kind] = (*kept[:-1], *new, kept[-1]) if last else (*kept, *new)
    if answer.order and any(kind_of(id_) in PLAYED for id_ in named):
        place = {key: number for number, key in reversed(list(enumerate(answer.order)))}
        steps = sorted(fields["steps"], key=lambda step: place.get(str(getattr(step, "key", "")), len(place)))
        fields["steps"] = tuple(steps)
    after = with_lists(brief, fields)
    rounds = brief.rounds
    if answer.part.rounds is not None and ("rounds" in named or "rounds" in missing):
        rounds = answer.part.rounds
    elif "rounds" in gone:
        rounds = None
    ids = (id_ for id_, entry in entries_of(after) if changed.get(id_) is not None)
    return Edited(after.model_copy(update={"rounds": rounds}), tuple(ids), tuple(remarks))


def reconsidered(brief: DraftBrief, answer: StageAnswer) -> Edited:
    """The brief after a second look, which changes at most `MOST_CHANGES` records, and adds none but notes."""
    known = dict(entries_of(brief))
    remarks: list[str] = []
    changed: dict[str, BriefPart] = {}
    for id_, entry in entries_of(answer.part):
        if kind_of(id_) == "notes" or entry == known.get(id_):
            continue
        if id_ not in known:
            remarks.append(tr("{record}: a second look adds no record; ignored", record=id_))
        elif len(changed) == MOST_CHANGES:
            remarks.append(
                tr("{record}: a second look changes at most {most} records; ignored", record=id_, most=MOST_CHANGES)
            )
        else:
            changed[id_] = entry
    after = _mapped(brief, lambda id_, entry: _kept_ours(id_, entry, changed.get(id_, entry)))
    noted = joined(after, answer.part, ("notes",)).brief
    return Edited(noted, tuple(id_ for id_ in known if id_ in changed), tuple(remarks))


def with_lists(brief: DraftBrief, fields: dict[str, tuple[BriefPart, ...]]) -> DraftBrief:
    """The brief with other lists: notes beyond their bound are cut, and rows of odds without `when` come last.

    Raises
    ------
    pydantic.ValidationError
        If a list is too long.
    """
    values = {name: getattr(brief, name) for name in DraftBrief.model_fields} | fields
    values["notes"] = values["notes"][:MOST_NOTES]
    values["odds"] = tuple(sorted(values["odds"], key=lambda row: not row.when))
    return DraftBrief.model_validate(values)


def _mapped(brief: DraftBrief, change: Callable[[str, BriefPart], BriefPart]) -> DraftBrief:
    return with_lists(
        brief, {kind: tuple(change(id_, entry) for id_, entry in entries_of(brief, [kind])) for kind in KINDS}
    )


def _words(entry: BriefPart) -> tuple[str, int | None]:
    """The words of the document that a record rests on, with their paragraph."""
    return (entry.quote, entry.para) if isinstance(entry, Record) else ("", None)


def _kept_ours(id_: str, before: BriefPart, after: BriefPart) -> BriefPart:
    """The changed record; one that entered as ours after the first stage cannot gain words of the document."""
    was_ours = isinstance(before, Record) and before.ours
    return ours(after) if was_ours and kind_of(id_) in EXTRACTED else after


def _with_own_key(kind: str, entry: BriefPart, known: Container[str]) -> BriefPart:
    """The record, with another key if its own is taken."""
    key, number = str(getattr(entry, "key")), 1  # noqa: B009
    while _id(kind, entry) in known:
        number += 1
        entry = entry.model_copy(update={"key": f"{key[: MAX_NAME - 4]}_{number}"})
    return entry


def _id(kind: str, entry: BriefPart) -> str:
    return f"{kind}.{getattr(entry, 'id')}"  # noqa: B009


def _lever_is_named(lever: str, named: set[str]) -> bool:
    return any(id_ == f"levers.{lever}" or id_.startswith(f"lever_acts.{lever}.") for id_ in named)
