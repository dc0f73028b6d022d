"""Numbers as a reader sees them: a probability, a difference, an interval, a payoff, any other number.

Every figure is worded here, so that one and the same number reads alike wherever it stands. A probability has one
decimal, and two significant digits where it, or what it lacks of 1, is under 1 %; a difference likewise, but no digit
beyond the first of its Monte Carlo error.
"""

from __future__ import annotations

import math

LEAST = 1e-5
"""A probability that is smaller is not told apart from others that are, but for those that are none."""
ROUNDING = 1e-12
"""What rounding leaves open in a probability: one that is smaller is none."""
NOTHING = 1e-9
"""What a solve leaves open in a difference of probabilities: one that is smaller is none."""
HUGE = 1e9
"""A number from here on is told by its power of ten."""
SMALL = 0.01
"""A difference between smaller probabilities is told as a part of them, too."""


def percent(share: float) -> str:
    """A probability, or another share; a dash where there is no number.

    Examples
    --------
    >>> percent(0.6768), percent(0.00234), percent(0.99971), percent(1.0)
    ('67.7%', '0.23%', '99.971%', '100.0%')
    >>> percent(0.000002), percent(1e-11), percent(-1e-17)
    ('<0.001%', '<0.001%', '0.0%')
    """
    rest = min(share, 1.0 - share)
    if ROUNDING < rest < LEAST:
        return "<0.001%" if share < 0.5 else ">99.999%"
    return bound(share)


def bound(share: float) -> str:
    """A probability that others are held against, however small: `above 0.0000012%`.

    Examples
    --------
    >>> bound(1.23e-8), bound(0.0612)
    ('0.0000012%', '6.1%')
    """
    if math.isnan(share):
        return "–"
    rest = min(share, 1.0 - share)
    return f"{100.0 * share:z.{_decimals(100.0 * rest, nothing=ROUNDING)}f}%"


def span(low: float, high: float) -> str:
    """From one probability to another; one figure where they read alike.

    Examples
    --------
    >>> span(0.576, 0.782), span(0.5761, 0.5762)
    ('57.6% to 78.2%', '57.6%')
    """
    first, last = percent(low), percent(high)
    return first if first == last else f"{first} to {last}"


def from_to(before: float, after: float) -> str:
    """How a probability changes.

    Examples
    --------
    >>> from_to(0.677, 0.744), from_to(0.677, 0.6771), from_to(0.00231, 0.00187)
    ('67.7% → 74.4%', '67.7% as before', '0.23% → 0.19%')
    """
    first, last = percent(before), percent(after)
    return f"{first} as before" if first == last else f"{first} → {last}"


def points(difference: float, error: float = math.nan) -> str:
    """A difference of probabilities in percentage points, with its sign; `error`: a probability, too.

    Examples
    --------
    >>> points(0.0312), points(-0.2), points(-0.000213), points(-1e-17)
    ('+3.1', '−20.0', '−0.021', '0.0')
    >>> points(-0.000213, error=0.0001), points(0.123, error=0.02), points(-0.0001, error=0.003)
    ('−0.02', '+12', '0.0')
    """
    return interval(difference, error)[0]


def signed(difference: float, error: float = math.nan) -> str:
    """A difference of any other kind, with its sign and the same digits.

    Examples
    --------
    >>> signed(-0.24), signed(-0.04), signed(1.32, error=0.04)
    ('−0.24', '−0.040', '+1.3')
    """
    return _signed(difference, _decimals(difference, error))


def interval(difference: float, error: float, *others: float) -> tuple[str, ...]:
    """A difference of probabilities in points, and with the same digits others beside it, such as its interval's ends.

    Examples
    --------
    >>> interval(-0.0124, 0.0018, -0.0142, -0.0106), interval(-0.0005, 0.0009, -0.0014, 0.0004)
    (('−1.2', '−1.4', '−1.1'), ('−0.05', '−0.14', '+0.04'))
    """
    decimals = _decimals(100.0 * max(map(abs, (difference, *others))), 100.0 * error)
    return tuple(_signed(100.0 * one, decimals) for one in (difference, *others))


def change(before: float, difference: float, low: float = math.nan, high: float = math.nan) -> str:
    """A difference in a sentence, with its 95 % interval from `low` to `high` if there is one that shows.

    A probability that stays under 1 % is also told by how much of it that is.

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
    said, *ends = interval(difference, error, low, high)
    told = f"{said} points{_relative(before, difference, error) if float(said.replace('−', '-')) else ''}"
    return f"{told}, 95% interval {ends[0]} to {ends[1]}" if ends[0] != ends[1] else told


def deviation(error: float) -> str:
    """A standard error, or another distance of probabilities from zero, in points, to two significant digits.

    Examples
    --------
    >>> deviation(0.0214), deviation(0.000214), deviation(0.0)
    ('2.1', '0.021', '0.0')
    """
    return points(error).removeprefix("+")


def amount(value: float) -> str:
    """A payoff to two places, never a negative zero; a huge one by its size; a dash where there is no number.

    Examples
    --------
    >>> amount(-1234.5), amount(-0.0), amount(-2.5e99), amount(math.nan)
    ('-1234.50', '0.00', '-2.50e+99', '–')
    """
    if math.isnan(value):
        return "–"
    return f"{value:z.2f}" if abs(value) < HUGE else quantity(value)


def small(value: float) -> str:
    """What is to be near zero: to two places where that shows it, else its size.

    Examples
    --------
    >>> small(0.1234), small(0.00012), small(0.0)
    ('0.12', '1e-04', '0')
    """
    if value == 0.0:
        return "0"
    return f"{value:.2f}" if value >= 0.005 else f"{value:.0e}"


def quantity(value: float, digits: int = 3) -> str:
    """A number of any size, by default to three significant digits.

    Examples
    --------
    >>> quantity(0.6), quantity(100.0), quantity(12345.6), quantity(-0.0)
    ('0.600', '100', '12,346', '0.00')
    """
    return f"{value:,.0f}" if 1000 <= abs(value) < HUGE else f"{value:z#.{digits}g}".rstrip(".")


def _relative(before: float, difference: float, error: float) -> str:
    """By how much of itself a probability changes, if it is small before and after."""
    if not before > NOTHING or max(before, before + difference) >= SMALL:
        return ""
    ratio = (before + difference) / before
    if ratio > 2.0:
        return f" or {quantity(ratio, 2)} times as much"
    part = 100.0 * abs(ratio - 1.0)
    return f" or {part:.{_decimals(part, 100.0 * error / before, least=0)}f}% {'less' if ratio < 1.0 else 'more'}"


def _signed(value: float, decimals: int) -> str:
    if math.isnan(value):
        return "–"
    shown = f"{value:+.{decimals}f}"
    return f"{0.0:.{decimals}f}" if float(shown) == 0.0 else shown.replace("-", "−")


def _decimals(hundredths: float, error: float = math.nan, least: int = 1, nothing: float = NOTHING) -> int:
    """The decimals that give two digits, at least one decimal; none beyond the first digit of an error."""
    if not math.isfinite(hundredths):
        return least
    wanted = max(least, 1 - _exponent(hundredths, 2)) if abs(hundredths) > 100.0 * nothing else least
    return min(wanted, max(0, -_exponent(error, 1))) if 0.0 < error < math.inf else wanted


def _exponent(value: float, digits: int) -> int:
    """The power of ten of a number's first digit, once it is rounded to some digits."""
    return int(f"{value:.{digits - 1}e}".partition("e")[2])
