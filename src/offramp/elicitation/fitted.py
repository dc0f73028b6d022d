"""A pool as a distribution of the crisis language: `percentiles(...)`, and how far it is from the pool."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

import numpy as np

from offramp.crisis.distribution import LOWEST_LEVEL, Distribution, from_expression
from offramp.crisis.editor.rewriting import written
from offramp.crisis.expressions.grammar import ExpressionError, parse
from offramp.elicitation.minimal_information import Curve
from offramp.elicitation.panel import PanelQuestion

WRITTEN = (0.1, 0.5, 0.9)
"""The probabilities of the percentiles that `percentiles(...)` takes."""
DIGITS = 4
"""A number is written with this many digits of the distance from p10 to p90."""
LEVELS = np.concatenate([[LOWEST_LEVEL], np.linspace(0.0, 1.0, 20_001)[1:-1], [1.0 - LOWEST_LEVEL]])


@dataclass(frozen=True)
class FittedDistribution:
    """The text of a distribution near a pool; `error`: the largest difference in probability, rounded up to 0.001."""

    text: str
    error: float


def fit(question: PanelQuestion, pool: Curve) -> FittedDistribution | None:
    """The smooth distribution with the pool's p10, p50 and p90 that is nearest to it; None if there is none.

    A natural bound is a bound of the distribution. On a side without one, no bound, the end of the pool or, on a
    logarithmic scale, 0 is taken, whichever is nearest to the pool.
    """
    fits = [(error_of(distribution, pool), text) for text, distribution in _candidates(question, pool)]
    if not fits:
        return None
    error, text = min(fits, key=lambda fitted: fitted[0])
    return FittedDistribution(text, math.ceil(round(1000.0 * error, 6)) / 1000.0)


def error_of(distribution: Distribution, pool: Curve) -> float:
    """The largest difference of two distribution functions, to 0.00005: Kolmogorov's distance.

    It is the largest |F(q(u)) - u| over levels u, with F of the pool and the quantiles q of the distribution.
    """
    return float(np.max(np.abs(pool.cdf(distribution.quantile(LEVELS)) - LEVELS)))


def _candidates(question: PanelQuestion, pool: Curve) -> Iterator[tuple[str, Distribution]]:
    """The smooth distributions with the pool's percentiles, and their text in the language."""
    p10, p50, p90 = pool.quantile(WRITTEN).tolist()
    decimals = DIGITS - 1 - math.floor(math.log10(p90 - p10))
    low, high = pool.range
    lows = (question.low,) if question.low is not None else (None, 0.0, low) if question.log else (None, low)
    highs = (question.high,) if question.high is not None else (None, high)
    for lowest, highest in product(lows, highs):
        values = [written(round(value, decimals)) for value in (p10, p50, p90)]
        for name, value, natural in (("low", lowest, question.low), ("high", highest, question.high)):
            if value is not None:
                values.append(f"{name}={written(value if value == natural else round(value, decimals))}")
        text = f"percentiles({', '.join(values)})"
        try:
            yield text, from_expression(parse(text))
        except ExpressionError:
            continue
