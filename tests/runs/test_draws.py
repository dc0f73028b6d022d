"""Which draws a run makes, which of them it compares with their principal branch, and which of them count."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

import offramp
from offramp.crisis.reading import read_text
from offramp.equilibrium.branch.traced import STATUSES
from tests.crises import crisis_of
from tests.runs.test_ensemble import CHICKEN, CORRELATED

Array = NDArray[np.float64]

SHARP = """
format: 1
title: Chase
actors:
  hunter: {name: Hunter, rationality: 2 if kind < 0.8 else 1e10}
  hare: {name: Hare, rationality: 2 if kind < 0.8 else 1e10}
inputs:
  kind: {is: "uniform(0, 1)", because: test}
  gap: {is: "uniform(0.5, 9)", because: test}
timeline:
  - together:
      - {move: hunt, by: hunter, options: [left, right]}
      - {move: run, by: hare, options: [left, right]}
payoffs:
  hunter: {caught: gap * (hunt == left and run == left) + (hunt == right and run == right)}
  hare: {away: (hunt == left and run == right) + (hunt == right and run == left)}
endings: {caught: hunt == left and run == left, away: otherwise}
"""
"""In one draw out of five both are so sharp that neither sweeps nor the branch come to the end: nothing converges."""


def sequence(seed: int, draws: int, inputs: int) -> Array:
    """The points of a run in one sequence, straight from SciPy: (inputs, draws)."""
    engine = stats.qmc.Sobol(inputs, scramble=True, rng=np.random.default_rng(seed))
    power = int(np.ceil(np.log2(draws)))
    points: Array = engine.random_base2(power)[:draws].T
    return points + 2.0**-31


@pytest.mark.parametrize(("seed", "draws"), [(1, 2500), (7, 1025)])
def test_a_runs_draws_are_one_sequence_of_sobols_through_the_copula_and_the_quantiles(seed: int, draws: int) -> None:
    ensemble = offramp.run(read_text(CORRELATED, "draws.yaml"), draws=draws, seed=seed)
    gain, loss, luck, rationality = sequence(seed, draws, 4)
    mixed = stats.norm.cdf(-0.6 * stats.norm.ppf(gain) + np.sqrt(1 - 0.6**2) * stats.norm.ppf(loss))
    expected = {
        "gain": stats.beta(2, 5).ppf(gain),
        "loss": stats.triang(1 / 3, 1, 3).ppf(mixed),
        "luck": stats.uniform(0.2, 0.4).ppf(luck),
        "fixed": np.full(draws, 0.5),
        "north.rationality": stats.lognorm(0.3, scale=4).ppf(rationality),
    }
    assert list(ensemble.inputs) == list(expected)
    for name, values in expected.items():
        np.testing.assert_allclose(ensemble.inputs[name], values, rtol=1e-9, err_msg=name)


@pytest.mark.parametrize("draw", [0, 1023, 1024, 2047, 2048, 2100])
def test_what_came_of_a_draw_is_the_solution_at_its_inputs(draw: int) -> None:
    ensemble = offramp.run(read_text(CORRELATED, "draws.yaml"), draws=2101, seed=1)
    solution = offramp.solve(ensemble.game, given=ensemble.inputs_of(draw))
    assert ensemble.endings[:, draw] == pytest.approx(list(solution.endings.values()), abs=1e-9)


def test_every_128th_of_the_first_2048_draws_is_compared_and_every_1024th_of_the_others() -> None:
    chicken = CHICKEN.replace(b"name: Ann,", b"name: Ann, choice: probit,")  # if both err by logit any may be followed
    ensemble = offramp.run(read_text(chicken, "chicken.yaml"), draws=4100, seed=1)
    compared = np.flatnonzero(ensemble.status != STATUSES.index("not traced"))
    assert compared.tolist() == [*range(0, 2048, 128), 2048, 3072, 4096]
    assert ensemble.traced.sample == len(compared)


def test_draws_that_do_not_converge_are_left_out_of_every_mean_of_a_run() -> None:
    ensemble = offramp.run(crisis_of(SHARP), draws=48, seed=1)
    sharp = np.asarray(ensemble.inputs["kind"] >= 0.8)
    assert 5 < sharp.sum() < 15
    assert ensemble.unconverged == np.flatnonzero(sharp).tolist()
    assert np.isfinite(ensemble.residual).all()
    assert ensemble.ending_intervals["caught"].mean == pytest.approx(ensemble.endings[0, ~sharp].mean(), abs=1e-15)
    for summary, taken in zip(ensemble.by_situation, ensemble.taken, strict=True):
        assert summary.reached == pytest.approx(1.0, abs=1e-12)
        kept = np.asarray(taken)[:, ~sharp]
        assert np.abs(kept.mean(axis=1) - np.asarray(taken).mean(axis=1)).max() > 0.01, "leaving them out matters"
        assert list(summary.options.values()) == pytest.approx(kept.mean(axis=1).tolist(), abs=1e-12)
        assert list(summary.deviations.values()) == pytest.approx(kept.std(axis=1).tolist(), abs=1e-9)
    frame = ensemble.to_pandas()
    assert frame["ending.caught"].isna().to_numpy().tolist() == sharp.tolist()
