"""Were we right? The forecasts of a ledger, scored by proper scores against what happened."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from offramp.common.numerals import percent
from offramp.common.words import listed
from offramp.study.finding import Column, Finding, Table, Value
from offramp.study.forecasting.forecasts import number_of, status_of
from offramp.study.forecasting.ledger_entries import Entries, Forecast
from offramp.study.forecasting.scores import (
    Bin,
    Partition,
    calibration,
    discrimination,
    partition,
    resampled,
    squared_errors,
    surprises,
)

Array = NDArray[np.float64]

FEW = 30
"""Below this number of questions the answer says that they are few."""


@dataclass(frozen=True)
class Reference:
    """The forecasts that can be compared with a reference: their Brier score, the reference's, and the gain.

    `low` to `high` is the interval of the gain in Brier score, reference less forecast, over questions resampled.
    """

    name: str
    forecasts: int
    brier: float
    other: float
    low: float
    high: float

    @property
    def skill(self) -> float:
        """The share of the reference's Brier score that is saved: 1 is perfect, 0 no better, below 0 worse."""
        return 1.0 - self.brier / self.other if self.other else np.nan


@dataclass(frozen=True)
class QuestionScore:
    """A question: its forecasts' mean Brier score, and the mean weighted by how long each forecast stood."""

    question: int
    claim: str
    forecasts: int
    happened: bool
    last: float
    brier: float
    standing: float


