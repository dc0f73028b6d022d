"""The estimates of resampled cases, climbed to from those of all cases."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from offramp.fitting.ascent import climb, objective_of
from offramp.fitting.cases import Cases
from offramp.fitting.coordinates import whitened
from offramp.fitting.estimation import Estimates

Array = NDArray[np.float64]

SLOPE = 1e-6
"""The largest gradient at a maximum, in units of the spread of the estimates."""


def refit_of(estimates: Estimates) -> Callable[[Cases], Array | None]:
    """A function that estimates the coefficients of resampled cases, (parameters,); None if it reaches no maximum.

    The curvature at the estimates of all cases is taken for a start, so that a climb is a few evaluations; if that does
    not lead to a maximum, the climb is as careful as that of the estimates was.
    """
    base = objective_of(estimates.likelihood, estimates.penalty)
    start = base.coordinates.point(estimates.values)
    to_point = base.coordinates.slopes(start)[0][:, None] * base.coordinates.mixing
    axes = whitened(-to_point.T @ estimates.hessian @ to_point)

    def refit(cases: Cases) -> Array | None:
        from scipy.optimize import minimize

        objective = replace(base, likelihood=replace(estimates.likelihood, cases=cases))

        def negative(step: Array) -> tuple[float, Array]:
            here = objective.at(start + axes @ step)
            return -here.value, -(axes.T @ here.gradient)

        found = minimize(negative, np.zeros(len(start)), jac=True, method="BFGS", options={"gtol": SLOPE})
        if found.success:
            return objective.coordinates.values(start + axes @ found.x)
        summit = climb(objective, start)
        return summit.values if summit.converged else None

    return refit
