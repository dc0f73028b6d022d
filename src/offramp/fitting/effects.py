"""Average marginal effects and first differences: what a column changes in the probabilities of records and endings.

An effect is an average over the cases, each with its own values of the other columns (Hanmer & Kalkan 2013, *American
Journal of Political Science* 57). Its band comes from coefficients drawn from their estimated distribution (King, Tomz
& Wittenberg 2000, *American Journal of Political Science* 44).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from offramp.common.numerals import quantity
from offramp.crisis.model import Crisis
from offramp.crisis.parts import Input
from offramp.fitting.average_odds import Population, Progress, band, drawn_odds, outcome_odds
from offramp.fitting.case_outcomes import CaseOutcome
from offramp.game.game import Game

Array = NDArray[np.float64]

STEP = 1e-3
"""Half the distance of a central difference, in standard deviations of the column."""
SPREAD = (0.1, 0.9)
"""The percentiles of a column between which a first difference is taken."""
FROM_BASE = "base → "
"""What the name of a contrast of levels begins with."""

Kind = Literal["per unit", "switch", "level", "spread"]
Setting = Callable[[Mapping[str, float], Population], Mapping[str, Array | float]]
"""The changed columns at an end of a contrast, for a population."""


@dataclass(frozen=True)
class Contrast:
    """Two settings of a column, between which probabilities are compared.

    `low`, `high`: values of inputs in all cases, or, of a difference per unit, to be added to each case's own.
    `scale`: by which the difference is multiplied.
    """

    column: str
    change: str
    kind: Kind
    low: Mapping[str, float]
    high: Mapping[str, float]
    scale: float = 1.0

    @property
    def input(self) -> str:
        """The input that is changed: the column itself, or one of its levels."""
        return next(name for name, value in self.high.items() if value != self.low[name])

    def setting(self, end: Mapping[str, float], population: Population) -> Mapping[str, Array | float]:
        """The changed columns at an end, `low` or `high`."""
        if self.kind != "per unit":
            return end
        return {name: population.columns[name] + step for name, step in end.items()}


@dataclass(frozen=True, eq=False)
class ContrastEffect:
    """What a contrast changes in each outcome's probability: (outcomes,) each, with the ends of a 95 % band."""

    contrast: Contrast
    change: Array
    low: Array
    high: Array


def contrasts_of(crisis: Crisis, population: Population) -> tuple[Contrast, ...]:
    """The contrasts of every column that varies, in the order of the file.

    Of numbers, a difference per unit and one from the 10th to the 90th percentile; of a column with only 0 and 1, from
    0 to 1; of a level, from the base to it.
    """
    return tuple(contrast for column in columns_of(crisis) for contrast in _contrasts(crisis, column, population))


def columns_of(crisis: Crisis) -> dict[str, tuple[str, ...]]:
    """The columns of a crisis and the inputs of each: a column's own, or one for each of its levels."""
    columns: dict[str, tuple[str, ...]] = {}
    for key, entry in crisis.inputs.items():
        if entry.column is not None:
            name = column_name(entry)
            columns[name] = (*columns.get(name, ()), key)
    return columns


def column_name(entry: Input) -> str:
    """The name of an input in the file, without its level if it has one."""
    level = None if entry.column is None else entry.column.level
    return entry.key if level is None else entry.key.removesuffix(f".{level}")


def is_levels(crisis: Crisis, column: str) -> bool:
    """Whether a column holds texts, each level of which is an input."""
    return column not in crisis.inputs


def _contrasts(crisis: Crisis, column: str, population: Population) -> Iterator[Contrast]:
    inputs = columns_of(crisis)[column]
    if is_levels(crisis, column):
        base = dict.fromkeys(inputs, 0.0)
        for key in inputs:
            if population.columns[key].any():
                yield Contrast(column, f"{FROM_BASE}{key.removeprefix(f'{column}.')}", "level", base, base | {key: 1.0})
        return
    values = np.unique(population.columns[column])
    if len(values) < 2:
        return
    if np.isin(values, (0.0, 1.0)).all():
        yield Contrast(column, "0 → 1", "switch", {column: 0.0}, {column: 1.0})
        return
    step = STEP * population.deviation(column)
    yield Contrast(column, "per unit", "per unit", {column: -step}, {column: step}, 0.5 / step)
    low, high = (population.percentile(column, probability) for probability in SPREAD)
    if low < high:
        yield Contrast(column, f"{quantity(low)} → {quantity(high)}", "spread", {column: low}, {column: high})


def effects_of(
    game: Game,
    population: Population,
    contrasts: tuple[Contrast, ...],
    outcomes: tuple[CaseOutcome, ...],
    coefficients: Mapping[str, Array],
    progress: Progress | None = None,
) -> tuple[ContrastEffect, ...]:
    """The effect of each contrast.

    Parameters
    ----------
    game
        The game that all cases share.
    population
        The columns of the cases.
    contrasts
        What is compared.
    outcomes
        Whose probabilities.
    coefficients
        (1 + draws,) values of each coefficient: the estimates first, then draws for the bands.
    progress
        Called after each contrast.
    """
    effects = []
    for contrast in contrasts:

        def change_of(setting: Setting, contrast: Contrast = contrast) -> Array:
            low, high = (
                drawn_odds(game, population, coefficients, outcomes, partial(setting, end))
                for end in (contrast.low, contrast.high)
            )
            return contrast.scale * (high - low)

        change = change_of(contrast.setting)
        if contrast.kind == "per unit" and np.isnan(change[0]).any():
            estimates = {name: float(values[0]) for name, values in coefficients.items()}
            change = change_of(partial(_inward, game, estimates, outcomes, contrast))
        ends = band(change[1:])
        effects.append(ContrastEffect(contrast, change[0], ends[0], ends[1]))
        if progress is not None:
            progress(1)
    return tuple(effects)


def _inward(
    game: Game,
    estimates: Mapping[str, float],
    outcomes: tuple[CaseOutcome, ...],
    contrast: Contrast,
    end: Mapping[str, float],
    population: Population,
) -> Mapping[str, Array | float]:
    """The setting of a difference per unit whose steps stay where the crisis has numbers: one-sided at an edge.

    Steps are as wide as elsewhere, so that the scale is the same: from the case's own value, two of them to one side.
    """
    shift = np.zeros(len(population.share))
    for away in (contrast.low, contrast.high):
        changed = contrast.setting(away, population)
        columns = {name: np.asarray(changed.get(name, column)) for name, column in population.columns.items()}
        columns |= {name: np.full(len(shift), value) for name, value in estimates.items()}
        none = np.isnan(outcome_odds(game, columns, outcomes)).any(axis=0)
        shift -= np.where(none, away[contrast.column], 0.0)
    return {name: value + shift for name, value in contrast.setting(end, population).items()}


def drawn_coefficients(
    names: tuple[str, ...], values: Array, covariance: Array | None, bounds: Array, draws: int, seed: int
) -> dict[str, Array]:
    """The estimates, and then draws from their normal distribution: (1 + draws,) for each coefficient.

    `bounds`: (2, parameters), the support of each; a draw outside it is moved to its edge. Without a covariance there
    are no draws.
    """
    drawn = values[None]
    if covariance is not None and draws:
        spread, axes = np.linalg.eigh(covariance)
        root = axes * np.sqrt(np.clip(spread, 0.0, None))
        normal = np.random.default_rng(seed).standard_normal((draws, len(values)))
        drawn = np.concatenate([drawn, np.clip(values + normal @ root.T, bounds[0], bounds[1])])
    return dict(zip(names, drawn.T, strict=True))
