"""Wald tests of linear combinations of coefficients."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from offramp.common.errors import UsageError
from offramp.common.numerals import p_in_words, quantity
from offramp.common.words import expected, listed, quoted
from offramp.crisis.expressions.expression import Name, evaluate, walk
from offramp.crisis.expressions.grammar import ExpressionError, parse

Array = NDArray[np.float64]

SINGULAR = 1e-10
"""A correlation matrix whose least eigenvalue is not above this counts as singular."""


@dataclass(frozen=True)
class WaldTest:
    """The test of the hypothesis that all combinations are 0.

    `values`, `errors`: (combinations,), each combination at the estimates, and its standard error. `statistic` has a
    χ² distribution with `degrees` degrees of freedom under the hypothesis.
    """

    combinations: tuple[str, ...]
    values: Array
    errors: Array
    statistic: float
    degrees: int
    p: float

    def __str__(self) -> str:
        hypothesis = listed((f"{combination} = 0" for combination in self.combinations), 20)
        return f"{hypothesis}: χ²({self.degrees}) = {quantity(self.statistic)}, {p_in_words(self.p)}"


def wald_test(combinations: Sequence[str], names: Sequence[str], values: Array, covariance: Array) -> WaldTest:
    """Test whether linear combinations of coefficients are all 0.

    Parameters
    ----------
    combinations
        Each a linear expression over coefficients, such as `firm.dem - firm.mixed` or `2 * tie - 1`.
    names
        The coefficients.
    values
        Their estimates: (parameters,).
    covariance
        (parameters, parameters).

    Raises
    ------
    UsageError
        If a combination is not linear, names something else, or follows from the others, or if the covariance of the
        combinations is singular, as it is with fewer clusters than coefficients.
    """
    from scipy.special import chdtrc

    if not combinations:
        raise UsageError("a Wald test needs at least one combination of coefficients, such as 'a - b'")
    weights, constants = zip(*(_linear(combination, names) for combination in combinations), strict=True)
    matrix = np.array(weights)
    known = np.isfinite(np.diag(covariance))
    without = [name for place, name in enumerate(names) if matrix[:, place].any() and not known[place]]
    if without:
        raise UsageError(f"{listed(without)} {'has' if len(without) == 1 else 'have'} no standard error to test with")
    covariance = np.where(np.isfinite(covariance), covariance, 0.0)
    tested = matrix @ values + np.array(constants)
    spread = matrix @ covariance @ matrix.T
    errors = np.sqrt(np.diag(spread))
    if not _full_rank(spread, errors):
        raise UsageError(
            f"the combinations {listed(map(quoted, combinations))} do not have a covariance of full rank: one follows "
            "from the others, or there are too few clusters or cases for so many"
        )
    statistic = float(tested @ np.linalg.solve(spread, tested))
    degrees = len(tested)
    return WaldTest(tuple(combinations), tested, errors, statistic, degrees, float(chdtrc(degrees, statistic)))


def _full_rank(spread: Array, errors: Array) -> bool:
    """Whether a covariance, (combinations, combinations), has an inverse; `errors`: the roots of its diagonal."""
    if not np.isfinite(spread).all() or not (errors > 0.0).all():
        return False
    return bool(np.linalg.eigvalsh(spread / np.outer(errors, errors))[0] > SINGULAR)


def _linear(combination: str, names: Sequence[str]) -> tuple[Array, float]:
    """The weights of the coefficients, (parameters,), and the constant of a linear expression."""
    try:
        node = parse(combination)
    except ExpressionError as error:
        raise UsageError(f"{quoted(combination)} is not an expression over coefficients: {error}") from None
    for part in walk(node):
        if isinstance(part, Name) and part.name not in names:
            raise UsageError(f"{quoted(part.name)} is not a coefficient{expected(part.name, names)}")

    def value_at(point: Array) -> float:
        with np.errstate(all="ignore"):
            given: Mapping[str, Array] = dict(zip(names, point, strict=True))
            return float(evaluate(node, given))

    size = len(names)
    constant = value_at(np.zeros(size))
    weights = np.array([value_at(direction) - constant for direction in np.eye(size)])
    far = np.arange(1.0, size + 1.0) / 3.0
    for point in (far, -far):
        if not np.isclose(value_at(point), weights @ point + constant, rtol=1e-9, atol=1e-12):
            raise UsageError(f"{quoted(combination)} is not linear in the coefficients")
    if not weights.any():
        raise UsageError(f"{quoted(combination)} names no coefficient")
    return weights, constant
