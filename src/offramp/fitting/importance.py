"""Importance sampling from normal and Student mixtures at the modes of a posterior, over scrambled Sobol points.

A proposal is a mixture: at each mode a multivariate Student distribution with the covariance of Laplace's
approximation. Weights are smoothed by the generalised Pareto distribution that fits their tail; its shape k says
whether they can be trusted (Vehtari, Simpson, Gelman, Yao & Gabry 2024).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from offramp.fitting.sampling_checks import smoothed
from offramp.runs.weighted import effective

Array = NDArray[np.float64]

LARGEST_K = 0.7
"""The largest Pareto k at which importance weights are trusted (Vehtari et al. 2024, section 3.2.4)."""
ENOUGH = 0.15
"""The share of effective draws from which on no better proposal is looked for."""
LEAST_EFFECTIVE = 0.1
"""The share of effective draws below which weights are not trusted."""
ROUNDS = 4
FREEDOM = 5.0
"""Degrees of freedom of the proposals. Of normal distributions and Student distributions with 3 to 20, on posteriors of
4 to 18 coefficients, this had a Pareto k under 0.7 in all and most effective draws where the others failed."""
LEAST_SHARE = 0.02
"""The smallest share of a component in a proposal."""
SEEDS_A_ROUND = 1000
"""Each component of each proposal has a seed of its own."""


@dataclass(frozen=True, eq=False)
class Component:
    """A multivariate Student distribution; normal if `freedom` is infinite.

    `centre`: (parameters,); `factor`: (parameters, parameters), lower triangular, of the scale matrix; `share`: in
    the mixture.
    """

    centre: Array
    factor: Array
    freedom: float
    share: float

    def points(self, count: int, seed: int) -> Array:
        """Scrambled Sobol points of it: (count, parameters)."""
        from scipy.special import gammaincinv, ndtri
        from scipy.stats import qmc

        size = len(self.centre)
        engine = qmc.Sobol(size + math.isfinite(self.freedom), scramble=True, rng=np.random.default_rng(seed))
        uniform = np.clip(engine.random_base2(math.ceil(math.log2(max(count, 2))))[:count], 2.0**-32, 1.0 - 2.0**-32)
        normal = ndtri(uniform[:, :size])
        if math.isfinite(self.freedom):
            normal /= np.sqrt(gammaincinv(0.5 * self.freedom, uniform[:, size]) / (0.5 * self.freedom))[:, None]
        return self.centre + normal @ self.factor.T

    def log_density(self, points: Array) -> Array:
        """The logarithm of its density at points, (points, parameters): (points,)."""
        from scipy.linalg import solve_triangular

        size = len(self.centre)
        distance = (solve_triangular(self.factor, (points - self.centre).T, lower=True) ** 2).sum(axis=0)
        log_root = float(np.log(np.diag(self.factor)).sum())
        if not math.isfinite(self.freedom):
            return np.asarray(-0.5 * (distance + size * math.log(2.0 * math.pi)) - log_root)
        half = 0.5 * (self.freedom + size)
        constant = math.lgamma(half) - math.lgamma(0.5 * self.freedom)
        constant -= 0.5 * size * math.log(self.freedom * math.pi) + log_root
        return np.asarray(constant - half * np.log1p(distance / self.freedom))


@dataclass(frozen=True, eq=False)
class Weighted:
    """Weighted points of a density.

    `points`: (draws, parameters); `weights`: (draws,), smoothed, adding up to one; `pareto_k`; `effective`: the
    effective number of draws; `log_mass`: the logarithm of the density's integral, with its standard error.
    """

    points: Array
    weights: Array
    pareto_k: float
    effective: float
    log_mass: float
    log_mass_error: float

    @property
    def trusted(self) -> bool:
        """Whether k is at most 0.7, and a tenth of the draws are effective.

        If a proposal misses parts of the density, k can be small all the same, but few draws are effective.
        """
        return self.pareto_k <= LARGEST_K and self.effective >= LEAST_EFFECTIVE * len(self.weights)


def sample_by_importance(
    log_density: Callable[[Array], Array], proposal: Sequence[Component], count: int, seed: int
) -> Weighted:
    """Weighted points of a density, (count, parameters), from a mixture that is fitted to it anew while it needs to be.

    The first proposal is as given. If its weights cannot be trusted, or are worth less than `ENOUGH` of the points,
    the next has the weighted means, covariances and shares of the components (Cappé, Douc, Guillin, Marin & Robert
    2008), with at most `ROUNDS` proposals. If none is good, the result is from the one with the most effective draws.

    Parameters
    ----------
    log_density
        The logarithm of the density at points, (points, parameters), up to a constant; it may be minus infinity.
    proposal
        The components of the first proposal; their shares add up to one.
    count
        How many points, within one a component.
    seed
        Of the Sobol points of all proposals.

    Raises
    ------
    UsageError
        If the extra `fit` is not installed.
    """
    found: list[Weighted] = []
    for at in range(ROUNDS):
        found.append(weighted_points(log_density, proposal, count, seed + SEEDS_A_ROUND * at))
        if found[-1].trusted and found[-1].effective >= ENOUGH * count:
            return found[-1]
        proposal = _refitted(proposal, found[-1])
    return max(found, key=lambda points: (points.trusted, points.effective))


def weighted_points(
    log_density: Callable[[Array], Array], proposal: Sequence[Component], count: int, seed: int
) -> Weighted:
    """About `count` points of a mixture, weighted so that they have a density; arguments as `sample_by_importance`."""
    counts = [max(2, round(part.share * count)) for part in proposal]
    points = np.concatenate(
        [part.points(many, seed + place) for place, (part, many) in enumerate(zip(proposal, counts, strict=True))]
    )
    log_parts = _log_parts(proposal, np.array(counts) / sum(counts), points)
    ratios = log_density(points) - np.logaddexp.reduce(log_parts)
    weights, pareto_k = smoothed(ratios)
    plain = np.exp(ratios - ratios.max())
    log_mass = float(ratios.max() + np.log(plain.mean()))
    error = math.sqrt(max(1.0 / effective(plain) - 1.0 / len(plain), 0.0))
    return Weighted(points, weights, pareto_k, effective(weights), log_mass, error)


def _log_parts(proposal: Sequence[Component], shares: Array, points: Array) -> Array:
    """The logarithm of each component's share times its density at points: (components, points)."""
    return np.array([math.log(share) + part.log_density(points) for share, part in zip(shares, proposal, strict=True)])


def _refitted(proposal: Sequence[Component], found: Weighted) -> tuple[Component, ...]:
    """The mixture with the weighted moments of points; the fewer effective draws, the nearer to the last mixture."""
    log_parts = _log_parts(proposal, np.array([part.share for part in proposal]), found.points)
    owned = np.exp(log_parts - np.logaddexp.reduce(log_parts)) * found.weights  # (components, points)
    parts, size = [], found.points.shape[1]
    for part, weights in zip(proposal, owned, strict=True):
        total = float(weights.sum())
        draws = effective(weights) if total > 0.0 else 0.0
        centre = (weights @ found.points + 1e-300 * part.centre) / (total + 1e-300)
        away = found.points - centre
        moments = (away.T * weights) @ away / (total + 1e-300)
        kept = (size + 1.0) / (size + 1.0 + draws)
        scale = kept * part.factor @ part.factor.T + (1.0 - kept) * moments
        parts.append(Component(centre, np.linalg.cholesky(scale), part.freedom, max(total, LEAST_SHARE)))
    whole = sum(part.share for part in parts)
    return tuple(Component(part.centre, part.factor, part.freedom, part.share / whole) for part in parts)
