"""The texts that a crisis file holds: names, dates, counts and others, and what each must look like."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Mapping
from typing import Annotated

from offramp.crisis.dates import LENGTH_WORDS, is_length
from offramp.crisis.expressions.expression import OPERATOR_WORDS, SKIPPED
from offramp.crisis.expressions.grammar import DOTTED, WORD
from offramp.crisis.text.document import Scalar

RESERVED = OPERATOR_WORDS | {"rest", "otherwise", SKIPPED, "round", "date"}
MAX_ROUNDS = 1000
MAX_NAME = 64
MAX_LABEL = 500
"""Maximum characters of a title, a name to show or a unit: with longer ones a picture takes minutes to draw."""
MAX_OPTIONS = 1_000

UNNAMED = "(unnamed)"
"""Stand-in for a missing or invalid name; it causes no further messages."""


class StandIn(Scalar):
    """A scalar that `text.shape` inserts if the file has no usable value there, so that the rest can be checked."""


class Kind:
    """A kind of scalar: what is `expected`, a `stand_in` for a bad value, what `holds` for it, its JSON Schema."""

    def __init__(
        self, expected: str, stand_in: str, holds: Callable[[Scalar], bool], schema: Mapping[str, object]
    ) -> None:
        self.expected, self.stand_in, self.holds, self.schema = expected, stand_in, holds, schema

    def fits(self, value: object) -> bool:
        """Whether a value is of this kind, or stands in for one."""
        return isinstance(value, StandIn) or (isinstance(value, Scalar) and self.holds(value))


def is_written(value: Scalar) -> bool:
    """Whether a value is given: some text, or empty quotes."""
    return bool(value.strip()) or value.quoted


def is_label(value: Scalar) -> bool:
    """Whether a text is short enough to be shown as a name."""
    return is_written(value) and len(value) <= MAX_LABEL


def is_name(value: str) -> bool:
    """Whether a text is a valid name of a step, state, input, let, actor or option."""
    return len(value) <= MAX_NAME and re.fullmatch(WORD, value) is not None and value not in RESERVED


def is_input_name(value: str) -> bool:
    """Whether a text can be the name of an input: a name, or one with dots, such as `south.rationality`."""
    return len(value) <= 3 * MAX_NAME and re.fullmatch(DOTTED, value) is not None and value not in RESERVED


def is_level(value: str) -> bool:
    """Whether a text can be a level of a column of text."""
    return len(value) <= MAX_NAME and re.fullmatch(r"\w+", value) is not None


def is_summand(value: str) -> bool:
    """Whether a text can be an entry of `linear`."""
    return value == "1" or is_input_name(value)


def is_source_key(value: str) -> bool:
    """Whether a text is a valid key of a source; hyphens and dots are allowed."""
    return len(value) <= MAX_NAME and re.fullmatch(WORD, re.sub("[-.]", "_", value)) is not None


def is_date(value: str) -> bool:
    """Whether a text is a valid date in the form 2031-03-02."""
    try:
        return datetime.date.fromisoformat(value).isoformat() == value  # which also reads 2031-W10-1
    except ValueError:
        return False


def is_count(value: str, most: int = MAX_ROUNDS) -> bool:
    """Whether a text is a whole number from 1 to `most`, by default a number of rounds."""
    return re.fullmatch("[0-9]{1,9}", value) is not None and 1 <= int(value) <= most


def is_point_count(value: str) -> bool:
    """Whether a text is a valid number of points of a grid."""
    return is_count(value, MAX_OPTIONS)


def is_flag(value: str) -> bool:
    """Whether a text is `yes` or `no`, or `true` or `false`."""
    return value in ("yes", "no", "true", "false")


def is_set(flag: str | None) -> bool:
    """Whether a flag is `yes` or `true`."""
    return flag in ("yes", "true")


NAME_WORDS = "a name of letters, digits and _, not a digit first"
LABEL_WORDS = f"text of at most {MAX_LABEL} characters"
COUNT_WORDS = f"a whole number from 1 to {MAX_ROUNDS}"
POINTS_WORDS = f"a whole number from 1 to {MAX_OPTIONS:,}"
DATE_WORDS = "a date such as 2031-03-02"

FORMULA_SCHEMA = {"type": ["string", "number", "boolean"]}
COUNT_SCHEMA = {"type": "integer", "minimum": 1, "maximum": MAX_ROUNDS}
_POINTS = {"type": "integer", "minimum": 1, "maximum": MAX_OPTIONS}
DATE_SCHEMA = {"type": "string", "format": "date"}

_STRING = {"type": "string"}
_LABEL = FORMULA_SCHEMA | {"maxLength": MAX_LABEL}
_WORD_OR_NUMBER = {"type": ["string", "integer"]}
_LENGTH = {"type": "string", "pattern": "^[0-9]{1,4} +(day|week|month)s?$"}

Word = Annotated[Scalar, Kind("a word", UNNAMED, lambda value: True, _STRING)]
Name = Annotated[Scalar, Kind(NAME_WORDS, UNNAMED, is_name, _STRING)]
InputName = Annotated[Scalar, Kind("the name of an input", UNNAMED, is_input_name, _STRING)]
Summand = Annotated[Scalar, Kind("1 or the name of a column", UNNAMED, is_summand, _WORD_OR_NUMBER)]
Level = Annotated[Scalar, Kind("a level of letters, digits and _", UNNAMED, is_level, _WORD_OR_NUMBER)]
SourceKey = Annotated[Scalar, Kind("a key of letters, digits, - and _", UNNAMED, is_source_key, {})]
Text = Annotated[Scalar, Kind("text", UNNAMED, is_written, FORMULA_SCHEMA)]
Label = Annotated[Scalar, Kind(LABEL_WORDS, UNNAMED, is_label, _LABEL)]
Formula = Annotated[Scalar, Kind("an expression", "0", is_written, FORMULA_SCHEMA)]
Date = Annotated[Scalar, Kind(DATE_WORDS, UNNAMED, is_date, DATE_SCHEMA)]
Count = Annotated[Scalar, Kind(COUNT_WORDS, "1", is_count, COUNT_SCHEMA)]
Length = Annotated[Scalar, Kind(LENGTH_WORDS, UNNAMED, is_length, _LENGTH)]
PointCount = Annotated[Scalar, Kind(POINTS_WORDS, "1", is_point_count, _POINTS)]
Flag = Annotated[Scalar, Kind("yes or no", "no", is_flag, {"enum": ["yes", "no", True, False]})]
Version = Annotated[Scalar, Kind("1", "1", lambda value: value == "1", {"const": 1})]
