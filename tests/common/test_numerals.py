"""Formatted numbers have enough digits, none beyond the error, and keep the order of the numbers."""

from __future__ import annotations

import math

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from offramp.common.numerals import (
    NEGLIGIBLE,
    ROUNDING,
    SMALLEST_SHOWN,
    amount,
    bound,
    change,
    deviation,
    from_to,
    interval,
    percent,
    points,
    quantity,
    span,
)

SHARES = st.one_of(
    st.floats(0.0, 1.0),
    st.floats(-12.0, 0.0).map(lambda power: 10.0**power),
    st.floats(-12.0, -0.5).map(lambda power: 1.0 - 10.0**power),
    st.sampled_from([0.0, 1.0, 0.00995, 0.01, 0.99, 0.9995, 0.0005]),
)
SIGNED = st.tuples(SHARES, st.sampled_from([1.0, -1.0])).map(math.prod)
ERRORS = st.floats(-9.0, -0.7).map(lambda power: 10.0**power)


def read(text: str) -> float:
    """The number that a figure shows."""
    return float(text.strip("<>%").replace("−", "-"))


def significant(text: str) -> int:
    """How many significant digits a figure has."""
    return len(text.strip("<>%+−").replace(".", "").lstrip("0"))


@given(SHARES, SHARES)
def test_formatting_keeps_the_order_of_probabilities(first: float, second: float) -> None:
    low, high = sorted((first, second))
    for formatted in (percent, bound):
        assert read(formatted(low)) <= read(formatted(high))
    if percent(low).startswith("<"):
        assert high < SMALLEST_SHOWN or not percent(high).startswith("<")
    assert read(points(low)) <= read(points(high))


@given(SHARES)
def test_a_probability_is_rounded_correctly_to_its_last_digit(share: float) -> None:
    text = percent(share)
    assert "-" not in text
    if text[0] in "<>":
        assert ROUNDING <= min(share, 1.0 - share) <= SMALLEST_SHOWN
    else:
        assert abs(read(text) / 100.0 - share) <= 0.5005 * 10.0 ** -(len(text.partition(".")[2]) + 1)


@given(st.one_of(SHARES, st.floats(1e-9, 1.0)))
def test_only_rounding_error_reads_as_zero(share: float) -> None:
    assume(ROUNDING * 1.01 < share < 1.0 - ROUNDING * 1.01)
    for text in (percent(share), bound(share)):
        assert read(text) > 0.0
        assert text != "100.0%"
    assert "<" not in bound(share)
    assert ">" not in bound(share)
    if SMALLEST_SHOWN < share < 0.99:
        assert significant(percent(share)) >= 2


@given(SIGNED, ERRORS)
def test_a_difference_above_its_error_shows_a_digit_and_none_beyond_the_error(difference: float, error: float) -> None:
    text = points(difference, error)
    decimals = len(text.partition(".")[2])
    if abs(difference) >= max(error, 1.01 * NEGLIGIBLE):
        assert significant(text) >= 1
        assert text[0] == ("+" if difference > 0.0 else "−")
    assert decimals == 0 or 10.0**-decimals >= 0.09 * 100.0 * error
    if abs(difference) > max(20.0 * error, 1.01 * NEGLIGIBLE):
        assert significant(text) >= 2


@given(SIGNED, ERRORS)
def test_the_ends_of_an_interval_have_the_same_digits_as_the_difference_and_read_differently(
    middle: float, half: float
) -> None:
    shown = interval(middle, half, middle - half, middle + half)
    assert len({len(text.partition(".")[2]) for text in shown}) == 1
    assert read(shown[1]) <= read(shown[0]) <= read(shown[2])
    if half > max(0.1 * abs(middle), 10 * NEGLIGIBLE):
        assert shown[1] != shown[2]
    words = change(0.5, middle, middle - half, middle + half)
    assert ("interval" in words) == (shown[1] != shown[2])


@given(st.floats(-1e-3, 1e-3), st.one_of(ERRORS, st.just(math.nan)))
def test_no_number_reads_as_minus_zero(value: float, error: float) -> None:
    texts = [percent(value), bound(value), amount(value), deviation(abs(value)), *interval(value, error, -value, 0.0)]
    texts += [change(0.5, value), change(0.004, value, value - 1e-4, value + 1e-4)]
    for text in " ".join(texts).split():
        word = text.rstrip(",%")
        if word.startswith(("-", "−")):
            assert read(word) != 0.0


@given(SHARES, SHARES)
def test_two_probabilities_that_read_the_same_are_shown_once(first: float, second: float) -> None:
    for text in (span(first, second), from_to(first, second)):
        figures = [word for word in text.split() if word.endswith("%")]
        assert len(figures) == len({percent(first), percent(second)})


@given(st.floats(2e-9, 0.0099), st.floats(-0.9, 0.9))
def test_a_change_of_a_probability_under_one_per_cent_is_also_given_as_relative(before: float, part: float) -> None:
    text = change(before, before * part)
    if abs(before * part) > 1.01 * NEGLIGIBLE and before * (1.0 + part) < 0.01:
        relative = text.partition(" or ")[2]
        assert relative.endswith("less" if part < 0.0 else "more")
        assert abs(read(relative.split("%")[0]) - 100.0 * abs(part)) <= 0.5001
    elif before * (1.0 + part) >= 0.01:
        assert " or " not in text


@pytest.mark.parametrize(
    ("value", "digits", "words"),
    [
        (0.6, 3, "0.600"),
        (0.6, 2, "0.60"),
        (100.0, 3, "100"),
        (999.4, 3, "999"),
        (999.9, 3, "1,000"),
        (123.0, 2, "123"),
        (-1234.5, 3, "−1,234"),
        (999_999_999.0, 3, "1.00e+09"),
        (1e9, 3, "1.00e+09"),
        (-0.0, 3, "0.00"),
    ],
)
def test_a_number_of_any_size_has_its_digits_without_an_exponent_below_a_billion(
    value: float, digits: int, words: str
) -> None:
    assert quantity(value, digits) == words


@pytest.mark.parametrize(
    ("before", "difference", "words"),
    [
        (0.004, 0.0041, "+0.41 points or 2.0 times as much"),
        (0.004, 0.004, "+0.40 points or 100% more"),
        (0.004, -0.001, "−0.10 points or 25% less"),
        (0.004, 0.006, "+0.60 points"),
        (0.01, -0.001, "−0.10 points"),
        (0.0, 0.004, "+0.40 points"),
        (NEGLIGIBLE, 0.004, "+0.40 points"),
    ],
)
def test_a_relative_change_is_given_only_between_small_probabilities(
    before: float, difference: float, words: str
) -> None:
    assert change(before, difference) == words


def test_a_difference_that_is_not_known_is_a_dash() -> None:
    assert points(math.nan) == "–"
