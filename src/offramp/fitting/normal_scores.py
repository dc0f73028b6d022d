"""Normal scores of a distribution: its quantile at Φ(z) as a function of z, with the derivative, and back.

In normal scores every prior of a crisis file is a standard normal, bounds become infinite, and `correlations` are those
of a normal distribution. Each tail is computed from its own probability, Φ(z) or Φ(-z), so that neither end loses
digits; `Distribution.quantile` takes one probability only.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray
from scipy.special import betainc, betaincc, betainccinv, betaincinv, betaln, log_ndtr, ndtr, ndtri

from offramp.crisis.distribution import Distribution

Array = NDArray[np.float64]
Placed = tuple[Array, Array]

LARGEST_SCORE = 37.0
"""Values stay the same beyond it: Φ(-37) is the last probability that keeps all its digits."""
_LOG_DENSITY = -0.5 * math.log(2.0 * math.pi)


def at_scores(distribution: Distribution, z: Array) -> Placed:
    """The values of a distribution at normal scores, and their derivatives by the score; both of the shape of `z`.

    Examples
    --------
    >>> value, slope = at_scores(Distribution("normal", {"mean": 3.0, "sd": 2.0}), np.array([-1.0, 0.0]))
    >>> value.tolist(), slope.tolist()
    ([1.0, 3.0], [2.0, 2.0])
    """
    with np.errstate(all="ignore"):
        value, slope = _AT[distribution.kind](np.clip(z, -LARGEST_SCORE, LARGEST_SCORE), **distribution.parameters)
        return value, np.where(np.abs(z) <= LARGEST_SCORE, slope, 0.0)


def scores_of(distribution: Distribution, values: Array) -> Array:
    """The normal scores of values of a distribution; infinite at its bounds, and NaN outside of them."""
    with np.errstate(all="ignore"):
        return _BACK[distribution.kind](np.asarray(values, dtype=float), **distribution.parameters)


def _density(z: Array) -> Array:
    return np.asarray(np.exp(_LOG_DENSITY - 0.5 * z**2))


def _score(below: Array, above: Array) -> Array:
    """The score with these probabilities below and above, from the smaller of the two."""
    return np.asarray(np.where(below < above, ndtri(below), -ndtri(above)))


def _uniform(z: Array, low: float, high: float) -> Placed:
    span = high - low
    return np.where(z < 0.0, low + span * ndtr(z), high - span * ndtr(-z)), span * _density(z)


def _uniform_back(values: Array, low: float, high: float) -> Array:
    return _score((values - low) / (high - low), (high - values) / (high - low))


def _normal(z: Array, mean: float, sd: float) -> Placed:
    return mean + sd * z, np.full(np.shape(z), sd)


def _lognormal(z: Array, median: float, sigma: float) -> Placed:
    value = median * np.exp(sigma * z)
    return value, sigma * value


def _beta(z: Array, a: float, b: float) -> Placed:
    value = np.where(z < 0.0, _beta_quantile(z, a, b), betainccinv(a, b, ndtr(-z)))
    rest = np.where(z < 0.0, 1.0 - value, _beta_quantile(-z, b, a))  # 1 - value, with all digits at either end
    value = np.where(np.isnan(value), 1.0 - rest, value)
    # a factor with exponent 0 is 1 even if rounding puts the value on a bound
    log_density = -betaln(a, b) + sum(
        (shape - 1.0) * np.log(part) for shape, part in ((a, value), (b, rest)) if shape != 1.0
    )
    return value, np.asarray(np.exp(_LOG_DENSITY - 0.5 * z**2 - log_density))


def _beta_quantile(z: Array, a: float, b: float) -> Array:
    """Quantiles near 0; the first term of their series gives those that SciPy has no number for."""
    value = betaincinv(a, b, ndtr(z))
    return np.asarray(np.where(np.isnan(value), np.exp((log_ndtr(z) + np.log(a) + betaln(a, b)) / a), value))


def _beta_back(values: Array, a: float, b: float) -> Array:
    return _score(betainc(a, b, values), betaincc(a, b, values))


def _triangular(z: Array, low: float, mode: float, high: float) -> Placed:
    span, before, after = high - low, mode - low, high - mode
    at_left = np.where(z < 0.0, ndtr(z) < before / span, ndtr(-z) > after / span)
    side = np.where(at_left, z, -z)
    reach = np.where(at_left, before, after)
    root = np.sqrt(span * reach)
    distance = root * np.exp(0.5 * log_ndtr(side))  # from the bound on this side
    slope = 0.5 * root * np.exp(_LOG_DENSITY - 0.5 * z**2 - 0.5 * log_ndtr(side))
    return np.where(at_left, low + distance, high - distance), slope


def _triangular_back(values: Array, low: float, mode: float, high: float) -> Array:
    span, before, after = high - low, mode - low, high - mode
    below, above = (values - low) / span, (high - values) / span
    left = below * (values - low) / before if before > 0.0 else np.zeros_like(values)
    right = above * (high - values) / after if after > 0.0 else np.zeros_like(values)
    at_left = (values < mode) if after > 0.0 else np.ones(np.shape(values), dtype=bool)
    score = np.where(at_left, _score(left, 1.0 - left), _score(1.0 - right, right))
    return np.where((values < low) | (values > high), np.nan, score)


def _pert(z: Array, low: float, mode: float, high: float) -> Placed:
    span = high - low
    a, b = _pert_shapes(low, mode, high)
    value, slope = _beta(z, a, b)
    return np.where(z < 0.0, low + span * value, high - span * _beta_quantile(-z, b, a)), span * slope


def _pert_back(values: Array, low: float, mode: float, high: float) -> Array:
    a, b = _pert_shapes(low, mode, high)
    below, above = (values - low) / (high - low), (high - values) / (high - low)
    return _score(betainc(a, b, below), betainc(b, a, above))


def _pert_shapes(low: float, mode: float, high: float) -> tuple[float, float]:
    return 1.0 + 4.0 * (mode - low) / (high - low), 1.0 + 4.0 * (high - mode) / (high - low)


def _percentiles(
    z: Array, p10: float, p50: float, p90: float, low: float = -math.inf, high: float = math.inf
) -> Placed:
    metalog = _Metalog(p10, p50, p90, low, high)
    unbound, slope = metalog.at(z)
    if math.isfinite(low) and math.isfinite(high):
        share, rest = 1.0 / (1.0 + np.exp(-unbound)), 1.0 / (1.0 + np.exp(unbound))
        span = high - low
        return np.where(unbound < 0.0, low + span * share, high - span * rest), span * share * rest * slope
    if math.isfinite(low):
        return low + np.exp(unbound), np.exp(unbound) * slope
    return (high - np.exp(-unbound), np.exp(-unbound) * slope) if math.isfinite(high) else (unbound, slope)


def _percentiles_back(
    values: Array, p10: float, p50: float, p90: float, low: float = -math.inf, high: float = math.inf
) -> Array:
    metalog = _Metalog(p10, p50, p90, low, high)
    result = np.full(np.shape(values), np.nan)
    for place, value in np.ndenumerate(values):
        if low <= value <= high:
            result[place] = metalog.score(_unbound(float(value), low, high))
    return result


class _Metalog:
    """The metalog with three terms (Keelin 2016, section 4) over normal scores, before its bounds are applied."""

    def __init__(self, p10: float, p50: float, p90: float, low: float, high: float) -> None:
        v10, v50, v90 = (_unbound(p, low, high) for p in (p10, p50, p90))
        ratio = (v50 - v10) / (v90 - v10)
        self.middle = v50
        self.spread = (v90 - v10) / (2.0 * math.log(9.0))
        self.skew = (1.0 - 2.0 * ratio) * (v90 - v10) / (0.8 * math.log(9.0))

    def at(self, z: Array) -> Placed:
        below, above = log_ndtr(z), log_ndtr(-z)
        logit = below - above
        rise = np.exp(_LOG_DENSITY - 0.5 * z**2 - below) + np.exp(_LOG_DENSITY - 0.5 * z**2 - above)
        centred = 0.5 * (ndtr(z) - ndtr(-z))
        value = self.middle + (self.spread + self.skew * centred) * logit
        return value, (self.spread + self.skew * centred) * rise + self.skew * _density(z) * logit

    def score(self, target: float) -> float:
        from scipy.optimize import brentq

        def beyond(z: float) -> float:
            return float(self.at(np.array(z))[0]) - target

        if beyond(-LARGEST_SCORE) >= 0.0:
            return -math.inf
        if beyond(LARGEST_SCORE) <= 0.0:
            return math.inf
        return float(brentq(beyond, -LARGEST_SCORE, LARGEST_SCORE, xtol=1e-14))


def _unbound(value: float, low: float, high: float) -> float:
    if math.isfinite(low) and math.isfinite(high):
        return float(np.log(np.float64(value - low)) - np.log(np.float64(high - value)))
    if math.isfinite(low):
        return float(np.log(np.float64(value - low)))
    return -float(np.log(np.float64(high - value))) if math.isfinite(high) else value


_AT: Mapping[str, Callable[..., Placed]] = {
    "uniform": _uniform,
    "normal": _normal,
    "lognormal": _lognormal,
    "beta": _beta,
    "triangular": _triangular,
    "pert": _pert,
    "percentiles": _percentiles,
}
_BACK: Mapping[str, Callable[..., Array]] = {
    "uniform": _uniform_back,
    "normal": lambda values, mean, sd: (values - mean) / sd,
    "lognormal": lambda values, median, sigma: np.asarray(np.log(values / median) / sigma),
    "beta": _beta_back,
    "triangular": _triangular_back,
    "pert": _pert_back,
    "percentiles": _percentiles_back,
}
