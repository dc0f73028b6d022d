"""Each choice rule's probabilities agree with its definition, also in the tails; its derivatives with differences."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.special import log_ndtr, log_softmax
from scipy.stats import norm

from offramp.equilibrium.structure import LOGIT, PRIVATE, PROBIT, RULES
from tests.equilibrium.by_rule import hazard, log_normal, log_response, response_along, response_back
from tests.examples import examples

Array = NDArray[np.float64]
CASES = [(LOGIT, 1), (LOGIT, 3), (PROBIT, 1), (PROBIT, 2), (PROBIT, 3), (PROBIT, 5), (PRIVATE, 1), (PRIVATE, 2)]


def response(rule: int, rationality: float, gain: Array, variance: Array | None = None) -> Array:
    """The logarithms of choice probabilities."""
    log_choice = np.empty(len(gain))
    log_response(rule, rationality, gain, np.ones(len(gain)) if variance is None else variance, log_choice)
    return log_choice


def by_legendre(gain: Array, option: int) -> float:
    """The logarithm of the probability that an option is best under standard normal shocks, in many short panels."""
    leads = np.delete(gain[option] - gain, option)

    def height(t: Array) -> Array:
        return np.asarray(norm.logpdf(t) + log_ndtr(t[..., None] + leads).sum(axis=-1))

    grid = np.linspace(-12.0, 12.0 + 2.0 * float(np.abs(gain).max()), 20_001)
    top = float(grid[np.argmax(height(grid))])
    nodes, weights = np.polynomial.legendre.leggauss(40)
    edges = np.linspace(top - 14.0, top + 14.0, 57)
    half = np.diff(edges) / 2.0
    points = edges[:-1, None] + half[:, None] * (1.0 + nodes)
    peak = float(height(np.array([top]))[0])
    return peak + math.log(float((half[:, None] * weights * np.exp(height(points) - peak)).sum()))


def test_the_normal_distribution_holds_its_digits_in_both_tails() -> None:
    for z in [*np.linspace(-60.0, 36.0, 1_000), -1e3, -1e8, -1e100]:
        assert log_normal(z) == pytest.approx(float(log_ndtr(z)), rel=5e-13, abs=0.0)
        if z > -1e3:
            assert hazard(z) == pytest.approx(math.exp(norm.logpdf(z) - log_ndtr(z)), rel=1e-12, abs=0.0)
    assert hazard(-1e100) == pytest.approx(1e100)


def test_logit_is_the_softmax() -> None:
    gain = np.array([1.0, -2.0, 500.0, 499.0])
    assert response(LOGIT, 1.5, gain) == pytest.approx(log_softmax(1.5 * gain), rel=1e-14)


def test_probit_of_two_options_is_the_normal_distribution_of_their_difference() -> None:
    for ahead in (0.0, 0.7, -3.0, 40.0, -400.0):
        expected = [log_ndtr(2.5 * ahead / math.sqrt(2.0)), log_ndtr(-2.5 * ahead / math.sqrt(2.0))]
        assert response(PROBIT, 2.5, np.array([ahead, 0.0])) == pytest.approx(expected, rel=1e-12)


@settings(max_examples=examples(30), deadline=None)
@given(st.integers(3, 7), st.sampled_from([0.1, 1.0, 4.0, 20.0]), st.integers(0, 10**6))
def test_probit_of_several_options_agrees_with_a_finer_quadrature(options: int, spread: float, seed: int) -> None:
    gain = np.random.default_rng(seed).normal(size=options) * spread
    found = response(PROBIT, 2.0, gain / 2.0)
    expected = [by_legendre(gain, option) for option in range(options)]
    assert found == pytest.approx(expected, rel=1e-12, abs=1e-12)
    assert np.exp(found).sum() == pytest.approx(1.0, abs=1e-13)


def test_probit_is_how_often_an_option_is_best_under_its_shocks() -> None:
    gain, rationality, plays = np.array([0.3, 0.0, -0.4]), 1.7, 200_000
    shocks = np.random.default_rng(5).normal(size=(plays, 3)) / rationality
    best = np.bincount(np.argmax(gain + shocks, axis=1), minlength=3) / plays
    assert np.abs(best - np.exp(response(PROBIT, rationality, gain))).max() < 4.0 * 0.5 / math.sqrt(plays)


def test_private_divides_by_the_deviation_of_both_options() -> None:
    gain, variance = np.array([0.4, 1.0]), np.array([0.5, 1.0])
    z = 3.0 * -0.6 / math.sqrt(1.5)
    assert response(PRIVATE, 3.0, gain, variance) == pytest.approx([log_ndtr(z), log_ndtr(-z)], rel=1e-13)
    assert response(PRIVATE, 3.0, gain) == pytest.approx(response(PROBIT, 3.0, gain), rel=1e-15)


@pytest.mark.parametrize(("rule", "options"), CASES)
def test_without_rationality_every_option_is_equally_likely(rule: int, options: int) -> None:
    assert response(rule, 0.0, np.arange(float(options))) == pytest.approx(-math.log(options), abs=1e-14)


@pytest.mark.parametrize(("rule", "options"), CASES)
def test_huge_payoffs_give_numbers(rule: int, options: int) -> None:
    for size in (1e3, 1e6, 1e13, 1e200):
        found = response(rule, 1.0, size * np.arange(float(options)))
        assert not np.isnan(found).any()
        assert (found <= 0.0).all()
        assert np.exp(found) == pytest.approx(np.eye(options)[-1], abs=1e-15)


@pytest.mark.parametrize(("rule", "options"), CASES)
@pytest.mark.parametrize("spread", [0.5, 6.0])
def test_derivatives_agree_with_differences_and_with_their_adjoint(rule: int, options: int, spread: float) -> None:
    random = np.random.default_rng(options)
    gain, variance = spread * random.normal(size=options), random.uniform(0.2, 1.0, size=options)
    more_gain, more_variance = random.normal(size=(2, options))
    rationality, more_rationality, step = 1.3, 0.4, 1e-5

    def at(away: float) -> Array:
        changed = gain + away * more_gain, variance + away * more_variance
        return response(rule, rationality + away * more_rationality, *changed)

    log_choice, out = at(0.0), np.empty(options)
    response_along(rule, rationality, gain, variance, log_choice, more_rationality, more_gain, more_variance, out)
    differences = (8.0 * (at(step) - at(-step)) - (at(2.0 * step) - at(-2.0 * step))) / (12.0 * step)
    assert out == pytest.approx(differences, rel=1e-8, abs=1e-9)

    back, gain_back, variance_back = random.normal(size=options), np.empty(options), np.empty(options)
    rationality_back = response_back(rule, rationality, gain, variance, log_choice, back, gain_back, variance_back)
    total = rationality_back * more_rationality + gain_back @ more_gain + variance_back @ more_variance
    assert total == pytest.approx(back @ out, rel=1e-12, abs=1e-13)


def test_derivatives_keep_their_digits_in_the_tails() -> None:
    gain, back = np.array([0.0, 30.0, 60.0]), np.array([1.0, 0.0, 0.0])
    gain_back, unused, out = np.empty(3), np.empty(3), np.empty(3)
    log_choice = response(PROBIT, 1.0, gain)
    response_back(PROBIT, 1.0, gain, unused, log_choice, back, gain_back, unused)
    step = 1e-2

    def change(unit: Array) -> float:
        return float(response(PROBIT, 1.0, gain + unit)[0] - response(PROBIT, 1.0, gain - unit)[0])

    differences = [(8.0 * change(step * unit) - change(2.0 * step * unit)) / (12.0 * step) for unit in np.eye(3)]
    assert gain_back == pytest.approx(differences, rel=1e-8)
    response_along(PROBIT, 1.0, gain, unused, log_choice, 0.0, np.eye(3)[0], unused, out)
    assert out[0] == pytest.approx(gain_back[0], rel=1e-12)


def test_the_rules_are_numbered_as_they_are_named() -> None:
    assert (RULES[LOGIT], RULES[PROBIT], RULES[PRIVATE]) == ("logit", "probit", "private")
