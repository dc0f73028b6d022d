"""Effects and probabilities over a column are those of the formulas of the two logits, averaged over the cases."""

from __future__ import annotations

from dataclasses import replace
from xml.etree import ElementTree

import numpy as np
import pytest
from numpy.typing import NDArray

from offramp.common.errors import UsageError
from offramp.crisis.reading import read_text
from offramp.fitting.average_odds import Population, population_of
from offramp.fitting.case_outcomes import CaseOutcome, outcomes_of
from offramp.fitting.case_table import table_of
from offramp.fitting.cases import cases_of
from offramp.fitting.column_odds import BASE, ColumnOdds, column_odds
from offramp.fitting.effects import contrasts_of, drawn_coefficients, effects_of
from offramp.fitting.effects_finding import ColumnEffects
from offramp.fitting.over_column import OverColumn
from offramp.gambit.opening import compile_game
from offramp.game.game import Game
from offramp.study.drawings import WIDTHS, drawings_of
from tests.fitting.deterrence import PARAMETERS, TEXT, TRUE, cases_drawn, odds_of

Array = NDArray[np.float64]
DRAWS = 60
COVARIANCE = np.diag(np.linspace(0.01, 0.08, len(TRUE)))
BOUNDS = np.array([[-np.inf] * len(TRUE), [np.inf] * len(TRUE)])


@pytest.fixture(scope="module")
def game() -> Game:
    return compile_game(read_text(TEXT.encode(), "crisis.yaml"))


@pytest.fixture(scope="module")
def table() -> dict[str, Array]:
    return cases_drawn(150)


@pytest.fixture(scope="module")
def population(game: Game, table: dict[str, Array]) -> Population:
    cases = cases_of(game, table_of(table))
    return population_of(cases.columns, cases.weight)


@pytest.fixture(scope="module")
def outcomes(game: Game) -> tuple[CaseOutcome, ...]:
    assert game.crisis.cases is not None
    return outcomes_of(game, game.crisis.cases)


@pytest.fixture(scope="module")
def coefficients() -> dict[str, Array]:
    return drawn_coefficients(PARAMETERS, TRUE, COVARIANCE, BOUNDS, DRAWS, 5)


@pytest.fixture(scope="module")
def effects(
    game: Game, population: Population, outcomes: tuple[CaseOutcome, ...], coefficients: dict[str, Array]
) -> ColumnEffects:
    found = effects_of(game, population, contrasts_of(game.crisis, population), outcomes, coefficients)
    return ColumnEffects("Deterrence", 150, outcomes, found, DRAWS, 5)


def averages(table: dict[str, Array], values: Array, **changed: object) -> Array:
    """The average probabilities of quiet, gave way and war, with columns set to other values."""
    columns = table | {name: np.full(150, value) for name, value in changed.items()}
    return odds_of(columns, values).mean(axis=1)


def test_an_ending_that_a_record_is_the_same_as_is_not_repeated(outcomes: tuple[CaseOutcome, ...]) -> None:
    assert [(outcome.group, outcome.label) for outcome in outcomes] == [
        ("outcome", "quiet"), ("outcome", "gave way"), ("outcome", "war"), ("ending", "peace")
    ]  # fmt: skip


def test_first_differences_go_from_the_10th_to_the_90th_percentile(
    effects: ColumnEffects, table: dict[str, Array]
) -> None:
    (found,) = (one for one in effects.effects if (one.contrast.column, one.contrast.kind) == ("balance", "spread"))
    low, high = np.quantile(table["balance"], [0.1, 0.9], method="inverted_cdf")
    assert (found.contrast.low["balance"], found.contrast.high["balance"]) == (low, high)
    expected = averages(table, TRUE, balance=high) - averages(table, TRUE, balance=low)
    np.testing.assert_allclose(found.change[:3], expected, rtol=1e-9)
    assert found.change[3] == pytest.approx(-found.change[2])


def test_a_marginal_effect_is_the_mean_derivative(effects: ColumnEffects, table: dict[str, Array]) -> None:
    (found,) = (one for one in effects.effects if one.contrast.kind == "per unit")
    ends = [odds_of(table | {"balance": table["balance"] + step}, TRUE).mean(axis=1) for step in (-1e-6, 1e-6)]
    np.testing.assert_allclose(found.change[:3], (ends[1] - ends[0]) / 2e-6, atol=1e-6)


