"""The backtest of a crisis: each time's cases forecast from the cases before that time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, get_args

import numpy as np
from numpy.typing import NDArray

from offramp.common.arguments import check_seed
from offramp.common.errors import UsageError
from offramp.common.words import expected, quoted
from offramp.fitting.case_cells import check_times
from offramp.fitting.case_table import table_of
from offramp.fitting.cases import Cases, cases_of
from offramp.fitting.cells import written
from offramp.fitting.priors import PenaltyKind
from offramp.fitting.rolling_origin.backtest_finding import Backtest
from offramp.fitting.rolling_origin.backtest_remarks import PAST_PER_COEFFICIENT
from offramp.fitting.rolling_origin.exclusive_outcomes import UNKNOWN, ExclusiveOutcomes, exclusive_outcomes
from offramp.fitting.rolling_origin.rolling_fits import rolling_fits
from offramp.gambit.opening import Playable, compile_game
from offramp.game.game import Game

MOST_TIMES = 1_000
MOST_CASES = 1_000_000


def backtest(
    crisis: Playable,
    data: Any,
    *,
    by: str | None = None,
    start: float | None = None,
    once: bool = False,
    penalty: PenaltyKind | None = None,
    seed: int = 1,
    progress: Callable[[int, int], None] = lambda done, of: None,
) -> Backtest:
    """How well a crisis forecasts recorded cases, each from earlier cases only.

    For each time the coefficients are estimated from all cases before it, and the outcomes of its cases are forecast
    (Tashman 2000, *Out-of-sample tests of forecasting accuracy*: a rolling origin). The forecasts are scored against
    how often each outcome happened before, and against a multinomial logit on the same columns.

    Parameters
    ----------
    crisis
        A crisis with `cases`.
    data
        The table of cases: a `.csv` or `.parquet` file, a data frame, or a mapping from names to columns.
    by
        The column of times, numbers such as years; by default the one that `cases` names as `time`.
    start
        The first time that is forecast; by default the first with ten earlier cases for each coefficient, and with
        each outcome among them.
    once
        Fit once, to the cases before `start`, and forecast all later ones.
    penalty
        What each fit adds to the log-likelihood, as in `fit`: `prior` (the priors of the file), `cauchy` or `log-f`
        (weak priors for separated cases); nothing by default.
    seed
        For random starts, and for resampling.
    progress
        Is told how many fits are done, of how many.

    Raises
    ------
    UsageError
        If an option is out of range, there are no times, too few earlier cases, or outcomes that can happen together.
    CrisisError, OfframpError
        As for `fit`.
    """
    check_seed(seed)
    if penalty is not None and penalty not in get_args(PenaltyKind):
        raise UsageError(f"unknown penalty {quoted(penalty)}{expected(penalty, get_args(PenaltyKind))}")
    game = _by(compile_game(crisis), by)
    table = table_of(data)
    if by is not None:
        check_times(by, table)
    cases = cases_of(game, table)
    recorded = game.crisis.cases
    assert recorded is not None
    if cases.time is None or recorded.time is None:
        raise UsageError("a backtest needs a column of times, such as years: name it by --by, or as `time` in `cases`")
    outcomes = exclusive_outcomes(game, recorded, table, cases)
    times = _times(cases, outcomes, start, once, recorded.time)
    of = len(times)
    done = 0

    def report(more: int) -> None:
        nonlocal done
        done += more
        progress(done, of)

    without_logit = _why_no_logit(cases)
    origins = rolling_fits(game, cases, outcomes, times, not without_logit, penalty=penalty, seed=seed, progress=report)
    return Backtest(game.crisis, recorded.time, cases, outcomes, origins, without_logit, penalty, seed)


def _why_no_logit(cases: Cases) -> str:
    """Why there is no multinomial logit to compare with; empty if there is one."""
    if not cases.columns:
        return "no input is a column"
    try:
        import statsmodels.discrete.discrete_model  # noqa: F401
    except ImportError:
        return "it needs statsmodels, pip install 'offramp[fit]'"
    return ""


def _by(game: Game, by: str | None) -> Game:
    if by is None or game.crisis.cases is None:
        return game
    return replace(game, crisis=replace(game.crisis, cases=replace(game.crisis.cases, time=by)))


def _times(
    cases: Cases, outcomes: ExclusiveOutcomes, start: float | None, once: bool, column: str
) -> list[tuple[float, float]]:
    """For each fit, the time before which cases are known, and the first time that it does not forecast."""
    assert cases.time is not None
    asked = np.isfinite(cases.time) & (outcomes.of_entry != UNKNOWN)
    times = np.unique(cases.time[asked])
    first = _first(cases, outcomes, times) if start is None else start
    times = times[times >= first]
    if not len(times):
        raise UsageError(f"no case to forecast: column {quoted(column)} has no time from {written(first)} on")
    if not (cases.time < first).any():
        raise UsageError(f"no case to learn from: column {quoted(column)} has no time before {written(first)}")
    if cases.total > MOST_CASES:  # whatever is learned and forecast has a row for each
        raise UsageError(f"a backtest takes at most {MOST_CASES:,} cases, found {cases.total:,.0f}")
    if once:
        return [(float(first), np.inf)]
    if len(times) > MOST_TIMES:
        raise UsageError(f"a backtest fits at most {MOST_TIMES:,} times, found {len(times):,}; give a later start")
    ends = [*times[1:].tolist(), np.inf]
    return list(zip(times.tolist(), ends, strict=True))


def _first(cases: Cases, outcomes: ExclusiveOutcomes, times: NDArray[np.float64]) -> float:
    """The first time with enough earlier cases and every outcome among them."""
    assert cases.time is not None
    needed = PAST_PER_COEFFICIENT * len(cases.parameters)
    for time in times:
        past = cases.time < time
        seen = np.unique(outcomes.of_entry[past & (outcomes.of_entry != UNKNOWN)])
        if cases.entry_weight[past].sum() >= needed and len(seen) == len(outcomes.names):
            return float(time)
    raise UsageError(
        f"too few cases: no time has {needed:,} earlier ones ({PAST_PER_COEFFICIENT} for each coefficient) with every "
        "outcome among them; give the first time to forecast yourself"
    )
