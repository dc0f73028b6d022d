"""A sparse polynomial surrogate for a quantity of the draws: polynomial chaos in the ranks of the inputs.

A factor is an orthonormal Legendre polynomial of one input's rank; a term is a product of up to three factors of
different inputs; a surrogate is a sum of terms (Xiu & Karniadakis 2002). Terms are chosen in stages: terms
whose correlation with the residual exceeds noise (StOMP: Donoho, Tsaig, Drori & Starck 2012).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtr

Array = NDArray[np.float64]
Term = tuple[int, ...]
"""Factors by number, ascending; factor `input * degree + power - 1` is the polynomial of that power."""

HIGHEST = 10
"""The highest power of a factor if there are few inputs."""
MOST_FACTORS = 112
"""The approximate limit on the number of factors: with many inputs there are fewer powers."""
STAGE = 40
"""Maximum number of terms added in one stage."""
DRAWS_A_TERM = 12
"""Minimum number of draws per term."""
EXACT = 1e-8
"""No term is added once this share of the variance, or less, is left."""
PRICE = 3.0
"""The cost of a term, in draws, for the generalised cross-validation: one for its coefficient, two for having been
chosen (Friedman 1991, section 3.6)."""
MOST_IN_TERM = 3
"""Maximum number of factors of a term."""
_RIDGE = 1e-10


@dataclass(frozen=True, eq=False)
class Factors:
    """The factors of some inputs at the draws, which all surrogates in these inputs share.

    `values`: (inputs * degree, draws), as of `factors_of`; `rough`: the same in single precision, which is precise
    enough to choose terms by, in half the time.
    """

    degree: int
    values: Array
    rough: NDArray[np.float32]

    @classmethod
    def at(cls, ranks: Array) -> Factors:
        """The factors of inputs with these ranks, (inputs, draws), in (0, 1)."""
        degree = degree_of(len(ranks))
        values = factors_of(ranks, degree)
        return cls(degree, values, values.astype(np.float32))


@dataclass(frozen=True, eq=False)
class Surrogate:
    """A sum of terms fitted to a quantity `y` of the draws by least squares.

    `coefficients`: (1 + terms,), the constant first; `covariance`: theirs, from the residuals; `fitted`: (draws,).
    `explained`: the share of the variance of y that lies along the terms, adjusted for their number. `missed`: the
    share of the variance that it misses at unseen draws (generalised cross-validation: Craven & Wahba
    1979, with the price of choosing terms: Friedman 1991). `chances`: (terms,), upper bounds of
    the probability that some candidate seems to count as much as the term by chance.
    """

    degree: int
    terms: tuple[Term, ...]
    coefficients: Array
    covariance: Array
    fitted: Array
    explained: float
    missed: float
    chances: Array

    @property
    def chance(self) -> float:
        """The smallest of the `chances`; 1 without terms."""
        return float(self.chances.min(initial=1.0))

    @cached_property
    def inputs(self) -> NDArray[np.int64]:
        """The input of each factor of each term, -1 for a factor that a term does not have: (`MOST_IN_TERM`, terms)."""
        inputs = np.full((MOST_IN_TERM, len(self.terms)), -1)
        for column, term in zip(inputs.T, self.terms, strict=True):
            column[: len(term)] = np.array(term) // self.degree
        return inputs

    def at(self, ranks: Array) -> Array:
        """The surrogate's values at ranks (inputs, points): (points,)."""
        values: Array = self.coefficients @ columns(factors_of(ranks, self.degree), self.terms)
        return values

    def error_at(self, ranks: Array) -> Array:
        """The standard error of `at`: (points,)."""
        design = columns(factors_of(ranks, self.degree), self.terms)
        return np.asarray(np.sqrt(np.einsum("tp,ts,sp->p", design, self.covariance, design).clip(0.0)))