@dataclass(frozen=True, repr=False)
class TrackRecord(Finding):
    """The scores of the forecasts that count on a day: due, resolved, and made before the answer was known.

    `forecast`, `happened`: (forecasts,), of `counted`, in the order of entry. `interval`: of the Brier score, over
    questions resampled. `left_out`: the other forecasts, by reason. `voided`, `closed`: how many due questions are
    void, and how many are void or resolved.
    """

    today: date
    counted: tuple[Forecast, ...]
    forecast: Array
    happened: Array
    interval: tuple[float, float]
    parts: Partition
    area: float
    bins: tuple[Bin, ...]
    references: tuple[Reference, ...]
    by_question: tuple[QuestionScore, ...]
    left_out: dict[str, tuple[int, ...]]
    voided: int
    closed: int
    in_hindsight: tuple[int, ...]

    @cached_property
    def brier(self) -> float:
        """The mean Brier score, 0 to 1."""
        return float(squared_errors(self.forecast, self.happened).mean()) if self.counted else np.nan

    @cached_property
    def log_score(self) -> float:
        """The mean log score, in nats."""
        return float(surprises(self.forecast, self.happened).mean()) if self.counted else np.nan

    @property
    def infinite(self) -> tuple[int, ...]:
        """The forecasts that gave no chance to what happened."""
        lost = np.isinf(surprises(self.forecast, self.happened))
        return tuple(forecast.id for forecast, gone in zip(self.counted, lost, strict=True) if gone)

    @property
    def title(self) -> str:
        return f"Were we right? Scores on {self.today}"

    @property
    def answer(self) -> tuple[str, ...]:
        if not self.counted:
            return ("No forecast counts yet: none is due and resolved.", *self._about_the_rest())
        low, high = self.interval
        questions = len(self.by_question)
        sentences = [
            f"{number_of(len(self.counted), 'forecast')} on {number_of(questions, 'question')} count: Brier score "
            f"{self.brier:.3f} (0 is right and sure, 0.25 is always 50%, 1 is wrong and sure)."
        ]
        if questions < FEW:
            spread = (
                "no interval can be given"
                if np.isnan(low)
                else f"with others of their kind, {low:.3f} to {high:.3f} would be no surprise"
            )
            sentences.append(f"{'One question is' if questions == 1 else f'{questions} questions are'} few: {spread}.")
        sentences.append(
            f"On average they said {percent(float(self.forecast.mean()))}, and {percent(float(self.happened.mean()))} "
            "came true."
        )
        if not np.isnan(self.area):
            sentences.append(f"Of a yes and a no, the yes had the higher forecast in {percent(self.area)} of pairs.")
        sentences += [sentence for reference in self.references if (sentence := _against(reference))]
        if self.infinite:
            sentences.append(
                f"The log score is infinite: {_named(self.infinite)} gave no chance at all to what happened."
            )
            rest = np.isfinite(surprises(self.forecast, self.happened))
            if rest.any():
                others = float(surprises(self.forecast[rest], self.happened[rest]).mean())
                sentences.append(f"Without {'it' if len(self.infinite) == 1 else 'them'}, it is {others:.3f}.")
        return (*sentences, *self._about_the_rest())

    def _about_the_rest(self) -> list[str]:
        sentences = []
        if self.left_out:
            reasons = (f"{len(ids)} {reason} ({_numbers(ids)})" for reason, ids in self.left_out.items())
            sentences.append(f"Left out: {listed(reasons)}.")
        if self.voided:
            sentences.append(
                f"{self.voided} of {number_of(self.closed, 'question')} due and closed "
                f"{'is' if self.voided == 1 else 'are'} void ({percent(self.voided / self.closed)})."
            )
        if self.in_hindsight:
            kept = np.array([forecast.id not in self.in_hindsight for forecast in self.counted])
            if kept.any():
                others = float(squared_errors(self.forecast[kept], self.happened[kept]).mean())
                sentences.append(
                    f"Entered only after the answer was known: {_named(self.in_hindsight)}; the Brier score of the "
                    f"others is {others:.3f}."
                )
            else:
                sentences.append("All of them were entered only after the answer was known: they prove no foresight.")
        return sentences

    @property
    def tables(self) -> tuple[Table, ...]:
        return (self._scores(), self._references(), self._calibration(), self._questions(), self._left_out())

    def _scores(self) -> Table:
        columns = (
            Column("score", "score"),
            Column("value", "value", "number"),
            Column("low", "5 %", "number"),
            Column("high", "95 %", "number"),
            Column("meaning", "what it says"),
        )
        each = float(np.mean([question.standing for question in self.by_question])) if self.by_question else np.nan
        rows: tuple[tuple[Value, ...], ...] = (
            ("brier", self.brier, *self.interval, "mean squared distance from what happened; 0 is best"),
            ("reliability", self.parts.reliability, None, None, "calibration: said against seen; 0 is best"),
            ("resolution", self.parts.resolution, None, None, "how well cases are told apart; more is better"),
            ("uncertainty", self.parts.uncertainty, None, None, "how hard the questions were; nobody can change it"),
            ("area", self.area, None, None, "how often a yes had the higher forecast than a no; 0.5 is chance"),
            ("log", self.log_score, None, None, "minus log of what the actual answer was given; 0.693 is a coin"),
            ("brier_by_time", each, None, None, "a question counts once, its forecasts by how long they stood"),
        )
        return Table("scores", f"Scores of {number_of(len(self.counted), 'forecast')}", columns, rows)

    def _references(self) -> Table:
        columns = (
            Column("reference", "against"),
            Column("forecasts", "forecasts", "count"),
            Column("brier", "Brier", "number"),
            Column("other", "theirs", "number"),
            Column("skill", "skill", "share"),
            Column("low", "gain 5 %", "number"),
            Column("high", "gain 95 %", "number"),
        )
        rows = tuple((r.name, r.forecasts, r.brier, r.other, r.skill, r.low, r.high) for r in self.references)
        return Table("references", "Against simple references, on the forecasts that have one", columns, rows)

    def _calibration(self) -> Table:
        columns = (
            Column("forecast", "said", "share"),
            Column("happened", "came true", "share"),
            Column("low", "5 %", "share"),
            Column("high", "95 %", "share"),
            Column("forecasts", "forecasts", "count"),
            Column("questions", "questions", "count"),
        )
        rows = tuple((b.forecast, b.happened, b.low, b.high, b.forecasts, b.questions) for b in self.bins)
        return Table("calibration", "Calibration: what was said, by tenths, and what came true", columns, rows)

    def _questions(self) -> Table:
        columns = (
            Column("question", "id", "count"),
            Column("claim", "claim"),
            Column("forecasts", "forecasts", "count"),
            Column("happened", "came true"),
            Column("last", "last said", "share"),
            Column("brier", "Brier", "number"),
            Column("by_time", "by time", "number"),
        )
        rows = tuple(
            (q.question, q.claim, q.forecasts, q.happened, q.last, q.brier, q.standing) for q in self.by_question
        )
        return Table("questions", "By question, the best foreseen last", columns, rows)

    def _left_out(self) -> Table:
        columns = (Column("reason", "left out"), Column("forecasts", "forecasts", "count"), Column("ids", "which"))
        rows = tuple((reason, len(ids), _numbers(ids)) for reason, ids in self.left_out.items())
        return Table("left_out", "Forecasts that do not count", columns, rows)

    @property
    def notes(self) -> tuple[str, ...]:
        return (
            "Every forecast counts, not the last on its question only. Brier score: for yes or no, 0 to 1 (half of "
            "Brier 1950). Reliability, resolution and uncertainty group forecasts of equal probability: Brier = "
            "reliability − resolution + uncertainty (Murphy 1973). Log score: natural logarithm.",
            "5 % to 95 %: of the Brier score and of gains, by drawing whole questions again; in the calibration, "
            "Wilson intervals that take forecasts on one question as one answer. Gain: Brier score of the reference "
            "less ours. How often it was yes is a reference in hindsight: nobody knew it beforehand.",
        )


HINDSIGHT = "how often it was yes (hindsight)"


