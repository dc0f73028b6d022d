"""Dates of rounds: against the calendar, and as warnings of events on other days."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from offramp.crisis.dates import Length, Times, Unit, after
from offramp.crisis.model import Crisis
from tests.crises import crisis_of
from tests.examples import examples

TEXT = """
format: 1
title: Talks
as_of: 2024-01-31
actors: {{north: {{name: Northland}}, south: {{name: Southland}}}}
timeline:
  - {{move: invite, by: north, options: [public, quiet]}}
  - rounds: 3
    {times}
    steps:
      - {{move: offer, by: north, options: [low, high]}}
      - {{chance: mood, odds: {{calm: 0.5, grim: rest}}, seen_by: [south]}}
      - {{move: reply, by: south, options: [sign, wait]}}
payoffs:
  north: {{price: {{pays: reply == sign, when: each_round}}}}
  south: {{gain: {{pays: mood == grim, when: end}}}}
endings: {{signed: reply == sign, open: otherwise}}
observed:
  - {{date: {day}, round: 2, {step}}}
"""


def talks(times: str, day: str = "2024-03-05", step: str = "offer: low") -> Crisis:
    return crisis_of(TEXT.format(times=times, day=day, step=step))


@settings(max_examples=examples(200), deadline=None)
@given(st.dates(date(1900, 1, 1), date(2500, 12, 31)), st.integers(1, 24), st.sampled_from(["day", "week", "month"]))
def test_rounds_follow_each_other_without_gap_and_months_keep_the_day(start: date, count: int, unit: Unit) -> None:
    times = Times(start, Length(count, unit))
    for number in range(1, 30):
        first, last = times.span(number)
        assert times.span(number + 1)[0] == last + timedelta(days=1)
        if unit == "month":
            month = start.year * 12 + start.month - 1 + count * (number - 1)
            assert first.year * 12 + first.month - 1 == month
            tomorrow = first + timedelta(days=1)
            assert first.day == start.day or (first.day < start.day and tomorrow.day == 1)
        else:
            assert (first - start).days == (number - 1) * count * (7 if unit == "week" else 1)


def test_the_end_of_a_month_in_a_leap_year() -> None:
    days = [str(after(date(2024, 1, 31), Length(1, "month"), times)) for times in range(4)]
    assert days == ["2024-01-31", "2024-02-29", "2024-03-31", "2024-04-30"]


def test_the_first_round_begins_as_of_the_file_or_when_it_says() -> None:
    spans = [talks("lasts: 1 month").days_of("offer", number) for number in (1, 2)]
    assert spans == [(date(2024, 1, 31), date(2024, 2, 28)), (date(2024, 2, 29), date(2024, 3, 30))]
    assert talks("lasts: 10 days\n    from: 2024-02-05").days_of("reply", 3) == (
        date(2024, 2, 25),
        date(2024, 3, 5),
    )
    assert talks("lasts: 1 month").days_of("invite", 0) is None
    assert talks("until: reply == sign").days_of("offer", 1) is None


@pytest.mark.parametrize(
    ("day", "step", "words"),
    [
        ("2024-02-29", "offer: low", None),
        ("2024-03-30", "offer: low", None),
        ("2024-02-28", "offer: low", "'offer' in round 2 is observed on 2024-02-28, before the days of that round"),
        ("2024-03-31", "offer: low", "'offer' in round 2 is observed on 2024-03-31, after the days of that round"),
        ("2024-03-31", "mood: calm", None),
        ("2024-02-28", "mood: calm", "'mood' in round 2 is observed on 2024-02-28, before the days of that round"),
    ],
)
def test_an_event_on_a_day_outside_its_round_is_warned_of(day: str, step: str, words: str | None) -> None:
    said = [one.message for one in talks("lasts: 1 month", day, step).warnings if "of that round" in one.message]
    assert said == ([] if words is None else [f"{words} (2024-02-29 to 2024-03-30)"])
