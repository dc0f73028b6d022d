"""Where importance weights fail, chains of NUTS are the draws; without the sampler the posterior says what to do."""

from __future__ import annotations

import sys

import numpy as np
import pytest
from scipy import stats

from offramp.common.errors import UsageError
from offramp.fitting.importance import sample_by_importance
from offramp.fitting.nuts import sample_by_nuts
from offramp.fitting.posterior import posterior_of, proposal_of
from offramp.fitting.posterior_modes import PosteriorDensity, modes_of
from offramp.fitting.posterior_tables import posterior_sentences, posterior_tables
from tests.examples import THOROUGH
from tests.fitting.likelihoods import Array, OneAtATime, logistic, priors


class Curved(OneAtATime):
    """One coefficient is the square of the other up to 0.02: a curve that no normal distribution is like."""

    def total(self, values: Array) -> tuple[float, Array]:
        away = (values[1] - values[0] ** 2) / 0.02
        return float(-0.5 * away**2), np.array([2.0 * values[0] * away, -away]) / 0.02


PRIOR = priors(["normal(0, 1)", "normal(0, 1)"])


def test_weights_that_miss_a_curve_are_not_trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "nutpie", None)
    posterior = posterior_of(Curved(), PRIOR)
    assert posterior.method == "importance"
    assert not posterior.trusted
    assert posterior.log_evidence is None
    assert "Do not rely on this posterior" in posterior_sentences(posterior)[0]
    assert "pip install 'offramp[nuts]'" in posterior_sentences(posterior)[0]


def test_a_posterior_needs_the_extra_for_fits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "arviz_stats", None)
    with pytest.raises(UsageError, match=r"pip install 'offramp\[fit\]'"):
        posterior_of(logistic(20, [0.5], seed=1), priors(["normal(0, 1)"]), draws=64)


def test_chains_have_the_exact_posterior() -> None:
    """A normal density with known mean and covariance, in other coordinates than the chains run in."""
    mean, covariance = np.array([1.0, -2.0]), np.array([[1.0, 0.6], [0.6, 2.0]])
    precision = np.linalg.inv(covariance)

    def log_density(x: Array) -> tuple[float, Array]:
        pull = -precision @ (x - mean)
        return float(0.5 * (x - mean) @ pull), pull

    def start(seed: int) -> Array:
        return np.random.default_rng(seed).normal(size=2)

    chains = sample_by_nuts(log_density, np.zeros(2), np.diag([2.0, 1.0]), start, 300, seed=3)
    assert chains.points.shape == (4, 300, 2)
    assert chains.divergences == 0
    assert (chains.r_hat < 1.03).all()
    error = np.sqrt(np.diag(covariance) / chains.effective)
    assert (np.abs(chains.points.mean(axis=(0, 1)) - mean) < 4.0 * error).all()
    np.testing.assert_allclose(np.cov(chains.points.reshape(-1, 2).T), covariance, atol=0.35)


@pytest.mark.skipif(not THOROUGH, reason="chains over a curve take half a minute")
def test_chains_are_the_draws_where_weights_fail() -> None:
    posterior = posterior_of(Curved(), PRIOR, draws=4096)
    assert posterior.method == "nuts"
    assert posterior.sd[0] == pytest.approx(0.605, abs=0.1)  # by quadrature
    assert "because the importance weights are not good enough" in posterior_sentences(posterior)[0]
    assert posterior_tables(posterior)[-1].name == "chains"
    again = posterior_of(Curved(), PRIOR, draws=4096)
    assert again.values.tolist() == posterior.values.tolist()


@pytest.mark.skipif(not THOROUGH, reason="chains take some seconds")
def test_weights_and_chains_agree_on_a_regression() -> None:
    density = PosteriorDensity(logistic(60, [0.5, 1.0, -0.8], seed=2), priors(["normal(0, 5)"] * 3))
    modes = modes_of(density)
    weighted = sample_by_importance(density.many, proposal_of(modes), 4096, 1)
    factor = np.linalg.cholesky(modes[0].covariance)
    chains = sample_by_nuts(density.at, modes[0].scores, factor, lambda seed: modes[0].scores, 1000, seed=1)
    assert chains.agree
    mean, sd = weighted.weights @ weighted.points, chains.points.std(axis=(0, 1))
    assert (np.abs(mean - chains.points.mean(axis=(0, 1))) < 4.0 * sd / np.sqrt(chains.effective)).all()
    spread = np.sqrt(weighted.weights @ (weighted.points - mean) ** 2)
    np.testing.assert_allclose(spread, sd, rtol=0.08)


def test_impossible_points_do_not_stop_the_chains() -> None:
    """A half normal: nothing below 0."""

    def log_density(x: Array) -> tuple[float, Array]:
        return (float(-0.5 * x @ x), -x) if x[0] > 0.0 else (-np.inf, np.zeros(1))

    chains = sample_by_nuts(log_density, np.ones(1), np.eye(1), lambda seed: np.ones(1), 150, seed=1)
    assert chains.points.min() > 0.0
    assert chains.divergences > 0
    assert not chains.agree
    assert chains.points.mean() == pytest.approx(stats.halfnorm.mean(), abs=0.2)
