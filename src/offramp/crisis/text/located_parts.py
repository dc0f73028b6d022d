"""Which part of the schema stands at a place of a document, and which parts have a key."""

from __future__ import annotations

from typing import Any

from offramp.common.words import listed
from offramp.crisis import schema
from offramp.crisis.input_parts import CasesPart, CorrelationPart, InputPart
from offramp.crisis.shapes import SchemaPart, tag

PARTS: dict[str, type[SchemaPart]] = {
    "sources": schema.SourcePart,
    "actors": schema.ActorPart,
    "inputs": InputPart,
    "correlations": CorrelationPart,
    "levers": schema.LeverPart,
    "cases": CasesPart,
    tag("term"): schema.TermPart,
    tag("measure"): schema.MeasurePart,
    tag("option"): schema.OptionPart,
    tag("ending"): schema.EndingPart,
    tag("chance"): schema.ChancePart,
    tag("move"): schema.MovePart,
    tag("tell"): schema.TellPart,
    tag("state"): schema.StatePart,
    tag("together"): schema.TogetherPart,
    tag("rounds"): schema.RoundsPart,
}
"""The part in a section of the file, or under a tag."""
_IN_WORDS = {
    "sources": "a source",
    "actors": "an actor",
    "inputs": "an input",
    "correlations": "a correlation",
    "levers": "a lever",
    tag("term"): "a payoff",
    tag("measure"): "a measure",
    tag("option"): "an option",
    tag("ending"): "an ending",
}
"""The parts that no word of the language begins."""
MOST_OWNERS = 3
"""A key that more parts have is no hint at any of them."""


def part_at(loc: tuple[Any, ...]) -> type[SchemaPart] | None:
    """The part at a location, or None for a list or mapping of parts."""
    if not loc:
        return schema.CrisisPart
    if str(loc[-1]).startswith("<"):
        return PARTS.get(loc[-1])
    return PARTS.get(loc[0]) if len(loc) == (1 if loc[0] == "cases" else 2) else None


def keys_of(part: type[SchemaPart] | None) -> dict[str, bool]:
    """The keys of a part, and whether each is required; its own keys come before inherited ones."""
    if part is None:
        return {}
    keys = sorted(part.keys, key=lambda key: key.name not in part.__annotations__)
    return {key.word: key.needed for key in keys}


def where_it_belongs(key: str) -> str:
    """A hint at the parts of a file that have a key, to end a message; '' if none or many have it.

    Examples
    --------
    >>> where_it_belongs("avoid"), where_it_belongs("state"), where_it_belongs("because")
    ('; `avoid` belongs to an ending', '; `state` begins a step of the timeline', '')
    """
    if key in schema.STEP_KINDS:
        return f"; `{key}` begins a step of the timeline"
    if key in keys_of(schema.CrisisPart):
        return f"; `{key}` is a part of the file, without indentation"
    owners = [_IN_WORDS.get(kind, f"`{kind.strip('<>')}`") for kind, part in PARTS.items() if key in keys_of(part)]
    if not 0 < len(owners) <= MOST_OWNERS:
        return ""
    return f"; `{key}` belongs to {listed(owners, last='or')}"
