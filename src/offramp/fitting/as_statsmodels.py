"""A fit as statsmodels' results, made from our own log-likelihood, scores and Hessian.

statsmodels' covariances, tests and tables then work as for its own models.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from offramp.common.errors import UsageError

Array = NDArray[np.float64]


def statsmodels_results(
    name: str,
    parameters: tuple[str, ...],
    values: Array,
    evaluate: Callable[[Array], tuple[Array, Array]],
    hessian: Callable[[Array], Array],
    errors: str,
    groups: NDArray[np.int64] | None,
) -> Any:
    """The results of a `GenericLikelihoodModel`.

    Parameters
    ----------
    name
        What the table calls what is recorded.
    parameters
        The coefficients.
    values
        Their estimates: (parameters,).
    evaluate
        The log-probability of each case's record, (cases,), and its derivatives, (cases, parameters), at values.
    hessian
        Second derivatives of the log-likelihood at values: (parameters, parameters).
    errors
        `observed`, `sandwich` or `clustered`.
    groups
        (cases,), each case's cluster, if it is `clustered`.

    Raises
    ------
    UsageError
        If statsmodels is not installed.
    """
    try:
        from statsmodels.base.model import (
            GenericLikelihoodModel,
            GenericLikelihoodModelResults,
            LikelihoodModelResults,
        )
    except ImportError:
        raise UsageError("statsmodels is not installed: pip install 'offramp[fit]'") from None

    given_values, given_hessian = values, hessian

    class RecordedPlay(GenericLikelihoodModel):  # type: ignore[misc]
        """The likelihood of the records, for statsmodels."""

        def __init__(self) -> None:
            super().__init__(np.ones(len(evaluate(values)[0])), None, extra_params_names=list(parameters))
            self.k_constant = 0
            self.data.ynames = name

        def loglikeobs(self, params: Array) -> Array:
            return evaluate(np.asarray(params))[0]

        def score_obs(self, params: Array, **kwds: Any) -> Array:
            return evaluate(np.asarray(params))[1]

        def score(self, params: Array) -> Array:
            return np.asarray(self.score_obs(params).sum(axis=0))

        def hessian(self, params: Array) -> Array:
            return given_hessian(np.asarray(params))

    model = RecordedPlay()
    kinds: dict[str, tuple[str, dict[str, Any]]] = {
        "observed": ("nonrobust", {}),
        "sandwich": ("HC0", {}),
        "clustered": ("cluster", _clusters(groups)),
    }
    kind, options = kinds[errors]
    inverse = np.linalg.inv(-given_hessian(given_values))
    found = LikelihoodModelResults(model, given_values, inverse, scale=1.0, cov_type=kind, cov_kwds=options)
    found.mle_settings = {"optimizer": "offramp"}
    return GenericLikelihoodModelResults(model, found)


def _clusters(groups: NDArray[np.int64] | None) -> dict[str, Any]:
    """How statsmodels clusters as `Estimates.covariance` does: with the factor G / (G - 1) for G clusters."""
    if groups is None:
        return {}
    count = len(np.unique(groups))
    factor = count / max(1.0, count - 1.0)
    return {"groups": groups, "use_correction": False, "df_correction": False, "scaling_factor": factor}
