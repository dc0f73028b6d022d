"""Quantiles are those of the distributions named."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from offramp.crisis.distribution import from_expression
from offramp.crisis.grammar import ExpressionError, parse

U = np.array([0.001, 0.05, 0.3, 0.5, 0.77, 0.95, 0.999])


@pytest.mark.parametrize(
    ("text", "reference"),
    [
        ("uniform(2, 5)", stats.uniform(2, 3)),
        ("normal(1, 2)", stats.norm(1, 2)),
        ("normal(sd=2, mean=1)", stats.norm(1, 2)),
        ("lognormal(median=4, sigma=0.3)", stats.lognorm(0.3, scale=4)),
        ("beta(18, 3)", stats.beta(18, 3)),
        ("triangular(4, 8, 14)", stats.triang(0.4, 4, 10)),
        ("triangular(4, 4, 14)", stats.triang(0.0, 4, 10)),
        ("pert(0, 1, 4)", stats.beta(2, 4, 0, 4)),
    ],
)
def test_quantiles_are_those_of_scipy(text: str, reference: stats.rv_continuous) -> None:
    np.testing.assert_allclose(from_expression(parse(text)).quantile(U), reference.ppf(U), rtol=1e-10)


def test_a_plain_number_or_arithmetic_on_numbers_is_a_constant() -> None:
    assert from_expression(parse("-1 / 4")).quantile(U) == pytest.approx(np.full(len(U), -0.25))


def test_pert_has_the_mean_that_its_name_stands_for() -> None:
    u = (np.arange(100_000) + 0.5) / 100_000
    assert from_expression(parse("pert(1, 3, 11)")).quantile(u).mean() == pytest.approx((1 + 4 * 3 + 11) / 6, abs=1e-4)


@given(
    st.floats(-50, 50),
    st.floats(0.1, 20),
    st.floats(0.3, 0.7),
    st.sampled_from(["", ", low={low}", ", high={high}", ", low={low}, high={high}"]),
)
def test_percentiles_go_through_their_three_points_and_stay_within_bounds(
    p10: float, width: float, share: float, bounds: str
) -> None:
    p50, p90 = p10 + share * width, p10 + width
    low, high = p10 - width, p90 + width
    text = f"percentiles(p10={p10!r}, p50={p50!r}, p90={p90!r}{bounds.format(low=repr(low), high=repr(high))})"
    distribution = from_expression(parse(text))
    found = distribution.quantile(np.array([0.1, 0.5, 0.9]))
    np.testing.assert_allclose(found, [p10, p50, p90], rtol=1e-9, atol=1e-9)
    ends = distribution.quantile(np.array([1e-9, 1 - 1e-9]))
    assert "low" not in bounds or ends[0] >= low
    assert "high" not in bounds or ends[1] <= high


@pytest.mark.parametrize(
    "text",
    [
        "beta(0, 1)",
        "uniform(2, 2)",
        "triangular(3, 2, 4)",
        "normal(0)",
        "percentiles(p10=1, p50=1, p90=2)",
        "gamma(1)",
        "beta(x, 2)",
    ],
)
def test_a_distribution_that_does_not_exist_is_refused(text: str) -> None:
    with pytest.raises(ExpressionError):
        from_expression(parse(text))
