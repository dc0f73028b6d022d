"""Scores of forecasts of several outcomes, of which one happens, for each way to forecast."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from offramp.study.forecasting.scores import discrimination, resampled, surprises

Array = NDArray[np.float64]
Int = NDArray[np.int64]


def log_scores(forecast: Array, outcome: Int) -> Array:
    """Minus the natural logarithm of the probability of what happened: (forecasts,); 0 is right and sure.

    `forecast`: (forecasts, outcomes); `outcome`: (forecasts,), positions.
    """
    given = np.take_along_axis(forecast, outcome[:, None], axis=1)[:, 0]
    return surprises(np.clip(given, 0.0, 1.0), np.ones(len(outcome)))


def brier_scores(forecast: Array, outcome: Int) -> Array:
    """Half of the sum over outcomes of the squared distance from what happened: (forecasts,), 0 to 1.

    Half of Brier (1950), equation 2. With two outcomes it is `scores.squared_errors`.

    Examples
    --------
    >>> brier_scores(np.array([[0.75, 0.25, 0.0], [0.75, 0.25, 0.0]]), np.array([0, 2]))
    array([0.0625, 0.8125])
    """
    happened = outcome[:, None] == np.arange(forecast.shape[1])
    return np.asarray(np.square(forecast - happened).sum(axis=1) / 2.0)


@dataclass(frozen=True)
class RivalScore:
    """Scores of a way to forecast, and of the crisis on the same cases.

    `forecasts`: how many cases it forecast. `log_gain`, `brier_gain`: how much lower, which is better, the crisis's
    mean score is, and the 90 % interval of that over times resampled. `first_guess`: how often its likeliest outcome
    happened.
    """

    name: str
    forecasts: int
    log: float
    brier: float
    first_guess: float
    log_gain: tuple[float, float, float]
    brier_gain: tuple[float, float, float]


def rival_score(name: str, ours: Array, theirs: Array, outcome: Int, origin: Int, seed: int) -> RivalScore:
    """Score a rival, and us against it, on the cases that it has forecast.

    `ours`, `theirs`: (forecasts, outcomes), NaN where the rival has none; `origin`: (forecasts,), the fit that each
    forecast is of.
    """
    kept = np.isfinite(theirs).all(axis=1)
    ours, theirs, outcome, origin = ours[kept], theirs[kept], outcome[kept], origin[kept]
    if not kept.any():
        nothing = (np.nan, np.nan, np.nan)
        return RivalScore(name, 0, np.nan, np.nan, np.nan, nothing, nothing)

    def gain(scores: tuple[Array, Array]) -> tuple[float, float, float]:
        with np.errstate(invalid="ignore"):
            difference = scores[1] - scores[0]
        if not np.isfinite(difference).all():
            return float(difference.mean()), np.nan, np.nan
        return (float(difference.mean()), *resampled(difference, origin, seed))

    logs = log_scores(ours, outcome), log_scores(theirs, outcome)
    briers = brier_scores(ours, outcome), brier_scores(theirs, outcome)
    return RivalScore(
        name,
        len(outcome),
        float(logs[1].mean()),
        float(briers[1].mean()),
        float((theirs.argmax(axis=1) == outcome).mean()),
        gain(logs),
        gain(briers),
    )


@dataclass(frozen=True)
class OutcomeScore:
    """How one outcome was forecast.

    `happened`: the share of cases that had it. By way to forecast: `said`, the mean forecast; `area`, how often a case
    that had it got a higher forecast than one that had not (the area under the ROC curve).
    """

    name: str
    happened: float
    said: tuple[float, ...]
    area: tuple[float, ...]


def outcome_score(name: str, place: int, forecasts: tuple[Array, ...], outcome: Int) -> OutcomeScore:
    """Score one outcome for several ways to forecast; NaN forecasts do not count."""
    said, area = [], []
    for forecast in forecasts:
        kept = np.isfinite(forecast[:, place])
        happened = (outcome[kept] == place).astype(np.float64)
        said.append(float(forecast[kept, place].mean()) if kept.any() else np.nan)
        area.append(discrimination(forecast[kept, place], happened) if kept.any() else np.nan)
    return OutcomeScore(name, float((outcome == place).mean()), tuple(said), tuple(area))
