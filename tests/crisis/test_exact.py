"""Exact evaluation agrees with fractions exactly, and with floats within rounding."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from offramp.crisis.expressions.exact import LONGEST, as_written, exact, exact_conditions
from offramp.crisis.expressions.expression import (
    SKIPPED_CODE,
    Binary,
    Is,
    Name,
    Node,
    Number,
    children,
    evaluate,
    rational,
    with_children,
)
from offramp.crisis.expressions.grammar import parse
from offramp.crisis.expressions.scaling import counted, scaled
from tests.crisis.test_expression import ATOMS, combined
from tests.examples import examples
from tests.walker.arithmetic import value_of as walked

VALUES = {"x": 0.75, "y": -2.0, "z": 0.1}
FACTS = {name: as_written(value) for name, value in VALUES.items()}
DYADIC = {"x": 0.75, "y": -2.0, "z": 3.0, "o": 0.0, "h": 2.5}


def parses(text: str) -> bool:
    try:
        compile(text, "expression", "eval")
    except SyntaxError:
        return False
    return True


def called(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    functions = st.sampled_from(["abs({})", "exp(-abs({}))", "log(2 + abs({}))", "sqrt(abs({}))", "clip({}, -1, z)"])
    return st.one_of(combined(inner), st.builds(lambda form, part: form.format(part), functions, inner))


TEXTS = st.one_of(st.recursive(ATOMS, combined, max_leaves=8), st.recursive(ATOMS, called, max_leaves=6)).filter(parses)
DYADIC_TEXTS = st.recursive(st.sampled_from(list(DYADIC)), combined, max_leaves=8)


def in_floats(text: str, values: dict[str, float]) -> float:
    return float(evaluate(parse(text), {name: np.array(value) for name, value in values.items()}))


@settings(max_examples=examples(500), deadline=None)
@given(TEXTS)
def test_exact_values_agree_with_floats_within_rounding(text: str) -> None:
    value = in_floats(text, VALUES)
    if np.isfinite(value):
        assert float(exact(parse(text), {}, VALUES)) == pytest.approx(value, rel=1e-6, abs=1e-6)


@settings(max_examples=examples(500), deadline=None)
@given(DYADIC_TEXTS.filter(parses))
def test_exact_values_agree_with_python_fractions_exactly(text: str) -> None:
    names = {name: Fraction(value) for name, value in DYADIC.items()}
    try:
        expected = eval(text, {"__builtins__": {"min": min, "max": max}}, names)
    except ZeroDivisionError:
        return
    if isinstance(expected, Fraction) and expected.denominator.bit_length() < LONGEST // 8:
        assert exact(parse(text), names) == expected


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0.1 + 0.2", "0.3"),
        ("z * 3", "0.3"),
        ("1 / 3 + 1 / 6", "1/2"),
        ("0.1 ** 3", "0.001"),
        ("x ** -2", "16/9"),
        ("0 ** 0", "1"),
        ("(0 - 8) ** 3", "-512"),
        ("min(z, 1 / 3) + max(z, y, 0.05) - abs(y) + clip(7, 0, 0.7)", "-1.1"),
        ("exp(0) + log(1) + sqrt(9) + 4 ** 0.5", "6"),
        ("2 * (0.1 < z) + (z <= 0.1) + (not z)", "1"),
        ("0.3 if x > 0.5 else 1 / 0", "0.3"),
        ("1e-30 + 1e30", "1000000000000000000000000000000.000000000000000000000000000001"),
    ],
)
def test_decimals_have_their_written_value(text: str, value: str) -> None:
    assert exact(parse(text), FACTS) == Fraction(value)


def test_conditions_are_decided_exactly_unless_they_name_an_input() -> None:
    assert in_floats("z * 3 > 0.3", VALUES) == 1  # although three times a tenth is exactly 0.3
    assert exact(parse("z * 3 > 0.3"), FACTS) == 0
    assert exact(parse("z * 3 in [0.2, 0.3]"), FACTS) == 1
    assert exact(parse("0.7 if z * 3 - 0.3 else 0.2"), FACTS) == Fraction("0.2")
    assert exact(parse("z * 3 > 0.3"), {}, VALUES) == 1
    assert exact(parse("c * (z * 3 > 0.3) >= 0.1 and z * 3 <= 0.3"), FACTS, {"c": 0.2}) == 0


def test_exact_conditions_are_the_largest_comparisons_without_inputs() -> None:
    text = "c * (z > 1) * (z > 2 and not x == 3) + (x if c > z + 1 else y) * (c > (z in [1, 2]))"
    expected = ("z > 1", "z > 2 and not x == 3", "z in [1, 2]")
    conditions = exact_conditions(parse(text), ["c"])
    assert [without_places(node) for node in conditions] == [parse_flat(part) for part in expected]


def parse_flat(text: str) -> Node:
    return without_places(parse(text))


def without_places(node: Node) -> Node:
    if isinstance(node, Name):
        return Name(node.name)
    return with_children(node, [without_places(part) for part in children(node)])


@pytest.mark.parametrize(("code", "expected"), [(0, 1), (1, 0), (SKIPPED_CODE, 0)])
def test_the_code_of_a_step_gives_its_option(code: int, expected: int) -> None:
    node = Binary("*", Number(Fraction("0.1")), Is("answer", ("hold",), (0,), negated=False))
    assert exact(node, {"answer": code}) == Fraction(expected, 10)


@pytest.mark.parametrize(
    "text",
    ["1 / 0", "max(1 / 0, 5)", "log(0 - 1)", "sqrt(-1)", "(-8) ** 0.5", "0 ** -1", "9 ** 9 ** 9", "exp(1e9)"],
)
def test_an_expression_undefined_in_floats_is_undefined_exactly(text: str) -> None:
    assert not np.isfinite(in_floats(text, VALUES))
    with pytest.raises(ArithmeticError):
        exact(parse(text), FACTS)


@pytest.mark.parametrize(
    ("text", "expected"), [("1 / 0 > 5", 1), ("0 / 0 > 5", 0), ("0 / 0 != 0 / 0", 1), ("log(0) < 0", 1)]
)
def test_a_comparison_with_an_undefined_value_is_decided_as_in_floats(text: str, expected: int) -> None:
    assert exact(parse(text), FACTS) == in_floats(text, VALUES) == expected


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("exp(1)", "2.71828182846"),
        ("log(2)", "0.693147180560"),
        ("sqrt(2)", "1.41421356237"),
        ("sqrt(0.0001)", "0.01"),
        ("2 ** 0.5 + 0", "1.41421356237"),
        ("(1 / z) ** (1 / 3)", "2.15443469003"),
        ("exp(log(10))", "9.99999999996"),
        ("1.0000001 ** 100000000", "22026.4547816"),
        ("min(1 / 0, 5)", "5"),
        ("1 / (1 / 0)", "0"),
        ("1e300 + 1", "1e300"),
        ("0.1e-300 * 1e300", "0.1"),
    ],
)
def test_irrational_or_long_results_have_twelve_digits(text: str, value: str) -> None:
    assert exact(parse(text), FACTS) == Fraction(value)


@pytest.mark.parametrize(
    ("text", "rounded_to", "why"),
    [
        ("0.5 ** 1000000", "0", "near to 0"),
        ("1e-320 * 1e-320", "0", "near to 0"),
        ("exp(-1e9) > 0", "0", "near to 0"),
        ("1e-200 * 1e-200 * 1e300", "0", "near to 0"),
        ("10 ** 400 == 10 ** 401", "1", "large"),
        ("10 ** 400 / 10 ** 400", None, "large"),
        ("exp(1e9) > 0", "1", "large"),
    ],
)
def test_a_result_beyond_the_range_of_floats_is_refused_unless_inputs_may_be_named(
    text: str, rounded_to: str | None, why: str
) -> None:
    with pytest.raises(
        ArithmeticError, match=rf"^reaches a number that is too {why}; .* 4.94e-324 to 1.79e308 in size$"
    ):
        exact(parse(text), FACTS)
    if "exp" not in text:
        with pytest.raises(OverflowError):
            walked(parse(text), FACTS)
    if rounded_to is not None:
        assert exact(parse(text), FACTS, {}) == Fraction(rounded_to)


def test_numbers_stay_short_after_repeated_squaring() -> None:
    text = "x / 3"
    for _ in range(12):
        text = f"({text}) ** 2 + z / 7"
    value = exact(parse(text), FACTS)
    assert value.denominator.bit_length() <= LONGEST
    assert float(value) == pytest.approx(in_floats(text, VALUES), rel=1e-10)


@settings(max_examples=examples(500), deadline=None)
@given(TEXTS, st.lists(st.sampled_from(["0", "1", "-3", "0.1", "2.75", "1/3", "1e9"]), min_size=3, max_size=3))
def test_scaled_expressions_in_floats_agree_with_exact_arithmetic(text: str, numbers: list[str]) -> None:
    facts = {name: rational(Fraction(number)) for name, number in zip(VALUES, numbers, strict=True)}
    units, counts = {}, {}
    for name, number in facts.items():
        units[name], (count, _) = counted(name, [number, Fraction(7, 4)])
        counts[name] = np.asarray(float(count))
    whole = scaled(parse(text), units)
    if whole is not None:
        assert Fraction(int(evaluate(whole.node, counts)), whole.unit) == exact(parse(text), facts)


@pytest.mark.parametrize("text", ["x ** 2", "1 / x", "sqrt(x)", "x * 1e9 * 1e9", "x + 1e-17", "unknown + 1"])
def test_expressions_that_floats_cannot_evaluate_exactly_are_not_scaled(text: str) -> None:
    assert scaled(parse(text), {"x": counted("x", [2])[0]}) is None
