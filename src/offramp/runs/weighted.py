"""Draws weighted by the likelihood of the evidence: means, intervals and errors under weights.

Each converged draw has weight 1 before anything is observed, and its likelihood as weight after that (importance
sampling from the prior; Rubin 1988). Within a draw, uncertainty is summed over exactly; only the draws are a sample.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from offramp.common.errors import UsageError
from offramp.common.numerals import percent
from offramp.crisis.model import Crisis
from offramp.crisis.names import names_of
from offramp.runs.sampling import MAX_DRAWS

Array = NDArray[np.float64]

FLOOR = 100.0
"""With fewer effective draws no numbers are given: the standard error of a share could exceed 0.05, and at most five
draws would lie beyond either end of an interval."""
SAFETY = 2.0
"""Safety factor on the advised number of draws: small samples overestimate the effective sample size, because the
highest-weight draws are rare."""


class TooFewDrawsError(UsageError):
    """The draws that explain what is known are worth too little.

    `needed`: the number of draws that is enough; None if none is.
    """

    def __init__(self, message: str, needed: int | None) -> None:
        super().__init__(message)
        self.needed = needed


@dataclass(frozen=True)
class Interval:
    """A quantity over the converged draws: its mean, and the 5, 50 and 95 % quantiles."""

    mean: float
    p05: float
    p50: float
    p95: float


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


def check_known(weights: Array, crisis: Crisis, *, least: float = FLOOR) -> None:
    """Raise TooFewDrawsError if too few draws, or none, explain what is known as of now.

    `weights`: of those that converged; `least` as in `check_effective`; no draws at all are no mistake.
    """
    if len(weights):
        check_effective(weights, np.ones(len(weights)), names_of(crisis).all_known(crisis.facts), least=least)


def check_effective(weights: Array, earlier: Array, facts: str, *, least: float = FLOOR) -> None:
    """Raise TooFewDrawsError if too few draws, or none, are left that explain what is known.

    Parameters
    ----------
    weights, earlier
        (draws,), each draw's weight, and its weight before the last fact.
    facts
        The last fact, in words.
    least
        The smallest effective sample size.
    """
    if not weights.any():
        before = "" if (earlier == 1.0).all() else " after what was observed before it"
        raise TooFewDrawsError(
            f"the model holds it impossible, in every draw, that {facts} came about{before}: "
            "no input can explain it; correct `observed`, or change the timeline and run again",
            None,
        )
    left = effective(weights)
    if left < least:
        power = 2 ** int(np.ceil(np.log2(SAFETY * len(weights) * least / left)))
        needed = power if power <= MAX_DRAWS else None
        remedy = (
            f"run again with --draws {needed}"
            if needed
            else "no number of draws would do: change the inputs or the timeline, and run again"
        )
        raise TooFewDrawsError(
            f"after {facts}, which the model held {percent(float(weights.sum() / earlier.sum()))} likely, the draws "
            f"that fit are worth only {left:.0f} of {len(weights):,} (effective sample size; at least {least:.0f} "
            f"are needed): {remedy}",
            needed,
        )


def influence(joint: Array, weights: Array) -> Array:
    """The influence of each draw on the posterior mean, times the number of draws: (draws,) (Hampel 1974)."""
    return np.asarray((joint - mean_of(joint, weights) * weights) / weights.mean())


def standard_error(influences: Array) -> float:
    """The standard error of a statistic with these influences, for independent draws (the delta method).

    Draws of a Sobol sequence are more even, so it errs to the safe side.
    """
    return float(np.sqrt((influences**2).mean() / len(influences)))
