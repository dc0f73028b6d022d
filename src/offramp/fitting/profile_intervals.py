"""Intervals of coefficients by the profile likelihood: the values that a likelihood-ratio test does not reject.

The profile of a coefficient is the highest log-likelihood with the coefficient held at each value (Venzon & Moolgavkar
1988, *Applied Statistics* 37). Unlike estimate ± 1.96 standard errors it does not need a quadratic log-likelihood, so
the two sides may differ, and a side may be open.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from offramp.common.errors import UsageError
from offramp.common.numerals import quantity
from offramp.common.texts import tr
from offramp.fitting.ascent import Objective
from offramp.fitting.coordinates import Coordinates, bounds_of, whitened
from offramp.fitting.estimation import Estimates

Array = NDArray[np.float64]
Climbed = Callable[[Array], tuple[float, Array]]

ROOT = 1.959963984540054
"""The square root of the 95 % quantile of χ² with one degree of freedom."""
FARTHEST = 64.0
"""A side is open if the profile has not fallen enough so many standard errors away."""
CLOSE = 1e-4
"""How exactly the root of the likelihood ratio is met."""
BETTER = 1e-6
"""A profile that is higher than the maximum by more than this shows that it was none."""


@dataclass(frozen=True)
class ProfileInterval:
    """The 95 % interval of a coefficient by its profile likelihood; a side that is open is infinite.

    `better`: how much higher than at the estimates the log-likelihood was found on the way; 0 if nowhere.
    """

    name: str
    value: float
    low: float
    high: float
    better: float = 0.0

    def __str__(self) -> str:
        low, high = (quantity(end) if math.isfinite(end) else tr("open") for end in (self.low, self.high))
        interval = tr(
            "{coefficient}: {value}, 95% interval {low} to {high} by profile likelihood",
            coefficient=self.name, value=quantity(self.value), low=low, high=high,
        )  # fmt: skip
        if not self.better:
            return interval
        return tr("{interval}; a higher maximum was met (by {more})", interval=interval, more=quantity(self.better))


class _Profile:
    """The profile of one coordinate: it moves, the others are climbed in coordinates in which they curve alike."""

    def __init__(self, objective: Climbed, best: Array, hessian: Array, place: int) -> None:
        self.objective, self.best, self.place = objective, best, place
        self.others = np.flatnonzero(np.arange(len(best)) != place)
        self.top = objective(best)[0]
        curvature = -hessian[np.ix_(self.others, self.others)]
        self.axes = whitened(curvature)
        along = self.axes @ (self.axes.T @ hessian[self.others, place])
        self.slope = along
        spread = -hessian[place, place] - hessian[place, self.others] @ along
        self.error = 1.0 / math.sqrt(spread) if spread > 0.0 else 1.0
        self.known: dict[float, Array] = {float(best[place]): best[self.others]}
        self.better = 0.0

    def root(self, at: float) -> float:
        """The square root of twice the fall of the log-likelihood from its maximum, with the coordinate held."""
        from scipy.optimize import minimize

        nearest = min(self.known, key=lambda other: abs(other - at))
        start = self.known[nearest] + self.slope * (at - nearest)

        def negative(step: Array) -> tuple[float, Array]:
            point = np.empty(len(self.best))
            point[self.place], point[self.others] = at, start + self.axes @ step
            value, gradient = self.objective(point)
            return -value, -(self.axes.T @ gradient[self.others])

        if len(self.others):
            found = minimize(negative, np.zeros(len(self.others)), jac=True, method="BFGS", options={"gtol": 1e-5})
            self.known[at] = start + self.axes @ found.x
            height = -float(found.fun)
        else:
            height = -negative(np.zeros(0))[0]
        self.better = max(self.better, height - self.top)
        return math.sqrt(max(0.0, 2.0 * (self.top - height)))

    def end(self, side: int) -> float:
        """The coordinate at which the root is `ROOT` on a side, infinite if it is nowhere."""
        from scipy.optimize import brentq

        start, width = float(self.best[self.place]), ROOT * self.error
        inner, outer = 0.0, width
        while (root := self.root(start + side * outer)) < ROOT:
            inner, outer = outer, outer * min(2.0, max(1.1, 1.05 * ROOT / max(root, 0.1)))
            if outer > FARTHEST * self.error:
                return side * math.inf
        found = brentq(
            lambda distance: self.root(start + side * distance) - ROOT if distance else -ROOT,
            inner, outer, xtol=CLOSE * self.error, rtol=1e-12,
        )  # fmt: skip
        return start + side * float(found)


def profile_ends(
    objective: Climbed, best: Array, hessian: Array, place: int, bound: Literal[-1, 0, 1] = 0
) -> tuple[float, float, float]:
    """The lower and upper end of a coordinate's interval, and how much higher a maximum was met on the way.

    Parameters
    ----------
    objective
        The log-likelihood at coordinates without bounds, and its gradient.
    best
        The coordinates of the maximum.
    hessian
        The second derivatives there.
    place
        The coordinate's position.
    bound
        The side on which the coordinate is at a bound, where the interval ends; 0 if on neither.
    """
    profile = _Profile(objective, best, hessian, place)
    low, high = (float(best[place]) if side == bound else profile.end(side) for side in (-1, 1))
    return low, high, profile.better if profile.better > BETTER else 0.0


def profile_interval(estimates: Estimates, place: int) -> ProfileInterval:
    """The interval of a coefficient, in coordinates without bounds.

    A coefficient at a bound of its prior has an interval that begins there. It is too wide rather than too narrow: at a
    bound, the likelihood ratio is 0 as often as it is χ² (Self & Liang 1987, *Journal of the American Statistical
    Association* 82).

    Raises
    ------
    UsageError
        If the likelihood does not curve along the coefficient, as where the cases do not identify it.
    """
    likelihood, values = estimates.likelihood, estimates.values
    name = likelihood.parameters[place]
    low, high = bounds_of(likelihood.game.crisis, likelihood.parameters)
    bound: Literal[-1, 0, 1] = 0
    if name in estimates.identification.at_bound:
        bound = -1 if values[place] - low[place] < high[place] - values[place] else 1
        # without this bound the coordinate can leave it; the bound itself is the end on its side
        (low if bound < 0 else high)[place] = bound * math.inf
    coordinates = Coordinates(low, high, np.eye(len(values)))
    point = coordinates.point(values)
    objective = Objective(likelihood, estimates.penalty, coordinates)
    slopes = coordinates.slopes(point)[0]
    # second derivatives at a bound would be differences across it
    hessian = -objective.at(point).product if bound else slopes[:, None] * estimates.hessian * slopes
    if not hessian[place, place] < 0.0:
        raise UsageError(f"the likelihood does not curve along '{name}', so it has no profile interval")

    def climbed(free: Array) -> tuple[float, Array]:
        here = objective.at(free)
        return here.value, here.gradient

    ends = profile_ends(climbed, point, hessian, place, bound)
    at = [_value(coordinates, point, place, end) for end in ends[:2]]
    return ProfileInterval(name, float(values[place]), at[0], at[1], ends[2])


def _value(coordinates: Coordinates, point: Array, place: int, end: float) -> float:
    """The value of one coefficient at its coordinate; the bound if the coordinate is infinite."""
    if math.isinf(end):
        return float((coordinates.low if end < 0.0 else coordinates.high)[place])
    moved = point.copy()
    moved[place] = end
    return float(coordinates.values(moved)[place])
