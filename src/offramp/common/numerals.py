"""Number formats for readers: probabilities, differences, intervals, payoffs and other numbers.

Every number is formatted here, so that it reads the same everywhere. A probability has one decimal, or two significant
digits if it or its complement is under 1 %. A difference is formatted likewise, but shows no digit beyond the first
digit of its Monte Carlo error.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable

from offramp.common.texts import tr

SMALLEST_SHOWN = 1e-5
"""Smaller probabilities all read `<0.001%`, except zero."""
ROUNDING = 1e-12
"""Rounding error of a probability, or of another number near 0: smaller ones count as zero."""
NEGLIGIBLE = 1e-9
"""Solver error of a difference of probabilities: smaller ones count as zero."""
SCIENTIFIC_FROM = 1e9
"""Numbers of at least this size are written with a power of ten."""
MOST_DECIMALS = 7
"""A number and its error that need more decimals are written with a power of ten."""
RELATIVE_BELOW = 0.01
"""A difference between probabilities below this is also given relative to them."""
SIGNIFICANT = 6
"""Significant digits of a state's value, unless it takes more to tell two of them apart."""
ALL_DIGITS = 17
"""Significant digits that tell any two floats apart."""


def percent(share: float) -> str:
    """A probability or another share; a dash for NaN.

    Examples
    --------
    >>> percent(0.6768), percent(0.00234), percent(0.99971), percent(1.0)
    ('67.7%', '0.23%', '99.971%', '100.0%')
    >>> percent(0.000002), percent(1e-11), percent(-1e-17)
    ('<0.001%', '<0.001%', '0.0%')
    """
    rest = min(share, 1.0 - share)
    if ROUNDING < rest < SMALLEST_SHOWN:
        return "<0.001%" if share < 0.5 else ">99.999%"
    return bound(share)


def bound(share: float) -> str:
    """A probability used as a threshold, with its digits however small it is.

    Examples
    --------
    >>> bound(1.23e-8), bound(0.0612)
    ('0.0000012%', '6.1%')
    """
    if math.isnan(share):
        return "–"
    rest = min(share, 1.0 - share)
    return f"{100.0 * share:z.{_decimals(100.0 * rest, negligible=ROUNDING)}f}%"


def span(low: float, high: float) -> str:
    """A range of probabilities; one number if both read the same.

    Examples
    --------
    >>> span(0.576, 0.782), span(0.5761, 0.5762)
    ('57.6% to 78.2%', '57.6%')
    """
    first, last = percent(low), percent(high)
    return first if first == last else tr("{low} to {high}", low=first, high=last)


def from_to(before: float, after: float) -> str:
    """A probability before and after a change.

    Examples
    --------
    >>> from_to(0.677, 0.744), from_to(0.677, 0.6771), from_to(0.00231, 0.00187)
    ('67.7% → 74.4%', '67.7% as before', '0.23% → 0.19%')
    """
    first, last = percent(before), percent(after)
    return tr("{value} as before", value=first) if first == last else f"{first} → {last}"


def amount_from_to(before: float, after: float, unit: str | None = None) -> str:
    """Any other number before and after a change, with its unit.

    Examples
    --------
    >>> amount_from_to(1234.0, 900.0, "dead"), amount_from_to(0.5, 0.5)
    ('1,234 → 900 dead', '0.500 as before')
    """
    first, last = in_unit(before, unit), in_unit(after, unit)
    return tr("{value} as before", value=last) if first == last else f"{quantity(before)} → {last}"


def points(difference: float, error: float = math.nan) -> str:
    """A difference of probabilities in percentage points, with its sign; `error` is a probability, not points.

    Examples
    --------
    >>> points(0.0312), points(-0.2), points(-0.000213), points(-1e-17)
    ('+3.1', '−20.0', '−0.021', '0.0')
    >>> points(-0.000213, error=0.0001), points(0.123, error=0.02), points(-0.0001, error=0.003)
    ('−0.02', '+12', '0.0')
    """
    return interval(difference, error)[0]


def signed(difference: float, error: float = math.nan) -> str:
    """Any other difference, with its sign and the same digits.

    Examples
    --------
    >>> signed(-0.24), signed(-0.04), signed(1.32, error=0.04)
    ('−0.24', '−0.040', '+1.3')
    """
    return _signed(difference, _decimals(difference, error))


