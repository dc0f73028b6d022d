"""The bootstrap of estimates: cases, or whole clusters, are drawn again with replacement, and fitted again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from offramp.common.errors import OfframpError
from offramp.fitting.cases import Cases

Array = NDArray[np.float64]


class NoMaximum(Enum):
    """Why resampled cases have no estimates."""

    NONE_FINITE = "no finite maximum"
    NOT_REACHED = "maximum not reached"


@dataclass(frozen=True, eq=False)
class Bootstrap:
    """The estimates of resampled cases: (replications, parameters), of the replications that have one finite maximum.

    `endless`: how many others have none, because the resampled cases are separated or say nothing of a coefficient;
    `failed`: in how many the search did not come to a maximum.
    """

    values: Array
    endless: int
    failed: int

    @property
    def covariance(self) -> Array:
        """(parameters, parameters)."""
        return np.atleast_2d(np.cov(self.values, rowvar=False))


def resampled_weights(cases: Cases, replications: int, seed: int) -> Iterator[Array]:
    """How often each entry is in each replication, (entries,); whole clusters are drawn if the cases have them."""
    random = np.random.default_rng(seed)
    if cases.cluster is None:
        count = cases.entry_weight.sum()
        for _ in range(replications):
            yield random.multinomial(int(count), cases.entry_weight / count).astype(np.float64)
        return
    present, cluster = np.unique(cases.cluster, return_inverse=True)
    clusters = len(present)
    for _ in range(replications):
        drawn = random.multinomial(clusters, np.full(clusters, 1.0 / clusters))
        yield cases.entry_weight * drawn[cluster]


def bootstrap(
    cases: Cases,
    refit: Callable[[Cases], Array | NoMaximum],
    replications: int,
    seed: int,
    progress: Callable[[Any], None] | None = None,
) -> Bootstrap:
    """Resample the cases and fit each replication (Efron & Tibshirani 1993, chapter 6).

    Parameters
    ----------
    cases
        The recorded cases; whole clusters are drawn if they have clusters.
    refit
        The estimates of resampled cases, (parameters,), or why there are none.
    replications
        The number of resamples.
    seed
        The same seed gives the same resamples.
    progress
        Called after each.

    Raises
    ------
    OfframpError
        If fewer than two replications have estimates.
    """
    found: list[Array] = []
    missing: list[NoMaximum] = []
    for weight in resampled_weights(cases, replications, seed):
        values = refit(cases.weighted(weight))
        if isinstance(values, NoMaximum):
            missing.append(values)
        else:
            found.append(values)
        if progress is not None:
            progress(1)
    if len(found) < 2:
        raise OfframpError(
            f"{len(missing):,} of {replications:,} bootstrap replications reach no finite maximum, so there is no "
            "standard error; take --se observed, or --prior"
        )
    return Bootstrap(np.array(found), missing.count(NoMaximum.NONE_FINITE), missing.count(NoMaximum.NOT_REACHED))
