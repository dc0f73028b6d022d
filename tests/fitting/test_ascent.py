"""A climb ends without an error where the curvature of the likelihood vanishes up to rounding errors."""

from __future__ import annotations

import numpy as np
import pytest

from offramp.fitting.ascent import gain, newton_step

SINGULAR = np.array([[2020.0, 1646.0, 1364.0], [1646.0, 1466.0, 1188.0], [1364.0, 1188.0, 968.0]])
"""A matrix of rank 2 whose rounding errors let a Cholesky factor pass."""


def test_a_slope_without_curvature_has_no_top_and_is_no_error() -> None:
    assert newton_step(SINGULAR, np.ones(3)) is None
    assert gain(SINGULAR, np.ones(3)) == np.inf


def test_a_level_direction_leaves_the_step_in_the_others() -> None:
    step = np.array([0.3, -0.2, 0.5])
    found = newton_step(SINGULAR, SINGULAR @ step)
    assert found is not None
    np.testing.assert_allclose(SINGULAR @ found, SINGULAR @ step)
    assert newton_step(np.diag([0.0, 2.0]), np.array([0.0, 1.0])) == pytest.approx([0.0, 0.5])


def test_a_step_leads_to_the_top_of_a_parabola() -> None:
    assert newton_step(np.diag([2.0, 4.0]), np.array([1.0, 1.0])) == pytest.approx([0.5, 0.25])
