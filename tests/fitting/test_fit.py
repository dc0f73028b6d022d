"""A fit of two logits agrees with their closed form, with statsmodels and with itself."""

from __future__ import annotations

import builtins
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from scipy.optimize import brentq, minimize
from scipy.stats import chi2, norm

import offramp
from offramp.crisis.model import Crisis
from offramp.crisis.reading import read_text
from offramp.fitting.fit import fit
from offramp.fitting.fit_finding import Fit
from offramp.fitting.fit_folder import read_fit
from offramp.fitting.priors import PenaltyKind
from tests.fitting.deterrence import CELLS, PARAMETERS, TEXT, cases_drawn, odds_of

Array = NDArray[np.float64]
CASES = 300
TABLE = cases_drawn(CASES)


def crisis_of(text: str = TEXT) -> Crisis:
    return read_text(text.encode(), "crisis.yaml")


@pytest.fixture(scope="module")
def fitted() -> Fit:
    return fit(crisis_of(), TABLE, starts=3)


@pytest.fixture(scope="module")
def clustered() -> Fit:
    return fit(crisis_of(), TABLE, starts=0, errors="clustered")


def log_likelihood(values: Array) -> float:
    """By the formulas of the two logits."""
    odds = odds_of(TABLE, values)
    return float(sum(np.log(odds[CELLS.index(cell), place]) for place, cell in enumerate(TABLE["outcome"])))


@pytest.fixture(scope="module")
def best() -> Array:
    """The maximum of the closed form, by another search."""
    found = minimize(lambda values: -log_likelihood(values), np.zeros(len(PARAMETERS)), method="BFGS")
    return np.asarray(found.x)


def test_the_estimates_are_the_maximum_of_the_closed_form(fitted: Fit, best: Array) -> None:
    assert fitted.parameters == PARAMETERS
    np.testing.assert_allclose(fitted.values, best, atol=2e-4)
    assert fitted.estimates.log_likelihood == pytest.approx(log_likelihood(fitted.values), abs=1e-9)
    assert fitted.converged


def test_the_answer_says_cases_years_records_and_what_is_clear(fitted: Fit) -> None:
    counts = {cell: int((TABLE["outcome"] == cell).sum()) for cell in CELLS}
    years = f"{TABLE['year'].min():.0f} to {TABLE['year'].max():.0f}"
    assert fitted.answer[0] == f"Fitted to 300 cases, all rows of data, {years}."
    assert fitted.answer[1].startswith(f"outcome: quiet in {counts['quiet']} (")
    assert any(sentence.startswith("The higher balance, the lower resolve (−1.") for sentence in fitted.answer)
    assert any(sentence.startswith("If balance goes from ") for sentence in fitted.answer)
    assert fitted.remarks == ()


def test_each_level_that_is_clear_of_zero_is_followed_by_what_this_level_changes() -> None:
    text = """
format: 1
title: Attacks
actors: {north: {name: North, rationality: 1}}
inputs:
  regime: {is: dem, column: regime, levels: [dem, mixed]}
  want: {linear: [1, regime], is: "normal(0, 5)"}
timeline: [{move: attack, by: north, options: [hold, strike]}]
payoffs: {north: {prize: want * (attack == strike)}}
cases: {observed: {outcome: {quiet: {attack: hold}, struck: {attack: strike}}}}
endings: {attack: attack == strike, peace: otherwise}
"""
    struck = {"dem": 10, "mixed": 80, "aut": 50}
    rows = [(regime, "struck" if place < many else "quiet") for regime, many in struck.items() for place in range(100)]
    answer = fit(crisis_of(text), pd.DataFrame(rows, columns=["regime", "outcome"]), starts=0).answer
    for level, way, points in (("dem", "lower", "40.0"), ("mixed", "higher", "30.0")):
        place = next(at for at, said in enumerate(answer) if said.startswith(f"want is {way} if regime is {level} ("))
        expected = f"If regime is {level} and not the base, the probability of struck is {points} points {way}."
        assert answer[place + 1] == expected


