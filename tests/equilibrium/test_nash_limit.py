"""Limits of perfect rationality: sequential equilibria by brute force, regret that falls to zero, named ties."""

from __future__ import annotations

import numpy as np
import pytest

from offramp.equilibrium.nash_limit import limit
from offramp.equilibrium.solution import Solution
from offramp.gambit.efg import read_efg
from offramp.gambit.opening import compile_game
from offramp.gambit.tree import Tree
from offramp.game.game import Game
from tests.crises import crisis_of
from tests.equilibrium.games import (
    BEER_QUICHE,
    COORDINATION,
    DILEMMA,
    PENNIES,
    STAG_HUNT,
    bimatrix,
    by_set,
    chosen,
    efg,
    nodes_of_sets,
)
from tests.equilibrium.naive import judge
from tests.equilibrium.test_closed_forms import BLOCKADE
from tests.gambit.test_tree_to_game import FORGETFUL, HORSE, POKER, TOLL

SLACK = 1e-4
"""Largest loss, on a scale of payoffs of about 1, of an option that is played in the limit."""


def beliefs_in(tree: Tree, solution: Solution) -> dict[int, list[float]]:
    """The beliefs of a solution of a timeable tree, by the set's index in the tree."""
    places = by_set(tree, solution.game, solution.choice)
    return {
        place: solution.beliefs[nodes].tolist()
        for place, nodes in zip(places, nodes_of_sets(solution.game), strict=True)
    }


def test_the_limit_of_the_dilemma_is_to_defect_without_regret() -> None:
    found = limit(bimatrix(*DILEMMA))
    assert chosen(found.solution) == {"A": pytest.approx([0, 1], abs=1e-9), "B": pytest.approx([0, 1], abs=1e-9)}
    assert found.regret <= 1e-9
    assert found.ties == ()


def test_the_limit_of_a_stag_hunt_is_the_risk_dominant_equilibrium() -> None:
    found = limit(bimatrix(*STAG_HUNT))
    assert found.solution.choice == pytest.approx([0, 1, 0, 1], abs=1e-9)
    assert found.ties == ()


def test_the_limit_of_matching_pennies_is_mixed_and_both_are_said_to_tie() -> None:
    found = limit(bimatrix(*PENNIES))
    assert found.solution.choice == pytest.approx([1 / 2, 1 / 2, 1 / 10, 9 / 10], abs=1e-3)
    assert found.regret <= 1e-3
    even = limit(bimatrix(((1, -1), (-1, 1)), ((-1, 1), (1, -1))))
    assert even.solution.choice == pytest.approx(0.5, abs=1e-12)
    assert even.regret <= 1e-12
    assert sorted(situation.actor for situation in even.ties) == ["A", "B"]


@pytest.mark.parametrize("game", [bimatrix(*PENNIES), efg(POKER)], ids=["pennies", "poker"])
def test_options_between_which_the_limit_mixes_are_said_to_tie(game: Game) -> None:
    found = limit(game)
    mixed = [s.move for s in game.situations if 0.05 < found.solution.choice[s.slots].max() < 0.95]
    assert len(mixed) == 2
    assert [situation.move for situation in found.ties] == mixed


def test_the_limit_of_a_coordination_game_stays_between_and_says_that_options_tie() -> None:
    found = limit(bimatrix(*COORDINATION))
    assert found.solution.choice == pytest.approx(0.5, abs=1e-12)
    assert len(found.ties) == 2
    assert found.solution.status == "bifurcation"


SEQUENTIAL = pytest.mark.parametrize("text", [HORSE, BEER_QUICHE, POKER, TOLL], ids=lambda text: text[7:25])


@SEQUENTIAL
def test_the_limit_is_sequentially_rational(text: str) -> None:
    """At every set, reached or not, another choice gains almost nothing, given the beliefs there."""
    tree = read_efg(text, "g.efg")
    game = compile_game(tree)
    found = limit(game)
    assert found.solution.converged
    assert 0.0 <= found.regret <= SLACK
    choice, beliefs = by_set(tree, game, found.solution.choice), beliefs_in(tree, found.solution)
    for place, worth in judge(tree, choice, beliefs).worth.items():
        assert max(worth) - float(np.dot(worth, choice[place])) <= SLACK


@SEQUENTIAL
def test_beliefs_in_the_limit_are_of_sets_reached_those_of_bayes_and_everywhere_odds(text: str) -> None:
    tree = read_efg(text, "g.efg")
    game = compile_game(tree)
    solution = limit(game).solution
    found = beliefs_in(tree, solution)
    judged = judge(tree, by_set(tree, game, solution.choice))
    for place, shares in judged.beliefs.items():
        assert sum(found[place]) == pytest.approx(1.0, abs=1e-9)
        if sum(judged.reach[node] for node in np.flatnonzero(tree.node_set == place)) > 1e-6:
            assert shares == pytest.approx(found[place], abs=1e-6)


def test_the_limit_of_seltens_horse_is_its_sequential_equilibrium() -> None:
    """Both go across (R, R) for 1 each; that takes 3 to answer R at most once in four, lest 2 turn down for 4."""
    play = chosen(limit(efg(HORSE)).solution)
    shares = list(play.values())
    assert shares[0][0] == pytest.approx(1.0, abs=1e-3)
    assert shares[1][0] == pytest.approx(1.0, abs=1e-3)
    assert shares[2][0] <= 0.25 + 1e-3


def test_the_limit_of_beer_or_quiche_is_that_all_drink_beer_and_quiche_is_fought() -> None:
    """Nine in ten are strong: beer is left in peace; quiche must be fought at least half of the time."""
    play = chosen(limit(efg(BEER_QUICHE)).solution)
    assert play["weak"][0] == pytest.approx(1.0, abs=1e-3)
    assert play["strong"][0] == pytest.approx(1.0, abs=1e-3)
    assert play["after beer"][1] == pytest.approx(1.0, abs=1e-3)
    assert play["after quiche"][0] >= 0.5 - 1e-3


def test_the_limit_of_perfect_information_is_backward_induction() -> None:
    found = limit(compile_game(crisis_of(BLOCKADE)))
    assert found.solution.endings["war"] == pytest.approx(0.0, abs=1e-9)
    assert found.regret <= 1e-9
    assert found.ties == ()
    (order,) = [move for move in found.solution.moves if move.situation.move == "order"]
    assert order.options["wait"] == pytest.approx(1.0, abs=1e-9)


def test_proportions_of_rationality_are_kept_and_zeros_are_replaced_by_ones() -> None:
    found = limit(compile_game(crisis_of(BLOCKADE)))
    ratio = found.solution.rationality["south"] / found.solution.rationality["north"]
    assert ratio == pytest.approx(2.0 / 1.5, rel=1e-12)
    idle = limit(compile_game(crisis_of(BLOCKADE.replace("rationality: 1.5", "rationality: 0"))))
    assert idle.solution.rationality["south"] == idle.solution.rationality["north"] > 0


def test_a_game_of_no_consequence_stops_at_once_with_everything_tied() -> None:
    found = limit(efg('EFG 2 R "g" { "A" } p "" 1 1 "m" { "x" "y" } 0 t "" 1 { 2 } t "" 1'))
    assert found.regret == 0.0
    assert [situation.move for situation in found.ties] == ["m"]
    assert found.solution.choice.tolist() == [0.5, 0.5]


def test_regret_of_forgetful_actors_is_that_at_one_set() -> None:
    found = limit(efg(FORGETFUL))
    assert found.regret == max(found.solution.certificate.regret_once.values())
