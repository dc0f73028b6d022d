"""The posterior density in normal scores of the priors: its modes, and Laplace's approximation at each.

A score's prior is a standard normal (`fitting.normal_scores`), so a flat likelihood has the one mode at the medians.
The log-likelihood can have several maxima, and so can the posterior: the search starts from the medians, and from the
maxima of the likelihood that are already known or else from points of the prior.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from offramp.common.errors import UsageError
from offramp.fitting.priors import FilePrior

Array = NDArray[np.float64]

STARTS = 4
"""Points of the prior that the search starts from if no maxima of the likelihood are known."""
FARTHEST_START = 6.0
"""A start beyond so many scores of a prior's median is moved there: maxima of the likelihood can lie on a bound."""
SLOPE = 1e-6
"""The largest gradient at a mode, in units of the posterior's own spread."""
STEP = 1e-4
"""Half the distance of the two gradients that give a second derivative."""
SAME = 1e-2
"""Two searches ended at one mode if they are at most so many standard deviations apart."""
LEAST_PRECISION = 0.05
"""The least precision of a normal approximation in any direction, in units of the prior's."""
NEWTON_STEPS = 20


class LogLikelihood(Protocol):
    """What a posterior needs of `fitting.likelihood.Likelihood`."""

    def total(self, values: Array) -> tuple[float, Array]:
        """The log-likelihood at values of the coefficients, and its gradient, both (parameters,).

        Minus infinity if the cases are impossible there, or a number of the crisis cannot be computed.
        """
        ...

    def totals(self, points: Array) -> Array:
        """The log-likelihood at many values, (points, parameters): (points,)."""
        ...


@dataclass(frozen=True, eq=False)
class PosteriorDensity:
    """Likelihood times prior as a function of the normal scores, (parameters,)."""

    likelihood: LogLikelihood
    prior: FilePrior

    def at(self, scores: Array) -> tuple[float, Array]:
        """The logarithm of likelihood times prior density at scores, and its gradient: (parameters,).

        Minus infinity and zeros if the cases are impossible there.
        """
        values, slopes = self.prior.values(scores)
        log_likelihood, gradient = self.likelihood.total(values)
        result = log_likelihood + float(self.log_prior(scores))
        whole = gradient * slopes - self._precision @ scores
        if math.isfinite(result) and np.isfinite(whole).all():
            return result, whole
        return -math.inf, np.zeros(len(scores))

    def many(self, points: Array) -> Array:
        """The logarithm of likelihood times prior density at many scores, (points, parameters): (points,)."""
        result = self.likelihood.totals(self.prior.values(points)[0]) + self.log_prior(points)
        return np.where(np.isnan(result), -np.inf, result)

    def log_prior(self, scores: Array) -> Array:
        """The logarithm of the prior density of scores, (..., parameters): (...)."""
        return np.asarray(self._constant - 0.5 * ((scores @ self._precision) * scores).sum(axis=-1))

    def precision(self, scores: Array) -> Array:
        """Minus the second derivatives at scores, (parameters, parameters), by differences of the exact gradient."""
        rows = []
        for place in range(len(scores)):
            step = STEP * (np.arange(len(scores)) == place)
            rows.append((self.at(scores - step)[1] - self.at(scores + step)[1]) / (2.0 * STEP))
        return np.asarray(0.5 * (np.array(rows) + np.array(rows).T))

    @cached_property
    def _precision(self) -> Array:
        return np.asarray(np.linalg.inv(self.prior.correlation))

    @cached_property
    def _constant(self) -> float:
        count = len(self.prior.correlation)
        return -0.5 * (count * math.log(2.0 * math.pi) + float(np.linalg.slogdet(self.prior.correlation)[1]))


@dataclass(frozen=True, eq=False)
class PosteriorMode:
    """A local maximum of the posterior density of the scores, with Laplace's approximation.

    `scores`: (parameters,); `log_density`: of likelihood times prior; `covariance`: (parameters, parameters), the
    inverse of minus the second derivatives; `log_mass`: Laplace's approximation of the logarithm of the integral
    around it (Tierney & Kadane 1986); `starts`: how the searches that ended here began.
    """

    scores: Array
    log_density: float
    covariance: Array
    log_mass: float
    starts: tuple[str, ...]


