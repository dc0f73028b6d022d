"""What falls with a record that is taken out of a brief: what belongs to it, and what names it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from offramp.common.texts import trn
from offramp.common.words import listed
from offramp.draft.brief_records import (
    CHOSEN,
    KINDS,
    BriefPart,
    DraftBrief,
    LeverAct,
    MoveRecord,
    OddsRecord,
    OptionRecord,
    RestrictionRecord,
    StakeRecord,
    StepRecord,
    entries_of,
)
from offramp.draft.review.record_names import named_in
from offramp.draft.sidecar import KeptEntry


@dataclass(frozen=True)
class WithoutRecord:
    """A brief without a record; `fallen`: the ids of what fell with it, in the order of the brief.

    `was`: every entry that fell or changed, as it was. `idle`: keys of inputs that nothing uses any more.
    """

    brief: DraftBrief
    fallen: tuple[str, ...]
    was: tuple[KeptEntry, ...]
    idle: tuple[str, ...]


def without(brief: DraftBrief, record_id: str) -> WithoutRecord:
    """Take a record out of a brief, with all that hangs on it.

    With an actor go its moves, payoff terms and beliefs; with a move or an unknown its options, its steps, its odds and
    what levers do to it; with an option what restricts it and its odds. Records whose expressions name what is gone go
    as well, and levers that have nothing left to do. Actors who are gone see nothing and are told nothing.
    """
    entries = dict(entries_of(brief))
    needs = {id_: frozenset(_needs(brief, entry)) for id_, entry in entries.items()}
    emptied = _parts(brief)
    gone = {record_id}
    while more := {
        id_
        for id_ in entries.keys() - gone
        if not gone.isdisjoint(needs[id_]) or any(parts <= gone for parts in emptied.get(id_, ()))
    }:
        gone |= more
    lists: dict[str, object] = {}
    was: list[KeptEntry] = []
    actors = {actor.key for actor in brief.actors if f"actors.{actor.key}" not in gone}
    for kind in KINDS:
        kept = []
        for place, (id_, entry) in enumerate(entries_of(brief, [kind])):
            left = None if id_ in gone else _among(entry, actors)
            if left is not None:
                kept.append(left)
            if left is not entry:
                was.append(kept_entry(kind, place, entry, removed=left is None))
        lists[kind] = tuple(kept)
    rounds = brief.rounds
    if rounds is not None:
        inside = any(step.in_rounds and f"steps.{step.id}" not in gone for step in brief.steps)
        after_rounds = rounds if gone.isdisjoint(_needs(brief, rounds)) else rounds.model_copy(update={"until": ""})
        lists["rounds"] = after_rounds if inside else None
        if lists["rounds"] is not rounds:
            was.append(kept_entry("rounds", 0, rounds, removed=not inside))
    fallen = tuple(id_ for id_ in entries if id_ in gone and id_ != record_id)
    after = brief.model_copy(update=lists)
    freed = _inputs_in_use(brief) - _inputs_in_use(after)
    return WithoutRecord(after, fallen, tuple(was), tuple(one.key for one in after.inputs if one.key in freed))


def restored(brief: DraftBrief, was: tuple[KeptEntry, ...]) -> DraftBrief:
    """The brief as it was before a decision that changed or took out these entries.

    Raises
    ------
    ValueError
        If an entry is none of a brief (a `ValidationError`), or has no place in it.
    """
    values: dict[str, Any] = brief.model_dump(mode="json", by_alias=True)
    for kept in sorted(was, key=lambda kept: (not kept.removed, kept.place)):
        if kept.kind == "rounds":
            values["rounds"] = kept.entry
            continue
        entries = values[kept.kind] if kept.kind in KINDS else []
        if kept.kind not in KINDS or kept.place > len(entries) - (not kept.removed):
            raise ValueError(f"there is no place {kept.place} in {kept.kind[:40]!r}")
        if kept.removed:
            entries.insert(kept.place, kept.entry)
        else:
            entries[kept.place] = kept.entry
    return DraftBrief.model_validate(values)


def kept_entry(kind: str, place: int, entry: BriefPart, *, removed: bool) -> KeptEntry:
    """An entry as a decision keeps it."""
    values = entry.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    return KeptEntry(kind=kind, place=place, removed=removed, entry=values)


def _inputs_in_use(brief: DraftBrief) -> set[str]:
    """The keys of the inputs that a record, an act of a lever or the rounds name, also through names of `lets`."""
    lets = {let.key: named_in(let).words for let in brief.lets}
    users = [entry for _, entry in entries_of(brief, [kind for kind in KINDS if kind != "lets"])]
    pending = {word for entry in users for word in named_in(entry).words} | {act.on for act in brief.lever_acts}
    if brief.rounds is not None:
        pending |= named_in(brief.rounds).words
    named: set[str] = set()
    while pending:
        named |= pending
        pending = {word for key in pending for word in lets.get(key, ())} - named
    return named & {entry.key for entry in brief.inputs}


def idle_in_words(found: WithoutRecord) -> str:
    """That nothing uses some inputs any more, as a sentence; empty if each is used.

    Examples
    --------
    `Nothing else uses the input “what a clash costs”, which stays.`
    """
    if not found.idle:
        return ""
    names = [f"“{entry.name}”" for entry in found.brief.inputs if entry.key in found.idle]
    return trn(
        "Nothing else uses the input {inputs}, which stays.",
        "Nothing else uses the inputs {inputs}, which stay.",
        len(names),
        inputs=listed(names),
    )


def _parts(brief: DraftBrief) -> dict[str, list[set[str]]]:
    """For moves, unknowns and levers the ids of what they consist of: without all of one kind they cannot stand."""
    found: dict[str, list[set[str]]] = {}
    for kind in ("moves", "unknowns"):
        for entry in getattr(brief, kind):
            options = {f"options.{option.id}" for option in brief.options if option.of == entry.key}
            steps = {f"steps.{step.id}" for step in brief.steps if step.key == entry.key and step.kind in CHOSEN}
            found[f"{kind}.{entry.key}"] = [options, steps]
    for lever in brief.levers:
        acts = {f"lever_acts.{act.id}" for act in brief.lever_acts if act.lever == lever.key}
        found[f"levers.{lever.key}"] = [acts]
    return {id_: [parts for parts in kinds if parts] for id_, kinds in found.items()}


def _needs(brief: DraftBrief, entry: BriefPart) -> Iterator[str]:
    """The ids of what an entry cannot stand without; some may not be in the brief."""
    match entry:
        case MoveRecord():
            yield f"actors.{entry.by}"
        case OptionRecord():
            yield from _of_step(entry.of)
        case StepRecord():
            if entry.kind in CHOSEN:
                yield from _of_step(entry.key)
            if entry.kind == "tell":
                yield from _of_step(entry.of)
                if len(entry.to) == 1:
                    yield f"actors.{entry.to[0]}"
        case RestrictionRecord():
            yield from (*_of_step(entry.of), f"options.{entry.of}.{entry.option}")
        case OddsRecord():
            yield from (*_of_step(entry.step), f"options.{entry.step}.{entry.option}", f"actors.{entry.believed_by}")
        case StakeRecord():
            yield f"actors.{entry.actor}"
        case LeverAct():
            yield from (f"levers.{entry.lever}", f"inputs.{entry.on}", f"options.{entry.on}.{entry.value}")
            yield from _of_step(entry.on)
    named = named_in(entry)
    yield from (f"options.{step}.{option}" for step, option in named.options)
    for word in named.words:
        yield from (f"inputs.{word}", f"lets.{word}", f"steps.{word}", *_of_step(word))


def _of_step(key: str) -> tuple[str, str]:
    return f"moves.{key}", f"unknowns.{key}"


def _among(entry: BriefPart, actors: set[str]) -> BriefPart:
    """An entry without actors who are gone among those who see it or are told."""
    if not isinstance(entry, StepRecord):
        return entry
    known = actors | {"everyone"}
    seen_by, to = (tuple(key for key in keys if key in known) for keys in (entry.seen_by, entry.to))
    return (
        entry if (seen_by, to) == (entry.seen_by, entry.to) else entry.model_copy(update={"seen_by": seen_by, "to": to})
    )
