"""The average probabilities of records or endings as one column takes each of its values, with bands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from offramp.common.errors import UsageError
from offramp.common.words import expected, quoted
from offramp.crisis.model import Crisis
from offramp.fitting.average_odds import Population, Progress, band, drawn_odds
from offramp.fitting.case_outcomes import CaseOutcome
from offramp.fitting.effects import columns_of, is_levels
from offramp.game.game import Game

Array = NDArray[np.float64]

POINTS = 25
"""Values of a column of numbers at which probabilities are computed."""
ENDS = (0.01, 0.99)
"""The percentiles between which a column of numbers varies, so that one extreme case does not set the scale."""
BASE = "base"
"""What the base of a column of levels is called."""


@dataclass(frozen=True, eq=False)
class ColumnOdds:
    """How likely each outcome is, averaged over the cases, if all of them have the same value of a column.

    `labels`: of a column of levels, each level; else empty, and `values`, (points,), are its values. `odds`, `low`,
    `high`: (points, outcomes), the average probability with the ends of a 95 % band, NaN without draws.
    """

    column: str
    name: str
    unit: str | None
    outcomes: tuple[CaseOutcome, ...]
    values: Array
    labels: tuple[str, ...]
    odds: Array
    low: Array
    high: Array
    draws: int


def column_odds(
    game: Game,
    population: Population,
    column: str,
    outcomes: tuple[CaseOutcome, ...],
    coefficients: Mapping[str, Array],
    progress: Progress | None = None,
) -> ColumnOdds:
    """The average probability of each outcome at values of a column.

    Parameters
    ----------
    game
        The game that all cases share.
    population
        The columns of the cases.
    column
        An input with `column`, or the name of one with `levels`.
    outcomes
        Whose probabilities.
    coefficients
        (1 + draws,) values of each coefficient: the estimates first, then draws for the bands.
    progress
        Called after each value.

    Raises
    ------
    UsageError
        If there is no such column, or it does not vary.
    """
    settings, labels = _settings(game.crisis, population, column)
    parts = []
    for changed in settings:
        parts.append(drawn_odds(game, population, coefficients, outcomes, partial(_same, changed)))
        if progress is not None:
            progress(1)
    odds = np.array(parts)
    draws = odds.shape[1] - 1
    low, high = np.clip(band(odds[:, 1:].swapaxes(0, 1)), 0.0, 1.0)
    entry = game.crisis.inputs.get(column)
    return ColumnOdds(
        column=column,
        name=column if entry is None else entry.name,
        unit=None if entry is None else entry.unit,
        outcomes=outcomes,
        values=np.array([float(changed[column]) for changed in settings]) if not labels else np.zeros(0),
        labels=labels,
        odds=odds[:, 0],
        low=low,
        high=high,
        draws=draws,
    )


def _same(setting: Mapping[str, Array | float], population: Population) -> Mapping[str, Array | float]:
    """A setting of a column, which is the same for every population."""
    return setting


def check_column(crisis: Crisis, column: str) -> None:
    """Raise UsageError, with the nearest name, if there is no such column."""
    columns = columns_of(crisis)
    if column not in columns:
        raise UsageError(f"{quoted(column)} is not a column of the cases{expected(column, columns)}")


def points_of(crisis: Crisis, population: Population, column: str) -> int:
    """The number of values that `column_odds` computes, for a progress bar."""
    return len(_settings(crisis, population, column)[0])


def _settings(
    crisis: Crisis, population: Population, column: str
) -> tuple[list[dict[str, Array | float]], tuple[str, ...]]:
    """The values that a column takes, as changed inputs, and the names of levels."""
    columns = columns_of(crisis)
    check_column(crisis, column)
    if is_levels(crisis, column):
        inputs = columns[column]
        base = dict.fromkeys(inputs, 0.0)
        settings = [base, *(base | {key: 1.0} for key in inputs)]
        return [dict(setting) for setting in settings], (BASE, *(key.removeprefix(f"{column}.") for key in inputs))
    values = np.unique(population.columns[column])
    if len(values) < 2:
        raise UsageError(f"'{column}' has the same value in every case, so there is nothing to vary")
    if len(values) > POINTS:
        low, high = (population.percentile(column, probability) for probability in ENDS)
        if low == high:
            low, high = float(values[0]), float(values[-1])
        values = np.linspace(low, high, POINTS)
    return [{column: float(value)} for value in values], ()
