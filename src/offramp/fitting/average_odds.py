"""How likely each record and each ending is, on average over the cases, also with columns set to other values."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from offramp.crisis.inputs import medians
from offramp.equilibrium.conditioning import condition_play
from offramp.equilibrium.sweeps import block_of
from offramp.fitting.case_outcomes import CaseOutcome
from offramp.fitting.likelihood import settled_profile
from offramp.game.differentiable_tables import differentiable_tables
from offramp.game.game import Game
from offramp.runs.blocks import threads

Array = NDArray[np.float64]

Progress = Callable[[Any], None]
"""Called with the amount of work that is done since the last call."""
AT_ONCE = 50_000
"""Maximum number of cases, times vectors of coefficients, that are solved together."""
BAND = (0.025, 0.975)
"""The quantiles between which a band lies."""
BLOCK_NUMBERS = 4_000_000
"""Upper bound on the numbers of one array of a block."""
MAX_CASES_PER_BLOCK = 2_048
"""Larger blocks would leave cores idle."""
MOST_FOR_BANDS = 1_000
"""If more combinations of columns are distinct, bands rest on a sample of so many."""


@dataclass(frozen=True, eq=False)
class Population:
    """The distinct combinations of columns among the cases: (combinations,) for each input, and their shares."""

    columns: Mapping[str, Array]
    share: Array

    @cached_property
    def sample(self) -> Population:
        """At most `MOST_FOR_BANDS` of the combinations, drawn at random; itself if there are no more."""
        if len(self.share) <= MOST_FOR_BANDS:
            return self
        kept = np.sort(np.random.default_rng(0).choice(len(self.share), MOST_FOR_BANDS, replace=False))
        share = self.share[kept] / self.share[kept].sum()
        return Population({name: column[kept] for name, column in self.columns.items()}, share)

    def mean(self, column: str) -> float:
        """The mean of a column over the cases."""
        return float(self.share @ self.columns[column])

    def deviation(self, column: str) -> float:
        """The standard deviation of a column over the cases."""
        return float(np.sqrt(self.share @ (self.columns[column] - self.mean(column)) ** 2))

    def percentile(self, column: str, probability: float) -> float:
        """The smallest value of a column that at least this share of the cases does not exceed."""
        values, places = np.unique(self.columns[column], return_inverse=True)
        reached = np.cumsum(np.bincount(places, self.share))
        return float(values[min(int(np.searchsorted(reached, probability - 1e-12)), len(values) - 1)])


def population_of(columns: Mapping[str, Array], weight: Array) -> Population:
    """The distinct combinations of columns, (cases,) each, among cases that count `weight` times."""
    if not columns:
        return Population({}, np.ones(1))
    distinct, places = np.unique(np.array([*columns.values()]), axis=1, return_inverse=True)
    share = np.bincount(places.ravel(), weight) / weight.sum()
    return Population(dict(zip(columns, distinct, strict=True)), share)


def average_odds(
    game: Game,
    population: Population,
    coefficients: Mapping[str, Array],
    outcomes: tuple[CaseOutcome, ...],
    changed: Mapping[str, Array | float] | None = None,
) -> Array:
    """The probability of each outcome, averaged over the cases: (vectors, outcomes).

    Parameters
    ----------
    game
        The game that all cases share.
    population
        The columns of the cases.
    coefficients
        (vectors,) values of each coefficient: the average is taken with each vector.
    outcomes
        What may happen.
    changed
        Values of columns in place of their own, (combinations,) or one for all cases.
    """
    combinations = len(population.share)
    columns: dict[str, Array] = dict(population.columns)
    for name, value in (changed or {}).items():
        columns[name] = np.broadcast_to(np.asarray(value, dtype=np.float64), (combinations,))
    vectors = len(next(iter(coefficients.values())))
    together = max(1, AT_ONCE // combinations)
    parts = []
    for first in range(0, vectors, together):
        some = {name: values[first : first + together] for name, values in coefficients.items()}
        count = len(next(iter(some.values())))
        inputs = {name: np.tile(column, count) for name, column in columns.items()}
        inputs |= {name: np.repeat(values, combinations) for name, values in some.items()}
        odds = outcome_odds(game, inputs, outcomes).reshape(len(outcomes), count, combinations)
        parts.append((odds @ population.share).T)
    return np.concatenate(parts)


def drawn_odds(
    game: Game,
    population: Population,
    coefficients: Mapping[str, Array],
    outcomes: tuple[CaseOutcome, ...],
    changed: Callable[[Population], Mapping[str, Array | float]],
) -> Array:
    """The average probability of each outcome at the estimates, and then at draws: (1 + draws, outcomes).

    At the estimates it is that of all cases. What a draw of the coefficients adds to it is that of a sample, if there
    are many cases: it hardly depends on which cases they are. The rest is as in `average_odds`; `changed` gives the
    changed columns of a population.
    """
    few = population.sample
    if few is population or len(next(iter(coefficients.values()))) == 1:
        return average_odds(game, population, coefficients, outcomes, changed(population))
    estimates = {name: values[:1] for name, values in coefficients.items()}
    drawn = average_odds(game, few, coefficients, outcomes, changed(few))
    return np.asarray(average_odds(game, population, estimates, outcomes, changed(population)) + (drawn - drawn[0]))


def outcome_odds(game: Game, inputs: Mapping[str, Array], outcomes: tuple[CaseOutcome, ...]) -> Array:
    """The probability of each outcome in each case, (outcomes, cases); NaN if the crisis has no numbers there.

    `inputs`: (cases,) for each input that is not a constant.
    """
    cases = len(next(iter(inputs.values())))
    constants = {name: value[None] for name, value in medians(game.crisis).items()}
    odds = np.zeros((len(outcomes), cases))

    def solve(first: int) -> None:
        at = slice(first, min(first + size, cases))
        values = constants | {name: column[None, at] for name, column in inputs.items()}
        tables = differentiable_tables(game, values, at.stop - first, ())
        block = block_of(game, tables.tables)
        choice = settled_profile(block).choice
        for number, outcome in enumerate(outcomes):
            if outcome.open_edge is not None:
                odds[number, at] = condition_play(block, choice, outcome.open_edge).likelihood
        odds[:, at][:, tables.faulty] = np.nan

    size = int(np.clip(BLOCK_NUMBERS // (game.nodes + 1), 16, MAX_CASES_PER_BLOCK))
    with threads(None) as pool:
        list(pool.map(solve, range(0, cases, size)))
    return odds


def band(values: Array) -> Array:
    """The ends of the middle 95 % of some vectors' values, (vectors, ...): (2, ...); NaN if there are none.

    A vector for which the crisis has no numbers does not count.
    """
    usable = values[np.isfinite(values).all(axis=tuple(range(1, values.ndim)))]
    return np.quantile(usable, BAND, axis=0) if len(usable) else np.full((2, *values.shape[1:]), np.nan)
