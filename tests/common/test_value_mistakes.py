"""What a schema refuses is said in Offramp's own words: the key, what was expected there, and what was found."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from offramp.common.value_mistakes import first_mistake, mistake_in_words

THEIR_WORDS = ("Input", "should", "valid", "Field", "Extra", "permitted", "Value error", "Unable")


class Entry(BaseModel):
    """Fields of all kinds that files and answers have."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    draws: Annotated[int, Field(ge=1, le=4_000)] = 1
    share: Annotated[float, Field(gt=0, lt=1)] | None = None
    title: Annotated[str, Field(min_length=1, max_length=5)] = "x"
    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")] = "0" * 64
    keep: Literal["strategies"] | None = None
    sizes: dict[str, int | dict[str, int]] = {}
    levers: tuple[str, ...] = ()
    pair: Annotated[list[int], Field(min_length=2, max_length=2)] = [1, 2]
    done: bool = False
    day: date | None = None


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"draws": "many"}, "draws: expected a whole number, found 'many'"),
        ({"draws": 1.5}, "draws: expected a whole number, found 1.5"),
        ({"draws": None}, "draws: expected a whole number, found null"),
        ({"draws": 0}, "draws: expected a number of at least 1, found 0"),
        ({"draws": 10**6}, "draws: expected a number of at most 4,000, found 1000000"),
        ({"share": 0}, "share: expected a number above 0, found 0"),
        ({"share": 1}, "share: expected a number below 1, found 1"),
        ({"share": "x"}, "share: expected a number, found 'x'"),
        ({"share": float("nan")}, "share: expected a finite number, found nan"),
        ({"title": ""}, "title: it may not be empty"),
        ({"title": "longer"}, "title: expected at most 5 characters, found 6"),
        ({"title": 5}, "title: expected text, found 5"),
        ({"sha256": "no"}, "sha256: expected a SHA-256, 64 digits from 0 to 9 and a to f, found 'no'"),
        ({"keep": "all"}, "keep: expected 'strategies', found 'all'"),
        ({"sizes": []}, "sizes: expected a mapping, found a list"),
        ({"sizes": {"nodes": "x"}}, "sizes.nodes: expected a whole number, found 'x'"),
        ({"levers": {"a": 1}}, "levers: expected a list, found a mapping"),
        ({"levers": ["a", 2]}, "levers.1: expected text, found 2"),
        ({"pair": [1]}, "pair: expected 2 or more entries, found 1"),
        ({"pair": [1, 2, 3]}, "pair: expected at most 2 entries, found 3"),
        ({"done": "perhaps"}, "done: expected true or false, found 'perhaps'"),
        ({"day": "soon"}, "day: expected a date such as 2031-03-04, found 'soon'"),
        ({"surplus": 1}, "unknown key 'surplus'"),
    ],
)
def test_a_mistake_names_the_key_what_was_expected_and_what_was_found(values: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError) as caught:
        Entry.model_validate(values)
    assert first_mistake(caught.value, values) == said
    assert not any(word in mistake_in_words(entry) for entry in caught.value.errors() for word in THEIR_WORDS)


class Marked(BaseModel):
    """An entry that must be there."""

    entry: Entry


def test_a_missing_key_and_a_value_of_another_kind_are_named() -> None:
    for values, said in (({}, "missing `entry`"), (5, "expected a mapping, found 5")):
        with pytest.raises(ValidationError) as caught:
            Marked.model_validate(values)
        assert first_mistake(caught.value, values) == said
