"""Expressions have the same values as in Python, for numbers and for arrays."""

from __future__ import annotations

import math
import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from offramp.crisis.expressions.expression import SKIPPED_CODE, Is, evaluate
from offramp.crisis.expressions.grammar import MAX_HEIGHT, ExpressionError, check_no_range, parse
from tests.examples import examples

VALUES = {"x": [0.75, -2.0, 0.0], "y": [-2.0, 1.0, 0.0], "z": [3.0, 0.25, -1.0]}
ATOMS = st.sampled_from(["x", "y", "z", "0", "1", "2.5", ".5", "1e-2"])


def combined(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    two = st.tuples(inner, st.sampled_from(["+", "-", "*", "/"]), inner).map(" ".join)
    square = inner.map(lambda text: f"({text}) ** 2")
    compared = st.tuples(inner, st.sampled_from(["<", "<=", ">", ">=", "==", "!="]), inner).map(" ".join)
    chained = st.tuples(inner, inner, inner).map(lambda parts: f"{parts[0]} < {parts[1]} <= {parts[2]}")
    logical = st.tuples(compared, st.sampled_from(["and", "or"]), compared).map(" ".join)
    chosen = st.tuples(inner, compared, inner).map(lambda parts: f"({parts[0]} if {parts[1]} else {parts[2]})")
    called = st.tuples(st.sampled_from(["min", "max"]), inner, inner).map(
        lambda parts: f"{parts[0]}({parts[1]}, {parts[2]})"
    )
    member = st.tuples(inner, st.sampled_from(["in", "not in"]), inner).map(
        lambda p: f"(({p[0]}) {p[1]} [({p[2]}), 1])"
    )
    parts = st.one_of(two, square, compared, chained, logical, chosen, called, member)
    return st.one_of(
        parts, parts.map(lambda text: f"({text})"), inner.map(lambda text: f"-{text}"), logical.map("not {}".format)
    )


@settings(max_examples=examples(500), deadline=None)
@given(st.recursive(ATOMS, combined, max_leaves=8))
def test_an_expression_has_the_same_value_as_in_python(text: str) -> None:
    try:
        compiled = compile(text, "expression", "eval")
    except SyntaxError:
        return
    values = np.broadcast_to(evaluate(parse(text), {name: np.array(lanes) for name, lanes in VALUES.items()}), (3,))
    for lane in range(3):
        names = {name: lanes[lane] for name, lanes in VALUES.items()}
        try:
            expected = float(eval(compiled, {"__builtins__": {"min": min, "max": max}}, names))
        except (ZeroDivisionError, OverflowError, TypeError):
            continue  # complex powers and divisions by zero are checked by the caller
        assert values[lane] == pytest.approx(expected, rel=1e-12, abs=1e-300, nan_ok=True)


@pytest.mark.parametrize(
    ("negated", "codes", "expected"),
    [
        (False, (1,), [0, 1, 0, 0]),
        (True, (1,), [1, 0, 1, 1]),
        (False, (0, -1), [1, 0, 0, 1]),
        (True, (0, -1), [0, 1, 1, 0]),
    ],
)
def test_a_step_is_or_is_not_among_options_and_skipped_is_none_of_them(
    negated: bool, codes: tuple[int, ...], expected: list[int]
) -> None:
    node = Is("answer", tuple(map(str, codes)), codes, negated)
    assert evaluate(node, {"answer": np.array([0, 1, 2, SKIPPED_CODE])}).tolist() == expected


def test_shapes_broadcast() -> None:
    values = {"x": np.arange(3.0)[:, None], "y": np.arange(2.0)[None, :]}
    assert evaluate(parse("x + 10 * y"), values).tolist() == [[0, 10], [1, 11], [2, 12]]


def test_the_deepest_expression_that_parses_can_be_pickled() -> None:
    node = parse(f"{'x + ' * (MAX_HEIGHT - 1)}x")
    assert pickle.loads(pickle.dumps(node)) == node


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
def test_an_undefined_expression_is_not_finite_and_raises_nothing(text: str) -> None:
    assert not math.isfinite(float(evaluate(parse(text), {})))


@pytest.mark.parametrize(
    "text",
    ["import os", "x.", "x[0]", "lambda: 1", "'text'", "1 +", "(1", "1 2", "x = 1", "x; y", "f(1", "1e999", "a if b"],
)
def test_nothing_else_parses(text: str) -> None:
    with pytest.raises(ExpressionError):
        parse(text)


@pytest.mark.parametrize("text", ["gain + -0.5 * cost", "1 + -cost", "gain + -0.5", "1 +- 0.5 * 2"])
def test_a_negative_part_of_a_formula_is_no_range(text: str) -> None:
    check_no_range(parse(text), falling=True)
