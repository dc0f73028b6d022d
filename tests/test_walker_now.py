"""The oracle from a moment on, against figures derived by hand, and the laws that the definition of now obeys."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from offramp.crisis.lever import Lever
from offramp.crisis.steps import Move
from tests.crises import crisis_of, crisis_texts
from tests.examples import examples
from tests.plays import plays
from tests.situations import Situation, situations
from tests.walker import Moment, logit_response, past_of, positions, rationality, solve, tree, walk, walk_now, weigh

SITUATIONS = situations()


def share(gain: float, precision: float) -> float:
    """The logit probability of the better of two options, whose values differ by a gain."""
    return 1 / (1 + math.exp(-precision * gain))


def close(expected: object) -> Any:
    return pytest.approx(expected, rel=1e-12, abs=1e-12)


# By hand

SIGNAL = """
format: 1
title: Signal
actors:
  sender:   {name: Sender, rationality: 2}
  receiver: {name: Receiver, rationality: 3}
inputs:
  prize: {is: "0"}
  cost:  {is: "2"}
timeline:
  - chance: kind
    odds: {strong: 0.4, weak: rest}
    seen_by: [sender]
    believed_by: {receiver: {strong: 0.25, weak: rest}}
  - {move: signal, by: sender, options: [threat, quiet]}
  - {move: reply, by: receiver, options: [resist, yield_]}
payoffs:
  sender:
    show: (signal == threat) * (1 if kind == strong else -0.5)
    gain: prize * (reply == yield_)
  receiver:
    fight: (reply == resist) * (1 if kind == weak else -cost)
endings: {fight: reply == resist, peace: otherwise}
levers:
  reward: {set: {prize: 5}}
  arms:   {set: {cost: cost / 4}}
  tie:    {forbid: {reply: [resist]}}
  mute:   {forbid: {signal: [quiet]}}
"""
THREAT = {("signal", 0): ("threat",)}
# Without a prize the sender goes by the show alone: 1 against 0 if strong, -1/2 against 0 if weak.
STRONG_THREATENS, WEAK_THREATENS = share(1, 2), share(-0.5, 2)


def belief(prior: float) -> float:
    """That the sender is strong, once it has threatened."""
    strong, weak = prior * STRONG_THREATENS, (1 - prior) * WEAK_THREATENS
    return strong / (strong + weak)


def resistance(cost: float) -> float:
    """The receiver's odds after a threat, in its own belief: fighting the weak pays 1, the strong cost it."""
    return share((1 - belief(0.25)) - cost * belief(0.25), 3)


def test_an_observed_signal_updates_the_analyst_and_the_receiver_each_in_their_own_odds() -> None:
    found = walk_now(crisis_of(SIGNAL), THREAT)
    assert found.likelihood == close(0.4 * STRONG_THREATENS + 0.6 * WEAK_THREATENS)
    assert found.endings == close({"fight": resistance(2), "peace": 1 - resistance(2)})
    fight = resistance(2) * ((1 - belief(0.4)) - 2 * belief(0.4))
    assert found.payoffs == {"sender": {"show": 0, "gain": 0}, "receiver": {"fight": close(fight)}}
    assert found.payoffs_in_all["sender"]["show"] == close(belief(0.4) - 0.5 * (1 - belief(0.4)))


def test_a_lever_after_the_signal_moves_the_receiver_and_leaves_the_sender_as_it_was() -> None:
    # With a prize of 5 a sender that could choose again would threaten otherwise; it has chosen.
    found = walk_now(crisis_of(SIGNAL), THREAT, levers=["reward", "arms"])
    assert found.likelihood == close(0.4 * STRONG_THREATENS + 0.6 * WEAK_THREATENS)
    assert found.endings == close({"fight": resistance(0.5), "peace": 1 - resistance(0.5)})
    assert found.payoffs["sender"] == close({"show": 0, "gain": 5 * (1 - resistance(0.5))})
    before = walk_now(crisis_of(SIGNAL), {}, levers=["reward", "arms"])
    assert [choices["threat"] for key, choices in before.choices.items() if key[0] == "signal"] != [
        choices["threat"] for choices in found.past.values()
    ]


def test_a_lever_forbids_options_of_moves_ahead_only() -> None:
    found = walk_now(crisis_of(SIGNAL), THREAT, levers=["tie", "mute"])
    assert found.endings == {"fight": 0, "peace": 1}
    assert found.past == walk_now(crisis_of(SIGNAL), THREAT).past
    assert found.likelihood == close(0.4 * STRONG_THREATENS + 0.6 * WEAK_THREATENS)


