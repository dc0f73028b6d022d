"""Shares of a quantity's variance by its uncertain inputs: first-order and total, also for correlated inputs.

The first-order share of some inputs is Var(E[Y | them]) / Var(Y): the share that would go if they were known, including
what they tell about correlated inputs (the full first-order index). The total share of an input is
E[Var(Y | all others)] / Var(Y): the share that would stay if all others were known, and with them what they tell about
it (the independent total index). Kucherenko, Tarantola & Annoni 2012; Mara & Tarantola 2012.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from offramp.study.sensitivity.surrogate import Surrogate, columns, factors_of

Array = NDArray[np.float64]

NODES = 16
"""Gauss-Legendre nodes over an input's conditional distribution; exact for the powers used if it is independent."""
WIDTH = 1.959963984540054


@dataclass(frozen=True)
class Share:
    """A share of a variance with its 95 % interval."""

    value: float
    low: float
    high: float


def ranks_of(values: Array) -> Array:
    """Mid-ranks of each row's values, (inputs, draws), as probabilities in (0, 1): quantile levels of the
    inputs.
    """
    ranks = np.empty(values.shape)
    for row, numbers in zip(ranks, values, strict=True):
        _, places, counts = np.unique(numbers, return_inverse=True, return_counts=True)
        row[:] = (np.cumsum(counts) - counts / 2.0)[places] / max(len(numbers), 1)
    return ranks


def news_of(members: list[int], tied: NDArray[np.int64], fit: Surrogate, design: Array, y: Array) -> Array:
    """`y`, (draws,), without the surrogate terms that some inputs, `members`, say nothing about.

    This keeps the mean of y given the members. A dropped term has a factor whose input is tied neither to the members
    nor to the term's other inputs: given the members, the mean of that factor, and so of the term, is 0.
    `tied`: for each input the index of its set of correlated inputs; `design`: the columns of the surrogate.
    """
    sets = tied[fit.inputs]  # (factors of a term, terms); a missing factor counts as one of the member's own
    others = (fit.inputs >= 0) & ~np.isin(fit.inputs, members) & ~np.isin(sets, tied[members])
    alone = ((sets[:, None] == sets[None, :]) & (fit.inputs >= 0)).sum(axis=1) == 1
    kept = np.concatenate([[True], ~(others & alone).any(axis=0)])  # the constant first
    return np.asarray(y - fit.fitted + fit.coefficients[kept] @ design[kept])


def first_order(fit: Surrogate, news: Array, y: Array, missed: float = 0.0) -> Share:
    """The first-order share of some inputs in `y`, (draws,), from a surrogate of their `news_of` it (or of y itself).

    The interval comes from the efficient influence function (Da Veiga & Gamboa 2013) and the noise that the
    coefficients pick up; `missed`: what the terms may have left out, which could belong to these inputs.
    """
    away, own = y - y.mean(), fit.fitted - news.mean()
    variance = away.var()
    share = fit.explained * float(news.var() / variance)
    influence = (own**2 + 2.0 * own * (news - fit.fitted) - share * away**2) / variance
    left = float(np.mean((news - fit.fitted) ** 2) / variance)
    return _share(share, influence, (len(fit.terms) + 1) * left**2, missed)


def totals(ranks: Array, correlation: Array, y: Array, fit: Surrogate) -> list[Share]:
    """The total share of each input, from a surrogate of `y`, (draws,), in all of them.

    `ranks`: (inputs, draws); `correlation`: (inputs, inputs), of the normal scores, a Gaussian copula's. What the
    surrogate misses widens the interval upwards.
    """
    factors = factors_of(ranks, fit.degree)
    precision = np.asarray(np.linalg.inv(correlation), dtype=np.float64)
    scores = ndtri(ranks)
    away = y - y.mean()
    variance = float(away.var())
    shares = []
    for number in range(len(ranks)):
        slopes = _slopes(fit, factors, number)
        if slopes is None:
            shares.append(_share(0.0, np.zeros(1), 0.0, fit.missed, draws=len(y)))
            continue
        nodes, weights = _given_others(number, scores, precision)
        powers = factors_of(nodes, fit.degree).reshape(len(nodes), fit.degree, -1)
        values = np.einsum("npd,pd->nd", powers, slopes)
        mean = weights @ values
        left = float((weights @ (values - mean) ** 2).mean())
        own = factors[number * fit.degree : (number + 1) * fit.degree]
        part = np.einsum("pd,pd->d", slopes, own) - mean
        influence = (part**2 + 2.0 * part * (y - fit.fitted)) / variance - left / variance * away**2 / variance
        terms = sum(any(factor // fit.degree == number for factor in term) for term in fit.terms)
        shares.append(_share(left / variance, influence, terms * fit.missed**2, fit.missed))
    return shares


def _share(value: float, influence: Array, noise: float, missed: float, draws: int | None = None) -> Share:
    """A share from its influence function at the draws; `noise`: twice its variance from coefficients, times draws²."""
    draws = draws or len(influence)
    error = np.sqrt(float(influence.var()) / draws + 2.0 * noise / draws**2)
    low, high = value - WIDTH * error, value + WIDTH * error + missed
    return Share(float(np.clip(value, 0.0, 1.0)), max(0.0, float(low)), min(1.0, float(high)))


def _slopes(fit: Surrogate, factors: Array, number: int) -> Array | None:
    """The factor of each power of an input, given the other inputs: (powers, draws); None if no term has the input."""
    powers: list[dict[tuple[int, ...], float]] = [{} for _ in range(fit.degree)]
    for term, coefficient in zip(fit.terms, fit.coefficients[1:], strict=True):
        for factor in term:
            if factor // fit.degree == number:
                powers[factor % fit.degree][tuple(other for other in term if other != factor)] = float(coefficient)
    if not any(powers):
        return None
    rows = [
        np.array(list(parts.values())) @ columns(factors, list(parts))[1:] if parts else np.zeros(factors.shape[1])
        for parts in powers
    ]
    return np.array(rows)


def _given_others(number: int, scores: Array, precision: Array) -> tuple[Array, Array]:
    """Ranks of an input given all others, (nodes, draws) or, if it is independent, (nodes, 1), and their weights."""
    places, weights = np.polynomial.legendre.leggauss(NODES)
    places, weights = (places + 1.0) / 2.0, weights / 2.0
    tied = precision[number].copy()
    scale = tied[number]
    tied[number] = 0.0
    if not tied.any():
        return places[:, None], weights
    mean = -(tied @ scores) / scale
    return ndtr(mean + ndtri(places)[:, None] / np.sqrt(scale)), weights
