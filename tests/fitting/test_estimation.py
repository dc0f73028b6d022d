"""Estimates of a small model, against its formulas maximised by SciPy; what is not identified is named."""

from __future__ import annotations

import os

import numpy as np
import pytest
from scipy.optimize import minimize

from offramp.common.errors import OfframpError
from offramp.fitting import starts
from offramp.fitting.estimation import Estimates, estimates_of
from offramp.fitting.identification import separations
from offramp.fitting.second_derivatives import hessian_of
from tests.fitting.attacks import TEXT, likelihood_of, log_likelihood, simulated

CLUSTERED = TEXT.replace("cases:\n", "cases:\n  cluster: land\n")


@pytest.fixture(scope="module")
def fitted() -> Estimates:
    columns, outcome = simulated(400)
    land = np.arange(400.0) % 20
    return estimates_of(likelihood_of({**columns, "land": land}, outcome, CLUSTERED))


def curvature(columns: dict[str, np.ndarray], outcome: np.ndarray, at: np.ndarray) -> np.ndarray:
    """Second derivatives of the formulas by differences of second order."""
    step, size = 1e-4, len(at)
    moves = step * np.eye(size)

    def value(move: np.ndarray) -> float:
        return log_likelihood(at + move, columns, outcome)

    return np.array(
        [[(value(a + b) - value(a - b) - value(b - a) + value(-a - b)) / (4.0 * step**2) for b in moves] for a in moves]
    )


def test_estimates_and_errors_are_those_of_the_formulas(fitted: Estimates) -> None:
    columns, outcome = simulated(400)
    expected = minimize(lambda values: -log_likelihood(values, columns, outcome), np.zeros(5), tol=1e-10)
    assert fitted.converged
    assert fitted.log_likelihood == pytest.approx(-expected.fun, abs=1e-8)
    assert fitted.values == pytest.approx(expected.x, abs=1e-4)
    assert fitted.optima[0].largest_gradient < 1e-9
    hessian = curvature(columns, outcome, fitted.values)
    assert fitted.hessian == pytest.approx(hessian, rel=1e-4, abs=1e-3)
    errors = np.sqrt(np.diag(np.linalg.inv(-hessian)))
    assert fitted.standard_errors() == pytest.approx(errors, rel=1e-4)
    assert fitted.aic == pytest.approx(10.0 - 2.0 * fitted.log_likelihood)
    assert fitted.bic == pytest.approx(5.0 * np.log(400.0) - 2.0 * fitted.log_likelihood)


def test_robust_errors_are_made_of_scores_and_those_of_clusters(fitted: Estimates) -> None:
    bread = np.linalg.inv(-fitted.hessian)
    cases = fitted.likelihood.cases
    assert cases.cluster is not None
    score = fitted.score[cases.entry_case]
    sandwich = bread @ (score.T @ score) @ bread
    assert fitted.covariance("sandwich") == pytest.approx(sandwich, rel=1e-8)
    sums = np.array([score[cases.cluster == number].sum(axis=0) for number in range(20)])
    clustered = bread @ (sums.T @ sums) @ bread * 20.0 / 19.0
    assert fitted.covariance("clustered") == pytest.approx(clustered, rel=1e-8)


def test_without_clusters_there_are_no_clustered_errors() -> None:
    found = estimates_of(likelihood_of(*simulated(60)), starts=0)
    with pytest.raises(OfframpError, match="no clusters"):
        found.covariance("clustered")


def test_results_do_not_depend_on_the_number_of_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    def found(cores: int) -> Estimates:
        monkeypatch.setattr(os, "cpu_count", lambda: cores)
        return estimates_of(likelihood_of(*simulated(3_000)), starts=1)

    one, two = found(1), found(2)
    assert one.values.tobytes() == two.values.tobytes()
    assert one.hessian.tobytes() == two.hessian.tobytes()


def test_climbs_on_a_sample_end_at_the_maxima_of_all_cases(monkeypatch: pytest.MonkeyPatch) -> None:
    likelihood = likelihood_of(*simulated(2_000))
    monkeypatch.setattr(starts, "SAMPLE", 50)
    assert starts.sampled(likelihood, 1) is not None
    by_sample = estimates_of(likelihood, starts=2)
    monkeypatch.setattr(starts, "SAMPLE", 10_000)
    assert starts.sampled(likelihood, 1) is None
    assert estimates_of(likelihood, starts=2).values == pytest.approx(by_sample.values, abs=1e-8)


def test_every_start_is_told_where_it_ended(fitted: Estimates) -> None:
    told = [name for optimum in fitted.optima for name in optimum.starts] + list(fitted.given_up)
    assert sorted(told) == sorted(["stage by stage", *(f"random {number}" for number in range(1, 9))])