def interval(difference: float, error: float, *others: float) -> tuple[str, ...]:
    """A difference of probabilities in points, and other values with the same digits, such as the ends of its interval.

    Examples
    --------
    >>> interval(-0.0124, 0.0018, -0.0142, -0.0106), interval(-0.0005, 0.0009, -0.0014, 0.0004)
    (('−1.2', '−1.4', '−1.1'), ('−0.05', '−0.14', '+0.04'))
    """
    return signed_alike(*(100.0 * value for value in (difference, *others)), error=100.0 * error)


def signed_alike(*differences: float, error: float) -> tuple[str, ...]:
    """Differences of other quantities, with their signs and the same digits, none beyond the first of their `error`.

    Examples
    --------
    >>> signed_alike(-1832.4, -1990.0, -1675.0, error=157.5), signed_alike(0.0312, 0.0291, 0.0333, error=0.0021)
    (('−1,832', '−1,990', '−1,675'), ('+0.031', '+0.029', '+0.033'))
    """
    decimals = _decimals(max(map(abs, differences)), error)
    return tuple(_signed(value, decimals) for value in differences)


def clear_of_zero(*differences: float, error: float) -> tuple[str, ...]:
    """As `signed_alike`, with one digit more if one of them would read as 0; with up to four if all have one sign.

    So an interval that does not contain 0 does not seem to, and one that does shows how.

    Examples
    --------
    >>> clear_of_zero(-0.131, -0.326, -0.0011, error=0.16), clear_of_zero(-0.207, -0.577, 0.024, error=0.3)
    (('−0.131', '−0.326', '−0.001'), ('−0.21', '−0.58', '+0.02'))
    """
    fewest = _decimals(max(map(abs, differences)), error)
    most = fewest + (4 if min(differences) * max(differences) > 0.0 else 1)
    clear = (at for at in range(fewest, most + 1) if all(round(value, at) or not value for value in differences))
    decimals = next(clear, fewest)
    return tuple(_signed(value, decimals) for value in differences)


def change(before: float, difference: float, low: float = math.nan, high: float = math.nan) -> str:
    """A difference in words, with its 95 % interval from `low` to `high` if its ends read differently.

    If the probability stays under 1 %, the relative change is given too.

    Examples
    --------
    >>> change(0.036, -0.0124, -0.0142, -0.0106)
    '−1.2 points, 95% interval −1.4 to −1.1'
    >>> change(0.0023, -0.0004, -0.00049, -0.00031)
    '−0.040 points or 17% less, 95% interval −0.049 to −0.031'
    >>> change(0.0002, 0.0005), change(0.0, 0.0005)
    ('+0.050 points or 3.5 times as much', '+0.050 points')
    """
    error = (high - low) / 2.0
    shown, *ends = interval(difference, error, low, high)
    words = tr("{difference} points", difference=shown)
    if float(shown.replace("−", "-")) and (relative := _relative(before, difference, error)):
        words = tr("{difference} points or {relative}", difference=shown, relative=relative)
    if ends[0] == ends[1]:
        return words
    return tr("{change}, 95% interval {low} to {high}", change=words, low=ends[0], high=ends[1])


def deviation(error: float) -> str:
    """A standard error, or another distance of probabilities from zero, in points, to two significant digits.

    Examples
    --------
    >>> deviation(0.0214), deviation(0.000214), deviation(0.0)
    ('2.1', '0.021', '0.0')
    """
    return points(error).removeprefix("+")


def amount(value: float) -> str:
    """A payoff to two decimals, never a negative zero; a power of ten if it is huge; a dash for NaN.

    Examples
    --------
    >>> amount(-1234.5), amount(-0.0), amount(-2.5e99), amount(math.nan)
    ('−1234.50', '0.00', '−2.50e+99', '–')
    """
    if math.isnan(value):
        return "–"
    return _minus(f"{value:z.2f}") if abs(value) < SCIENTIFIC_FROM else quantity(value)


def with_error(value: float, error: float) -> tuple[str, str]:
    """A number and its standard error, both to the third digit of the error; a dash for an error that is NaN.

    Examples
    --------
    >>> with_error(1.23456, 0.5), with_error(-12345.6, 2345.6), with_error(0.0000116, 0.00000199)
    (('1.235', '0.500'), ('−12,346', '2,346'), ('1.16e-05', '1.99e-06'))
    >>> with_error(-0.5, math.nan)
    ('−0.500', '–')
    """
    if not 0.0 < error < math.inf:
        return quantity(value), "–"
    decimals = max(0, 2 - _exponent(error, 3))
    form = f"z,.{decimals}f" if decimals <= MOST_DECIMALS and error < SCIENTIFIC_FROM else "z.2e"
    return _minus(f"{value:{form}}"), f"{error:{form}}"


