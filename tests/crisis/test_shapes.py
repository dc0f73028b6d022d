"""All that does not fit a shape is found at once, each at its place."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import pytest

from offramp.crisis.faults import Faults
from offramp.crisis.scalars import Name
from offramp.crisis.shapes import OneOf, SchemaPart, ShapeError, Sizes, Tag, as_part, key
from offramp.crisis.text.loading import load

Guest = Annotated[
    Annotated[Name, Tag("<one>")] | Annotated[list[Name], Tag("<some>")],
    OneOf(lambda value: None if isinstance(value, dict) else "<some>" if isinstance(value, list) else "<one>"),
]


class Named(SchemaPart):
    """Something with a name."""

    name: Name = key("Its name.")


class Party(Named):
    """A party."""

    place: Literal["in", "out"] = key("Inside or outside.", default="in")
    guests: dict[Name, Guest] = key("Who brings whom.", default_factory=dict)
    days: Annotated[list[Name], Sizes(1, 2)] | None = key("When.", default=None, word="on")


def party(text: str) -> Party:
    return as_part(Party, load(text.encode(), Faults()))


def misfits(text: str) -> list[tuple[str, tuple[Any, ...]]]:
    with pytest.raises(ShapeError) as caught:
        party(text)
    return [(misfit.fault, misfit.place) for misfit in caught.value.misfits]


def test_a_fitting_document_becomes_its_part_with_defaults_for_what_is_left_out() -> None:
    found = party("{name: ball, guests: {ann: bob, eve: [dan, fay]}, on: [monday]}")
    assert vars(found) == {
        "name": "ball",
        "place": "in",
        "guests": {"ann": "bob", "eve": ["dan", "fay"]},
        "days": ["monday"],
    }
    assert vars(party("name: ball")) == {"name": "ball", "place": "in", "guests": {}, "days": None}
    assert party("name: ball").guests is not party("name: ball").guests


def test_every_misfit_is_found_in_the_order_of_the_shape() -> None:
    assert misfits("{plaice: in, place: up, guests: {a b: [x y], ann: {}, eve: c d}, on: []}") == [
        ("missing", ("name",)),
        ("literal", ("place",)),
        ("scalar", ("guests", "a b", "[key]")),
        ("scalar", ("guests", "a b", "<some>", 0)),
        ("no_alternative", ("guests", "ann")),
        ("scalar", ("guests", "eve", "<one>")),
        ("too_short", ("on",)),
        ("unknown", ("plaice",)),
    ]


def test_a_value_of_another_form_is_one_misfit() -> None:
    assert misfits("[ball]") == [("part", ())]
    assert misfits("{name: [ball], guests: [ann], on: monday}") == [
        ("scalar", ("name",)),
        ("mapping", ("guests",)),
        ("list", ("on",)),
    ]


def test_of_a_list_that_is_too_long_only_its_length_is_said() -> None:
    assert misfits("{name: ball, on: [x y, tuesday, friday]}") == [("too_long", ("on",))]
    assert misfits("{name: ball, on: [x y, tuesday]}") == [("scalar", ("on", 0))]
