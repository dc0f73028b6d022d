"""A crisis as of now, against an independent walk: the past frozen, minds unrestricted, the rest solved again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import offramp
from offramp.crisis.lever import Lever
from offramp.crisis.model import Crisis
from offramp.crisis.steps import Move
from offramp.runs.weighted import check_known
from tests.crises import crisis_of
from tests.examples import examples
from tests.game.test_against_walker import by_key
from tests.situations import Situation, situation
from tests.walker import SKIPPED, Moment, past_of, positions, walk_now, weigh

SEEDS = pytest.mark.parametrize("seed", range(examples(300)))
FEWER_SEEDS = pytest.mark.parametrize("seed", range(1000, 1000 + examples(60)))


def as_of_now(case: Situation) -> Crisis:
    """The crisis as it stands, in Offramp's own terms."""
    facts = {f"{step}@{number}" if number else step: values for (step, number), values in case.facts.items()}
    return case.crisis.supposing(facts).with_levers(*case.levers)


def close(expected: object) -> Any:
    return pytest.approx(expected, rel=1e-10, abs=1e-10)


def assert_equal(found: offramp.Solution, expected: Moment) -> None:
    assert found.likelihood == close(expected.likelihood)
    assert found.endings == close(expected.endings)
    choices = by_key(found.game, found.choice)
    for key, shares in expected.choices.items():
        assert choices[key] == close(shares)
    assert found.payoffs == {actor: close(terms) for actor, terms in expected.payoffs.items()}
    assert found.measures == close(expected.measures)


@SEEDS
def test_likelihood_endings_choices_and_payoffs_to_come_are_those_of_the_walk(seed: int) -> None:
    case = situation(seed, numbered=True)
    assert_equal(offramp.solve(as_of_now(case)), walk_now(case.spelt_out, case.facts, levers=case.levers))


@FEWER_SEEDS
def test_if_nothing_is_pulled_choices_are_those_of_the_outset_bit_for_bit(seed: int) -> None:
    case = replace(situation(seed), levers=())
    assert offramp.solve(as_of_now(case)).choice.tobytes() == offramp.solve(case.crisis).choice.tobytes()


@FEWER_SEEDS
def test_what_the_analyst_has_observed_changes_no_choice(seed: int) -> None:
    case = situation(seed)
    past = past_of(case.crisis, case.facts)
    anything = replace(case, facts={at: (*case.crisis.options_of(at[0]), SKIPPED) for at in past})
    assert offramp.solve(as_of_now(case)).choice.tobytes() == offramp.solve(as_of_now(anything)).choice.tobytes()


@FEWER_SEEDS
def test_a_lever_that_forbids_only_what_is_past_changes_nothing(seed: int) -> None:
    case = situation(seed)
    past = past_of(case.crisis, case.facts)
    ahead = {step for group in positions(case.crisis) for step, number in group if (step, number) not in past}
    moves = [step for step in case.crisis.named.values() if isinstance(step, Move) and step.key not in ahead]
    calm: Lever = case.crisis.levers["calm"]
    late = replace(calm, key="late", sets={}, forbids={move.key: move.options[1:] for move in moves})
    crisis = replace(case.crisis, levers={**case.crisis.levers, "late": late})
    before, after = (offramp.solve(as_of_now(replace(case, crisis=crisis, levers=some))) for some in ((), ("late",)))
    assert (after.endings, after.payoffs, after.likelihood) == (before.endings, before.payoffs, before.likelihood)
    assert after.choice.tobytes() == before.choice.tobytes()


def drawn(case: Situation, draws: int) -> list[Mapping[str, float]]:
    """The inputs of a run's draws, before any lever."""
    inputs = offramp.run(replace(case.crisis, pulled=()), draws=draws, seed=1).inputs
    return [{name: float(column[draw]) for name, column in inputs.items()} for draw in range(draws)]


