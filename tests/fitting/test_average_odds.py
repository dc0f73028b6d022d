"""Average probabilities over the cases are those of the formulas, with columns as they are and with changed ones."""

from __future__ import annotations

import numpy as np
import pytest

from offramp.crisis.faults import Location
from offramp.crisis.reading import read_text
from offramp.crisis.recorded_cases import RecordedCases
from offramp.fitting import average_odds as module
from offramp.fitting.average_odds import average_odds, band, drawn_odds, outcome_odds, population_of
from offramp.fitting.case_outcomes import outcomes_of
from offramp.gambit.opening import compile_game
from offramp.game.game import Game
from tests.fitting.deterrence import logistic

TEXT = """
format: 1
title: Two moves
actors: {north: {name: North, rationality: 1}, south: {name: South, rationality: 1}}
inputs: {x: {is: 0}, want: {is: "normal(0, 1)"}, resolve: {is: "normal(0, 1)"}}
timeline:
  - {move: attack, by: north, options: [hold, strike]}
  - {move: reply, by: south, if: attack == strike, options: [yield, resist]}
payoffs:
  north: {prize: want * x * (attack == strike)}
  south: {stand: resolve * (reply == resist)}
endings: {war: reply == resist, peace: otherwise}
"""


NONE = RecordedCases({}, {}, None, None, None, Location(1, 1))


@pytest.fixture(scope="module")
def game() -> Game:
    return compile_game(read_text(TEXT.encode(), "crisis.yaml"))


def test_the_odds_of_a_case_are_those_of_its_numbers(game: Game) -> None:
    x, want, resolve = np.random.default_rng(1).normal(size=(3, 9000))  # more than one block
    odds = outcome_odds(game, {"x": x, "want": want, "resolve": resolve}, outcomes_of(game, NONE))
    war = logistic(want * x) * logistic(resolve)
    np.testing.assert_allclose(odds, [war, 1.0 - war], rtol=1e-9)


def test_the_average_counts_each_case_as_often_as_it_was_seen(game: Game, monkeypatch: pytest.MonkeyPatch) -> None:
    x, weight = np.array([0.5, -1.0, 0.5, 2.0]), np.array([1.0, 2.0, 3.0, 1.0])
    population = population_of({"x": x}, weight)
    assert len(population.share) == 3
    vectors = {"want": np.array([0.3, -0.7, 1.1]), "resolve": np.array([0.2, 0.4, -0.1])}
    monkeypatch.setattr(module, "AT_ONCE", 6)  # the vectors do not fit together
    found = average_odds(game, population, vectors, outcomes_of(game, NONE))
    expected = [
        weight @ (logistic(want * x) * logistic(np.full(4, resolve))) / weight.sum()
        for want, resolve in zip(*vectors.values(), strict=True)
    ]
    np.testing.assert_allclose(found[:, 0], expected, rtol=1e-9)
    changed = average_odds(game, population, vectors, outcomes_of(game, NONE), {"x": 1.5})
    np.testing.assert_allclose(changed[:, 0], logistic(1.5 * vectors["want"]) * logistic(vectors["resolve"]), rtol=1e-9)


def test_percentiles_and_spread_are_of_the_cases() -> None:
    population = population_of({"x": np.array([3.0, 1.0, 2.0])}, np.array([1.0, 8.0, 1.0]))
    assert [population.percentile("x", level) for level in (0.1, 0.8, 0.81, 0.9, 0.95, 1.0)] == [1, 1, 2, 2, 3, 3]
    values = np.repeat([3.0, 1.0, 2.0], [1, 8, 1])
    assert population.mean("x") == pytest.approx(values.mean())
    assert population.deviation("x") == pytest.approx(values.std())


def test_where_the_crisis_has_no_numbers_there_is_no_probability_and_no_part_in_the_band(game: Game) -> None:
    want = np.array([0.3, 1e200, 0.5])
    odds = outcome_odds(game, {"x": np.full(3, 1e200), "want": want, "resolve": np.zeros(3)}, outcomes_of(game, NONE))
    assert np.isnan(odds).all()
    values = np.array([[1.0, 2.0], [np.nan, 3.0], [3.0, 6.0]])
    np.testing.assert_allclose(band(values), [[1.05, 2.1], [2.95, 5.9]])
    assert np.isnan(band(np.zeros((0, 2)))).all()


def test_with_many_cases_the_average_is_of_all_and_the_bands_are_of_a_sample(
    game: Game, monkeypatch: pytest.MonkeyPatch
) -> None:
    x = np.random.default_rng(2).normal(size=4_000)
    population = population_of({"x": x}, np.ones(4_000))
    vectors = {"want": np.array([0.3, -0.7, 1.1]), "resolve": np.array([0.2, 0.4, -0.1])}
    outcomes = outcomes_of(game, NONE)
    found = drawn_odds(game, population, vectors, outcomes, lambda _: {})
    whole = average_odds(game, population, vectors, outcomes)
    np.testing.assert_allclose(found[0], whole[0], rtol=1e-12)
    np.testing.assert_allclose(found, whole, atol=0.01)
    assert len(population.sample.share) == module.MOST_FOR_BANDS
    monkeypatch.setattr(module, "MOST_FOR_BANDS", 5_000)
    all_of_them = population_of({"x": x}, np.ones(4_000))
    np.testing.assert_array_equal(drawn_odds(game, all_of_them, vectors, outcomes, lambda _: {}), whole)
