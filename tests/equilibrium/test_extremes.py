"""Extreme numbers: odds of 0 and 1, huge and tiny payoffs, rationality 0 and a million, dominated and equal options."""

from __future__ import annotations

from dataclasses import fields, replace
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy.optimize import brentq
from scipy.special import expit

import offramp
from offramp.crisis.expressions.expression import Binary, Expression, Number
from offramp.crisis.model import Crisis
from offramp.equilibrium.evaluation import draw_of
from offramp.equilibrium.logit import solve_block
from offramp.gambit.efg import read_efg
from offramp.gambit.opening import compile_game
from offramp.game.game import Game
from tests.crises import crisis_of, crisis_texts
from tests.equilibrium.games import BEER_QUICHE, DILEMMA, PENNIES, STAG_HUNT, bimatrix, chosen, efg, repeated
from tests.equilibrium.test_closed_forms import BLOCKADE, SIGNAL
from tests.examples import examples
from tests.gambit.gametrees import game_texts
from tests.gambit.test_tree_to_game import HORSE, POKER, UNTIMED
from tests.game.test_against_walker import by_key

CRISES = crisis_texts(most_histories=100).map(crisis_of)
SHARP = 1e6
"""Largest rationality times range of payoffs in these tests."""


def times(crisis: Crisis, unit: float) -> Crisis:
    """A crisis with all payoffs times `unit` and all rationalities divided by it."""

    def product(factor: float, written: Expression) -> Expression:
        return Expression(
            written.text, written.place, Binary("*", Number(Fraction(factor)), written.root), written.places
        )

    return replace(
        crisis,
        terms=tuple(replace(term, pays=product(unit, term.pays)) for term in crisis.terms),
        actors={
            name: replace(actor, rationality=product(1 / unit, actor.rationality))
            for name, actor in crisis.actors.items()
        },
    )


def tree_times(text: str, unit: Fraction) -> Game:
    """A game of Gambit's with all payoffs times `unit`."""
    tree = read_efg(text, "g.efg")
    outcomes = tuple(replace(one, payoffs=tuple(unit * x for x in one.payoffs)) for one in tree.outcomes)
    return compile_game(replace(tree, outcomes=outcomes))


def assert_same_bits(left: Any, right: Any, *names: str) -> None:
    for name in names:
        np.testing.assert_array_equal(getattr(left, name), getattr(right, name))


@settings(max_examples=examples(30), deadline=None)
@given(CRISES, st.sampled_from([30, -30, 7]))
@example(crisis_of(SIGNAL), 30)
@example(crisis_of(SIGNAL), -30)
def test_payoffs_times_a_power_of_two_with_rationality_divided_change_no_bit(crisis: Crisis, power: int) -> None:
    plain, other = compile_game(crisis), compile_game(times(crisis, 2.0**power))
    left, right = offramp.solve(plain), offramp.solve(other)
    assert_same_bits(left, right, "choice", "reached", "beliefs", "status", "sweeps", "turns", "bifurcations")
    assert left.endings == right.endings
    assert left.certificate.residual == right.certificate.residual
    np.testing.assert_array_equal(left.option_values * 2.0**power, right.option_values)
    blocks = [solve_block(repeated(draw_of(game), 3)) for game in (plain, other)]
    assert_same_bits(*blocks, "choice", "reached", "endings", "residual", "status", "sweeps")
    np.testing.assert_array_equal(blocks[0].terms * 2.0**power, blocks[1].terms)
    np.testing.assert_array_equal(blocks[0].regret_once * 2.0**power, blocks[1].regret_once)


@settings(max_examples=examples(30), deadline=None)
@given(game_texts(), st.sampled_from([30, -30]))
@example(HORSE, 30)
@example(UNTIMED, -30)
def test_payoffs_of_a_tree_times_a_power_of_two_change_no_bit(text: str, power: int) -> None:
    left = offramp.solve(efg(text), rationality=1.5)
    right = offramp.solve(tree_times(text, Fraction(2) ** power), rationality=1.5 * 2.0**-power)
    assert_same_bits(left, right, "choice", "reached", "beliefs", "status")
    assert left.endings == right.endings


