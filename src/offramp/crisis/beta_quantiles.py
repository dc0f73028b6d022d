"""Quantiles of beta distributions of ordinary shapes, with NumPy alone.

SciPy takes longer to load than a whole check of a crisis takes; other shapes need it.
"""

from __future__ import annotations

from math import lgamma

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

SHAPES = (1.0, 30.0)
"""The least and the largest parameter that is ordinary."""
STEPS = 7
"""Steps to a quantile: always as many, so that it depends on nothing but its own probability. The last two move it by
rounding errors only."""

FEW = 8
"""At most so many fractions are computed faster by Python than by NumPy, with the same bits."""


def is_ordinary(a: float, b: float) -> bool:
    """Whether `beta_quantiles` takes these parameters; not if one is no number."""
    return all(SHAPES[0] <= parameter <= SHAPES[1] for parameter in (a, b))


def beta_quantiles(u: Array, a: float, b: float) -> Array:
    """Quantiles at probabilities `u` in (0, 1) of a beta distribution of ordinary shape, of the same shape as `u`.

    Halley's method on the logarithm of the probability as a function of that of the quantile, which is concave as both
    parameters are at least 1 (Bagnoli & Bergstrom 2005). It begins below its aim, at the first term of the series.
    Above the median it works on the mirrored distribution, so that both tails keep their digits.
    """
    above = u > 0.5
    wanted = np.log(np.where(above, 1.0 - u, u))
    near, far = np.where(above, b, a), np.where(above, a, b)
    terms = np.where(above, _terms(b, a)[:, *[None] * u.ndim], _terms(a, b)[:, *[None] * u.ndim])
    log_beta = lgamma(a) + lgamma(b) - lgamma(a + b)
    at = np.minimum((wanted + np.log(near) + log_beta) / near, -1e-16)
    for _ in range(STEPS):
        x, rest = np.exp(at), -np.expm1(at)
        log_rest = np.log(rest)
        density = near * at + (far - 1.0) * log_rest - log_beta
        reached = density + log_rest - np.log(near * _fraction(terms * x))
        slope = np.exp(density - reached)
        newton = (wanted - reached) / slope
        curve = near - (far - 1.0) * x / rest - slope
        at = np.minimum(at + newton / np.maximum(1.0 + 0.5 * newton * curve, 0.5), 0.5 * at)
    lower = np.exp(at)
    return np.asarray(np.where(above, 1.0 - lower, lower))


def _terms(a: float, b: float) -> Array:
    """The partial numerators of the continued fraction of the incomplete beta function, over `x`: as many as it needs
    up to the median (Press et al. 2007, section 6.4).
    """
    m = np.arange(8.0 * max(a, b) ** 0.5 + 6.0)
    odd = -(a + m) * (a + b + m) / ((a + 2.0 * m) * (a + 2.0 * m + 1.0))
    even = (m + 1.0) * (b - m - 1.0) / ((a + 2.0 * m + 1.0) * (a + 2.0 * m + 2.0))
    return np.stack([odd, even], axis=1).ravel()


def _fraction(numerators: Array) -> Array:
    """The continued fraction 1 + n_0 / (1 + n_1 / (1 + ...)), along the first axis."""
    if numerators[0].size <= FEW:
        of_each = numerators.reshape(len(numerators), -1).T.tolist()
        return np.array([_one_fraction(one) for one in of_each]).reshape(numerators.shape[1:])
    found: Array = np.ones_like(numerators[0])
    for numerator in numerators[::-1]:
        np.divide(numerator, found, out=found)
        found += 1.0
    return found


def _one_fraction(numerators: list[float]) -> float:
    found = 1.0
    for numerator in reversed(numerators):
        found = numerator / found + 1.0
    return found
