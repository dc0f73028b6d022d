"""The worth of finding out as of now, against runs as of now under each lever."""

from __future__ import annotations

import numpy as np
import pytest

import offramp
from offramp.crisis.model import Crisis
from offramp.study.value_of_information.worth import worth
from tests.crises import crisis_of
from tests.raid_now import RAID_NOW

DRAWS = 1024


def raid(**known: str) -> Crisis:
    """The crisis as of now, in which both levers ahead cost North something."""
    text = RAID_NOW.replace("set: {q: q / 2}}", "set: {q: q / 2}, cost: 0.02}")
    text = text.replace("forbid: {reply: [strike]}}", "forbid: {reply: [strike]}, cost: 0.48}")
    return crisis_of(text).supposing(known)


def payoff(crisis: Crisis, lever: str | None) -> tuple[np.ndarray, np.ndarray]:
    """What North expects in each draw, less the cost of a lever, and the weight of the draw."""
    run = offramp.run(crisis.with_levers(*([lever] if lever else [])), draws=DRAWS)
    terms = np.asarray(run.terms)[[term.actor == "north" for term in crisis.terms]].sum(axis=0)
    assert run.weights is not None
    return terms - ((crisis.levers[lever].cost or 0.0) if lever else 0.0), run.weights


CHOICES = (None, "hotline", "restraint", "silence", "doubt")


def test_levels_are_those_of_the_run_as_of_now() -> None:
    run = offramp.run(raid(), draws=DRAWS)
    found = worth(run, draws=DRAWS)
    assert found.levels["no lever"] == pytest.approx(run.ending_intervals["war"].mean, abs=1e-9)
    for lever in ("hotline", "silence"):
        after = offramp.run(raid().with_levers(lever), draws=DRAWS).ending_intervals["war"].mean
        assert found.levels[lever] == pytest.approx(after, abs=1e-9)


def test_knowing_all_inputs_is_worth_the_best_lever_of_each_draw_by_weight() -> None:
    found = worth(offramp.run(raid(), draws=DRAWS), actor="north", draws=DRAWS)
    columns, weights = zip(*(payoff(raid(), lever) for lever in CHOICES), strict=True)
    weight = weights[0] / weights[0].sum()
    paid = np.array(columns)
    expected = (paid.max(axis=0) * weight).sum() - (paid * weight).sum(axis=1).max()
    assert expected > 1e-3
    assert found.inputs == pytest.approx(expected, abs=1e-9)


def test_knowing_a_hidden_value_is_worth_the_best_lever_of_each_value_given_what_is_known() -> None:
    found = worth(offramp.run(raid(), draws=DRAWS), actor="north", draws=DRAWS)
    (line,) = (one for one in found.worths if one.name == "line")
    informed, total = 0.0, np.zeros(len(CHOICES))
    shares = {}
    for value in ("low", "high"):
        columns, weights = zip(*(payoff(raid(line=value), lever) for lever in CHOICES), strict=True)
        joint = (np.array(columns) * weights[0]).sum(axis=1)
        shares[value] = weights[0].sum()
        informed, total = informed + joint.max(), total + joint
    assert line.value == pytest.approx((informed - total.max()) / sum(shares.values()), abs=1e-9)


def test_what_is_observed_already_is_worth_nothing() -> None:
    found = worth(offramp.run(raid(line="low"), draws=DRAWS), actor="north", draws=DRAWS)
    assert all(one.value == pytest.approx(0.0, abs=1e-12) for one in found.worths if one.name == "line")


def test_it_says_as_of_when_and_refuses_too_few_draws() -> None:
    run = offramp.run(raid(), draws=DRAWS)
    found = worth(run, draws=256)
    assert found.basis.startswith("As of 2031-01-01, after warn: speak. ")
    assert found.notes[-1].startswith("As of now: ")
    with pytest.raises(offramp.UsageError, match="at least 64 are needed"):
        worth(offramp.run(raid(line="low"), draws=DRAWS), draws=70)
