"""Quantiles of beta distributions have their probabilities, by SciPy, and depend on their own level only."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import betainc, betaincinv

from offramp.crisis.beta_quantiles import SHAPES, beta_quantiles, is_ordinary
from offramp.crisis.distribution import TEST_LEVELS, Distribution
from tests.examples import examples

LEVELS = np.round(TEST_LEVELS * 2.0**31) / 2.0**31
"""Levels of which one minus them is exact, too."""
SHAPE = st.one_of(st.sampled_from([1.0, 1.0 + 1e-12, 2.0, 30.0]), st.floats(*SHAPES))


@settings(max_examples=examples(100), deadline=None)
@given(SHAPE, SHAPE)
def test_scipy_gives_them_their_probabilities_in_both_tails(a: float, b: float) -> None:
    found, mirrored = beta_quantiles(LEVELS, a, b), beta_quantiles(1.0 - LEVELS, b, a)
    np.testing.assert_allclose(betainc(a, b, found), LEVELS, rtol=1e-12)
    np.testing.assert_allclose(1.0 - mirrored, found, rtol=1e-12, atol=2e-15)
    assert (np.diff(found) > 0.0).all()


def test_they_invert_the_probability_where_that_has_a_closed_form() -> None:
    x = np.array([1e-9, 0.01, 0.3, 0.5, 0.7, 0.99])
    np.testing.assert_allclose(beta_quantiles(x**3, 3.0, 1.0), x, rtol=2e-15)
    np.testing.assert_allclose(beta_quantiles(x**2 * (3.0 - 2.0 * x), 2.0, 2.0), x, rtol=2e-14)
    for a in (1.0, 1.75, 4.0, 17.3, 30.0):
        assert beta_quantiles(np.array(0.5), a, a) == pytest.approx(0.5, rel=2e-14)


def test_a_quantile_is_the_same_bits_alone_and_among_others() -> None:
    together = beta_quantiles(TEST_LEVELS, 4.0, 6.0)
    alone = [beta_quantiles(np.array(level), 4.0, 6.0) for level in TEST_LEVELS]
    assert together.tolist() == [value.item() for value in alone]
    assert beta_quantiles(TEST_LEVELS.reshape(5, 7), 4.0, 6.0).tolist() == together.reshape(5, 7).tolist()


@pytest.mark.parametrize(("a", "b"), [(0.5, 2.0), (2.0, 31.0), (1e6, 3.0)])
def test_other_shapes_are_left_to_scipy(a: float, b: float) -> None:
    assert not is_ordinary(a, b)
    found = Distribution("beta", {"a": a, "b": b}).quantile(TEST_LEVELS)
    assert found.tolist() == betaincinv(a, b, TEST_LEVELS).tolist()
