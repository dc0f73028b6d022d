"""Intervals of 95 % cover the true coefficients about as often as they say, in cases that are simulated of them."""

from __future__ import annotations

import numpy as np
import pytest

from tests.examples import THOROUGH
from tests.fitting.recovery import RECOVERED, Recovered


def covered(one: Recovered, tables: int) -> float:
    """The share of intervals, over tables and coefficients, that cover."""
    return float(np.mean([one.covered(seed) for seed in range(tables)]))


def test_intervals_of_a_small_game_cover() -> None:
    assert covered(RECOVERED["deterrence"], 8) >= 0.85  # of 56 intervals: below it in less than one of 500 such sets


@pytest.mark.skipif(not THOROUGH, reason="takes half an hour: OFFRAMP_TESTS=thorough")
@pytest.mark.parametrize("name", RECOVERED)
def test_of_200_tables_92_to_98_intervals_in_100_cover(name: str) -> None:
    assert 0.92 <= covered(RECOVERED[name], 200) <= 0.98