@FEWER_SEEDS
def test_each_draw_of_a_run_is_its_own_walk(seed: int) -> None:
    case, draws = situation(seed), 4
    run = offramp.run(as_of_now(case), draws=draws, seed=1)
    for draw, inputs in enumerate(drawn(case, draws)):
        expected = walk_now(case.crisis, case.facts, inputs, case.levers)
        assert run.endings[:, draw] == close(list(expected.endings.values()))
        assert run.terms[:, draw] == close([amount for terms in expected.payoffs.values() for amount in terms.values()])
        if case.facts:
            assert run.evidence is not None
            assert run.evidence.likelihood[-1, draw] == close(expected.likelihood)


BLUFF = """
format: 1
title: Bluff
actors: {north: {name: North, rationality: "uniform(1, 4)"}, south: {name: South}}
inputs: {share: {is: "uniform(0.2, 0.8)"}, prize: {is: "uniform(0, 2)"}}
timeline:
  - {chance: kind, odds: {strong: share, weak: rest}, seen_by: [north]}
  - {move: threat, by: north, options: [threaten, wait]}
  - {move: answer, by: south, options: [resist, yield_]}
payoffs:
  north:
    fight: (answer == resist) * (1 if kind == strong else -2)
    prize: prize * (answer == yield_)
    threat: (prize - 1) * (threat == threaten)
  south: {fight: (answer == resist) * (1 if kind == weak else -2)}
endings: {fight: answer == resist, calm: otherwise}
levers: {calm: {set: {prize: prize / 2}}, referee: {forbid: {threat: [threaten]}, set: {share: share / 2}}}
"""


@pytest.mark.parametrize("levers", [(), ("calm",), ("calm", "referee")])
def test_means_over_draws_weigh_each_by_the_likelihood_of_the_facts(
    levers: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert check_known.__kwdefaults__ is not None
    monkeypatch.setitem(check_known.__kwdefaults__, "least", 20.0)  # each draw counts here, and the walk takes its time
    case = Situation(crisis_of(BLUFF), {("threat", 0): ("threaten",)}, levers)
    run = offramp.run(as_of_now(case), draws=32, seed=1)
    moments = [walk_now(case.crisis, case.facts, inputs, levers) for inputs in drawn(case, 32)]
    weights = weigh(moments)
    assert 20 < weights.effective < 31  # the draws weigh differently
    assert run.weights is not None
    assert run.weights / run.weights.sum() == close(np.array(weights.shares))
    for ending, interval in run.ending_intervals.items():
        assert interval.mean == close(weights.mean([moment.endings[ending] for moment in moments]))


EARLY = """
format: 1
title: Early
actors: {north: {name: North}}
timeline:
  - {chance: tide, odds: {high: 1}, if: 1 == 2}
  - {move: answer, by: north, options: [hold, strike]}
  - rounds: 2
    steps: [{state: heat, start: 0, becomes: heat + 1}]
payoffs:
  north:
    always: "2"
    heat: {pays: heat, when: each_round}
    strike: answer == strike
endings: {all: otherwise}
"""


@pytest.mark.parametrize(
    ("known", "coming"), [("tide", {"always": 0, "heat": 3}), ("answer", {"always": 0, "heat": 0})]
)
def test_what_is_paid_before_any_step_is_made_is_no_longer_to_come(known: str, coming: dict[str, float]) -> None:
    # 'tide' never happens, and no step is made before 'answer'; the rounds make no step at all
    case = Situation(crisis_of(EARLY), {(known, 0): ("skipped",) if known == "tide" else ("strike",)}, ())
    found, expected = offramp.solve(as_of_now(case)), walk_now(case.crisis, case.facts)
    assert expected.payoffs["north"] == pytest.approx({**coming, "strike": expected.payoffs["north"]["strike"]})
    assert_equal(found, expected)


def test_a_lever_changes_no_measure_of_what_is_past() -> None:
    text = BLUFF + "measures: {spent: prize * (threat == threaten), ahead: prize * (answer == resist)}\n"
    case = Situation(crisis_of(text), {("threat", 0): ("threaten",)}, ("calm",))
    found = offramp.solve(as_of_now(case)).measures
    assert found["spent"] == pytest.approx(1)  # the median; the lever halves what is ahead
    assert found == close(walk_now(case.crisis, case.facts, levers=["calm"]).measures)
