"""What carries the endings as of now: draws taken by weight, against closed forms of the inputs given what is known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import offramp
from offramp.runs.result import Run
from offramp.study.sensitivity.taken_by_weight import measured, weighted_draws
from offramp.study.sensitivity.weigh import weigh
from offramp.study.sensitivity.weights_finding import Weights
from tests.crises import crisis_of
from tests.raid_now import raid_now

TWO = """
format: 1
title: Two chances
actors: {{north: {{name: North}}}}
inputs: {{p: {{is: "uniform(0, 1)"}}, q: {{is: "uniform(0, 1)"}}}}
timeline:
  - {{chance: seen, odds: {{yes: "{seen}", no: rest}}}}
  - {{move: wait, by: north, options: [on, off]}}
  - {{chance: later, odds: {{yes: "{later}", no: rest}}}}
payoffs: {{north: {{some: 0.1 * (wait == on)}}}}
endings: {{war: later == yes, calm: otherwise}}
observed: [{{date: 2031-01-01, seen: yes}}]
"""


def two(seen: str, later: str, draws: int = 4096) -> Run:
    return offramp.run(crisis_of(TWO.format(seen=seen, later=later)).now(), draws=draws)


def shares(found: Weights, name: str) -> tuple[float, float]:
    (weight,) = (weight for weight in found.weights_of("war") if weight.input == name)
    return weight.first.value, weight.total.value


def test_shares_are_those_of_the_inputs_given_what_is_known() -> None:
    """Given that `seen` was yes, p has density 2p: Var(pq) = 1/18, of p alone 1/72, of q alone 1/27."""
    found = weigh(two("p", "p * q"))
    assert found.variances["war"] == pytest.approx(1 / 18, rel=0.02)
    assert shares(found, "p") == pytest.approx((1 / 4, 1 / 3), abs=0.02)
    assert shares(found, "q") == pytest.approx((2 / 3, 3 / 4), abs=0.02)
    (of_p,) = (weight for weight in found.weights_of("war") if weight.input == "p")
    assert (of_p.at_low, of_p.at_high) == pytest.approx((np.sqrt(0.1) / 2, np.sqrt(0.9) / 2), abs=0.01)


def test_what_is_known_makes_inputs_tell_of_each_other() -> None:
    """Given yes with odds (p + q) / 2 the density is p + q, so that q tells something of p, on which war depends."""
    found = weigh(two("(p + q) / 2", "p"))
    grid = (np.arange(2000) + 0.5) / 2000
    density = grid[:, None] + grid[None, :]  # [p, q]
    given_q, of_q = (density * grid[:, None]).sum(0) / density.sum(0), density.sum(0) / density.sum()
    of_p = density.sum(1) / density.sum()
    variance = (of_p * grid**2).sum() - (of_p * grid).sum() ** 2
    first = ((of_q * given_q**2).sum() - (of_q * given_q).sum() ** 2) / variance
    assert 0.0 < first < 0.02
    assert shares(found, "p") == pytest.approx((1.0, 1.0 - first), abs=0.01)


def test_the_region_is_in_the_numbers_of_the_inputs_given_what_is_known() -> None:
    run = two("p", "p * q")
    war = np.where(run.inputs["p"] > 0.8, 0.9, 0.1)
    found = weigh(replace(run, endings=np.array([war, 1.0 - war])))
    (box,) = (one for one in found.dominance if one.ending == "war")
    assert box.everywhere == pytest.approx(1 - 0.8**2, abs=0.01)
    assert box.limits["p"][0] == pytest.approx(0.8, abs=0.02)


def test_if_all_draws_explain_what_is_known_alike_nothing_changes() -> None:
    now = weigh(two("0.5", "p * q", 512))
    outset = weigh(offramp.run(crisis_of(TWO.format(seen="0.5", later="p * q")), draws=512))
    assert now.weighed == 512
    assert now.variances["war"] == pytest.approx(outset.variances["war"], rel=1e-9)
    for name in ("p", "q"):
        assert shares(now, name) == pytest.approx(shares(outset, name), abs=1e-9)


def test_draws_are_taken_as_often_as_they_weigh_and_no_more_than_they_are_worth() -> None:
    weights = np.random.default_rng(1).exponential(size=5000)
    taken = weighted_draws(weights)
    assert len(taken) == int(weights.sum() ** 2 / (weights**2).sum())
    often = np.bincount(taken, minlength=len(weights)) / len(taken)
    assert np.abs(often - weights / weights.sum()).max() <= 2.0 / len(taken)
    x = np.arange(5000.0)
    assert x[taken].mean() == pytest.approx((x * weights).sum() / weights.sum(), rel=0.01)


def test_correlations_within_noise_stay_as_declared() -> None:
    ranks = np.random.default_rng(3).random((5, 400))
    assert (measured(ranks, np.eye(5)) == np.eye(5)).all()
    ranks[1] = ranks[0] + 1e-9
    found = measured(ranks, np.eye(5))
    assert 0.9 < found[0, 1] < 1.0
    assert np.linalg.eigvalsh(found)[0] >= 0.01


def test_an_input_that_a_lever_replaces_from_now_on_still_mattered_for_what_happened() -> None:
    crisis = raid_now().with_levers("doubt")
    assert "p" in crisis.effective_inputs
    assert "p" not in replace(crisis, outset=None).effective_inputs
    found = weigh(offramp.run(crisis, draws=256))
    assert any(weight.input == "p" for weight in found.weights)


def test_it_says_as_of_when_and_how_draws_were_taken() -> None:
    found = weigh(offramp.run(raid_now(), draws=256))
    assert found.basis.startswith("As of 2031-01-01, after warn: speak. The run's 256 draws")
    assert any(f"from {found.weighed:,} draws taken by weight" in note for note in found.notes)
    assert found.endings == offramp.run(raid_now(), draws=256).ending_intervals
