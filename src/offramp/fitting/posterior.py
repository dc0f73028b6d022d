"""The posterior of a crisis's coefficients: what recorded cases leave of the priors in the file.

All is computed in normal scores of the priors (`fitting.normal_scores`): modes and Laplace's approximation, then
importance weights over scrambled Sobol points, and Hamiltonian Monte Carlo where the weights cannot be trusted.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from offramp.common.errors import UsageError
from offramp.fitting.importance import LEAST_SHARE, WIDER, Component, Weighted, sample_by_importance
from offramp.fitting.nuts import CHAINS, Chains, installed, sample_by_nuts
from offramp.fitting.posterior_modes import LogLikelihood, PosteriorDensity, PosteriorMode, modes_of, shares_of
from offramp.fitting.priors import FilePrior

Array = NDArray[np.float64]

DRAWS = 4096
"""Draws of a posterior by default."""
MAX_POSTERIOR_DRAWS = 2**20
BATCH = 256
"""Points that are weighted between two reports of progress."""
LEVELS = (0.001, 0.01, *np.linspace(0.1, 0.9, 9).tolist(), 0.99, 0.999)
"""The overlap of prior and posterior is summed over the intervals between these quantiles of both."""
UNMOVED = 0.1
"""The cases have taught nothing about a coefficient if the mean of its score is at most so far from 0."""
UNCHANGED = (0.95, 1.05)
"""The same for the standard deviation of its score."""


@dataclass(frozen=True, eq=False)
class Posterior:
    """Weighted draws of the coefficients, given the cases, and how far they can be trusted.

    `scores`: (draws, parameters), normal scores of the priors; `weights`: (draws,), adding up to one; `modes`: all
    that were found, that with the largest mass first; `weighted`: the importance sample; `chains`: those of NUTS,
    which then are the draws, or None if the weights can be trusted or nutpie is not installed.
    """

    prior: FilePrior
    scores: Array
    weights: Array
    modes: tuple[PosteriorMode, ...]
    weighted: Weighted
    chains: Chains | None
    seed: int

    @property
    def parameters(self) -> tuple[str, ...]:
        """The coefficients, in the order of every vector of values."""
        return self.prior.parameters

    @property
    def method(self) -> Literal["importance", "nuts"]:
        return "importance" if self.chains is None else "nuts"

    @property
    def pareto_k(self) -> float:
        """Pareto's k of the importance weights."""
        return self.weighted.pareto_k

    @property
    def effective(self) -> float:
        """The effective number of draws; with chains, that of the coefficient with the fewest."""
        return self.weighted.effective if self.chains is None else float(self.chains.effective.min())

    @property
    def trusted(self) -> bool:
        """Whether the weights, or else the chains, pass their checks."""
        return self.weighted.trusted if self.chains is None else self.chains.agree

    @property
    def log_evidence(self) -> tuple[float, float] | None:
        """The logarithm of the probability of all records under the priors, and its standard error.

        It is the mean of the importance weights; None if these cannot be trusted.
        """
        return (self.weighted.log_mass, self.weighted.log_mass_error) if self.weighted.trusted else None

    @cached_property
    def values(self) -> Array:
        """The draws in the file's units: (draws, parameters)."""
        return self.prior.values(self.scores)[0]

    @property
    def mode(self) -> Array:
        """The coefficients at the mode with the largest mass, in normal scores: (parameters,)."""
        return self.prior.values(self.modes[0].scores)[0]

    @property
    def mean(self) -> Array:
        """(parameters,)"""
        return self.weights @ self.values

    @property
    def sd(self) -> Array:
        """(parameters,)"""
        return np.sqrt(self.weights @ (self.values - self.mean) ** 2)

    def quantiles(self, levels: Sequence[float] = (0.05, 0.5, 0.95)) -> Array:
        """Quantiles of each coefficient: (levels, parameters)."""
        return np.quantile(self.values, levels, axis=0, weights=self.weights, method="inverted_cdf")

    @cached_property
    def correlation(self) -> Array:
        """Correlations of the normal scores of the posterior's own marginals: (parameters, parameters).

        They are what `correlations` in a crisis file means if each coefficient's `is` is its posterior (van der
        Waerden scores of the weighted draws).
        """
        from scipy.special import ndtri

        ranked = np.empty_like(self.scores)
        for place, column in enumerate(self.scores.T):
            order = np.argsort(column, kind="stable")
            ordered = self.weights[order]
            levels = np.cumsum(ordered) - 0.5 * ordered
            ranked[order, place] = ndtri(np.clip(levels, 1e-12, 1.0 - 1e-12))
        away = ranked - self.weights @ ranked
        covariance = (away.T * self.weights) @ away
        spread = np.sqrt(np.diag(covariance))
        return np.asarray(np.clip(covariance / np.outer(spread, spread), -1.0, 1.0))

    @property
    def score_sd(self) -> Array:
        """The standard deviation of each normal score, which was 1 before the cases: (parameters,)."""
        return np.sqrt(self.weights @ (self.scores - self.weights @ self.scores) ** 2)

    @cached_property
    def overlap(self) -> Array:
        """The area under both the prior's and the posterior's density, from 0 to 1: (parameters,)."""
        from scipy.special import ndtr, ndtri

        after = np.quantile(self.scores, LEVELS, axis=0, weights=self.weights, method="inverted_cdf")
        result = np.empty(len(self.parameters))
        for place, column in enumerate(self.scores.T):
            edges = np.unique([*ndtri(LEVELS), *after[:, place]])
            prior = np.diff(ndtr(edges), prepend=0.0, append=1.0)
            posterior = np.bincount(np.searchsorted(edges, column), self.weights, len(edges) + 1)
            result[place] = np.minimum(prior, posterior).sum()
        return result

    @property
    def unmoved(self) -> tuple[str, ...]:
        """The coefficients whose posterior is the prior: the cases have taught nothing about them."""
        least, most = UNCHANGED
        same = np.abs(self.weights @ self.scores) <= UNMOVED
        same &= (self.score_sd >= least) & (self.score_sd <= most)
        return tuple(name for name, still in zip(self.parameters, same, strict=True) if still)

    def draws(self, count: int = DRAWS) -> Array:
        """Draws of equal weight, in the file's units: (count, parameters).

        Each draw comes as often as its weight says, to the nearest whole number (systematic resampling), in a random
        order that the seed determines: every fourth point of a Sobol sequence is not a sample of it.
        """
        if not 1 <= count <= MAX_POSTERIOR_DRAWS:
            raise UsageError(f"a posterior has 1 to {MAX_POSTERIOR_DRAWS:,} draws; found {count}")
        order = np.random.default_rng(self.seed).permutation(len(self.weights))
        levels = np.cumsum(self.weights[order])
        at = np.searchsorted(levels / levels[-1], (np.arange(count) + 0.5) / count)
        return np.asarray(self.values[order[np.minimum(at, len(order) - 1)]])