@pytest.mark.parametrize("unit", [Fraction(10**9), Fraction(1, 10**9)], ids=["1e9", "1e-9"])
@pytest.mark.parametrize("text", [HORSE, POKER, BEER_QUICHE, UNTIMED], ids=lambda text: text[7:25])
def test_payoffs_of_a_billion_or_a_billionth_with_rationality_to_match_are_the_same_game(
    text: str, unit: Fraction
) -> None:
    left = offramp.solve(efg(text), rationality=2.0)
    right = offramp.solve(tree_times(text, unit), rationality=2.0 / float(unit))
    assert right.converged
    assert right.status == left.status == "principal"
    assert right.choice == pytest.approx(left.choice, abs=1e-9)


@settings(max_examples=examples(40), deadline=None)
@given(st.one_of(CRISES.map(compile_game), game_texts().map(efg)))
def test_at_rationality_0_play_is_uniform_exactly(game: Game) -> None:
    solution = offramp.solve(game, rationality=0)
    assert solution.converged
    assert solution.certificate.residual <= 1e-15
    for move in solution.moves:
        assert set(move.options.values()) == {1 / len(move.options)}


@pytest.mark.parametrize("rationality", [5e-324, 1e-310, 1e-300, 1e-150])
def test_next_to_no_rationality_is_next_to_uniform(rationality: float) -> None:
    for text in (HORSE, BEER_QUICHE):
        solution = offramp.solve(efg(text), rationality=rationality)
        assert solution.status == "principal"
        assert solution.choice == pytest.approx(0.5, abs=1e-15)


@pytest.mark.parametrize("k", [1e3, 1e5, SHARP])
def test_a_million_times_the_payoffs_is_certified_as_closely_as_rounding_allows(k: float) -> None:
    """Asymmetric pennies with payoffs up to 9: p = expit(lambda (10 q - 1)), q = expit(lambda (1 - 2 p))."""
    rationality = k / 9
    game = bimatrix(*PENNIES)
    solution = offramp.solve(game, rationality=rationality)
    assert solution.status == "principal"
    assert solution.certificate.residual <= max(1e-9, np.finfo(float).eps * k)

    def miss(x: float) -> float:  # in x = rationality (1 - 2 p), so that nothing is lost near p = 1/2
        return float(expit(rationality * (10 * expit(x) - 1))) - (0.5 - x / (2 * rationality))

    x = brentq(miss, -10, 10, xtol=1e-14)
    assert solution.choice == pytest.approx(
        [0.5 - x / (2 * rationality), 0.5 + x / (2 * rationality), expit(x), expit(-x)], abs=1e-9
    )


@pytest.mark.parametrize("rationality", [1e3, SHARP])
def test_at_a_million_a_dominated_option_is_played_never_and_its_log_odds_are_not_lost(rationality: float) -> None:
    solution = offramp.solve(bimatrix(*DILEMMA), rationality=rationality)
    assert chosen(solution) == {"A": [0.0, 1.0], "B": [0.0, 1.0]}
    assert solution.certificate.regret == {"A": 0.0, "B": 0.0}
    hunt = offramp.solve(bimatrix(*STAG_HUNT), rationality=rationality)
    assert hunt.status == "principal"
    assert chosen(hunt) == {"A": [0.0, 1.0], "B": [0.0, 1.0]}


@pytest.mark.parametrize("rationality", [1e3, SHARP])
def test_backward_induction_is_reached_in_perfect_information(rationality: float) -> None:
    """South fights only in a storm and never yields, so north gets -3 * 3/4 from a blockade and 0 from waiting."""
    solution = offramp.solve(compile_game(crisis_of(BLOCKADE)), rationality=rationality)
    assert solution.converged
    assert solution.endings == pytest.approx({"war": 0.0, "peace": 1.0}, abs=1e-12)
    best = {
        ("calm", "blockade"): "talk",
        ("storm", "blockade"): "fight",
        ("calm", "wait"): "talk",
        ("storm", "wait"): "talk",
    }
    for move in solution.moves:
        if move.situation.move == "answer":
            seen = str(move.situation.sees["weather"]), str(move.situation.sees["order"])
            assert move.options[best[seen]] == pytest.approx(1.0, abs=1e-12)


