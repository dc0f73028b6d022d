"""Draws weighted by the likelihood of the evidence: means, intervals and errors under weights.

Each converged draw has weight 1 before anything is observed, and its likelihood as weight after that (importance
sampling from the prior; Rubin 1988). Within a draw, uncertainty is summed over exactly; only the draws are a sample.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from offramp.runs.result import Interval

Array = NDArray[np.float64]


def effective(weights: Array) -> float:
    """The effective sample size of weights: (sum w)^2 / sum w^2 (Kish 1965, section 11.7).

    Examples
    --------
    >>> effective(np.array([1.0, 1.0, 1.0, 1.0])), effective(np.array([1.0, 1.0, 0.0, 0.0]))
    (4.0, 2.0)
    """
    return float(weights.sum() ** 2 / (weights**2).sum())


def mean_of(joint: Array, weights: Array) -> float:
    """The posterior mean of a probability, from its product with each draw's weight, (draws,)."""
    return float(joint.sum() / weights.sum())


def interval_of(joint: Array, weights: Array) -> Interval:
    """A quantity over weighted draws, from its product with each draw's weight, (draws,): mean and quantiles."""
    possible = weights > 0.0
    shares, counting = joint[possible] / weights[possible], weights[possible]
    levels = [0.05, 0.5, 0.95]
    if (counting == counting[0]).all():
        p05, p50, p95 = np.quantile(shares, levels)
    else:
        p05, p50, p95 = np.quantile(shares, levels, weights=counting, method="inverted_cdf")
    return Interval(mean_of(joint, weights), float(p05), float(p50), float(p95))


def influence(joint: Array, weights: Array) -> Array:
    """The influence of each draw on the posterior mean, times the number of draws: (draws,) (Hampel 1974)."""
    return np.asarray((joint - mean_of(joint, weights) * weights) / weights.mean())


def standard_error(influences: Array) -> float:
    """The standard error of a statistic with these influences, for independent draws (the delta method).

    Draws of a Sobol sequence are more even, so it errs to the safe side.
    """
    return float(np.sqrt((influences**2).mean() / len(influences)))
