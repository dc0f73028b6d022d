"""A backtest forecasts each case from earlier cases only, scores it by hand-checked scores, and says so if it loses."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner, Result

import offramp
from offramp.cli import main
from offramp.common.errors import UsageError
from offramp.crisis.model import Crisis
from offramp.fitting.case_table import table_of
from offramp.fitting.cases import cases_of
from offramp.fitting.estimation import estimates_of
from offramp.fitting.likelihood import Likelihood
from offramp.fitting.rolling_origin.backtest_comparison import LOGIT, RATES
from offramp.fitting.rolling_origin.backtest_finding import Backtest
from offramp.fitting.rolling_origin.backtesting import backtest
from offramp.fitting.rolling_origin.exclusive_outcomes import exclusive_outcomes
from offramp.fitting.rolling_origin.forecast_scores import RivalScore
from offramp.fitting.rolling_origin.simple_forecasts import logit_forecasts
from offramp.fitting.simulated_cases import simulate_cases
from offramp.gambit.opening import compile_game
from offramp.study.drawings import drawings_of
from tests.crises import crisis_of
from tests.fitting.rolling_origin.past_attacks import TEXT, TRUE, attacks

YEARS, EACH = 8, 40


def crisis_with(cases: str) -> Crisis:
    return crisis_of(TEXT.partition("cases:")[0] + cases)


@pytest.fixture(scope="module")
def crisis() -> Crisis:
    return crisis_of(TEXT)


@pytest.fixture(scope="module")
def past() -> pd.DataFrame:
    return attacks(YEARS, EACH)


@pytest.fixture(scope="module")
def found(crisis: Crisis, past: pd.DataFrame) -> Backtest:
    return backtest(crisis, past)


def test_the_first_time_has_enough_earlier_cases(found: Backtest) -> None:
    assert [(origin.time, origin.past) for origin in found.origins] == [(1900.0 + n, EACH * n) for n in range(1, YEARS)]
    assert len(found.outcome) == EACH * (YEARS - 1)


def test_what_happens_later_changes_no_forecast(crisis: Crisis, past: pd.DataFrame, found: Backtest) -> None:
    other = past.copy()
    later = other["year"] >= 1903
    other.loc[later, "outcome"] = other.loc[later, "outcome"].to_numpy()[::-1]
    changed = backtest(crisis, other)
    names = found.outcomes.names
    same = [names.index(name) for name in changed.outcomes.names]
    for before, after in zip(found.origins, changed.origins, strict=True):
        if before.time <= 1903:
            for model in ("crisis", "rates", "logit"):
                old, new = (getattr(one, model)[:, : len(names)] for one in (before, after))
                np.testing.assert_allclose(new, old[:, same], atol=1e-9)
    assert not np.allclose(changed.origins[-1].values, found.origins[-1].values, atol=1e-3)


def test_a_forecast_is_the_fit_to_earlier_cases_in_that_case(
    crisis: Crisis, past: pd.DataFrame, found: Backtest
) -> None:
    origin = found.origins[3]
    game = compile_game(crisis)
    fit = estimates_of(Likelihood(game, cases_of(game, table_of(past[past["year"] < origin.time]))))
    np.testing.assert_allclose(origin.values, fit.values, atol=1e-6)
    gain, stand = fit.values[:2], fit.values[2:]
    rows = past[past["year"] == origin.time]
    resist = 1.0 / (1.0 + np.exp(-(stand[0] + stand[1] * rows["stake"].to_numpy())))
    value = (1.0 - resist) * (gain[0] + gain[1] * rows["power"].to_numpy()) - resist
    strike = 1.0 / (1.0 + np.exp(-value))
    by_name = {"quiet": 1.0 - strike, "won": strike * (1.0 - resist), "war": strike * resist}
    for place, name in enumerate(found.outcomes.names):
        np.testing.assert_allclose(origin.crisis[:, place], by_name[name], atol=1e-6)
    np.testing.assert_array_equal(origin.crisis[:, -1], 0.0)


def test_scores_are_those_of_the_forecasts(past: pd.DataFrame, found: Backtest) -> None:
    later = past[past["year"] >= 1901]
    names = [*found.outcomes.names]
    happened = later["outcome"].map(names.index).to_numpy()
    np.testing.assert_array_equal(found.outcome, happened)
    given = found.forecasts[np.arange(len(happened)), happened]
    assert found.log_score == pytest.approx(-np.mean(np.log(given)))
    wrong = [
        sum((row[k] - (k == at)) ** 2 for k in range(3)) / 2 for row, at in zip(found.forecasts, happened, strict=True)
    ]
    assert found.brier == pytest.approx(np.mean(wrong))
    shares = [
        (past[past["year"] < year]["outcome"].value_counts().reindex(names).to_numpy() + 0.5)
        / (EACH * (year - 1900) + 1.5)
        for year in later["year"]
    ]
    rates, logit = found.scores
    assert (rates.name, logit.name) == (RATES, LOGIT)
    rate = np.array(shares)[np.arange(len(happened)), happened]
    assert rates.log == pytest.approx(-np.mean(np.log(rate)))
    assert rates.log_gain[0] == pytest.approx(np.mean(np.log(given) - np.log(rate)))
    assert rates.log_gain[1] < rates.log_gain[0] < rates.log_gain[2]
    for one in found.by_outcome:
        assert one.happened == pytest.approx((later["outcome"] == one.name).mean())


def test_the_true_game_beats_base_rates_and_says_so(found: Backtest) -> None:
    rates = found.scores[0]
    assert rates.log_gain[1] > 0.1
    assert any(
        sentence.startswith("Against the rates of earlier cases") and "better: it gains +" in sentence
        for sentence in found.answer
    )


def test_columns_that_say_nothing_lose_and_it_is_said(crisis: Crisis, past: pd.DataFrame) -> None:
    """The columns mislead after a year: what attacks brought before, they cost then."""
    other = past.copy()
    later = other["year"] >= 1904
    other.loc[later, ["power", "stake"]] *= -1.0
    worse = backtest(crisis, other, start=1904.0, once=True)
    assert worse.scores[0].log_gain[2] < 0.0
    assert "It loses to how often each outcome happened before" in " ".join(worse.answer)
    assert len(worse.origins) == 1
    assert worse.origins[0].past == EACH * 4
    assert len(worse.outcome) == EACH * 4


def test_a_fit_from_the_one_before_is_the_fit_from_the_default_starts(found: Backtest) -> None:
    checked = [origin.gained for origin in found.origins if origin.gained is not None]
    assert len(checked) >= 3
    assert max(map(abs, checked)) < 1e-6


def test_a_row_that_leaves_the_outcome_open_is_learnt_from_only() -> None:
    cases = (
        "cases: {observed: {attacked: {0: {attack: stay}, 1: {attack: strike}}, "
        "fought: {0: {reply: [yield, skipped]}, 1: {reply: resist}}}, time: year}\n"
    )
    crisis = crisis_with(cases)
    dice = np.random.default_rng(1)
    rows = 160
    data = {"power": dice.normal(size=rows), "stake": dice.normal(size=rows), "year": 1900 + np.arange(rows) // 40}
    table = simulate_cases(crisis, TRUE, data)
    table["fought"] = table["fought"].astype(object)
    table.loc[[3, 150], "fought"] = None
    table["year"] = table["year"].astype(float)
    table.loc[7, "year"] = np.nan
    found = backtest(crisis, table, start=1902.0)
    assert set(found.outcomes.names) == {"attacked 0, fought 0", "attacked 1, fought 0", "attacked 1, fought 1"}
    assert len(found.outcome) == 79
    assert [origin.past for origin in found.origins] == [79, 119]
    notes = " ".join(found.notes)
    assert "2 rows that leave an outcome open were learnt from, but not forecast." in notes
    assert "1 row without a time could be neither learnt from nor forecast." in notes


def test_a_row_that_counts_three_times_is_three_rows(crisis: Crisis, past: pd.DataFrame) -> None:
    counted = past.iloc[:160].copy()
    counted["n"] = 1 + np.arange(160) % 3
    assert crisis.cases is not None
    with_counts = replace(crisis, cases=replace(crisis.cases, count="n"))
    one = backtest(with_counts, counted, start=1902.0, once=True)
    other = backtest(crisis, counted.loc[counted.index.repeat(counted["n"])], start=1902.0, once=True)
    assert len(one.outcome) == len(other.outcome)
    assert one.log_score == pytest.approx(other.log_score, abs=1e-8)
    for ours, theirs in zip(one.scores, other.scores, strict=True):
        assert ours.log == pytest.approx(theirs.log, abs=1e-6)


def test_plays_that_no_outcome_names_cost_the_crisis(past: pd.DataFrame) -> None:
    crisis = crisis_with("cases: {observed: {outcome: {quiet: {attack: stay}, war: {ending: war}}}, time: year}\n")
    game, table = compile_game(crisis), table_of(past)
    cases = cases_of(game, table)
    assert crisis.cases is not None
    odds = exclusive_outcomes(game, crisis.cases, table, cases).odds(game, cases, np.array([*TRUE.values()]))
    assert odds.shape == (len(cases.weight), 3)
    np.testing.assert_allclose(odds.sum(axis=1), 1.0, atol=1e-12)
    assert odds[:, -1].min() > 0.0


def test_a_logit_without_a_maximum_is_named(found: Backtest) -> None:
    """A column separates the outcomes perfectly: a logit's estimates grow without end."""
    column = np.linspace(-1.0, 1.0, 40)[:, None]
    forecast, converged = logit_forecasts(column, (column[:, 0] > 0.0).astype(np.int64), column[:2], 3)
    assert not converged
    assert forecast is None or np.allclose(forecast, [[1.0, 0.0, 0.0]] * 2, atol=1e-3)
    origins = (replace(found.origins[0], logit=None, logit_converged=False), *found.origins[1:])
    without = replace(found, origins=origins)
    assert "The multinomial logit did not converge in 1 of 7 fits; 1 fit gave no forecast." in without.answer
    assert without.scores[1].forecasts == len(found.outcome) - EACH


