"""The certificate is true: residual, regret and beliefs against plain Python, brute force and Gambit."""

from __future__ import annotations

from dataclasses import replace
from math import prod

import numpy as np
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from scipy.special import expit

import offramp
from offramp.crisis.model import Crisis
from offramp.equilibrium.evaluation import draw_of, evaluate_profile
from offramp.equilibrium.logit import evaluate_block
from offramp.gambit.efg import read_efg
from offramp.gambit.opening import compile_game
from offramp.gambit.recall import recall_of
from tests.crises import crisis_of, crisis_texts
from tests.equilibrium.games import BEER_QUICHE, DILEMMA, bimatrix, by_set, efg, nodes_of_sets
from tests.equilibrium.naive import best_payoff, best_worth, judge, ways, worth_of
from tests.examples import examples
from tests.gambit.gametrees import game_texts, walked
from tests.gambit.peer import efg_of_gambit, sets_of
from tests.gambit.test_tree_to_game import FORGETFUL, HORSE, POKER, TOLL, UNTIMED
from tests.game.test_against_walker import by_key, choice_of, scattered
from tests.walker import logit_response, rationality, tree, walk

MOST_PLANS = 64
"""Most pure strategies tried by brute force."""
CRISES = crisis_texts(most_histories=40).map(crisis_of)
TREES = game_texts(depth=4)
CLASSICS = pytest.mark.parametrize("text", [HORSE, POKER, BEER_QUICHE, UNTIMED, TOLL], ids=lambda text: text[7:25])

OWN_ODDS = """
format: 1
title: A mover with odds of its own
actors: {north: {name: North, rationality: 1.5}, south: {name: South, rationality: 2}}
timeline:
  - chance: kind
    odds: {soft: 0.5, hard: rest}
    seen_by: [north]
    believed_by: {south: {soft: 0.125, hard: rest}}
  - {move: push, by: north, options: [hold, press]}
  - {move: reply, by: south, options: [yield_, fight], if: push == press}
  - {move: last, by: north, options: [stop, go], if: reply == fight}
payoffs:
  north: {gain: (reply == yield_) - (reply == fight) * (kind == soft), spite: (last == go) * (kind == hard)}
  south: {loss: (reply == fight) * (2 * (kind == soft) - 1) - (last == go)}
endings: {war: last == go, calm: otherwise}
"""


@settings(max_examples=examples(60), deadline=None)
@given(CRISES, st.integers(0, 99), st.sampled_from([1e-6, -1e-6, 1e-3]))
def test_a_profile_that_is_a_little_off_has_a_residual_that_shows_it(crisis: Crisis, which: int, off: float) -> None:
    """The residual is the largest distance from the logit response, computed by a walk through all histories."""
    game = compile_game(crisis)
    solution = offramp.solve(game)
    assume(solution.converged and game.situations)
    situation = game.situations[which % len(game.situations)]
    assume(len(situation.options) > 1 and solution.choice[situation.slots].max() < 1 - 2e-3)
    wrong = solution.choice.copy()
    most, least = np.argsort(wrong[situation.slots])[[-1, 0]] + situation.slots.start
    wrong[most] -= off
    wrong[least] += off
    assume(wrong.min() > 0)
    profile = by_key(game, wrong)
    found = walk(crisis, lambda key, _: profile[key])
    precision = rationality(crisis)
    distances = [
        abs(profile[key][option] - share)
        for key in found.support
        for option, share in logit_response(found.option_values[key], precision[found.actors[key]]).items()
    ]
    residual = evaluate_profile(game, wrong).residual
    assert residual == pytest.approx(max(distances, default=0.0), rel=1e-4, abs=1e-11)
    if solution.reached[game.situations.index(situation)] > 0:
        assert residual > 0.2 * abs(off)