def degree_of(inputs: int) -> int:
    """The highest power of a factor for a number of inputs."""
    return max(2, min(HIGHEST, MOST_FACTORS // max(inputs, 1)))


def factors_of(ranks: Array, degree: int) -> Array:
    """Legendre polynomials of powers 1 to `degree`, orthonormal on (0, 1), at ranks (inputs, ...).

    Returns (inputs * degree, ...).
    """
    powers = np.polynomial.legendre.legvander(2.0 * ranks - 1.0, degree)[..., 1:].astype(np.float64, copy=False)
    powers *= np.sqrt(2.0 * np.arange(1, degree + 1) + 1.0)
    return np.ascontiguousarray(np.moveaxis(powers, -1, 1)).reshape(-1, *ranks.shape[1:])


def columns(factors: Array, terms: tuple[Term, ...] | list[Term]) -> Array:
    """The constant and the terms at the points of the factors: (1 + terms, points)."""
    design = np.ones((1 + len(terms), factors.shape[1]))
    for row, term in zip(design[1:], terms, strict=True):
        for factor in term:
            row *= factors[factor]
    return design


def surrogate(ranks: Array, y: Array) -> Surrogate:
    """The surrogate of `y`, (draws,), in the inputs with these ranks, (inputs, draws), in (0, 1).

    If the inputs do not determine y, it is a surrogate of the mean of y given them.
    """
    return surrogate_in(Factors.at(ranks), y)


def surrogate_in(inputs: Factors, y: Array) -> Surrogate:
    """As `surrogate`, in inputs whose factors are there already."""
    degree, factors, draws = inputs.degree, inputs.values, len(y)
    mean, variance = float(y.mean()), float(y.var())
    away = residual = y - mean
    terms: list[Term] = []
    design, gram, moments = np.ones((1, draws)), np.full((1, 1), float(draws)), np.zeros(1)
    coefficients: Array = np.zeros(1)
    threshold = 0.0
    candidates = 0
    pairs: list[Term] = []
    rows = np.empty((0, draws), dtype=np.float32)
    while np.mean(residual**2) > EXACT * variance and len(terms) < draws // DRAWS_A_TERM:
        added, threshold, tried = _strong_terms(inputs, terms, pairs, rows, residual)
        candidates = max(candidates, tried)
        added = added[: draws // DRAWS_A_TERM - len(terms)]
        if not added:
            break
        new = columns(factors, added)[1:]
        across = design @ new.T
        gram = np.block([[gram, across], [across.T, new @ new.T]])
        moments = np.concatenate([moments, new @ away])
        terms, design = terms + added, np.concatenate([design, new])
        pairs += [term for term in added if len(term) == 2]
        rows = np.concatenate([rows, new[[len(term) == 2 for term in added]].astype(np.float32)])
        coefficients = np.asarray(np.linalg.solve(_regularised(gram), moments))
        residual = away - coefficients @ design
    if terms:  # a term added early, while much was unexplained, may turn out to be noise
        errors = np.sqrt(np.diag(np.linalg.inv(_regularised(gram))) * np.mean(residual**2))
        kept = np.abs(coefficients) > threshold * errors
        kept[0] = True
        terms = [term for term, stays in zip(terms, kept[1:], strict=True) if stays]
        gram = gram[np.ix_(kept, kept)]
        coefficients = np.linalg.solve(_regularised(gram), moments[kept])
        residual = away - coefficients @ design[kept]
    left = float(np.mean(residual**2)) / variance if variance > 0.0 else 0.0
    freedom = draws - len(gram)
    return Surrogate(
        degree=degree,
        terms=tuple(terms),
        coefficients=np.concatenate([[mean + coefficients[0]], coefficients[1:]]),
        covariance=np.linalg.inv(_regularised(gram)) * np.sum(residual**2) / freedom,
        fitted=y - residual,
        explained=max(0.0, 1.0 - left * (draws - 1) / freedom),
        missed=min(1.0, left / max(0.5, 1.0 - (1.0 + PRICE * len(terms)) / draws) ** 2),
        chances=_chances(design[kept][1:], coefficients[1:], residual, candidates) if terms else np.zeros(0),
    )


def _chances(design: Array, coefficients: Array, residual: Array, candidates: int) -> Array:
    """The p-value of each term, (terms,), times the number of candidates that it was chosen from (Bonferroni).

    Each term is correlated with what the others leave, and with the ranks of that, which no outlier outweighs; the
    larger p-value counts. `design`: (terms, draws).
    """
    freedom = design.shape[1] - 1 - len(design)
    left = residual + coefficients[:, None] * design
    ranks = left.argsort(axis=1).argsort(axis=1).astype(np.float64)
    scores = np.full(len(design), np.inf)
    for values in left, ranks:
        away = values - values.mean(axis=1, keepdims=True)
        spread = design - design.mean(axis=1, keepdims=True)
        size = np.sqrt((away**2).sum(axis=1) * (spread**2).sum(axis=1))
        alike = np.clip(np.abs((away * spread).sum(axis=1)) / size, 0.0, 1.0 - EXACT)
        scores = np.minimum(scores, alike * np.sqrt(freedom / (1.0 - alike**2)))
    return np.asarray(np.minimum(1.0, 2.0 * candidates * stdtr(freedom, -scores)))


def _regularised(gram: Array) -> Array:
    """A matrix of moments with a small ridge, so that it can be solved even if columns hardly differ."""
    return np.asarray(gram + _RIDGE * gram[0, 0] * np.eye(len(gram)))


def _strong_terms(
    inputs: Factors, terms: list[Term], pairs: list[Term], rows: NDArray[np.float32], residual: Array
) -> tuple[list[Term], float, int]:
    """Terms whose correlation with the residual exceeds noise, strongest first, the threshold, and how many were tried.

    Candidates are all factors, all pairs of them, and every pair that is a term already, of `pairs` with `rows`,
    (pairs, draws), with one factor more. Of p candidates that are all noise, the largest score is below sqrt(2 log p)
    (Donoho & Johnstone 1994).
    """
    degree, factors = inputs.degree, inputs.rough
    starts: list[Term] = [(), *((factor,) for factor in range(len(factors))), *pairs]
    left = (residual / np.sqrt(np.sum(residual**2))).astype(np.float32)
    base = np.concatenate([left[None, :], factors * left, rows * left])
    scores = np.abs(base @ factors.T)
    owners = np.arange(len(factors)) // degree
    for begun, row in zip(starts, scores, strict=True):
        if len(begun) == 1:
            row[: begun[0]] = 0.0  # a pair counts once
        for factor in begun:
            row[owners == owners[factor]] = 0.0
    tried = int(np.count_nonzero(scores))
    threshold = math.sqrt(2.0 * math.log(max(2, tried)))
    strong = np.flatnonzero(scores.ravel() > threshold)
    strongest: dict[Term, None] = {}
    known = set(terms)
    for place in strong[np.argsort(-scores.ravel()[strong], kind="stable")]:
        begun_at, factor = divmod(int(place), len(factors))
        term = tuple(sorted((*starts[begun_at], factor)))
        if term not in known:
            strongest[term] = None
        if len(strongest) == STAGE:
            break
    return list(strongest), threshold, tried