def small(value: float) -> str:
    """A number that should be near zero: two decimals if that shows it, else one digit and a power of ten.

    Examples
    --------
    >>> small(0.1234), small(0.00012), small(0.0)
    ('0.12', '1e-04', '0')
    """
    if value == 0.0:
        return "0"
    return f"{value:.2f}" if value >= 0.005 else f"{value:.0e}"


def quantity(value: float, digits: int = 3) -> str:
    """A number of any size, by default to three significant digits; one that rounding may have left of 0 is 0.

    Examples
    --------
    >>> quantity(0.6), quantity(100.0), quantity(-12345.6), quantity(1.39e-15)
    ('0.600', '100', '−12,346', '0.00')
    """
    value = 0.0 if abs(value) < ROUNDING else value
    rounded = abs(float(f"{value:.{digits}g}"))
    if 10.0**digits <= rounded < SCIENTIFIC_FROM:
        return _minus(f"{value:,.0f}")
    return _minus(f"{value:z#.{digits}g}".rstrip("."))


def p_in_words(p: float) -> str:
    """A p-value.

    Examples
    --------
    >>> p_in_words(0.0321), p_in_words(2e-7)
    ('p = 0.032', 'p < 0.001')
    """
    return "p < 0.001" if p < 0.001 else f"p = {quantity(p, 2)}"


def as_given(value: float) -> str:
    """A number as a file gives it, such as a cost, to six significant digits.

    Examples
    --------
    >>> as_given(2.0), as_given(0.5), as_given(-3.0)
    ('2', '0.5', '−3')
    """
    return _minus(f"{value:g}")


def told_apart(values: Iterable[float]) -> dict[float, str]:
    """Those of some numbers that six significant digits do not tell apart, each with the fewest digits that do.

    Examples
    --------
    >>> told_apart([1000000.0, 1000001.0, 0.3]), told_apart([0.1, 0.2])
    ({1000000.0: '1000000', 1000001.0: '1000001'}, {})
    """
    texts: dict[float, str] = {}
    left = sorted(set(values))
    for digits in range(SIGNIFICANT, ALL_DIGITS + 1):
        by_text = defaultdict(list)
        for value in left:
            by_text[f"{value:.{digits}g}" if digits < ALL_DIGITS else f"{value!r}"].append(value)
        if digits > SIGNIFICANT:
            texts |= {alike[0]: text for text, alike in by_text.items() if len(alike) == 1}
        left = [value for alike in by_text.values() if len(alike) > 1 for value in alike]
    return texts


def in_unit(value: float, unit: str | None) -> str:
    """A number of any size with its unit, if it has one.

    Examples
    --------
    >>> in_unit(1234.0, "dead"), in_unit(0.5, None)
    ('1,234 dead', '0.500')
    """
    return f"{quantity(value)} {unit}" if unit else quantity(value)


def _relative(before: float, difference: float, error: float) -> str:
    """The relative change in words, or '' unless the probability is small before and after."""
    if not before > NEGLIGIBLE or max(before, before + difference) >= RELATIVE_BELOW:
        return ""
    ratio = (before + difference) / before
    if ratio > 2.0:
        return tr("{ratio} times as much", ratio=quantity(ratio, 2))
    part = 100.0 * abs(ratio - 1.0)
    shown = f"{part:.{_decimals(part, 100.0 * error / before, least=0)}f}%"
    return tr("{share} less", share=shown) if ratio < 1.0 else tr("{share} more", share=shown)


def _signed(value: float, decimals: int) -> str:
    if math.isnan(value):
        return "–"
    shown = f"{value:+,.{decimals}f}"
    return f"{0.0:.{decimals}f}" if float(shown.replace(",", "")) == 0.0 else _minus(shown)


def _minus(number: str) -> str:
    """A number with the sign that all negative numbers have, but for the one of an exponent."""
    return f"−{number[1:]}" if number.startswith("-") else number


def _decimals(hundredths: float, error: float = math.nan, least: int = 1, negligible: float = NEGLIGIBLE) -> int:
    """Decimals for two significant digits, at least `least`, and none beyond the first digit of the error."""
    if not math.isfinite(hundredths):
        return least
    wanted = max(least, 1 - _exponent(hundredths, 2)) if abs(hundredths) > 100.0 * negligible else least
    return min(wanted, max(0, -_exponent(error, 1))) if 0.0 < error < math.inf else wanted


def _exponent(value: float, digits: int) -> int:
    """The power of ten of a number's first digit after rounding to `digits` digits."""
    return int(f"{value:.{digits - 1}e}".partition("e")[2])
