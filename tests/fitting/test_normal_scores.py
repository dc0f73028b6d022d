"""Values at normal scores are the quantiles, their derivatives are exact, and neither tail loses digits."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from offramp.crisis.distribution import NAMES, Distribution, from_expression
from offramp.crisis.expressions.grammar import parse
from offramp.fitting.normal_scores import at_scores, scores_of
from tests.examples import examples

TEXTS = [
    "uniform(-2, 5)",
    "normal(1, 2)",
    "lognormal(4, 0.3)",
    "beta(18, 3)",
    "beta(0.3, 0.2)",
    "beta(1, 4)",
    "triangular(4, 8, 14)",
    "triangular(4, 4, 14)",
    "triangular(4, 14, 14)",
    "pert(0, 1, 4)",
    "pert(-3, -3, 4)",
    "percentiles(1, 2, 4)",
    "percentiles(1, 2, 4, low=0)",
    "percentiles(1, 2, 4, high=5)",
    "percentiles(1, 2, 4, low=0, high=5)",
]
Z = np.array([-4.5, -2.0, -1.0, -0.3, 0.0, 0.2, 1.1, 2.5, 4.5])


def written(text: str) -> Distribution:
    return from_expression(parse(text))


def test_every_kind_of_the_language_is_here() -> None:
    assert {written(text).kind for text in TEXTS} == {*NAMES}


@pytest.mark.parametrize("text", TEXTS)
def test_values_are_the_quantiles_of_the_scores(text: str) -> None:
    value, _ = at_scores(written(text), Z)
    np.testing.assert_allclose(value, written(text).quantile(stats.norm.cdf(Z)), rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("text", TEXTS)
def test_the_derivative_is_that_of_the_value(text: str) -> None:
    step = 1e-4
    ends = [at_scores(written(text), Z + side * step)[0] for side in (-2, -1, 1, 2)]
    fourth_order = (ends[0] - 8.0 * ends[1] + 8.0 * ends[2] - ends[3]) / (12.0 * step)
    if text == "triangular(4, 8, 14)":  # its density has a kink, at no score of Z
        assert not np.isclose(written(text).quantile(stats.norm.cdf(Z)), 8.0).any()
    np.testing.assert_allclose(at_scores(written(text), Z)[1], fourth_order, rtol=2e-7, atol=1e-10)


@pytest.mark.parametrize("text", TEXTS)
def test_scores_lead_back_from_values(text: str) -> None:
    z = Z[np.abs(Z) < 2.2]
    np.testing.assert_allclose(scores_of(written(text), at_scores(written(text), z)[0]), z, atol=1e-8)


@pytest.mark.parametrize(
    ("text", "mirrored", "reference"),
    [
        ("uniform(0, 2)", "uniform(0, 2)", stats.uniform(0, 2)),
        ("beta(18, 3)", "beta(3, 18)", stats.beta(18, 3)),
        ("triangular(0, 1, 3)", "triangular(0, 2, 3)", stats.triang(1 / 3, 0, 3)),
        ("pert(0, 1, 4)", "pert(0, 3, 4)", stats.beta(2, 4, 0, 4)),
    ],
)
def test_a_value_far_in_a_tail_has_all_its_digits(text: str, mirrored: str, reference: stats.rv_continuous) -> None:
    """At a score of -9 the probability is 1e-19; at +9 it is 1 to a computer, so only the other tail tells."""
    value, slope = at_scores(written(text), np.array([-9.0]))
    assert value == pytest.approx(reference.ppf(stats.norm.cdf(-9.0)), rel=1e-10)
    assert slope == pytest.approx(stats.norm.pdf(9.0) / reference.pdf(value), rel=1e-9)
    assert at_scores(written(mirrored), np.array([9.0]))[1] == pytest.approx(slope, rel=1e-9)


def test_a_metalog_is_as_steep_in_both_tails() -> None:
    low, high = (at_scores(written("percentiles(1, 2, 3)"), np.array([side * 15.0])) for side in (-1, 1))
    assert low[0] - 2.0 == pytest.approx(2.0 - high[0])
    assert low[1] == pytest.approx(high[1])
    assert high[1] > 0.0


def test_a_bound_has_an_infinite_score_and_a_value_beyond_it_none() -> None:
    for text in ("uniform(0, 1)", "beta(2, 2)", "triangular(0, 0.2, 1)", "pert(0, 0.2, 1)"):
        scores = scores_of(written(text), np.array([0.0, 1.0, -0.1, 1.1]))
        assert scores[:2].tolist() == [-math.inf, math.inf]
        assert np.isnan(scores[2:]).all()
    assert scores_of(written("lognormal(1, 1)"), np.array([0.0]))[0] == -math.inf
    assert np.isnan(scores_of(written("percentiles(1, 2, 4, low=0)"), np.array([-1.0]))).all()


@settings(max_examples=examples(200), deadline=None)
@given(st.floats(-2, 4), st.floats(-2, 4), st.floats(-37, 37))
def test_beta_values_and_derivatives_are_numbers_whatever_the_shape(a: float, b: float, z: float) -> None:
    value, slope = at_scores(Distribution("beta", {"a": 10.0**a, "b": 10.0**b}), np.array([z]))
    assert np.isfinite(value).all()
    assert np.isfinite(slope).all()
    assert 0.0 <= value[0] <= 1.0
    assert slope[0] >= 0.0


def test_values_stay_the_same_beyond_the_largest_score() -> None:
    value, slope = at_scores(written("lognormal(1, 1)"), np.array([37.0, 1e6]))
    assert value[0] == value[1]
    assert slope[1] == 0.0