def score(entries: Entries, today: date, *, seed: int = 1) -> TrackRecord:
    """The scores of a ledger's forecasts on a day.

    A forecast counts once it is due and resolved, if it was made no later than the day on which the answer was known:
    one resolved early waits for its day, for a yes can come early and a no cannot. The references are the base rates
    stated with the forecasts, the previous forecast on the same question, and, in hindsight, the share of yes.

    Parameters
    ----------
    entries
        What the ledger holds.
    today
        The day (UTC).
    seed
        The seed for resampling questions; the same seed gives the same intervals.
    """
    counts: list[Forecast] = []
    left_out: dict[str, tuple[int, ...]] = {}
    for forecast in entries.forecasts:
        reason = _why_not(entries, forecast, today)
        if reason is None:
            counts.append(forecast)
        else:
            left_out[reason] = (*left_out.get(reason, ()), forecast.id)
    results = {question: outcome.result for question, outcome in entries.standing.items()}
    given = np.array([forecast.probability for forecast in counts])
    happened = np.array([float(results[forecast.question] == "yes") for forecast in counts])
    question = np.array([forecast.question for forecast in counts], dtype=np.int64)
    due = {f.question for f in entries.forecasts if f.due <= today and f.question in results}
    return TrackRecord(
        today=today,
        counted=tuple(counts),
        forecast=given,
        happened=happened,
        interval=resampled(squared_errors(given, happened), question, seed),
        parts=partition(given, happened) if counts else Partition(np.nan, np.nan, np.nan),
        area=discrimination(given, happened),
        bins=calibration(given, happened, question),
        references=_references(counts, given, happened, question, seed),
        by_question=_by_question(entries, counts),
        left_out=left_out,
        voided=sum(results[number] == "void" for number in due),
        closed=len(due),
        in_hindsight=tuple(f.id for f in counts if f.entered.date() > entries.standing[f.question].known),
    )


def _why_not(entries: Entries, forecast: Forecast, today: date) -> str | None:
    """Why a forecast does not count, or None if it does."""
    outcome = entries.standing.get(forecast.question)
    status = status_of(forecast, outcome, today)
    if outcome is None or status == "void":
        return {"open": "not due yet", "due": "due but not resolved"}.get(status, "void")
    if forecast.made.date() > outcome.known:
        return "made after the answer was known"
    return None if forecast.due <= today else "resolved before the due date"


def _references(
    counts: list[Forecast], given: Array, happened: Array, question: NDArray[np.int64], seed: int
) -> tuple[Reference, ...]:
    last: dict[int, float] = {}
    previous = np.full(len(counts), np.nan)
    for place in sorted(range(len(counts)), key=lambda place: (counts[place].made, counts[place].id)):
        previous[place] = last.get(counts[place].question, np.nan)
        last[counts[place].question] = given[place]
    stated = np.array([np.nan if f.base_rate is None else f.base_rate for f in counts])
    whole = np.full(len(counts), happened.mean() if counts else np.nan)
    references = []
    for name, other in (("stated base rate", stated), ("previous forecast", previous), (HINDSIGHT, whole)):
        kept = np.isfinite(other)
        if kept.any():
            ours, theirs = squared_errors(given[kept], happened[kept]), squared_errors(other[kept], happened[kept])
            gain = resampled(theirs - ours, question[kept], seed)
            references.append(Reference(name, int(kept.sum()), float(ours.mean()), float(theirs.mean()), *gain))
    return tuple(references)


def _by_question(entries: Entries, counts: list[Forecast]) -> tuple[QuestionScore, ...]:
    """Questions, the worst foreseen first; a forecast stands until the next, the last until known or due."""
    questions, counting = [], {forecast.id for forecast in counts}
    for number in dict.fromkeys(forecast.question for forecast in counts):
        outcome = entries.standing[number]
        on = [forecast for forecast in entries.on(number) if forecast.id in counting]
        happened = outcome.result == "yes"
        errors = squared_errors(np.array([f.probability for f in on]), np.full(len(on), float(happened)))
        end = datetime.combine(min(outcome.known, on[0].due) + timedelta(days=1), time(), UTC)
        until = [*(forecast.made for forecast in on[1:]), end]
        stood = np.array([(stop - f.made).total_seconds() for f, stop in zip(on, until, strict=True)])
        by_time = float(np.average(errors, weights=stood))
        last = on[-1].probability
        questions.append(QuestionScore(number, on[0].claim, len(on), happened, last, float(errors.mean()), by_time))
    return tuple(sorted(questions, key=lambda score: -score.brier))


def _against(reference: Reference) -> str | None:
    """One sentence on the forecasts against a reference known beforehand; None for the one in hindsight."""
    gain = reference.other - reference.brier
    sure = "" if reference.low > 0.0 or reference.high < 0.0 else ", which may be chance"
    size = f"{abs(gain):.3f}{sure}"
    on = number_of(reference.forecasts, "forecast")
    if reference.name == "stated base rate":
        if abs(gain) < 5e-4:
            return f"Against the base rate, on the {on} that state one, they are neither better nor worse."
        better = "better" if gain > 0.0 else "worse"
        return f"Against the base rate, on the {on} that state one, they are {better} by {size}."
    if reference.name == "previous forecast":
        if abs(gain) < 5e-4:
            return f"Updating neither helped nor hurt, over {on} that followed another."
        return f"Updating {'helped' if gain > 0.0 else 'hurt'}, over {on} that followed another, by {size}."
    return None


def _named(ids: tuple[int, ...]) -> str:
    return f"forecast{'s' * (len(ids) > 1)} {_numbers(ids)}"


def _numbers(ids: tuple[int, ...]) -> str:
    return listed(map(str, ids))
