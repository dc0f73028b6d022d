"""The compiled loops of a single draw give the same bits as the loops in plain Python."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from offramp.equilibrium import response, single_sweeps
from offramp.equilibrium.branch import krylov
from offramp.equilibrium.branch.continuation import krylov_of
from offramp.equilibrium.evaluation import draw_of
from offramp.equilibrium.response_arrays import Draw, Point, change_of, point_of
from offramp.equilibrium.structure import Structure
from offramp.equilibrium.sweeps import scaled
from offramp.gambit.opening import compile_game
from offramp.game.game import Game
from tests.crises import crisis_of
from tests.equilibrium import by_rule
from tests.equilibrium.games import efg, with_rules
from tests.equilibrium.oracle import choice_rules as oracle_rules
from tests.equilibrium.oracle import krylov as oracle_krylov
from tests.equilibrium.oracle import response as oracle_response
from tests.equilibrium.oracle import single_sweeps as oracle_sweeps
from tests.equilibrium.test_choice_rules import CASES
from tests.equilibrium.test_derivative import BELIEVED, OPEN
from tests.gambit.test_tree_to_game import HORSE

GAMES = {
    "logit": compile_game(crisis_of(BELIEVED)),
    "rules": with_rules(compile_game(crisis_of(OPEN)), "private", "logit", "probit"),
    "probit": with_rules(compile_game(crisis_of(BELIEVED)), "probit", "logit"),
    "horse": efg(HORSE),
}


@pytest.mark.parametrize(("rule", "options"), CASES)
@pytest.mark.parametrize("spread", [0.5, 6.0, 300.0])
def test_choice_rules_give_the_bits_of_the_loops_in_python(rule: int, options: int, spread: float) -> None:
    random = np.random.default_rng(options)
    gain, variance = spread * random.normal(size=options), random.uniform(0.2, 1.0, size=options)
    more_gain, more_variance, back = random.normal(size=(3, options))

    log_choice, out, gain_back, variance_back = np.zeros((4, options))
    by_rule.log_response(rule, 1.3, gain, variance, log_choice)
    by_rule.response_along(rule, 1.3, gain, variance, log_choice, 0.4, more_gain, more_variance, out)
    by_rationality = by_rule.response_back(rule, 1.3, gain, variance, log_choice, back, gain_back, variance_back)

    expected: NDArray[np.float64] = np.zeros((4, options))
    oracle_rules.log_response(rule, 1.3, gain, variance, expected[0])
    oracle_rules.response_along(rule, 1.3, gain, variance, expected[0], 0.4, more_gain, more_variance, expected[1])
    assert by_rationality == oracle_rules.response_back(
        rule, 1.3, gain, variance, expected[0], back, expected[2], expected[3]
    )
    assert np.array_equal(np.array([log_choice, out, gain_back, variance_back]), expected)


def start_of(game: Game, spread: float) -> tuple[Structure, Draw, NDArray[np.float64]]:
    block = draw_of(game)
    return block.structure, block.draw(0), spread * np.random.default_rng(3).normal(size=block.structure.slots)


def parts_of(point: Point) -> list[NDArray[np.float64]]:
    return [part for part in vars(point).values() if isinstance(part, np.ndarray)]


@pytest.mark.parametrize("game", GAMES.values(), ids=GAMES)
@pytest.mark.parametrize("in_turn", [False, True])
@pytest.mark.parametrize(("spread", "logarithms"), [(1.0, False), (1.0, True), (900.0, False)])
def test_the_response_and_its_derivative_give_the_bits_of_the_loops_in_python(
    game: Game, in_turn: bool, spread: float, logarithms: bool
) -> None:
    structure, draw, theta = start_of(game, spread)
    draw = replace(draw, in_turn=in_turn)
    along, out, expected = np.random.default_rng(4).normal(size=(3, structure.slots))
    here, by_oracle = point_of(structure), point_of(structure)
    change, change_by_oracle = change_of(structure), change_of(structure)
    found = response.respond(structure, draw, theta, 0.7, logarithms, here)
    response.differentiate(structure, draw, 0.7, here, change, along, 0.3, out)
    with np.errstate(all="ignore"):
        assert oracle_response.respond(structure.graph, draw, theta, 0.7, logarithms, by_oracle) == found
        oracle_response.differentiate(structure.graph, draw, 0.7, by_oracle, change_by_oracle, along, 0.3, expected)
    for part, other in zip(parts_of(here), parts_of(by_oracle), strict=True):
        assert np.array_equal(part, other)
    assert np.array_equal(out, expected)


@pytest.mark.parametrize("game", GAMES.values(), ids=GAMES)
def test_linear_systems_give_the_bits_of_the_loops_in_python(game: Game) -> None:
    structure, draw, theta = start_of(game, 1.0)
    free = structure.slots - len(structure.movers)
    point, change = point_of(structure), change_of(structure)
    response.respond(structure, draw, theta, 0.7, False, point)
    border, right, found, expected = np.random.default_rng(5).normal(size=(4, structure.slots + 1))
    space, space_by_oracle = krylov_of(structure.slots, 32), krylov_of(structure.slots, 32)
    matrix, matrix_by_oracle = np.zeros((2, free, free))
    system = draw, 0.7, 0.2, point, change, border, right, 1e-9
    assert krylov.solve_bordered(structure, *system, space, found) == oracle_krylov.solve_bordered(
        structure.graph, *system, space_by_oracle, expected
    )
    assert np.array_equal(found, expected)
    krylov.jacobian(structure, draw, 0.7, point, change, matrix)
    oracle_krylov.jacobian(structure.graph, draw, 0.7, point, change, matrix_by_oracle)
    assert np.array_equal(matrix, matrix_by_oracle)


@pytest.mark.parametrize("game", GAMES.values(), ids=GAMES)
def test_sweeps_of_one_draw_after_another_give_the_bits_of_the_loops_in_python(game: Game) -> None:
    structure, draw, theta = start_of(game, 1.0)
    block = scaled(draw_of(game), np.array([0.4, 6.0]))
    results, by_oracle = (
        (*np.zeros((2, structure.slots, 2)), np.zeros(2, dtype=np.int64), np.zeros(2, dtype=bool)) for _ in range(2)
    )
    again = theta.copy()
    single_sweeps.converge_each(structure, block.numbers, 2, theta, 20, draw, point_of(structure), *results)
    with np.errstate(all="ignore"):
        oracle_sweeps.converge_each(structure.graph, block.numbers, 2, theta, 20, draw, point_of(structure), *by_oracle)
    for part, other in zip(results, by_oracle, strict=True):
        assert np.array_equal(part, other)
    assert single_sweeps.converge_in_logarithms(
        structure, draw, theta, 5, point_of(structure)
    ) == oracle_sweeps.converge_in_logarithms(structure.graph, draw, again, 5, point_of(structure))
    assert np.array_equal(theta, again)
