"""Declare the shape of a file's parts, and check a document against it.

A part is a class, and its annotations are its keys: parts, `list[..]`, `dict[.., ..]`, `Literal[..]` and scalars of a
`Kind`, each `| None` if it may be left out. `Sizes` bounds a list or mapping, and `OneOf` chooses among alternatives.

These few shapes are checked here, and not by a library, because a crisis is read anew with each command: pydantic takes
longer to load and to build its validators than all else that reads a crisis.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from inspect import get_annotations
from types import UnionType
from typing import Annotated, Any, Literal, NamedTuple, TypeVar, Union, dataclass_transform, get_args, get_origin

from offramp.crisis.scalars import Kind
from offramp.crisis.text.document import Items, Value, YamlMapping

Part = TypeVar("Part", bound="SchemaPart")

Place = tuple[Any, ...]
"""The keys, indices and tags from the root of a document to a value; `[key]` after a key for the key itself."""


class Misfit(NamedTuple):
    """A value that does not fit: what is wrong, its place, and what the message about it needs."""

    fault: str
    place: Place
    context: dict[str, Any]


class ShapeError(ValueError):
    """A document does not have its shape; `misfits` are all that is wrong, in the order of the shape."""

    def __init__(self, misfits: list[Misfit]) -> None:
        super().__init__(f"{len(misfits)} values do not fit")
        self.misfits = misfits


Check = Callable[[Value, Place, list[Misfit]], Any]
"""Adds what is wrong with a value at a place, and returns the typed value."""


class Sizes:
    """Bounds on the number of entries of a list or mapping."""

    def __init__(self, least: int = 0, most: int | None = None) -> None:
        self.least, self.most = least, most

    def misfits(self, length: int, place: Place) -> list[Misfit]:
        """What is wrong with a number of entries."""
        if length < self.least:
            return [Misfit("too_short", place, {})]
        if self.most is not None and length > self.most:
            return [Misfit("too_long", place, {"max_length": self.most})]
        return []


class Tag:
    """The name of an alternative of a `OneOf`."""

    def __init__(self, name: str) -> None:
        self.name = name


def tag(kind: str) -> str:
    """The name of an alternative in the place of a misfit; it cannot be a key of the language."""
    return f"<{kind}>"


class OneOf:
    """Chooses the alternative that a value must fit: `of` gives its tag, None if it fits none."""

    def __init__(self, of: Callable[[Value], str | None]) -> None:
        self.of = of


class Written:
    """The JSON Schema of a value, if it is another than its type says."""

    def __init__(self, schema: dict[str, Any]) -> None:
        self.schema = schema


class _Declared:
    def __init__(self, says: str, word: str | None, needed: bool, default: Callable[[], Any]) -> None:
        self.says, self.word, self.needed, self.default = says, word, needed, default


class Key(NamedTuple):
    """A key of a part: its attribute, the word in the file, its type, what it says, and what it is if left out."""

    name: str
    word: str
    kind: Any
    says: str
    needed: bool
    default: Callable[[], Any]


_NEEDED: Any = object()


def key(
    says: str,
    *,
    default: Any = _NEEDED,
    default_factory: Callable[[], Any] | None = None,
    word: str | None = None,
) -> Any:
    """Declare a key of a part: `says` describes it, `word` is its name in the file if that is no name in Python.

    It is required, unless it has a default.
    """
    factory = default_factory or (lambda: default)
    return _Declared(says, word, default is _NEEDED and default_factory is None, factory)


class PartType(type):
    """The class of a part, which knows its `keys`, the inherited ones first."""

    keys: tuple[Key, ...]

    def __init__(cls, name: str, bases: tuple[type, ...], namespace: dict[str, Any]) -> None:
        super().__init__(name, bases, namespace)
        inherited = [key for base in reversed(cls.__mro__[1:]) if isinstance(base, PartType) for key in base.keys]
        keys = {key.name: key for key in inherited}
        for attribute, kind in get_annotations(cls, eval_str=True).items():
            declared: _Declared = namespace[attribute]
            word = declared.word or attribute
            keys[attribute] = Key(attribute, word, kind, declared.says, declared.needed, declared.default)
        cls.keys = tuple(keys.values())


@dataclass_transform(eq_default=False, kw_only_default=True, frozen_default=True, field_specifiers=(key,))
class SchemaPart(metaclass=PartType):
    """Base of every part of a file: unknown keys are misfits."""

    def __init__(self, **values: Any) -> None:
        vars(self).update({one.name: one.default() for one in type(self).keys if one.name not in values} | values)


def as_part(part: type[Part], value: Value) -> Part:
    """A document as a part.

    Raises
    ------
    ShapeError
        If it does not have the part's shape.
    """
    misfits: list[Misfit] = []
    found: Part = check_of(part)(value, (), misfits)
    if misfits:
        raise ShapeError(misfits)
    return found


def without_none(kind: Any) -> Any:
    """A type without `None`, which says that its key may be left out."""
    if get_origin(kind) not in (Union, UnionType):
        return kind
    (inner,) = (one for one in get_args(kind) if one is not type(None))
    return inner


def noted(kind: Any) -> tuple[Any, list[Any]]:
    """A type and the notes about it."""
    if get_origin(kind) is not Annotated:
        return kind, []
    inner, *notes = get_args(kind)
    return inner, notes


def alternatives(kind: Any) -> dict[str, Any]:
    """The alternatives of a `OneOf` by their tags."""
    return {note.name: one for one in get_args(kind) for note in noted(one)[1] if isinstance(note, Tag)}


@cache
def check_of(kind: Any) -> Check:
    """The check of a type."""
    inner, notes = noted(without_none(kind))
    sizes = Sizes()
    for note in notes:
        if isinstance(note, Kind):
            return _scalar(note)
        if isinstance(note, OneOf):
            return _choice(note, {name: check_of(one) for name, one in alternatives(inner).items()})
        if isinstance(note, Sizes):
            sizes = note
    origin, arguments = get_origin(inner), get_args(inner)
    if origin is Literal:
        return _literal(arguments)
    if origin is list:
        return _list(check_of(arguments[0]), sizes)
    if origin is dict:
        return _mapping(check_of(arguments[0]), check_of(arguments[1]), sizes)
    return _part(inner)


def _scalar(kind: Kind) -> Check:
    def check(value: Value, place: Place, misfits: list[Misfit]) -> Any:
        if not kind.fits(value):
            misfits.append(Misfit("scalar", place, {"expected": kind.expected, "stand_in": kind.stand_in}))
        return value

    return check


def _literal(words: tuple[str, ...]) -> Check:
    def check(value: Value, place: Place, misfits: list[Misfit]) -> Any:
        found = next((word for word in words if word == value), None)
        if found is None:
            misfits.append(Misfit("literal", place, {"allowed": words}))
        return found

    return check


def _choice(choice: OneOf, checks: dict[str, Check]) -> Check:
    def check(value: Value, place: Place, misfits: list[Misfit]) -> Any:
        chosen = choice.of(value)
        if chosen is None or chosen not in checks:
            misfits.append(Misfit("no_alternative", place, {}))
            return value
        return checks[chosen](value, (*place, chosen), misfits)

    return check


def _list(entry: Check, sizes: Sizes) -> Check:
    def check(value: Value, place: Place, misfits: list[Misfit]) -> Any:
        if not isinstance(value, Items):
            misfits.append(Misfit("list", place, {}))
            return value
        wrong: list[Misfit] = []
        found = [entry(one, (*place, number), wrong) for number, one in enumerate(value)]
        long = sizes.most is not None and len(value) > sizes.most
        misfits += sizes.misfits(len(value), place) if long or not wrong else wrong
        return found

    return check


def _mapping(word: Check, entry: Check, sizes: Sizes) -> Check:
    def check(value: Value, place: Place, misfits: list[Misfit]) -> Any:
        if not isinstance(value, YamlMapping):
            misfits.append(Misfit("mapping", place, {}))
            return value
        wrong: list[Misfit] = []
        found = {}
        for key, one in value.items():
            word(key, (*place, key, "[key]"), wrong)
            found[key] = entry(one, (*place, key), wrong)
        misfits += wrong or sizes.misfits(len(value), place)
        return found

    return check


def _part(part: type[SchemaPart]) -> Check:
    def check(value: Value, place: Place, misfits: list[Misfit]) -> Any:
        if not isinstance(value, YamlMapping):
            misfits.append(Misfit("part", place, {}))
            return value
        entries: dict[Any, Value] = value
        values = {}
        for key in part.keys:
            if key.word in entries:
                values[key.name] = check_of(key.kind)(entries[key.word], (*place, key.word), misfits)
            elif key.needed:
                misfits.append(Misfit("missing", (*place, key.word), {}))
        known = {key.word for key in part.keys}
        misfits += [Misfit("unknown", (*place, word), {}) for word in entries if word not in known]
        return part(**values)

    return check
