"""Fits to earlier cases only, one time after another, and what each forecasts for the cases of its time.

The climb for each time begins at the estimates of the time before. At some times the fit is also made from its default
starts; the higher maximum counts, and the difference is reported.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from offramp.fitting.ascent import HIGHER, climb, objective_of
from offramp.fitting.cases import Cases
from offramp.fitting.estimation import estimates_of
from offramp.fitting.likelihood import Likelihood
from offramp.fitting.rolling_origin.exclusive_outcomes import UNKNOWN, ExclusiveOutcomes
from offramp.fitting.rolling_origin.simple_forecasts import logit_forecasts, past_rates
from offramp.game.game import Game

Array = NDArray[np.float64]
Int = NDArray[np.int64]
Flags = NDArray[np.bool_]

CHECKED = 5
"""The number of fits that are also made from the default starts; the first is one of them."""


@dataclass(frozen=True, eq=False)
class RollingFit:
    """A time, the fit to the cases before it, and its forecasts.

    `until`: the first time that it does not forecast. `past`: how often cases were seen before. `entry`: (forecasts,),
    positions of the forecast entries. `crisis`, `rates`, `logit`: (forecasts, outcomes), each model's forecasts; the
    last outcome is that none happens; `logit` is None if it could not be estimated. `gained`: by how much the default
    starts came to a higher maximum than the fit before; None if they were not tried.
    """

    time: float
    until: float
    past: float
    values: Array
    converged: bool
    gained: float | None
    entry: Int
    crisis: Array
    rates: Array
    logit: Array | None
    logit_converged: bool


def rolling_fits(
    game: Game,
    cases: Cases,
    outcomes: ExclusiveOutcomes,
    times: list[tuple[float, float]],
    with_logit: bool,
    *,
    seed: int = 1,
    progress: Callable[[int], None] = lambda done: None,
) -> tuple[RollingFit, ...]:
    """A fit and its forecasts for each of some times.

    `times`: for each fit the time before which cases are known, and the first time that it does not forecast; `seed`:
    of the random starts; `progress` is told after each fit that one more is done.
    """
    assert cases.time is not None
    columns = np.array([column[cases.entry_case] for column in cases.columns.values()])
    columns = columns.reshape(-1, len(cases.entry_case)).T
    checked = set(np.linspace(0, len(times) - 1, min(CHECKED, len(times))).round().astype(int).tolist())
    origins: list[RollingFit] = []
    for number, (time, until) in enumerate(times):
        past = cases.time < time
        asked = (cases.time >= time) & (cases.time < until) & (outcomes.of_entry != UNKNOWN)
        before = origins[-1].values if origins else None
        values, converged, gained = _fit(game, cases.only(past), before, number in checked, seed)
        known = np.flatnonzero(past & (outcomes.of_entry != UNKNOWN))
        entry = np.flatnonzero(asked)
        new = cases.only(asked)
        forecast = outcomes.odds(game, new, values)[new.entry_case]
        counted = np.repeat(known, cases.entry_weight[known].astype(int))
        count = len(outcomes.names) + 1
        rates = np.append(past_rates(outcomes.of_entry[counted], count - 1), 0.0)
        logit, logit_converged = (
            logit_forecasts(columns[counted], outcomes.of_entry[counted], columns[entry], count)
            if with_logit
            else (None, False)
        )
        origins.append(
            RollingFit(
                time=time,
                until=until,
                past=float(cases.entry_weight[past].sum()),
                values=values,
                converged=converged,
                gained=gained,
                entry=entry,
                crisis=forecast,
                rates=np.tile(rates, (len(entry), 1)),
                logit=logit,
                logit_converged=logit_converged,
            )
        )
        progress(1)
    return tuple(origins)


def _fit(game: Game, cases: Cases, before: Array | None, checked: bool, seed: int) -> tuple[Array, bool, float | None]:
    """The values of a fit, whether it converged, and what the default starts gained."""
    likelihood = Likelihood(game, cases)
    warm = None
    if before is not None:
        objective = objective_of(likelihood, None)
        warm = climb(objective, objective.coordinates.point(before))
        if warm.converged and not checked:
            return warm.values, True, None
    found = estimates_of(likelihood, seed=seed)
    if warm is None or not warm.converged:
        return found.values, found.converged, None
    gained = found.log_likelihood - warm.place.value
    if gained > HIGHER:
        return found.values, found.converged, gained
    return warm.values, True, gained
