"""Directions and tips along one input are those that were planted."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from offramp.study.sensitivity.surrogate import surrogate
from offramp.study.sensitivity.tipping import direction, tipping

Array = NDArray[np.float64]

RANKS = (np.random.default_rng(1).permutation(2000) + 0.5) / 2000
NOISE = 0.1 * np.random.default_rng(2).normal(size=2000)


@pytest.mark.parametrize(
    ("curve", "said"),
    [
        (RANKS**2, "up"),
        (-np.sqrt(RANKS), "down"),
        (-((RANKS - 0.4) ** 2), "rises, then falls"),
        ((RANKS - 0.6) ** 2, "falls, then rises"),
        (np.sin(9.0 * RANKS), "to and fro"),
        (0.0 * RANKS, "no trend"),
    ],
)
def test_a_direction_is_the_one_that_was_planted(curve: Array, said: str) -> None:
    rng = np.random.default_rng(4)
    noise = rng.permutation(np.linspace(-1.0, 1.0, 2000)) * 0.05
    noise -= noise.mean()
    found = direction(surrogate(RANKS[None, :], curve + noise))
    assert found == said


def test_a_tip_is_where_the_lines_cross_and_its_limits_hold_that_as_often_as_they_say() -> None:
    held = 0
    for seed in range(200):
        first = 0.3 + 0.4 * RANKS + 0.1 * np.random.default_rng(seed).normal(size=2000)
        (tip,) = tipping(RANKS, np.array([1.0 - first, first])).tips
        assert (tip.before, tip.after) == (0, 1)
        assert tip.rank == pytest.approx(0.5, abs=0.05)
        held += tip.low <= 0.5 <= tip.high
    assert 180 <= held <= 198


def test_there_and_back_are_two_tips() -> None:
    hump = 0.6 - 3.0 * (RANKS - 0.5) ** 2 + NOISE
    found = tipping(RANKS, np.array([hump, 1.0 - hump, 0.0 * RANKS]))
    assert [(tip.before, tip.after) for tip in found.tips] == [(1, 0), (0, 1)]
    edge = np.sqrt(0.1 / 3.0)
    assert [tip.rank for tip in found.tips] == pytest.approx([0.5 - edge, 0.5 + edge], abs=0.03)


def test_no_tip_but_the_least_lead_where_one_ending_is_always_ahead() -> None:
    low = 0.1 + 0.2 * RANKS
    found = tipping(RANKS, np.array([low, 0.9 - low, 0.1 + 0.0 * low]))
    assert found.tips == ()
    assert found.rival == 0
    assert found.rank == pytest.approx(0.99)
    assert found.lead == pytest.approx(0.9 - 2 * (0.1 + 0.2 * 0.99), abs=1e-3)


def test_noise_is_no_tip() -> None:
    rng = np.random.default_rng(8)
    for _ in range(20):
        even = 0.5 + 0.01 + 0.2 * rng.normal(size=2000)
        assert not tipping(RANKS, np.array([even, 1.0 - even])).tips
