"""Reads the names and descriptions that readers see in place of keys."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypedDict

from offramp.crisis import schema
from offramp.crisis.model import Option, name_of
from offramp.crisis.text.document import Scalar


def text_of(scalar: Scalar | None) -> str | None:
    """A scalar as a plain string, or None."""
    return None if scalar is None else str(scalar)


class Description(TypedDict):
    """What readers see of a part: its name, and what it is."""

    name: str
    says: str | None


def described(key: Scalar, part: schema.Described) -> Description:
    """The name of a part for readers, and what it is."""
    return {"name": name_of(key, text_of(part.name)), "says": text_of(part.says)}


def option_details(
    options: Iterable[Scalar], written: Iterable[Scalar] | Mapping[Scalar, schema.OptionPart | Scalar] | None
) -> dict[str, Option]:
    """The options of a step as readers see them, by key."""
    parts = written if isinstance(written, Mapping) else {}
    details = {}
    for key in options:
        part = parts.get(key)
        if not isinstance(part, schema.OptionPart):
            part = schema.OptionPart.model_construct(name=part)
        details[str(key)] = Option(str(key), **described(key, part))
    return details
