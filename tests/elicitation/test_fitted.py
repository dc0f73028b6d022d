"""A pool becomes a smooth distribution of the language, and the largest error that is told is the true one."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings

from offramp.crisis.distribution import from_expression
from offramp.crisis.expressions.grammar import parse
from offramp.elicitation.estimates import estimates_of
from offramp.elicitation.fitted import fit
from offramp.elicitation.minimal_information import Array, Curve
from tests.elicitation.panels import OFFICERS, made_panels, panel, panel_text
from tests.examples import examples


def metalog_cdf(at: Array, text: str) -> Array:
    """The distribution function of `percentiles(...)`, by bisection of its quantiles in log odds."""
    distribution = from_expression(parse(text))
    low, high = np.full(at.shape, -40.0), np.full(at.shape, 40.0)
    for _ in range(60):
        middle = (low + high) / 2.0
        below = distribution.quantile(1.0 / (1.0 + np.exp(-middle))) < at
        low, high = np.where(below, middle, low), np.where(below, high, middle)
    return np.asarray(1.0 / (1.0 + np.exp(-low)))


def test_the_written_distribution_has_the_pools_percentiles_and_natural_bounds() -> None:
    (estimate,) = estimates_of(panel(OFFICERS)).estimates
    assert estimate.used is not None
    assert estimate.fit is not None
    distribution = from_expression(parse(estimate.fit.text))
    found = distribution.quantile(np.array([0.1, 0.5, 0.9]))
    spread = float(np.ptp(estimate.used.quantile((0.1, 0.9))))
    assert found == pytest.approx(estimate.used.quantile((0.1, 0.5, 0.9)), abs=1e-3 * spread)
    assert distribution.support[0] == 0.0


@settings(max_examples=examples(20), deadline=None)
@given(made_panels(seeds=1))
def test_the_largest_error_is_that_of_the_two_distribution_functions(text: str) -> None:
    (estimate,) = estimates_of(panel(text), "equal").estimates
    if estimate.fit is None or estimate.used is None:
        return
    pool = estimate.used
    at = pool.quantile(np.linspace(0.0005, 0.9995, 400))
    errors = np.abs(pool.cdf(at) - metalog_cdf(at, estimate.fit.text))
    assert errors.max() <= estimate.fit.error + 1e-3
    assert errors.max() >= estimate.fit.error - 0.02


def test_a_uniform_pool_is_written_without_error() -> None:
    question = panel(panel_text({"a": {"x": (5.0, 50.0, 95.0)}}, {}, bounds="    low: 0\n    high: 100")).questions["a"]
    pool = Curve(np.array([0.0, 100.0]), np.array([0.0, 1.0]), log=False)
    found = fit(question, pool)
    # bounded on both sides, the log odds of x / 100 are those of u if p10, p50, p90 are 10, 50, 90: it is uniform
    assert found is not None
    assert found.text == "percentiles(10, 50, 90, low=0, high=100)"
    assert found.error < 1e-9


def test_a_pool_without_a_smooth_distribution_has_none() -> None:
    of = panel(panel_text({"a": {"x": (1.0, 1.001, 1000.0)}}, {}))
    (estimate,) = estimates_of(of).estimates
    assert estimate.used is not None
    assert estimate.fit is None


@pytest.mark.parametrize("unit", [1e-12, 1.0, 1e12])
def test_the_unit_does_not_matter(unit: float) -> None:
    answers = {"x": (2.0 * unit, 5.0 * unit, 9.0 * unit), "y": (3.0 * unit, 6.0 * unit, 12.0 * unit)}
    (estimate,) = estimates_of(panel(panel_text({"a": answers}, {}))).estimates
    assert estimate.fit is not None
    assert estimate.fit.error == 0.022
