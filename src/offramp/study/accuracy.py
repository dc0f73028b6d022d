"""Numbers of a study that are no larger than the accuracy of the equilibria that they come from, and count as 0."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from offramp.common.numerals import NEGLIGIBLE

Array = NDArray[np.float64]


def without_dust(values: ArrayLike, size: ArrayLike) -> Array:
    """Values, with 0 for those that are no larger than what solving leaves open of numbers of this `size`.

    Examples
    --------
    >>> without_dust([1.4e-15, -0.2, 3e-7], 1.0).tolist(), without_dust(2e-4, 1e6).tolist()
    ([0.0, -0.2, 3e-07], 0.0)
    """
    values = np.asarray(values, dtype=np.float64)
    return np.where(np.abs(values) <= NEGLIGIBLE * np.asarray(size), 0.0, values)


def difference(after: Array, before: Array) -> Array:
    """`after` less `before`, (quantities, draws), without dust: the size of a quantity is its largest in any draw."""
    size = np.maximum(np.abs(after), np.abs(before)).max(axis=-1, keepdims=True, initial=0.0)
    return without_dust(after - before, size)
