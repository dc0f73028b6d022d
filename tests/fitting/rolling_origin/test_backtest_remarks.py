"""A backtest says which of its fits have no single finite maximum before it says who forecasts better."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from offramp.cli import main
from offramp.common.errors import UsageError
from offramp.fitting.rolling_origin import rolling_fits
from offramp.fitting.rolling_origin.backtest_comparison import LOGIT, RATES
from offramp.fitting.rolling_origin.backtest_finding import Backtest
from offramp.fitting.rolling_origin.backtest_remarks import maximum_remarks
from offramp.fitting.rolling_origin.backtesting import backtest
from offramp.fitting.rolling_origin.forecast_scores import RivalScore
from tests.crises import crisis_of
from tests.fitting.rolling_origin.past_attacks import TEXT, attacks


def separated() -> pd.DataFrame:
    """Eight cases in each of three years; power says without exception who strikes, and stake who resists."""
    table = attacks(3, 8)
    strikes = np.where(table["stake"] > 0.0, "war", "won")
    table["outcome"] = np.where(table["power"] > 0.0, strikes, "quiet")
    return table


@pytest.fixture(scope="module")
def found() -> Backtest:
    return backtest(crisis_of(TEXT), separated(), start=1901.0)


def test_fits_to_separated_cases_are_counted_before_the_verdict(found: Backtest) -> None:
    assert [origin.ending for origin in found.origins] == ["endless", "endless"]
    counted = "2 of 2 fits have no single finite maximum"
    first = next(at for at, sentence in enumerate(found.answer) if sentence.startswith(f"{counted}: in 2 some coeff"))
    assert "--prior (the priors of the file), --cauchy or --log-f" in found.answer[first]
    assert first < min(at for at, sentence in enumerate(found.answer) if sentence.startswith("Against"))
    assert sum(sentence.startswith(f"{counted}, so the comparison also judges") for sentence in found.answer) == 1


def test_a_fit_that_runs_away_is_given_up_after_one_climb(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: object, **__: object) -> None:
        raise AssertionError("the default starts were tried")

    monkeypatch.setattr(rolling_fits, "estimates_of", never)
    assert backtest(crisis_of(TEXT), separated(), start=1902.0).origins[0].ending == "endless"


def test_a_prior_gives_separated_cases_a_maximum(found: Backtest) -> None:
    for penalty in ("prior", "cauchy", "log-f"):
        helped = backtest(crisis_of(TEXT), separated(), start=1902.0, penalty=penalty)
        assert [origin.ending for origin in helped.origins] == ["maximum"]
        assert np.abs(helped.origins[-1].values).max() < np.abs(found.origins[-1].values).max()
        assert not any("no single finite maximum" in sentence for sentence in helped.answer)
    with pytest.raises(UsageError, match=r"unknown penalty 'couchy'"):
        backtest(crisis_of(TEXT), separated(), start=1901.0, penalty="couchy")  # type: ignore[arg-type]


def test_the_command_takes_the_priors_of_fit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("crisis.yaml").write_text(TEXT, encoding="utf-8")
    separated().to_csv("past.csv", index=False)
    command = ["backtest", "crisis.yaml", "--data", "past.csv", "--from", "1902", "--cauchy"]
    result = CliRunner().invoke(main, command)
    assert result.exit_code == 0, result.output
    assert "with Cauchy priors" in " ".join(result.output.split())
    assert "no single finite maximum" not in result.output


def test_few_cases_for_the_coefficients_are_a_warning(found: Backtest) -> None:
    said = "The first fit estimates 4 coefficients from 8 cases; 2 of 2 fits have fewer than 10 cases for each coeff"
    assert any(sentence.startswith(said) for sentence in found.answer)


def test_the_times_that_bear_most_of_the_loss_are_named(found: Backtest) -> None:
    origins = tuple(replace(found.origins[0], time=1900.0 + at, ending="maximum") for at in range(10))
    loss, forecasts = np.full(10, 1.0), np.full(10, 2.0)
    assert list(maximum_remarks(origins, loss, forecasts, "year", None)) == []
    loss[7] = 9.0
    (sentence,) = maximum_remarks(origins, loss, forecasts, "year", None)
    assert sentence == (
        "Much of the loss comes from few cases: year 1907, 50.0% of the log loss from 10.0% of the cases."
    )


def test_a_sentence_and_the_table_show_the_same_gain_with_one_sign(found: Backtest) -> None:
    judged = replace(found)
    scores = (
        RivalScore(RATES, 10, 1.08, 0.3, 0.5, (-0.207, -0.577, 0.024), (0.042, -0.042, 0.173)),
        RivalScore(LOGIT, 10, 1.15, 0.3, 0.5, (-0.131, -0.326, -0.011), (-0.02, -0.03, -0.01)),
    )
    judged.__dict__["scores"] = scores
    said = " ".join(judged.answer)
    assert "(1.08) it is worse: it gains −0.21 a case, 90% interval −0.58 to +0.02, which may be chance." in said
    assert "(1.15) it is worse: it gains −0.13 a case, 90% interval −0.33 to −0.01." in said
    shown = [row[2:] for table in judged.tables if table.name == "gains" for row in table.shown()]
    assert shown[0] == ("−0.21", "−0.58", "+0.02")
    assert shown[1] == ("+0.04", "−0.04", "+0.17")
    assert shown[2] == ("−0.13", "−0.33", "−0.01")
