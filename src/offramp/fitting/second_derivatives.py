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
ONE_SIDED = 1e-2
"""The step of a one-sided difference, in units of half the distance of a central one."""


def hessian_of(likelihood: Likelihood, values: Array, score: Array | None = None) -> Array:
    """Second derivatives by the coefficients, (parameters, parameters).

    With the scores at the values, (cases, parameters), differences are one-sided: half the work, and seven digits less.
    A linear sum takes one difference for all of its coefficients: in each case it depends on them through one number,
    so its columns give the rest.
    """
    weight, size = likelihood.cases.weight, len(values)
    half = STEP if structure_of(likelihood.game).perfect_information else COARSE_STEP
    result = np.zeros((size, size))

    def change(along: Array, moved: str | None, step: float) -> Array:
        """The derivative of all scores along some values, or by a sum."""

        def scores(by: float) -> Array:
            return likelihood.at(values + by * along, {} if moved is None else {moved: by}).score

        if score is None:
            return np.asarray((scores(step) - scores(-step)) / (2.0 * step))
        return np.asarray((scores(ONE_SIDED * step) - score) / (ONE_SIDED * step))

    rest, by_themselves = set(range(size)), set(likelihood.named.values())
    for name, (places, columns) in likelihood.sums.items():
        if len(places) > 1 and not by_themselves.intersection(places.tolist()):
            result[places] = np.einsum("c,ck,cp->kp", weight, columns, change(np.zeros(size), name, half))
            rest -= set(places.tolist())
    for place in sorted(rest):
        step = half * max(1.0, abs(float(values[place])))
        result[place] = np.einsum("c,cp->p", weight, change(np.eye(size)[place], None, step))
    return 0.5 * (result + result.T)


def penalty_hessian(penalty: Penalty, values: Array) -> Array:
    """Second derivatives of a penalty by the coefficients, (parameters, parameters)."""
    rows = []
    for place, value in enumerate(values):
        along = STEP * max(1.0, abs(float(value))) * (np.arange(len(values)) == place)
        rows.append((penalty.at(values + along)[1] - penalty.at(values - along)[1]) / (2.0 * along[place]))
    return np.asarray(0.5 * (np.array(rows) + np.array(rows).T))