def test_a_combination_of_columns_that_is_constant_is_named() -> None:
    columns, outcome = simulated(200)
    columns["twice"] = 2.0 * columns["power"]
    text = TEXT.replace("linear: [1, power]", "linear: [1, power, twice]")
    text = text.replace("  dem: {", "  twice: {is: 0, column: twice}\n  dem: {")
    found = estimates_of(likelihood_of(columns, outcome, text), starts=1)
    (flat,) = found.identification.flat
    assert flat == pytest.approx({"quiet.power": 1.0, "quiet.twice": -0.5})
    errors = dict(zip(found.likelihood.parameters, found.standard_errors(), strict=True))
    assert np.isnan(errors["quiet.power"])
    assert np.isnan(errors["quiet.twice"])
    assert np.isfinite(errors["quiet.1"])
    assert np.isfinite(errors["stand.dem"])


def test_a_level_that_predicts_a_record_has_no_finite_coefficient_and_is_named() -> None:
    columns, outcome = simulated(200)
    outcome = np.where((columns["dem"] == 1.0) & (outcome == "war"), "won", outcome)
    found = estimates_of(likelihood_of(columns, outcome), starts=1)
    told = found.identification
    assert not told.identified
    assert "stand.dem" in {*told.growing, *(name for one in told.flat for name in one)}
    count = int((columns["dem"] == 1.0).sum())
    assert told.separating == (f"none of the {count} cases with dem 1 records war",)


def test_a_single_case_that_has_a_level_separates() -> None:
    columns, outcome = simulated(50)
    columns["dem"] = (np.arange(50) == 7).astype(float)
    outcome[7] = "won"
    told = separations(likelihood_of(columns, outcome), {"stand.dem"})
    assert told == ["the only case with dem 1 records won"]


def test_a_coefficient_at_the_bound_of_its_prior_is_named() -> None:
    text = TEXT.replace('win: {is: "normal(0, 5)"', 'win: {is: "uniform(0, 0.2)"')
    found = estimates_of(likelihood_of(*simulated(200), text), starts=1)
    place = found.likelihood.parameters.index("win")
    assert found.identification.at_bound == ("win",)
    assert 0.0 < found.values[place] <= 0.2
    errors = found.standard_errors()
    assert np.isnan(errors[place])
    assert np.isfinite(np.delete(errors, place)).all()


def test_bounds_that_do_not_bind_change_nothing(fitted: Estimates) -> None:
    text = CLUSTERED.replace('win: {is: "normal(0, 5)"', 'win: {is: "lognormal(1, 1)"')
    text = text.replace('[1, dem], is: "normal(0, 5)"', '[1, dem], is: "uniform(-9, 9)"')
    columns, outcome = simulated(400)
    found = estimates_of(likelihood_of({**columns, "land": np.arange(400.0) % 20}, outcome, text), starts=1)
    assert found.values == pytest.approx(fitted.values, abs=1e-7)
    assert found.standard_errors() == pytest.approx(fitted.standard_errors(), rel=1e-6)


def test_second_derivatives_by_sums_are_those_by_coefficients(fitted: Estimates) -> None:
    likelihood, at = fitted.likelihood, fitted.values
    weight = likelihood.cases.weight
    rows = [
        weight @ (likelihood.at(at + move).score - likelihood.at(at - move).score) / 2e-5
        for move in 1e-5 * np.eye(len(at))
    ]
    assert hessian_of(likelihood, at) == pytest.approx(np.array(rows), rel=1e-6, abs=1e-6)
    assert hessian_of(likelihood, at, fitted.score) == pytest.approx(np.array(rows), rel=1e-4, abs=1e-4)


def test_stages_multiply_to_the_likelihood_and_the_last_has_its_mover_s_numbers_only(fitted: Estimates) -> None:
    likelihood = fitted.likelihood
    last, first = (stage.at(fitted.values) for stage in starts.stages_of(likelihood))
    whole = likelihood.at(fitted.values).log_probability.sum()
    assert last.log_probability.sum() + first.log_probability.sum() == pytest.approx(whole, abs=1e-10)
    names = np.array(likelihood.parameters)
    assert set(names[(np.abs(last.score) > 1e-12).any(axis=0)]) == {"stand.1", "stand.dem"}


def test_numbers_that_cannot_be_computed_anywhere_are_refused() -> None:
    text = TEXT.replace("win * (reply == yield)", "sqrt(-1 - win * win) * (reply == yield)")
    with pytest.raises(OfframpError, match="cannot be computed"):
        estimates_of(likelihood_of(*simulated(50), text), starts=1)
