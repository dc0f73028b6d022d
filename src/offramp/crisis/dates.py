"""Dates of rounds: how long a round lasts, and its first and last day.

Months follow the calendar: the k-th round begins k - 1 times the length after the first day, on the same day of the
month, or on the last day of a month that is shorter. So rounds of a month from 31 January begin on 28 or 29 February
and on 31 March.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from offramp.common.texts import tr

MAX_LENGTH = 1_000
"""The largest number of days, weeks or months that a round may last."""
LENGTH_WORDS = f"a time such as 2 weeks (1 to {MAX_LENGTH} days, weeks or months)"

Unit = Literal["day", "week", "month"]


@dataclass(frozen=True)
class Length:
    """How long a round lasts."""

    count: int
    unit: Unit

    def __str__(self) -> str:
        return f"{self.count} {self.unit}{'s' * (self.count != 1)}"


def length_of(text: str) -> Length | None:
    """The length that a text gives, or None.

    Examples
    --------
    >>> length_of("2 weeks"), length_of("1 month"), length_of("0 days"), length_of("fortnight")
    (Length(count=2, unit='week'), Length(count=1, unit='month'), None, None)
    """
    match = re.fullmatch(r"([0-9]{1,4}) +(day|week|month)s?", text)
    if match is None or not 1 <= int(match[1]) <= MAX_LENGTH:
        return None
    unit: Unit = "day" if match[2] == "day" else "week" if match[2] == "week" else "month"
    return Length(int(match[1]), unit)


def is_length(text: str) -> bool:
    """Whether a text is a valid length of a round."""
    return length_of(text) is not None


def after(start: date, length: Length, times: int) -> date:
    """The day that is a number of lengths after a day.

    Raises
    ------
    OverflowError
        If it is later than the year 9999.

    Examples
    --------
    >>> [str(after(date(2031, 1, 31), Length(1, "month"), times)) for times in range(4)]
    ['2031-01-31', '2031-02-28', '2031-03-31', '2031-04-30']
    """
    if length.unit != "month":
        return start + times * length.count * timedelta(days=7 if length.unit == "week" else 1)
    import calendar

    months = start.month - 1 + times * length.count
    year, month = start.year + months // 12, months % 12 + 1
    if year > date.max.year:
        raise OverflowError
    return date(year, month, min(start.day, calendar.monthrange(year, month)[1]))


@dataclass(frozen=True)
class Times:
    """When rounds are played: from the first day of the first, each as long as the others."""

    start: date
    length: Length

    def span(self, number: int) -> tuple[date, date]:
        """The first and the last day of a round, counted from 1."""
        end = after(self.start, self.length, number)
        return after(self.start, self.length, number - 1), end - timedelta(days=1)


def span_in_words(span: tuple[date, date]) -> str:
    """The days of a round in words.

    Examples
    --------
    >>> span_in_words((date(2031, 3, 2), date(2031, 3, 15)))
    '2031-03-02 to 2031-03-15'
    """
    first, last = span
    return str(first) if first == last else tr("{first} to {last}", first=first, last=last)
