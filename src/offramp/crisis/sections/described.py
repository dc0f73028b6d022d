"""Reads the names, descriptions and reasons of parts, for readers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TypedDict

from offramp.common.words import one_line
from offramp.crisis import schema
from offramp.crisis.expressions.expression import Rational
from offramp.crisis.parts import name_of
from offramp.crisis.reasoned_parts import Described, Reasoned
from offramp.crisis.sections.option_numbers import WrittenOptions, is_bare_number
from offramp.crisis.steps import Option, Reason
from offramp.crisis.text.document import Scalar

Reasons = Callable[[Reasoned], Reason]
"""Reads the reason of a part, and checks its cites."""


def text_of(scalar: Scalar | None) -> str | None:
    """A scalar as a plain string, or None."""
    return None if scalar is None else str(scalar)


class Description(TypedDict):
    """What readers see of a part: its name, and what it is."""

    name: str
    says: str | None


def described(key: Scalar, part: Described) -> Description:
    """The name of a part for readers, on one line, as with line breaks it could pass for output; and what it is."""
    return {"name": name_of(key, None if part.name is None else one_line(part.name)), "says": text_of(part.says)}


def option_details(
    options: Iterable[Scalar], written: WrittenOptions | None, values: Mapping[str, Rational], reason: Reasons
) -> dict[str, Option]:
    """The options of a step as readers see them, by key; `values` are their numbers."""
    parts = written if isinstance(written, Mapping) else {}
    details = {}
    for key in options:
        part = parts.get(key)
        if not isinstance(part, schema.OptionPart):
            name = None if part is None or is_bare_number(part) else part
            part = schema.OptionPart(name=name)
        details[str(key)] = Option(str(key), **described(key, part), value=values.get(key), reason=reason(part))
    return details
