"""Shares of variance are those of closed forms, of SALib, and keep their laws."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.sparse.csgraph import connected_components
from scipy.special import ndtr
from scipy.stats import qmc

from offramp.study.sensitivity.surrogate import columns, factors_of, surrogate
from offramp.study.sensitivity.variance import Share, first_order, news_of, totals
from tests.examples import examples

Array = NDArray[np.float64]


def sampled(inputs: int, draws: int = 4096, seed: int = 5) -> Array:
    """Scrambled Sobol points, as a run draws them: (inputs, draws)."""
    engine = qmc.Sobol(inputs, scramble=True, rng=np.random.default_rng(seed))
    return np.ascontiguousarray(engine.random(draws).T) + 2.0**-31


def normals(covariance: Array, draws: int = 8192) -> Array:
    """Correlated normal scores, made as a run makes them: (inputs, draws)."""
    from scipy.special import ndtri

    return np.linalg.cholesky(covariance) @ ndtri(sampled(len(covariance), draws))


def shares(ranks: Array, y: Array, correlation: Array | None = None) -> tuple[list[Share], list[Share]]:
    """First-order and total shares of each input."""
    matrix = np.eye(len(ranks)) if correlation is None else correlation
    whole = surrogate(ranks, y)
    design = columns(factors_of(ranks, whole.degree), whole.terms)
    tied = connected_components(matrix)[1]
    first = []
    for place in range(len(ranks)):
        news = news_of([place], tied, whole, design, y)
        first.append(first_order(surrogate(ranks[[place]], news), news, y))
    return first, totals(ranks, matrix, y, whole)


def values(found: list[Share]) -> list[float]:
    return [share.value for share in found]


def inside(truth: list[float], found: list[Share], slack: float = 0.003) -> bool:
    """Whether every interval holds its truth."""
    return all(s.low - slack <= t <= s.high + slack for s, t in zip(found, truth, strict=True))


def ishigami(ranks: Array) -> Array:
    x = np.pi * (2.0 * ranks - 1.0)
    y: Array = np.sin(x[0]) + 7.0 * np.sin(x[1]) ** 2 + 0.1 * x[2] ** 4 * np.sin(x[0])
    return y


def test_a_sum_of_independent_inputs_is_shared_by_their_squares() -> None:
    slopes = np.array([3.0, 2.0, 1.0, 0.0])
    ranks = sampled(4)
    first, total = shares(ranks, slopes @ ranks)
    truth = (slopes**2 / (slopes**2).sum()).tolist()
    assert values(first) == pytest.approx(truth, abs=0.01)
    assert values(total) == pytest.approx(truth, abs=0.002)
    assert inside(truth, first)
    assert inside(truth, total)


def test_ishigami_is_shared_as_its_closed_form_says() -> None:
    """Ishigami & Homma 1990; the shares in Saltelli et al. 2008, 4.5."""
    ranks = sampled(3)
    first, total = shares(ranks, ishigami(ranks))
    assert values(first) == pytest.approx([0.3139, 0.4424, 0.0], abs=0.02)
    assert values(total) == pytest.approx([0.5576, 0.4424, 0.2437], abs=0.01)
    assert inside([0.3139, 0.4424, 0.0], first)
    assert inside([0.5576, 0.4424, 0.2437], total)


@pytest.mark.parametrize("rho", [-0.8, 0.0, 0.5, 0.9])
def test_correlated_normals_are_shared_as_their_closed_form_says(rho: float) -> None:
    """A linear model of normals: Kucherenko, Tarantola & Annoni 2012, section 5, test case 1.

    Var(E[Y | X_i]) = (a @ cov[:, i])² / cov[i, i], and E[Var(Y | X_~i)] = a_i² / precision[i, i].
    """
    slopes = np.array([1.0, 1.0, 1.0])
    correlation = np.array([[1.0, 0.0, 0.0], [0.0, 1.0, rho], [0.0, rho, 1.0]])
    deviations = np.array([1.0, 1.0, 2.0])
    covariance = correlation * np.outer(deviations, deviations)
    scores = normals(correlation)
    first, total = shares(ndtr(scores), slopes @ (deviations[:, None] * scores), correlation)
    variance = slopes @ covariance @ slopes
    true_first = (slopes @ covariance) ** 2 / np.diag(covariance) / variance
    true_total = slopes**2 / np.diag(np.linalg.inv(covariance)) / variance
    assert values(first) == pytest.approx(true_first.tolist(), abs=0.015)
    assert values(total) == pytest.approx(true_total.tolist(), abs=0.01)


def test_shares_are_those_that_salib_estimates() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from SALib.analyze import sobol as analyze
        from SALib.sample import sobol as sample

    def bends(ranks: Array) -> Array:
        a = np.array([0.0, 1.0, 4.5, 9.0])[:, None]
        g: Array = np.exp(-((np.abs(4.0 * ranks - 2.0) + a) / (1.0 + a)).sum(axis=0))
        return g + ranks[0] * ranks[2]

    problem = {"num_vars": 4, "names": list("abcd"), "bounds": [[0.0, 1.0]] * 4}
    points = sample.sample(problem, 4096, calc_second_order=False, seed=1)
    theirs = analyze.analyze(problem, bends(points.T), calc_second_order=False, seed=1)
    ranks = sampled(4)
    first, total = shares(ranks, bends(ranks))
    assert values(first) == pytest.approx(theirs["S1"].tolist(), abs=0.02)
    assert values(total) == pytest.approx(theirs["ST"].tolist(), abs=0.02)


def test_intervals_hold_the_truth_about_as_often_as_they_say() -> None:
    """For independent draws; the noise is part of what is measured, so that the first-order share has a truth."""
    rng = np.random.default_rng(3)
    held = 0
    for _ in range(200):
        ranks = rng.random((1, 400))
        y = np.sqrt(12.0) * ranks[0] + rng.normal(size=400)
        share = first_order(surrogate(ranks, y), y, y)
        held += share.low <= 0.5 <= share.high
    assert 180 <= held <= 198


def test_what_a_surrogate_misses_is_what_it_misses_at_other_points() -> None:
    def steep(ranks: Array) -> Array:
        return np.asarray(1.0 / (1.0 + np.exp(-8.0 * (ranks[0] + ranks[1] - ranks[2] - 0.5 + ranks[3] * ranks[4]))))

    ranks, fresh = sampled(12, 2048), sampled(12, 8192, seed=77)
    found = surrogate(ranks, steep(ranks))
    error = np.mean((found.at(fresh) - steep(fresh)) ** 2) / steep(fresh).var()
    assert 0.8 * error < found.missed < 1.5 * error
    assert found.missed < 0.1


@pytest.mark.parametrize("noise", [0.0, 0.2])
def test_an_input_that_does_nothing_carries_nothing(noise: float) -> None:
    ranks = sampled(28, 2048)
    y = ranks[3] * ranks[7] + np.sin(3.0 * ranks[12]) + noise * np.random.default_rng(3).normal(size=2048)
    _, total = shares(ranks, y)
    assert {place for place, share in enumerate(total) if share.value > 0.1} == {3, 7, 12}
    assert sum(share.value > 0.001 for share in total) <= 6


def test_a_pure_interaction_is_seen_though_neither_input_does_anything_alone() -> None:
    ranks = sampled(5, 2048)
    centred = 2.0 * ranks - 1.0
    first, total = shares(ranks, centred[0] * centred[1])
    assert values(first) == pytest.approx([0.0] * 5, abs=0.01)
    assert values(total) == pytest.approx([1.0, 1.0, 0.0, 0.0, 0.0], abs=0.01)


@settings(max_examples=examples(25), deadline=None)
@given(st.lists(st.floats(-2.0, 2.0), min_size=2, max_size=5), st.integers(0, 1000))
def test_shares_of_a_sum_add_up_to_one_and_follow_their_inputs(slopes: list[float], seed: int) -> None:
    ranks = sampled(len(slopes), 1024, seed=9)
    y = np.array([slope * (r**2 + r) for slope, r in zip(slopes, ranks, strict=True)]).sum(axis=0)
    if y.std() < 1e-3:
        return
    total = totals(ranks, np.eye(len(ranks)), y, surrogate(ranks, y))
    assert sum(values(total)) == pytest.approx(1.0, abs=0.01)
    order = np.random.default_rng(seed).permutation(len(slopes))
    moved = totals(ranks[order], np.eye(len(ranks)), y, surrogate(ranks[order], y))
    assert values(moved) == pytest.approx([total[place].value for place in order], abs=1e-6)


def test_a_scale_and_a_shift_change_no_share() -> None:
    ranks = sampled(3, 1024)
    y = ishigami(ranks)
    one, other = shares(ranks, y), shares(ranks, 1e-6 * y - 4.0)
    for before, after in zip(one, other, strict=True):
        assert values(after) == pytest.approx(values(before), abs=1e-6)
