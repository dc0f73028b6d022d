"""Shares of a quantity's variance by its uncertain inputs: first-order and total, right where inputs are correlated.

The first-order share of some inputs is Var(E[Y | them]) / Var(Y): what would go if they were known, with what they
tell about the inputs that they go with (the full first-order index). The total share of an input is
E[Var(Y | all others)] / Var(Y): what would stay if all others were known, and they tell about it what they can (the
independent total index). Kucherenko, Tarantola & Annoni 2012; Mara & Tarantola 2012.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from offramp.study.sensitivity.surrogate import Surrogate, columns, factors_of

Array = NDArray[np.float64]

NODES = 16
"""Gauss-Legendre nodes over an input's conditional distribution; exact for the powers used, where it is independent."""
WIDTH = 1.959963984540054


@dataclass(frozen=True)
class Share:
    """A share of a variance with its 95 % interval."""

    value: float
    low: float
    high: float


def ranks_of(values: Array) -> Array:
    """Mid-ranks of each row's values, (inputs, draws), as probabilities in (0, 1): the inputs' places in their
    distributions.
    """
    from scipy.stats import rankdata

    return np.asarray((rankdata(values, axis=1) - 0.5) / max(values.shape[1], 1))


def news_of(members: list[int], tied: NDArray[np.int64], found: Surrogate, design: Array, y: Array) -> Array:
    """`y`, (draws,), without the terms of its surrogate of which some inputs tell nothing: its mean given them stays.

    Such a term has a factor whose input is tied neither to the `members` nor to the term's other inputs: given the
    members the mean of that factor, and with it of the term, is 0. `tied`: for each input the number of the set of
    correlated inputs that it belongs to; `design`: the columns of the surrogate.
    """
    told = {tied[member] for member in members}
    telling = [True]  # the constant
    for term in found.terms:
        inputs = [factor // found.degree for factor in term]
        sets = [tied[number] for number in inputs]
        telling.append(
            not any(
                number not in members and own not in told and sets.count(own) == 1
                for number, own in zip(inputs, sets, strict=True)
            )
        )
    return np.asarray(y - found.fitted + found.coefficients[telling] @ design[telling])


def first_order(found: Surrogate, news: Array, y: Array, missed: float = 0.0) -> Share:
    """The first-order share in `y`, (draws,), of the inputs of a surrogate of their `news_of` it (or of y itself).

    The interval is that of the efficient influence function (Da Veiga & Gamboa 2013) and of the noise that so many
    coefficients pick up; `missed` is what the terms may have left out, which could belong to these inputs.
    """
    away, own = y - y.mean(), found.fitted - news.mean()
    variance = away.var()
    share = found.explained * float(news.var() / variance)
    influence = (own**2 + 2.0 * own * (news - found.fitted) - share * away**2) / variance
    left = float(np.mean((news - found.fitted) ** 2) / variance)
    return _share(share, influence, (len(found.terms) + 1) * left**2, missed)


def totals(ranks: Array, correlation: Array, y: Array, found: Surrogate) -> list[Share]:
    """The total share of each input, from a surrogate of `y`, (draws,), in all of them.

    `ranks`: (inputs, draws); `correlation`: (inputs, inputs), of the normal scores, a Gaussian copula's. What the
    surrogate misses widens the interval upwards.
    """
    factors = factors_of(ranks, found.degree)
    precision = np.asarray(np.linalg.inv(correlation), dtype=np.float64)
    scores = ndtri(ranks)
    away = y - y.mean()
    variance = float(away.var())
    shares = []
    for number in range(len(ranks)):
        slopes = _slopes(found, factors, number)
        if slopes is None:
            shares.append(_share(0.0, np.zeros(1), 0.0, found.missed, draws=len(y)))
            continue
        nodes, weights = _given_others(number, scores, precision)
        powers = factors_of(nodes, found.degree).reshape(len(nodes), found.degree, -1)
        values = np.einsum("npd,pd->nd", powers, slopes)
        mean = weights @ values
        left = float((weights @ (values - mean) ** 2).mean())
        own = factors[number * found.degree : (number + 1) * found.degree]
        part = np.einsum("pd,pd->d", slopes, own) - mean
        influence = (part**2 + 2.0 * part * (y - found.fitted)) / variance - left / variance * away**2 / variance
        terms = sum(any(factor // found.degree == number for factor in term) for term in found.terms)
        shares.append(_share(left / variance, influence, terms * found.missed**2, found.missed))
    return shares


def _share(value: float, influence: Array, noise: float, missed: float, draws: int | None = None) -> Share:
    """A share from its influence function at the draws; `noise`: twice its variance from coefficients, times draws²."""
    draws = draws or len(influence)
    error = np.sqrt(float(influence.var()) / draws + 2.0 * noise / draws**2)
    low, high = value - WIDTH * error, value + WIDTH * error + missed
    return Share(float(np.clip(value, 0.0, 1.0)), max(0.0, float(low)), min(1.0, float(high)))


def _slopes(found: Surrogate, factors: Array, number: int) -> Array | None:
    """What each power of an input is multiplied with, given the other inputs: (powers, draws); None if it is absent."""
    powers: list[dict[tuple[int, ...], float]] = [{} for _ in range(found.degree)]
    for term, coefficient in zip(found.terms, found.coefficients[1:], strict=True):
        for factor in term:
            if factor // found.degree == number:
                powers[factor % found.degree][tuple(other for other in term if other != factor)] = float(coefficient)
    if not any(powers):
        return None
    rows = [
        np.array(list(parts.values())) @ columns(factors, list(parts))[1:] if parts else np.zeros(factors.shape[1])
        for parts in powers
    ]
    return np.array(rows)


def _given_others(number: int, scores: Array, precision: Array) -> tuple[Array, Array]:
    """Ranks of an input given all others, (nodes, draws) or (nodes, 1) where they tell nothing, and their weights."""
    places, weights = np.polynomial.legendre.leggauss(NODES)
    places, weights = (places + 1.0) / 2.0, weights / 2.0
    tied = precision[number].copy()
    scale = tied[number]
    tied[number] = 0.0
    if not tied.any():
        return places[:, None], weights
    mean = -(tied @ scores) / scale
    return ndtr(mean + ndtri(places)[:, None] / np.sqrt(scale)), weights
