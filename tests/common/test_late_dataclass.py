"""A class made by `late_dataclass` is as one made by the standard library, but for when its functions are written."""

from __future__ import annotations

import dataclasses
import inspect
import pickle
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, ClassVar

import pytest

from offramp.common import late_dataclass

Maker = Callable[..., Any]


def shapes(dataclass: Maker) -> dict[str, Any]:
    """Classes of every form that is in use."""

    @dataclass(frozen=True)
    class Point:
        x: int
        y: float = 2.0
        names: dict[str, int] = dataclasses.field(default_factory=dict, compare=False)
        kinds: ClassVar[int] = 3

    @dataclass(frozen=True)
    class Named(Point):
        name: str = "none"
        hidden: int = dataclasses.field(default=4, hash=False, repr=False)

    @dataclass
    class Open:
        one: int
        made: list[int] = dataclasses.field(default_factory=list, init=False)
        again: int = dataclasses.field(default=5, kw_only=True)

        def __post_init__(self) -> None:
            self.made.append(self.one)

    @dataclass(frozen=True, eq=False)
    class Itself:
        one: int

    @dataclass(frozen=True, repr=False)
    class Shown:
        one: int

        def __repr__(self) -> str:
            return "shown"

        def __hash__(self) -> int:
            return 7

    @dataclass(frozen=True)
    class Empty:
        pass

    return {cls.__name__: cls for cls in (Point, Named, Open, Itself, Shown, Empty)}


OURS, THEIRS = shapes(late_dataclass.dataclass), shapes(dataclasses.dataclass)
GIVEN: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = [
    ("Point", (1,), {}),
    ("Point", (1, 3.0), {"names": {"a": 1}}),
    ("Point", (), {}),
    ("Point", (1, 2, 3, 4), {}),
    ("Point", (1,), {"z": 1}),
    ("Named", (1,), {"name": "b"}),
    ("Named", (1, 2.0, {}, "b", 9), {}),
    ("Open", (1,), {}),
    ("Open", (1,), {"again": 6}),
    ("Open", (1, 6), {}),
    ("Itself", (1,), {}),
    ("Shown", (1,), {}),
    ("Empty", (), {}),
]


def come_to(call: Callable[[], Any]) -> Any:
    """What a call returns, or its error's kind and message."""
    try:
        return call()
    except (TypeError, AttributeError) as error:
        return type(error), str(error)


@pytest.mark.parametrize("name", OURS)
def test_a_class_has_the_fields_signature_and_patterns_of_the_standard_library(name: str) -> None:
    ours, theirs = OURS[name], THEIRS[name]
    assert [repr(field) for field in dataclasses.fields(ours)] == [repr(field) for field in dataclasses.fields(theirs)]
    assert str(inspect.signature(ours)) == str(inspect.signature(theirs))
    assert ours.__match_args__ == theirs.__match_args__
    assert (ours.__hash__ is None) == (theirs.__hash__ is None)


@pytest.mark.parametrize(("name", "values", "named"), GIVEN)
def test_objects_are_made_shown_compared_hashed_and_refused_alike(
    name: str, values: tuple[Any, ...], named: dict[str, Any]
) -> None:
    def told(made: dict[str, Any]) -> list[Any]:
        cls = made[name]
        one = come_to(lambda: cls(*values, **named))
        if not isinstance(one, cls):
            return [one]
        same, other = cls(*values, **named), make_other(cls, values, named)
        return [
            vars(one),
            repr(one) if cls.__name__ != "Itself" or "object at" not in repr(one) else None,
            one == same,
            one == other,
            one == 1,
            come_to(lambda: hash(one) == hash(same)),
            come_to(lambda: hash(one)) if cls.__name__ != "Itself" else None,
            come_to(lambda: setattr(one, "one", 5)),
            come_to(lambda: delattr(one, "absent")) if "frozen" in str(come_to(lambda: setattr(one, "x", 5))) else None,
        ]

    assert told(OURS) == told(THEIRS)


def make_other(cls: Any, values: tuple[Any, ...], named: dict[str, Any]) -> Any:
    """An object that differs in its first value, if it has one."""
    return cls(*[value + 1 for value in values[:1]], *values[1:], **named)


@late_dataclass.dataclass(frozen=True)
class Kept:
    """A class of the module, which pickle finds."""

    one: int
    two: tuple[int, ...] = ()


def test_objects_can_be_replaced_and_pickled() -> None:
    kept = Kept(1, (2,))
    assert dataclasses.replace(kept, one=3) == Kept(3, (2,))
    assert pickle.loads(pickle.dumps(kept)) == kept
    with pytest.raises(dataclasses.FrozenInstanceError, match="cannot assign to field 'one'"):
        kept.one = 2  # type: ignore[misc]
    with pytest.raises(dataclasses.FrozenInstanceError, match="cannot delete field 'one'"):
        del kept.one


def test_threads_that_make_the_first_objects_at_once_all_get_theirs() -> None:
    for _ in range(50):
        cls = shapes(late_dataclass.dataclass)["Named"]
        with ThreadPoolExecutor(8) as pool:
            assert [one.x for one in pool.map(cls, range(8))] == list(range(8))


def test_no_function_is_written_before_it_is_needed() -> None:
    cls = shapes(late_dataclass.dataclass)["Point"]
    assert not inspect.isfunction(vars(cls)["__init__"])
    cls(1)
    assert inspect.isfunction(vars(cls)["__init__"])
