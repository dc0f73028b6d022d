"""The compiled game and its equilibria against a naive walk through every history."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import numpy as np
import pygambit
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from pygambit import H, Selector

import offramp
from offramp.crisis.model import Crisis
from offramp.equilibrium.evaluation import evaluate_profile
from offramp.gambit.opening import compile_game
from offramp.game.compiler import compile_crisis
from offramp.game.game import Game, Situation
from tests.crises import crisis_of, crisis_texts
from tests.examples import examples
from tests.walker import (
    ANALYST,
    ChanceNode,
    DecisionNode,
    Key,
    Node,
    Terminal,
    Value,
    logit_response,
    rationality,
    tree,
    walk,
)

Choice = NDArray[np.float64]
RANDOM = crisis_texts().map(crisis_of)
LEVERS = RANDOM.map(lambda crisis: crisis.with_levers("calm", "calm"))
PLAIN = crisis_texts(most_histories=100, plain=True).map(crisis_of)


def key_of(situation: Situation) -> Key:
    def plain(value: Value) -> Value:
        return value if isinstance(value, str) else float(value)

    return situation.move, situation.round, frozenset((label, plain(value)) for label, value in situation.sees.items())


def scattered(key: Key, options: tuple[str, ...]) -> dict[str, float]:
    """Choice probabilities, none of them small, that differ from one information set to the next."""
    move, number, sees = key
    digest = hashlib.sha256(repr((move, number, sorted(sees))).encode()).digest()
    weights = [1 + digest[index] / 64 for index in range(len(options))]
    return {option: weight / sum(weights) for option, weight in zip(options, weights, strict=True)}


def choice_of(game: Game) -> Choice:
    """The scattered profile as the vector that a game takes."""
    choice = np.zeros(game.slots)
    for situation in game.situations:
        choice[situation.slots] = list(scattered(key_of(situation), situation.options).values())
    return choice


def by_key(game: Game, slots: Choice) -> dict[Key, dict[str, float]]:
    return {
        key_of(situation): dict(zip(situation.options, map(float, slots[situation.slots]), strict=True))
        for situation in game.situations
    }


def close(expected: object, tolerance: float = 1e-10) -> object:
    return pytest.approx(expected, rel=tolerance, abs=tolerance)


def gains(option_values: Mapping[str, float]) -> dict[str, float]:
    """Option values relative to the first option's, so that a constant cancels."""
    base = next(iter(option_values.values()))
    return {option: value - base for option, value in option_values.items()}


@settings(max_examples=examples(100), deadline=None)
@given(RANDOM)
def test_endings_payoffs_and_own_eyes_are_those_of_the_walk(crisis: Crisis) -> None:
    found, game = walk(crisis, scattered), compile_game(crisis)
    evaluation = evaluate_profile(game, choice_of(game))
    assert evaluation.endings == close(found.endings)
    assert evaluation.own_eyes == close(found.own_eyes)
    for actor, terms in found.payoffs.items():
        assert evaluation.payoffs[actor] == close(terms)


@settings(max_examples=examples(100), deadline=None)
@given(RANDOM)
def test_every_information_set_is_found_with_its_options_and_its_reach(crisis: Crisis) -> None:
    found, game = walk(crisis, scattered), compile_game(crisis)
    assert {key_of(situation): situation.options for situation in game.situations} == found.options
    assert {key_of(situation): situation.actor for situation in game.situations} == found.actors
    assert game.size.information_sets == len(found.options)
    reached = evaluate_profile(game, choice_of(game)).reached
    assert dict(zip(map(key_of, game.situations), reached, strict=True)) == close(dict(found.reached))


CORNERS = {
    "rounds played only if the rounds before had a number": """
  - {rounds: 2, until: m == x, steps: [{move: m, by: north, options: [x, y]}]}
  - {rounds: 2, if: round == 1, steps: [{move: n, by: south, options: [x, y]}]}
  - {move: o, by: north, options: [x, y]}
""",
    "rounds after longer rounds": """
  - {rounds: 3, until: m == x, steps: [{move: m, by: north, options: [x, y]}, {tell: m, to: [south]}]}
  - {rounds: 2, steps: [{move: n, by: north, options: [x, y]}, {move: o, by: south, options: [x, y]}]}
""",
    "a state whose rounds are not played": """
  - {chance: c, odds: {a: 0.5, b: rest}}
  - {rounds: 2, if: c == a, steps: [{state: s, start: 2 * (c == b), becomes: s + 1}]}
  - {move: m, by: north, options: [x, y], if: s == 2}
  - {move: n, by: south, options: [x, y]}
""",
}


@pytest.mark.parametrize("timeline", CORNERS.values(), ids=CORNERS.keys())
def test_a_corner_of_the_language_has_the_information_sets_of_the_walk(timeline: str) -> None:
    actors = "{north: {name: North}, south: {name: South, memory: state}}"
    endings = "{played: round > 0, calm: otherwise}"
    crisis = crisis_of(f"format: 1\ntitle: Corner\nactors: {actors}\ntimeline:{timeline}endings: {endings}\n")
    found, game = walk(crisis, scattered), compile_game(crisis)
    assert {key_of(situation): situation.options for situation in game.situations} == found.options
    assert evaluate_profile(game, choice_of(game)).endings == close(found.endings)


