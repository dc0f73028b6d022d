"""The shape of a document, checked against the schema, with every fault at its place.

A part that does not fit is taken out and the rest is checked on, so that the rules of the language
can still be applied to all that is well formed.
"""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError

from offramp.crisis import schema
from offramp.crisis.document import Block, Items, Scalar, Value
from offramp.crisis.faults import Fault, Place, listed, nearest

_STAND_INS = {
    "format": "1",
    "title": "untitled",
    "actors": {"nobody": {"name": "nobody"}},
    "timeline": [{"chance": "nothing", "odds": {"happens": "1"}}],
    "endings": {"nothing_known": "otherwise"},
}
"""Put in place of required parts that are missing or broken, so that the rest can be checked."""


def shape_of(root: Value) -> tuple[schema.CrisisPart | None, list[Fault]]:
    """The document as typed parts, and what is wrong with its shape."""
    if not isinstance(root, Block):
        place = root.place if isinstance(root, Scalar | Items) else Place(1, 1)
        return None, [Fault(place, "expected a crisis, a mapping that begins with `format: 1`")]
    faults: list[Fault] = []
    value = _copy(root)
    first = True
    for _ in range(1000):
        try:
            return schema.CrisisPart.model_validate(value), faults
        except ValidationError as error:
            errors = error.errors(include_url=False)
        if first:
            faults = list(dict.fromkeys(_fault(root, problem) for problem in errors))
            first = False
        for loc in sorted({_path(value, problem["loc"], problem["type"]) for problem in errors}, key=_order, reverse=True):
            _take_out(value, loc)
    return None, faults


def _order(path: tuple[Any, ...]) -> tuple[tuple[int, int | str], ...]:
    return tuple((0, part) if isinstance(part, int) else (1, str(part)) for part in path)


def _copy(value: Value) -> Value:
    if isinstance(value, Block):
        block = Block((key, _copy(child)) for key, child in value.items())
        block.place, block.flow = value.place, value.flow
        return block
    if isinstance(value, Items):
        items = Items(_copy(child) for child in value)
        items.place = value.place
        return items
    return value


def _path(root: Value, loc: tuple[Any, ...], kind: str) -> tuple[Any, ...]:
    """The keys and positions from the root to the offending value; for a missing key, to its owner."""
    path: list[Any] = []
    value = root
    for part in loc:
        if isinstance(value, Block) and part in value:
            value = value[part]
        elif isinstance(value, Items) and isinstance(part, int) and part < len(value):
            value = value[part]
        else:
            continue
        path.append(part)
    del kind
    return tuple(path)


def _take_out(root: Block, path: tuple[Any, ...]) -> None:
    if not path or (len(path) == 1 and path[0] in _STAND_INS):
        for key, stand_in in _STAND_INS.items():
            if not path and key not in root or path and key == path[0]:
                root[_placed(key, root.place)] = _placed(stand_in, root.place)
        return
    owner: Value = root
    for part in path[:-1]:
        if isinstance(owner, Block) and part not in owner:
            return
        if isinstance(owner, Items) and not part < len(owner):
            return
        owner = owner[part]
    if isinstance(owner, Block):
        owner.pop(path[-1], None)
    elif isinstance(owner, Items) and path[-1] < len(owner):
        del owner[path[-1]]


def _placed(value: Any, place: Place) -> Any:
    if isinstance(value, dict):
        block = Block((_placed(key, place), _placed(child, place)) for key, child in value.items())
        block.place, block.flow = place, False
        return block
    if isinstance(value, list):
        items = Items(_placed(child, place) for child in value)
        items.place = place
        return items
    scalar = Scalar(value)
    scalar.place, scalar.quoted, scalar.one_line = place, False, False
    return scalar


