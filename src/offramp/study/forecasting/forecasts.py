"""The forecasts of a ledger and the status of each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from offramp.common.numerals import percent, span
from offramp.common.words import listed
from offramp.study.finding import Column, Finding, Table, Value
from offramp.study.forecasting.ledger_entries import Entries, Forecast, Resolution

Status = Literal["open", "due", "resolved", "void"]


def status_of(forecast: Forecast, outcome: Resolution | None, today: date) -> Status:
    """The status of a forecast: without an outcome it is open before its due day, and due from that day on."""
    if outcome is None:
        return "due" if forecast.due <= today else "open"
    return "void" if outcome.result == "void" else "resolved"


@dataclass(frozen=True, repr=False)
class Forecasts(Finding):
    """The forecasts of a ledger with their statuses on a day, and every outcome that was ever entered.

    `in_full`: the table has a column for everything that is known about a forecast and its run.
    """

    entries: Entries
    today: date
    in_full: bool

    @property
    def title(self) -> str:
        return f"Forecasts on {self.today}"

    @property
    def answer(self) -> tuple[str, ...]:
        if not self.entries.forecasts:
            return ("The ledger is empty.",)
        statuses = [self.status(forecast) for forecast in self.entries.forecasts]
        counts = {name: statuses.count(name) for name in ("open", "due", "resolved", "void")}
        sentences = [
            f"{number_of(len(statuses), 'forecast')} on "
            f"{number_of(len({forecast.question for forecast in self.entries.forecasts}), 'question')}: "
            f"{listed(f'{count} {name}' for name, count in counts.items() if count)}."
        ]
        late = [f for f in self.entries.forecasts if self.status(f) == "due" and f.due < self.today]
        if late:
            longest = max((self.today - forecast.due).days for forecast in late)
            sentences.append(
                f"Overdue: {listed(str(forecast.id) for forecast in late)}, by up to {number_of(longest, 'day')}. "
                "Resolve them, or say why they are void: what stays unresolved flatters or hides the score."
            )
        return tuple(sentences)

    def status(self, forecast: Forecast) -> Status:
        """The status of one of the forecasts."""
        return status_of(forecast, self.entries.standing.get(forecast.question), self.today)

    @property
    def tables(self) -> tuple[Table, ...]:
        history = (
            Column("entry", "entry", "count"),
            Column("forecasts", "of forecasts"),
            Column("result", "result"),
            Column("known", "known on"),
            Column("entered", "entered on"),
            Column("standing", "holds"),
            Column("because", "because"),
        )
        outcomes: list[tuple[Value, ...]] = [
            (
                outcome.id,
                listed(str(forecast.id) for forecast in self.entries.on(outcome.question)),
                outcome.result,
                str(outcome.known),
                str(outcome.entered.date()),
                "yes" if self.entries.standing[outcome.question] == outcome else "no, corrected",
                outcome.because,
            )
            for outcome in self.entries.outcomes
        ]
        return (
            self._full() if self.in_full else self._short(),
            Table("outcomes", "Outcomes in the order of entry; nothing is removed", history, tuple(outcomes)),
        )

    def _short(self) -> Table:
        columns = (
            Column("forecast", "id", "count"),
            Column("claim", "claim"),
            Column("probability", "said", "share"),
            Column("made", "made"),
            Column("due", "due"),
            Column("status", "status"),
        )
        rows: list[tuple[Value, ...]] = []
        for forecast in self.entries.forecasts:
            status: str = self.status(forecast)
            if status == "resolved":
                status = self.entries.standing[forecast.question].result
            elif late := (self.today - forecast.due).days * (status == "due"):
                status = f"overdue {late} d"
            same = f" (as {forecast.question})" if forecast.question != forecast.id else ""
            made = f"{forecast.made.date()}{' *' if forecast.entered_later else ''}"
            row = (forecast.id, forecast.claim + same, forecast.probability, made, str(forecast.due), status)
            rows.append(row)
        return Table("forecasts", "Forecasts in the order of entry", columns, tuple(rows))

    def _full(self) -> Table:
        rows = [self.full(forecast) for forecast in self.entries.forecasts]
        kinds: dict[str, Any] = {"probability": "share", "base_rate": "share", "p05": "share", "p95": "share"}
        names = tuple(rows[0]) if rows else ("forecast",)
        columns = tuple(Column(name, name.replace("_", " "), kinds.get(name, "text")) for name in names)
        return Table(
            "forecasts", "Forecasts in the order of entry", columns, tuple(tuple(row.values()) for row in rows)
        )

    def full(self, forecast: Forecast) -> dict[str, Value]:
        """Everything that is known about a forecast."""
        outcome, run = self.entries.standing.get(forecast.question), forecast.origin
        status = self.status(forecast)
        return {
            "forecast": forecast.id,
            "question": forecast.question,
            "claim": forecast.claim,
            "probability": forecast.probability,
            "base_rate": forecast.base_rate,
            "made": forecast.made.isoformat(),
            "entered": forecast.entered.isoformat(),
            "due": str(forecast.due),
            "rule": forecast.rule,
            "status": status,
            "overdue_days": max((self.today - forecast.due).days, 0) if status == "due" else 0,
            "result": None if outcome is None else outcome.result,
            "known": None if outcome is None else str(outcome.known),
            "because": None if outcome is None else outcome.because,
            "crisis": None if run is None else run.crisis,
            "ending": None if run is None else run.ending,
            "move": None if run is None else run.move,
            "sha256": None if run is None else run.sha256,
            "levers": None if run is None else " ".join(run.levers),
            "seed": None if run is None else run.seed,
            "draws": None if run is None else run.draws,
            "converged": None if run is None else run.converged,
            "p05": None if run is None else run.p05,
            "p95": None if run is None else run.p95,
        }

    @property
    def notes(self) -> tuple[str, ...]:
        notes = ["Days are in UTC. Due: its day has come and it has no outcome."]
        forecasts = self.entries.forecasts
        if any(forecast.question != forecast.id for forecast in forecasts):
            notes.append("As 1: on the same question as forecast 1; an outcome holds for all forecasts on a question.")
        if any(forecast.entered_later for forecast in forecasts):
            notes.append("*: entered on a later day than it is said to have been made.")
        return tuple(notes)


def forecasts(entries: Entries, today: date, *, in_full: bool = False) -> Forecasts:
    """The forecasts of a ledger with their statuses on a day (UTC), and the history of outcomes."""
    return Forecasts(entries, today, in_full)


@dataclass(frozen=True, repr=False)
class Entered(Finding):
    """A new entry: a forecast, or an outcome of its question."""

    listing: Forecasts
    forecast: Forecast
    outcome: Resolution | None

    @property
    def title(self) -> str:
        if self.outcome is None:
            return f"Entered: forecast {self.forecast.id}"
        result = "void" if self.outcome.result == "void" else f"resolved, {self.outcome.result}"
        return f"Entered: forecast {self.forecast.id} is {result}"

    @property
    def answer(self) -> tuple[str, ...]:
        return tuple(self._of_outcome(self.outcome) if self.outcome is not None else self._of_forecast())

    def _of_forecast(self) -> list[str]:
        made, run = self.forecast, self.forecast.origin
        sentences = [f"{made.claim}: {percent(made.probability)}, due on {made.due}."]
        if run is not None:
            sentences.append(
                f"From a run of {run.draws:,} draws with seed {run.seed}"
                f"{f', levers pulled: {listed(run.levers)}' if run.levers else ''}: "
                f"{span(run.p05, run.p95)} in nine draws out of ten."
            )
            if left := run.draws - run.converged:
                sentences.append(f"{left:,} of {run.draws:,} draws did not converge; they are left out.")
        if made.probability in (0.0, 1.0):
            sentences.append("That is certainty: if it comes out the other way, the log score is infinite.")
        others = [f for f in self.listing.entries.on(made.question) if f.id != made.id]
        if others:
            numbers = listed(f"{f.id} ({percent(f.probability)})" for f in others)
            sentences.append(f"On the same question: forecast{'s' * (len(others) > 1)} {numbers}. Each counts.")
        alike = [f for f in self.listing.entries.forecasts if f.claim == made.claim and f.question != made.question]
        if alike and not others:
            sentences.append(
                f"Forecast {alike[-1].id} has the same claim, but another day or rule, so it is another question; to "
                f"update a question, say --follows."
            )
        if made.entered_later:
            sentences.append("It is marked as entered later than it was made.")
        return sentences

    def _of_outcome(self, outcome: Resolution) -> list[str]:
        every = self.listing.entries.on(outcome.question)
        sentences = [f"{self.forecast.claim}: {outcome.result}, known on {outcome.known}."]
        if len(every) > 1:
            sentences.append(f"It holds for all forecasts on the question: {listed(str(f.id) for f in every)}.")
        if before := [o for o in self.listing.entries.outcomes if o.question == outcome.question and o != outcome]:
            sentences.append(f"It corrects entry {before[-1].id}, {before[-1].result}, which stays in the ledger.")
        if outcome.result == "void":
            return sentences
        if late := [str(f.id) for f in every if f.made.date() > outcome.known]:
            sentences.append(f"Made after it was known, and so not counted: {listed(late)}.")
        if self.forecast.due > self.listing.today:
            sentences.append(f"It counts from {self.forecast.due} on, the day on which it is due.")
        return sentences

    @property
    def tables(self) -> tuple[Table, ...]:
        return ()

    def to_dict(self) -> dict[str, Any]:
        return super().to_dict() | self.listing.full(self.forecast)


def number_of(count: int, thing: str) -> str:
    """`1 forecast`, `2 forecasts`.

    Examples
    --------
    >>> number_of(1, "day"), number_of(1200, "day")
    ('1 day', '1,200 days')
    """
    return f"{count:,} {thing}{'s' * (count != 1)}"
