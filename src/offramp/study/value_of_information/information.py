"""The value of information: how much better a choice is if something is known first.

A choice is among arms, each with a utility in every draw; more is better. Without information the best arm on average
is chosen; the value of information is the average gain from choosing after knowing (Raiffa & Schlaifer 1961, *Applied
Statistical Decision Theory*, 4.5). The value of knowing an input is found by regression of each arm's utility on it
(Strong, Oakley & Brennan 2014, *Medical Decision Making* 34), here on polynomials in the input's rank.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.polynomial.legendre import legvander
from numpy.typing import ArrayLike, NDArray
from scipy.stats import rankdata

from offramp.study.accuracy import without_dust

Array = NDArray[np.float64]

DEGREE = 4
RESAMPLES = 200
SHUFFLES = 1000


@dataclass(frozen=True, eq=False)
class Partial:
    """What knowing one thing is worth: `value`, and the 90 % interval of bootstrap samples of the draws.

    `best`: the best arm after learning it, (draws,) for an input, (values,) for a hidden value.
    """

    value: float
    low: float
    high: float
    best: NDArray[np.int64]


def perfect(utility: Array) -> float:
    """The value of knowing everything, from utilities, (arms, cases, draws), times the case's probability."""
    return gain(utility.max(axis=0).sum(axis=0).mean(), utility)


def gain(informed: float, utility: Array) -> float:
    """How much an expectation exceeds the best arm's expectation without information; never negative."""
    by_draw = utility.sum(axis=1)
    return _beyond_dust(informed - by_draw.mean(axis=1).max(), by_draw)[0]


def of_cases(utility: Array, weights: Array) -> Partial:
    """The value of knowing which case holds.

    Parameters
    ----------
    utility
        (arms, cases, draws), each times its case's probability.
    weights
        Bootstrap samples, (samples, draws): how often each draw is in them; from `resamples`.
    """
    means = utility.mean(axis=2)
    sampled = np.einsum("acd,sd->sac", utility, weights) / utility.shape[2]
    values = sampled.max(axis=1).sum(axis=1) - sampled.sum(axis=2).max(axis=1)
    low, high = _beyond_dust(np.quantile(values, [0.05, 0.95]), utility.sum(axis=1))
    return _partial(gain(means.max(axis=0).sum(), utility), low, high, means.argmax(axis=0), means.sum(axis=1))


def of_input(values: Array, utility: Array, weights: Array) -> Partial:
    """The value of knowing an input, whose values are (draws,); `utility`: (arms, draws); `weights` as in `of_cases`.

    It lies between 0 and the value of knowing the draw; regression estimates beyond that are clipped.
    """
    terms = basis(values)
    most = float(utility.max(axis=0).mean() - utility.mean(axis=1).max())
    fitted = terms @ (np.linalg.pinv(terms) @ utility.T)
    value = fitted.max(axis=1).mean() - utility.mean(axis=1).max()
    draws = len(values)
    gram = (weights @ (terms[:, :, None] * terms[:, None, :]).reshape(draws, -1)).reshape(-1, DEGREE + 1, DEGREE + 1)
    right = (weights @ (terms[:, :, None] * utility.T[:, None, :]).reshape(draws, -1)).reshape(*gram.shape[:2], -1)
    informed = (terms @ (np.linalg.pinv(gram, hermitian=True) @ right)).max(axis=2)
    sampled = (weights * informed).sum(axis=1) / draws - (weights @ utility.T / draws).max(axis=1)
    value, low, high = _beyond_dust(np.minimum([value, *np.quantile(sampled, [0.05, 0.95])], most), utility)
    return _partial(value, low, high, fitted.argmax(axis=1), utility.mean(axis=1))


def _partial(value: float, low: float, high: float, best: NDArray[np.int64], means: Array) -> Partial:
    """What is worth nothing to know leaves the choice as it is; `means`: (arms,), without information."""
    return Partial(value, low, high, best if value > 0.0 else np.full_like(best, means.argmax()))


def basis(values: Array) -> Array:
    """Legendre polynomials in the rank of values, (draws,): (draws, 1 + DEGREE)."""
    return np.asarray(legvander((2.0 * rankdata(values) - 1.0) / len(values) - 1.0, DEGREE))


def resamples(draws: int, seed: int) -> Array:
    """Bootstrap samples of draws: (RESAMPLES, draws), how often each is in a sample."""
    rng = np.random.default_rng(seed)
    return rng.multinomial(draws, np.full(draws, 1.0 / draws), size=RESAMPLES).astype(np.float64)


def by_chance(utility: Array, inputs: int, seed: int) -> float:
    """The worth that regression may find for an input without effect: `utility`, (arms, draws), in shuffled order.

    The largest worth of `inputs` such inputs stays below it 95 times out of 100.
    """
    rng = np.random.default_rng(seed)
    draws = utility.shape[1]
    terms = np.linalg.qr(basis(np.arange(draws, dtype=np.float64)))[0]
    means = np.empty(SHUFFLES)
    for number in range(SHUFFLES):
        shuffled = terms[rng.permutation(draws)]
        means[number] = (shuffled @ (shuffled.T @ utility.T)).max(axis=1).mean()
    most = np.quantile(means, 0.95 ** (1.0 / max(inputs, 1)))
    return _beyond_dust(most - utility.mean(axis=1).max(), utility)[0]


def _beyond_dust(gains: ArrayLike, utility: Array) -> list[float]:
    """Gains, never negative, 0 if the accuracy of `utility`, (arms, draws), cannot tell them from it."""
    return [float(value) for value in np.ravel(without_dust(np.maximum(gains, 0.0), np.abs(utility).max(initial=0.0)))]
