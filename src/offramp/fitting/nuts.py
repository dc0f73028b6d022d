"""Hamiltonian Monte Carlo with nutpie's No-U-Turn sampler (Hoffman & Gelman 2014), for posteriors that weights miss.

It needs the extra `offramp[nuts]`. Chains run one after another: the likelihood has its own threads, and so a seed
gives the same draws.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

import numpy as np
from numpy.typing import NDArray

from offramp.fitting.sampling_checks import effective_draws, r_hat

Array = NDArray[np.float64]

CHAINS = 4
TUNE = 500
LARGEST_R_HAT = 1.01
"""The largest R-hat of chains that agree (Vehtari, Gelman, Simpson, Carpenter & Bürkner 2021)."""
LEAST_EFFECTIVE = 400.0
"""The fewest effective draws of four chains (the same)."""
TARGET_ACCEPT = 0.9


@dataclass(frozen=True, eq=False)
class Chains:
    """Draws of several chains.

    `points`: (chains, draws, parameters); `r_hat` and `effective`: (parameters,), rank-normalised R-hat and the
    smaller of bulk and tail effective sample size (Vehtari et al. 2021); `divergences`: how many draws after tuning
    diverged, near which the posterior is too steep to follow.
    """

    points: Array
    r_hat: Array
    effective: Array
    divergences: int

    @property
    def agree(self) -> bool:
        """Whether the chains can be trusted: no divergence, R-hat at most 1.01, at least 400 effective draws."""
        return (
            not self.divergences
            and bool((self.r_hat <= LARGEST_R_HAT).all())
            and bool((self.effective >= LEAST_EFFECTIVE).all())
        )


def installed() -> bool:
    """Whether nutpie is installed."""
    return find_spec("nutpie") is not None


def sample_by_nuts(
    log_density: Callable[[Array], tuple[float, Array]],
    centre: Array,
    factor: Array,
    starts: Callable[[int], Array],
    draws: int,
    seed: int,
) -> Chains:
    """Chains over a density on all of the space of (parameters,).

    Parameters
    ----------
    log_density
        The logarithm of the density at a point, up to a constant, and its gradient; minus infinity if impossible.
    centre, factor
        The chains run in coordinates in which the density has about mean 0 and covariance 1: `centre + factor @ x`.
    starts
        A point at which a chain may start, by a seed.
    draws
        How many draws a chain keeps, after `TUNE` that it does not.
    seed
        The same seed gives the same draws.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # once a day, ArviZ announces its next version
        import nutpie
        from nutpie.compiled_pyfunc import from_pyfunc

    def logp(x: Array) -> tuple[float, Array]:
        value, gradient = log_density(centre + factor @ x)
        if not math.isfinite(value):
            raise _ImpossiblePoint
        return value, np.ascontiguousarray(gradient @ factor)

    def expand(x: Array) -> dict[str, Array]:
        return {"x": np.array(x)}

    size = len(centre)
    model = from_pyfunc(
        size,
        lambda: logp,
        lambda *_seeds: expand,
        [np.dtype(float)],
        [(size,)],
        ["x"],
        make_initial_point_fn=lambda chain_seed: np.linalg.solve(factor, starts(chain_seed) - centre),
    )
    trace: Any = nutpie.sample(
        model,
        draws=draws,
        tune=TUNE,
        chains=CHAINS,
        cores=1,
        seed=seed,
        save_warmup=False,
        progress_bar=False,
        target_accept=TARGET_ACCEPT,
    )
    points = centre + np.asarray(trace.posterior["x"]) @ factor.T
    diverged = int(np.asarray(trace.sample_stats["diverging"]).sum())
    return Chains(points, r_hat(points), effective_draws(points), diverged)


class _ImpossiblePoint(Exception):  # noqa: N818 - no error: the sampler counts it as a divergence and goes on
    is_recoverable = True
