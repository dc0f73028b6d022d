"""What each stage asks for: the lists of its answer as a model of pydantic, its JSON Schema, and a validated answer."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, Field, StringConstraints, ValidationError, create_model

from offramp.common.printable import printable
from offramp.common.value_mistakes import mistake_in_words
from offramp.common.words import cut
from offramp.draft.answers import Unusable, object_in
from offramp.draft.brief_records import KINDS, MANY, MAX_QUOTE, BriefPart, DraftBrief, claims_of

LISTS = {
    "extract": ("title", "summary", "actors", "moves", "unknowns", "options", "left_out", "notes"),
    "timeline": (
        "steps", "rounds", "restrictions", "lets", "endings", "levers", "lever_acts", "actors", "moves", "unknowns",
        "options", "notes",
    ),
    "numbers": ("inputs", "odds", "stakes", "lets", "notes"),
}  # fmt: skip
"""What the answers of the first stages hold."""
_EXPLAINED = frozenset({"says", "quote", "para", "ours"})
"""The fields of all records, which the rules of the prompt explain once."""
_LISTS = frozenset({"seen_by", "to"})
MAX_COMPLAINTS = 20
_LONGEST = 300
_Id = Annotated[str, StringConstraints(min_length=1, max_length=400)]


class BetterQuote(BriefPart):
    """Other words of the document for a record whose quote was not found, or that there are none."""

    record: _Id = Field(description="The id of the record.")
    quote: Annotated[str, StringConstraints(max_length=MAX_QUOTE)] = Field("", description="Words of the document.")
    para: int | None = Field(None, ge=1, description="The number of the paragraph with the quote.")
    ours: bool = Field(False, description="true if no words of the document say so.")


class QuotesAnswer(BriefPart):
    """The answer of the stage `quotes`."""

    quotes: tuple[BetterQuote, ...] = Field((), max_length=4 * MANY)


class _Edits(BriefPart):
    remove: tuple[_Id, ...] = Field((), max_length=MANY, description="The ids of records to take out.")
    order: tuple[_Id, ...] = Field((), max_length=MANY, description="The keys of all steps in their new order, or [].")


@lru_cache
def answer_model(stage: str, lists: tuple[str, ...] = ()) -> type[BaseModel]:
    """The model of a stage's answer; `lists`: the lists of a repair or of a second look."""
    if stage == "quotes":
        return QuotesAnswer
    fields: dict[str, Any] = {
        name: (DraftBrief.model_fields[name].annotation, DraftBrief.model_fields[name])
        for name in (LISTS.get(stage) or lists)
    }
    base = _Edits if stage == "repair" else BriefPart
    return create_model(f"{stage.capitalize()}Answer", __base__=base, **fields)


def schema_of(model: type[BaseModel]) -> dict[str, Any]:
    """The JSON Schema of an answer in few words: what it means and its types; bounds are checked when it is read."""
    schema = _plain(model.model_json_schema(by_alias=True))
    assert isinstance(schema, dict)
    return schema


def _plain(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_plain(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    kept = {}
    for key, value in schema.items():
        if key in ("properties", "$defs"):
            kept[key] = {name: _plain(item) for name, item in value.items()}
            for name in kept[key].keys() & _EXPLAINED:
                kept[key][name].pop("description", None)
        elif key not in ("title", "default", "minLength", "maxLength", "maxItems", "minimum", "maximum"):
            kept[key] = _plain(value)
    return kept


@dataclass(frozen=True)
class StageAnswer:
    """A validated answer: the part of the brief that it gives, better quotes, and edits of a repair."""

    part: DraftBrief = field(default_factory=DraftBrief)
    quotes: tuple[BetterQuote, ...] = ()
    remove: tuple[str, ...] = ()
    order: tuple[str, ...] = ()


def answer_of(stage: str, text: str, lists: tuple[str, ...] = ()) -> StageAnswer | tuple[str, ...]:
    """The answer of a stage, or complaints in words; never raises."""
    found = object_in(text)
    if isinstance(found, Unusable):
        return (found.complaint,)
    try:
        answer = answer_model(stage, lists).model_validate(_with_support(found))
        if isinstance(answer, QuotesAnswer):
            return StageAnswer(quotes=answer.quotes)
        part = DraftBrief.model_validate({name: getattr(answer, name) for name in LISTS.get(stage) or lists})
    except ValidationError as error:
        return complaints_of(error, found)
    return StageAnswer(part, remove=getattr(answer, "remove", ()), order=getattr(answer, "order", ()))


Answer = TypeVar("Answer", bound=BaseModel)


def answer_in(text: str, kind: type[Answer]) -> Answer | tuple[str, ...]:
    """The answer of a kind that a text holds, without fields that are null, or complaints in words; never raises."""
    found = object_in(text)
    if isinstance(found, Unusable):
        return (found.complaint,)
    try:
        return kind.model_validate({name: value for name, value in found.items() if value is not None})
    except ValidationError as error:
        return complaints_of(error, found)


def earlier_stage(stages: Container[str], text: str) -> int | None:
    """The number of the first of some stages, already taken, whose answer a text may be; None if there is none."""
    for number, stage in enumerate(LISTS, start=1):
        if stage in stages:
            answer = answer_of(stage, text)
            if isinstance(answer, StageAnswer) and claims_of(answer.part):
                return number
    return None


def complaints_of(error: ValidationError, content: dict[str, Any]) -> tuple[str, ...]:
    """What is wrong with an answer, in words: each with the list, the record's number and key, and the field."""
    entries = error.errors(include_url=False)
    words = [
        cut(printable(f"{_place(entry['loc'], content)}{mistake_in_words(entry)}"), _LONGEST)
        for entry in entries[:MAX_COMPLAINTS]
    ]
    more = len(entries) - MAX_COMPLAINTS
    return (*words, f"and {more} more mistakes of these kinds") if more > 0 else tuple(words)


def _place(loc: tuple[int | str, ...], content: Any) -> str:
    words: list[str] = []
    for part in loc:
        try:
            content = content[part]
        except (KeyError, IndexError, TypeError):
            content = None
        if isinstance(part, int):
            key = content.get("key") if isinstance(content, dict) else None
            words[-1:] = [f"{words[-1] if words else ''}, record {part + 1}" + (f" ('{key}')" if key else "")]
        else:
            words.append(str(part))
    return ": ".join(words) + ": " if words else ""


def _with_support(content: dict[str, Any]) -> dict[str, Any]:
    """The content as a brief has it: a field that is null is not there, and one actor is a list of one.

    A record that says nothing of its support, or two things, is ours.
    """
    return {name: _plain_records(name, value) for name, value in content.items() if value is not None}


def _plain_records(kind: str, value: Any) -> Any:
    if kind not in KINDS or not isinstance(value, list):
        return value
    return [_plain_record(kind, record) if isinstance(record, dict) else record for record in value]


def _plain_record(kind: str, record: dict[str, Any]) -> dict[str, Any]:
    plain = {
        name: [value] if name in _LISTS and isinstance(value, str) else value
        for name, value in record.items()
        if value is not None
    }
    if kind != "notes" and "says" in plain and bool(plain.get("quote")) == bool(plain.get("ours")):
        return plain | {"quote": "", "ours": True}
    return plain