def _fault(root: Block, problem: Any) -> Fault:
    """A pydantic error in Offramp's words."""
    loc, kind = problem["loc"], problem["type"]
    owner: Value = root
    value: Value = root
    key: Scalar | None = None
    for part in loc:
        if isinstance(value, Block) and part in value:
            owner = value
            key = next(known for known in value if known == part)
            value = value[part]
        elif isinstance(value, Items) and isinstance(part, int) and part < len(value):
            owner, value = value, value[part]
    place = value.place if isinstance(value, Block | Items | Scalar) else root.place
    if isinstance(value, Scalar) and not value and not value.quoted and key is not None:
        place = key.place
    where = f" in '{key}'" if key is not None and value is not root else ""
    match kind:
        case "extra_forbidden":
            assert key is not None
            return Fault(key.place, _unknown_key(key, value, owner, _allowed(loc)))
        case "missing":
            missing = loc[-1]
            return Fault(_owner_place(owner, key, value, root), f"missing `{missing}`{where}")
        case "union_tag_invalid" | "union_tag_not_found":
            if isinstance(value, Block):
                first = next(iter(value), None)
                hint = nearest(first, schema.STEP_KINDS) if first is not None else ""
                return Fault(place, f"expected a step: one of {listed(schema.STEP_KINDS)}{hint}")
            return Fault(place, f"expected a step, a mapping that begins with one of {listed(schema.STEP_KINDS)}, found {_shown(value)}")
        case "model_type" | "dict_type" | "model_attributes_type":
            return Fault(place, f"expected a mapping{where}, found {_shown(value)}")
        case "list_type":
            return Fault(place, f"expected a list{where}, found {_shown(value)}")
        case "too_short" | "too_long":
            expected = "two names" if "of" in loc else "at least one entry"
            return Fault(place, f"expected {expected}{where}, found {len(value)}")
        case "literal_error":
            allowed = [word.strip("'") for word in problem["ctx"]["expected"].replace(" or ", ", ").split(", ")]
            return Fault(place, f"expected {' or '.join(allowed)}{where}, found {_shown(value)}{nearest(str(value), allowed)}")
        case _:
            if loc and loc[-1] == "[key]":
                assert key is not None
                place = key.place
            text = str(problem["msg"])
            return Fault(place, text if "cannot be a name" in text else f"{text}{where if 'name of' not in text else ''}")


def _owner_place(owner: Value, key: Scalar | None, value: Value, root: Block) -> Place:
    del owner, root
    if key is not None and isinstance(value, Block):
        return key.place
    return value.place if isinstance(value, Block | Items | Scalar) else Place(1, 1)


def _shown(value: Value) -> str:
    if isinstance(value, Scalar):
        return f"'{value}'" if value or value.quoted else "nothing"
    return "a list" if isinstance(value, Items) else "a mapping"


def _unknown_key(key: Scalar, value: Value, owner: Value, allowed: list[str]) -> str:
    if isinstance(owner, Block) and owner.flow and isinstance(value, Scalar) and not value and not value.quoted:
        return f"unexpected '{key}': inside braces a comma ends a value; put quotes around the text that holds the comma"
    return f"unknown key '{key}'{nearest(key, allowed)} (expected {listed(allowed, 12)})"


_PARTS: dict[str, type[schema.Part]] = {
    "sources": schema.SourcePart,
    "actors": schema.ActorPart,
    "inputs": schema.InputPart,
    "correlations": schema.CorrelationPart,
    "payoffs": schema.TermPart,
    "levers": schema.LeverPart,
    "chance": schema.ChancePart,
    "move": schema.MovePart,
    "tell": schema.TellPart,
    "state": schema.StatePart,
    "together": schema.TogetherPart,
    "rounds": schema.RoundsPart,
}


def _allowed(loc: tuple[Any, ...]) -> list[str]:
    """The keys that the part which holds `loc` may have; the nearest tag or section names the part."""
    part = schema.CrisisPart if len(loc) == 1 else next(_PARTS[word] for word in reversed(loc[:-1]) if word in _PARTS)
    return [field.alias or name for name, field in part.model_fields.items()]