def modes_of(density: PosteriorDensity, known: Sequence[Array] = (), seed: int = 1) -> tuple[PosteriorMode, ...]:
    """The distinct modes that the searches found, that with the largest mass first.

    The searches start from the medians of the priors, and from `known` values of the coefficients: the maxima of the
    likelihood. If none are known, they start from points of the priors, which the seed determines.

    Raises
    ------
    UsageError
        If the density is zero at every start, or no search ends at a mode.
    """
    starts = [(f"optimum {place}", _inside(density.prior.scores(np.asarray(at)))) for place, at in enumerate(known, 1)]
    starts += [] if starts else _points(density.prior, seed)
    starts.append(("medians", np.zeros(len(density.prior.parameters))))
    modes: list[PosteriorMode] = []
    possible = False
    for name, start in starts:
        possible = possible or math.isfinite(density.at(start)[0])
        found = _mode(density, start, name)
        if found is None:
            continue
        for place, mode in enumerate(modes):
            if _apart(mode, found) <= SAME:
                modes[place] = replace(mode, starts=(*mode.starts, name))
                break
        else:
            modes.append(found)
    if not possible:
        raise UsageError(
            "the recorded cases are impossible at the medians of the priors, and wherever else the search began: "
            "correct the priors (`is` of each coefficient), the timeline or the table"
        )
    if not modes:
        raise UsageError("no search for a mode of the posterior came to an end; narrow the priors")
    return tuple(sorted(modes, key=lambda mode: -mode.log_mass))


def shares_of(modes: Sequence[PosteriorMode]) -> Array:
    """The share of each mode in the mass of all, by Laplace's approximation: (modes,)."""
    masses = np.exp([mode.log_mass - modes[0].log_mass for mode in modes])
    return np.asarray(masses / masses.sum())


def _points(prior: FilePrior, seed: int) -> list[tuple[str, Array]]:
    """Points of the prior, each with its name."""
    from scipy.special import ndtri
    from scipy.stats import qmc

    points = qmc.Sobol(len(prior.parameters), scramble=True, rng=np.random.default_rng(seed)).random(STARTS)
    scores = ndtri(np.clip(points, 1e-6, 1.0 - 1e-6)) @ np.linalg.cholesky(prior.correlation).T
    return [(f"prior point {place}", at) for place, at in enumerate(scores, 1)]


def _inside(scores: Array) -> Array:
    return np.clip(np.nan_to_num(scores, nan=0.0, posinf=np.inf, neginf=-np.inf), -FARTHEST_START, FARTHEST_START)


def _mode(density: PosteriorDensity, start: Array, name: str) -> PosteriorMode | None:
    """The mode that a search from a start ends at; None if it ends at none."""
    from scipy.optimize import minimize

    def cost(scores: Array) -> tuple[float, Array]:
        value, gradient = density.at(scores)
        return -value, -gradient

    if not math.isfinite(cost(start)[0]):
        return None
    with np.errstate(all="ignore"):  # an impossible point has an infinite cost, which the line search steps back from
        at = np.asarray(minimize(cost, start, jac=True, method="BFGS", options={"gtol": 1e-5}).x)
    value, gradient = density.at(at)
    for _ in range(NEWTON_STEPS):
        covariance, log_determinant = _normal(density, at)
        if math.sqrt(max(float(gradient @ covariance @ gradient), 0.0)) <= SLOPE:
            log_mass = value + 0.5 * (len(at) * math.log(2.0 * math.pi) + log_determinant)
            return PosteriorMode(at, value, covariance, log_mass, (name,))
        step = covariance @ gradient
        for _ in range(30):  # halve a step that goes down
            nearer, slope = density.at(at + step)
            if nearer >= value:
                break
            step = 0.5 * step
        else:
            return None
        at, value, gradient = at + step, nearer, slope
    return None


def _normal(density: PosteriorDensity, at: Array) -> tuple[Array, float]:
    """The covariance of the normal approximation, and the logarithm of its determinant."""
    root = np.linalg.cholesky(density.prior.correlation)
    precisions, directions = np.linalg.eigh(root.T @ density.precision(at) @ root)  # the prior's are 1
    precisions = np.maximum(precisions, LEAST_PRECISION)
    spread = root @ directions
    covariance = (spread / precisions) @ spread.T
    return covariance, float(np.linalg.slogdet(density.prior.correlation)[1] - np.log(precisions).sum())


def _apart(one: PosteriorMode, other: PosteriorMode) -> float:
    """The distance of two modes in standard deviations of the first."""
    between = one.scores - other.scores
    return float(np.sqrt(between @ np.linalg.solve(one.covariance, between)))
