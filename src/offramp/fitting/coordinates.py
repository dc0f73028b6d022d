"""Coordinates in which a likelihood is climbed: without bounds, and with columns of spread 1.

A coefficient with a bounded prior is the logarithm of its distance from the bound or, between two bounds, a logit.
The coefficients of one linear sum are mixed so that the columns that they stand for are uncorrelated with mean square
1: a step of 1 then changes the sum by about 1, in whatever units the columns are (Hastie, Tibshirani & Friedman 2009,
section 3.4.1).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from offramp.crisis.model import Crisis

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]
Places = NDArray[np.int64]

COLLINEAR = 1e-12
"""A combination of columns is constantly 0 if its mean square is less than this part of the largest."""
LEAST_CURVED = 1e-8
"""The least curvature of a direction, as a part of the largest, and of 1."""
FARTHEST = 300.0
"""Bounded coefficients stay where they are beyond it: exp(-300) is still a number above 0."""


@dataclass(frozen=True, eq=False)
class Coordinates:
    """Values of coefficients as functions of points, both (parameters,).

    `low`, `high`: the bounds of the priors; `mixing`: (parameters, parameters), from points to free coefficients.
    """

    low: Array
    high: Array
    mixing: Array

    def values(self, point: Array) -> Array:
        """The values at a point."""
        return self._bounded(self.mixing @ point)[0]

    def slopes(self, point: Array) -> tuple[Array, Array]:
        """The derivatives of the values by the free coefficients, first and second: (parameters,) each."""
        return self._bounded(self.mixing @ point)[1:]

    def point(self, values: Array) -> Array:
        """The point of some values that lie within the bounds."""
        with np.errstate(divide="ignore", invalid="ignore"):
            below, above = values - self.low, self.high - values
            free = np.where(np.isfinite(self.low), np.log(below), values)
            free = np.where(np.isfinite(self.high), -np.log(above), free)
            free = np.where(np.isfinite(self.low) & np.isfinite(self.high), np.log(below) - np.log(above), free)
        return np.asarray(np.linalg.solve(self.mixing, np.clip(free, -1e6, 1e6)))

    def _bounded(self, free: Array) -> tuple[Array, Array, Array]:
        low, high = self.low, self.high
        values, first, second = free.copy(), np.ones_like(free), np.zeros_like(free)
        held = np.clip(free, -FARTHEST, FARTHEST)
        only_low = np.isfinite(low) & ~np.isfinite(high)
        only_high = np.isfinite(high) & ~np.isfinite(low)
        both = np.isfinite(low) & np.isfinite(high)
        above = np.exp(held[only_low])
        values[only_low], first[only_low], second[only_low] = low[only_low] + above, above, above
        below = np.exp(-held[only_high])
        values[only_high], first[only_high], second[only_high] = high[only_high] - below, below, -below
        share, rest = 1.0 / (1.0 + np.exp(-held[both])), 1.0 / (1.0 + np.exp(held[both]))
        span = high[both] - low[both]
        values[both] = np.where(held[both] < 0.0, low[both] + span * share, high[both] - span * rest)
        first[both], second[both] = span * share * rest, span * share * rest * (rest - share)
        return values, first, second


def bounds_of(crisis: Crisis, parameters: Sequence[str]) -> Array:
    """The support of each coefficient's prior, below and above: (2, parameters)."""
    return np.array([crisis.inputs[name].distribution.support for name in parameters]).reshape(-1, 2).T


def coordinates_of(
    crisis: Crisis, parameters: tuple[str, ...], sums: Iterable[tuple[Places, Array]], weight: Array
) -> Coordinates:
    """The coordinates of some coefficients.

    `sums`: for each linear sum, the places of its coefficients, and its columns, (cases, coefficients); `weight`:
    (cases,).
    """
    low, high = bounds_of(crisis, parameters)
    mixing = np.eye(len(parameters))
    for places, columns in sums:
        free = np.flatnonzero(np.isinf(low[places]) & np.isinf(high[places]))
        mixing[np.ix_(places[free], places[free])] = _whitening(columns[:, free], weight)
    return Coordinates(low, high, mixing)


def whitened(precision: Array) -> Array:
    """The matrix from coordinates in which a precision is the identity; flat directions count as slightly curved."""
    squares, axes = np.linalg.eigh(precision)
    return np.asarray(axes / np.sqrt(np.maximum(squares, LEAST_CURVED * max(1.0, squares.max(initial=1.0)))))


def scaled_axes(precision: Array, inside: Flags) -> tuple[Array, Array]:
    """Eigenvalues of a precision matrix scaled to a diagonal of 1, rising, and their directions before scaling."""
    part = precision[np.ix_(inside, inside)]
    scale = 1.0 / np.sqrt(np.maximum(np.abs(np.diag(part)), np.finfo(float).tiny))
    # a diagonal of 0 is a coefficient that changes nothing
    scale = np.where(np.diag(part) == 0.0, 1.0, scale)
    eigenvalues, axes = np.linalg.eigh(part * np.outer(scale, scale))
    return eigenvalues, scale[:, None] * axes


def _whitening(columns: Array, weight: Array) -> Array:
    """The matrix that makes the mean products of columns the identity; combinations that are 0 stay.

    It is symmetric for columns of mean square 1, which they are divided by first: units change nothing.
    """
    with np.errstate(over="ignore"):
        spread = np.sqrt(np.einsum("ci,c->i", columns**2, weight / weight.sum()))
    spread = np.where((spread > 0.0) & np.isfinite(spread), spread, 1.0)
    plain = columns / spread
    squares, axes = np.linalg.eigh(np.einsum("ci,cj,c->ij", plain, plain, weight / weight.sum()))
    largest = squares.max(initial=0.0)
    if largest == 0.0:
        return np.eye(columns.shape[1])
    scale = np.where(squares > COLLINEAR * largest, squares, largest)
    return np.asarray((axes / np.sqrt(scale)) @ axes.T / spread[:, None])
