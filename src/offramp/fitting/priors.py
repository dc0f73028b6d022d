"""Penalties on the log-likelihood: the priors of the file, Cauchy's (Gelman et al. 2008), log-F(1, 1).

A penalty is the logarithm of a prior density up to a constant, with its exact gradient by the coefficients. The
maximum of the log-likelihood plus a penalty is a posterior mode. It exists where the likelihood alone has no maximum,
as with separated cases.

A mode depends on the coordinates of the density. For the priors of the file these are normal scores: the penalty is
the density of the scores. So the mode stays within the bounds, it is the same for a cost and for the logarithm of
that cost, and it is the mode that the posterior starts from. With a normal prior it is the usual mode.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from offramp.common.texts import tr
from offramp.crisis.distribution import Distribution
from offramp.crisis.expressions.expression import Linear
from offramp.crisis.model import Crisis
from offramp.crisis.parts import correlation_matrix
from offramp.fitting.normal_scores import LARGEST_SCORE, at_scores, scores_of

Array = NDArray[np.float64]

PenaltyKind = Literal["prior", "cauchy", "log-f"]
PENALTIES: Mapping[PenaltyKind, str] = {
    "prior": tr("the priors of the file"),
    "cauchy": tr("Cauchy priors on scaled columns (Gelman et al. 2008)"),
    "log-f": tr("log-F(1, 1) priors on scaled columns (Greenland & Mansournia 2015)"),
}
"""Each kind of penalty in words."""
COEFFICIENT_SCALE = 2.5
"""The Cauchy prior's scale of a coefficient of a scaled column (Gelman et al. 2008, section 2)."""
CONSTANT_SCALE = 10.0
"""The Cauchy prior's scale of a coefficient that has no column."""


class CaseColumns(Protocol):
    """What the scale of a column is computed from; `fitting.cases.Cases` has it."""

    @property
    def parameters(self) -> tuple[str, ...]: ...
    @property
    def columns(self) -> Mapping[str, Array]: ...
    @property
    def weight(self) -> Array: ...


class Penalty(Protocol):
    """A prior density of the coefficients as a term of the log-likelihood."""

    @property
    def kind(self) -> PenaltyKind: ...

    def at(self, values: Array) -> tuple[float, Array]:
        """Its logarithm at values of the coefficients, up to a constant, and its gradient: (parameters,).

        Minus infinity, and a gradient of zeros, if a value is not inside the bounds of its prior.
        """
        ...


@dataclass(frozen=True, eq=False)
class FilePrior:
    """The priors of the coefficients in a crisis file, joined by its `correlations`.

    `correlation`: (parameters, parameters), of the normal scores. A correlation with an input that is not estimated
    does not count.
    """

    parameters: tuple[str, ...]
    distributions: tuple[Distribution, ...]
    correlation: Array

    kind: Literal["prior"] = "prior"

    def values(self, scores: Array) -> tuple[Array, Array]:
        """Values at normal scores, (..., parameters), and the derivative of each value by its own score."""
        both = [at_scores(prior, scores[..., place]) for place, prior in enumerate(self.distributions)]
        return (
            np.stack([value for value, _ in both], axis=-1),
            np.stack([slope for _, slope in both], axis=-1),
        )

    def scores(self, values: Array) -> Array:
        """Normal scores of values, (..., parameters); infinite at a bound, NaN outside."""
        columns = [scores_of(prior, values[..., place]) for place, prior in enumerate(self.distributions)]
        return np.stack(columns, axis=-1)

    def at(self, values: Array) -> tuple[float, Array]:
        scores = self.scores(np.asarray(values, dtype=float))
        if not np.isfinite(scores).all():
            return -np.inf, np.zeros(len(scores))
        pull = -np.linalg.solve(self.correlation, scores)
        slopes = self.values(np.clip(scores, -LARGEST_SCORE, LARGEST_SCORE))[1]  # beyond, that of the last score
        with np.errstate(divide="ignore", over="ignore"):
            slope = pull / slopes
        if not np.isfinite(slope).all():
            return -np.inf, np.zeros(len(scores))
        return float(0.5 * pull @ scores), slope


def file_prior(crisis: Crisis, parameters: Sequence[str]) -> FilePrior:
    """The priors of some inputs of a crisis: `is` of each, and the `correlations` among them."""
    distributions = tuple(crisis.inputs[name].distribution for name in parameters)
    return FilePrior(tuple(parameters), distributions, correlation_matrix(crisis.correlations, parameters))


