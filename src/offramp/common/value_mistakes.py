"""What is wrong with a value of a JSON file or an answer, in words: what was expected, and what was found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from offramp.common.words import quoted

if TYPE_CHECKING:
    from pydantic import ValidationError

_KINDS = {
    "int": "a whole number",
    "float": "a number",
    "finite": "a finite number",
    "string": "text",
    "bool": "true or false",
    "list": "a list",
    "tuple": "a list",
    "dict": "a mapping",
    "model": "a mapping",
    "none": "null",
    "date": "a date such as 2031-03-04",
}
"""What was expected, by the first part of the kind of a mistake."""
_FORMS = {
    "^[0-9a-f]{64}$": "a SHA-256, 64 digits from 0 to 9 and a to f",
    r"^\d{4}-\d\d-\d\d$": "a date such as 2031-03-04",
}
"""What a text was expected to be, by its pattern."""


def first_mistake(error: ValidationError, content: Any) -> str:
    """The first mistake in a value: the key, what was expected there, and what was found.

    `content`: the value that was refused, whose keys are named.

    Examples
    --------
    >>> from pydantic import TypeAdapter, ValidationError
    >>> try:
    ...     TypeAdapter(dict[str, int]).validate_python({"draws": "many"})
    ... except ValidationError as error:
    ...     print(first_mistake(error, {"draws": "many"}))
    draws: expected a whole number, found 'many'
    """
    first = error.errors(include_url=False)[0]
    keys = keys_of(first["loc"], content)
    if first["type"] == "missing":
        return f"missing `{'.'.join((*keys, str(first['loc'][-1])))}`"
    if first["type"] == "extra_forbidden":
        return f"unknown key {quoted('.'.join(keys))}"
    said = mistake_in_words(first)
    return f"{'.'.join(keys)}: {said}" if keys else said


def keys_of(loc: Sequence[int | str], content: Any) -> tuple[str, ...]:
    """The keys and numbers on the way to a mistake, without the kinds of value that were tried there."""
    keys = []
    for part in loc:
        try:
            content = content[part]
        except (KeyError, IndexError, TypeError):
            continue
        keys.append(str(part)[:60])
    return tuple(keys)


def mistake_in_words(entry: Mapping[str, Any]) -> str:
    """What was expected of a value and what was found, from an entry of `ValidationError.errors`."""
    kind, limits, found = str(entry["type"]), entry.get("ctx", {}), entry.get("input")
    if kind == "missing":
        return "this field is missing"
    if kind == "extra_forbidden":
        return "there is no such field; leave it out"
    if kind in ("value_error", "assertion_error"):
        return str(limits.get("error", entry["msg"]))
    if kind in ("string_too_short", "too_short", "string_too_long", "too_long"):
        return _length(kind, limits, found)
    expectation = _expectation(kind, limits)
    return str(entry["msg"]) if expectation is None else f"expected {expectation}, found {shown(found)}"


def _length(kind: str, limits: Mapping[str, Any], found: Any) -> str:
    """What length was expected of a text, or how many entries of a list."""
    of = "characters" if isinstance(found, str) else "entries"
    length = f", found {len(found):,}" if hasattr(found, "__len__") else ""
    if kind.endswith("long"):
        return f"expected at most {limits['max_length']:,} {of}{length}"
    least = limits["min_length"]
    return "it may not be empty" if least == 1 else f"expected {least:,} or more {of}{length}"


def _expectation(kind: str, limits: Mapping[str, Any]) -> str | None:
    """What was expected, without what was found; None for a mistake that its schema has put in words."""
    match kind:
        case "greater_than_equal":
            return f"a number of at least {_number(limits['ge'])}"
        case "greater_than":
            return f"a number above {_number(limits['gt'])}"
        case "less_than_equal":
            return f"a number of at most {_number(limits['le'])}"
        case "less_than":
            return f"a number below {_number(limits['lt'])}"
        case "literal_error" | "enum":
            return str(limits["expected"])
        case "string_pattern_mismatch":
            return _FORMS.get(limits["pattern"], "text of another form")
    return _KINDS.get(kind.partition("_")[0])


def _number(limit: float) -> str:
    return f"{limit:g}" if isinstance(limit, float) else f"{limit:,}"


def shown(value: Any) -> str:
    """A value as a message shows it: texts in quotes, and cut; of lists and mappings that they are."""
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, Mapping):
        return "a mapping"
    if isinstance(value, list | tuple):
        return "a list"
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    return quoted(str(value))[1:-1]
