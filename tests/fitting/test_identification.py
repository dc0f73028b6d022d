"""What a plain choice by one actor identifies: separation, units, columns that say nothing, bounds, no dependence."""

from __future__ import annotations

import numpy as np
import pytest

from offramp.common.errors import OfframpError
from offramp.crisis.reading import read_text
from offramp.fitting.case_table import table_of
from offramp.fitting.cases import cases_of
from offramp.fitting.estimation import Estimates, estimates_of
from offramp.fitting.fit_remarks import remarks_of
from offramp.fitting.likelihood import Likelihood
from offramp.gambit.opening import compile_game
from tests.fitting.attacks import TEXT as ATTACKS
from tests.fitting.attacks import likelihood_of, simulated

Array = np.ndarray

TEXT = """\
format: 1
title: A choice
actors: {one: {name: One, rationality: 1}}
inputs:
  x: {is: 0, column: x}
  z: {is: 0, column: z}
  b: {linear: [1, x, z], is: "normal(0, 5)"}
timeline:
  - {move: act, by: one, options: [stay, go]}
payoffs:
  one: {b: b * (act == go)}
cases:
  observed: {y: {0: {act: stay}, 1: {act: go}}}
endings: {gone: act == go, stayed: otherwise}
"""
RANDOM = np.random.default_rng(1)
X, Z = RANDOM.normal(size=200), np.arange(200.0) % 2
Y = (RANDOM.random(200) < 1.0 / (1.0 + np.exp(-0.4 - X + 0.5 * Z))).astype(float)


def fit(x: Array = X, z: Array = Z, y: Array = Y, text: str = TEXT, starts: int = 2) -> Estimates:
    game = compile_game(read_text(text.encode(), "choice.yaml"))
    return estimates_of(Likelihood(game, cases_of(game, table_of({"x": x, "z": z, "y": y}))), starts=starts)


def errors(found: Estimates) -> dict[str, float]:
    return dict(zip(found.likelihood.parameters, found.standard_errors().tolist(), strict=True))


def logit_errors(*columns: Array) -> Array:
    """Standard errors of a logit by Newton's steps on the formula."""
    design, at = np.stack(columns, axis=1), np.zeros(len(columns))
    for _ in range(30):
        odds = 1.0 / (1.0 + np.exp(-design @ at))
        information = design.T @ (design * (odds * (1.0 - odds))[:, None])
        at = at + np.linalg.solve(information, design.T @ (Y - odds))
    return np.asarray(np.sqrt(np.diag(np.linalg.inv(information))))


@pytest.mark.parametrize("unit", [1.0, 1e7, 1e-6])
def test_a_column_that_tells_every_record_has_no_finite_coefficient(unit: float) -> None:
    found = fit(x=X * unit, y=(X > 0.0).astype(float))
    assert "b.x" in found.identification.growing
    assert not found.identification.identified
    assert np.isnan(errors(found)["b.x"])
    first = next(remarks_of(found))
    assert first.startswith("There is no finite maximum")
    assert "in exactly the cases that record 0" in first


def test_a_record_that_all_cases_have_leaves_no_finite_maximum() -> None:
    found = fit(y=np.ones(200))
    assert "b.1" in found.identification.growing
    assert next(remarks_of(found)).startswith("There is no finite maximum")


def test_a_level_that_tells_the_record_is_named_and_the_others_keep_their_errors() -> None:
    found = fit(y=np.where(Z == 1.0, 1.0, Y))
    assert found.identification.growing == ("b.z",)
    assert np.isnan(errors(found)["b.z"])
    assert np.isfinite([errors(found)[name] for name in ("b.1", "b.x")]).all()


def test_one_separated_choice_of_a_game_is_named_and_the_others_keep_their_errors() -> None:
    columns, outcome = simulated(200)
    answered = np.where(columns["dem"] == 1.0, "won", "war")
    found = estimates_of(likelihood_of(columns, np.where(outcome == "none", "none", answered), ATTACKS), starts=2)
    assert {"stand.dem", "stand.1"} <= set(found.identification.growing)
    assert "quiet.power" not in found.identification.growing
    assert np.isfinite(errors(found)["quiet.power"])