def test_levels_are_compared_with_the_base_and_a_switch_goes_from_0_to_1(
    effects: ColumnEffects, table: dict[str, Array]
) -> None:
    found = {one.contrast.change: one.change[:3] for one in effects.effects}
    base = averages(table, TRUE, regime="aut")
    for level in ("dem", "mixed"):
        np.testing.assert_allclose(found[f"base → {level}"], averages(table, TRUE, regime=level) - base, rtol=1e-9)
    np.testing.assert_allclose(found["0 → 1"], averages(table, TRUE, near=1.0) - averages(table, TRUE, near=0.0))


def test_bands_are_the_spread_of_the_effects_of_drawn_coefficients(
    effects: ColumnEffects, table: dict[str, Array], coefficients: dict[str, Array]
) -> None:
    (found,) = (one for one in effects.effects if one.contrast.kind == "switch")
    drawn = np.array([*coefficients.values()]).T
    changes = [averages(table, values, near=1.0) - averages(table, values, near=0.0) for values in drawn[1:]]
    np.testing.assert_allclose(found.low[:3], np.quantile(changes, 0.025, axis=0), rtol=1e-8)
    np.testing.assert_allclose(found.high[:3], np.quantile(changes, 0.975, axis=0), rtol=1e-8)


def test_draws_have_the_covariance_and_stay_within_the_bounds_of_the_priors() -> None:
    covariance = np.array([[0.5, 0.3], [0.3, 0.4]])
    bounds = np.array([[-np.inf, 0.0], [np.inf, np.inf]])
    drawn = drawn_coefficients(("a", "b"), np.array([1.0, 9.0]), covariance, bounds, 20_000, 1)
    assert (drawn["a"][0], drawn["b"][0]) == (1.0, 9.0)
    np.testing.assert_allclose(np.cov([drawn["a"][1:], drawn["b"][1:]]), covariance, atol=0.02)
    near = drawn_coefficients(("a", "b"), np.array([1.0, 0.1]), covariance, bounds, 100, 1)["b"]
    assert near.min() == 0.0
    again = drawn_coefficients(("a", "b"), np.array([1.0, 0.1]), covariance, bounds, 100, 1)["b"]
    assert near.tobytes() == again.tobytes()


def test_the_answer_names_the_effects_that_are_clear_of_zero_largest_first(effects: ColumnEffects) -> None:
    first = effects.answer[0]
    assert first.startswith("If balance goes from ")
    assert "its 10th to its 90th percentile, the probability of gave way is " in first
    assert "points higher (95% band +" in first
    assert [table.name for table in effects.tables] == ["first_differences", "average_marginal_effects"]
    assert len(effects.table("first_differences").rows) == 4 * 4


def test_without_draws_there_are_no_bands_and_the_notes_say_so(
    game: Game, population: Population, outcomes: tuple[CaseOutcome, ...]
) -> None:
    estimates = drawn_coefficients(PARAMETERS, TRUE, None, BOUNDS, 100, 1)
    found = effects_of(game, population, contrasts_of(game.crisis, population), outcomes, estimates)
    effects = ColumnEffects("Deterrence", 150, outcomes, found, 0, 1)
    assert "low" not in [column.name for column in effects.table("first_differences").columns]
    assert any("no bands" in note for note in effects.notes)
    assert "band" not in effects.answer[0]


@pytest.fixture(scope="module")
def over(
    game: Game, population: Population, outcomes: tuple[CaseOutcome, ...], coefficients: dict[str, Array]
) -> ColumnOdds:
    few = {name: values[:20] for name, values in coefficients.items()}
    return column_odds(game, population, "balance", outcomes, few)


def test_probabilities_over_a_column_are_averages_with_the_column_set(
    over: ColumnOdds, table: dict[str, Array], coefficients: dict[str, Array]
) -> None:
    low, high = np.quantile(table["balance"], [0.01, 0.99], method="inverted_cdf")
    np.testing.assert_allclose(over.values, np.linspace(low, high, 25))
    for place in (0, 12, 24):
        value = over.values[place]
        np.testing.assert_allclose(over.odds[place, :3], averages(table, TRUE, balance=value), rtol=1e-9)
        drawn = [averages(table, values, balance=value) for values in np.array([*coefficients.values()]).T[1:20]]
        np.testing.assert_allclose(over.low[place, :3], np.quantile(drawn, 0.025, axis=0), rtol=1e-8)
        np.testing.assert_allclose(over.high[place, :3], np.quantile(drawn, 0.975, axis=0), rtol=1e-8)