def test_a_logit_is_the_one_that_maximises_the_likelihood() -> None:
    """Against Newton's steps of a binary logit, written out; a column twice and a constant one change nothing."""
    dice = np.random.default_rng(3)
    x = dice.normal(size=200)
    y = (dice.random(200) < 1.0 / (1.0 + np.exp(-(0.4 + 1.3 * x)))).astype(np.int64)
    design, beta = np.column_stack([np.ones(200), x]), np.zeros(2)
    for _ in range(30):
        p = 1.0 / (1.0 + np.exp(-design @ beta))
        beta += np.linalg.solve((design * (p * (1.0 - p))[:, None]).T @ design, design.T @ (y - p))
    forecast, converged = logit_forecasts(
        np.column_stack([x, 2.0 * x, np.full(200, 7.0)]), y, np.array([[1.0, 2.0, 7.0]]), 3
    )
    assert converged
    assert forecast is not None
    expected = 1.0 / (1.0 + np.exp(-(beta[0] + beta[1])))
    np.testing.assert_allclose(forecast, [[1.0 - expected, expected, 0.0]], atol=1e-6)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"start": 1950.0}, "no case to forecast: column 'year' has no time from 1950 on"),
        ({"start": 1900.0}, "no case to learn from: column 'year' has no time before 1900"),
        ({"seed": -1}, "a seed is a whole number from 0 up, found -1"),
    ],
)
def test_what_a_backtest_cannot_do(changes: dict[str, Any], message: str, crisis: Crisis, past: pd.DataFrame) -> None:
    with pytest.raises(UsageError) as caught:
        backtest(crisis, past, **changes)
    assert str(caught.value) == message


