"""Quantile functions are correct, and impossible distributions are refused."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from scipy import stats

from offramp.crisis.distribution import LOWEST_LEVEL, NAMES, from_expression, parameters_of
from offramp.crisis.expressions.grammar import ExpressionError, parse
from tests.examples import examples

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
def test_quantiles_agree_with_scipy(text: str, reference: stats.rv_continuous) -> None:
    np.testing.assert_allclose(from_expression(parse(text)).quantile(U), reference.ppf(U), rtol=1e-10)


def test_a_plain_number_or_arithmetic_on_numbers_is_a_constant() -> None:
    assert from_expression(parse("-1 / 4")).quantile(U) == pytest.approx(np.full(len(U), -0.25))


def test_pert_has_the_pert_mean() -> None:
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
    quantiles = distribution.quantile(np.array([0.1, 0.5, 0.9]))
    np.testing.assert_allclose(quantiles, [p10, p50, p90], rtol=1e-9, atol=1e-9)
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


ANY = st.one_of(
    st.floats(allow_nan=False, allow_infinity=False),
    st.floats(-10, 10),
    st.sampled_from([0.0, 1e-300, 5e-324, 1e300, -1e300, 1.7e308, -1.7e308, 1.0, 2.0, 3.0, 1e17, 1e-17]),
)


@settings(max_examples=examples(1000), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.sampled_from([(kind, count) for kind in NAMES for count in range(len(parameters_of(kind)[1]) + 1)]),
    st.lists(ANY, min_size=5, max_size=5),
    st.booleans(),
    st.lists(st.floats(LOWEST_LEVEL, 1.0 - LOWEST_LEVEL), min_size=2, max_size=20).map(sorted),
)
@example(("percentiles", 2), [1.0, 2.0, 3.0, -1e300, 1e300], False, [0.3, 0.6])
@example(("percentiles", 2), [1.0, 2.0, 3.0, -1e15, 1e15], False, [0.3, 0.6])
@example(("uniform", 0), [-1.7e308, 1.7e308] + [0.0] * 3, False, [0.3, 0.6])
@example(("normal", 0), [1e308, 1e308] + [0.0] * 3, False, [0.3, 0.6])
@example(("pert", 0), [-1.7e308, -1.2505767162844212e308, 9.769313486231587e306, 0.0, 0.0], False, [0.3, 0.6])
@example(("lognormal", 0), [1.0, 1000.0] + [0.0] * 3, False, [0.3, 0.6])
@example(("beta", 0), [1e300, 1e300] + [0.0] * 3, False, [0.3, 0.6])
@example(("beta", 0), [0.65625, 9.2e299] + [0.0] * 3, False, [0.3, 0.6])
@example(("beta", 0), [0.65625, 1e12] + [0.0] * 3, False, [0.3, 0.6])
def test_any_parameters_give_finite_ordered_quantiles_or_a_message(
    written: tuple[str, int], numbers: list[float], in_order: bool, points: list[float]
) -> None:
    kind, more = written
    needed, optional = parameters_of(kind)
    names = needed + optional[:more]
    values = sorted(numbers[: len(names)]) if in_order else numbers[: len(names)]
    if in_order and more:
        values = [*values[1 : 1 + len(needed)], values[0], *values[1 + len(needed) :]]
    text = f"{kind}({', '.join(f'{name}={value!r}' for name, value in zip(names, values, strict=True))})"
    try:
        distribution = from_expression(parse(text))
    except ExpressionError:
        return
    quantiles = distribution.quantile(np.array([LOWEST_LEVEL, *points, 1.0 - LOWEST_LEVEL]))
    assert np.isfinite(quantiles).all()
    assert (np.diff(quantiles) >= -1e-12 * np.abs(quantiles).max()).all()
    assert quantiles[0] < quantiles[-1]


@pytest.mark.parametrize("unit", [1e-300, 1e-160, 1.0, 1e160, 1e300])
def test_a_triangular_distribution_has_the_same_shape_in_any_unit(unit: float) -> None:
    triangular = from_expression(parse(f"triangular({unit!r}, {2 * unit!r}, {4 * unit!r})"))
    np.testing.assert_allclose(triangular.quantile(U) / unit, stats.triang(1 / 3, 1, 3).ppf(U), rtol=1e-10)