@pytest.mark.parametrize("odds", [0.0, 1.0])
def test_chance_without_a_choice_leaves_the_game_of_what_it_picks(odds: float) -> None:
    """With the kind certain, the rest is a game of its own: here in closed form, by backward induction."""
    text = SIGNAL.replace("{firm: 0.375", "{firm: odds").replace("timeline:", "inputs: {odds: {is: 0.5}}\ntimeline:")
    solution = offramp.solve(compile_game(crisis_of(text)), given={"odds": odds})
    assert solution.converged
    resist = expit(4.0 * ((-2 if odds else 0.5) + 1))
    mobilise = expit(2.5 * (2 * (1 - resist) + (0.5 if odds else -1.5) * resist - 0.25))
    found = {(move.situation.move, move.situation.sees.get("resolve")): move for move in solution.moves}
    real, other = ("firm", "bluffing") if odds else ("bluffing", "firm")
    assert found["warning", real].options["mobilise"] == pytest.approx(mobilise, abs=1e-9)
    assert found["answer", None].options["resist"] == pytest.approx(resist, abs=1e-9)
    assert found["warning", other].reached == 0.0
    assert solution.endings["clash"] == pytest.approx(mobilise * resist, abs=1e-9)
    assert np.isfinite(solution.beliefs).all()
    assert np.isfinite(list(solution.certificate.regret_once.values())).all()


def test_sets_that_zero_odds_never_reach_hold_a_uniform_placeholder_with_no_belief() -> None:
    text = BEER_QUICHE.replace('"weak" 1/10 "strong" 9/10', '"weak" 0 "strong" 1')
    for rationality in (0.0, 1.0, 1e4):
        solution = offramp.solve(efg(text), rationality=rationality)
        assert solution.converged
        (weak,) = [move for move in solution.moves if move.situation.move == "weak"]
        assert (weak.reached, set(weak.options.values())) == (0.0, {0.5})
        for field in fields(solution.certificate):
            assert "nan" not in str(getattr(solution.certificate, field.name))
    assert chosen(solution)["strong"] == pytest.approx([1.0, 0.0], abs=1e-9), "beer is best if nobody fights"


@pytest.mark.parametrize("rationality", [0.5, 3.0, 200.0])
def test_equal_options_are_played_equally(rationality: float) -> None:
    """Every option of asymmetric pennies twice: copies share what an option of rationality log 2 ahead would get."""
    first, second = (np.repeat(np.repeat(np.array(paid), 2, axis=0), 2, axis=1) for paid in PENNIES)
    solution = offramp.solve(bimatrix(first.tolist(), second.tolist()), rationality=rationality)
    plain = offramp.solve(bimatrix(*PENNIES), rationality=rationality)
    assert solution.status == "principal"
    assert solution.choice[::2] == pytest.approx(solution.choice[1::2], abs=1e-12)
    assert solution.choice[::2] * 2 == pytest.approx(plain.choice, abs=1e-9)


def test_options_that_pay_the_same_whatever_happens_are_equally_likely_at_any_rationality() -> None:
    game = efg('EFG 2 R "Nothing at stake" { "A" } p "" 1 1 "m" { "x" "y" "z" } 0 t "" 1 { 7 } t "" 1 t "" 1')
    for rationality in (0.0, 3.0, SHARP):
        solution = offramp.solve(game, rationality=rationality)
        assert chosen(solution) == {"m": pytest.approx([1 / 3] * 3, abs=1e-15)}
        assert solution.certificate.regret["A"] == pytest.approx(0.0, abs=1e-12)


@settings(max_examples=examples(30), deadline=None)
@given(CRISES)
def test_a_rationality_per_actor_is_what_the_solution_answers_to(crisis: Crisis) -> None:
    """Actors of rationality 0 among rational ones choose uniformly; a solution names every rationality asked for."""
    game = compile_game(crisis)
    solution = offramp.solve(game)
    if solution.converged:
        uniform = {actor for actor, rationality in solution.rationality.items() if rationality == 0}
        actors = {situation.move: situation.actor for situation in game.situations}
        for key, options in by_key(game, solution.choice).items():
            if actors[key[0]] in uniform:
                assert options == pytest.approx(dict.fromkeys(options, 1 / len(options)), abs=1e-15)