def test_the_table_of_estimates_has_intervals_and_p_values(fitted: Fit) -> None:
    for row, value, error in zip(
        fitted.table("estimates").to_dicts(), fitted.values, fitted.standard_errors, strict=True
    ):
        assert (row["estimate"], row["se"]) == (value, error)
        assert row["low"] == pytest.approx(value - norm.ppf(0.975) * error)
        assert row["p"] == pytest.approx(2 * norm.sf(abs(value / error)))
    widths = zip(*fitted.table("estimates").shown(), strict=True)
    assert sum(max(map(len, column)) + 3 for column in widths) <= 80


def test_a_coefficient_whose_prior_excludes_0_has_no_p_value() -> None:
    text = TEXT.replace('cost: {is: "normal(1, 2)"', 'cost: {is: "lognormal(1, 1)"')
    found = fit(crisis_of(text), TABLE, starts=0)
    assert np.isnan(float(found.table("estimates").rows[-1][5] or 0.0))  # type: ignore[arg-type]
    assert "missing if a coefficient's prior excludes 0" in found.notes[0]
    assert not any(sentence.startswith("cost is above zero") for sentence in found.answer)


def test_what_is_predicted_and_the_odds_by_case_are_those_of_the_formulas(fitted: Fit) -> None:
    odds = odds_of(TABLE, fitted.values)
    recorded = np.array([CELLS.index(cell) for cell in TABLE["outcome"]])
    (row,) = fitted.table("predicted").to_dicts()
    assert row["correct"] == pytest.approx((odds.argmax(axis=0) == recorded).mean())
    assert row["most_frequent"] == "quiet"
    table = fitted.odds()
    assert [row[1] for row in table.rows] == list(TABLE["outcome"])
    np.testing.assert_allclose(np.array([row[2:5] for row in table.rows], dtype=float), odds.T, rtol=1e-8)


@pytest.mark.parametrize("errors", ["observed", "sandwich"])
def test_statsmodels_has_the_same_errors_tests_and_criteria(fitted: Fit, errors: str) -> None:
    found = fitted if errors == "observed" else fit(crisis_of(), TABLE, starts=0, errors="sandwich")
    results = found.to_statsmodels()
    np.testing.assert_allclose(results.params, found.values)
    np.testing.assert_allclose(results.bse, found.standard_errors, rtol=1e-6)
    assert (results.llf, results.aic, results.bic) == pytest.approx(
        (found.estimates.log_likelihood, found.estimates.aic, found.estimates.bic)
    )
    ours = found.wald("resolve.regime.dem - resolve.regime.mixed", "want.near - 1")
    theirs = results.wald_test("resolve.regime.dem = resolve.regime.mixed, want.near = 1", scalar=True)
    assert (ours.statistic, ours.p) == pytest.approx((float(theirs.statistic), float(theirs.pvalue)), rel=1e-6)
    assert "resolve.balance" in results.summary().as_latex()


def test_statsmodels_clusters_as_we_do(clustered: Fit) -> None:
    results = clustered.to_statsmodels()
    np.testing.assert_allclose(results.bse, clustered.standard_errors, rtol=1e-6)
    assert not np.allclose(results.bse, np.sqrt(np.diag(clustered.estimates.covariance("observed"))), rtol=1e-3)


def test_a_clustered_fit_says_how_many_clusters_there_are(clustered: Fit) -> None:
    assert f"{len(set(TABLE['dyad'])):,} clusters." in clustered.notes[0]


