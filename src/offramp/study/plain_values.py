"""Findings as values of JSON and back, by the types of their fields: the same finding, to the last bit.

A dataclass becomes the list of its fields' values, a mapping the list of its pairs, an array its type, its shape and
its numbers. A crisis is not written, and of a measure only its key: the reader of a finding has the crisis.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from functools import cache
from types import NoneType, UnionType
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

import numpy as np

from offramp.crisis.model import Crisis
from offramp.crisis.parts import Measure

Result = TypeVar("Result")

ARRAYS = ("<f8", "<i8", "|b1")
"""Types of the numbers of an array."""


def as_plain(value: Any, kind: Any) -> Any:
    """A value of the type `kind`, such as a finding, in what JSON knows.

    Raises
    ------
    TypeError
        If a part of it has a type that is not written.
    """
    parts = get_args(kind)
    match _origin(kind):
        case _ if kind is Crisis:
            return None
        case _ if kind is Measure:
            return value.key
        case _ if kind is float:
            return value if math.isfinite(value) else [repr(float(value))]
        case _ if kind in (str, int, bool, NoneType):
            return value if value is None else kind(value)
        case _ if kind is date:
            return value.isoformat()
        case origin if origin is Literal:
            return value
        case origin if origin in (Union, UnionType):
            place = next(place for place, part in enumerate(parts) if _fits(value, part))
            return [place, as_plain(value, parts[place])]
        case origin if origin is tuple:
            return [as_plain(part, of) for part, of in zip(value, _types_of(parts, len(value)), strict=True)]
        case origin if origin is frozenset:
            return [as_plain(part, parts[0]) for part in sorted(value)]
        case origin if origin in (Mapping, dict):
            return [[as_plain(key, parts[0]), as_plain(part, parts[1])] for key, part in value.items()]
        case origin if origin is slice:
            return [value.start, value.stop]
        case origin if origin is np.ndarray:
            numbers = value.ravel().tolist()
            return [value.dtype.str, list(value.shape), [as_plain(number, type(number)) for number in numbers]]
        case _ if isinstance(kind, type) and is_dataclass(kind):
            return [as_plain(getattr(value, name), of) for name, of in _fields_of(kind).items()]
    raise TypeError(f"{kind} is not written")


def from_plain(plain: Any, kind: type[Result], crisis: Crisis | None = None) -> Result:
    """The value of the type `kind` that `as_plain` has written; `crisis`: the one that it holds, if it holds one.

    Raises
    ------
    ValueError
        If it is not the form of such a value.
    """
    try:
        value: Result = _read(plain, kind, crisis)
    except (TypeError, ValueError, LookupError, OverflowError, RecursionError):
        raise ValueError(f"it is not of the form of {kind.__name__}") from None
    return value


def _read(plain: Any, kind: Any, crisis: Crisis | None) -> Any:
    def read(plain: Any, kind: Any) -> Any:
        return _read(plain, kind, crisis)

    parts = get_args(kind)
    match _origin(kind):
        case _ if kind is Crisis and crisis is not None:
            return crisis
        case _ if kind is Measure and crisis is not None:
            return crisis.measures[[measure.key for measure in crisis.measures].index(plain)]
        case _ if kind is float:
            return float(_one_of(plain[0], ("nan", "inf", "-inf"))) if isinstance(plain, list) else _number(plain)
        case _ if kind in (str, int, bool, NoneType):
            return _of_type(plain, kind)
        case _ if kind is date:
            return date.fromisoformat(plain)
        case origin if origin is Literal:
            return _one_of(plain, parts)
        case origin if origin in (Union, UnionType):
            place, value = plain
            return read(value, parts[place])
        case origin if origin is tuple:
            return tuple(
                read(part, of) for part, of in zip(_of_type(plain, list), _types_of(parts, len(plain)), strict=True)
            )
        case origin if origin is frozenset:
            return frozenset(read(part, parts[0]) for part in _of_type(plain, list))
        case origin if origin in (Mapping, dict):
            return {read(key, parts[0]): read(part, parts[1]) for key, part in _of_type(plain, list)}
        case origin if origin is slice:
            start, stop = plain
            return slice(_of_type(start, int), _of_type(stop, int))
        case origin if origin is np.ndarray:
            type_, shape, numbers = plain
            of = {"f": float, "i": int, "b": bool}[_one_of(type_, ARRAYS)[1]]
            return np.array([read(number, of) for number in numbers], dtype=type_).reshape(shape)
        case _ if isinstance(kind, type) and is_dataclass(kind):
            of_fields = _fields_of(kind)
            values = zip(of_fields, _of_type(plain, list), of_fields.values(), strict=True)
            return kind(**{name: read(part, of) for name, part, of in values})
    raise TypeError(f"{kind} is not read")


def _origin(kind: Any) -> Any:
    """What a generic type is made of, or the type itself: from version 2.5 on, NumPy's `NDArray` is an alias."""
    origin = get_origin(kind) or kind
    value = getattr(origin, "__value__", origin)
    return get_origin(value) or value


@cache
def _fields_of(kind: type) -> Mapping[str, Any]:
    """The types of a dataclass's fields, by name."""
    types = get_type_hints(kind)
    return {field.name: types[field.name] for field in fields(kind)}


def _types_of(parts: tuple[Any, ...], length: int) -> tuple[Any, ...]:
    """The types of a tuple's parts, of which there are so many."""
    return parts[:1] * length if len(parts) == 2 and parts[1] is Ellipsis else parts


def _fits(value: Any, kind: Any) -> bool:
    """Whether a value is of a type of a union."""
    if kind is float:
        return isinstance(value, float | int) and not isinstance(value, bool)
    origin = _origin(kind)
    if origin is Literal:
        return value in get_args(kind)
    return isinstance(value, origin) and (kind is not int or not isinstance(value, bool))


def _of_type(plain: Any, kind: type) -> Any:
    if type(plain) is not kind:
        raise TypeError
    return plain


def _number(plain: Any) -> Any:
    if type(plain) not in (int, float):
        raise TypeError
    return plain


def _one_of(plain: Any, values: tuple[Any, ...]) -> Any:
    if plain not in values:
        raise TypeError
    return plain
