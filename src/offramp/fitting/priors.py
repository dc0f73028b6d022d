"""Penalties on the log-likelihood: the priors of the file, Cauchy's (Gelman et al. 2008), log-F(1, 1).

A penalty is the logarithm of a prior density up to a constant, with its exact gradient by the coefficients. The
maximum of the log-likelihood plus a penalty is a posterior mode. It exists where the likelihood alone has no maximum,
as with separated cases.

A mode depends on the coordinates of the density. For the priors of the file these are normal scores: the penalty is
the density of the scores. So the mode stays within the bounds, it is the same for a cost and for the logarithm of
that cost, and it is the mode that the posterior starts from. With a normal prior it is the usual mode.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from offramp.crisis.distribution import Distribution
from offramp.crisis.model import Crisis
from offramp.crisis.parts import correlation_matrix
from offramp.fitting.normal_scores import at_scores, scores_of

Array = NDArray[np.float64]

PenaltyKind = Literal["prior", "cauchy", "log-f"]
PENALTIES: Mapping[PenaltyKind, str] = {
    "prior": "the priors of the file",
    "cauchy": "Cauchy priors on scaled columns (Gelman et al. 2008)",
    "log-f": "log-F(1, 1) priors on scaled columns (Greenland & Mansournia 2015)",
}
"""Each kind of penalty in words."""


class Penalty(Protocol):
    """A prior density of the coefficients as a term of the log-likelihood."""

    @property
    def kind(self) -> PenaltyKind: ...

    def at(self, values: Array) -> tuple[float, Array]:
        """Its logarithm at values of the coefficients, up to a constant, and its gradient: (parameters,).

        Minus infinity, and a gradient of zeros, if a value is not inside the bounds of its prior.
        """
        ...


@dataclass(frozen=True, eq=False)
class FilePrior:
    """The priors of the coefficients in a crisis file, joined by its `correlations`.

    `correlation`: (parameters, parameters), of the normal scores. A correlation with an input that is not estimated
    does not count.
    """

    parameters: tuple[str, ...]
    distributions: tuple[Distribution, ...]
    correlation: Array

    kind: Literal["prior"] = "prior"

    def values(self, scores: Array) -> tuple[Array, Array]:
        """Values at normal scores, (..., parameters), and the derivative of each value by its own score."""
        both = [at_scores(prior, scores[..., place]) for place, prior in enumerate(self.distributions)]
        return (
            np.stack([value for value, _ in both], axis=-1),
            np.stack([slope for _, slope in both], axis=-1),
        )

    def scores(self, values: Array) -> Array:
        """Normal scores of values, (..., parameters); infinite at a bound, NaN outside."""
        columns = [scores_of(prior, values[..., place]) for place, prior in enumerate(self.distributions)]
        return np.stack(columns, axis=-1)

    def at(self, values: Array) -> tuple[float, Array]:
        scores = self.scores(np.asarray(values, dtype=float))
        if not np.isfinite(scores).all():
            return -np.inf, np.zeros(len(scores))
        pull = -np.linalg.solve(self.correlation, scores)
        slopes = self.values(scores)[1]
        return float(0.5 * pull @ scores), pull / slopes


def file_prior(crisis: Crisis, parameters: Sequence[str]) -> FilePrior:
    """The priors of some inputs of a crisis: `is` of each, and the `correlations` among them."""
    distributions = tuple(crisis.inputs[name].distribution for name in parameters)
    return FilePrior(tuple(parameters), distributions, correlation_matrix(crisis.correlations, parameters))
