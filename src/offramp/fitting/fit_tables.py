"""The tables of a fit: estimates, fit statistics, what is predicted, optima, fitted odds by case."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from offramp.common.texts import tr
from offramp.crisis.model import Crisis
from offramp.fitting.average_odds import outcome_odds
from offramp.fitting.case_outcomes import CaseOutcome
from offramp.fitting.cases import Cases
from offramp.fitting.coordinates import bounds_of
from offramp.fitting.estimation import Estimates
from offramp.fitting.fit_wording import ERROR_KINDS, height_name
from offramp.fitting.recorded_cells import RecordedColumn
from offramp.game.game import Game
from offramp.study.finding import Column, Table, Value

Array = NDArray[np.float64]

Z95 = 1.959963984540054
"""The 97.5 % quantile of the standard normal distribution."""


def contains_zero(bounds: Array) -> NDArray[np.bool_]:
    """Whether 0 lies inside the bounds of each prior, (2, parameters): (parameters,)."""
    return np.asarray((bounds[0] < 0.0) & (bounds[1] > 0.0))


def p_values(values: Array, errors: Array, bounds: Array) -> Array:
    """Two-sided p-values of the hypotheses that each coefficient is 0; NaN if its prior excludes 0."""
    from scipy.special import ndtr

    with np.errstate(all="ignore"):
        p = 2.0 * ndtr(-np.abs(values / errors))
    return np.where(contains_zero(bounds), p, np.nan)


def estimates_table(crisis: Crisis, parameters: Sequence[str], values: Array, errors: Array, kind: str) -> Table:
    """The estimates with standard errors of a kind, 95 % intervals and p-values."""
    columns = (
        Column("input", tr("input")),
        Column("estimate", tr("estimate"), "number"),
        Column("se", tr("SE"), "number"),
        Column("low", tr("95% from"), "number"),
        Column("high", tr("to"), "number"),
        Column("p", "p", "number"),
    )
    p = p_values(values, errors, bounds_of(crisis, parameters))
    rows = [
        (name, value, error, value - Z95 * error, value + Z95 * error, probability)
        for name, value, error, probability in zip(
            parameters, values.tolist(), errors.tolist(), p.tolist(), strict=True
        )
    ]
    return Table(
        "estimates", tr("Estimates ({kind} standard errors)", kind=ERROR_KINDS.get(kind, kind)), columns, tuple(rows)
    )


def statistics_table(estimates: Estimates, cases: Cases) -> Table:
    """How well the model fits."""
    columns = (
        Column("cases", tr("cases"), "count"),
        Column("coefficients", tr("coefficients"), "count"),
        Column("log_likelihood", tr("log-likelihood"), "amount"),
        Column("aic", tr("AIC"), "amount"),
        Column("bic", tr("BIC"), "amount"),
    )
    row = (cases.total, len(estimates.values), estimates.log_likelihood, estimates.aic, estimates.bic)
    return Table("fit", tr("How well it fits"), columns, (row,))


def predicted_table(
    recorded: Sequence[RecordedColumn], cases: Cases, outcomes: Sequence[CaseOutcome], odds: Array
) -> Table:
    """How often the likeliest record is the one recorded, beside always naming the most frequent one.

    `odds`: (outcomes, cases), as `recorded_odds`.
    """
    columns = (
        Column("column", tr("column")),
        Column("cases", tr("cases"), "count"),
        Column("correct", tr("likeliest is right"), "share"),
        Column("most_frequent", tr("most frequent")),
        Column("share", tr("its share"), "share"),
    )
    rows: list[tuple[Value, ...]] = []
    for column in recorded:
        places = [place for place, outcome in enumerate(outcomes) if outcome.group == column.name]
        likeliest = odds[places].argmax(axis=0)[cases.entry_case]
        counts = column.counts
        most = int(counts.argmax())
        total = float(counts.sum())
        share = float(counts[most]) / total if total else math.nan
        rows.append((column.name, total, column.predicted(likeliest), column.cells[most], share))
    return Table("predicted", tr("Correctly predicted"), columns, tuple(rows))


def recorded_odds(game: Game, cases: Cases, values: Array, outcomes: tuple[CaseOutcome, ...]) -> Array:
    """The probability of each outcome in each case at values of the coefficients: (outcomes, cases)."""
    count = len(cases.record)
    inputs = dict(cases.columns) | {
        name: np.full(count, value) for name, value in zip(cases.parameters, values, strict=True)
    }
    return outcome_odds(game, inputs, outcomes)


def optima_table(estimates: Estimates) -> Table:
    """The distinct maxima that the starts reached, the best first."""
    columns = (
        Column("log_likelihood", height_name(estimates), "amount"),
        Column("below", tr("below the best"), "number"),
        Column("gradient", tr("largest gradient"), "number"),
        Column("converged", tr("converged")),
        Column("starts", tr("reached from")),
    )
    best = estimates.optima[0].log_likelihood
    rows = [
        (one.log_likelihood, best - one.log_likelihood, one.largest_gradient, one.converged, ", ".join(one.starts))
        for one in estimates.optima
    ]
    return Table("optima", tr("Maxima that the starts reached"), columns, tuple(rows))


def optima_values_table(estimates: Estimates) -> Table:
    """The coefficients at each distinct maximum."""
    numbers = [
        Column(f"optimum_{place}", tr("optimum {number}", number=place), "number")
        for place in range(1, len(estimates.optima) + 1)
    ]
    rows: list[tuple[Value, ...]] = [
        (name, *(float(one.values[place]) for one in estimates.optima))
        for place, name in enumerate(estimates.likelihood.parameters)
    ]
    return Table("optima_values", tr("The coefficients at each"), (Column("input", tr("input")), *numbers), tuple(rows))


def odds_table(cases: Cases, outcomes: Sequence[CaseOutcome], odds: Array, lines: NDArray[np.int64]) -> Table:
    """The fitted probability of each record and ending in each entry of the table; `lines`: of the rows."""
    columns = (
        Column(cases.counted_in, cases.counted_in, "count"),
        Column("recorded", tr("recorded")),
        *(
            Column(f"{outcome.group}.{outcome.name}", f"{outcome.group}: {outcome.name}", "share")
            for outcome in outcomes
        ),
    )
    return Table("cases", tr("Fitted odds"), columns, tuple(_odds_rows(cases, odds, lines)))


def _odds_rows(cases: Cases, odds: Array, lines: NDArray[np.int64]) -> Iterator[tuple[Value, ...]]:
    for case, row in sorted(zip(cases.entry_case.tolist(), cases.entry_row.tolist(), strict=True), key=lambda e: e[1]):
        yield int(lines[row]), cases.record_names[cases.record[case]], *odds[:, case].tolist()
