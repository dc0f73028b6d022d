"""Proper scores of yes-or-no probability forecasts, and their parts, on plain arrays.

Everywhere `forecast` is (forecasts,), the probability of yes; `happened` (forecasts,), 1 for yes and 0 for no;
`question` (forecasts,), whole numbers, equal for forecasts on one question.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Numbers = NDArray[np.int64]

LEVEL = 0.9
"""Probability that an interval covers: 5 % to 95 %, as everywhere in Offramp."""
NORMAL = 1.6448536269514722
"""The 95 % quantile of the standard normal distribution."""
RESAMPLED = 4_000
"""Number of bootstrap samples of the questions for an interval."""


def squared_errors(forecast: Array, happened: Array) -> Array:
    """The Brier score of each forecast, 0 (right and sure) to 1 (wrong and sure).

    Half of the sum over both answers in Brier (1950), *Verification of forecasts expressed in terms of probability*,
    equation 2, which goes from 0 to 2.
    """
    return np.square(forecast - happened)


def surprises(forecast: Array, happened: Array) -> Array:
    """The log score of each forecast: minus the natural logarithm of the probability of what happened (Good 1952).

    0 is right and sure; infinity is a probability of zero for what happened.

    Examples
    --------
    >>> surprises(np.array([1.0, 0.5, 0.0]), np.array([1.0, 0.0, 1.0])).round(3)
    array([0.   , 0.693,   inf])
    """
    with np.errstate(divide="ignore"):
        return 0.0 - np.log(np.where(happened > 0.0, forecast, 1.0 - forecast))


@dataclass(frozen=True)
class Partition:
    """The parts of a Brier score, which is reliability - resolution + uncertainty.

    `reliability`: how far each probability lies from how often it came true (calibration; 0 is best). `resolution`:
    how much the share that came true differs between probabilities (discrimination; more is better). `uncertainty`: the
    Brier score of always giving the overall share of yes; no forecaster can change it.
    """

    reliability: float
    resolution: float
    uncertainty: float


def partition(forecast: Array, happened: Array) -> Partition:
    """The parts of the Brier score (Murphy 1973, *A new vector partition of the probability score*, equation 11).

    Forecasts are grouped by equal probability, so that the parts add up to the score exactly.

    Examples
    --------
    >>> partition(np.array([0.5, 0.5, 1.0, 1.0]), np.array([0.0, 1.0, 1.0, 1.0]))
    Partition(reliability=0.0, resolution=0.0625, uncertainty=0.1875)
    """
    given, group = np.unique(forecast, return_inverse=True)
    count = np.bincount(group)
    share, mean = np.bincount(group, weights=happened) / count, float(np.mean(happened))
    reliability, resolution = (float(count @ np.square(share - other)) / len(forecast) for other in (given, mean))
    return Partition(reliability, resolution, mean * (1.0 - mean))


def discrimination(forecast: Array, happened: Array) -> float:
    """The probability that a yes had the higher forecast than a no, ties counting half: the area under the ROC curve.

    By ranks (Mason & Graham 2002, *Areas beneath the relative operating characteristics and levels curves*); NaN
    if all answers are the same.

    Examples
    --------
    >>> discrimination(np.array([0.2, 0.2, 0.9]), np.array([0.0, 1.0, 1.0]))
    0.75
    """
    from scipy.stats import rankdata

    yes = float(happened.sum())
    no = len(happened) - yes
    if not yes or not no:
        return np.nan
    return float((rankdata(forecast)[happened > 0.0].sum() - yes * (yes + 1.0) / 2.0) / (yes * no))


@dataclass(frozen=True)
class Bin:
    """Forecasts of about the same probability: their mean, the share of yes, and the interval of that share.

    `tenth`: 0 for those below 10 %, 9 for those from 90 % on.
    """

    tenth: int
    forecast: float
    happened: float
    low: float
    high: float
    forecasts: int
    questions: int


def calibration(forecast: Array, happened: Array, question: Numbers) -> tuple[Bin, ...]:
    """Forecasts by tenths of probability, 0 to below 10 %, ..., 90 to 100 %, without empty tenths.

    Forecasts on one question share one answer, so the interval uses the effective number of answers,
    (sum m)^2 / sum m^2 for m forecasts on each question (Kish 1965, *Survey Sampling*).
    """
    tenth = np.digitize(forecast, np.arange(1, 10) / 10.0)
    bins = []
    for number in np.unique(tenth):
        within = tenth == number
        each = np.unique(question[within], return_counts=True)[1]
        share = float(happened[within].mean())
        low, high = wilson(share, float(each.sum() ** 2 / np.square(each).sum()))
        bins.append(Bin(int(number), float(forecast[within].mean()), share, low, high, int(within.sum()), len(each)))
    return tuple(bins)


def wilson(share: float, count: float) -> tuple[float, float]:
    """The `LEVEL` interval of a probability, given a `share` observed in `count` trials (Wilson 1927).

    Examples
    --------
    >>> low, high = wilson(0.0, 10)
    >>> round(low, 3), round(high, 3)
    (0.0, 0.213)
    """
    squared = NORMAL**2 / count
    middle = (share + squared / 2.0) / (1.0 + squared)
    half = NORMAL / (1.0 + squared) * np.sqrt(share * (1.0 - share) / count + squared / count / 4.0)
    return max(0.0, float(middle - half)), min(1.0, float(middle + half))


def resampled(values: Array, question: Numbers, seed: int) -> tuple[float, float]:
    """The interval of the mean of values, (forecasts,), if the questions were others of their kind.

    A bootstrap that draws whole questions (Davison & Hinkley 1997, *Bootstrap Methods*, 3.8), 5 to 95 %; NaN for fewer
    than two questions, and if a value is infinite, as the score of a forecast of zero for what happened.
    """
    number = np.unique(question, return_inverse=True)[1]
    sums, counts = np.bincount(number, weights=values), np.bincount(number)
    if len(sums) < 2 or not np.isfinite(sums).all():
        return np.nan, np.nan
    drawn = np.random.default_rng(seed).integers(len(sums), size=(RESAMPLED, len(sums)))
    means = sums[drawn].sum(axis=1) / counts[drawn].sum(axis=1)
    low, high = np.quantile(means, [(1.0 - LEVEL) / 2.0, (1.0 + LEVEL) / 2.0])
    return float(low), float(high)
