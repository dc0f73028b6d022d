"""Checks of an alignment against the drafts, without a model: every key is there, once, and goes with its like."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from offramp.common.words import expected, quoted
from offramp.draft.brief_records import DraftBrief
from offramp.draft.rivals.alignment_form import AlignmentAnswer
from offramp.draft.rivals.rival_drafts import SECTIONS, AlignedRow, Section

Briefs = Mapping[str, DraftBrief]
"""The briefs of the drafts by their labels."""


@dataclass
class CheckedRows:
    """The rows that can be taken, what is wrong with the others, and what was left out and why."""

    rows: dict[Section, tuple[AlignedRow, ...]] = field(default_factory=dict)
    complaints: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)


def keys_in(brief: DraftBrief, section: Section) -> tuple[str, ...]:
    """The keys of a draft that a row of a section can have, in its order.

    An unknown has its step only if the draft plays it.
    """
    played = {step.key for step in brief.steps}
    match section:
        case "actors":
            return tuple(actor.key for actor in brief.actors)
        case "steps":
            return tuple(step.key for step in brief.steps if step.kind != "tell")
        case "options":
            return tuple(option.id for option in brief.options if option.of in played)
        case "inputs":
            return tuple(entry.key for entry in brief.inputs)
    return tuple(ending.key for ending in brief.endings)


def checked(answer: AlignmentAnswer, briefs: Briefs) -> CheckedRows:
    """The rows of an answer with their keys as the map has them, and all that is wrong with them.

    A row with keys of fewer than two drafts says nothing, and is left out.
    """
    result = CheckedRows()
    for section in SECTIONS:
        rows = tuple(_own_keys(row, section, result.rows) for row in answer.rows[section])
        result.complaints += [f"{section}: {text}" for text in _complaints(rows, section, briefs, result.rows)]
        alone = [row for row in rows if len(row.keys) < 2]
        result.remarks += [f"{section}: the row '{row.key}' has keys of fewer than two drafts" for row in alone]
        result.rows[section] = tuple(row for row in rows if len(row.keys) > 1)
    if not any(result.rows.values()) and not answer.notes and not result.complaints:
        result.complaints.append("there is no row; if the drafts have nothing in common, say so in a note")
    result.remarks += [f"the model notes: {note}" for note in answer.notes]
    return result


def _own_keys(row: AlignedRow, section: Section, before: Mapping[Section, tuple[AlignedRow, ...]]) -> AlignedRow:
    """A row of options with the draft's step before each key: `reply.limited`."""
    if section != "options":
        return row
    step = next((one for one in before["steps"] if one.key == row.key.partition(".")[0]), None)
    keys = {
        label: tuple(
            f"{step.keys[label][0]}.{word.removeprefix(f'{step.keys[label][0]}.')}"
            if step is not None and label in step.keys
            else word
            for word in words
        )
        for label, words in row.keys.items()
    }
    return AlignedRow(key=row.key, keys=keys, why=row.why)


def _complaints(
    rows: tuple[AlignedRow, ...],
    section: Section,
    briefs: Briefs,
    before: Mapping[Section, tuple[AlignedRow, ...]],
) -> Iterator[str]:
    known = {label: keys_in(brief, section) for label, brief in briefs.items()}
    first: dict[tuple[str, str], str] = {}
    seen: set[str] = set()
    for row in rows:
        here = f"row '{row.key}'"
        if row.key in seen:
            yield f"{here}: there are two rows with this key; give each its own, or make them one"
        seen.add(row.key)
        if section == "options" and (lacking := _without_step(row, before["steps"])):
            yield f"{here}: {lacking}"
            continue
        for label, words in row.keys.items():
            for word in words:
                if word not in known[label]:
                    yield f"{here}: {label} has no {quoted(word)} among its {section}{expected(word, known[label])}"
                elif (label, word) in first:
                    yield (
                        f"{here}: {quoted(word)} of {label} is in the row '{first[label, word]}' already; a key "
                        "stands in one row"
                    )
                first.setdefault((label, word), row.key)
        if section == "steps":
            yield from (f"{here}: {text}" for text in _unlike(row, briefs, before["actors"]))


def _without_step(row: AlignedRow, steps: tuple[AlignedRow, ...]) -> str:
    """What is wrong with the step of a row of options; "" if nothing is."""
    name = row.key.partition(".")[0]
    step = next((one for one in steps if one.key == name), None)
    if step is None:
        return f"{quoted(name)} is no `key` of a row in `steps`{expected(name, [one.key for one in steps])}"
    lacking = [label for label in row.keys if label not in step.keys]
    return f"the row '{name}' in `steps` has no step of {lacking[0]}" if lacking else ""


def _unlike(row: AlignedRow, briefs: Briefs, actors: tuple[AlignedRow, ...]) -> Iterator[str]:
    """Steps in one row that cannot be the same: of other kinds, or moves of actors who are not the same."""
    first: tuple[str, str, str, str] | None = None
    for label, words in row.keys.items():
        brief, key = briefs[label], words[0]
        kind = next((step.kind for step in brief.steps if step.key == key), None)
        if kind is None:
            continue
        by = next((move.by for move in brief.moves if move.key == key), "")
        who = next((one.key for one in actors if by in one.keys.get(label, ())), f"{label}.{by}")
        if first is None:
            first = (label, kind, by, who)
            continue
        if kind != first[1]:
            yield f"it is a {_KINDS[first[1]]} in {first[0]}, and {quoted(key)} of {label} a {_KINDS[kind]}"
        elif kind == "move" and who != first[3]:
            yield (
                f"it is a move of '{first[2]}' in {first[0]} and of '{by}' in {label}, who stand in no common row of "
                "`actors`"
            )


_KINDS = {"move": "move", "chance": "chance event", "state": "state"}
