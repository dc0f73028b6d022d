"""The JSON Schema of the crisis file, for editors: the parts of `schema` in the words of JSON Schema, draft 2020-12."""

from __future__ import annotations

from collections.abc import Mapping
from inspect import cleandoc
from typing import Any, Literal, get_args, get_origin

from offramp.crisis.scalars import Kind
from offramp.crisis.schema import CrisisPart
from offramp.crisis.shapes import Key, OneOf, SchemaPart, Sizes, Written, alternatives, noted, without_none

Schema = dict[str, Any]


def json_schema() -> Schema:
    """The JSON Schema of a crisis file."""
    parts: dict[type[SchemaPart], Schema] = {}
    crisis = _part(CrisisPart, parts)
    defined = {part.__name__: parts[part] for part in sorted(parts, key=lambda part: part.__name__)}
    named = {"$defs": defined, **crisis, "title": "Offramp crisis"}
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **named}


def _part(part: type[SchemaPart], parts: dict[type[SchemaPart], Schema]) -> Schema:
    """The schema of a part; those of the parts in it are added to `parts`."""
    keys = part.keys
    needed = [key.word for key in keys if key.needed]
    return {
        "additionalProperties": False,
        "description": cleandoc(part.__doc__ or ""),
        "properties": {key.word: _key(key, parts) for key in keys},
        **({"required": needed} if needed else {}),
        "title": part.__name__,
        "type": "object",
    }


def _key(key: Key, parts: dict[type[SchemaPart], Schema]) -> Schema:
    """The schema of a key; a key can be left out, but not empty."""
    kind = without_none(key.kind)
    schema = _value(kind, parts)
    default = key.default()
    about = {"description": key.says}
    if not isinstance(kind, type):  # not a part
        about["title"] = key.word.replace("_", " ").title()
    if isinstance(default, str):
        about["default"] = default
    return schema | about if default is None else dict(sorted((schema | about).items()))


def _value(kind: Any, parts: dict[type[SchemaPart], Schema]) -> Schema:
    """The schema of a value, its words in alphabetical order."""
    inner, notes = noted(kind)
    sizes = Sizes()
    for note in notes:
        if isinstance(note, Kind | Written):
            return _sorted(note.schema)
    for note in notes:
        if isinstance(note, OneOf):
            return {"oneOf": [_value(one, parts) for one in alternatives(inner).values()]}
        if isinstance(note, Sizes):
            sizes = note
    origin, arguments = get_origin(inner), get_args(inner)
    if origin is Literal:
        return {"enum": [*arguments], "type": "string"}
    if origin is list:
        return _sorted({"items": _value(arguments[0], parts), "type": "array"} | _bounds(sizes, "Items"))
    if origin is dict:
        entries = {"additionalProperties": _value(arguments[1], parts), "type": "object"}
        return _sorted(entries | _bounds(sizes, "Properties"))
    if inner not in parts:
        parts[inner] = {}
        parts[inner] = _part(inner, parts)
    return {"$ref": f"#/$defs/{inner.__name__}"}


def _bounds(sizes: Sizes, what: str) -> Schema:
    least = {f"min{what}": sizes.least} if sizes.least else {}
    return least if sizes.most is None else least | {f"max{what}": sizes.most}


def _sorted(schema: Mapping[str, Any]) -> Schema:
    """A schema with its words in alphabetical order; the keys under `properties` keep theirs."""
    return {word: _inside(one, keys=word == "properties") for word, one in sorted(schema.items())}


def _inside(value: Any, keys: bool = False) -> Any:
    if isinstance(value, list):
        return [_inside(one) for one in value]
    if not isinstance(value, dict):
        return value
    return {key: _inside(one) for key, one in value.items()} if keys else _sorted(value)
