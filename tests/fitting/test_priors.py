"""Penalties are log densities with exact gradients: the file's priors, Cauchy's, log-F."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import optimize, stats

from offramp.crisis.distribution import from_expression
from offramp.crisis.expressions.grammar import parse
from offramp.fitting.priors import FilePrior, Penalty

TEXTS = ["normal(1, 2)", "lognormal(2, 0.5)", "uniform(0, 3)", "beta(2, 3)", "percentiles(1, 2, 4, low=0)"]


def prior_of(texts: list[str], correlation: np.ndarray | None = None) -> FilePrior:
    distributions = tuple(from_expression(parse(text)) for text in texts)
    matrix = np.eye(len(texts)) if correlation is None else correlation
    return FilePrior(tuple(f"b{place}" for place in range(len(texts))), distributions, matrix)


def assert_gradient(penalty: Penalty, at: np.ndarray) -> None:
    numeric = optimize.approx_fprime(at, lambda values: penalty.at(values)[0], 1e-7)
    np.testing.assert_allclose(penalty.at(at)[1], numeric, rtol=2e-5, atol=2e-5)


def test_the_files_priors_are_the_normal_density_of_their_scores() -> None:
    correlation = np.eye(5)
    correlation[0, 1] = correlation[1, 0] = 0.6
    correlation[2, 4] = correlation[4, 2] = -0.3
    prior = prior_of(TEXTS, correlation)
    values = np.array([2.0, 1.0, 0.5, 0.7, 3.0])
    known = [
        stats.norm.ppf(stats.norm(1, 2).cdf(2.0)),
        stats.norm.ppf(stats.lognorm(0.5, scale=2).cdf(1.0)),
        stats.norm.ppf(0.5 / 3),
        stats.norm.ppf(stats.beta(2, 3).cdf(0.7)),
        optimize.brentq(lambda z: prior.distributions[4].quantile(stats.norm.cdf(z)) - 3.0, -5, 5),
    ]
    joint = stats.multivariate_normal(np.zeros(5), correlation)
    assert prior.at(values)[0] == pytest.approx(joint.logpdf(known) - joint.logpdf(np.zeros(5)))
    assert_gradient(prior, values)


def test_normal_priors_give_the_usual_mode() -> None:
    """A mean with known variance: precisions add."""
    prior = prior_of(["normal(1, 2)"])
    data = np.array([4.0, 5.0, 6.0])
    best = optimize.minimize_scalar(lambda b: 0.5 * ((data - b) ** 2).sum() - prior.at(np.array([b]))[0])
    assert best.x == pytest.approx((15.0 + 1.0 / 4.0) / (3.0 + 1.0 / 4.0))


def test_the_mode_is_the_same_for_a_cost_and_its_logarithm() -> None:
    cost, logarithm = prior_of(["lognormal(2, 0.5)"]), prior_of([f"normal({float(np.log(2.0))!r}, 0.5)"])
    for value in (0.3, 1.0, 5.0):
        assert cost.at(np.array([value]))[0] == pytest.approx(logarithm.at(np.log([value]))[0])


def test_a_value_on_a_bound_or_beyond_is_impossible() -> None:
    prior = prior_of(["uniform(0, 3)", "normal(0, 1)"])
    for value in (0.0, 3.0, -1.0, 4.0):
        density, gradient = prior.at(np.array([value, 0.0]))
        assert density == -np.inf
        assert gradient.tolist() == [0.0, 0.0]
