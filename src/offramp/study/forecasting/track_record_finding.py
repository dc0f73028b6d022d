"""The scores of the forecasts of a ledger, in sentences and tables."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from offramp.common.numerals import percent
from offramp.common.texts import tr, trn
from offramp.common.words import listed
from offramp.study.finding import Column, Finding, Table
from offramp.study.forecasting.ledger_entries import Forecast
from offramp.study.forecasting.scores import Bin, Partition, squared_errors, surprises

Array = NDArray[np.float64]

FEW = 30
"""Below this number of questions the answer says that they are few."""
STATED, PREVIOUS, HINDSIGHT = "stated base rate", "previous forecast", "how often it was yes (hindsight)"
REFERENCES = {
    STATED: tr("stated base rate"),
    PREVIOUS: tr("previous forecast"),
    HINDSIGHT: tr("how often it was yes (hindsight)"),
}
"""What the forecasts are compared with."""
NOT_DUE, UNRESOLVED, VOID = "not due yet", "due but not resolved", "void"
AFTERWARDS, EARLY = "made after the answer was known", "resolved before the due date"
ENTERED_AFTER = "entered after the outcome"
REASONS = {
    NOT_DUE: tr("not due yet"),
    UNRESOLVED: tr("due but not resolved"),
    VOID: tr("void"),
    AFTERWARDS: tr("made after the answer was known"),
    ENTERED_AFTER: tr("entered after the outcome"),
    EARLY: tr("resolved before the due date"),
}
"""Why forecasts do not count."""
SCORES = {
    "brier": tr("Brier"),
    "reliability": tr("reliability"),
    "resolution": tr("resolution"),
    "uncertainty": tr("uncertainty"),
    "area": tr("area under the curve"),
    "log": tr("log score"),
    "brier_by_time": tr("Brier by time"),
}
MEANINGS = {
    "brier": tr("mean squared distance from what happened; 0 is best"),
    "reliability": tr("calibration: said against seen; 0 is best"),
    "resolution": tr("how well cases are told apart; more is better"),
    "uncertainty": tr("how hard the questions were; nobody can change it"),
    "area": tr("how often a yes had the higher forecast than a no; 0.5 is chance"),
    "log": tr("minus log of what the actual answer was given; 0.693 is a coin"),
    "brier_by_time": tr("a question counts once, its forecasts by how long they stood"),
}


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
    void, and how many are void or resolved. `next_due`: the first due day of those that are not due yet, if any.
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
    next_due: date | None

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
        return tr("Were we right? Scores on {day}", day=self.today)

    @property
    def answer(self) -> tuple[str, ...]:
        if not self.counted:
            none = tr("No forecast counts yet: none is due and resolved.")
            return (none, *self._what_is_next(), *self._about_the_rest())
        forecasts = trn("{count} forecast", "{count} forecasts", len(self.counted))
        questions = trn("{count} question", "{count} questions", len(self.by_question))
        sentences = [
            tr(
                "{forecasts} on {questions} count: Brier score {score} (0 is right and sure, 0.25 is always 50%, 1 is "
                "wrong and sure).",
                forecasts=forecasts, questions=questions, score=_to_three(self.brier),
            )
        ]  # fmt: skip
        if len(self.by_question) < FEW:
            sentences.append(self._few())
        said, true = percent(float(self.forecast.mean())), percent(float(self.happened.mean()))
        sentences.append(tr("On average they said {said}, and {true} came true.", said=said, true=true))
        if not np.isnan(self.area):
            share = percent(self.area)
            sentences.append(tr("Of a yes and a no, the yes had the higher forecast in {share} of pairs.", share=share))
        sentences += [sentence for reference in self.references if (sentence := _against(reference))]
        if self.infinite:
            sentences += self._infinitely_wrong()
        return (*sentences, *self._about_the_rest())

    def _what_is_next(self) -> Iterator[str]:
        """What is missing before the first forecast counts, and the command that enters it."""
        if UNRESOLVED in self.left_out:
            number = self.left_out[UNRESOLVED][0]
            yield tr(
                "Enter what happened to those that are due: `offramp forecast resolve {number} yes|no`.", number=number
            )
        elif self.next_due is not None:
            yield tr(
                "The first is due on {day}; from then on enter what happened: `offramp forecast resolve`.",
                day=self.next_due,
            )
        elif not self.left_out:
            yield tr("Enter a forecast first: `offramp forecast add`.")

    def _few(self) -> str:
        """That the questions are few, and what that means for the score."""
        questions, (low, high) = len(self.by_question), self.interval
        if np.isnan(low):
            return trn(
                "One question is few: no interval can be given.",
                "{count} questions are few: no interval can be given.",
                questions,
            )
        return trn(
            "One question is few: with others of their kind, {low} to {high} would be no surprise.",
            "{count} questions are few: with others of their kind, {low} to {high} would be no surprise.",
            questions, low=_to_three(low), high=_to_three(high),
        )  # fmt: skip

    def _infinitely_wrong(self) -> Iterator[str]:
        """The forecasts that make the log score infinite, and the score of the others."""
        count = len(self.infinite)
        yield trn(
            "The log score is infinite: forecast {numbers} gave no chance at all to what happened.",
            "The log score is infinite: forecasts {numbers} gave no chance at all to what happened.",
            count, numbers=_numbers(self.infinite),
        )  # fmt: skip
        rest = np.isfinite(surprises(self.forecast, self.happened))
        if rest.any():
            others = float(surprises(self.forecast[rest], self.happened[rest]).mean())
            yield trn("Without it, it is {score}.", "Without them, it is {score}.", count, score=_to_three(others))

    def _about_the_rest(self) -> Iterator[str]:
        if self.left_out:
            reasons = listed(_left_out(reason, ids) for reason, ids in self.left_out.items())
            yield tr("Left out: {reasons}.", reasons=reasons)
        if self.voided:
            yield trn(
                "{count} of {questions} due and closed is void ({share}).",
                "{count} of {questions} due and closed are void ({share}).",
                self.voided, questions=trn("{count} question", "{count} questions", self.closed),
                share=percent(self.voided / self.closed),
            )  # fmt: skip
        if self.in_hindsight:
            kept = np.array([forecast.id not in self.in_hindsight for forecast in self.counted])
            if kept.any():
                others = float(squared_errors(self.forecast[kept], self.happened[kept]).mean())
                yield trn(
                    "Entered only after the answer was known: forecast {numbers}; the Brier score of the others is "
                    "{score}.",
                    "Entered only after the answer was known: forecasts {numbers}; the Brier score of the others is "
                    "{score}.",
                    len(self.in_hindsight), numbers=_numbers(self.in_hindsight), score=_to_three(others),
                )  # fmt: skip
            else:
                yield tr("All of them were entered only after the answer was known: they prove no foresight.")

    @property
    def tables(self) -> tuple[Table, ...]:
        return (self._scores(), self._references(), self._calibration(), self._questions(), self._left_out())

    def _scores(self) -> Table:
        columns = (
            Column("score", tr("score"), names=SCORES),
            Column("value", tr("value"), "number"),
            Column("low", tr("5 %"), "number"),
            Column("high", tr("95 %"), "number"),
            Column("meaning", tr("what it says")),
        )
        each = float(np.mean([question.standing for question in self.by_question])) if self.by_question else np.nan
        scored = {
            "brier": (self.brier, *self.interval),
            "reliability": (self.parts.reliability, None, None),
            "resolution": (self.parts.resolution, None, None),
            "uncertainty": (self.parts.uncertainty, None, None),
            "area": (self.area, None, None),
            "log": (self.log_score, None, None),
            "brier_by_time": (each, None, None),
        }
        rows = tuple((name, *values, MEANINGS[name]) for name, values in scored.items() if self.counted)
        scores = trn("Scores of {count} forecast", "Scores of {count} forecasts", len(self.counted))
        return Table("scores", scores, columns, rows)

    def _references(self) -> Table:
        columns = (
            Column("reference", tr("against"), names=REFERENCES),
            Column("forecasts", tr("forecasts"), "count"),
            Column("brier", tr("Brier"), "number"),
            Column("other", tr("theirs"), "number"),
            Column("skill", tr("skill"), "share"),
            Column("low", tr("gain 5 %"), "number"),
            Column("high", tr("gain 95 %"), "number"),
        )
        rows = tuple((r.name, r.forecasts, r.brier, r.other, r.skill, r.low, r.high) for r in self.references)
        return Table("references", tr("Against simple references, on the forecasts that have one"), columns, rows)

    def _calibration(self) -> Table:
        columns = (
            Column("forecast", tr("said"), "share"),
            Column("happened", tr("came true"), "share"),
            Column("low", tr("5 %"), "share"),
            Column("high", tr("95 %"), "share"),
            Column("forecasts", tr("forecasts"), "count"),
            Column("questions", tr("questions"), "count"),
        )
        rows = tuple((b.forecast, b.happened, b.low, b.high, b.forecasts, b.questions) for b in self.bins)
        return Table("calibration", tr("Calibration: what was said, by tenths, and what came true"), columns, rows)

    def _questions(self) -> Table:
        columns = (
            Column("question", tr("id"), "count"),
            Column("claim", tr("claim")),
            Column("forecasts", tr("forecasts"), "count"),
            Column("happened", tr("came true")),
            Column("last", tr("last said"), "share"),
            Column("brier", tr("Brier"), "number"),
            Column("by_time", tr("by time"), "number"),
        )
        rows = tuple(
            (q.question, q.claim, q.forecasts, q.happened, q.last, q.brier, q.standing) for q in self.by_question
        )
        return Table("questions", tr("By question, the best foreseen last"), columns, rows)

    def _left_out(self) -> Table:
        columns = (
            Column("reason", tr("left out"), names=REASONS),
            Column("forecasts", tr("forecasts"), "count"),
            Column("ids", tr("which")),
        )
        rows = tuple((reason, len(ids), _numbers(ids)) for reason, ids in self.left_out.items())
        return Table("left_out", tr("Forecasts that do not count"), columns, rows)

    @property
    def notes(self) -> tuple[str, ...]:
        if not self.counted:
            return ()
        return (
            tr(
                "Every forecast counts, not the last on its question only. Brier score: for yes or no, 0 to 1 (half of "
                "Brier 1950). Reliability, resolution and uncertainty group forecasts of equal probability: Brier = "
                "reliability − resolution + uncertainty (Murphy 1973). Log score: natural logarithm."
            ),
            tr(
                "5 % to 95 %: of the Brier score and of gains, by drawing whole questions again; in the calibration, "
                "Wilson intervals that take forecasts on one question as one answer. Gain: Brier score of the "
                "reference less ours. How often it was yes is a reference in hindsight: nobody knew it beforehand."
            ),
        )


def _against(reference: Reference) -> str | None:
    """One sentence on the forecasts against a reference known beforehand; None for the one in hindsight."""
    gain, count = reference.other - reference.brier, reference.forecasts
    size = _to_three(abs(gain))
    if not (reference.low > 0.0 or reference.high < 0.0):
        size = tr("{difference}, which may be chance", difference=size)
    if reference.name == STATED:
        if abs(gain) < 5e-4:
            return trn(
                "Against the base rate, on the {count} forecast that state one, they are neither better nor worse.",
                "Against the base rate, on the {count} forecasts that state one, they are neither better nor worse.",
                count,
            )
        if gain > 0.0:
            return trn(
                "Against the base rate, on the {count} forecast that state one, they are better by {difference}.",
                "Against the base rate, on the {count} forecasts that state one, they are better by {difference}.",
                count, difference=size,
            )  # fmt: skip
        return trn(
            "Against the base rate, on the {count} forecast that state one, they are worse by {difference}.",
            "Against the base rate, on the {count} forecasts that state one, they are worse by {difference}.",
            count, difference=size,
        )  # fmt: skip
    if reference.name == PREVIOUS:
        if abs(gain) < 5e-4:
            return trn(
                "Updating neither helped nor hurt, over {count} forecast that followed another.",
                "Updating neither helped nor hurt, over {count} forecasts that followed another.",
                count,
            )
        if gain > 0.0:
            return trn(
                "Updating helped, over {count} forecast that followed another, by {difference}.",
                "Updating helped, over {count} forecasts that followed another, by {difference}.",
                count, difference=size,
            )  # fmt: skip
        return trn(
            "Updating hurt, over {count} forecast that followed another, by {difference}.",
            "Updating hurt, over {count} forecasts that followed another, by {difference}.",
            count, difference=size,
        )  # fmt: skip
    return None


def _left_out(reason: str, ids: tuple[int, ...]) -> str:
    """How many forecasts do not count for a reason, and which."""
    count, numbers = len(ids), _numbers(ids)
    if reason == NOT_DUE:
        return trn("{count} not due yet ({numbers})", "{count} not due yet ({numbers})", count, numbers=numbers)
    if reason == UNRESOLVED:
        return trn(
            "{count} due but not resolved ({numbers})", "{count} due but not resolved ({numbers})",
            count, numbers=numbers,
        )  # fmt: skip
    if reason == AFTERWARDS:
        return trn(
            "{count} made after the answer was known ({numbers})",
            "{count} made after the answer was known ({numbers})",
            count, numbers=numbers,
        )  # fmt: skip
    if reason == ENTERED_AFTER:
        return trn(
            "{count} entered after the outcome ({numbers})", "{count} entered after the outcome ({numbers})",
            count, numbers=numbers,
        )  # fmt: skip
    if reason == EARLY:
        return trn(
            "{count} resolved before the due date ({numbers})", "{count} resolved before the due date ({numbers})",
            count, numbers=numbers,
        )  # fmt: skip
    return trn("{count} void ({numbers})", "{count} void ({numbers})", count, numbers=numbers)


def _numbers(ids: tuple[int, ...]) -> str:
    return listed(map(str, ids))


def _to_three(score: float) -> str:
    return f"{score:.3f}"
