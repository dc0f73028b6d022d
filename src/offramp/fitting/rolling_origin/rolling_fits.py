"""Fits to earlier cases only, one time after another, and what each forecasts for the cases of its time.

The climb for each time begins at the last maximum of a time before. At some times the fit is also made from its default
starts; the higher maximum counts, and the difference is reported. A fit whose coefficients grow without end, as with
separated cases, is given up after one climb: others would run away too.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from offramp.fitting.ascent import HIGHER, Objective, Summit, climb, objective_of
from offramp.fitting.cases import Cases
from offramp.fitting.estimation import estimates_of
from offramp.fitting.identification import Identification, identification_of
from offramp.fitting.likelihood import Likelihood
from offramp.fitting.priors import PenaltyKind, penalty_of
from offramp.fitting.rolling_origin.exclusive_outcomes import UNKNOWN, ExclusiveOutcomes
from offramp.fitting.rolling_origin.simple_forecasts import logit_forecasts, past_rates
from offramp.fitting.starts import plain_point, stage_by_stage
from offramp.game.game import Game

Ending = Literal["maximum", "endless", "flat", "stopped"]
"""How a fit ended: at one finite maximum; with coefficients that grow without end; with some that the cases say nothing
of; or short of a maximum."""
Array = NDArray[np.float64]
Int = NDArray[np.int64]
Flags = NDArray[np.bool_]

CHECKED = 5
"""The number of fits that are also made from the default starts; the first is one of them."""
PATIENCE = 60
"""The steps of a climb after which a fit whose coefficients still grow is given up."""


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
    ending: Ending
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
    penalty: PenaltyKind | None = None,
    seed: int = 1,
    progress: Callable[[int], None] = lambda done: None,
) -> tuple[RollingFit, ...]:
    """A fit and its forecasts for each of some times.

    `times`: for each fit the time before which cases are known, and the first time that it does not forecast; `seed`:
    of the random starts; `progress` is told after each fit that one more is done; `penalty`: what each fit
    adds to the log-likelihood.
    """
    assert cases.time is not None
    columns = np.array([column[cases.entry_case] for column in cases.columns.values()])
    columns = columns.reshape(-1, len(cases.entry_case)).T
    checked = set(np.linspace(0, len(times) - 1, min(CHECKED, len(times))).round().astype(int).tolist())
    origins: list[RollingFit] = []
    for number, (time, until) in enumerate(times):
        past = cases.time < time
        asked = (cases.time >= time) & (cases.time < until) & (outcomes.of_entry != UNKNOWN)
        before = next((origin.values for origin in reversed(origins) if origin.ending == "maximum"), None)
        values, ending, gained = _fit(_objective(game, cases.only(past), penalty), before, number in checked, seed)
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
                ending=ending,
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


def _objective(game: Game, cases: Cases, penalty: PenaltyKind | None) -> Objective:
    added = None if penalty is None else penalty_of(penalty, game.crisis, cases)
    return objective_of(Likelihood(game, cases), added)


def _fit(objective: Objective, before: Array | None, checked: bool, seed: int) -> tuple[Array, Ending, float | None]:
    """The values of a fit, how it ended, and what the default starts gained."""
    begins = (
        stage_by_stage(objective, plain_point(objective)) if before is None else objective.coordinates.point(before)
    )
    first = climb(objective, begins, steps=PATIENCE)
    ending = _ending_of(objective, first)
    if ending == "endless" or (ending == "maximum" and before is not None and not checked):
        return first.values, ending, None
    found = estimates_of(objective.likelihood, penalty=objective.penalty, seed=seed)
    ending_there = _ending(found.converged, found.identification)
    if before is None or not first.converged:
        return found.values, ending_there, None
    gained = found.optima[0].log_likelihood - first.place.value
    if gained > HIGHER:
        return found.values, ending_there, gained
    return first.values, ending, gained


def _ending_of(objective: Objective, summit: Summit) -> Ending:
    if not np.isfinite(summit.place.value):
        return "stopped"
    return _ending(summit.converged, identification_of(objective, summit, summit))


def _ending(converged: bool, found: Identification) -> Ending:
    if found.growing:
        return "endless"
    if not converged:
        return "stopped"
    return "flat" if found.flat else "maximum"
