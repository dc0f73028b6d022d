"""The mean log score of a version of all crises, against one that needs no model."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from offramp.common.numerals import quantity
from offramp.common.texts import tr, trn
from offramp.crisis.names import capital
from offramp.study.forecasting.scores import resampled
from offramp.study.known_outcomes.crisis_score import REFERENCES
from offramp.study.known_outcomes.version_score import VERSIONS

EVENTS, ENDING = "events", "the ending"
AT_RANDOM = "play at random"
SUBJECTS = {EVENTS: tr("events"), ENDING: tr("the ending")}
AGAINST = {AT_RANDOM: tr("play at random"), **REFERENCES}
"""What readers call what is scored, and what it is compared with."""


@dataclass(frozen=True)
class PooledScore:
    """The mean log score of a version over all crises, that of a reference, and the gain on it.

    `low` to `high`: the interval of the gain, reference less model, over crises resampled; NaN for one crisis.
    """

    version: str
    subject: str
    against: str
    forecasts: int
    crises: int
    ours: float
    theirs: float
    low: float
    high: float

    @property
    def gain(self) -> float:
        """By how much the model's mean log score is lower, which is better."""
        return self.theirs - self.ours


def pool(version: str, subject: str, against: str, scores: list[tuple[int, float, float]], seed: int) -> PooledScore:
    """Pool log scores, ours and the reference's, by the number of their crisis."""
    crisis, ours, theirs = (np.array(values) for values in zip(*scores, strict=True))
    low, high = resampled(theirs - ours, crisis.astype(np.int64), seed)
    many = len(np.unique(crisis))
    return PooledScore(
        version, subject, against, len(scores), many, float(ours.mean()), float(theirs.mean()), low, high
    )


def in_words(score: PooledScore) -> str:
    """One sentence: both scores, and which is better."""
    if score.subject == EVENTS:
        subject = trn("{count} event", "{count} events", score.forecasts)
    else:
        subject = tr("the ending before any event")
    values = {
        "version": capital(VERSIONS[score.version]),
        "subject": subject,
        "crises": trn("{count} crisis", "{count} crises", score.crises),
        "scores": tr(
            "log score {ours}, {reference} {theirs}",
            ours=quantity(score.ours),
            reference=AGAINST[score.against],
            theirs=quantity(score.theirs),
        ),
        "verdict": _verdict(score.gain),
    }
    if not score.gain or np.isnan(score.low):
        return tr("{version}, {subject} ({crises}): {scores}; {verdict}.", **values)
    interval = _interval(score.low, score.high)
    return tr("{version}, {subject} ({crises}): {scores}; {verdict} ({interval}).", **values, interval=interval)


def _verdict(gain: float) -> str:
    if gain > 0.0:
        return tr("it is better by {gain}", gain=quantity(gain))
    if gain < 0.0:
        return tr("it is worse by {loss}", loss=quantity(-gain))
    return tr("it is neither better nor worse")


def _interval(low: float, high: float) -> str:
    if low <= 0.0 <= high:
        return tr(
            "90% interval of the gain {low} to {high}, which may be chance", low=quantity(low), high=quantity(high)
        )
    return tr("90% interval of the gain {low} to {high}", low=quantity(low), high=quantity(high))
