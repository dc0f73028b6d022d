"""What parts of a crisis file have in common: why something is assumed, and how it is called."""

from __future__ import annotations

from typing import Annotated

from offramp.crisis.scalars import Label, Text
from offramp.crisis.shapes import OneOf, SchemaPart, Sizes, Tag, key, tag

MAX_CITES = 20
"""Maximum number of cites of one assumption."""

Cites = Annotated[
    Annotated[Text, Tag(tag("cite"))] | Annotated[list[Text], Sizes(1, MAX_CITES), Tag(tag("cites"))],
    OneOf(lambda value: tag("cites" if isinstance(value, list) else "cite")),
]


class Reasoned(SchemaPart):
    """A part that rests on an assumption."""

    because: Text | None = key("Why this is assumed, in one line.", default=None)
    cite: Cites | None = key(
        'The passage of a source that supports it, or a list: `SOURCE ¶N` or `SOURCE "phrase"`.', default=None
    )


class Described(SchemaPart):
    """A part that has a name for readers, besides its key."""

    name: Label | None = key(
        'Its name in sentences: a noun phrase such as "a staged answer". By default its key.', default=None
    )
    says: Text | None = key("What it is, in one line.", default=None)
