"""The JSON object of an answer is found whatever stands around it; a bad answer is a complaint, never an exception."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from offramp.draft.answers import MAX_ANSWER, MAX_DEPTH, Unusable, object_in
from tests.examples import examples

WANTED = {"notes": [{"says": 'a note with a } and a " in it'}]}

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**15), 10**15)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=15,
)
OBJECTS = st.dictionaries(TEXTS, JSON, min_size=1, max_size=5)
CHATTER = st.text(st.characters(exclude_characters='{"', exclude_categories=["Cs"]), max_size=60)


@pytest.mark.parametrize(
    "around",
    [
        "%s",
        "\ufeff%s",
        "```json\n%s\n```",
        "```\n%s```",
        'Here are the records you asked for:\n\n%s\n\nDo you want {more}? I can add "quotes".',
        "In set notation {a, b} this is {1, 2}. %s",
        "An empty object {} is no answer. %s",
        '<think>\nPerhaps {"notes": []} is enough?\n</think>\n%s',
    ],
)
def test_what_stands_around_the_object_is_ignored(around: str) -> None:
    assert object_in(around.replace("%s", json.dumps(WANTED))) == WANTED


@settings(max_examples=examples(200), deadline=None)
@given(content=OBJECTS, before=CHATTER, after=st.text(max_size=60), fenced=st.booleans(), indent=st.none() | st.just(1))
def test_an_object_is_found_between_chatter(
    content: dict[str, Any], before: str, after: str, fenced: bool, indent: int | None
) -> None:
    text = json.dumps(content, indent=indent, ensure_ascii=False)
    text = f"```json\n{text}\n```" if fenced else text
    assert object_in(f"{before} {text} {after}") == content


@settings(max_examples=examples(300), deadline=None)
@given(
    st.text(max_size=200)
    | st.lists(st.sampled_from(['{"', '"', "{", "}", "[", "]", ":", ",", "\\", "a", "1e999"])).map("".join)
)
def test_any_text_gives_an_object_or_a_complaint(text: str) -> None:
    found = object_in(text)
    assert found.complaint if isinstance(found, Unusable) else found


@settings(max_examples=examples(100), deadline=None)
@given(content=OBJECTS, share=st.floats(0.05, 0.99))
def test_a_part_of_an_object_that_is_cut_off_is_never_taken_for_the_answer(
    content: dict[str, Any], share: float
) -> None:
    text = json.dumps({"records": [content, content], "last": content})
    assert isinstance(object_in(text[: max(1, int(share * len(text)))]), Unusable)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "holds no JSON object"),
        ("I cannot do that.", "holds no JSON object"),
        ("[1, 2]", "holds no JSON object"),
        ("{}", "empty"),
        ('{"notes": [{"says": "cut', "cut off"),
        ('{"notes": [', "cut off"),
        ('{"notes": [1,]}', "not valid JSON"),
        ("{'notes': []}", "no JSON object"),
        ('{"odds": NaN}', "not finite: NaN"),
        ('{"odds": -Infinity}', "not finite: -Infinity"),
        ('{"odds": 1e999}', "not finite: 1e999"),
        ('{"odds": ' + "9" * 6000 + "}", "not finite: 99999999999999999999"),
        ('{"notes": [], "notes": [1]}', "the key 'notes' twice"),
        ('{"a": ' * 21 + "1" + "}" * 21, "nested deeper than 20"),
        ('{"a": ' + "[" * 100_000 + "]" * 100_000 + "}", "nested deeper than 20"),
        ('{"a": "\\ud800"}', "lone surrogate"),
        ('{"a": "\udfff"}', "lone surrogate"),
        ('{"a": "' + "x" * MAX_ANSWER + '"}', "at most 2,000,000 are read"),
    ],
)  # fmt: skip
def test_a_bad_answer_is_a_clear_complaint(text: str, complaint: str) -> None:
    found = object_in(text)
    assert isinstance(found, Unusable)
    assert complaint in found.complaint


def test_an_object_of_the_greatest_depth_is_taken() -> None:
    assert not isinstance(object_in('{"a": ' * MAX_DEPTH + "1" + "}" * MAX_DEPTH), Unusable)


@pytest.mark.parametrize(
    "piece", ["{", '{"', '{"a": {', '{"a"', '{"a": [1, ', '"', '{"a": "{', "{}", "{ ", "<think>", '{"\n']
)
@pytest.mark.parametrize("size", [MAX_ANSWER, 10_000_000])
def test_a_hostile_answer_takes_no_time(piece: str, size: int) -> None:
    text = piece * (size // len(piece))
    begin = time.process_time()
    assert isinstance(object_in(text), Unusable)
    assert time.process_time() - begin < 2.0