def test_without_statsmodels_the_extra_is_named(fitted: Fit, monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(name: str, *more: Any) -> Any:
        if name.startswith("statsmodels"):
            raise ImportError(name)
        return real(name, *more)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(offramp.UsageError, match=r"pip install 'offramp\[fit\]'"):
        fitted.to_statsmodels()


def test_a_profile_interval_ends_where_the_closed_form_has_fallen_by_1_92(fitted: Fit, best: Array) -> None:
    place = PARAMETERS.index("cost")
    others = np.arange(len(PARAMETERS)) != place

    def ratio(value: float) -> float:
        def negative(free: Array) -> float:
            values = np.empty(len(PARAMETERS))
            values[place], values[others] = value, free
            return -log_likelihood(values)

        lowest = minimize(negative, best[others], method="BFGS").fun
        return 2.0 * (log_likelihood(best) + lowest) - chi2.ppf(0.95, 1)

    found = fitted.profile("cost")
    error = fitted.standard_errors[place]
    high = brentq(ratio, found.value + error, found.value + 4.0 * error, xtol=1e-4)
    assert found.high == pytest.approx(high, abs=1e-3)
    assert found.low < found.value - error
    assert str(found).startswith("cost: ")


def test_the_bootstrap_is_near_the_observed_errors_and_the_same_for_the_same_seed(fitted: Fit) -> None:
    text = TEXT.replace("  cluster: dyad\n", "")
    steps: list[int] = []
    one = fit(crisis_of(text), TABLE, starts=0, errors="bootstrap", replications=30, progress=steps.append)
    np.testing.assert_allclose(one.standard_errors, fitted.standard_errors, rtol=0.45)
    assert len(steps) == 1 + 30
    again = fit(crisis_of(text), TABLE, starts=0, errors="bootstrap", replications=30)
    assert again.covariance.tobytes() == one.covariance.tobytes()


def test_two_models_of_the_same_cases_are_compared_case_by_case(fitted: Fit) -> None:
    text = TEXT.replace("want: {linear: [1, near]", "want: {linear: [1, balance]").replace("Deterrence", "Other")
    other = fit(crisis_of(text), TABLE, starts=1)
    found = fitted.against(other)
    first, second = (
        one.odds().to_pandas().apply(lambda row: np.log(row[f"outcome.{row['recorded']}"]), axis=1)
        for one in (fitted, other)
    )
    differences = (first - second).to_numpy(dtype=float)
    z = differences.sum() / (np.sqrt(CASES) * differences.std())
    assert found.tests[0].statistic == pytest.approx(z)
    assert found.tests[1].statistic == (differences > 0).sum()
    assert found.titles == ("Deterrence", "Other")
    shorter = fit(crisis_of(text), {name: column[:-1] for name, column in TABLE.items()}, starts=0)
    with pytest.raises(offramp.UsageError, match="two models of the same cases; here one has 300 cases of data"):
        fitted.against(shorter)


@pytest.mark.parametrize("scale", [1e-30, 1e-20, 1e20, 1e29])
@pytest.mark.parametrize("penalty", [None, "prior"])
def test_a_column_of_extreme_units_is_fitted_and_the_fit_read_back(
    scale: float, penalty: PenaltyKind | None, tmp_path: Path, fitted: Fit
) -> None:
    table = TABLE | {"near": np.asarray(TABLE["near"]) * scale}
    found = fit(crisis_of(TEXT), table, starts=0, penalty=penalty)
    assert np.isfinite(found.values).all()
    if penalty is None:
        units = np.array([scale if name == "want.near" else 1.0 for name in found.parameters])
        np.testing.assert_allclose(found.values * units, fitted.values, rtol=1e-3)
        assert found.contrasts
        found.write(tmp_path / "fit")
        np.testing.assert_array_equal(read_fit(tmp_path / "fit").values, found.values)


def test_columns_that_rounding_hardly_tells_apart_give_words_and_no_warning() -> None:
    table = TABLE | {"near": np.where(np.asarray(TABLE["near"]) > 0.0, 1e29, 1.0000000001e29)}
    assert fit(crisis_of(TEXT), table, starts=0, penalty="prior").answer


@pytest.mark.parametrize("years", [(-1e308, 1e308), (1950.0, 1e16), (np.inf, 1950.0)])
def test_times_that_are_no_years_do_not_spoil_what_is_kept(years: tuple[float, float], tmp_path: Path) -> None:
    table = TABLE | {"year": np.resize(years, len(TABLE["year"]))}
    fit(crisis_of(TEXT), table, starts=0).write(tmp_path / "fit")
    assert read_fit(tmp_path / "fit").years in ("", "1950")


def test_priors_pull_the_estimates_and_are_named(fitted: Fit) -> None:
    text = TEXT.replace('cost: {is: "normal(1, 2)"', 'cost: {is: "normal(0, 0.1)"')
    found = fit(crisis_of(text), TABLE, starts=0, penalty="prior")
    assert abs(found.values[-1]) < 0.3 < fitted.values[-1]
    assert "posterior mode with the priors of the file" in found.basis
    assert found.kept().penalty == "prior"
    assert found.notes[0].startswith("Standard errors: from the curvature of the log-likelihood and the prior")
    assert found.notes[1].startswith("AIC and BIC are of the log-likelihood at the mode with the priors")
    assert len(fitted.notes) == 1
    with pytest.raises(offramp.UsageError, match="statsmodels knows no penalties"):
        found.to_statsmodels()


def test_a_fit_is_written_and_read_as_it_is(clustered: Fit, tmp_path: Path) -> None:
    clustered.write(tmp_path / "fit")
    read = read_fit(tmp_path / "fit")
    assert read.values.tobytes() == clustered.values.tobytes()
    assert read.covariance is not None
    assert read.covariance.tobytes() == clustered.covariance.tobytes()
    assert (read.errors, read.cases, read.rows, read.converged) == ("clustered", 300, 300, True)
    assert read.priors[0] == "normal(mean=0.0, sd=5.0)"
    assert read.time == (TABLE["year"].min(), TABLE["year"].max())


def test_fits_stand_beside_each_other_in_latex(fitted: Fit, clustered: Fit) -> None:
    text = fitted.to_latex(clustered)
    assert r"\begin{tabular}{lrr}" in text
    assert text.count(r"Deterrence") == 2
    assert "Standard errors in parentheses: observed and clustered." in text
    assert f"Log-likelihood & {fitted.estimates.log_likelihood:.2f} &" in text


def test_effects_and_probabilities_over_a_column_come_with_the_fit(fitted: Fit) -> None:
    told: list[int] = []
    effects = fitted.effects(draws=20, progress=told.append)
    assert sum(told) == len(fitted.contrasts) == 5
    assert (effects.draws, effects.cases) == (20, 300)
    over = fitted.over("regime", draws=5)
    assert over.over.labels == ("base", "dem", "mixed")


def test_the_posterior_is_near_the_maximum_where_priors_are_wide(fitted: Fit) -> None:
    found = fitted.posterior(draws=512)
    np.testing.assert_allclose(found.posterior.mean, fitted.values, atol=0.3 * fitted.standard_errors.max() + 0.1)
    kept = found.kept()
    assert (kept.errors, kept.penalty, kept.parameters) == ("posterior", "prior", PARAMETERS)
    assert "posterior" in [table.name for table in found.tables]
    assert found.answer[-1].endswith("pass on the means and the covariance of this posterior.")
    assert found.answer[-1] not in kept.remarks


def without_separation(columns: Mapping[str, Array]) -> dict[str, Array]:
    """The cases, but those with `near` are never quiet: `want.near` has no finite maximum."""
    kept = (columns["near"] == 0.0) | (columns["outcome"] != "quiet")
    return {name: column[kept] for name, column in columns.items()}


def test_separated_cases_have_no_finite_maximum_and_the_remark_says_what_to_do() -> None:
    found = fit(crisis_of(), without_separation(TABLE), starts=1)
    assert not found.converged
    (remark,) = (one for one in found.remarks if one.startswith("There is no finite maximum"))
    assert "want.near" in remark
    assert "none of the" in remark
    assert "--prior" in remark
    assert not any(sentence.startswith("The higher") for sentence in found.answer)
    mended = fit(crisis_of(), without_separation(TABLE), starts=1, penalty="log-f")
    assert mended.converged


def test_a_climb_that_went_higher_is_compared_with_the_penalty_included_and_tables_say_so() -> None:
    found = fit(crisis_of(), TABLE, starts=0, penalty="cauchy")
    assert "maximum likelihood with Cauchy priors on scaled columns" in found.basis
    best = found.estimates.optima[0]
    assert best.log_likelihood < found.estimates.log_likelihood - 0.9
    higher = replace(best, log_likelihood=best.log_likelihood + 2.0, converged=False, starts=("random 1",))
    lower = replace(best, log_likelihood=best.log_likelihood - 3.0, starts=("random 2",))
    several = replace(found, estimates=replace(found.estimates, optima=(best, lower, higher)))
    assert any(remark.startswith("The climb from random 1 went 2.0 higher") for remark in several.remarks)
    assert any("with a log-likelihood plus penalty of" in remark for remark in several.remarks)
    assert several.table("optima").columns[0].heading == "log-likelihood plus penalty"


def test_coefficients_that_the_cases_do_not_tell_apart_are_named() -> None:
    text = TEXT.replace("want * (attack == strike)", "(want + extra) * (attack == strike)")
    text = text.replace("timeline:", '  extra: {is: "normal(0, 1)", estimate: yes}\ntimeline:')
    found = fit(crisis_of(text), TABLE, starts=0)
    (remark,) = (one for one in found.remarks if "do not tell" in one)
    assert "want.1" in remark
    assert "extra" in remark
    assert np.isnan(found.standard_errors[[0, -1]]).all()
    assert np.isfinite(found.standard_errors[1:-1]).all()
    assert found.kept().covariance is None
    with pytest.raises(offramp.UsageError, match="extra has no standard error to test with"):
        found.wald("extra")


def test_rows_left_out_are_counted_and_named() -> None:
    table = TABLE | {"balance": np.where(np.arange(CASES) < 4, np.nan, TABLE["balance"])}
    found = fit(crisis_of(), pd.DataFrame(table), starts=0)
    assert found.answer[0].startswith("Fitted to 296 cases, of 300 rows of data")
    assert found.remarks[-1] == "4 rows left out: 4 without a value in 'balance' (rows 1, 2, 3, ...)."
    assert found.table("left_out").rows[0][2] == 4


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda crisis: fit(crisis, TABLE, errors="robust"), "unknown errors 'robust'; expected one of observed"),
        (lambda crisis: fit(crisis, TABLE, penalty="caucy"), "unknown penalty 'caucy'; did you mean 'cauchy'?"),
        (lambda crisis: fit(crisis, TABLE, starts=-1), "`starts` must lie between 0 and 1,000, found -1"),
        (lambda crisis: fit(crisis, TABLE, seed=-1), "a seed is a whole number from 0 up"),
        (lambda crisis: fit(crisis, TABLE, replications=1), "`replications` must lie between 2"),
        (lambda crisis: fit(crisis_of(TEXT.replace("  cluster: dyad\n", "")), TABLE, errors="clustered"), "`cluster`"),
    ],
)
def test_a_wrong_option_is_refused_in_one_line(call: Callable[[Crisis], Fit], said: str) -> None:
    with pytest.raises(offramp.UsageError) as caught:
        call(crisis_of())
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda found: found.profile("cots"), "'cots' is not a coefficient; did you mean 'cost'?"),
        (lambda found: found.over("regme"), "'regme' is not a column of the cases; did you mean 'regime'?"),
        (lambda found: found.effects(draws=-1), "draws must be 0 or more"),
    ],
)
def test_a_wrong_question_is_refused_in_one_line(call: Callable[[Fit], object], said: str, fitted: Fit) -> None:
    with pytest.raises(offramp.UsageError) as caught:
        call(fitted)
    assert said in str(caught.value)


def test_misspelt_levels_and_a_base_of_several_cells_are_named() -> None:
    regime = TABLE["regime"].astype(object).copy()
    (dem,) = np.nonzero(regime == "dem")
    regime[dem[:5]], regime[dem[5:8]] = "demm", "Dem"
    found = fit(crisis_of(), dict(TABLE) | {"regime": regime}, starts=0)
    base = int((regime == "aut").sum())
    assert f"The base of regime is several cells: 'aut' ({base}), 'demm' (5) and 'Dem' (3)." in found.answer
    assert (
        "'regime' has cells that `levels` does not list, so they count as the base: 'demm' in 5 rows (did you mean "
        "'dem'?) and 'Dem' in 3 rows (did you mean 'dem'?)."
    ) in found.answer
