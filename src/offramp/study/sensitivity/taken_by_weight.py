"""Weighted draws as equal ones: each is taken as often as its weight says, and what is measured on them is as of now.

Given what is known, inputs have other distributions than the file says, and depend on each other: of two explanations
of one event, either will do. The draws taken have these distributions, and correlations are measured on them.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from offramp.runs.weighted import effective

Array = NDArray[np.float64]

SEED = 1
"""Where the random places begin at which draws are taken."""
LEAST_EIGENVALUE = 0.01
"""A correlation matrix with a smaller eigenvalue is too close to singular to be inverted."""


def weighted_draws(weights: Array) -> NDArray[np.int64]:
    """The numbers of the draws taken, ascending: stratified resampling (Kitagawa 1996), as many as they are worth.

    `weights`: (draws,). A draw is taken about as often as its share of all weights says, and no more draws are taken
    than the effective sample size. One is taken at a random place of each stretch of the weights, in ascending order:
    even distances would miss what a Sobol sequence repeats. The seed is fixed.

    Examples
    --------
    >>> weighted_draws(np.array([1.0, 1.0, 1.0]))
    array([0, 1, 2])
    """
    order, count = np.argsort(weights, kind="stable"), int(effective(weights) + 1e-9)
    ends = np.cumsum(weights[order])
    places = (np.arange(count) + np.random.default_rng(SEED).random(count)) / count * ends[-1]
    return np.sort(order[np.searchsorted(ends, places, side="right").clip(max=len(order) - 1)])


def measured(ranks: Array, declared: Array) -> Array:
    """The correlations of normal scores, (inputs, inputs), measured where they differ from those declared beyond noise.

    `ranks`: (inputs, draws), in (0, 1). With probability 95 % or more, noise alone changes none (Bonferroni).
    """
    inputs, draws = ranks.shape
    if inputs < 2:
        return declared
    found = np.corrcoef(ndtri(ranks))
    noise = -ndtri(0.025 / (inputs * (inputs - 1) / 2)) / np.sqrt(draws)
    matrix = np.where(np.abs(found - declared) > noise * (1.0 - declared**2), found, declared)
    np.fill_diagonal(matrix, 1.0)
    least = min(LEAST_EIGENVALUE, float(np.linalg.eigvalsh(declared)[0]) / 2.0)
    while np.linalg.eigvalsh(matrix)[0] < least:
        matrix = 0.95 * matrix + 0.05 * declared
    return np.asarray(matrix)