def test_counts_are_no_way_to_fill_the_memory(past: pd.DataFrame) -> None:
    counted = crisis_with(
        "cases: {observed: {outcome: {quiet: {attack: stay}, won: {reply: yield}, war: {ending: war}}}, time: year, "
        "count: n}\n"
    )
    with pytest.raises(UsageError, match=r"a backtest takes at most 1,000,000 cases, found 10,000,000,000,[0-9]{3}"):
        backtest(counted, past.assign(n=[10**13, *[1] * (len(past) - 1)]))


def test_too_few_cases_and_unknown_times(crisis: Crisis, past: pd.DataFrame) -> None:
    with pytest.raises(UsageError, match=r"too few cases: no time has 40 earlier ones"):
        backtest(crisis, past[past["year"] < 1901])
    with pytest.raises(UsageError, match=r"has no column 'yaer', as --by says; did you mean 'year'\?"):
        backtest(crisis, past, by="yaer")
    timeless = crisis_with(
        "cases: {observed: {outcome: {quiet: {attack: stay}, won: {reply: yield}, war: {ending: war}}}}\n"
    )
    with pytest.raises(UsageError, match="a backtest needs a column of times, such as years: name it by --by"):
        backtest(timeless, past)
    assert backtest(timeless, past, by="year", start=1907.0).column == "year"