def posterior_of(
    likelihood: LogLikelihood,
    prior: FilePrior,
    *,
    known: Sequence[Array] = (),
    draws: int = DRAWS,
    seed: int = 1,
    progress: Callable[[int], None] | None = None,
) -> Posterior:
    """The posterior of the coefficients.

    Parameters
    ----------
    likelihood
        Of the cases; `fitting.likelihood.Likelihood`, or anything with the same `total` and `totals`.
    prior
        `fitting.priors.file_prior` of the same coefficients.
    known
        Values of the coefficients, (parameters,) each, to search for modes from: the maxima of the likelihood.
    draws
        How many draws; of chains, of all four together.
    seed
        The same seed gives the same numbers.
    progress
        Called with the number of draws that are weighted; it starts anew with each proposal.

    Raises
    ------
    UsageError
        If the extra `fit` is not installed, the number of draws is out of range, or no mode is found.
    """
    if not 64 <= draws <= MAX_POSTERIOR_DRAWS:
        raise UsageError(f"a posterior takes 64 to {MAX_POSTERIOR_DRAWS:,} draws; found {draws}")
    density = PosteriorDensity(likelihood, prior)
    modes = modes_of(density, known, seed)

    def log_density(points: Array) -> Array:
        result = np.empty(len(points))
        for first in range(0, len(points), BATCH):
            result[first : first + BATCH] = density.many(points[first : first + BATCH])
            if progress is not None:
                progress(min(first + BATCH, len(points)))
        return result

    weighted = sample_by_importance(log_density, proposal_of(modes), draws, seed)
    if weighted.trusted or not installed():
        return Posterior(prior, weighted.points, weighted.weights, modes, weighted, None, seed)
    chains = _chains(density, modes, weighted, draws, seed)
    points = chains.points.reshape(-1, len(prior.parameters))
    return Posterior(prior, points, np.full(len(points), 1.0 / len(points)), modes, weighted, chains, seed)


def proposal_of(modes: Sequence[PosteriorMode]) -> tuple[Component, ...]:
    """A Student distribution at each mode, with shares by Laplace's approximation of its mass."""
    shares = np.maximum(shares_of(modes), LEAST_SHARE)
    return tuple(
        Component(mode.scores, np.asarray(WIDER * np.linalg.cholesky(mode.covariance)), share / shares.sum())
        for mode, share in zip(modes, shares.tolist(), strict=True)
    )


def _chains(
    density: PosteriorDensity, modes: Sequence[PosteriorMode], weighted: Weighted, draws: int, seed: int
) -> Chains:
    """NUTS in coordinates of the mode with the largest mass, started from the weighted points."""
    factor = np.asarray(np.linalg.cholesky(modes[0].covariance))
    levels = np.cumsum(weighted.weights)

    def start(chain_seed: int) -> Array:
        level = np.random.default_rng(chain_seed).uniform() * levels[-1]
        return np.asarray(weighted.points[min(int(np.searchsorted(levels, level)), len(levels) - 1)])

    return sample_by_nuts(density.at, modes[0].scores, factor, start, math.ceil(draws / CHAINS), seed)
