"""A posterior is the exact one where that is known, its ranks are uniform, and it says how far it can be trusted."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pytest
from scipy import stats
from scipy.special import betaln

from offramp.common.errors import UsageError
from offramp.fitting.posterior import Posterior, posterior_of
from offramp.fitting.sampling_checks import smoothed
from tests.examples import THOROUGH
from tests.fitting.likelihoods import Array, Counts, Logistic, OneAtATime, logistic, priors

COUNTED = Counts(yes=7, no=4)
EXACT = stats.beta(2 + 7, 3 + 4)


@pytest.fixture(scope="module")
def counted() -> Posterior:
    return posterior_of(COUNTED, priors(["beta(2, 3)"]))


def test_a_beta_prior_and_counts_give_the_beta_posterior(counted: Posterior) -> None:
    assert counted.method == "importance"
    assert counted.trusted
    assert counted.mean[0] == pytest.approx(EXACT.mean(), abs=5e-4)
    assert counted.sd[0] == pytest.approx(EXACT.std(), rel=5e-3)
    np.testing.assert_allclose(counted.quantiles()[:, 0], EXACT.ppf([0.05, 0.5, 0.95]), atol=2e-3)


def test_the_evidence_is_the_probability_of_the_records_under_the_prior(counted: Posterior) -> None:
    exact = betaln(2 + 7, 3 + 4) - betaln(2, 3)
    assert counted.log_evidence is not None
    evidence, error = counted.log_evidence
    assert evidence == pytest.approx(exact, abs=2e-3)
    assert error < 0.02


def test_the_mode_is_that_of_the_scores_density(counted: Posterior) -> None:
    grid = np.linspace(0.2, 0.9, 70_001)
    score = stats.norm.ppf(stats.beta(2, 3).cdf(grid))
    assert counted.mode[0] == pytest.approx(
        grid[np.argmax(7 * np.log(grid) + 4 * np.log1p(-grid) - score**2 / 2)], abs=1e-5
    )


def test_draws_of_equal_weight_have_the_posterior(counted: Posterior) -> None:
    draws = counted.draws(1000)
    assert draws.shape == (1000, 1)
    assert stats.kstest(draws[:, 0], EXACT.cdf).pvalue > 0.01


def test_the_same_seed_gives_the_same_numbers() -> None:
    one, same, other = (posterior_of(COUNTED, priors(["beta(2, 3)"]), draws=256, seed=seed) for seed in (1, 1, 2))
    assert one.values.tolist() == same.values.tolist()
    assert one.weights.tolist() == same.weights.tolist()
    assert one.values.tolist() != other.values.tolist()


def test_correlated_normal_priors_and_a_flat_likelihood_give_back_the_priors() -> None:
    correlation = np.array([[1.0, 0.7], [0.7, 1.0]])
    flat = Logistic(np.zeros((3, 2)), np.array([0.0, 1.0, 1.0]))
    posterior = posterior_of(flat, priors(["lognormal(2, 0.5)", "uniform(0, 4)"], correlation))
    assert posterior.correlation[0, 1] == pytest.approx(0.7, abs=0.02)
    np.testing.assert_allclose(posterior.score_sd, 1.0, atol=0.03)
    assert posterior.quantiles()[1].tolist() == pytest.approx([2.0, 2.0], rel=0.03)
    assert posterior.unmoved == ("b0", "b1")
    assert posterior.log_evidence is not None
    assert posterior.log_evidence[0] == pytest.approx(3 * np.log(0.5), abs=0.01)


def test_a_coefficient_that_the_cases_say_nothing_about_is_named() -> None:
    regression = logistic(200, [0.5, 1.0], seed=3)
    with_idle = Logistic(np.column_stack([regression.columns, np.zeros(200)]), regression.happened)
    posterior = posterior_of(with_idle, priors(["normal(0, 2)", "normal(0, 2)", "triangular(-1, 0, 5)"]))
    assert posterior.unmoved == ("b2",)
    assert posterior.overlap[2] > 0.95


def test_the_correlation_is_that_of_scores_of_the_posteriors_own_marginals() -> None:
    """Of a regression with many cases: minus the off-diagonal of the inverse information."""
    rng = np.random.default_rng(5)
    column = rng.normal(2.0, 1.0, 400)
    columns = np.column_stack([np.ones(400), column])
    regression = Logistic(columns, (rng.uniform(size=400) < 1 / (1 + np.exp(1.0 - 0.6 * column))).astype(float))
    posterior = posterior_of(regression, priors(["normal(0, 5)", "normal(0, 5)"]))
    share = 1.0 / (1.0 + np.exp(-columns @ posterior.mean))
    covariance = np.linalg.inv((columns.T * (share * (1 - share))) @ columns)
    assert posterior.correlation[0, 1] == pytest.approx(
        covariance[0, 1] / np.sqrt(covariance[0, 0] * covariance[1, 1]), abs=0.02
    )


class TwoPeaks(OneAtATime):
    """Two equal normal peaks at -2 and 2 of the first coefficient."""

    def total(self, values: Array) -> tuple[float, Array]:
        peaks = np.array([-((values[0] - centre) ** 2) / (2 * 0.1**2) for centre in (-2.0, 2.0)])
        slopes = np.array([-(values[0] - centre) / 0.1**2 for centre in (-2.0, 2.0)])
        top = np.logaddexp.reduce(peaks)
        return float(top), np.array([np.exp(peaks - top) @ slopes])


def test_every_mode_is_sampled_by_its_mass() -> None:
    posterior = posterior_of(TwoPeaks(), priors(["normal(1, 2)"]), known=[np.array([-2.0]), np.array([2.0])])
    assert len(posterior.modes) == 2
    masses = stats.norm(1, np.sqrt(4 + 0.01)).pdf([-2.0, 2.0])  # the prior at each peak, spread by the peak's width
    assert posterior.weights @ (posterior.values[:, 0] > 0) == pytest.approx(masses[1] / masses.sum(), abs=0.01)
    assert posterior.trusted
    assert posterior.modes[0].scores[0] > posterior.modes[1].scores[0]
    assert "optimum 2" in posterior.modes[0].starts


class Refusing(OneAtATime):
    """Cases that cannot be computed if the coefficient is above 1, as odds that do not add up to one."""

    def total(self, values: Array) -> tuple[float, Array]:
        return (-np.inf if values[0] > 1.0 else 0.0), np.full(1, np.nan if values[0] > 1.0 else 0.0)


def test_values_that_the_crisis_cannot_take_have_no_weight() -> None:
    posterior = posterior_of(Refusing(), priors(["normal(0, 1)"]))
    assert posterior.values[posterior.weights > 0.0].max() <= 1.0
    assert posterior.log_evidence is not None
    assert np.exp(posterior.log_evidence[0]) == pytest.approx(stats.norm.cdf(1.0), abs=0.01)
    assert posterior.mean[0] == pytest.approx(stats.truncnorm(-np.inf, 1.0).mean(), abs=0.01)


class Impossible(OneAtATime):
    def total(self, values: Array) -> tuple[float, Array]:
        return -np.inf, np.zeros(len(values))


def test_cases_that_no_start_can_explain_are_refused() -> None:
    with pytest.raises(UsageError, match="impossible at the medians"):
        posterior_of(Impossible(), priors(["normal(0, 1)"]))


@pytest.mark.parametrize("draws", [10, 2**21])
def test_a_number_of_draws_out_of_range_is_refused(draws: int) -> None:
    with pytest.raises(UsageError, match="takes 64 to"):
        posterior_of(COUNTED, priors(["beta(2, 3)"]), draws=draws)


def test_ranks_of_the_true_coefficients_are_uniform() -> None:
    """Simulation-based calibration (Talts, Betancourt, Simpson, Vehtari & Gelman 2018): 50 sets, 3 coefficients."""
    sets, draws = 50 if THOROUGH else 20, 63
    prior = priors(["normal(0, 1.5)", "lognormal(1, 0.5)", "uniform(-2, 2)"])
    rng = np.random.default_rng(11)
    ranks = []
    for number in range(sets):
        true = prior.values(rng.normal(size=3))[0]
        regression = logistic(40, true.tolist(), seed=number)
        posterior = posterior_of(regression, prior, draws=512, seed=number)
        ranks.append((posterior.draws(draws) < true).sum(axis=0))
    shares = (np.array(ranks) + rng.uniform(size=(sets, 3))) / (draws + 1)
    for column in shares.T:
        assert stats.kstest(column, "uniform").pvalue > 0.01


def test_the_overlap_is_the_area_under_both_densities() -> None:
    """A normal prior and the normal posterior of measurements with known errors."""
    for mean, error in ((3.0, 0.02), (0.5, 1.0), (0.0, 0.5)):
        posterior = posterior_of(Measured(mean, error), priors(["normal(0, 1)"]))
        precision = 1.0 + error**-2
        exact = stats.norm(mean * error**-2 / precision, precision**-0.5)
        grid = np.linspace(-8.0, 8.0, 160_001)
        area = np.minimum(stats.norm.pdf(grid), exact.pdf(grid)).sum() * (grid[1] - grid[0])
        assert posterior.overlap[0] == pytest.approx(area, abs=0.02)


@dataclass(frozen=True)
class Measured(OneAtATime):
    """The coefficient was measured once, with a normal error."""

    mean: float
    error: float

    def total(self, values: Array) -> tuple[float, Array]:
        away = (values - self.mean) / self.error
        return float(-0.5 * away @ away), -away / self.error


def test_a_correlation_is_of_normal_scores_even_if_the_posterior_is_skewed(counted: Posterior) -> None:
    normal = stats.multivariate_normal([0.0, 0.0], [[1.0, 0.8], [0.8, 1.0]], seed=7).rvs(4000)
    skewed = replace(
        counted,
        prior=priors(["normal(0, 1)"] * 2),
        scores=np.exp([1.5, 0.0] * normal) - [0.0, 1.0] + [0.0, 1.0] * normal,
        weights=np.full(4000, 1 / 4000),
    )
    assert skewed.correlation[0, 1] == pytest.approx(0.8, abs=0.02)


def test_progress_reaches_the_number_of_draws() -> None:
    told: list[int] = []
    posterior_of(COUNTED, priors(["beta(2, 3)"]), draws=600, progress=told.append)
    assert told == [256, 512, 768, 1024, 256, 512, 600]  # first the points of the given proposal


def test_draws_whose_ratios_are_all_the_same_count_the_same() -> None:
    weights, pareto_k = smoothed(np.append(np.full(200, -3.0), -np.inf))
    np.testing.assert_allclose(weights, np.append(np.full(200, 1.0 / 200), 0.0))
    assert pareto_k == 0.0


def test_a_few_possible_draws_have_no_pareto_k() -> None:
    weights, pareto_k = smoothed(np.array([0.0, np.log(3.0), -np.inf]))
    np.testing.assert_allclose(weights, [0.25, 0.75, 0.0])
    assert pareto_k == np.inf
    with pytest.raises(UsageError, match="impossible at all points"):
        smoothed(np.full(100, -np.inf))
