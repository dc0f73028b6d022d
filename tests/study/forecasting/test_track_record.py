"""Which forecasts count, what they are held against, and what is said of them."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from xml.etree import ElementTree

import numpy as np
import pytest
from rich.console import Console

from offramp.report.findings_in_terminal import show_finding
from offramp.study.charts import svg_of
from offramp.study.forecasting.calibration_chart import calibration_chart
from offramp.study.forecasting.forecasts import forecasts
from offramp.study.forecasting.ledger_entries import Entries, Forecast, Resolution, Result
from offramp.study.forecasting.track_record import score
from offramp.study.forecasting.track_record_finding import HINDSIGHT, TrackRecord

TODAY = date(2031, 6, 1)


def at(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


class Book:
    """Entries in the making."""

    def __init__(self) -> None:
        self.forecasts: list[Forecast] = []
        self.outcomes: list[Resolution] = []

    def say(
        self,
        probability: float,
        *,
        on: int | None = None,
        made: date = date(2031, 1, 1),
        due: date = date(2031, 5, 1),
        base_rate: float | None = None,
    ) -> int:
        number = len(self.forecasts) + 1
        claim = f"Claim {on or number}"
        forecast = Forecast(number, on or number, claim, probability, due, "r", base_rate, at(made), at(made), None)
        self.forecasts.append(forecast)
        return number

    def settle(self, question: int, result: Result, known: date = date(2031, 5, 1)) -> None:
        self.outcomes.append(Resolution(len(self.outcomes) + 1, question, result, known, None, at(known)))

    @property
    def entries(self) -> Entries:
        return Entries(tuple(self.forecasts), tuple(self.outcomes))

    def score(self) -> TrackRecord:
        return score(self.entries, TODAY)


@pytest.fixture
def book() -> Book:
    return Book()


def printed(record: TrackRecord, width: int) -> str:
    file = io.StringIO()
    show_finding(Console(file=file, width=width), record)
    assert max(map(len, file.getvalue().splitlines())) <= width
    return file.getvalue()


def test_only_forecasts_due_resolved_and_made_without_hindsight_count(book: Book) -> None:
    later = TODAY + timedelta(days=1)
    counts, due_today = book.say(0.2), book.say(0.4, due=TODAY)
    early, unresolved, not_due, hopeless = (
        book.say(0.9, due=later),
        book.say(0.5),
        book.say(0.6, due=later),
        book.say(0.7),
    )
    book.settle(counts, "no", date(2031, 3, 1))
    same_day = book.say(0.1, on=counts, made=date(2031, 3, 1))
    knowing = book.say(0.0, on=counts, made=date(2031, 3, 2))
    book.settle(due_today, "yes")
    book.settle(early, "yes")
    book.settle(hopeless, "void")
    record = book.score()
    assert [forecast.id for forecast in record.counted] == [counts, due_today, same_day]
    assert record.left_out == {
        "resolved before the due date": (early,),
        "due but not resolved": (unresolved,),
        "not due yet": (not_due,),
        "void": (hopeless,),
        "made after the answer was known": (knowing,),
    }
    assert record.brier == pytest.approx((0.2**2 + 0.6**2 + 0.1**2) / 3)
    assert (record.voided, record.closed) == (1, 3)
    said = " ".join(record.answer)
    assert "3 forecasts on 2 questions count" in said
    assert "1 of 3 questions due and closed is void (33.3%)" in said
    assert score(book.entries, later).counted == tuple(book.forecasts[place - 1] for place in (1, 2, 3, 7))


def test_a_correction_changes_the_score_and_the_first_outcome_does_not_count(book: Book) -> None:
    book.settle(book.say(0.25), "yes")
    assert book.score().brier == 0.75**2
    book.settle(1, "no")
    assert book.score().brier == 0.25**2
    book.settle(1, "void")
    assert book.score().counted == ()


def test_every_forecast_on_a_question_counts_and_updating_is_held_against_the_one_before(book: Book) -> None:
    book.say(0.5, made=date(2031, 1, 1))
    book.say(0.9, on=1, made=date(2031, 3, 1))
    book.say(0.7, on=1, made=date(2031, 2, 1))  # entered last, made second
    book.settle(1, "yes")
    record = book.score()
    assert record.brier == pytest.approx((0.25 + 0.01 + 0.09) / 3)
    (previous,) = (reference for reference in record.references if reference.name == "previous forecast")
    assert (previous.forecasts, previous.brier, previous.other) == pytest.approx(
        (2, (0.09 + 0.01) / 2, (0.25 + 0.09) / 2)
    )
    assert "Updating helped, over 2 forecasts that followed another, by 0.120" in " ".join(record.answer)


def test_a_question_weighs_its_forecasts_by_how_long_they_stood(book: Book) -> None:
    """0.5 stood for 31 days, 0.8 from February 1 to the end of February 10, when it was known."""
    book.say(0.5, made=date(2031, 1, 1))
    book.say(0.8, on=1, made=date(2031, 2, 1))
    book.settle(1, "yes", date(2031, 2, 10))
    (question,) = book.score().by_question
    assert question.standing == pytest.approx((31 * 0.25 + 10 * 0.04) / 41)
    assert (question.brier, question.last, question.happened) == (pytest.approx((0.25 + 0.04) / 2), 0.8, True)


def test_skill_is_against_stated_base_rates_and_in_hindsight_against_how_often_it_was_yes(book: Book) -> None:
    for probability, result in ((0.8, "yes"), (0.3, "no"), (0.2, "no"), (0.6, "yes")):
        number = book.say(probability, base_rate=0.1 if probability > 0.5 else None)
        book.settle(number, result)  # type: ignore[arg-type]
    record = book.score()
    stated, hindsight = record.references
    assert (stated.forecasts, stated.brier, stated.other) == pytest.approx((2, (0.04 + 0.16) / 2, 0.81))
    assert stated.skill == pytest.approx(1 - 0.1 / 0.81)
    assert hindsight.name == HINDSIGHT
    parts = record.parts
    assert hindsight.skill == pytest.approx((parts.resolution - parts.reliability) / parts.uncertainty)
    assert hindsight.other == pytest.approx(parts.uncertainty)


def test_certainty_that_fails_makes_the_log_score_infinite_aloud(book: Book) -> None:
    for probability in (0.0, 0.5):
        book.settle(book.say(probability), "yes")
    record = book.score()
    assert record.log_score == np.inf
    assert "The log score is infinite: forecast 1 gave no chance at all to what happened. Without it, it is 0.693" in (
        " ".join(record.answer)
    )
    scores = {row["score"]: row["value"] for row in record.to_dict()["scores"]}
    assert scores["log"] is None


def test_few_questions_are_called_few_and_many_are_not(book: Book) -> None:
    for _ in range(29):
        book.settle(book.say(0.4), "no")
        book.settle(book.say(0.4, on=len(book.forecasts)), "no")
    assert "29 questions are few" in " ".join(book.score().answer)
    book.settle(book.say(0.4), "no")
    assert "few" not in " ".join(book.score().answer)


def test_what_was_entered_after_the_answer_is_pointed_out(book: Book) -> None:
    for probability in (0.9, 0.6):
        book.settle(book.say(probability), "yes")
    book.forecasts[0] = replace(book.forecasts[0], entered=at(date(2031, 5, 2)))
    book.outcomes[0] = replace(book.outcomes[0], entered=at(date(2031, 5, 3)))
    record = book.score()
    assert record.in_hindsight == (1,)
    assert "Entered only after the answer was known: forecast 1; the Brier score of the others is 0.160" in (
        " ".join(record.answer)
    )


def test_a_forecast_that_an_old_ledger_has_after_the_outcome_does_not_count_and_no_update_helped(book: Book) -> None:
    day = date(2031, 5, 1)
    book.settle(book.say(0.7, made=day), "no", day)  # a wrong outcome closes the question, too
    book.say(0.99, on=1, made=day)
    book.say(0.99, on=1, made=date(2031, 1, 1))
    for place, hour in ((0, 8), (1, 12), (2, 12)):
        book.forecasts[place] = replace(book.forecasts[place], entered=at(day) + timedelta(hours=hour))
    book.outcomes[0] = replace(book.outcomes[0], entered=at(day) + timedelta(hours=10))
    book.settle(1, "yes", day)
    book.outcomes[1] = replace(book.outcomes[1], entered=at(day) + timedelta(hours=14))
    record = book.score()
    assert [forecast.id for forecast in record.counted] == [1]
    assert record.left_out == {"entered after the outcome": (2, 3)}
    text = printed(record, 100)
    assert "2 entered after the outcome (2 and 3)" in text
    assert "Updating" not in text


def test_a_ledger_of_which_nothing_counts_says_so(book: Book) -> None:
    none = "No forecast counts yet: none is due and resolved."
    assert book.score().answer == (none, "Enter a forecast first: `offramp forecast add`.")
    book.say(0.4, due=date(2031, 7, 9))
    book.say(0.4, due=date(2031, 7, 1))
    first = "The first is due on 2031-07-01; from then on enter what happened: `offramp forecast resolve`."
    assert book.score().answer[:2] == (none, first)
    book.say(0.4)
    resolve = "Enter what happened to those that are due: `offramp forecast resolve 3 yes|no`."
    assert book.score().answer[:2] == (none, resolve)
    text = printed(book.score(), 80)
    assert "1 due but not resolved (3)" in text
    assert "nan" not in text
    assert not any(name in text for name in ("–", "Brier"))  # a score of nothing


@pytest.mark.parametrize("width", [80, 140])
def test_scores_print_within_the_width_and_are_the_same_each_time(book: Book, width: int) -> None:
    for number in range(40):
        book.settle(book.say(number / 40, base_rate=0.5), "yes" if number % 3 else "no")
    assert printed(book.score(), width) == printed(book.score(), width)
    assert book.score().to_dict() == book.score().to_dict()


def test_forecasts_are_listed_with_how_they_stand_on_the_day(book: Book) -> None:
    for due in (TODAY + timedelta(days=1), TODAY, TODAY - timedelta(days=9), TODAY, TODAY):
        book.say(0.4, due=due)
    book.say(0.5, on=1, due=TODAY + timedelta(days=1))
    book.settle(4, "yes")
    book.settle(5, "no")
    book.settle(5, "void")
    listing = forecasts(book.entries, TODAY)
    assert list(listing.to_pandas()["status"]) == ["open", "due", "overdue 9 d", "yes", "void", "open"]
    assert listing.answer[0] == "6 forecasts on 5 questions: 2 open, 2 due, 1 resolved and 1 void."
    assert listing.answer[1].startswith("Overdue: 3, by up to 9 days.")
    history = listing.to_pandas("outcomes")
    assert list(history["result"]) == ["yes", "no", "void"]
    assert list(history["standing"]) == ["yes", "no, corrected", "yes"]
    full = forecasts(book.entries, TODAY, in_full=True).to_pandas()
    assert list(full["status"]) == ["open", "due", "due", "resolved", "void", "open"]
    assert list(full["overdue_days"]) == [0, 0, 9, 0, 0, 0]
    assert list(full["question"]) == [1, 2, 3, 4, 5, 1]


@pytest.mark.parametrize("width", [250, 650])
def test_the_calibration_picture_has_a_point_and_a_count_for_every_tenth(book: Book, width: int) -> None:
    for number in range(20):
        book.settle(book.say(number / 20), "yes" if number % 3 else "no")
    chart = calibration_chart(book.score().bins, width)
    rows = next(rows for rows in chart.to_dict()["datasets"].values() if len(rows) == 10)
    assert [row["forecasts"] for row in rows] == [2] * 10
    assert all(row["low"] <= row["happened"] <= row["high"] for row in rows)
    svg = svg_of(chart)
    ElementTree.fromstring(svg)
    assert "http" not in svg.replace("http://www.w3.org/", "")
