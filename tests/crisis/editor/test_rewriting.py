"""Writing a number into the file changes that number and no other byte."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from offramp.common.errors import UsageError
from offramp.crisis.distribution import constant
from offramp.crisis.editor.rewriting import rewrite_input, value_spans, written
from offramp.crisis.faults import Location
from offramp.crisis.model import Crisis
from offramp.crisis.reading import read_text
from tests.crisis.editor.texts import TEHRAN, TEXT, browser_slice
from tests.examples import examples

NAMES = list(value_spans(TEXT))
NUMBERS = st.floats(allow_nan=False, allow_infinity=False) | st.sampled_from([0.0, -0.0, 1.0, 1e-300, 0.1 + 0.2, 1e16])


def read(text: str) -> Crisis:
    return read_text(text.encode(), str(TEHRAN))


def content_of(crisis: Crisis, *, but: str) -> dict[str, Any]:
    """The content of a crisis, without places and without one input."""

    def plain(value: object) -> object:
        if isinstance(value, Location):
            return None
        if isinstance(value, dict):
            return {key: plain(item) for key, item in value.items()}
        if isinstance(value, tuple | list):
            return [plain(item) for item in value]
        if hasattr(value, "__dataclass_fields__"):
            return {key: plain(getattr(value, key)) for key in value.__dataclass_fields__ if key != "places"}
        return value

    inputs = {name: entry for name, entry in crisis.inputs.items() if name != but}
    return {
        key: plain(inputs if key == "inputs" else getattr(crisis, key))
        for key in Crisis.__dataclass_fields__
        if key not in ("text", "warnings", "cites")
    }


@settings(max_examples=examples(25), deadline=None)
@given(st.sampled_from([name for name in NAMES if "." not in name]), NUMBERS, st.sampled_from(["\n", "\r\n"]))
def test_only_the_rewritten_input_changes(name: str, value: float, end: str) -> None:
    text = TEXT.replace("\n", end)
    after = rewrite_input(text, name, value)
    start, stop = value_spans(text)[name]
    assert (after[:start], after[len(after) - len(text) + stop :]) == (text[:start], text[stop:])
    assert after[start : len(after) - len(text) + stop] == written(value)
    crisis = read(after)
    assert crisis.inputs[name].distribution == constant(value)
    assert content_of(crisis, but=name) == content_of(read(text), but=name)


@settings(max_examples=examples(20), deadline=None)
@given(st.sampled_from([name for name in NAMES if "." in name]), st.floats(0.0, 1e6))
def test_a_rationality_can_be_rewritten(name: str, value: float) -> None:
    crisis = read(rewrite_input(TEXT, name, value))
    actor = name.removesuffix(".rationality")
    assert crisis.actors[actor].rationality.text == written(value)
    assert rewrite_input(TEXT, actor, value) == rewrite_input(TEXT, name, value)


@settings(max_examples=examples(30), deadline=None)
@given(NUMBERS)
def test_a_written_number_reads_back_as_the_same_number(value: float) -> None:
    assert float(written(value)) == value
    read(rewrite_input(TEXT, "intercept", value))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("{is: 0.3, because: x}", "{is: 7, because: x}"),
        ("{is: 0.3}  # is: 0.3", "{is: 7}  # is: 0.3"),
        ("{'is': '0.3', because: x}", "{'is': '7', because: x}"),
        ('{is:   "beta(4, 6)"  , because: x}', "{is:   7  , because: x}"),
        ("{is: &share 0.3}", "{is: &share 7}"),
        ('{is: &share "beta(4, 6)"}', "{is: &share 7}"),
        ("\n    is: beta(4, 6)   # why\n    because: x", "\n    is: 7   # why\n    because: x"),
        ("\n    is: beta(4,\n      6)\n    because: x", "\n    is: 7\n    because: x"),
        (
            "\n    is: >-  # why\n      beta(4,\n        6)\n    because: x",
            "\n    is: >-  # why\n      7\n    because: x",
        ),
        ("\n    is: |\n      0.3\n", "\n    is: |\n      7\n"),
        ("\n    is:\n      0.3\n", "\n    is:\n      7\n"),
        ("{because: 😀, is: 1/3}", "{because: 😀, is: 7}"),
    ],
)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_quotes_anchors_comments_and_line_ends_are_kept(before: str, after: str, end: str, mark: str) -> None:
    whole = mark + "actors: {a: {name: A}}\ninputs:\n  other: {is: 0.3}\n  x: %s\nlet: {}\n"
    text = (whole % before).replace("\n", end)
    assert rewrite_input(text, "x", 7.0) == (whole % after).replace("\n", end)


def test_the_span_of_a_value_includes_its_quotes() -> None:
    text = 'title: 😀\ninputs: {a: {is: "beta(1, 2)"}}\nactors: {b: {name: B, rationality: 3}}'
    spans = value_spans(text)
    assert {name: browser_slice(text, *span) for name, span in spans.items()} == {
        "a": '"beta(1, 2)"',
        "b.rationality": "3",
    }


PRIORS = """\
inputs:
  cost: {is: "lognormal(1, 0.5)", estimate: yes}
  fixed: {is: 2, estimate: no}
  calm: {linear: [1, x], is: "normal(0, 5)"}
  stand: {linear: [1, x], is: {1: "normal(0, 1)", x: "normal(0, 2)"}}
"""


def test_coefficients_have_the_span_of_their_prior() -> None:
    spans = {name: PRIORS[slice(*span)] for name, span in value_spans(PRIORS).items()}
    assert spans == {
        "cost": '"lognormal(1, 0.5)"',
        "fixed": "2",
        "calm.1": '"normal(0, 5)"',
        "calm.x": '"normal(0, 5)"',
        "stand.1": '"normal(0, 1)"',
        "stand.x": '"normal(0, 2)"',
    }


@pytest.mark.parametrize("name", ["cost", "calm.x", "stand.1"])
def test_a_number_in_place_of_a_prior_is_refused(name: str) -> None:
    with pytest.raises(UsageError, match=f"'{name}' is estimated from past cases, so its `is` must stay"):
        rewrite_input(PRIORS, name, 1.0)
    assert "fixed: {is: 3," in rewrite_input(PRIORS, "fixed", 3)


@pytest.mark.parametrize(
    ("text", "name", "value", "message"),
    [
        ("inputs: {a: {is: &x 1}, b: {is: *x}}", "a", 2, "an alias repeats"),
        ("inputs: {a: {is: &x 1}, b: {is: *x}}", "b", 2, "an alias repeats"),
        ("inputs: {a: &x {is: 1}, b: *x}", "b", 2, "an alias repeats"),
        ("inputs: {abcd: {is: 1}}", "abce", 2, "did you mean 'abcd'"),
        ("title: x", "a", 2, "the file has no inputs"),
        ("inputs: {a: {is: 1}", "a", 2, "line 1"),
        ("inputs: {a: {is: beta(1, 2)}}", "a", 2, "a comma ends a value"),
        ("inputs: {a: {is: 1}}", "a", float("nan"), "finite"),
        ("inputs: {a: {is: 1}}", "a", float("inf"), "finite"),
        ("actors: {a: {name: A}}", "a", 2, "no value for 'a'"),
        ("actors: {a: {name: A, rationality: 2}}", "a", -1, "cannot be negative"),
        ("", "a", 2, "the file is empty"),
        ("inputs: {\ud800: {is: 1}}", "a", 2, "UTF-8"),
    ],
)
def test_an_impossible_rewrite_is_refused(text: str, name: str, value: float, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        rewrite_input(text, name, value)
