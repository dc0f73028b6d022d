"""An ending along one input at a time, or along several: its mean given them, on average over all other inputs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from offramp.crisis.model import Crisis
from offramp.crisis.parts import correlation_matrix
from offramp.study.sensitivity.surrogate import Factors, Surrogate, columns, surrogate_in
from offramp.study.sensitivity.taken_by_weight import measured, weighted_draws
from offramp.study.sensitivity.variance import Share, first_order, news_of, ranks_of

Array = NDArray[np.float64]

STILL = 1e-9
"""An ending whose probability has a standard deviation up to this does not vary."""
LOW, HIGH = 0.1, 0.9
"""Quantiles of an input at which an ending's mean is given."""


@dataclass(frozen=True, eq=False)
class WeighedDraws:
    """The draws weighed: `ranks` of the `uncertain` inputs, (inputs, draws), and `levels`, (endings, draws): the
    probabilities of the endings, or (1, draws), the expected amount of a measure.

    `correlation`: (inputs, inputs), of the inputs' normal scores. `values`: of the inputs, (inputs, draws), if the
    draws are taken by weight, so that their ranks are not the levels of the inputs' distributions; else None.
    """

    crisis: Crisis
    uncertain: Sequence[str]
    ranks: Array
    levels: Array
    correlation: Array
    values: Array | None = None
    _factors: dict[tuple[str, ...], Factors] = field(default_factory=dict, init=False)

    def factors(self, names: Sequence[str]) -> Factors:
        """The factors of some of the inputs, the same for all that is fitted to them."""
        key = tuple(names)
        if key not in self._factors:
            self._factors[key] = Factors.at(self.ranks[[self.uncertain.index(name) for name in names]])
        return self._factors[key]

    @cached_property
    def tied(self) -> NDArray[np.int64]:
        """For each input the index of its set of correlated inputs, directly or through others."""
        from scipy.sparse.csgraph import connected_components

        return np.asarray(connected_components(self.correlation)[1])

    def value(self, name: str, rank: float) -> float:
        """The value of an input at a rank."""
        if self.values is not None:
            return float(np.quantile(self.values[self.uncertain.index(name)], rank))
        return float(self.crisis.inputs[name].distribution.quantile(np.array([rank]))[0])


def weighed_draws(
    crisis: Crisis,
    uncertain: Sequence[str],
    inputs: Mapping[str, Array],
    levels: Array,
    kept: NDArray[np.bool_],
    weights: Array | None,
) -> WeighedDraws:
    """The draws that are kept; as of now taken by weight, with the correlations that what is known makes.

    `inputs`: (draws,) each; `levels`: as in `WeighedDraws`; `kept`, `weights`: (draws,).
    """
    values = np.array([inputs[name] for name in uncertain]).reshape(-1, len(kept))
    declared = correlation_matrix(crisis.correlations, uncertain)
    if weights is None or not kept.any():
        return WeighedDraws(crisis, uncertain, ranks_of(values)[:, kept], levels[:, kept], declared)
    taken = np.flatnonzero(kept)[weighted_draws(weights[kept])]
    ranks = ranks_of(values[:, taken])
    return WeighedDraws(crisis, uncertain, ranks, levels[:, taken], measured(ranks, declared), values[:, taken])


class View:
    """An ending, or a measure, over the converged draws, `y`, with its surrogate in all uncertain inputs."""

    def __init__(self, ending: str, y: Array, draws: WeighedDraws) -> None:
        self.ending, self.y, self.draws = ending, y, draws
        factors = draws.factors(draws.uncertain)
        self.whole = surrogate_in(factors, y)
        self._design = columns(factors.values, self.whole.terms)
        self._news: dict[tuple[str, ...], Array] = {}
        self._fits: dict[tuple[str, ...], Surrogate] = {}

    def news(self, members: Sequence[str]) -> Array:
        """The ending without the surrogate terms that some inputs say nothing about: (draws,)."""
        key = tuple(members)
        if key not in self._news:
            indices = [self.draws.uncertain.index(name) for name in members]
            self._news[key] = news_of(indices, self.draws.tied, self.whole, self._design, self.y)
        return self._news[key]

    def given(self, members: Sequence[str], missed: float = 0.0) -> tuple[Surrogate, Share]:
        """The ending's mean given some inputs, and their first-order share."""
        key, news = tuple(members), self.news(members)
        if key not in self._fits:
            self._fits[key] = surrogate_in(self.draws.factors(members), news)
        return self._fits[key], first_order(self._fits[key], news, self.y, missed)

    def at_deciles(self, curve: Surrogate) -> tuple[float, float]:
        """The ending's mean at the 10 % and the 90 % quantile of an input, from its mean given that input."""
        low, high = map(float, self.possible(curve.at(np.array([[LOW, HIGH]]))))
        return low, high

    def possible(self, means: Array) -> Array:
        """Estimates of the ending's mean: where the surrogate leaves the range of the draws, its nearest end."""
        return np.clip(means, self.y.min(), self.y.max())