@pytest.mark.parametrize("unit", [1e7, 1e-6])
def test_the_unit_of_a_column_changes_nothing_but_its_coefficient(unit: float) -> None:
    found = fit(x=X * unit)
    assert found.converged
    assert len(found.optima) == 1
    assert not list(remarks_of(found))
    expected = logit_errors(np.ones(200), X, Z)
    assert found.standard_errors() * [1.0, unit, 1.0] == pytest.approx(expected, rel=1e-6)


def test_one_far_value_of_a_column_leaves_one_maximum() -> None:
    found = fit(x=np.where(np.arange(200) == 0, 1e6, X), starts=8)
    assert found.converged
    assert len(found.optima) == 1


def test_a_column_of_zeros_is_named_alone_and_the_others_keep_their_errors() -> None:
    found = fit(z=np.zeros(200))
    assert found.converged
    assert not found.identification.growing
    assert [list(one) for one in found.identification.flat] == [["b.z"]]
    expected = logit_errors(np.ones(200), X)
    assert [errors(found)[name] for name in ("b.1", "b.x")] == pytest.approx(expected, rel=1e-6)
    (remark,) = remarks_of(found)
    assert remark.startswith("The cases say nothing of b.z")


def test_columns_that_are_multiples_are_not_taken_for_separated_cases() -> None:
    found = fit(x=3.0 * Z)
    assert not found.identification.growing
    assert [set(one) for one in found.identification.flat] == [{"b.x", "b.z"}]
    assert len(found.optima) == 1
    (remark,) = remarks_of(found)
    assert remark.startswith("The cases do not tell b.x and b.z apart")


def test_a_coefficient_that_nothing_names_is_said_not_to_be_identified() -> None:
    text = TEXT.replace("timeline", '  u: {is: "normal(0, 1)", estimate: yes}\ntimeline')
    found = fit(text=text.replace("{b: b * (act == go)", "{b: b * (act == go), u: 0 * u * (act == stay)"))
    assert found.converged
    assert [list(one) for one in found.identification.flat] == [["u"]]
    (remark,) = remarks_of(found)
    assert remark.startswith("The cases say nothing of u")


def test_records_that_depend_on_no_coefficient_are_refused() -> None:
    with pytest.raises(OfframpError, match=r"no record depends on b\.1, b\.x and b\.z"):
        fit(text=TEXT.replace("0: {act: stay}, 1: {act: go}", "0: {}, 1: {}"))


def test_one_case_has_no_finite_maximum_and_no_contradiction() -> None:
    found = fit(X[:1], Z[:1], Y[:1])
    remarks = list(remarks_of(found))
    assert remarks[0].startswith("There is no finite maximum")
    assert not any("stopped short" in remark for remark in remarks)


def test_a_maximum_at_a_bound_is_listed_once() -> None:
    text = TEXT.replace('b: {linear: [1, x, z], is: "normal(0, 5)"}', 'p: {is: "beta(2, 3)", estimate: yes}')
    text = text.replace("{move: act, by: one, options: [stay, go]}", "{chance: act, weights: {stay: 1 - p, go: p}}")
    found = fit(X[:5], Z[:5], np.zeros(5), text.replace("b: b * (act", "paid: (act"), starts=8)
    assert found.identification.at_bound == ("p",)
    assert len(found.optima) == 1


@pytest.mark.parametrize("prior", ["lognormal(1e-7, 1)", "normal(0, 1e-6)"])
def test_a_small_coefficient_of_a_column_in_large_units_is_inside_its_bounds(prior: str) -> None:
    text = TEXT.replace('{linear: [1, x, z], is: "normal(0, 5)"}', f'{{is: "{prior}", estimate: yes}}')
    found = fit(x=1e7 * X, text=text.replace("b * (act", "b * x * (act"))
    assert found.converged
    assert not found.identification.at_bound
    assert not list(remarks_of(found))
    assert found.standard_errors() * 1e7 == pytest.approx(logit_errors(X), rel=1e-6)
