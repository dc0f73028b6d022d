"""An expression without options that are gone: of the same value wherever none of them is taken."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from offramp.crisis.expressions.expression import evaluate
from offramp.crisis.expressions.grammar import parse
from offramp.crisis.expressions.without_options import without_options

GONE = {"word": ["direct", "loud"]}
NUMBERS = {"word": [0.0, 1.0], "silent": [0.0], "sent": [1.0], "direct": [2.0], "loud": [3.0], "x": [-1.5, 2.0]}
"""Values of the names: options have numbers, of which `word` takes those that are not gone."""

LEAVES = st.sampled_from(
    ["x", "0", "1", "2.5", "word == direct", "word != loud", "direct == word", "word == sent",
     "word in [direct, silent]", "word in [direct, loud]", "word not in [loud, direct]", "word not in [loud]"]
)  # fmt: skip


def larger(parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Expressions of others, each in brackets."""
    pairs = st.tuples(parts, st.sampled_from(["+", "-", "*", "and", "or", "<", "=="]), parts)
    return st.one_of(
        pairs.map(lambda three: f"({three[0]}) {three[1]} ({three[2]})"),
        parts.map(lambda one: f"-({one})"),
        parts.map(lambda one: f"not ({one})"),
        parts.map(lambda one: f"max(abs({one}), 1) ** 2 / 3"),
        st.tuples(parts, parts, parts).map(lambda three: f"({three[0]}) if ({three[1]}) else ({three[2]})"),
    )


def value(text: str) -> list[float]:
    """The values of an expression wherever nothing that is gone is taken."""
    words, others = np.meshgrid(NUMBERS["word"], NUMBERS["x"])
    names = {name: np.full(words.shape, numbers[0]) for name, numbers in NUMBERS.items()}
    found = evaluate(parse(text), names | {"word": words, "x": others})
    return [float(one) for one in np.broadcast_to(found, words.shape).ravel()]


@given(st.recursive(LEAVES, larger, max_leaves=12))
def test_the_value_stays_and_what_is_gone_is_not_named(text: str) -> None:
    shown = without_options(text, GONE)
    assert value("0" if shown is None else shown) == value(text)
    assert shown is None or ("direct" not in shown and "loud" not in shown)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a *  (word == sent)", "a * (word == sent)"),
        ("-0.50 * a * (word != silent) * (1 + (word == direct))", "-0.5 * a * (word != silent)"),
        ("a * (b - (c - 1)) * (1 - (word == loud))", "a * (b - (c - 1))"),
        ("a - b * (word == direct)", "a"),
        ("a if word == direct else b + c", "b + c"),
        ("(a > 1 and word != direct) * 3", "(a > 1) * 3"),
        ("(a + 1) ** 2 * (word in [sent, loud])", "(a + 1) ** 2 * (word in [sent])"),
        ("a * (other == direct)", "a * (other == direct)"),
    ],
)
def test_only_what_names_a_gone_option_is_written_anew(text: str, shown: str) -> None:
    assert without_options(text, GONE) == shown


def test_a_term_for_what_is_gone_alone_is_nothing() -> None:
    assert without_options("a * (word in [direct, loud])", GONE) is None