def test_a_profile_off_by_a_millionth_is_no_solution() -> None:
    game = efg(BEER_QUICHE)
    solution = offramp.solve(game, rationality=1.0)
    wrong = solution.choice + np.tile([1e-6, -1e-6], game.slots // 2)
    block = draw_of(game, rationality=1.0)
    assert evaluate_block(block, solution.choice[:, None]).converged[0]
    judged = evaluate_block(block, wrong[:, None])
    assert judged.residual[0] > 5e-7
    assert not judged.converged[0]


@settings(max_examples=examples(80), deadline=None)
@given(CRISES)
@example(crisis_of(OWN_ODDS))
def test_regret_in_a_crisis_is_what_brute_force_over_plans_finds(crisis: Crisis) -> None:
    game, root = compile_game(crisis), tree(crisis)
    judged = evaluate_block(draw_of(game), choice_of(game)[:, None])
    profile = by_key(game, choice_of(game))
    found = walk(crisis, scattered)
    for number, actor in enumerate(game.actors):
        own = {key: options for key, options in found.options.items() if found.actors[key] == actor}
        gains = [
            max(found.option_values[key].values())
            - sum(profile[key][option] * value for option, value in found.option_values[key].items())
            for key in own
            if key in found.support
        ]
        assert judged.regret_once[number, 0] == pytest.approx(max(gains, default=0.0), rel=1e-9, abs=1e-10)
        if crisis.actors[actor].memory == "state":
            assert np.isnan(judged.regret[number, 0])
        elif prod(map(len, own.values())) <= MOST_PLANS:
            best, here = best_worth(root, actor, profile, own), worth_of(root, actor, profile)
            assert judged.regret[number, 0] == pytest.approx(best - here, rel=1e-9, abs=1e-10)


@settings(max_examples=examples(100), deadline=None)
@given(TREES, st.integers(0, 999))
@example(UNTIMED, 1)
@example(HORSE, 2)
@example(FORGETFUL, 3)
def test_regret_in_a_tree_is_what_brute_force_over_plans_finds(text: str, seed: int) -> None:
    parsed = read_efg(text, "g.efg")
    game, rng = compile_game(parsed), np.random.default_rng(seed)
    assume(game.slots)
    profile = np.concatenate([rng.dirichlet(np.ones(len(s.options))) for s in game.situations])
    judged = evaluate_block(draw_of(game), profile[:, None])
    choice = by_set(parsed, game, profile)
    worth = judge(parsed, choice)
    for player in range(len(parsed.players)):
        sets = ways(parsed, player)
        gains = [
            max(worth.worth[place]) - float(np.dot(worth.worth[place], choice[place]))
            for place in sets
            if place in worth.worth and sum(worth.beliefs[place]) > 0.5
        ]
        assert judged.regret_once[player, 0] == pytest.approx(max(gains, default=0.0), abs=1e-10)
        if player in recall_of(parsed).forgetful:
            assert np.isnan(judged.regret[player, 0])
        elif prod(sets.values()) <= MOST_PLANS:
            gain = best_payoff(parsed, choice, player) - walked(parsed, choice)[1][player]
            assert judged.regret[player, 0] == pytest.approx(gain, abs=1e-10)


@CLASSICS
@pytest.mark.parametrize("rationality", [0.0, 1.0, 5.0])
def test_regret_is_gambits(text: str, rationality: float) -> None:
    parsed, peer = read_efg(text, "g.efg"), efg_of_gambit(text)
    game = compile_game(parsed)
    solution = offramp.solve(game, rationality=rationality)
    shares = by_set(parsed, game, solution.choice)
    places = sets_of(parsed, peer)
    theirs = peer.mixed_behavior_profile()
    for place, at in places.items():
        theirs[at] = dict(zip(peer.get_actions(at), shares[place], strict=True))
    certificate = solution.certificate
    assert max(value or 0.0 for value in certificate.regret.values()) == pytest.approx(theirs.max_regret(), abs=1e-9)
    assert max(certificate.regret_once.values()) == pytest.approx(theirs.agent_max_regret(), abs=1e-9)


def test_regret_of_the_dilemma_is_known_by_hand() -> None:
    """At rationality 0 silence costs (5 - 3) / 2 + (1 - 0) / 2 = 3/2 half of the time; a lone set is any deviation."""
    certificate = offramp.solve(bimatrix(*DILEMMA), rationality=0).certificate
    assert certificate.regret == pytest.approx({"A": 0.75, "B": 0.75})
    assert certificate.regret_once == certificate.regret


def test_regret_anywhere_is_unknown_without_perfect_recall_and_known_at_one_set() -> None:
    certificate = offramp.solve(efg(FORGETFUL), rationality=1.0).certificate
    assert certificate.regret == {"A": None}
    assert certificate.regret_once["A"] == pytest.approx(0.0, abs=1e-12)
    forgets = OWN_ODDS.replace("rationality: 2", "rationality: 2, memory: state")
    assert offramp.solve(compile_game(crisis_of(forgets))).certificate.regret["south"] is None


@settings(max_examples=examples(60), deadline=None)
@given(TREES, st.just(0.0) | st.floats(1e-6, 3.0))
def test_beliefs_are_those_of_bayes_and_add_up_to_one_in_every_set(text: str, rationality: float) -> None:
    parsed = read_efg(text, "g.efg")
    game = compile_game(parsed)
    solution = offramp.solve(game, rationality=rationality)
    judged = judge(parsed, by_set(parsed, game, solution.choice))
    for place, found in zip(by_set(parsed, game, np.zeros(game.slots)), nodes_of_sets(game), strict=True):
        beliefs = solution.beliefs[found]
        assert sorted(beliefs) == pytest.approx(sorted(judged.beliefs[place]), abs=1e-9)
        assert beliefs.sum() == pytest.approx(1.0, abs=1e-12)


def test_beliefs_are_in_the_movers_own_odds() -> None:
    solution = offramp.solve(compile_game(crisis_of(OWN_ODDS)))
    push = {s.sees["kind"]: solution.choice[s.slots][1] for s in solution.game.situations if s.move == "push"}
    ((number, _),) = [(k, s) for k, s in enumerate(solution.game.situations) if s.move == "reply"]
    soft, hard = 0.125 * push["soft"], 0.875 * push["hard"]
    beliefs = solution.beliefs[nodes_of_sets(solution.game)[number]]
    assert sorted(beliefs) == pytest.approx(sorted([soft / (soft + hard), hard / (soft + hard)]), abs=1e-12)


@pytest.mark.parametrize("cost", [10.0, 700.0, 900.0, 1e5])
def test_beliefs_where_reach_underflows_are_those_of_the_limit(cost: float) -> None:
    """Pressing costs the soft `cost` and the hard 1 more, so among those who press the odds are e to 1."""
    text = """
format: 1
title: A costly push
actors: {north: {name: North, rationality: 1}, south: {name: South, rationality: 1}}
inputs: {cost: {is: 1, because: test}}
timeline:
  - {chance: kind, odds: {soft: 0.25, hard: rest}, seen_by: [north]}
  - {move: push, by: north, options: [hold, press]}
  - {move: reply, by: south, options: [yield_, fight], if: push == press}
payoffs:
  north: {cost: -(cost + (kind == hard)) * (push == press)}
  south: {gain: (reply == fight) * (3 * (kind == soft) - 1)}
endings: {war: reply == fight, calm: otherwise}
"""
    solution = offramp.solve(compile_game(crisis_of(text)), given={"cost": cost})
    assert solution.converged
    soft, hard = 0.25 * expit(-cost), 0.75 * expit(-cost - 1)
    belief = soft / (soft + hard) if cost < 600 else 0.25 / (0.25 + 0.75 * np.exp(-1))
    (number,) = [k for k, s in enumerate(solution.game.situations) if s.move == "reply"]
    assert sorted(solution.beliefs[nodes_of_sets(solution.game)[number]]) == pytest.approx(
        sorted([belief, 1 - belief]), abs=1e-9
    )
    (reply,) = [move for move in solution.moves if move.situation.move == "reply"]
    assert reply.options["fight"] == pytest.approx(expit(3 * belief - 1), abs=1e-9)
    assert solution.certificate.regret_once["south"] == pytest.approx(
        max(3 * belief - 1, 0.0) - reply.options["fight"] * (3 * belief - 1), abs=1e-9
    )


def test_a_solution_that_has_not_converged_says_so() -> None:
    game = efg(HORSE)
    solution = offramp.solve(game, rationality=1.0)
    worse = replace(solution, certificate=replace(solution.certificate, residual=2e-9))
    assert solution.converged
    assert not worse.converged
    assert "NOT CONVERGED" in repr(worse)
    assert "not converged" in worse._repr_html_()
