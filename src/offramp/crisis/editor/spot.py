"""What a place of the text is for: which key of which part of the schema it fills in.

The way from the root of the tree to a word is walked through the models of `offramp.crisis.schema`, so that a key
that is added there is known here.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from inspect import get_annotations
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from offramp.crisis import schema
from offramp.crisis.editor.declared_names import kind_of
from offramp.crisis.editor.text_tree import Listing, Mapping, Node, TextEntry, Word
from offramp.crisis.schema import SchemaPart
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
    """A key of a part: what may stand there, what it is for, whether it must be there."""

    types: tuple[Any, ...]
    description: str
    required: bool


@dataclass(frozen=True)
class Spot:
    """A word and what it is for.

    `part` is the part of the schema that it belongs to, `at` that part in the text; `field` the part's key that it
    fills in, and `below` the keys (None in a list) between that and the word. A key of the part itself
    has no `field`. `owner` is the mapping or list that holds the word, if it is there yet; `written` is False for
    a key that no colon follows. `types` are what the schema allows there.
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
    """The keys of a part: those that must be there, its own, and those that it inherits."""
    hints = get_type_hints(part, include_extras=True)
    nearest = {name: place for place, base in reversed([*enumerate(part.__mro__)]) for name in get_annotations(base)}
    fields = sorted(part.model_fields.items(), key=lambda item: (not item[1].is_required(), nearest[item[0]]))
    return {
        field.alias or name: Slot(_alternatives(hints[name]), field.description or "", field.is_required())
        for name, field in fields
    }


@cache
def _alternatives(kind: Any) -> tuple[Any, ...]:
    """What a type allows: parts, `dict[..]`, `list[..]`, literals, and scalars with what is said of them."""
    origin = get_origin(kind)
    if kind is type(None):
        return ()
    if origin in (Union, UnionType):
        return tuple(dict.fromkeys(each for choice in get_args(kind) for each in _alternatives(choice)))
    if origin is Annotated:
        inner = get_args(kind)[0]
        return (kind,) if isinstance(inner, type) and issubclass(inner, Scalar) else _alternatives(inner)
    return (kind,)


def is_part(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, SchemaPart)


def parts_in(types: tuple[Any, ...]) -> tuple[type[SchemaPart], ...]:
    return tuple(kind for kind in types if is_part(kind))


def inside(types: tuple[Any, ...], origin: type) -> tuple[Any, ...]:
    """What the mappings (or lists) among some types hold."""
    held = [get_args(kind)[-1] for kind in types if get_origin(kind) is origin]
    return tuple(dict.fromkeys(each for kind in held for each in _alternatives(kind)))


def wants_list(spot: Spot) -> bool:
    """Whether the spot wants a list that is not there yet."""
    return bool(spot.types) and all(get_origin(kind) is list for kind in spot.types)


def spot_at(tree: Node | None, offset: int) -> Spot | None:
    """What the word at an offset (in characters) is for; None where no word stands or the schema knows no more."""
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
        entry = next((entry for entry in node.entries if _holds(entry, offset)), None)
        if entry is None:
            return None
        if entry.key.start <= offset <= entry.key.end:
            return _of_key(spot, types, node, entry)
        spot, types = _into(spot, types, node, entry)
        node = entry.value
    return None


def _holds(entry: TextEntry, offset: int) -> bool:
    end = entry.key.end if entry.value is None else max(entry.value.end, entry.key.end)
    return entry.key.start <= offset <= end


def _narrowed(types: tuple[Any, ...], node: Mapping) -> tuple[type[SchemaPart], ...]:
    """The parts that a mapping can be: of the kinds of step, the one whose key it has."""
    parts = parts_in(types)
    kind = kind_of(node)
    return (STEP_PARTS[kind],) if len(parts) > 1 and kind is not None and STEP_PARTS[kind] in parts else parts


def _into(spot: Spot, types: tuple[Any, ...], node: Mapping, entry: TextEntry) -> tuple[Spot, tuple[Any, ...]]:
    """One key deeper."""
    key = entry.key.text
    parts = _narrowed(types, node)
    if parts:
        found = tuple(each for part in parts for each in (slots(part)[key].types if key in slots(part) else ()))
        step = node if any(part in STEP_PARTS.values() for part in parts) else spot.step
        return replace(spot, parts=parts, at=node, field=key, below=(), owner=node, step=step), found
    return replace(spot, below=(*spot.below, key), owner=node), inside(types, dict)


def _of_key(spot: Spot, types: tuple[Any, ...], node: Mapping, entry: TextEntry) -> Spot:
    parts = _narrowed(types, node)
    found = replace(spot, word=entry.key, role="key", owner=node, types=types, written=not entry.bare)
    if not parts:
        return found
    step = node if any(part in STEP_PARTS.values() for part in parts) else spot.step
    return replace(found, parts=parts, at=node, field=None, below=(), step=step)


def _of_word(spot: Spot, types: tuple[Any, ...]) -> Spot:
    """A word where the schema wants a mapping, or a list of such, is the beginning of its first key."""
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
