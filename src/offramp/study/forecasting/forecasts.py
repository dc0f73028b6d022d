"""The forecasts of a ledger and the status of each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from offramp.common.numerals import percent, span
from offramp.common.texts import tr, trn
from offramp.common.words import listed
from offramp.study.finding import Column, Finding, Table, Value
from offramp.study.forecasting.ledger_entries import Entries, Forecast, Origin, Resolution

Status = Literal["open", "due", "resolved", "void"]

ANSWERS = {"yes": tr("yes"), "no": tr("no"), "void": tr("void")}
"""How questions come out."""
STATUSES = {"open": tr("open"), "due": tr("due"), "resolved": tr("resolved"), **ANSWERS}
"""What the table has as the status of a forecast: of a resolved one how it came out, unless that has its own column."""
HEADINGS = {
    "forecast": tr("forecast"),
    "question": tr("question"),
    "claim": tr("claim"),
    "probability": tr("probability"),
    "base_rate": tr("base rate"),
    "made": tr("made"),
    "entered": tr("entered"),
    "due": tr("due"),
    "rule": tr("rule"),
    "status": tr("status"),
    "overdue_days": tr("overdue days"),
    "result": tr("result"),
    "known": tr("known"),
    "because": tr("because"),
    "crisis": tr("crisis"),
    "ending": tr("ending"),
    "move": tr("move"),
    "sha256": "sha256",
    "levers": tr("levers"),
    "seed": tr("seed"),
    "draws": tr("draws"),
    "converged": tr("converged"),
    "p05": "p05",
    "p95": "p95",
}
"""Everything that is known about a forecast."""


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
        return tr("Forecasts on {day}", day=self.today)

    @property
    def answer(self) -> tuple[str, ...]:
        if not self.entries.forecasts:
            return (tr("The ledger is empty."),)
        statuses = [self.status(forecast) for forecast in self.entries.forecasts]
        questions = len({forecast.question for forecast in self.entries.forecasts})
        sentences = [
            tr(
                "{forecasts} on {questions}: {statuses}.",
                forecasts=trn("{count} forecast", "{count} forecasts", len(statuses)),
                questions=trn("{count} question", "{count} questions", questions),
                statuses=listed(_numbers_of(statuses)),
            )
        ]
        late = [f for f in self.entries.forecasts if self.status(f) == "due" and f.due < self.today]
        if late:
            longest = max((self.today - forecast.due).days for forecast in late)
            numbers = listed(str(forecast.id) for forecast in late)
            sentences.append(
                trn(
                    "Overdue: {forecasts}, by up to {count} day. Resolve them, or say why they are void: what stays "
                    "unresolved flatters or hides the score.",
                    "Overdue: {forecasts}, by up to {count} days. Resolve them, or say why they are void: what stays "
                    "unresolved flatters or hides the score.",
                    longest, forecasts=numbers,
                )
            )  # fmt: skip
        return tuple(sentences)

    def status(self, forecast: Forecast) -> Status:
        """The status of one of the forecasts."""
        return status_of(forecast, self.entries.standing.get(forecast.question), self.today)

    @property
    def tables(self) -> tuple[Table, ...]:
        history = (
            Column("entry", tr("entry"), "count"),
            Column("forecasts", tr("of forecasts")),
            Column("result", tr("result"), names=ANSWERS),
            Column("known", tr("known on")),
            Column("entered", tr("entered on")),
            Column("standing", tr("holds"), names={"yes": tr("yes"), "no, corrected": tr("no, corrected")}),
            Column("because", tr("because")),
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
            Table("outcomes", tr("Outcomes in the order of entry; nothing is removed"), history, tuple(outcomes)),
        )

    def _short(self) -> Table:
        columns = (
            Column("forecast", tr("id"), "count"),
            Column("claim", tr("claim")),
            Column("probability", tr("said"), "share"),
            Column("made", tr("made")),
            Column("due", tr("due")),
            Column("status", tr("status"), names=STATUSES),
        )
        rows: list[tuple[Value, ...]] = []
        for forecast in self.entries.forecasts:
            status: str = self.status(forecast)
            if status == "resolved":
                status = self.entries.standing[forecast.question].result
            elif late := (self.today - forecast.due).days * (status == "due"):
                status = tr("overdue {days} d", days=late)
            claim = forecast.claim
            if forecast.question != forecast.id:
                claim = tr("{claim} (as {forecast})", claim=claim, forecast=forecast.question)
            made = f"{forecast.made.date()}{' *' if forecast.entered_later else ''}"
            row = (forecast.id, claim, forecast.probability, made, str(forecast.due), status)
            rows.append(row)
        return Table("forecasts", tr("Forecasts in the order of entry"), columns, tuple(rows))

    def _full(self) -> Table:
        rows = [self.full(forecast) for forecast in self.entries.forecasts]
        kinds: dict[str, Any] = {"probability": "share", "base_rate": "share", "p05": "share", "p95": "share"}
        names = tuple(rows[0]) if rows else ("forecast",)
        words = {"status": STATUSES, "result": ANSWERS}
        columns = tuple(
            Column(name, HEADINGS[name], kinds.get(name, "text"), names=words.get(name, {})) for name in names
        )
        return Table(
            "forecasts", tr("Forecasts in the order of entry"), columns, tuple(tuple(row.values()) for row in rows)
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
        notes = [tr("Days are in UTC. Due: its day has come and it has no outcome.")]
        forecasts = self.entries.forecasts
        if any(forecast.question != forecast.id for forecast in forecasts):
            notes.append(
                tr("As 1: on the same question as forecast 1; an outcome holds for all forecasts on a question.")
            )
        if any(forecast.entered_later for forecast in forecasts):
            notes.append(tr("*: entered on a later day than it is said to have been made."))
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
            return tr("Entered: forecast {number}", number=self.forecast.id)
        if self.outcome.result == "void":
            return tr("Entered: forecast {number} is void", number=self.forecast.id)
        if self.outcome.result == "yes":
            return tr("Entered: forecast {number} is resolved, yes", number=self.forecast.id)
        return tr("Entered: forecast {number} is resolved, no", number=self.forecast.id)

    @property
    def answer(self) -> tuple[str, ...]:
        return tuple(self._of_outcome(self.outcome) if self.outcome is not None else self._of_forecast())

    def _of_forecast(self) -> list[str]:
        made, run = self.forecast, self.forecast.origin
        sentences = [
            tr(
                "{claim}: {probability}, due on {day}.",
                claim=made.claim, probability=percent(made.probability), day=made.due,
            )
        ]  # fmt: skip
        if run is not None:
            sentences += _of_run(run)
        if made.probability in (0.0, 1.0):
            sentences.append(tr("That is certainty: if it comes out the other way, the log score is infinite."))
        others = [f for f in self.listing.entries.on(made.question) if f.id != made.id]
        if others:
            numbers = listed(f"{f.id} ({percent(f.probability)})" for f in others)
            sentences.append(
                trn(
                    "On the same question: forecast {numbers}. Each counts.",
                    "On the same question: forecasts {numbers}. Each counts.",
                    len(others), numbers=numbers,
                )
            )  # fmt: skip
        alike = [f for f in self.listing.entries.forecasts if f.claim == made.claim and f.question != made.question]
        if alike and not others:
            sentences.append(
                tr(
                    "Forecast {number} has the same claim, but another day or rule, so it is another question; to "
                    "update a question, say --follows.",
                    number=alike[-1].id,
                )
            )
        if made.entered_later:
            sentences.append(tr("It is marked as entered later than it was made."))
        return sentences

    def _of_outcome(self, outcome: Resolution) -> list[str]:
        every = self.listing.entries.on(outcome.question)
        claim, answer = self.forecast.claim, ANSWERS[outcome.result]
        sentences = [tr("{claim}: {answer}, known on {day}.", claim=claim, answer=answer, day=outcome.known)]
        if len(every) > 1:
            numbers = listed(str(f.id) for f in every)
            sentences.append(tr("It holds for all forecasts on the question: {numbers}.", numbers=numbers))
        if before := [o for o in self.listing.entries.outcomes if o.question == outcome.question and o != outcome]:
            number, answer = before[-1].id, ANSWERS[before[-1].result]
            sentences.append(
                tr("It corrects entry {number}, {answer}, which stays in the ledger.", number=number, answer=answer)
            )
        if outcome.result == "void":
            return sentences
        late = [f for f in every if f.made.date() > outcome.known]
        if late:
            numbers = listed(str(f.id) for f in late)
            sentences.append(tr("Made after it was known, and so not counted: {numbers}.", numbers=numbers))
        entered = [f for f in every if f not in late and self.listing.entries.entered_too_late(f)]
        if entered:
            numbers = listed(str(f.id) for f in entered)
            sentences.append(tr("Entered after the first outcome, and so not counted: {numbers}.", numbers=numbers))
        left = len(late) + len(entered)
        if left < len(every) and self.forecast.due > self.listing.today:
            sentences.append(self._counts_from(left))
        return sentences

    def _counts_from(self, left_out: int) -> str:
        """From when on the outcome counts; `left_out`: the number of forecasts for which it never does."""
        if left_out:
            return tr("For the others it counts from {day} on, the day on which they are due.", day=self.forecast.due)
        return tr("It counts from {day} on, the day on which it is due.", day=self.forecast.due)

    @property
    def tables(self) -> tuple[Table, ...]:
        return ()

    def to_dict(self) -> dict[str, Any]:
        return super().to_dict() | self.listing.full(self.forecast)


def _numbers_of(statuses: list[Status]) -> Iterator[str]:
    """How many forecasts have each status, as far as any has."""
    if count := statuses.count("open"):
        yield trn("{count} open", "{count} open", count)
    if count := statuses.count("due"):
        yield trn("{count} due", "{count} due", count)
    if count := statuses.count("resolved"):
        yield trn("{count} resolved", "{count} resolved", count)
    if count := statuses.count("void"):
        yield trn("{count} void", "{count} void", count)


def _of_run(run: Origin) -> Iterator[str]:
    """From which run a forecast comes."""
    values = {"seed": run.seed, "span": span(run.p05, run.p95)}
    if run.levers:
        yield trn(
            "From a run of {count} draw with seed {seed}, levers pulled: {levers}: {span} in nine draws out of ten.",
            "From a run of {count} draws with seed {seed}, levers pulled: {levers}: {span} in nine draws out of ten.",
            run.draws, levers=listed(run.levers), **values,
        )  # fmt: skip
    else:
        yield trn(
            "From a run of {count} draw with seed {seed}: {span} in nine draws out of ten.",
            "From a run of {count} draws with seed {seed}: {span} in nine draws out of ten.",
            run.draws, **values,
        )  # fmt: skip
    if left := run.draws - run.converged:
        draws = f"{run.draws:,}"
        yield trn(
            "{count} of {draws} draws did not converge; they are left out.",
            "{count} of {draws} draws did not converge; they are left out.",
            left, draws=draws,
        )  # fmt: skip
