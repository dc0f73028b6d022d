"""Entries of a ledger: forecasts, their origins, and how their questions came out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cached_property
from typing import Literal

from offramp.common.errors import UsageError
from offramp.common.words import nearest_word, quoted

Result = Literal["yes", "no", "void"]


def day_of(what: str, text: str | None) -> date | None:
    """A day such as 2031-04-01, or None; raises UsageError, which calls it `what`, if it is not a day."""
    if text is None:
        return None
    try:
        return datetime.strptime(text, "%Y-%m-%d").date()
    except ValueError:
        raise UsageError(f"{what} takes a day such as 2031-04-01, found {quoted(text)}") from None


def today() -> date:
    """Today's date in UTC."""
    return datetime.now(UTC).date()


@dataclass(frozen=True)
class Origin:
    """The run that a forecast comes from: the title and SHA-256 of its crisis, and the `levers` pulled.

    `ending` or `move` (as in `answer=staged@2`): the subject of the forecast; `p05` and `p95`: the 5 and 95 %
    quantiles over the converged draws.
    """

    crisis: str
    ending: str | None
    move: str | None
    sha256: str
    levers: tuple[str, ...]
    seed: int
    draws: int
    converged: int
    p05: float
    p95: float

    @property
    def target(self) -> str:
        """The subject of the forecast in a word or two."""
        kind, name = ("ending", self.ending) if self.move is None else ("move", self.move)
        return f"{kind} {name}"


@dataclass(frozen=True)
class Forecast:
    """A forecast; `question` is the id of the first forecast on its question.

    `made` and `entered` are in UTC; they differ if an old forecast was entered later.
    """

    id: int
    question: int
    claim: str
    probability: float
    due: date
    rule: str
    base_rate: float | None
    made: datetime
    entered: datetime
    origin: Origin | None

    @property
    def asked(self) -> tuple[str, date, str]:
        """The question: claim, day due, rule of resolution."""
        return self.claim, self.due, self.rule

    @property
    def entered_later(self) -> bool:
        """Whether it was entered on a later day than the one on which it was made."""
        return self.entered.date() > self.made.date()


@dataclass(frozen=True)
class Resolution:
    """How a question came out, and the day (UTC) on which that was `known`; void if it has no answer."""

    id: int
    question: int
    result: Result
    known: date
    because: str | None
    entered: datetime


@dataclass(frozen=True)
class Entries:
    """All entries of a ledger, in the order of entry."""

    forecasts: tuple[Forecast, ...]
    outcomes: tuple[Resolution, ...]

    @cached_property
    def standing(self) -> dict[int, Resolution]:
        """The outcome in force for each question that has one: the last entered."""
        return {outcome.question: outcome for outcome in self.outcomes}

    @cached_property
    def _closed(self) -> dict[int, datetime]:
        """When the first outcome of each question that has one was entered."""
        return {outcome.question: outcome.entered for outcome in reversed(self.outcomes)}

    def entered_too_late(self, forecast: Forecast) -> bool:
        """Whether a forecast was entered after an outcome of its question, as ledgers of old allowed."""
        closed = self._closed.get(forecast.question)
        return closed is not None and forecast.entered > closed

    def on(self, question: int) -> tuple[Forecast, ...]:
        """The forecasts on a question in the order in which they were made."""
        return self._by_question[question]

    @cached_property
    def _by_question(self) -> dict[int, tuple[Forecast, ...]]:
        by_question: dict[int, tuple[Forecast, ...]] = {}
        for forecast in sorted(self.forecasts, key=lambda forecast: (forecast.made, forecast.id)):
            by_question[forecast.question] = (*by_question.get(forecast.question, ()), forecast)
        return by_question

    def forecast(self, number: int) -> Forecast:
        """The forecast with an id; raises UsageError if there is none."""
        if 1 <= number <= len(self.forecasts):
            return self.forecasts[number - 1]
        if not self.forecasts:
            raise UsageError(f"there is no forecast {number}: the ledger is empty")
        close = nearest_word(str(number), [str(forecast.id) for forecast in self.forecasts])
        last = self.forecasts[-1]
        hint = f"; did you mean {close}?" if close else f", {quoted(last.claim)}"
        raise UsageError(f"there is no forecast {number}: the last is {last.id}{hint}")
