"""Expressions mean what they mean in Python, on numbers and on arrays."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from offramp.crisis.expression import evaluate
from offramp.crisis.grammar import ExpressionError, parse

NAMES = {"x": 0.75, "y": -2.0, "z": 3.0}
ATOMS = st.sampled_from(["x", "y", "z", "0", "1", "2.5", ".5", "1e-2"])


def combined(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    two = st.tuples(inner, st.sampled_from(["+", "-", "*", "/", "**"]), inner).map(" ".join)
    compared = st.tuples(inner, st.sampled_from(["<", "<=", ">", ">=", "==", "!="]), inner).map(" ".join)
    chained = st.tuples(inner, inner, inner).map(lambda parts: f"{parts[0]} < {parts[1]} <= {parts[2]}")
    logical = st.tuples(compared, st.sampled_from(["and", "or"]), compared).map(" ".join)
    chosen = st.tuples(inner, compared, inner).map(lambda parts: f"{parts[0]} if {parts[1]} else {parts[2]}")
    called = st.tuples(st.sampled_from(["min", "max"]), inner, inner).map(
        lambda parts: f"{parts[0]}({parts[1]}, {parts[2]})"
    )
    member = st.tuples(inner, st.sampled_from(["in", "not in"]), inner).map(
        lambda p: f"(({p[0]}) {p[1]} [({p[2]}), 1])"
    )
    parts = st.one_of(two, compared, chained, logical, chosen, called, member)
    return st.one_of(
        parts, parts.map(lambda text: f"({text})"), inner.map(lambda text: f"-{text}"), logical.map("not {}".format)
    )


@settings(max_examples=500, deadline=None)
@given(st.recursive(ATOMS, combined, max_leaves=8))
def test_an_expression_has_the_value_that_python_gives_it(text: str) -> None:
    try:
        expected = float(eval(text, {"__builtins__": {"min": min, "max": max}}, NAMES))
    except (ZeroDivisionError, OverflowError, TypeError, SyntaxError):
        return  # complex powers and divisions by zero are the caller's business
    values = {name: np.full(3, number) for name, number in NAMES.items()}
    found = np.broadcast_to(evaluate(parse(text), values), (3,))
    assert found == pytest.approx(np.full(3, expected), rel=1e-12, abs=1e-300, nan_ok=True)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2 + 3 * 4 ** 2", 50.0),
        ("-2 ** 2", -4.0),
        ("2 ** -1", 0.5),
        ("2 ** 3 ** 2", 512.0),
        ("(1 < 2) + (2 == 2)", 2.0),
        ("not 0 and 1", 1.0),
        ("1 if 0 else 2 if 0 else 3", 3.0),
        ("clip(7, 0, 2) + abs(-1) + sqrt(9) + exp(0) + log(1)", 7.0),
    ],
)
def test_operators_bind_as_in_python_and_true_is_1(text: str, value: float) -> None:
    assert float(evaluate(parse(text), {})) == value


@pytest.mark.parametrize("text", ["1 / 0", "log(0 - 1)", "sqrt(-1)", "(0 - 8) ** 0.5"])
def test_what_has_no_value_is_not_finite_and_raises_nothing(text: str) -> None:
    assert not math.isfinite(float(evaluate(parse(text), {})))


@pytest.mark.parametrize(
    "text",
    ["import os", "x.y", "x[0]", "lambda: 1", "'text'", "1 +", "(1", "1 2", "x = 1", "x; y", "f(1", "1e999", "__"],
)
def test_nothing_else_parses(text: str) -> None:
    if text == "__":
        assert parse(text).name == "__"  # type: ignore[union-attr]
        return
    with pytest.raises(ExpressionError):
        parse(text)
