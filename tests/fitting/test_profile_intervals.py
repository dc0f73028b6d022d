"""Profile intervals end where the likelihood ratio is 3.84, found here by other means."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import chdtri

from offramp.crisis.reading import read_text
from offramp.fitting.fit import fit
from offramp.fitting.profile_intervals import profile_ends

Array = NDArray[np.float64]


def test_of_a_quadratic_it_is_the_interval_by_standard_errors() -> None:
    curvature = np.array([[4.0, 1.0, 0.5], [1.0, 3.0, -0.7], [0.5, -0.7, 2.0]])
    best = np.array([0.3, -1.0, 2.0])

    def objective(point: Array) -> tuple[float, Array]:
        return -0.5 * float((point - best) @ curvature @ (point - best)), -curvature @ (point - best)

    errors = np.sqrt(np.diag(np.linalg.inv(curvature)))
    for place in range(3):
        low, high, better = profile_ends(objective, best, -curvature, place)
        width = math.sqrt(chdtri(1, 0.05)) * errors[place]
        assert [low, high] == pytest.approx([best[place] - width, best[place] + width], rel=1e-4)
        assert better == 0.0


def test_of_one_binomial_share_it_is_where_the_ratio_is() -> None:
    def objective(point: Array) -> tuple[float, Array]:  # 3 of 20, in logits
        p = 1.0 / (1.0 + np.exp(-point))
        return float(3 * np.log(p[0]) + 17 * np.log1p(-p[0])), 3.0 - 20.0 * p

    best = np.array([math.log(3 / 17)])
    hessian = np.array([[-20.0 * 0.15 * 0.85]])
    low, high, _ = profile_ends(objective, best, hessian, 0)

    def ratio(logit: float) -> float:
        return 2.0 * (objective(best)[0] - objective(np.array([logit]))[0]) - chdtri(1, 0.05)

    assert low == pytest.approx(brentq(ratio, -10.0, best[0]), abs=1e-3)
    assert high == pytest.approx(brentq(ratio, best[0], 10.0), abs=1e-3)
    assert high - best[0] < best[0] - low


def test_a_side_on_which_the_likelihood_never_falls_enough_is_open() -> None:
    def objective(point: Array) -> tuple[float, Array]:  # falls by at most 1 above the maximum
        x, y = point
        fall = math.tanh(x) ** 2 if x > 0 else x**2
        slope = 2 * math.tanh(x) / math.cosh(x) ** 2 if x > 0 else 2 * x
        return -fall - (y - x) ** 2, np.array([-slope + 2 * (y - x), -2 * (y - x)])

    low, high, _ = profile_ends(objective, np.zeros(2), np.array([[-4.0, 2.0], [2.0, -2.0]]), 0)
    assert high == math.inf
    assert low == pytest.approx(-math.sqrt(chdtri(1, 0.05) / 2), rel=1e-4)


def test_a_higher_maximum_that_is_met_on_the_way_is_told() -> None:
    def objective(point: Array) -> tuple[float, Array]:  # another, higher maximum at 1.5
        x = float(point[0])
        low, high = math.exp(-4 * x * x), 2 * math.exp(-4 * (x - 1.5) ** 2)
        return low + high, np.array([-8 * x * low - 8 * (x - 1.5) * high])

    _, _, better = profile_ends(objective, np.zeros(1), np.array([[-8.0]]), 0)
    assert better > 0.1


@pytest.mark.parametrize(
    ("prior", "sign"), [("lognormal(1, 1)", 1.0), ("uniform(0, 3)", 1.0), ("uniform(-2, 0)", -1.0)]
)
def test_of_a_coefficient_at_a_bound_it_begins_there_and_ends_where_the_ratio_is(prior: str, sign: float) -> None:
    text = f"""
format: 1
title: Runs
actors: {{one: {{name: One, rationality: 1}}}}
inputs:
  x: {{is: 0.5, column: x}}
  pull: {{is: "{prior}", estimate: yes}}
timeline: [{{move: m, by: one, options: [stop, go]}}]
payoffs: {{one: {{u: pull * x * (m == go)}}}}
cases: {{observed: {{y: {{0: {{m: stop}}, 1: {{m: go}}}}}}}}
endings: {{stay: m == stop, went: otherwise}}
"""
    random = np.random.default_rng(1)
    x = random.normal(size=200)
    y = (random.random(200) < 1.0 / (1.0 + np.exp(0.15 * x))) == (sign > 0.0)
    y = y.astype(float)

    def ratio(pull: float) -> float:
        return float(
            2.0 * np.logaddexp(0.0, (1.0 - 2.0 * y) * x * pull).sum() - 400.0 * math.log(2.0) - chdtri(1, 0.05)
        )

    found = fit(read_text(text.encode(), "runs.yaml"), {"x": x, "y": y}, starts=0).profile("pull")
    edge = brentq(ratio, 1e-6, 1.5) if sign > 0.0 else brentq(ratio, -1.5, -1e-6)
    ends = (found.low, found.high) if sign > 0.0 else (found.high, found.low)
    assert ends == (pytest.approx(0.0, abs=1e-6), pytest.approx(edge, rel=1e-3))
