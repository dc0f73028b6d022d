"""Finds the part and key of the schema that a place in the text belongs to.

The path from the root of the tree to a word is followed through the models of `offramp.crisis.schema`, so that new keys
in the schema are supported without changes here.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from inspect import get_annotations
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from offramp.crisis import schema
from offramp.crisis.editor.declared_names import kind_of
from offramp.crisis.editor.text_tree import Listing, Mapping, Node, TextEntry, Word
from offramp.crisis.shapes import SchemaPart
from offramp.crisis.text.document import Scalar

STEP_PARTS: dict[str, type[SchemaPart]] = {
    "chance": schema.ChancePart,
    "move": schema.MovePart,
    "tell": schema.TellPart,
    "state": schema.StatePart,
    "together": schema.TogetherPart,
    "rounds": schema.RoundsPart,
}


@dataclass(frozen=True)
class Slot:
    """A key of a part: the allowed types of its value, its description, and whether it is required."""

    types: tuple[Any, ...]
    description: str
    required: bool


@dataclass(frozen=True)
class Spot:
    """A word and its position in the schema.

    `part` is the part of the schema that contains it, and `at` that part in the text; `field` is the key of the part
    above the word (None if the word is such a key itself), and `below` the keys (None in a list) between that key and
    the word. `owner` is the mapping or list that contains the word, if it exists yet; `written` is False for a key
    without a colon. `types` are the types that the schema allows there.
    """

    word: Word
    role: Literal["key", "value"]
    parts: tuple[type[SchemaPart], ...]
    at: Mapping | None
    field: str | None
    below: tuple[str | None, ...]
    owner: Mapping | Listing | None
    step: Mapping | None
    types: tuple[Any, ...] = ()
    written: bool = True

    @property
    def part(self) -> type[SchemaPart]:
        return self.parts[0]


@cache
def slots(part: type[SchemaPart]) -> dict[str, Slot]:
    """The keys of a part: first required keys, then its own, then inherited ones."""
    nearest = {name: place for place, base in reversed([*enumerate(part.__mro__)]) for name in get_annotations(base)}
    keys = sorted(part.keys, key=lambda key: (not key.needed, nearest[key.name]))
    return {key.word: Slot(_alternatives(key.kind), key.says, key.needed) for key in keys}


@cache
def _alternatives(kind: Any) -> tuple[Any, ...]:
    """The alternatives of a type: parts, `dict[..]`, `list[..]`, literals, and annotated scalars."""
    origin = get_origin(kind)
    if kind is type(None):
        return ()
    if origin in (Union, UnionType):
        return tuple(dict.fromkeys(inner for choice in get_args(kind) for inner in _alternatives(choice)))
    if origin is Annotated:
        inner = get_args(kind)[0]
        return (kind,) if isinstance(inner, type) and issubclass(inner, Scalar) else _alternatives(inner)
    return (kind,)


def is_part(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, SchemaPart)


def parts_in(types: tuple[Any, ...]) -> tuple[type[SchemaPart], ...]:
    return tuple(kind for kind in types if is_part(kind))


def inside(types: tuple[Any, ...], origin: type) -> tuple[Any, ...]:
    """The types inside the mappings (or lists, by `origin`) among some types."""
    contents = [get_args(kind)[-1] for kind in types if get_origin(kind) is origin]
    return tuple(dict.fromkeys(inner for kind in contents for inner in _alternatives(kind)))


def wants_list(spot: Spot) -> bool:
    """Whether the spot needs a list that is not there yet."""
    return bool(spot.types) and all(get_origin(kind) is list for kind in spot.types)


def spot_at(tree: Node | None, offset: int) -> Spot | None:
    """The spot at an offset (in characters); None if there is no word or the schema has no such place."""
    types: tuple[Any, ...] = (schema.CrisisPart,)
    node = tree
    empty = Word("", offset, offset)
    spot = Spot(empty, "value", (schema.CrisisPart,), None, None, (), None, None)
    while node is not None:
        if isinstance(node, Word):
            return _of_word(replace(spot, word=node), types)
        if isinstance(node, Listing):
            item = next((item for item in node.items if item and item.start <= offset <= item.end), None)
            types = inside(types, list)
            spot = replace(spot, owner=node, below=(*spot.below, None))
            node = item
            continue
        entry = next((entry for entry in node.entries if _contains(entry, offset)), None)
        if entry is None:
            return None
        if entry.key.start <= offset <= entry.key.end:
            return _of_key(spot, types, node, entry)
        spot, types = _into(spot, types, node, entry)
        node = entry.value
    return None


def _contains(entry: TextEntry, offset: int) -> bool:
    end = entry.key.end if entry.value is None else max(entry.value.end, entry.key.end)
    return entry.key.start <= offset <= end


def _narrowed(types: tuple[Any, ...], node: Mapping) -> tuple[type[SchemaPart], ...]:
    """The parts that a mapping can be; for a step with a kind, only the part of that kind."""
    parts = parts_in(types)
    kind = kind_of(node)
    return (STEP_PARTS[kind],) if len(parts) > 1 and kind is not None and STEP_PARTS[kind] in parts else parts


def _into(spot: Spot, types: tuple[Any, ...], node: Mapping, entry: TextEntry) -> tuple[Spot, tuple[Any, ...]]:
    """The spot and the allowed types one key deeper."""
    key = entry.key.text
    parts = _narrowed(types, node)
    if parts:
        inner = tuple(kind for part in parts if key in slots(part) for kind in slots(part)[key].types)
        step = node if any(part in STEP_PARTS.values() for part in parts) else spot.step
        return replace(spot, parts=parts, at=node, field=key, below=(), owner=node, step=step), inner
    return replace(spot, below=(*spot.below, key), owner=node), inside(types, dict)


def _of_key(spot: Spot, types: tuple[Any, ...], node: Mapping, entry: TextEntry) -> Spot:
    parts = _narrowed(types, node)
    key_spot = replace(spot, word=entry.key, role="key", owner=node, types=types, written=not entry.bare)
    if not parts:
        return key_spot
    step = node if any(part in STEP_PARTS.values() for part in parts) else spot.step
    return replace(key_spot, parts=parts, at=node, field=None, below=(), step=step)


def _of_word(spot: Spot, types: tuple[Any, ...]) -> Spot:
    """The spot of a scalar; if the schema needs a mapping there, the word counts as the beginning of its first key."""
    scalar = any(not is_part(kind) and get_origin(kind) not in (dict, list) for kind in types)
    parts = parts_in(types) or parts_in(inside(types, list))
    owner = spot.owner if isinstance(spot.owner, Listing) else None
    if parts and not scalar:
        return replace(
            spot, role="key", parts=parts, at=None, field=None, below=(), owner=owner, types=types, written=False
        )
    if not scalar and inside(types, dict):
        return replace(spot, role="key", types=types, owner=None, written=False)
    return replace(spot, types=types)
