"""Likelihoods with known answers, for tests of posteriors: counts of two results, and logistic regression."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from offramp.crisis.distribution import from_expression
from offramp.crisis.expressions.grammar import parse
from offramp.fitting.priors import FilePrior

Array = NDArray[np.float64]


class OneAtATime:
    """The log-likelihood at many points from `total`."""

    def total(self, values: Array) -> tuple[float, Array]:
        raise NotImplementedError

    def totals(self, points: Array) -> Array:
        return np.array([self.total(point)[0] for point in points])


@dataclass(frozen=True)
class Counts(OneAtATime):
    """`yes` of `yes + no` trials came out, with probability p each; the one coefficient is p."""

    yes: float
    no: float

    def total(self, values: Array) -> tuple[float, Array]:
        (p,) = values
        if not 0.0 < p < 1.0:
            return -np.inf, np.zeros(1)
        value = self.yes * np.log(p) + self.no * np.log1p(-p)
        return float(value), np.array([self.yes / p - self.no / (1.0 - p)])


@dataclass(frozen=True, eq=False)
class Logistic(OneAtATime):
    """Logistic regression: `columns`, (cases, coefficients), and `happened`, (cases,), 0 or 1."""

    columns: Array
    happened: Array

    def total(self, values: Array) -> tuple[float, Array]:
        odds = self.columns @ values
        value = (self.happened * odds - np.logaddexp(0.0, odds)).sum()
        return float(value), (self.happened - expit(odds)) @ self.columns


def logistic(cases: int, coefficients: Sequence[float], seed: int) -> Logistic:
    """Simulated cases with a constant and normal columns."""
    rng = np.random.default_rng(seed)
    columns = np.column_stack([np.ones(cases), rng.normal(size=(cases, len(coefficients) - 1))])
    return Logistic(columns, (rng.uniform(size=cases) < expit(columns @ np.array(coefficients))).astype(float))


def priors(texts: Sequence[str], correlation: Array | None = None) -> FilePrior:
    """Priors by their text in the language."""
    distributions = tuple(from_expression(parse(text)) for text in texts)
    matrix = np.eye(len(texts)) if correlation is None else correlation
    return FilePrior(tuple(f"b{place}" for place in range(len(texts))), distributions, matrix)
