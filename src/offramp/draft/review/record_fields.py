"""The fields of a record that a person may change, and a record with new values of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import ValidationError

from offramp.common.errors import UsageError
from offramp.common.texts import translated
from offramp.common.value_mistakes import mistake_in_words
from offramp.common.words import expected
from offramp.draft.brief_records import Record, StepRecord

_IDENTITY = frozenset({"key", "of", "option", "actor", "kind"})
_SUPPORT = ("quote", "para", "ours")


@dataclass(frozen=True)
class RecordField:
    """A field of a record: its name in the brief, what it is, its value as text, and how it is written."""

    name: str
    says: str
    value: str
    written: Literal["text", "list", "yes or no"]


def fields_of(record: Record) -> tuple[RecordField, ...]:
    """The fields of a record that may change, in the order of the brief.

    What other records know it by stays as it is; its quote is not a field, because it is the document's.
    """
    found = []
    for name, field in type(record).model_fields.items():
        if name in _SUPPORT or name in _identity(record):
            continue
        value = getattr(record, name)
        written: Literal["text", "list", "yes or no"] = "text"
        if isinstance(value, bool):
            written, text = "yes or no", "yes" if value else "no"
        elif isinstance(value, tuple):
            written, text = "list", ", ".join(value)
        else:
            text = str(value)
        found.append(RecordField(field.alias or name, translated(field.description or ""), text, written))
    return tuple(found)


def with_values(record: Record, values: Mapping[str, object], *, still_quoted: bool) -> Record:
    """A record with new values of some fields, as texts or as values of JSON; lists may be texts with commas.

    Without `still_quoted` its words of the document go, and it is ours; with `quote` and `para` among the values it has
    others.

    Raises
    ------
    UsageError
        If a field is unknown or may not change, or a value is not one of it.
    """
    known = {field.name: field for field in fields_of(record)}
    fields: dict[str, object] = record.model_dump(mode="json", by_alias=True)
    for name, value in values.items():
        if name in ("quote", "para"):
            fields[name] = value
        elif name in _identity(record):
            raise UsageError(f"`{name}` stays: other records know this one by it; reject it instead")
        elif name not in known:
            raise UsageError(f"it has no field '{name[:60]}'{expected(name, known)}")
        elif known[name].written == "list" and isinstance(value, str):
            fields[name] = [part.strip() for part in value.split(",") if part.strip()]
        else:
            fields[name] = value
    if "quote" in values:
        fields["ours"] = not values["quote"]
    elif not still_quoted:
        fields |= {"quote": "", "para": None, "ours": True}
    try:
        return type(record).model_validate(fields)
    except ValidationError as error:
        raise UsageError("; ".join(_in_words(dict(entry)) for entry in error.errors(include_url=False)[:10])) from None


def _identity(record: Record) -> frozenset[str]:
    """The fields by which other records know this one; a tell may be about another step."""
    if isinstance(record, StepRecord):
        return frozenset({"key", "kind"})
    return _IDENTITY & type(record).model_fields.keys() - ({"option"} if "step" in type(record).model_fields else set())


def _in_words(entry: Mapping[str, Any]) -> str:
    """A mistake in a value, in words."""
    at = ".".join(map(str, entry["loc"]))
    if entry["type"].startswith("bool"):
        return f"{at}: expected yes or no"
    return f"{at}: {mistake_in_words(entry)}".removeprefix(": ")