@dataclass(frozen=True, eq=False)
class ColumnPenalty:
    """Independent priors on combinations of coefficients, each in the scale of its column.

    `combinations`: (terms, parameters), each a sum of coefficients times numbers; `scales`: (terms,), of the Cauchy
    priors.
    """

    kind: Literal["cauchy", "log-f"]
    combinations: Array
    scales: Array

    def at(self, values: Array) -> tuple[float, Array]:
        terms = self.combinations @ values
        if self.kind == "cauchy":
            share = terms / self.scales
            return float(-np.log1p(share**2).sum()), -(2.0 * share / (1.0 + share**2) / self.scales) @ self.combinations
        # log-F(1, 1): t/2 - log(1 + exp(t)), plus log 2, so that it is 0 at 0
        return (
            float((0.5 * terms - np.logaddexp(0.0, terms) + np.log(2.0)).sum()),
            -(0.5 * np.tanh(0.5 * terms)) @ self.combinations,
        )


def cauchy_penalty(sums: Mapping[str, Linear], cases: CaseColumns) -> ColumnPenalty:
    """Cauchy priors in the scale of the columns (Gelman, Jakulin, Pittau & Su 2008).

    A coefficient of a column has scale 2.5 for a change by two standard deviations, or from the lower to the higher
    number of a column that has only two. The constant of a sum has scale 10, at the mean of the sum's columns; so has
    a coefficient outside of sums. These scales are of payoffs at rationality 1, as in logit regression.
    """
    combinations, scales = [], []
    for place, name in enumerate(cases.parameters):
        row = np.zeros(len(cases.parameters))
        linear, column = _of_sum(sums, name)
        row[place] = 1.0 if column is None else _spread(cases, column)
        if linear is not None and column is None:
            for other, along in zip(linear.coefficients, linear.columns, strict=True):
                if along is not None:
                    row[cases.parameters.index(other)] = _mean(cases, along)
        combinations.append(row)
        scales.append(CONSTANT_SCALE if column is None else COEFFICIENT_SCALE)
    return ColumnPenalty("cauchy", np.array(combinations), np.array(scales))


def log_f_penalty(sums: Mapping[str, Linear], cases: CaseColumns) -> ColumnPenalty:
    """Log-F(1, 1) priors on the coefficients of columns (Greenland & Mansournia 2015), scaled as `cauchy_penalty`.

    Coefficients without a column, such as the constant of a sum, have none, so that mean odds are not pulled.
    """
    rows = []
    for place, name in enumerate(cases.parameters):
        column = _of_sum(sums, name)[1]
        if column is not None:
            rows.append(np.where(np.arange(len(cases.parameters)) == place, _spread(cases, column), 0.0))
    return ColumnPenalty("log-f", np.array(rows).reshape(-1, len(cases.parameters)), np.ones(len(rows)))


def penalty_of(kind: PenaltyKind, crisis: Crisis, cases: CaseColumns) -> Penalty:
    """The penalty of a kind for the coefficients of a crisis and the cases that they are fitted to."""
    if kind == "prior":
        return file_prior(crisis, cases.parameters)
    return (cauchy_penalty if kind == "cauchy" else log_f_penalty)(crisis.sums, cases)


def _of_sum(sums: Mapping[str, Linear], coefficient: str) -> tuple[Linear | None, str | None]:
    """The sum that a coefficient belongs to and its column there, each None if there is none."""
    for linear in sums.values():
        if coefficient in linear.coefficients:
            return linear, linear.columns[linear.coefficients.index(coefficient)]
    return None, None


def _mean(cases: CaseColumns, column: str) -> float:
    return float(np.average(cases.columns[column], weights=cases.weight))


def _spread(cases: CaseColumns, column: str) -> float:
    """Two standard deviations of a column, or the difference of its numbers if it has two; 1 if it never varies."""
    numbers = cases.columns[column]
    distinct = np.unique(numbers)
    if len(distinct) == 2:
        return float(distinct[1] - distinct[0])
    variance = float(np.average((numbers - _mean(cases, column)) ** 2, weights=cases.weight))
    return 2.0 * variance**0.5 if len(distinct) > 2 else 1.0