@pytest.mark.parametrize("width", WIDTHS.values())
def test_the_picture_has_a_strip_with_its_name_and_scale_for_each_outcome(over: ColumnOdds, width: int) -> None:
    (drawing,) = drawings_of(OverColumn("Deterrence", over, 150, 5))
    root = ElementTree.fromstring(drawing.document(width))
    said = ["".join(element.itertext()) for element in root.iter("{http://www.w3.org/2000/svg}text")]
    for label in ("quiet", "gave way", "war", "peace", "balance"):
        assert label in said
    assert said.count("100%") >= 1


def test_levels_and_switches_are_points_and_not_a_line(
    game: Game, population: Population, outcomes: tuple[CaseOutcome, ...], coefficients: dict[str, Array],
    table: dict[str, Array],
) -> None:  # fmt: skip
    few = {name: values[:5] for name, values in coefficients.items()}
    levels = column_odds(game, population, "regime", outcomes, few)
    assert levels.labels == (BASE, "dem", "mixed")
    np.testing.assert_allclose(levels.odds[1, :3], averages(table, TRUE, regime="dem"), rtol=1e-9)
    switch = column_odds(game, population, "near", outcomes, few)
    assert switch.values.tolist() == [0.0, 1.0]


def test_what_is_no_column_is_refused_with_the_nearest(
    game: Game, population: Population, outcomes: tuple[CaseOutcome, ...], coefficients: dict[str, Array]
) -> None:
    def ask(column: str) -> ColumnOdds:
        return column_odds(game, population, column, outcomes, coefficients)

    with pytest.raises(UsageError, match="'balanse' is not a column of the cases; did you mean 'balance'"):
        ask("balanse")
    same = population_of(population.columns | {"near": np.ones(len(population.share))}, population.share)
    with pytest.raises(UsageError, match="the same value in every case"):
        column_odds(game, same, "near", outcomes, coefficients)
    kinds = {contrast.column for contrast in contrasts_of(game.crisis, same)}
    assert kinds == {"balance", "regime"}


def test_a_column_that_is_a_probability_has_its_effect_at_0_and_1_too() -> None:
    text = """
format: 1
title: Signals
actors: {one: {name: One, rationality: 1}}
inputs:
  x: {is: 0.5, column: x}
  a: {is: "normal(0, 1)", estimate: yes}
timeline:
  - {chance: c, odds: {h: x, t: rest}, seen_by: [one]}
  - {move: m, by: one, options: [stop, go]}
payoffs: {one: {u: a * (m == go) * (1 + (c == h))}}
cases: {observed: {y: {0: {m: stop}, 1: {m: go}}}}
endings: {stay: m == stop, went: otherwise}
"""
    game = compile_game(read_text(text.encode(), "crisis.yaml"))
    x = np.concatenate([[0.0, 0.0, 1.0], np.linspace(0.1, 0.9, 9)])
    population = population_of({"x": x}, np.ones(12))
    assert game.crisis.cases is not None
    outcomes = outcomes_of(game, game.crisis.cases)
    coefficients = drawn_coefficients(("a",), np.array([0.7]), np.array([[0.04]]), BOUNDS[:, :1], 20, 1)
    contrasts = contrasts_of(game.crisis, population)
    found = effects_of(game, population, contrasts, outcomes, coefficients)
    (effect,) = (one for one in found if one.contrast.kind == "per unit")
    # the probability of going is x s(2a) + (1 - x) s(a)
    expected = 1.0 / (1.0 + np.exp(-1.4)) - 1.0 / (1.0 + np.exp(-0.7))
    went = [outcome.name for outcome in outcomes].index("1")
    assert effect.change[went] == pytest.approx(expected, rel=1e-8)
    assert effect.low[went] < expected < effect.high[went]
    finding = ColumnEffects("Signals", 12, outcomes, found, 20, 1)
    assert "missing" not in finding.notes[0]
    broken = replace(effect, change=np.full(len(outcomes), np.nan))
    assert "Some effects of x are missing" in ColumnEffects("Signals", 12, outcomes, (broken,), 20, 1).notes[0]
