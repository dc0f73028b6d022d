"""The form of an alignment's answer: rows of keys, a field for each draft; and the rows of an answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, Field, StringConstraints, ValidationError, create_model

from offramp.draft.answers import Unusable, object_in
from offramp.draft.brief_records import FEW, MANY, MAX_SAYS, SOME, BriefPart, Key, Note, OptionalExpr
from offramp.draft.rivals.rival_drafts import SECTIONS, AlignedRow, Section
from offramp.draft.stage_answers import complaints_of

_Word = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)]
MOST_ROWS: Mapping[Section, int] = {
    "actors": FEW, "steps": 3 * SOME, "options": MANY, "inputs": SOME, "endings": FEW
}  # fmt: skip


def _list(value: Any) -> Any:
    return [value] if isinstance(value, str) and value else value or []


_Words = Annotated[tuple[_Word, ...], BeforeValidator(_list), Field(max_length=FEW)]


@dataclass(frozen=True)
class AlignmentAnswer:
    """The rows of an answer by section, with at least one key each, and its notes."""

    rows: dict[Section, tuple[AlignedRow, ...]]
    notes: tuple[str, ...]


@lru_cache
def alignment_model(labels: tuple[str, ...]) -> type[BaseModel]:
    """The model of an answer about the drafts with these labels."""
    fields: dict[str, Any] = {
        section: (_many(_row_model(section, labels)), Field((), max_length=MOST_ROWS[section])) for section in SECTIONS
    }
    return create_model(
        "AlignmentForm", __base__=BriefPart, **fields, notes=(tuple[Note, ...], Field((), max_length=SOME))
    )


def _many(row: Any) -> Any:
    return tuple[row, ...]


def _row_model(section: Section, labels: Sequence[str]) -> type[BaseModel]:
    fields: dict[str, Any] = {}
    if section == "options":
        fields["step"] = (Key, Field(description="The `key` of the row in `steps`."))
    fields["key"] = (Key, Field(description="The shared key."))
    for label in labels:
        name = label.replace("-", "_")
        if section == "endings":
            fields[name] = (_Words, Field((), alias=label, description=f"The key or keys in {label}; [] if none."))
        else:
            fields[name] = (_Word, Field("", alias=label, description=f'The key in {label}; "" if none.'))
    fields["why"] = (OptionalExpr, Field("", description="Why they are the same, in one sentence."))
    return create_model(f"{section.capitalize()}Row", __base__=BriefPart, **fields)


def alignment_of(text: str, labels: tuple[str, ...]) -> AlignmentAnswer | tuple[str, ...]:
    """The rows of an answer, or complaints in words; never raises."""
    found = object_in(text)
    if isinstance(found, Unusable):
        return (found.complaint,)
    try:
        answer: Any = alignment_model(labels).model_validate(_plain(found))
    except ValidationError as error:
        return complaints_of(error, found)
    rows = {section: tuple(_row(section, entry, labels) for entry in getattr(answer, section)) for section in SECTIONS}
    return AlignmentAnswer(rows, tuple(note.says for note in answer.notes))


def _row(section: str, entry: Any, labels: Sequence[str]) -> AlignedRow:
    keys: dict[str, tuple[str, ...]] = {}
    for label in labels:
        given = getattr(entry, label.replace("-", "_"))
        words = tuple(word for word in ([given] if isinstance(given, str) else given) if word)
        if words:
            keys[label] = words
    shared = f"{entry.step}.{entry.key}" if section == "options" else entry.key
    return AlignedRow(key=shared, keys=keys, why=entry.why[:MAX_SAYS])


def _plain(content: Mapping[str, Any]) -> dict[str, Any]:
    """The content without what is null, and with the only key of a list where one key is asked for."""
    return {name: _plain_rows(name, value) for name, value in content.items() if value is not None}


def _plain_rows(section: str, value: Any) -> Any:
    if section not in SECTIONS or not isinstance(value, list):
        return value
    return [
        {name: _single(section, part) for name, part in row.items() if part is not None}
        if isinstance(row, dict)
        else row
        for row in value
    ]


def _single(section: str, value: Any) -> Any:
    if section != "endings" and isinstance(value, list) and len(value) < 2:
        return value[0] if value else ""
    return value
