"""Second derivatives of the log-likelihood of recorded cases, by differences of its exact first derivatives."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from offramp.equilibrium.structure import structure_of
from offramp.fitting.likelihood import Likelihood
from offramp.fitting.priors import Penalty

Array = NDArray[np.float64]

STEP, COARSE_STEP = 1e-5, 1e-4
"""Half the distance of two gradients; the coarse one, if equilibria are found by iteration."""
AT_ONCE = 4_000_000
"""The number of scores that are held at once."""
ONE_SIDED = 1e-2
"""The step of a one-sided difference, in units of half the distance of a central one."""


def hessian_of(likelihood: Likelihood, values: Array, score: Array | None = None, units: Array | None = None) -> Array:
    """Second derivatives by the coefficients, (parameters, parameters).

    With the scores at the values, (cases, parameters), differences are one-sided: half the work, and seven digits less.
    `units`: (parameters,), the steps are a small part of them; by default the values, and at least 1.

    A linear sum takes one difference for all of its coefficients: in each case it depends on them through one number,
    so its columns give the rest.
    """
    weight, size = likelihood.cases.weight, len(values)
    half = STEP if structure_of(likelihood.game).perfect_information else COARSE_STEP
    by_themselves = set(likelihood.named.values())
    summed = {
        name: places
        for name, (places, _) in likelihood.sums.items()
        if len(places) > 1 and not by_themselves.intersection(places.tolist())
    }
    alone = sorted(set(range(size)) - {place for places in summed.values() for place in places.tolist()})
    units = np.maximum(1.0, np.abs(values)) if units is None else units
    steps = half * np.array([*[1.0 for _ in summed], *units[alone]])
    result = np.zeros((size, size))
    ahead = max(1, AT_ONCE // max(1, len(weight) * size))
    for first in range(0, len(steps), ahead):
        some = range(first, min(first + ahead, len(steps)))
        changes = _changes(likelihood, values, list(summed), alone, some, steps, score)
        for number, change in zip(some, changes, strict=True):
            if number < len(summed):
                places, columns = likelihood.sums[list(summed)[number]]
                result[places] = np.einsum("c,ck,cp->kp", weight, columns, change)
            else:
                result[alone[number - len(summed)]] = np.einsum("c,cp->p", weight, change)
    return 0.5 * (result + result.T)


def _changes(
    likelihood: Likelihood, values: Array, sums: list[str], alone: list[int], some: range, steps: Array,
    score: Array | None,
) -> Array:  # fmt: skip
    """The derivatives of all scores by some of the numbers: sums, then coefficients alone; (numbers, cases, ...)."""
    sides = (1.0, -1.0) if score is None else (ONE_SIDED,)
    points = np.tile(values, (len(sides) * len(some), 1))
    moved = {name: np.zeros(len(points)) for name in sums}
    for row, (side, number) in enumerate((side, number) for side in sides for number in some):
        if number < len(sums):
            moved[sums[number]][row] = side * steps[number]
        else:
            points[row, alone[number - len(sums)]] += side * steps[number]
    found = likelihood.scores(points, moved)
    step = steps[some.start : some.stop, None, None]
    if score is None:
        return np.asarray((found[: len(some)] - found[len(some) :]) / (2.0 * step))
    return np.asarray((found - score) / (ONE_SIDED * step))


def penalty_hessian(penalty: Penalty, values: Array) -> Array:
    """Second derivatives of a penalty by the coefficients, (parameters, parameters)."""
    rows = []
    for place, value in enumerate(values):
        along = STEP * max(1.0, abs(float(value))) * (np.arange(len(values)) == place)
        rows.append((penalty.at(values + along)[1] - penalty.at(values - along)[1]) / (2.0 * along[place]))
    return np.asarray(0.5 * (np.array(rows) + np.array(rows).T))
