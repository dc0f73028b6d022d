"""Fits of the crisis language against those of R's package `games` on the same data (Kenkel & Signorino 2014).

The gate fits some of them from two starts; `make thorough` fits all of them from nine.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from offramp.crisis.reading import read_text
from offramp.fitting.case_table import table_of
from offramp.fitting.cases import cases_of
from offramp.fitting.estimation import STARTS, Estimates, estimates_of
from offramp.fitting.likelihood import Likelihood
from offramp.gambit.opening import compile_game
from tests.examples import THOROUGH
from tests.fitting.reference_games import (
    ReferenceFit,
    crisis_text,
    naive_log_probabilities,
    reference_fits,
)
from tests.reference_data import DATA, needs_data

pytestmark = needs_data

ALL = reference_fits() if DATA.is_dir() else {}
STOPPED_SHORT = ("war_agent_probit_1850", "war_latex", "war_regime_type")
"""Fits of R that ended before a maximum."""
NO_MAXIMUM = "war_balance_of_power"
BY_DIFFERENCES = ("fixedutils", "sdformula")
"""Fits of R without an exact gradient: their standard errors are differences of differences, up to 9 % off."""
REACHED = [name for name in ALL if name not in (*STOPPED_SHORT, NO_MAXIMUM)]
GATE = (
    "war_agent_logit",
    "war_private_probit",
    "war_fixedutils_byplayer",
    "d122_agent_probit",
    "leblang_private_probit",
)


def fitted_here(names: list[str]) -> list[str]:
    return names if THOROUGH else [name for name in names if name in GATE]


@cache
def likelihood_of(name: str) -> Likelihood:
    fit = ALL[name]
    game = compile_game(read_text(crisis_text(fit).encode(), f"{name}.yaml"))
    columns = {
        column: [str(cell) or None for cell in cells] if cells.dtype.kind == "U" else cells
        for column, cells in fit.table.items()
    }
    return Likelihood(game, cases_of(game, table_of(columns)))


@cache
def estimates(name: str) -> Estimates:
    return estimates_of(likelihood_of(name), starts=STARTS if THOROUGH else 1)


def estimated(fit: ReferenceFit) -> tuple[np.ndarray, np.ndarray]:
    """R's estimates and standard errors, without payoffs that are fixed."""
    known = len(fit.payoffs) if fit.fixed else 0
    return fit.estimates[known:], fit.errors[known:]


def errors_of_formulas(fit: ReferenceFit, values: np.ndarray) -> np.ndarray:
    """Standard errors from the oracle: differences of its gradient, which is a complex step."""
    fixed = fit.estimates[: len(fit.estimates) - len(values)]
    axes = np.eye(len(values))

    def gradient(at: np.ndarray) -> np.ndarray:
        steps = [np.concatenate([fixed, at + 1e-30j * axis]) for axis in axes]
        return np.array([naive_log_probabilities(fit, step).sum().imag / 1e-30 for step in steps])

    hessian = np.array([(gradient(values + 1e-5 * axis) - gradient(values - 1e-5 * axis)) / 2e-5 for axis in axes])
    return np.asarray(np.sqrt(np.diag(np.linalg.inv(-hessian))))


@pytest.mark.parametrize("name", ALL)
def test_the_formulas_of_the_oracle_are_those_of_r(name: str) -> None:
    fit = ALL[name]
    assert naive_log_probabilities(fit, fit.estimates).sum() == pytest.approx(fit.log_likelihood, abs=1e-7)


@pytest.mark.parametrize("name", fitted_here(list(ALL)))
def test_probabilities_and_scores_are_those_of_the_formulas(name: str) -> None:
    fit, likelihood = ALL[name], likelihood_of(name)
    assert likelihood.cases.total == len(next(iter(fit.table.values())))
    at, _ = estimated(fit)
    found, case = likelihood.at(at), likelihood.cases.entry_case
    row = likelihood.cases.entry_row
    assert found.log_probability[case] == pytest.approx(naive_log_probabilities(fit, fit.estimates)[row], abs=1e-10)
    known = len(fit.estimates) - len(at)
    for place in range(len(at)):
        along = 1e-30j * (np.arange(len(fit.estimates)) == known + place)
        score = naive_log_probabilities(fit, fit.estimates + along).imag / 1e-30
        assert found.score[case, place] == pytest.approx(score[row], rel=1e-7, abs=1e-8)


@pytest.mark.parametrize("name", fitted_here(REACHED))
def test_the_maximum_of_r_is_reached_from_the_start_by_stages_or_another(name: str) -> None:
    fit, found = ALL[name], estimates(name)
    expected, errors = estimated(fit)
    assert found.converged
    assert found.log_likelihood == pytest.approx(fit.log_likelihood, abs=1e-7)
    assert found.values == pytest.approx(expected, abs=1e-6, rel=1e-6)
    if any(part in name for part in BY_DIFFERENCES):
        errors = errors_of_formulas(fit, found.values)
    assert found.standard_errors() == pytest.approx(errors, rel=1e-5)
    assert found.optima[0].largest_gradient < 1e-9


@pytest.mark.skipif(not THOROUGH, reason="a minute of climbs on long ridges")
@pytest.mark.parametrize("name", [name for name in STOPPED_SHORT if name in ALL])
def test_where_r_stopped_short_the_maximum_is_at_least_as_high(name: str) -> None:
    found = estimates(name)
    assert found.converged
    assert found.log_likelihood >= ALL[name].log_likelihood - 1e-10
    assert found.optima[0].largest_gradient < 1e-9


@pytest.mark.skipif(not THOROUGH, reason="a minute of climbs on long ridges")
def test_a_model_without_a_finite_maximum_is_said_to_have_none() -> None:
    found = estimates(NO_MAXIMUM)
    assert not found.converged
    assert not found.identification.identified
    assert "u1_fight.1" in found.identification.growing


@pytest.mark.skipif(not THOROUGH, reason="climbs from nine starts")
@pytest.mark.parametrize("name", ["leblang_private_probit", "leblang_agent_probit"])
def test_the_worse_maximum_of_the_currency_crises_is_listed_below_the_best(name: str) -> None:
    best, *worse = [one for one in estimates(name).optima if one.converged]
    assert "stage by stage" in best.starts
    assert worse
    assert all(one.log_likelihood < best.log_likelihood - 1.0 for one in worse)
