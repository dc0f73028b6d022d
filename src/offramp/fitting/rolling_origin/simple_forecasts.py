"""What a game has to beat: how often each outcome happened before, and a multinomial logit on the same columns."""

from __future__ import annotations

import warnings

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Int = NDArray[np.int64]

DEPENDENT = 1e-8
"""A column counts as a combination of others if less than this part of it is its own."""


def past_rates(outcome: Int, outcomes: int) -> Array:
    """The share of each outcome in past cases, with half a case added to each: (outcomes,).

    So an outcome that never happened keeps a chance (Krichevsky & Trofimov 1981).

    Examples
    --------
    >>> past_rates(np.array([0, 0, 1]), 3)
    array([0.55555556, 0.33333333, 0.11111111])
    """
    counts = np.bincount(outcome, minlength=outcomes) + 0.5
    return np.asarray(counts / counts.sum())


def logit_forecasts(columns: Array, outcome: Int, asked: Array, outcomes: int) -> tuple[Array | None, bool]:
    """Forecasts of a multinomial logit with a constant, and whether its estimate converged: (asked, outcomes).

    `columns`: (past cases, columns); `outcome`: (past cases,); `asked`: (cases, columns). Columns that do not vary, or
    are combinations of others, are left out. An outcome that never happened before gets no chance. None if statsmodels
    gives no estimate.
    It needs statsmodels.
    """
    from statsmodels.discrete.discrete_model import MNLogit

    seen, code = np.unique(outcome, return_inverse=True)
    forecast = np.zeros((len(asked), outcomes))
    if len(seen) == 1:
        forecast[:, seen] = 1.0
        return forecast, True
    past, now = _independent(columns, asked)
    for method, steps in (("newton", 100), ("bfgs", 1000)):
        try:
            with warnings.catch_warnings(), np.errstate(all="ignore"):
                warnings.simplefilter("ignore")
                fit = MNLogit(code, past).fit(method=method, maxiter=steps, disp=0, skip_hessian=True)
                found = np.asarray(fit.predict(now))
        except (np.linalg.LinAlgError, ValueError):
            continue
        if np.isfinite(found).all() and (fit.mle_retvals["converged"] or method == "bfgs"):
            forecast[:, seen] = found
            # where Newton's steps have no end, as with separated cases, the others end at no maximum either
            return forecast, method == "newton"
    return None, False


def _independent(columns: Array, asked: Array) -> tuple[Array, Array]:
    """A constant and the columns that are no combination of others, scaled by the past cases, for both."""
    from scipy.linalg import qr

    spread = columns.std(axis=0)
    varies = spread > DEPENDENT * np.abs(columns).max(axis=0, initial=0.0)
    middle, spread = columns[:, varies].mean(axis=0), spread[varies]
    past, now = ((some[:, varies] - middle) / spread for some in (columns, asked))
    if past.shape[1]:
        size, order = qr(past, mode="r", pivoting=True)
        own = np.abs(np.diag(size))
        kept = np.sort(order[: len(own)][own > DEPENDENT * own[0]])
        past, now = past[:, kept], now[:, kept]
    return _with_constant(past), _with_constant(now)


def _with_constant(columns: Array) -> Array:
    return np.column_stack([np.ones(len(columns)), columns])
