"""YAML documents as mappings, lists and strings that know their place in the file; `loading` makes them.

Every scalar is a string: `no`, `012` and `12:30` stay as they are written. The crisis language itself decides what is
a number.
"""

from __future__ import annotations

import re
from typing import Any

from offramp.common.words import quoted
from offramp.crisis.faults import Location

MAX_BYTES = 2_000_000
MAX_DEPTH = 40
MAX_VALUES = 30_000

Value = Any  # Scalar | YamlMapping | Items, a recursive type that mypy cannot express here

PROPERTIES = re.compile(r"(?:[&!]\S*\s*)+")
_BLOCK_HEADER = re.compile(r"[|>].*\n")
_ESCAPE = re.compile(r"\\(?:x..|u.{4}|U.{8}|.)", re.DOTALL)
_WHITE_ESCAPES = frozenset({"\\n", "\\r", "\\t", "\\v", "\\f", "\\ ", "\\N", "\\_", "\\L", "\\P", "\\\n"})


class Scalar(str):
    """A string of the file, with its place; `quoted` if it has quotes around it in the file."""

    place: Location
    quoted: bool
    raw: str | None
    """The source text, if it is more than the string and its quotes."""

    def at(self, offset: int) -> Location:
        """The place of the character at `offset`."""
        if self.raw is None:
            return Location(self.place.line, self.place.column + offset + self.quoted)
        before = self.raw[: _raw_offset(self.raw, self, offset)]
        line_break = before.rfind("\n")
        if line_break < 0:
            return Location(self.place.line, self.place.column + len(before))
        return Location(self.place.line + before.count("\n"), len(before) - line_break)


class YamlMapping(dict[Scalar, Value]):
    """A mapping of the file."""

    place: Location

    def key(self, word: str) -> Scalar:
        """The key as a scalar of the file, with its place."""
        return next(key for key in self if key == word)


class Items(list[Value]):
    """A list of the file."""

    place: Location


def scalar_at(place: Location, text: str) -> Scalar:
    """A string placed at a location of the file."""
    scalar = Scalar(text)
    scalar.place, scalar.quoted, scalar.raw = place, False, None
    return scalar


def shown_value(value: Value) -> str:
    """A value of the file, in the words of a message."""
    if isinstance(value, Scalar):
        return quoted(value) if value or value.quoted else "nothing"
    return "a list" if isinstance(value, Items) else "a mapping"


def _raw_offset(raw: str, text: str, offset: int) -> int:
    """The offset in `raw` of the character of `text` at `offset`; they differ by white space, quotes and escapes."""
    begin = PROPERTIES.match(raw)
    at = begin.end() if begin else 0
    style = raw[at : at + 1]
    header = _BLOCK_HEADER.match(raw, at)
    at = header.end() if header else at + (style in ("'", '"'))
    before = sum(not character.isspace() for character in text[:offset])
    while at < len(raw):
        unit = raw[at]
        if style == '"' and unit == "\\":
            escape = _ESCAPE.match(raw, at)
            unit = escape[0] if escape else unit
        elif style == "'" and raw.startswith("''", at):
            unit = "''"
        if not (unit.isspace() or unit in _WHITE_ESCAPES):
            if not before:
                break
            before -= 1
        at += len(unit)
    return at
