"""Wald tests give the χ² of the combination by hand, and refuse what is not linear."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import chi2

from offramp.common.errors import UsageError
from offramp.fitting.wald import wald_test

NAMES = ("firm.dem", "firm.mixed", "tie")
VALUES = np.array([0.8, 0.3, 1.5])
COVARIANCE = np.array([[0.04, 0.01, 0.0], [0.01, 0.09, -0.02], [0.0, -0.02, 0.16]])


def test_one_combination_is_the_square_of_its_z() -> None:
    found = wald_test(["firm.dem - firm.mixed"], NAMES, VALUES, COVARIANCE)
    z = 0.5 / np.sqrt(0.04 + 0.09 - 2 * 0.01)
    assert (found.statistic, found.degrees) == (pytest.approx(z**2), 1)
    assert found.p == pytest.approx(chi2.sf(z**2, 1))
    assert found.errors[0] == pytest.approx(np.sqrt(0.11))


def test_several_combinations_with_constants_are_tested_together() -> None:
    found = wald_test(["2 * tie - 1", "(firm.dem + firm.mixed) / 2"], NAMES, VALUES, COVARIANCE)
    matrix = np.array([[0.0, 0.0, 2.0], [0.5, 0.5, 0.0]])
    away = matrix @ VALUES - [1.0, 0.0]
    statistic = away @ np.linalg.inv(matrix @ COVARIANCE @ matrix.T) @ away
    assert (found.statistic, found.degrees) == (pytest.approx(statistic), 2)
    assert str(found).startswith("2 * tie - 1 = 0 and (firm.dem + firm.mixed) / 2 = 0: χ²(2) = ")


@pytest.mark.parametrize(
    ("combinations", "said"),
    [
        (["firm.dam"], "'firm.dam' is not a coefficient; did you mean 'firm.dem'?"),
        (["firm.dem * tie"], "not linear"),
        (["1 / tie"], "not linear"),
        (["abs(tie)"], "not linear"),
        (["tie + "], "is not an expression over coefficients"),
        (["3"], "names no coefficient"),
        (["tie - tie"], "names no coefficient"),
        (["tie", "2 * tie"], "covariance of full rank"),
        ([], "at least one combination"),
    ],
)
def test_what_is_no_linear_combination_is_refused_in_one_line(combinations: list[str], said: str) -> None:
    with pytest.raises(UsageError) as caught:
        wald_test(combinations, NAMES, VALUES, COVARIANCE)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_covariance_without_full_rank_is_refused() -> None:
    scores = np.array([[1.0, 2.0, -1.0], [-1.0, -2.0, 1.0]])  # of two clusters: they add up to 0
    bread = np.array([[0.3, 0.1, 0.0], [0.1, 0.5, 0.1], [0.0, 0.1, 0.4]])
    singular = bread @ (2.0 * scores.T @ scores) @ bread
    with pytest.raises(UsageError, match="covariance of full rank"):
        wald_test(["firm.dem", "tie"], NAMES, VALUES, singular)
    assert wald_test(["tie"], NAMES, VALUES, singular).statistic == pytest.approx(1.5**2 / singular[2, 2])
