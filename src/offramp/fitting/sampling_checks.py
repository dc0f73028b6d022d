"""Checks of samples by arviz-stats: Pareto's k of importance weights, R-hat and effective size of chains.

It needs the extra `offramp[fit]`.
"""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import Any

import numpy as np
from numpy.typing import NDArray

from offramp.common.errors import UsageError

Array = NDArray[np.float64]

FEWEST = 25
"""A tail is a fifth of the draws, and takes five draws to fit."""


def smoothed(log_ratios: Array) -> tuple[Array, float]:
    """Importance weights, (draws,), adding up to one, with their tail smoothed, and its Pareto k.

    The largest weights are replaced by quantiles of the generalised Pareto distribution that fits them; k is its shape
    (Vehtari, Simpson, Gelman, Yao & Gabry 2024). A draw with a ratio of zero, minus infinity, keeps a weight of zero.
    With fewer than `FEWEST` other draws there is no tail to fit, and k is infinite. If its ratios are the same
    but for rounding, there is nothing to smooth, and k is 0.

    Raises
    ------
    UsageError
        If the extra `fit` is not installed, or all ratios are zero.
    """
    possible = np.isfinite(log_ratios)
    logs, pareto_k = log_ratios, np.inf
    if not possible.any():
        raise UsageError("the cases are impossible at all points around the posterior's mode; narrow the priors")
    if possible.sum() >= FEWEST:
        smooth = _array_stats().psislw
        try:
            with np.errstate(all="ignore"):  # ratios that are nearly the same give 0 / 0
                tail, pareto_k = smooth(-log_ratios[possible])
        except ValueError:  # they are all the same
            tail = np.array(np.nan)
        if np.isfinite(tail).all():
            logs = np.full(len(log_ratios), -np.inf)
            logs[possible] = tail
        else:
            pareto_k = 0.0
    weights = np.exp(logs - logs.max())
    return weights / weights.sum(), float(pareto_k)


def r_hat(points: Array) -> Array:
    """Rank-normalised split R-hat of chains, (chains, draws, parameters): (parameters,) (Vehtari et al. 2021)."""
    return np.asarray(_array_stats().rhat(np.moveaxis(points, -1, 0)))


def effective_draws(points: Array) -> Array:
    """The smaller of bulk and tail effective sample size of chains, as `r_hat`: (parameters,)."""
    stats, by_parameter = _array_stats(), np.moveaxis(points, -1, 0)
    bulk, tail = stats.ess(by_parameter, method="bulk"), stats.ess(by_parameter, method="tail", prob=0.05)
    return np.asarray(np.minimum(bulk, tail))


def _array_stats() -> Any:
    if find_spec("arviz_stats") is None:
        raise UsageError("a posterior needs more packages: pip install 'offramp[fit]'")
    return import_module("arviz_stats.base").array_stats
