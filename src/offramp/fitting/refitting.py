"""The estimates of resampled cases, climbed to from those of all cases."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from offramp.fitting.ascent import climb, objective_of
from offramp.fitting.bootstrap import NoMaximum
from offramp.fitting.cases import Cases
from offramp.fitting.coordinates import whitened
from offramp.fitting.estimation import Estimates
from offramp.fitting.identification import identification_of

Array = NDArray[np.float64]

SLOPE = 1e-6
"""The largest gradient at a maximum, in units of the spread of the estimates."""
CURVED = 1e-3
"""A place so level is a maximum if the scores vary by more than this in every direction, in these units."""
VANISHED = 1e-6
"""There is no finite maximum if the scores vary by less than this in some direction: they vanish with the gradient."""


def refit_of(estimates: Estimates) -> Callable[[Cases], Array | NoMaximum]:
    """A function that estimates the coefficients of resampled cases, (parameters,), or says why there are none.

    The curvature at the estimates of all cases is taken for a start, so that a climb is a few evaluations; if that does
    not lead to a maximum that is surely finite, the climb is as careful as that of the estimates was.
    """
    base = objective_of(estimates.likelihood, estimates.penalty)
    start = base.coordinates.point(estimates.values)
    to_point = base.coordinates.slopes(start)[0][:, None] * base.coordinates.mixing
    precision = -to_point.T @ estimates.hessian @ to_point
    axes = whitened(precision)

    def refit(cases: Cases) -> Array | NoMaximum:
        from scipy.optimize import minimize

        objective = replace(base, likelihood=replace(estimates.likelihood, cases=cases))

        def negative(step: Array) -> tuple[float, Array]:
            here = objective.at(start + axes @ step)
            return -here.value, -(axes.T @ here.gradient)

        found = minimize(negative, np.zeros(len(start)), jac=True, method="BFGS", options={"gtol": SLOPE})
        if found.success:
            place = objective.at(start + axes @ found.x)
            if _least(place.product, axes) > CURVED:
                return objective.coordinates.values(place.point)
        summit = climb(objective, start)
        known = identification_of(objective, summit, summit)
        free = ~np.isin(cases.parameters, known.at_bound)
        product = summit.place.product[free][:, free]
        if not known.identified or _least(product, whitened(precision[free][:, free])) < VANISHED:
            return NoMaximum.NONE_FINITE
        return summit.values if summit.converged else NoMaximum.NOT_REACHED

    return refit


def _least(product: Array, axes: Array) -> float:
    """The least eigenvalue of an outer product of scores in the units of some axes; infinite without coordinates."""
    return float(np.linalg.eigvalsh(axes.T @ product @ axes).min(initial=np.inf))
