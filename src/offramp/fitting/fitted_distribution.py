"""The distribution of an estimate, in the kind of its prior, with its mean and standard deviation; and correlations."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from offramp.common.errors import UsageError
from offramp.crisis.distribution import Distribution, from_expression
from offramp.crisis.editor.correlating import CorrelatedPair
from offramp.crisis.editor.rewriting import written
from offramp.crisis.expressions.grammar import ExpressionError, parse
from offramp.crisis.parts import Correlation, correlation_matrix
from offramp.fitting.coordinates import Coordinates

Array = NDArray[np.float64]

DIGITS = 4
"""Digits of a standard deviation, and of the same place in a mean."""
P90 = 1.2815515655446004
"""The normal score of the 90th percentile."""
SMALLEST_RHO = 0.05
"""A smaller correlation is not written, unless the others contradict each other without it."""
_ROUNDINGS = ((SMALLEST_RHO, 3), (0.01, 4), (0.0, 6))
_DEFINITE = 1e-9


def fitted_distribution(prior: Distribution, mean: float, sd: float) -> str:
    """A distribution with the mean and standard deviation of an estimate, as a crisis file writes it.

    It has the kind of the prior if that is normal, lognormal or beta and can have these. Otherwise it has percentiles
    within the bounds of the prior: the median is the mean, and p10 and p90 are those of a normal estimate on a scale
    without bounds (a logarithm, or a logit).

    Raises
    ------
    UsageError
        If no distribution of a crisis file has these.

    Examples
    --------
    >>> fitted_distribution(Distribution("normal", {"mean": 0.0, "sd": 5.0}), 0.123456, 0.0123456)
    'normal(0.12346, 0.01235)'
    >>> fitted_distribution(Distribution("beta", {"a": 1.0, "b": 1.0}), 0.25, 0.1)
    'beta(4.437, 13.31)'
    >>> fitted_distribution(Distribution("uniform", {"low": 0.0, "high": 2.0}), 0.5, 0.1)
    'percentiles(0.383, 0.5, 0.6387, low=0, high=2)'
    """
    text = _in_kind(prior, mean, sd) or _percentiles(prior, mean, sd)
    try:
        from_expression(parse(text))
    except ExpressionError as error:
        raise UsageError(f"no distribution has the mean {mean:.4g} and standard deviation {sd:.4g}: {error}") from None
    return text


def _in_kind(prior: Distribution, mean: float, sd: float) -> str | None:
    if prior.kind == "normal" or prior.support == (-math.inf, math.inf):
        return f"normal({_rounded(mean, sd)}, {sd:.{DIGITS}g})"
    if prior.kind == "lognormal" and mean > 0.0:
        variance = math.log1p((sd / mean) ** 2)
        median, sigma = mean * math.exp(-0.5 * variance), math.sqrt(variance)
        return f"lognormal({_rounded(median, sd)}, {sigma:.{DIGITS}g})"
    if prior.kind == "beta" and 0.0 < mean < 1.0 and (size := mean * (1.0 - mean) / sd**2 - 1.0) > 0.0:
        return f"beta({mean * size:.{DIGITS}g}, {(1.0 - mean) * size:.{DIGITS}g})"
    return None


def _percentiles(prior: Distribution, mean: float, sd: float) -> str:
    low, high = prior.support
    if not low < mean < high:
        raise UsageError(f"the estimate {mean:.4g} is not inside its bounds, {low:g} and {high:g}")
    free = Coordinates(np.array([low]), np.array([high]), np.eye(1))
    point = free.point(np.array([mean]))
    step = P90 * sd / free.slopes(point)[0]
    tenths = [float(free.values(point - step)[0]), mean, float(free.values(point + step)[0])]
    numbers = ", ".join(_rounded(number, sd) for number in tenths)
    bounds = [f"{name}={written(bound)}" for name, bound in (("low", low), ("high", high)) if math.isfinite(bound)]
    return f"percentiles({', '.join([numbers, *bounds])})"


def _rounded(value: float, sd: float) -> str:
    """A number to the place of the last digit of its standard deviation that is written, at least two digits itself."""
    places = DIGITS - 1 - math.floor(math.log10(sd))
    digits = places + 1 + math.floor(math.log10(abs(value))) if value else 1
    return f"{value:.{min(max(digits, 2), 15)}g}"


def written_correlations(
    names: Sequence[str], covariance: Array, others: Sequence[Correlation]
) -> tuple[CorrelatedPair, ...]:
    """The correlations of estimates to write into a crisis file, small ones left out; `others`: those that stay in it.

    The normal scores of estimates are correlated as the estimates are, to first order.

    Raises
    ------
    UsageError
        If they contradict those that stay.
    """
    sd = np.sqrt(np.diag(covariance))
    rho = covariance / sd / sd[:, None]
    outside = dict.fromkeys(name for pair in others for name in (pair.first, pair.second))
    everybody = [*names, *(name for name in outside if name not in names)]
    kept = correlation_matrix(others, everybody)
    for shrunk, (smallest, digits) in [*((1.0, step) for step in _ROUNDINGS), (0.999, _ROUNDINGS[-1])]:
        rounded = np.round(shrunk * rho, digits)
        rounded[np.abs(rounded) < smallest] = 0.0
        np.fill_diagonal(rounded, 1.0)
        matrix = kept.copy()
        matrix[: len(names), : len(names)] = rounded
        if np.linalg.eigvalsh(matrix)[0] > _DEFINITE:
            return tuple(
                CorrelatedPair(names[i], names[j], f"{rounded[i, j]:.{digits}g}")
                for i in range(len(names))
                for j in range(i + 1, len(names))
                if rounded[i, j]
            )
    pairs = ", ".join(f"'{pair.first}' and '{pair.second}'" for pair in others[:5])
    raise UsageError(f"the correlations of the estimates contradict those of the file, of {pairs}; remove these")
