"""Check what a public function is given against its annotations, and say in one line what does not fit."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection, Iterable, Mapping
from functools import cache, wraps
from numbers import Integral, Real
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, ParamSpec, TypeVar, Union, get_args, get_origin

from offramp.common.errors import UsageError
from offramp.common.printable import printable
from offramp.common.words import cut, listed

P = ParamSpec("P")
R = TypeVar("R")

_PHRASES: dict[object, tuple[str, str]] = {
    int: ("a whole number", "whole numbers"),
    float: ("a number", "numbers"),
    str: ("a text", "texts"),
    bool: ("True or False", "True or False"),
    Path: ("a path", "paths"),
    range: ("a range", "ranges"),
    NoneType: ("None", "None"),
}
"""How messages name a type, in the singular and in the plural."""


def checked_types(function: Callable[P, R]) -> Callable[P, R]:
    """The function, which raises UsageError if an argument is not of the type with which it is annotated.

    Numbers may be those of NumPy. A crisis, a game or a run is left to the function, which knows more to say about it.
    """

    @wraps(function)
    def checked(*args: P.args, **kwargs: P.kwargs) -> R:
        signature, hints = _annotated(function)
        try:
            given = signature.bind(*args, **kwargs).arguments
        except TypeError:  # too many arguments, or an unknown one: Python says which
            return function(*args, **kwargs)
        for name, value in given.items():
            several = signature.parameters[name].kind is inspect.Parameter.VAR_POSITIONAL
            for one in value if several else [value]:
                check_type(name, one, hints.get(name, Any))
        return function(*args, **kwargs)

    return checked


def check_fields(given: object) -> None:
    """Raise UsageError if a field of a dataclass is not of the type with which it is annotated."""
    cls: Callable[..., Any] = type(given)
    _, hints = _annotated(cls)
    for name, value in vars(given).items():
        check_type(name, value, hints[name])


def check_type(name: str, value: object, hint: Any) -> None:
    """Raise UsageError, which names the argument, if a value is not of a type."""
    if not _fits(value, hint):
        raise UsageError(f"`{name}` must be {_phrase(hint)}, found {_found(value)}")


def check_seed(seed: int) -> None:
    """Raise UsageError if a seed is negative."""
    if seed < 0:
        raise UsageError(f"a seed is a whole number from 0 up, found {seed}")


@cache
def _annotated(function: Callable[..., Any]) -> tuple[inspect.Signature, dict[str, Any]]:
    """The signature of a function, or of a dataclass, and its annotations, evaluated."""
    signature = inspect.signature(function)
    scope = vars(inspect.getmodule(inspect.unwrap(function)))
    hints = {
        name: eval(parameter.annotation, scope) if isinstance(parameter.annotation, str) else parameter.annotation
        for name, parameter in signature.parameters.items()
        if parameter.annotation is not inspect.Parameter.empty
    }
    return signature, hints


def _fits(value: object, hint: Any) -> bool:
    kind, parts = get_origin(hint), get_args(hint)
    if hint is Any or getattr(hint, "_is_protocol", False):
        return True
    if hint is None:
        return value is None
    if hint in (int, float):  # True is no number here
        return isinstance(value, Integral if hint is int else Real) and not isinstance(value, bool)
    if kind in (Union, UnionType):
        return any(_fits(value, part) for part in parts)
    if kind is Literal:  # which of them, the function says
        return any(isinstance(value, type(part)) for part in parts)
    if kind is tuple and parts[-1] is not Ellipsis:
        return isinstance(value, tuple | list) and len(value) == len(parts) and all(map(_fits, value, parts))
    if kind is not None and issubclass(kind, Mapping):
        return isinstance(value, Mapping) and all(
            _fits(key, parts[0]) and _fits(entry, parts[1]) for key, entry in value.items()
        )
    if kind is Callable or kind is type(Callable):
        return callable(value)
    if kind is not None and issubclass(kind, Collection):
        return isinstance(value, kind) and not isinstance(value, str) and all(_fits(one, parts[0]) for one in value)
    return isinstance(value, kind or hint)


def _phrase(hint: Any, *, several: bool = False) -> str:
    """A type in words."""
    kind, parts = get_origin(hint), get_args(hint)
    if hint is None or hint in _PHRASES:
        return _PHRASES[NoneType if hint is None else hint][several]
    if kind in (Union, UnionType):
        return listed(dict.fromkeys(_phrase(part, several=several) for part in parts), last="or")
    if kind is Literal:
        return listed(map(repr, parts), last="or")
    if kind is tuple and parts[-1] is not Ellipsis:
        return f"a tuple of {len(parts)} {_phrase(parts[0], several=True)}"
    if kind is not None and issubclass(kind, Mapping):
        return f"a mapping from {_phrase(parts[0], several=True)} to {_phrase(parts[1], several=True)}"
    if isinstance(kind, type) and issubclass(kind, Collection):
        return f"a list of {_phrase(parts[0], several=True)}"
    if kind is not None:
        return "a function"
    article = "" if several else "an " if hint.__name__[0] in "AEIOU" else "a "
    return f"{article}{hint.__name__}{'s' * several}"


def _found(value: object) -> str:
    """A value in a message: a number or a text as it is, anything else by its type and the types in it."""
    if value is None or isinstance(value, bool | int | float | str):
        return printable(cut(repr(value), 60))
    kind = type(value).__name__
    if isinstance(value, Mapping):
        return f"{kind} of {_types(value)} to {_types(value.values())}" if value else f"an empty {kind}"
    return f"{kind} of {_types(value)}" if isinstance(value, list | tuple | set) and value else kind


def _types(values: Iterable[object]) -> str:
    return listed(dict.fromkeys(type(value).__name__ for value in values), 3)
