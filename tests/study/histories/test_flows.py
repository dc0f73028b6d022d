"""Flows along the timeline: they balance, and they are those of the histories."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings

from offramp.crisis.model import Crisis
from offramp.study.histories.flows import flows_of
from offramp.study.histories.plays import solved
from tests.crises import crisis_of, crisis_texts
from tests.examples import examples
from tests.study.observed_histories import Histories
from tests.walker import ANALYST

RANDOM = crisis_texts(most_histories=120).map(crisis_of)


@settings(max_examples=examples(40), deadline=None)
@given(RANDOM)
def test_what_flows_into_a_value_is_what_it_holds_and_what_flows_out(crisis: Crisis) -> None:
    found = flows_of(*solved(crisis))
    for stage in found.stages:
        assert stage.shares.sum(axis=0) == pytest.approx(list(found.endings.values()), abs=1e-12)
        assert stage.shares.sum() == pytest.approx(1.0, abs=1e-12)
        assert stage.shares[:-1].any()
    assert len(found.between) == max(len(found.stages) - 1, 0)
    for (left, right), joint in zip(pairwise(found.stages), found.between, strict=True):
        assert (joint >= 0.0).all()
        np.testing.assert_allclose(joint.sum(axis=1), left.shares, rtol=0, atol=1e-12)
        np.testing.assert_allclose(joint.sum(axis=0), right.shares, rtol=0, atol=1e-12)


@settings(max_examples=examples(30), deadline=None)
@given(RANDOM)
def test_flows_are_the_joint_odds_of_the_histories(crisis: Crisis) -> None:
    block, solution = solved(crisis)
    found = flows_of(block, solution)
    histories = Histories(solution).found
    for (left, right), joint in zip(pairwise(found.stages), found.between, strict=True):
        if left.round == right.round == 0:
            for (a, b, ending), share in np.ndenumerate(joint):
                weight = sum(
                    one.odds[ANALYST]
                    for one in histories
                    if one.value(left.step) == left.values[a]
                    and one.value(right.step) == right.values[b]
                    and one.terminal.ending == list(found.endings)[ending]
                )
                assert share == pytest.approx(weight, abs=1e-12)