@settings(max_examples=examples(100), deadline=None)
@given(RANDOM)
def test_option_values_are_means_over_histories_in_the_movers_own_odds(crisis: Crisis) -> None:
    found, game = walk(crisis, scattered), compile_game(crisis)
    values = by_key(game, evaluate_profile(game, choice_of(game)).option_values)
    for key in found.support:
        assert gains(values[key]) == close(gains(found.option_values[key]))


@settings(max_examples=examples(60), deadline=None)
@given(RANDOM)
def test_the_size_says_how_large_the_tree_is(crisis: Crisis) -> None:
    found, size = walk(crisis, scattered), compile_game(crisis).size
    assert (size.histories, size.nodes_tree) == (found.histories, found.nodes_tree)
    assert size.nodes <= size.nodes_tree


@settings(max_examples=examples(60), deadline=None)
@given(RANDOM)
def test_merging_changes_nothing(crisis: Crisis) -> None:
    merged, tree_like = compile_game(crisis), compile_crisis(crisis, merge=False)
    left, right = (evaluate_profile(game, choice_of(game)) for game in (merged, tree_like))
    assert left.endings == close(right.endings, 1e-12)
    assert left.own_eyes == close(right.own_eyes, 1e-12)
    values = by_key(tree_like, right.option_values)
    reached = dict(zip(map(key_of, tree_like.situations), right.reached, strict=True))
    assert dict(zip(map(key_of, merged.situations), left.reached, strict=True)) == close(reached, 1e-12)
    for actor, terms in right.payoffs.items():
        assert left.payoffs[actor] == close(terms, 1e-12)
    for key, option_values in by_key(merged, left.option_values).items():
        if reached[key] > 0:
            assert gains(option_values) == close(gains(values[key]), 1e-12)


@settings(max_examples=examples(40), deadline=None)
@given(LEVERS)
def test_pulled_levers_set_inputs_and_take_options_away(crisis: Crisis) -> None:
    found, game = walk(crisis, scattered), compile_game(crisis)
    evaluation = evaluate_profile(game, choice_of(game))
    assert {key_of(situation): situation.options for situation in game.situations} == found.options
    assert evaluation.endings == close(found.endings)
    assert evaluation.own_eyes == close(found.own_eyes)


@settings(max_examples=examples(60), deadline=None)
@given(st.one_of(RANDOM, LEVERS))
def test_a_solved_profile_is_its_own_logit_response(crisis: Crisis) -> None:
    game = compile_game(crisis)
    solution = offramp.solve(game)
    profile = by_key(game, solution.choice)
    found = walk(crisis, lambda key, _: profile[key])
    assert solution.endings == close(found.endings)
    if solution.converged:
        precision = rationality(crisis)
        for key in found.support:
            response = logit_response(found.option_values[key], precision[found.actors[key]])
            assert profile[key] == pytest.approx(response, abs=1e-8)


def gambit_game(crisis: Crisis, precision: Mapping[str, float]) -> tuple[Any, dict[Key, Selector]]:
    """The walker's tree for Gambit, with payoffs scaled so that everybody's rationality is 1."""
    game = pygambit.ExtensiveGame(players=list(crisis.actors))
    sets: dict[Key, Selector] = {}

    def grow(path: tuple[str, ...], node: Node) -> None:
        place = H.path(*path)
        match node:
            case Terminal(paid=paid):
                totals = {actor: sum(x for (whose, _), x in paid.items() if whose == actor) for actor in crisis.actors}
                scaled = {actor: Fraction(precision[actor] * total) for actor, total in totals.items()}
                game.make_outcome(place, scaled, f"history {len(game.get_outcomes())}")
                return
            case ChanceNode(odds=odds):
                *most, _ = map(Fraction, odds[ANALYST].values())
                game.append_event(place, dict(zip(node.branches, [*most, 1 - sum(most)], strict=True)))
            case DecisionNode(actor=actor, key=key) if key not in sets:
                game.append_move(place, actor, list(node.branches))
                sets[key] = place
            case DecisionNode(key=key):
                game.append_infoset(place, sets[key])
        for action, branch in node.branches.items():
            grow((*path, action), branch)

    grow((), tree(crisis))
    return game, sets


@settings(max_examples=examples(40), deadline=None)
@given(PLAIN)
def test_perfect_recall_and_a_common_prior_give_gambits_logit_equilibrium(crisis: Crisis) -> None:
    peer, sets = gambit_game(crisis, rationality(crisis))
    assert peer.is_perfect_recall
    game = compile_game(crisis)
    solution = offramp.solve(game)
    assert solution.converged
    if not sets:
        return
    (equilibrium,) = pygambit.qre.logit_solve_lambda(peer, 1.0)
    for key, choice in by_key(game, solution.choice).items():
        assert choice == pytest.approx(dict(equilibrium.profile[sets[key]]), abs=1e-6)
