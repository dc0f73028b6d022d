"""Climbing a log-likelihood to a local maximum: a trust region, then Newton's steps.

Far from a maximum, the outer product of the cases' scores stands for the second derivatives, as it comes with every
evaluation (Berndt, Hall, Hall & Hausman 1974); near one, and where that product misleads, they are differences of the
exact gradient. The trust region is that of Moré & Sorensen (1983), as SciPy has it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from offramp.fitting.coordinates import Coordinates, coordinates_of, scaled_axes
from offramp.fitting.likelihood import Likelihood
from offramp.fitting.priors import Penalty
from offramp.fitting.second_derivatives import hessian_of, penalty_hessian

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]

NEAR = 1.0
"""The outer product of scores is used while it predicts a gain of more than this."""
ROUGH_STEPS = 10
"""It is used for at most this many steps."""
STEPS = 150
"""A climb that has not ended after so many steps has not converged."""
SAME = 0.5
"""A climb no lower than this below a known maximum, in its bowl, has reached it."""
ROUNDING = 1e-13
"""Rounding errors of a log-likelihood, as a part of it."""
ENOUGH = 1e-4
"""A climb ends, and Newton's steps begin, at a place whose curvature predicts a gain of less."""
FINE = 1e-22
"""Newton's steps end at a predicted gain of less."""
SLOPE = 1e-9
"""At a maximum, the largest entry of the gradient by the point's coordinates, per case, is smaller."""
LEVEL, LEVEL_SLOPE = 1e-13, 1e-9
"""A parabola is level in a direction if its scaled curvature, and its slope there, are not above these."""
EQUAL = 1e-3
"""Two maxima of the same height are one if the curvature says that it is no lower than this between them."""
NEWTON_STEPS = 12
LEAST_UNIT = 1e-8
"""A unit is at least this part of a value, so that a small part of it is more than a rounding error."""
HIGHER = 1e-6
"""A place is higher than another by more than this."""


@dataclass(frozen=True, eq=False)
class ClimbPoint:
    """The objective at a point: its value, gradient and the outer product of scores, by the point's coordinates.

    `score`: (cases, parameters), of the likelihood by the coefficients.
    """

    point: Array
    value: float
    gradient: Array
    product: Array
    score: Array


@dataclass(frozen=True, eq=False)
class Objective:
    """The log-likelihood of recorded cases, plus a penalty, in the coordinates of `fitting.coordinates`.

    `held`: (parameters,), the coordinates that stay where they are, or None. `ridge`: the objective is less by half of
    this times the square of the point.
    """

    likelihood: Likelihood
    penalty: Penalty | None
    coordinates: Coordinates
    held: Flags | None = None
    ridge: float = 0.0

    def at(self, point: Array) -> ClimbPoint:
        """Evaluate; the value is minus infinity if the numbers of the crisis cannot be computed there."""
        values = self.coordinates.values(point)
        first = self.coordinates.slopes(point)[0]
        to_point = first[:, None] * self.coordinates.mixing
        nowhere = ClimbPoint(point, -np.inf, np.zeros(len(point)), np.eye(len(point)), np.empty(0))
        if not np.isfinite(values).all():
            return nowhere
        found = self.likelihood.at(values)
        weight, score = self.likelihood.cases.weight, found.score
        # sums that no library splits among threads: results do not depend on the number of cores
        value = float(np.einsum("c,c->", weight, found.log_probability))
        gradient = np.einsum("c,cp->p", weight, score)
        product = np.einsum("c,cp,cq->pq", weight, score, score)
        if self.penalty is not None:
            amount, slope = self.penalty.at(values)
            value, gradient = value + amount, gradient + slope
            product = product - penalty_hessian(self.penalty, values)
        if not (np.isfinite(value) and np.isfinite(gradient).all() and np.isfinite(product).all()):
            return nowhere
        slope, square = to_point.T @ gradient - self.ridge * point, to_point.T @ product @ to_point
        value -= 0.5 * self.ridge * float(np.sum(point**2))
        return ClimbPoint(point, value, self._free(slope), self._free(square + self.ridge * np.eye(len(point))), score)

    def by_values(self, place: ClimbPoint, exact: bool = True) -> Array:
        """Second derivatives by the coefficients, (parameters, parameters); `exact`: by central differences."""
        values = self.coordinates.values(place.point)
        result = hessian_of(self.likelihood, values, None if exact else place.score, self._units(place, values))
        return result if self.penalty is None else result + penalty_hessian(self.penalty, values)

    def _units(self, place: ClimbPoint, values: Array) -> Array:
        """What a small step by each coefficient is a part of: within its bounds, and within what changes the scores."""
        coordinates, weight = self.coordinates, self.likelihood.cases.weight
        bounded = np.isfinite(coordinates.low) | np.isfinite(coordinates.high)
        slopes = np.maximum(coordinates.slopes(place.point)[0], LEAST_UNIT * np.abs(values))
        reach = np.where(bounded, slopes, np.maximum(1.0, np.abs(values)))
        spread = np.sqrt(np.einsum("c,cp->p", weight / weight.sum(), place.score**2))
        return np.asarray(reach / np.maximum(1.0, spread * reach))

    def precision(self, place: ClimbPoint, by_values: Array) -> Array:
        """Minus the second derivatives by the point's coordinates, from those by the coefficients."""
        first, second = self.coordinates.slopes(place.point)
        mixing = self.coordinates.mixing
        result = self.ridge * np.eye(len(first)) - mixing.T @ (np.outer(first, first) * by_values) @ mixing
        if second.any():
            gradient = np.linalg.solve(mixing.T, place.gradient + self.ridge * place.point) / first
            result -= mixing.T @ ((gradient * second)[:, None] * mixing)
        return self._free(result)

    def _free(self, derivatives: Array) -> Array:
        """Derivatives without those by the coordinates that are held."""
        if self.held is None:
            return derivatives
        if derivatives.ndim == 1:
            return np.where(self.held, 0.0, derivatives)
        return np.where(self.held | self.held[:, None], np.eye(len(self.held)), derivatives)


