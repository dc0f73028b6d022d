"""Which coefficients the recorded cases identify: flat directions, values that keep growing, values at a bound."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from offramp.common.texts import tr
from offramp.equilibrium.structure import structure_of
from offramp.fitting.ascent import LEVEL, Objective, Summit
from offramp.fitting.cases import Cases
from offramp.fitting.coordinates import scaled_axes
from offramp.fitting.likelihood import Likelihood

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]

FLAT, ITERATED_FLAT = 1e-8, 1e-6
"""A direction is flat if minus its scaled second derivative is not above this; the second, for iterated equilibria."""
LOOSE = 1e-4
"""A direction is weakly identified if it is not above this."""
SHARE = 1e-2
"""A coefficient belongs to a direction if its part of it is at least this much of the largest."""
LITTLE = 1e-3
"""The same for what grows without end."""
GROWS = 0.01
"""A coefficient grows if it moved by this part of itself in the second half of the climb."""
AT_BOUND = 1e-6
"""A coefficient is at a bound if it is this near, as a part of the distance of the bounds, or of the median to it."""
UNSURE = 100.0
"""A direction may be one of endless growth if its standard error is more than this times the estimate."""
OUTWARD = (1.0, 10.0)
"""The part that may grow is added to the estimates so many times."""
FALLS = 0.01
"""The log-likelihood does not fall in a direction if it falls by less than this."""
HALVINGS = 40
"""A move is halved at most so often to where the objective can be computed."""


@dataclass(frozen=True, eq=False)
class Identification:
    """What the second derivatives at the estimates, and the way there, say of the coefficients.

    `flat`: combinations of coefficients that the cases say nothing of; each maps coefficients to weights, the largest
    1. `weak`: the same for combinations of which they say very little. `growing`: coefficients in whose direction the
    log-likelihood never falls, or that still grew when the climb ended without a maximum. `at_bound`: coefficients at a
    bound of their prior. `separating`: what predicts a record without exception, in words.
    """

    flat: tuple[Mapping[str, float], ...]
    weak: tuple[Mapping[str, float], ...]
    growing: tuple[str, ...]
    at_bound: tuple[str, ...]
    separating: tuple[str, ...]

    @property
    def identified(self) -> bool:
        """Whether there is one finite maximum, at least nearby."""
        return not self.flat and not self.growing


def identification_of(objective: Objective, summit: Summit, highest: Summit) -> Identification:
    """The identification at a summit; `highest`: the highest end of a climb."""
    likelihood, coordinates = objective.likelihood, objective.coordinates
    parameters = likelihood.parameters
    low, high, values = coordinates.low, coordinates.high, summit.values
    bound = np.minimum(values - low, high - values) <= AT_BOUND * _room(objective)
    eigenvalues, axes = scaled_axes(summit.precision, ~bound)
    part, endless = _endless(objective, summit, ~bound)
    to_values = (coordinates.slopes(summit.place.point)[0][:, None] * coordinates.mixing)[~bound][:, ~bound]
    limit = FLAT if structure_of(likelihood.game).perfect_information else ITERATED_FLAT
    inside = [name for name, at in zip(parameters, bound, strict=True) if not at]
    spread = _spreads(likelihood)[~bound]

    def combinations(chosen: Flags) -> tuple[Mapping[str, float], ...]:
        return tuple(combination(inside, to_values @ axis, spread) for axis in axes.T[chosen])

    # on the way to a maximum a direction can also curve upward
    flat = combinations(((eigenvalues if summit.converged else np.abs(eigenvalues)) <= limit) & ~endless)
    units = _spreads(likelihood)
    grew = np.abs(highest.growth) * units > GROWS * np.maximum(1.0, np.abs(highest.values) * units)
    still = () if highest.converged else _named(parameters, grew)
    unlimited = set(combination(inside, to_values @ part[~bound], spread, LITTLE)) if endless.any() else set()
    growing = tuple(name for name in parameters if name in unlimited or name in still)
    return Identification(
        flat=flat,
        weak=combinations((eigenvalues > limit) & (eigenvalues <= LOOSE) & ~endless) if summit.converged else (),
        growing=growing,
        at_bound=_named(parameters, bound),
        separating=tuple(separations(likelihood, set(growing))),
    )


def _room(objective: Objective) -> Array:
    """The distance of the bounds of each coefficient or, if it has one bound, of the prior's median from it."""
    likelihood, low, high = objective.likelihood, objective.coordinates.low, objective.coordinates.high
    priors = [likelihood.game.crisis.inputs[name].distribution for name in likelihood.parameters]
    median = np.array([float(prior.quantile(np.array(0.5))) for prior in priors])
    room = np.where(np.isfinite(high - low), high - low, np.minimum(median - low, high - median))
    return np.where(np.isfinite(room), room, 1.0)


