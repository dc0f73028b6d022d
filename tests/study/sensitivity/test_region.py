"""Patient rule induction finds planted boxes, as ema_workbench does, and names no input that tells nothing."""

from __future__ import annotations

import logging
import warnings

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from offramp.study.sensitivity.region import measured, pasted, peeled, region

Array = NDArray[np.float64]


def planted(draws: int, inputs: int, seed: int, noise: float = 0.0) -> tuple[Array, NDArray[np.bool_]]:
    """Cases where the first input is above 0.7 and the second below 0.4; `noise` flips this share of the draws."""
    rng = np.random.default_rng(seed)
    ranks = rng.random((inputs, draws))
    cases = (ranks[0] > 0.7) & (ranks[1] < 0.4)
    return ranks, cases ^ (rng.random(draws) < noise)


def test_a_planted_box_is_found_with_the_inputs_that_make_it_and_no_other() -> None:
    ranks, cases = planted(6000, 12, seed=1, noise=0.03)
    box = region(ranks, cases)
    assert box.restricted.tolist() == [0, 1]
    assert box.low[0] == pytest.approx(0.7, abs=0.03)
    assert box.high[1] == pytest.approx(0.4, abs=0.03)
    assert box.density > 0.9
    assert (box.chances[[0, 1]] < 1e-6).all()


def test_the_box_is_the_one_that_ema_workbench_finds() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from ema_workbench.analysis import prim

    ranks, cases = planted(2000, 4, seed=2)
    logging.disable(logging.CRITICAL)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            frame = pd.DataFrame(dict(zip("abcd", ranks, strict=True)))
            search = prim.Prim(frame, cases, threshold=0.8, peel_alpha=0.05, mass_min=0.05)
            theirs = search.find_box()
            limits = theirs.box_lims[-1]
    finally:
        logging.disable(logging.NOTSET)
    ours = max((pasted(box, ranks, cases) for box in peeled(ranks, cases)), key=lambda box: box.worth)
    assert ours.low[0] == pytest.approx(float(limits["a"].iloc[0]), abs=0.03)
    assert ours.high[1] == pytest.approx(float(limits["b"].iloc[1]), abs=0.03)
    assert ours.density == pytest.approx(theirs.peeling_trajectory["density"].iloc[-1], abs=0.03)
    assert ours.coverage == pytest.approx(theirs.peeling_trajectory["coverage"].iloc[-1], abs=0.05)


@pytest.mark.parametrize("seed", range(8))
def test_where_inputs_tell_nothing_none_is_named(seed: int) -> None:
    rng = np.random.default_rng(seed)
    box = region(rng.random((20, 2000)), rng.random(2000) < 0.1)
    assert not len(box.restricted)
    assert box.coverage == 1.0
    assert box.mass == 1.0


def test_coverage_density_and_mass_are_counts() -> None:
    ranks = np.array([[0.1, 0.3, 0.5, 0.7, 0.9]])
    cases = np.array([False, True, True, False, True])
    box = measured(np.array([0.2]), np.array([0.6]), ranks, cases)
    assert (box.coverage, box.density, box.mass, box.everywhere) == pytest.approx((2 / 3, 1.0, 2 / 5, 3 / 5))
    assert box.chances[0] == pytest.approx((3 / 5) ** 2)


@pytest.mark.parametrize("cases", [np.zeros(100, dtype=bool), np.ones(100, dtype=bool)])
def test_no_cases_and_nothing_but_cases_have_no_region(cases: NDArray[np.bool_]) -> None:
    box = region(np.random.default_rng(0).random((3, 100)), cases)
    assert not len(box.restricted)