def test_outcomes_that_can_both_happen_are_refused(past: pd.DataFrame) -> None:
    crisis = crisis_with(
        "cases: {observed: {outcome: {quiet: {attack: stay}, war: {ending: war}, won: {attack: strike}}}, time: year}\n"
    )
    with pytest.raises(UsageError, match=r"outcomes of which one happens in each case; 'war' and 'won'"):
        backtest(crisis, past)


def gained(name: str, low: float, high: float) -> RivalScore:
    gain = ((low + high) / 2.0, low, high)
    return RivalScore(name, 10, 1.0, 0.3, 0.5, gain, gain)


@pytest.mark.parametrize(
    ("rates", "logit", "said"),
    [
        ((0.1, 0.2), (0.1, 0.2), "It forecasts better than both"),
        ((0.1, 0.2), (-0.1, 0.2), "It forecasts better than base rates, and about as well as the logit."),
        ((0.1, 0.2), (-0.2, -0.1), "The logit forecasts better from the same columns"),
        ((0.1, 0.2), (np.nan, np.nan), "It forecasts better than base rates."),
        ((-0.1, 0.2), (-0.1, 0.2), "It cannot be told from base rates by these cases."),
        ((-0.2, -0.1), (0.1, 0.2), "It loses to how often each outcome happened before"),
    ],
)
def test_the_verdict_is_that_of_the_intervals(
    rates: tuple[float, float], logit: tuple[float, float], said: str, found: Backtest
) -> None:
    judged = replace(found)
    judged.__dict__["scores"] = (gained(RATES, *rates), gained(LOGIT, *logit))
    assert sum(sentence.startswith(said) for sentence in judged.answer) == 1


def test_without_statsmodels_the_extra_is_named(
    crisis: Crisis, past: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "statsmodels.discrete.discrete_model", None)
    found = backtest(crisis, past, start=1907.0)
    assert [score.name for score in found.scores] == [RATES]
    said = "There is no multinomial logit to compare with: it needs statsmodels, pip install 'offramp[fit]'."
    assert said in found.answer


def test_pictures_and_plain_values(found: Backtest) -> None:
    assert [drawing.name for drawing in drawings_of(found)] == ["gains", "calibration"]
    for drawing in drawings_of(found):
        assert drawing.document(720).startswith("<svg")
    assert {*json.loads(json.dumps(found.to_dict()))} >= {
        "scores",
        "gains",
        "outcomes",
        "calibration",
        "times",
        "left_out",
    }
    assert offramp.backtest.__doc__ == backtest.__doc__


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["backtest", "crisis.yaml", "--data", "past.csv", *arguments])


def test_the_command_prints_and_exports(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, past: pd.DataFrame) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "crisis.yaml").write_text(TEXT, encoding="utf-8")
    past.to_csv("past.csv", index=False)
    result = run("--by", "year", "--from", "1907", "--export", "out")
    assert result.exit_code == 0, result.output
    assert "40 cases, year 1907, forecast by one fit to the 280 cases before." in result.output
    assert (tmp_path / "out" / "scores.csv").is_file()
    assert (tmp_path / "out" / "calibration.svg").is_file()
    scores = json.loads(run("--from", "1907", "--json").output)["scores"]
    assert [row["model"] for row in scores] == ["crisis", RATES, LOGIT]
    result = run("--by", "nation")
    assert result.exit_code == 2
    assert result.output.startswith("past.csv has no column 'nation', as --by says")
    for number in ("nan", "inf", "-inf", "1e999"):
        result = run("--from", number)
        assert (result.exit_code, f"expected a finite number, found '{number}'" in result.output) == (2, True)
