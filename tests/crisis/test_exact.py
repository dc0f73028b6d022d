"""Exact expressions: what fractions give where fractions can, what floats give everywhere, within rounding."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from offramp.crisis.exact import LONGEST, exact
from offramp.crisis.expression import SKIPPED_CODE, Binary, Is, Number, evaluate
from offramp.crisis.grammar import parse
from tests.crisis.test_expression import ATOMS, combined

VALUES = {"x": 0.75, "y": -2.0, "z": 0.1}
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


@settings(max_examples=500, deadline=None)
@given(TEXTS)
def test_an_exact_value_is_that_of_the_floats_within_rounding(text: str) -> None:
    found = in_floats(text, VALUES)
    if np.isfinite(found):
        assert float(exact(parse(text), VALUES)) == pytest.approx(found, rel=1e-6, abs=1e-6)


@settings(max_examples=500, deadline=None)
@given(DYADIC_TEXTS.filter(parses))
def test_an_exact_value_is_that_of_pythons_fractions_to_the_last_digit(text: str) -> None:
    names = {name: Fraction(value) for name, value in DYADIC.items()}
    try:
        expected = eval(text, {"__builtins__": {"min": min, "max": max}}, names)
    except ZeroDivisionError:
        return
    same_branches = float(expected) == pytest.approx(in_floats(text, DYADIC), rel=1e-9, abs=1e-9)
    if same_branches and isinstance(expected, Fraction) and expected.denominator.bit_length() < LONGEST // 8:
        assert exact(parse(text), DYADIC) == expected


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
def test_decimals_are_what_they_are_written_as(text: str, value: str) -> None:
    assert exact(parse(text), VALUES) == Fraction(value)


def test_a_condition_is_decided_as_the_game_that_is_solved_decides_it() -> None:
    assert in_floats("z * 3 > 0.3", VALUES) == 1  # though a tenth times three is no more
    assert exact(parse("z * 3 > 0.3"), VALUES) == 1
    assert exact(parse("0.7 if z * 3 - 0.3 else 0.2"), VALUES) == Fraction("0.7")


@pytest.mark.parametrize(("code", "held"), [(0, 1), (1, 0), (SKIPPED_CODE, 0)])
def test_a_step_has_the_option_that_its_code_says(code: int, held: int) -> None:
    node = Binary("*", Number(0.1), Is("answer", ("hold",), (0,), negated=False))
    assert exact(node, {"answer": code}) == Fraction(held, 10)


@pytest.mark.parametrize(
    "text",
    ["1 / 0", "max(1 / 0, 5)", "log(0 - 1)", "sqrt(-1)", "(-8) ** 0.5", "0 ** -1", "9 ** 9 ** 9", "exp(1e9)"],
)
def test_what_has_no_value_in_floats_has_none(text: str) -> None:
    assert not np.isfinite(in_floats(text, VALUES))
    with pytest.raises(ArithmeticError):
        exact(parse(text), VALUES)


@pytest.mark.parametrize("text", ["min(1 / 0, 5)", "1 / (1 / 0)", "0.5 ** 99999", "z ** 177", "(1 / z) ** (1 / 3)"])
def test_what_has_no_exact_value_has_that_of_the_floats(text: str) -> None:
    assert exact(parse(text), VALUES) == Fraction(repr(in_floats(text, VALUES)))


def test_numbers_stay_short_however_often_they_are_squared() -> None:
    text = "x / 3"
    for _ in range(12):
        text = f"({text}) ** 2 + z / 7"
    value = exact(parse(text), VALUES)
    assert value.denominator.bit_length() <= LONGEST
    assert float(value) == pytest.approx(in_floats(text, VALUES))
