"""Were we right? The forecasts of a ledger, scored by proper scores against what happened."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import numpy as np
from numpy.typing import NDArray

from offramp.study.forecasting.forecasts import status_of
from offramp.study.forecasting.ledger_entries import Entries, Forecast
from offramp.study.forecasting.scores import (
    Partition,
    calibration,
    discrimination,
    partition,
    resampled,
    squared_errors,
)
from offramp.study.forecasting.track_record_finding import (
    AFTERWARDS,
    EARLY,
    ENTERED_AFTER,
    HINDSIGHT,
    NOT_DUE,
    PREVIOUS,
    STATED,
    UNRESOLVED,
    VOID,
    QuestionScore,
    Reference,
    TrackRecord,
)

Array = NDArray[np.float64]


def score(entries: Entries, today: date, *, seed: int = 1) -> TrackRecord:
    """The scores of a ledger's forecasts on a day.

    A forecast counts once it is due and resolved, if it was made no later than the day on which the answer was known
    and was entered before any outcome: one resolved early waits for its day, for a yes can come early and a no cannot.
    The references are the base rates stated with the forecasts, the previous forecast on the same question, and, in
    hindsight, the share of yes.

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
        next_due=min((f.due for f in entries.forecasts if f.id in left_out.get(NOT_DUE, ())), default=None),
    )


def _why_not(entries: Entries, forecast: Forecast, today: date) -> str | None:
    """Why a forecast does not count, or None if it does."""
    outcome = entries.standing.get(forecast.question)
    status = status_of(forecast, outcome, today)
    if outcome is None or status == "void":
        return {"open": NOT_DUE, "due": UNRESOLVED}.get(status, VOID)
    if forecast.made.date() > outcome.known:
        return AFTERWARDS
    if entries.entered_too_late(forecast):
        return ENTERED_AFTER
    return None if forecast.due <= today else EARLY


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
    for name, other in ((STATED, stated), (PREVIOUS, previous), (HINDSIGHT, whole)):
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
