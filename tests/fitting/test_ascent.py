"""A climb ends without an error where the curvature of the likelihood vanishes up to rounding errors."""

from __future__ import annotations

import numpy as np

from offramp.fitting.ascent import gain, newton_step

SINGULAR = np.array([[2020.0, 1646.0, 1364.0], [1646.0, 1466.0, 1188.0], [1364.0, 1188.0, 968.0]])
"""A matrix of rank 2 whose rounding errors let a Cholesky factor pass."""


def test_a_step_at_a_singular_matrix_leads_nowhere_and_is_no_error() -> None:
    gradient = np.ones(3)
    assert np.isfinite(gain(SINGULAR, gradient))
    assert np.isnan(newton_step(SINGULAR, gradient)).all()


def test_a_step_leads_to_the_top_of_a_parabola() -> None:
    np.testing.assert_allclose(newton_step(np.array([[2.0, 0.0], [0.0, 4.0]]), np.array([1.0, 1.0])), [0.5, 0.25])