def test_one_of_several_values_was_observed() -> None:
    found = walk_now(crisis_of(SIGNAL), {("signal", 0): ("threat", "quiet")}, levers=["arms"])
    assert found.likelihood == close(1)
    # after quiet the sender is strong with 1/4 of the odds that it then is quiet, in the receiver's eyes
    strong, weak = 0.25 * (1 - STRONG_THREATENS), 0.75 * (1 - WEAK_THREATENS)
    after_quiet = share((weak - 0.5 * strong) / (strong + weak), 3)
    threat = 0.4 * STRONG_THREATENS + 0.6 * WEAK_THREATENS
    assert found.endings["fight"] == close(threat * resistance(0.5) + (1 - threat) * after_quiet)


WATCH = """
format: 1
title: Watch
actors:
  guard: {name: Guard, rationality: 2, memory: state}
inputs: {bite: {is: "0.5"}}
timeline:
  - {chance: order, odds: {go: 0.25, stay: rest}, seen_by: []}
  - rounds: 3
    until: alarm == rings
    steps:
      - chance: alarm
        odds: [{if: order == go, rings: bite, silent: rest}, {rings: 0.125, silent: rest}]
      - {chance: leak, odds: [{if: order == go, yes_: 0.75, no_: rest}, {yes_: 0.5, no_: rest}], seen_by: []}
  - {move: act, by: guard, options: [shoot, wait], seen_by: []}
payoffs:
  guard: {hit: (act == shoot) * (1 if order == go else -1)}
endings: {hit: order == go and act == shoot, missed: order == go, calm: otherwise}
levers: {bark: {set: {bite: 1}}}
"""


def test_what_only_the_analyst_has_seen_tells_the_analyst_alone() -> None:
    # The guard hears the alarm of the last round and its number; the leak of round 1 is the analyst's.
    found = walk_now(crisis_of(WATCH), {("alarm", 1): ("rings",), ("leak", 1): ("yes_",)})
    heard = 0.25 * 0.5 / (0.25 * 0.5 + 0.75 * 0.125)
    told = 0.25 * 0.5 * 0.75 / (0.25 * 0.5 * 0.75 + 0.75 * 0.125 * 0.5)
    shot = share(2 * heard - 1, 2)
    assert found.likelihood == close(0.25 * 0.5 * 0.75 + 0.75 * 0.125 * 0.5)
    assert found.endings == close({"hit": told * shot, "missed": told * (1 - shot), "calm": 1 - told})


def test_rounds_that_have_ended_are_facts_too_and_hidden_steps_are_summed_over() -> None:
    found = walk_now(crisis_of(WATCH), {("alarm", 2): ("skipped",)})
    assert found.likelihood == close(0.25 * 0.5 + 0.75 * 0.125)
    known = walk_now(crisis_of(WATCH), {("alarm", 1): ("silent",), ("alarm", 2): ("rings", "silent")}, levers=["bark"])
    # from round 3 on the alarm always rings if the order is to go
    go, stay = 0.25 * 0.5, 0.75 * 0.875
    assert known.likelihood == close(go + stay)
    rings_now, rings_then = (go * 0.5, stay * 0.125), (go * 0.5, stay * 0.875 * 0.125)
    silent = (0.0, stay * 0.875 * 0.875)
    hit = sum(part[0] * share((part[0] - part[1]) / sum(part), 2) for part in (rings_now, rings_then, silent))
    assert known.endings["hit"] == close(hit / (go + stay))


def test_draws_weigh_as_much_as_they_make_the_facts_likely() -> None:
    moments = [Moment(likelihood, {}, {}) for likelihood in (0.5, 0.25, 0.0)]
    assert weigh(moments).shares == close((2 / 3, 1 / 3, 0))
    assert weigh(moments).effective == close(0.75**2 / (0.5**2 + 0.25**2))
    assert weigh(moments).mean([3.0, 6.0, math.nan]) == close(4)


STAG = """
format: 1
title: Stag hunt
actors: {north: {name: North, rationality: 6}, south: {name: South, rationality: 6}}
timeline:
  - together:
    - {move: ours, by: north, options: [stag, hare]}
    - {move: theirs, by: south, options: [stag, hare]}
payoffs:
  north: {game: 4 * (ours == stag and theirs == stag) + 3 * (ours == hare)}
  south: {game: 4 * (ours == stag and theirs == stag) + 3 * (theirs == hare)}
endings: {over: otherwise}
"""


def test_the_principal_branch_leads_to_the_equilibrium_that_dominates_in_risk() -> None:
    crisis = crisis_of(STAG)
    found = solve(tree(crisis), rationality(crisis))
    # p = share(3 - 4 (1 - p)): also near 0, where both hunt the stag, but the branch from 1/2 rises
    high = 1.0
    for _ in range(200):
        high = share(3 - 4 * (1 - high), 6)
    assert [choices["hare"] for choices in found.values()] == close([high, high])


