"""Scores against published worked examples, hand-made ones and the definitions of what they compute."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from offramp.study.forecasting.scores import (
    LEVEL,
    calibration,
    discrimination,
    partition,
    resampled,
    squared_errors,
    surprises,
    wilson,
)

RAIN = (
    np.array([0.7, 0.9, 0.8, 0.4, 0.2, 0.0, 0.0, 0.0, 0.0, 0.1]),
    np.array([0.0, 1.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]),
)
"""The ten forecasts of rain in table 1 of Brier (1950), Monthly Weather Review 78: 1-3."""

BRAZIL = np.array([0, 0, 0, 1, 1, 1, 0, 1, 1, 0, 0, 0, 0, 1, 1], dtype=float)
"""Whether seasons 1981 to 1995 were wet, Mason & Graham (2002), QJRMS 128: 2145-2166; so too in R, `verification`."""
SHARES = np.array([0.8, 0.8, 0, 1, 1, 0.6, 0.4, 0.8, 0, 0, 0.2, 0, 0, 1, 1])
FINE = np.array([0.928, 0.576, 0.008, 0.944, 0.832, 0.816, 0.136, 0.584, 0.032, 0.016, 0.28, 0.024, 0, 0.984, 0.952])

forecasts = st.lists(
    st.tuples(st.sampled_from([0.0, 0.1, 0.25, 1 / 3, 0.5, 0.7, 0.999, 1.0]) | st.floats(0, 1), st.booleans()),
    min_size=1,
    max_size=60,
)


def arrays(pairs: list[tuple[float, bool]]) -> tuple[np.ndarray, np.ndarray]:
    return np.array([pair[0] for pair in pairs]), np.array([float(pair[1]) for pair in pairs])


def test_briers_own_example_gives_his_score() -> None:
    """He finds 0.19, summed over rain and no rain: twice ours."""
    assert 2 * squared_errors(*RAIN).mean() == pytest.approx(0.19, abs=1e-15)


def test_briers_example_splits_as_worked_out_by_hand() -> None:
    """Rain on 3 of 10 days: uncertainty 0.21. The four zeros came out dry, each other probability stands alone, so
    within groups nothing varies: resolution is all of 0.21 and reliability all of the score."""
    parts = partition(*RAIN)
    assert (parts.reliability, parts.resolution, parts.uncertainty) == pytest.approx((0.095, 0.21, 0.21), abs=1e-15)


def test_a_split_with_groups_is_as_worked_out_by_hand() -> None:
    """0.2 said five times and true once, 0.8 said five times and true three times; 4 of 10 in all. Reliability:
    (5 * 0 + 5 * 0.2^2) / 10; resolution: (5 * 0.2^2 + 5 * 0.2^2) / 10."""
    said = np.repeat([0.2, 0.8], 5)
    parts = partition(said, np.array([1, 0, 0, 0, 0, 1, 1, 1, 0, 0.0]))
    assert (parts.reliability, parts.resolution, parts.uncertainty) == pytest.approx((0.02, 0.04, 0.24), abs=1e-15)


@given(forecasts)
def test_murphys_parts_add_up_to_the_brier_score(pairs: list[tuple[float, bool]]) -> None:
    said, happened = arrays(pairs)
    parts = partition(said, happened)
    whole = parts.reliability - parts.resolution + parts.uncertainty
    assert abs(whole - squared_errors(said, happened).mean()) <= 1e-12
    assert min(parts.reliability, parts.resolution, parts.uncertainty) >= 0.0


def test_a_surprise_is_the_logarithm_of_what_the_truth_was_given_and_may_be_infinite() -> None:
    found = surprises(np.array([0.25, 0.25, 1.0, 0.0, 1.0]), np.array([1.0, 0.0, 1.0, 1.0, 0.0]))
    assert found == pytest.approx([np.log(4), np.log(4 / 3), 0.0, np.inf, np.inf])


@pytest.mark.parametrize("score", [squared_errors, surprises])
@pytest.mark.parametrize("truth", [0.03, 0.3, 0.5, 0.81])
def test_honesty_is_best_under_both_scores(score, truth: float) -> None:  # type: ignore[no-untyped-def]
    said = np.linspace(0.01, 0.99, 99)
    expected = truth * score(said, np.ones(99)) + (1 - truth) * score(said, np.zeros(99))
    assert said[np.argmin(expected)] == pytest.approx(truth)


def test_the_area_is_that_of_mason_and_graham_with_ties_and_without() -> None:
    """Theirs are 0.839 and 0.875; of 56 pairs of a wet and a dry season, 47 and 49 are in order, ties half."""
    assert discrimination(SHARES, BRAZIL) == pytest.approx(47 / 56, abs=1e-15)
    assert discrimination(FINE, BRAZIL) == pytest.approx(49 / 56, abs=1e-15)


@given(forecasts)
def test_the_area_counts_pairs(pairs: list[tuple[float, bool]]) -> None:
    said, happened = arrays(pairs)
    yes, no = said[happened == 1], said[happened == 0]
    found = discrimination(said, happened)
    if not len(yes) or not len(no):
        assert np.isnan(found)
    else:
        wins = [1.0 if high > low else 0.5 if high == low else 0.0 for high, low in product(yes, no)]
        assert found == pytest.approx(np.mean(wins), abs=1e-12)


@pytest.mark.parametrize(("yes", "trials"), [(0, 1), (1, 1), (0, 20), (1, 29), (15, 148), (81, 263)])
def test_intervals_are_wilsons(yes: int, trials: int) -> None:
    theirs = binomtest(yes, trials).proportion_ci(LEVEL, method="wilson")
    assert wilson(yes / trials, trials) == pytest.approx((theirs.low, theirs.high), abs=1e-9)


def test_calibration_is_by_tenths_with_every_forecast_in_one() -> None:
    said = np.array([0.0, 0.05, 0.1, 0.3, 0.3, 0.7, 0.9, 1.0])
    bins = calibration(said, np.array([0, 0, 0, 1, 0, 1, 1, 1.0]), np.arange(8))
    assert [found.tenth for found in bins] == [0, 1, 3, 7, 9]
    assert [found.forecasts for found in bins] == [2, 1, 2, 1, 2]
    assert [found.forecast for found in bins] == pytest.approx([0.025, 0.1, 0.3, 0.7, 0.95])
    assert [found.happened for found in bins] == [0.0, 0.0, 0.5, 1.0, 1.0]


def test_forecasts_on_one_question_are_no_more_evidence_than_one() -> None:
    said, happened = np.full(6, 0.35), np.array([1.0, 1, 1, 0, 0, 0])
    (one_each,) = calibration(said, happened, np.arange(6))
    (repeated,) = calibration(said, happened, np.array([1, 1, 1, 2, 2, 2]))
    assert (one_each.questions, repeated.questions) == (6, 2)
    assert (one_each.low, one_each.high) == wilson(0.5, 6)
    assert (repeated.low, repeated.high) == wilson(0.5, 2)


def test_resampling_takes_questions_whole_and_repeats_itself_with_a_seed() -> None:
    values, question = np.repeat([0.0, 1.0], 50), np.repeat([7, 9], 50)
    # of two questions drawn twice a quarter are both the first and a quarter both the second
    assert resampled(values, question, 1) == (0.0, 1.0)
    low, high = resampled(values, np.arange(100), 1)
    assert 0.4 < low < 0.43
    assert 0.57 < high < 0.6
    assert resampled(values, np.arange(100), 1) == (low, high)
    assert all(map(np.isnan, resampled(values, np.zeros(100, dtype=int), 1)))