def _endless(objective: Objective, summit: Summit, inside: Flags) -> tuple[Array, Flags]:
    """The part of the point that can grow without end, all zeros if there is none, and the scaled axes that span it.

    The objective does not fall the further that part goes, but falls if it is taken out. A direction in which the
    objective falls on neither side is flat, and no part of it.
    """
    eigenvalues, axes = scaled_axes(summit.precision, inside)
    free, point = np.flatnonzero(inside), summit.place.point
    curvature = np.sqrt(np.abs(np.diag(summit.precision)))[free]
    errors = 1.0 / np.sqrt(np.maximum(eigenvalues, LEVEL))
    chosen = np.zeros(len(eigenvalues), dtype=bool)
    nothing = np.zeros(len(point))
    for number, axis in enumerate(axes.T):
        move = nothing.copy()
        move[free] = axis * errors[number]
        place = int(np.argmax(np.abs(axis) * curvature))
        if abs(move[free[place]]) > UNSURE * abs(point[free[place]]):
            chosen[number] = max(_fall(objective, summit, move), _fall(objective, summit, -move)) > FALLS
    part = nothing.copy()
    if chosen.any():
        part[free] = axes[:, chosen] @ np.linalg.solve(axes, point[free])[chosen]
        falls = max(_fall(objective, summit, far * part) for far in OUTWARD) > FALLS
        if falls or _fall(objective, summit, -part) < FALLS:
            return nothing, np.zeros_like(chosen)
    return part, chosen


def _fall(objective: Objective, summit: Summit, move: Array) -> float:
    """How much the objective falls by a move, or the longest part of it by halving where it can be computed."""
    for halvings in range(HALVINGS):
        value = objective.at(summit.place.point + 0.5**halvings * move).value
        if np.isfinite(value):
            return summit.place.value - value
    return np.inf


def combination(names: Sequence[str], direction: Array, spread: Array, share: float = SHARE) -> Mapping[str, float]:
    """A direction by the coefficients that take part in it, so that the largest weight is 1.

    `spread`: what one unit of each coefficient changes, by which small parts are told from large ones.
    """
    part = np.abs(direction * spread)
    taking = part >= share * part.max(initial=0.0)
    largest = direction[np.abs(np.where(taking, direction, 0.0)).argmax()]
    return {
        name: float(weight / largest) for name, weight, takes in zip(names, direction, taking, strict=True) if takes
    }


def _spreads(likelihood: Likelihood) -> Array:
    """The root mean square of the column of each coefficient; 1 outside sums, and for a column of zeros."""
    spread = np.ones(len(likelihood.parameters))
    weight = likelihood.cases.weight
    for places, columns in likelihood.sums.values():
        spread[places] = np.sqrt(np.einsum("c,ck->k", weight / weight.sum(), columns**2))
    return np.where(spread > 0.0, spread, 1.0)


def _named(names: Sequence[str], chosen: Flags) -> tuple[str, ...]:
    return tuple(name for name, is_chosen in zip(names, chosen, strict=True) if is_chosen)


def separations(likelihood: Likelihood, coefficients: set[str]) -> list[str]:
    """What the columns of some coefficients predict without exception: a record that never occurs beyond a value.

    Only one side is looked at, of one column at a time: a combination of columns can separate cases, too.
    """
    crisis, cases = likelihood.game.crisis, likelihood.cases
    found: dict[str, None] = {}
    for entry in crisis.sums.values():
        for coefficient, column in zip(entry.coefficients, entry.columns, strict=True):
            if coefficient in coefficients and column is not None:
                found |= dict.fromkeys(_of_column(column, cases.columns[column], cases))
    return list(found)


def _of_column(name: str, column: Array, cases: Cases) -> list[str]:
    record, names = cases.record, cases.record_names
    values = np.unique(column)
    if len(values) == 2:
        told = []
        for value in values.tolist():
            here = column == value
            present = [number for number in range(len(names)) if (here & (record == number)).any()]
            total = float(cases.weight[here].sum())
            shown = {"column": name, "value": f"{value:g}", "cases": f"{total:,.0f}"}
            if total == 1.0:
                told.append(
                    tr("the only case with {column} {value} records {record}", record=names[present[0]], **shown)
                )
            elif len(present) == 1:
                told.append(
                    tr("all {cases} cases with {column} {value} record {record}", record=names[present[0]], **shown)
                )
            else:
                absent = [n for n in range(len(names)) if n not in present and (record == n).any()]
                told += [
                    tr(
                        "none of the {cases} cases with {column} {value} records {record}",
                        record=names[number],
                        **shown,
                    )
                    for number in absent
                ]
        return told
    for number, title in enumerate(names):
        inside, outside = column[record == number], column[record != number]
        if len(inside) and len(outside):
            if inside.min() > outside.max():
                shown = {"column": name, "value": f"{outside.max():g}", "record": title}
                return [tr("{column} is above {value} in exactly the cases that record {record}", **shown)]
            if inside.max() < outside.min():
                shown = {"column": name, "value": f"{outside.min():g}", "record": title}
                return [tr("{column} is below {value} in exactly the cases that record {record}", **shown)]
    return []
