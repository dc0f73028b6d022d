"""Importance sampling from mixtures of Student distributions at the modes of a posterior, over scrambled Sobol points.

A proposal is a mixture: at each mode a multivariate Student distribution with the covariance of Laplace's
approximation. Weights are smoothed by the generalised Pareto distribution that fits their tail; its shape k says
whether they can be trusted (Vehtari, Simpson, Gelman, Yao & Gabry 2024).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from offramp.fitting.sampling_checks import smoothed
from offramp.runs.weighted import effective

Array = NDArray[np.float64]

LARGEST_K = 0.7
"""The largest Pareto k at which importance weights are trusted (Vehtari et al. 2024, section 3.2.4)."""
ENOUGH = 0.15
"""The share of effective draws from which on no better proposal is looked for."""
LEAST_EFFECTIVE, FEWEST_EFFECTIVE = 0.1, 100.0
"""The share and the number of effective draws below which weights are not trusted."""
ROUNDS = 3
PILOT, LEAST_PILOT = 4, 1024
"""The first proposal gets a fourth of the points, and at least so many: moments of fewer can miss most of a density."""
FREEDOM, WIDER = 10.0, 1.15
"""Degrees of freedom of the proposals, and how much wider than the posterior they are. Of 3 to 20 degrees and widths of
1 to 1.5, on posteriors of 3 to 18 coefficients, these had the smallest Pareto k with a third of the draws effective."""
LEAST_SHARE = 0.02
"""The smallest share of a component in a proposal."""
SEEDS_A_ROUND = 1000
"""Each component of each proposal has a seed of its own."""


@dataclass(frozen=True, eq=False)
class Component:
    """A multivariate Student distribution with `FREEDOM` degrees of freedom.

    `centre`: (parameters,); `factor`: (parameters, parameters), lower triangular, of the scale matrix; `share`: in
    the mixture.
    """

    centre: Array
    factor: Array
    share: float

    def points(self, count: int, seed: int) -> Array:
        """Scrambled Sobol points of it: (count, parameters)."""
        from scipy.special import gammaincinv, ndtri
        from scipy.stats import qmc

        size = len(self.centre)
        engine = qmc.Sobol(size + 1, scramble=True, rng=np.random.default_rng(seed))
        uniform = np.clip(engine.random_base2(math.ceil(math.log2(max(count, 2))))[:count], 2.0**-32, 1.0 - 2.0**-32)
        normal = ndtri(uniform[:, :size])
        spread = np.sqrt(gammaincinv(0.5 * FREEDOM, uniform[:, size]) / (0.5 * FREEDOM))
        return np.asarray(self.centre + (normal / spread[:, None]) @ self.factor.T)

    def log_density(self, points: Array) -> Array:
        """The logarithm of its density at points, (points, parameters): (points,)."""
        from scipy.linalg import solve_triangular

        size = len(self.centre)
        distance = (solve_triangular(self.factor, (points - self.centre).T, lower=True) ** 2).sum(axis=0)
        log_root = float(np.log(np.diag(self.factor)).sum())
        half = 0.5 * (FREEDOM + size)
        constant = math.lgamma(half) - math.lgamma(0.5 * FREEDOM)
        constant -= 0.5 * size * math.log(FREEDOM * math.pi) + log_root
        return np.asarray(constant - half * np.log1p(distance / FREEDOM))


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
    missed: bool = False
    """Whether an earlier proposal found more mass than this one, beyond the errors of both."""

    @property
    def trusted(self) -> bool:
        """Whether no mass is missed, k is at most 0.7, and a tenth of the draws are effective, at least 100.

        If a proposal misses parts of the density, k can be small all the same, but few draws are effective.
        """
        enough = max(LEAST_EFFECTIVE * len(self.weights), FEWEST_EFFECTIVE)
        return not self.missed and self.pareto_k <= LARGEST_K and self.effective >= enough


def sample_by_importance(
    log_density: Callable[[Array], Array], proposal: Sequence[Component], count: int, seed: int
) -> Weighted:
    """Weighted points of a density, (count, parameters), from a mixture that is fitted to it anew while it needs to be.

    A fourth as many points from the given proposal show how the next should be: with the weighted means, covariances
    and shares of the components (Cappé, Douc, Guillin, Marin & Robert 2008). If its weights cannot be trusted, or are
    worth less than `ENOUGH` of the points, there is another one, up to `ROUNDS`. The result is from the last
    proposal: the one with the most effective draws may be the one that misses most of the density.

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
    found = most = weighted_points(log_density, proposal, max(count // PILOT, LEAST_PILOT), seed)
    for at in range(1, ROUNDS + 1):
        proposal = _refitted(proposal, found)
        found = weighted_points(log_density, proposal, count, seed + SEEDS_A_ROUND * at)
        if _less_mass(found, most):
            found = replace(found, missed=True)
        if found.trusted and found.effective >= ENOUGH * count:
            break
        most = max(most, found, key=lambda points: points.log_mass)
    return found


def _less_mass(found: Weighted, most: Weighted) -> bool:
    """Whether a sample misses mass that another one found, beyond three standard errors of the difference."""
    error = math.hypot(found.log_mass_error, most.log_mass_error)
    return most.log_mass - found.log_mass > 3.0 * error


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
        scale = kept * part.factor @ part.factor.T / WIDER**2 + (1.0 - kept) * moments
        factor = WIDER * np.linalg.cholesky(scale)
        parts.append(Component(centre, factor, max(total, LEAST_SHARE)))
    whole = sum(part.share for part in parts)
    return tuple(Component(part.centre, part.factor, part.share / whole) for part in parts)