def objective_of(likelihood: Likelihood, penalty: Penalty | None) -> Objective:
    """The objective with coordinates for the columns of all cases."""
    cases = likelihood.cases
    sums = likelihood.sums.values()
    return Objective(likelihood, penalty, coordinates_of(likelihood.game.crisis, cases.parameters, sums, cases.weight))


@dataclass(frozen=True, eq=False)
class Summit:
    """Where a climb ended.

    `hessian`, `precision`: (parameters, parameters), the second derivatives by the coefficients, and minus those by the
    point's coordinates; `converged`: whether it is a maximum. `growth`: (parameters,), how far the values moved in the
    second half of the steps.
    """

    place: ClimbPoint
    values: Array
    hessian: Array
    precision: Array
    largest_gradient: float
    converged: bool
    growth: Array
    steps: int

    def reached_from(self, place: ClimbPoint) -> bool:
        """Whether a place lies in the bowl of this maximum: near it, and as much lower as its curvature says."""
        away = place.point - self.place.point
        drop = 0.5 * float(away @ self.precision @ away)
        found = self.place.value - place.value
        return self.converged and drop <= SAME and abs(found - drop) <= 0.3 * drop + ROUNDING * abs(place.value)

    def is_same_as(self, other: Summit) -> bool:
        """Whether two maxima are as high, and the objective is level between them, as at a bound of a prior."""
        away = other.place.point - self.place.point
        level = min(abs(float(away @ one.precision @ away)) for one in (self, other))
        height = abs(self.place.value - other.place.value)
        return self.converged and other.converged and level < EQUAL and height < HIGHER


def climb(objective: Objective, start: Array, known: Sequence[Summit] = (), steps: int = STEPS) -> Summit:
    """Climb from a point to a maximum; a known one is returned as soon as the climb is in its bowl."""
    climber = ascend(objective, start, known, steps)
    if climber.reached is not None:
        return climber.reached
    return _summit(objective, climber) if np.isfinite(climber.last.value) else _nowhere(objective, climber.last)


def ascend(objective: Objective, start: Array, known: Sequence[Summit] = (), steps: int = STEPS) -> Climber:
    """Climb from a point to where curvature predicts almost no gain, by SciPy's trust region."""
    from scipy.optimize import OptimizeResult, minimize

    climber = Climber(objective, start, known)

    def after_step(intermediate_result: OptimizeResult) -> None:
        climber.arrive(intermediate_result.x)
        if climber.ended:
            raise StopIteration

    # SciPy ends early where rounding spoils its prediction of a step; a new trust region goes on from there
    before = -np.inf
    while np.isfinite(climber.last.value) and climber.last.value > before and not climber.ended:
        if not climber.last.gradient.any():
            break
        before = climber.last.value
        left = steps - len(climber.way) + 1
        if left < 1:
            break
        minimize(
            climber.value_and_gradient, climber.last.point, jac=True, hess=climber.precision, method="trust-exact",
            callback=after_step, options={"maxiter": left, "gtol": 0.0, "max_trust_radius": 100.0},
        )  # fmt: skip
    return climber


