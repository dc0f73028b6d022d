"""What keeps a brief from being written as a crisis: keys used twice, and parts that are named but not there.

What the records mean is checked by the language itself, once the crisis file is written.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from offramp.crisis.editor.new_keys import fits_as_key
from offramp.draft.brief_records import CHOSEN, DraftBrief, StepRecord, entries_of


@dataclass(frozen=True)
class RecordFault:
    """What is wrong with a record of a brief."""

    id: str
    message: str


def brief_faults(brief: DraftBrief) -> tuple[RecordFault, ...]:
    """Everything that is wrong with a brief; nothing if `brief_text.written_brief` can write it."""
    return tuple(fault for part in (_keys, _choices, _references, _rounds) for fault in part(brief))


def _keys(brief: DraftBrief) -> Iterator[RecordFault]:
    seen: set[str] = set()
    for id_, _ in entries_of(brief):
        if id_ in seen:
            yield RecordFault(id_, "another record of this kind has the same key")
        seen.add(id_)
    moves = {move.key for move in brief.moves}
    for unknown in brief.unknowns:
        if unknown.key in moves:
            yield RecordFault(f"unknowns.{unknown.key}", "a move has the same key")
    for needed in ("actors", "moves", "endings"):
        if not getattr(brief, needed):
            yield RecordFault(needed, "at least one is needed")


def _choices(brief: DraftBrief) -> Iterator[RecordFault]:
    """Moves and unknowns, each with its options, its place in the timeline and its odds."""
    optioned = {option.of for option in brief.options}
    placed = {step.key for step in brief.steps if step.kind in CHOSEN}
    with_odds = {row.step for row in brief.odds}
    for kind in ("moves", "unknowns"):
        for entry in getattr(brief, kind):
            at = f"{kind}.{entry.key}"
            if entry.key not in optioned:
                yield RecordFault(at, "it has no options")
            if entry.key not in placed:
                yield RecordFault(at, "no step of the timeline has its key")
            if kind == "unknowns" and entry.key not in with_odds:
                yield RecordFault(at, "it has no odds")


def _references(brief: DraftBrief) -> Iterator[RecordFault]:
    """Records that name a part of the brief by its key."""
    actors = {actor.key for actor in brief.actors}
    moves, unknowns = {move.key for move in brief.moves}, {unknown.key for unknown in brief.unknowns}
    levers = {lever.key for lever in brief.levers}
    named = [
        *((f"moves.{entry.id}", "actor", entry.by, actors) for entry in brief.moves),
        *((f"options.{entry.id}", "move or unknown", entry.of, moves | unknowns) for entry in brief.options),
        *((f"steps.{entry.id}", "move", entry.key, moves) for entry in brief.steps if entry.kind == "move"),
        *((f"steps.{entry.id}", "unknown", entry.key, unknowns) for entry in brief.steps if entry.kind == "chance"),
        *((f"restrictions.{entry.id}", "move", entry.of, moves) for entry in brief.restrictions),
        *((f"odds.{entry.id}", "unknown", entry.step, unknowns) for entry in brief.odds),
        *((f"odds.{entry.id}", "actor", entry.believed_by, {"", *actors}) for entry in brief.odds),
        *((f"stakes.{entry.id}", "actor", entry.actor, actors) for entry in brief.stakes),
        *((f"lever_acts.{entry.id}", "lever", entry.lever, levers) for entry in brief.lever_acts),
    ]
    for id_, what, key, known in named:
        if key not in known:
            yield RecordFault(id_, f"there is no {what} '{key}'")
    for step in brief.steps:
        yield from _fields(step)
    for limit in brief.restrictions:
        if not (limit.only_if or limit.closed):
            yield RecordFault(f"restrictions.{limit.id}", "give `only_if` or `closed`")


def _fields(step: StepRecord) -> Iterator[RecordFault]:
    if step.kind == "state" and not (step.start and step.becomes):
        yield RecordFault(f"steps.{step.id}", "a state needs `start` and `becomes`")
    if step.kind == "tell" and not (step.of and step.to):
        yield RecordFault(f"steps.{step.id}", "a tell needs `of`, the step that is told, and `to`")
    elif step.kind == "tell" and not fits_as_key(step.of):
        yield RecordFault(f"steps.{step.id}", "`of` is no key; give the key of the step that is told")


def _rounds(brief: DraftBrief) -> Iterator[RecordFault]:
    repeated = [step for step in brief.steps if step.in_rounds]
    if brief.rounds is None:
        for step in repeated:
            yield RecordFault(f"steps.{step.id}", "`in_rounds` needs `rounds`, with a `count`")
    elif not repeated:
        yield RecordFault("rounds", "no step has `in_rounds`")
    elif sum(inside for inside, _ in groupby(brief.steps, lambda step: step.in_rounds)) > 1:
        yield RecordFault(f"steps.{repeated[0].id}", "the steps with `in_rounds` must be neighbours")