# Laws


@settings(max_examples=examples(100), deadline=None)
@given(crisis_texts(most_histories=100).map(crisis_of))
def test_a_solved_profile_is_the_logit_response_to_its_walk(crisis: Any) -> None:
    choices = solve(tree(crisis), rationality(crisis))
    found = walk(crisis, lambda key, options: choices.get(key) or dict.fromkeys(options, 1 / len(options)))
    assert found.support == choices.keys()
    for key in found.support:
        response = logit_response(found.option_values[key], rationality(crisis)[found.actors[key]])
        assert choices[key] == pytest.approx(response, abs=1e-11)


@settings(max_examples=examples(100), deadline=None)
@given(SITUATIONS)
def test_nothing_pulled_gives_the_plain_conditional(now: Situation) -> None:
    found = walk_now(now.crisis, now.facts)
    choices = {**found.past, **found.choices}
    agreed = [
        play
        for play in plays(now.crisis, lambda key, options: choices.get(key) or dict.fromkeys(options, 0.0))
        if all(play.happened.get(position, "skipped") in values for position, values in now.facts.items())
    ]
    total = math.fsum(play.probability for play in agreed)
    assert found.likelihood == close(total)
    for ending, probability in found.endings.items():
        assert probability == close(math.fsum(p.probability for p in agreed if p.ending == ending) / total)
    assert choices == solve(tree(now.crisis), rationality(now.crisis))


@settings(max_examples=examples(60), deadline=None)
@given(SITUATIONS)
def test_levers_now_leave_the_past_and_its_likelihood_alone(now: Situation) -> None:
    plain, pulled = walk_now(now.crisis, now.facts), walk_now(now.crisis, now.facts, levers=now.levers)
    assert pulled.past == plain.past
    assert pulled.likelihood == close(plain.likelihood)
    assert math.fsum(pulled.endings.values()) == close(1)


@settings(max_examples=examples(60), deadline=None)
@given(SITUATIONS)
def test_levers_pulled_at_the_outset_are_those_of_the_whole_game(now: Situation) -> None:
    pulled = walk_now(now.crisis.with_levers(*now.levers), {})
    assert replace(walk_now(now.crisis, {}, levers=now.levers), past={}) == pulled


@settings(max_examples=examples(60), deadline=None)
@given(SITUATIONS)
def test_what_the_analyst_has_observed_changes_no_choice(now: Situation) -> None:
    anything = {
        position: (*now.crisis.options_of(position[0]), "skipped") for position in past_of(now.crisis, now.facts)
    }
    facts, nothing = (walk_now(now.crisis, known, levers=now.levers) for known in (now.facts, anything))
    assert facts.choices == nothing.choices
    assert nothing.likelihood == close(1)


@settings(max_examples=examples(60), deadline=None)
@given(SITUATIONS)
def test_a_lever_that_forbids_only_what_is_past_changes_nothing(now: Situation) -> None:
    past = past_of(now.crisis, now.facts)
    ahead = {name for group in positions(now.crisis) for name, number in group if (name, number) not in past}
    moves = [step for step in now.crisis.named.values() if isinstance(step, Move) and step.key not in ahead]
    late = Lever(**{**vars(now.crisis.levers["calm"]), "sets": {}, "forbids": {m.key: m.options[1:] for m in moves}})
    crisis = replace(now.crisis, levers={**now.crisis.levers, "late": late})
    assert walk_now(crisis, now.facts, levers=["late"]) == walk_now(crisis, now.facts)


@settings(max_examples=examples(60), deadline=None)
@given(st.data(), SITUATIONS)
def test_a_step_before_now_that_was_not_observed_is_summed_over(data: Any, now: Situation) -> None:
    past = sorted(past_of(now.crisis, now.facts) - {*now.facts})
    if not past:
        return
    position = data.draw(st.sampled_from(past))
    whole = walk_now(now.crisis, now.facts, levers=now.levers)
    parts = [
        walk_now(now.crisis, {**now.facts, position: (option,)}, levers=now.levers)
        for option in (*now.crisis.options_of(position[0]), "skipped")
    ]
    weights = weigh(parts)
    assert math.fsum(part.likelihood for part in parts) == close(whole.likelihood)
    for ending, probability in whole.endings.items():
        assert weights.mean([part.endings.get(ending, math.nan) for part in parts]) == close(probability)
    for actor, terms in whole.payoffs.items():
        for term, amount in terms.items():
            mean = weights.mean([part.payoffs[actor][term] if part.payoffs else math.nan for part in parts])
            assert mean == pytest.approx(amount, abs=1e-10)
