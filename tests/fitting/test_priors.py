"""Penalties are log densities with exact gradients: the file's priors, Cauchy's, log-F."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
import pytest
from scipy import optimize, stats

from offramp.crisis.expressions.expression import Linear
from offramp.crisis.reading import read_text
from offramp.fitting.priors import (
    Penalty,
    PenaltyKind,
    cauchy_penalty,
    file_prior,
    log_f_penalty,
    penalty_of,
)
from tests.fitting.likelihoods import priors

TEXTS = ["normal(1, 2)", "lognormal(2, 0.5)", "uniform(0, 3)", "beta(2, 3)", "percentiles(1, 2, 4, low=0)"]


def assert_gradient(penalty: Penalty, at: np.ndarray) -> None:
    numeric = optimize.approx_fprime(at, lambda values: penalty.at(values)[0], 1e-7)
    np.testing.assert_allclose(penalty.at(at)[1], numeric, rtol=2e-5, atol=2e-5)


def test_the_files_priors_are_the_normal_density_of_their_scores() -> None:
    correlation = np.eye(5)
    correlation[0, 1] = correlation[1, 0] = 0.6
    correlation[2, 4] = correlation[4, 2] = -0.3
    prior = priors(TEXTS, correlation)
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
    prior = priors(["normal(1, 2)"])
    data = np.array([4.0, 5.0, 6.0])
    best = optimize.minimize_scalar(lambda b: 0.5 * ((data - b) ** 2).sum() - prior.at(np.array([b]))[0])
    assert best.x == pytest.approx((15.0 + 1.0 / 4.0) / (3.0 + 1.0 / 4.0))


def test_the_mode_is_the_same_for_a_cost_and_its_logarithm() -> None:
    cost, logarithm = priors(["lognormal(2, 0.5)"]), priors([f"normal({float(np.log(2.0))!r}, 0.5)"])
    for value in (0.3, 1.0, 5.0):
        assert cost.at(np.array([value]))[0] == pytest.approx(logarithm.at(np.log([value]))[0])


@pytest.mark.parametrize("deviations", [30.0, 40.0, 1e6, 1e60])
def test_a_value_however_far_out_is_pulled_back(deviations: float) -> None:
    prior = priors(["normal(1, 2)", "lognormal(1, 1)"])
    cost, slope = prior.at(np.array([1.0 + 2.0 * deviations, 1.0]))
    assert cost == pytest.approx(-0.5 * deviations**2)
    np.testing.assert_allclose(slope, [-deviations / 2.0, 0.0])


def test_a_value_on_a_bound_or_beyond_is_impossible() -> None:
    prior = priors(["uniform(0, 3)", "normal(0, 1)"])
    for value in (0.0, 3.0, -1.0, 4.0):
        density, gradient = prior.at(np.array([value, 0.0]))
        assert density == -np.inf
        assert gradient.tolist() == [0.0, 0.0]


@dataclass(frozen=True)
class TwoColumns:
    """Five distinct cases of a number and a yes or no, with how often each came."""

    parameters: tuple[str, ...] = ("calm.1", "calm.size", "calm.dem", "loss")
    columns: Mapping[str, np.ndarray] = field(
        default_factory=lambda: {
            "size": np.array([1.0, 2.0, 4.0, 8.0, 9.0]),
            "dem": np.array([0.0, 1.0, 1.0, 0.0, 1.0]),
        }
    )
    weight: np.ndarray = field(default_factory=lambda: np.array([3.0, 1.0, 2.0, 1.0, 3.0]))
    record: np.ndarray = field(default_factory=lambda: np.array([1, 0, 1, 1, 0]))


SUMS = {"calm": Linear("calm", ("calm.1", "calm.size", "calm.dem"), (None, "size", "dem"))}
CASES = TwoColumns()


def regression(constant: float, size: float, dem: float, columns: Mapping[str, np.ndarray]) -> float:
    odds = constant + size * columns["size"] + dem * columns["dem"]
    return float(CASES.weight @ (CASES.record * odds - np.logaddexp(0.0, odds)))


def fitted(cost: Callable[[np.ndarray], float], size: int = 3) -> np.ndarray:
    return optimize.minimize(cost, np.zeros(size), method="BFGS", options={"gtol": 1e-8}).x


def test_cauchy_priors_are_those_of_a_regression_on_scaled_columns() -> None:
    """Gelman et al. 2008: numbers centred, with a standard deviation of one half; two values centred, one apart."""
    every = {name: np.repeat(column, CASES.weight.astype(int)) for name, column in CASES.columns.items()}
    size, dem = every["size"], every["dem"]
    scaled = {
        "size": (CASES.columns["size"] - size.mean()) / (2.0 * size.std()),
        "dem": CASES.columns["dem"] - dem.mean(),
    }

    def in_scaled_columns(b: np.ndarray) -> float:
        density = stats.cauchy(0, 10).logpdf(b[0]) + stats.cauchy(0, 2.5).logpdf(b[1:]).sum()
        return -regression(*b, scaled) - density

    penalty = cauchy_penalty(SUMS, CASES)
    ours = fitted(lambda b: -regression(*b, CASES.columns) - penalty.at(np.append(b, 0.0))[0])
    theirs = fitted(in_scaled_columns)
    expected = [theirs[1] / (2.0 * size.std()), theirs[2]]
    np.testing.assert_allclose(ours[1:], expected, rtol=1e-4)
    assert ours[0] == pytest.approx(theirs[0] - expected[0] * size.mean() - expected[1] * dem.mean(), rel=1e-4)
    assert_gradient(penalty, np.array([0.5, -0.2, 1.5, 3.0]))


def test_a_coefficient_outside_of_sums_has_the_scale_of_a_constant() -> None:
    penalty = cauchy_penalty(SUMS, CASES)
    only_loss = np.array([0.0, 0.0, 0.0, 7.0])
    assert penalty.at(only_loss)[0] == pytest.approx(stats.cauchy(0, 10).logpdf(7.0) - stats.cauchy(0, 10).logpdf(0.0))


def test_log_f_is_the_density_of_an_f_distribution_s_logarithm_and_leaves_constants_alone() -> None:
    penalty = log_f_penalty(SUMS, CASES)
    values = np.array([5.0, 0.0, 1.2, -4.0])
    odds = np.exp(1.2)  # log-F(1, 1): the logarithm of an F(1, 1) variable
    at, peak = (stats.f(1, 1).pdf(ratio) * ratio for ratio in (odds, 1.0))
    assert penalty.at(values)[0] == pytest.approx(np.log(at / peak))
    assert penalty.at(values)[1][[0, 3]].tolist() == [0.0, 0.0]
    assert_gradient(penalty, np.array([0.5, -0.2, 1.5, 3.0]))


def test_log_f_is_half_a_success_and_half_a_failure_more() -> None:
    """Greenland & Mansournia 2015, section 3: the same as adding a case of each with half a weight and no constant."""
    penalty = log_f_penalty({"b": Linear("b", ("b.x",), ("x",))}, Single())
    for b in (-3.0, 0.4):
        added = 0.5 * (b - np.logaddexp(0.0, b)) + 0.5 * (-np.logaddexp(0.0, b))
        assert penalty.at(np.array([b]))[0] - penalty.at(np.zeros(1))[0] == pytest.approx(added + np.log(2.0))


@dataclass(frozen=True)
class Single(TwoColumns):
    parameters: tuple[str, ...] = ("b.x",)
    columns: Mapping[str, np.ndarray] = field(default_factory=lambda: {"x": np.array([0.0, 1.0, 1.0, 0.0, 1.0])})


@pytest.mark.parametrize("penalty_of_sums", [cauchy_penalty, log_f_penalty])
def test_separated_cases_have_a_finite_maximum_with_a_penalty(
    penalty_of_sums: Callable[[Mapping[str, Linear], TwoColumns], Penalty],
) -> None:
    separated = TwoColumns(parameters=("calm.1", "calm.size", "calm.dem"), record=np.array([0, 0, 1, 1, 1]))
    penalty = penalty_of_sums(SUMS, separated)

    def cost(b: np.ndarray) -> float:
        odds = b[0] + b[1] * separated.columns["size"] + b[2] * separated.columns["dem"]
        return -float(separated.weight @ (separated.record * odds - np.logaddexp(0.0, odds))) - penalty.at(b)[0]

    best = fitted(cost)
    assert np.abs(best).max() < 50.0
    assert best[1] > 0.0


def test_a_penalty_is_found_by_its_kind() -> None:
    crisis = read_text(SEPARATE.encode(), "crisis.yaml")
    cases = TwoColumns(parameters=("calm.1", "calm.size", "loss"))
    kinds: tuple[PenaltyKind, ...] = ("prior", "cauchy", "log-f")
    for kind in kinds:
        penalty = penalty_of(kind, crisis, cases)
        assert penalty.kind == kind
        assert_gradient(penalty, np.array([0.3, 0.1, 1.4]))
    prior = file_prior(crisis, cases.parameters)
    assert prior.correlation[1, 0] == 0.5
    assert str(prior.distributions[2]) == "lognormal(median=1, sigma=0.5)"


SEPARATE = """\
format: 1
title: A test
actors: {a: {name: A}}
inputs:
  size: {is: 1, column: size}
  calm: {linear: [1, size], is: "normal(0, 5)"}
  loss: {is: "lognormal(1, 0.5)", estimate: yes}
correlations:
  - {of: [calm.1, calm.size], rho: 0.5}
timeline:
  - {move: go, by: a, options: [yes_, no_]}
payoffs:
  a: {calm: calm * (go == no_), loss: -loss * (go == yes_)}
endings: {gone: go == yes_, calm: otherwise}
cases: {observed: {went: {1: {go: yes_}, 0: {go: no_}}}}
"""