class Climber:
    """The objective as SciPy minimises it: upside down, with its curvature; and the way that a climb has come."""

    def __init__(self, objective: Objective, start: Array, known: Sequence[Summit]) -> None:
        self.objective, self.known = objective, known
        self.last = objective.at(start)
        self.way = [self.last]
        self.tried = self.last
        self.curvature: Array | None = None
        self.rough = True
        self.reached: Summit | None = None
        self.ended = False

    def value_and_gradient(self, point: Array) -> tuple[float, Array]:
        place = self._place(point)
        return -place.value, -place.gradient

    def precision(self, point: Array) -> Array:
        """Minus the second derivatives, or the outer product of scores; the last ones at a point that is rejected."""
        place = self._place(point)
        if self.curvature is not None and place.value <= self.last.value:
            return self.curvature
        self.rough = self.rough and len(self.way) <= ROUGH_STEPS and gain(place.product, place.gradient) > NEAR
        if self.rough:
            self.curvature = place.product
        else:
            self.curvature = self.objective.precision(place, self.objective.by_values(place, exact=False))
        self.last = place
        return self.curvature

    def arrive(self, point: Array) -> None:
        """Take a step, and see whether it leads into a known bowl, or to the top."""
        place = self.last = self._place(point)
        self.way.append(place)
        self.reached = next((summit for summit in self.known if summit.reached_from(place)), None)
        at_top = not self.rough and self.curvature is not None and gain(self.curvature, place.gradient) < ENOUGH
        self.ended = at_top or self.reached is not None

    def _place(self, point: Array) -> ClimbPoint:
        for place in (self.tried, self.last):
            if np.array_equal(place.point, point):
                return place
        self.tried = self.objective.at(point)
        return self.tried


def gain(precision: Array, gradient: Array) -> float:
    """How far a parabola rises from a point with this gradient; infinite if it has no maximum."""
    step = newton_step(precision, gradient)
    return np.inf if step is None else 0.5 * float(gradient @ step)


def newton_step(precision: Array, gradient: Array) -> Array | None:
    """The step to the top of a parabola, none along directions in which it is level; None if it has no maximum."""
    if not np.isfinite(precision).all():
        return None
    eigenvalues, axes = scaled_axes(precision, np.ones(len(precision), dtype=bool))
    slope, curved = axes.T @ gradient, eigenvalues > LEVEL
    if (eigenvalues < -LEVEL).any() or (np.abs(slope[~curved]) > LEVEL_SLOPE).any():
        return None
    return np.asarray(axes[:, curved] @ (slope[curved] / eigenvalues[curved]))


def _nowhere(objective: Objective, place: ClimbPoint) -> Summit:
    """The end of a climb that could not begin."""
    unknown = np.full((len(place.point), len(place.point)), np.nan)
    values = objective.coordinates.values(place.point)
    return Summit(place, values, unknown, unknown, np.inf, False, np.zeros(len(values)), 0)


def _summit(objective: Objective, climber: Climber) -> Summit:
    """Newton's steps from the end of a climb, and the second derivatives there."""
    place, precision = climber.last, climber.curvature
    fresh = False
    if climber.rough or precision is None:
        precision, fresh = objective.precision(place, objective.by_values(place, exact=False)), True
    for _ in range(NEWTON_STEPS):
        before = gain(precision, place.gradient)
        if before < FINE:
            break
        after, step = np.inf, newton_step(precision, place.gradient)
        if step is not None:
            better = objective.at(place.point + step)
            after = gain(precision, better.gradient) if np.isfinite(better.value) else np.inf
        if after < before:
            place, fresh = better, False
        elif fresh:
            break
        # far enough from rounding errors, a step with old second derivatives costs less than new ones
        if after > 0.01 * before:
            precision, fresh = objective.precision(place, objective.by_values(place, exact=False)), True
    coordinates, hessian = objective.coordinates, objective.by_values(place)
    precision = objective.precision(place, hessian)
    values = coordinates.values(place.point)
    largest = float(np.abs(place.gradient).max(initial=0.0)) / float(objective.likelihood.cases.weight.sum())
    return Summit(
        place=place,
        values=values,
        hessian=hessian,
        precision=precision,
        largest_gradient=largest,
        converged=largest <= SLOPE and bool(np.isfinite(gain(precision, place.gradient))),
        growth=values - coordinates.values(climber.way[len(climber.way) // 2].point),
        steps=len(climber.way) - 1,
    )
