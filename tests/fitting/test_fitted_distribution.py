"""An estimate becomes a distribution with its mean and standard deviation, within the bounds of its prior."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from offramp.common.errors import UsageError
from offramp.crisis.distribution import Distribution, from_expression
from offramp.crisis.expressions.grammar import parse
from offramp.crisis.faults import Location
from offramp.crisis.parts import Correlation
from offramp.fitting.fitted_distribution import fitted_distribution, written_correlations
from tests.examples import examples

LEVELS = (np.arange(200_000) + 0.5) / 200_000


def prior(text: str) -> Distribution:
    return from_expression(parse(text))


@pytest.mark.parametrize(
    ("written", "mean", "sd"),
    [
        ("normal(0, 5)", -3.21, 0.4),
        ("lognormal(1, 0.5)", 2.5, 0.3),
        ("lognormal(1, 0.5)", 0.004, 0.003),
        ("beta(1, 1)", 0.93, 0.02),
        ("percentiles(1, 2, 3)", 2.5, 0.1),
    ],
)
def test_mean_and_standard_deviation_are_those_of_the_estimate(written: str, mean: float, sd: float) -> None:
    values = prior(fitted_distribution(prior(written), mean, sd)).quantile(LEVELS)
    assert np.mean(values) == pytest.approx(mean, rel=1e-3)
    assert np.std(values) == pytest.approx(sd, rel=5e-3)


@given(
    bounds=st.sampled_from([(0.0, 2.0), (-3.0, 1.5), (0.0, math.inf), (-math.inf, 4.0), (100.0, 101.0)]),
    share=st.floats(0.02, 0.98),
    spread=st.floats(0.001, 0.5),
)
@settings(max_examples=examples(40), deadline=None)
def test_bounds_hold_and_the_median_is_the_estimate(bounds: tuple[float, float], share: float, spread: float) -> None:
    low, high = bounds
    ends = [f"{name}={end}" for name, end in (("low", low), ("high", high)) if math.isfinite(end)]
    floor = low if math.isfinite(low) else high - 10.0
    ceiling = high if math.isfinite(high) else low + 10.0
    mean, sd = floor + share * (ceiling - floor), spread * (ceiling - floor) * min(share, 1.0 - share)
    middles = ", ".join(str(floor + part * (ceiling - floor)) for part in (0.3, 0.5, 0.7))
    found = prior(fitted_distribution(prior(f"percentiles({middles}, {', '.join(ends)})"), mean, sd))
    assert found.support == bounds
    assert found.quantile(np.array([0.5]))[0] == pytest.approx(mean, abs=1e-3 * sd)
    narrow = prior(fitted_distribution(found, mean, 0.05 * sd)).quantile(np.array([0.1, 0.9]))
    assert narrow == pytest.approx(mean + np.array([-1.28155, 1.28155]) * 0.05 * sd, abs=0.006 * sd)


def test_an_estimate_on_its_bound_is_told() -> None:
    with pytest.raises(UsageError, match="the estimate 2 is not inside its bounds, 0 and 2"):
        fitted_distribution(prior("uniform(0, 2)"), 2.0, 0.1)


@pytest.mark.parametrize("sd", [30.0, 600.0, 1e9])
def test_an_error_far_wider_than_the_bounds_is_told(sd: float) -> None:
    with pytest.raises(UsageError, match=r"no distribution has the mean 0\.5 and standard deviation"):
        fitted_distribution(prior("uniform(0, 2)"), 0.5, sd)


def covariance(rho: np.ndarray, sd: np.ndarray) -> np.ndarray:
    return rho * sd * sd[:, None]


def test_only_correlations_that_matter_are_written() -> None:
    rho = np.array([[1.0, 0.6, 0.01], [0.6, 1.0, -0.3], [0.01, -0.3, 1.0]])
    found = written_correlations(("a", "b", "c.1"), covariance(rho, np.array([1.0, 0.1, 30.0])), [])
    assert found == (("a", "b", "0.6"), ("b", "c.1", "-0.3"))


def test_small_correlations_are_written_where_the_others_contradict_each_other_without_them() -> None:
    loadings = np.array([[0.9999, 0.01], [0.9999, -0.01], [0.03, 0.0]])
    rho = loadings @ loadings.T
    np.fill_diagonal(rho, 1.0)
    rho[0, 2] = rho[2, 0] = 0.04
    rho[1, 2] = rho[2, 1] = 0.02
    rho[0, 1] = rho[1, 0] = 0.99975
    assert np.linalg.eigvalsh(rho)[0] > 0
    found = written_correlations(("a", "b", "c"), covariance(rho, np.ones(3)), [])
    matrix = np.eye(3)
    for first, second, value in found:
        i, j = "abc".index(first), "abc".index(second)
        matrix[i, j] = matrix[j, i] = float(value)
    assert np.linalg.eigvalsh(matrix)[0] > 0
    assert matrix == pytest.approx(rho, abs=0.0011)


def test_a_singular_covariance_still_has_a_joint_distribution() -> None:
    found = written_correlations(("a", "b"), np.ones((2, 2)), [])
    assert [pair.rho for pair in found] == ["0.999"]


def test_correlations_that_stay_and_contradict_the_estimates_are_named() -> None:
    place = Location(1, 1)
    others = [Correlation("a", "x", 0.9, place), Correlation("b", "x", -0.9, place)]
    rho = np.array([[1.0, 0.9], [0.9, 1.0]])
    with pytest.raises(UsageError, match="contradict those of the file, of 'a' and 'x', 'b' and 'x'"):
        written_correlations(("a", "b"), rho, others)
