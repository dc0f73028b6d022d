"""Draw a crisis's inputs: scrambled Sobol points, correlated by a Gaussian copula, mapped through quantiles.

Draws are made in chunks of `CHUNK`, each from its own part of the sequence, so a draw's inputs depend only on the
crisis, the seed and the draw's number.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from offramp.crisis.distribution import LOWEST_LEVEL, normal_levels, normal_scores
from offramp.crisis.inputs import resolved_inputs
from offramp.crisis.model import Crisis
from offramp.crisis.parts import correlation_matrix

Array = NDArray[np.float64]

CHUNK = 1024
MAX_DRAWS = 10_000_000
SEEDS = 2**128
"""Upper bound of seeds, exclusive."""


def sample_chunk(crisis: Crisis, seed: int, chunk: int) -> dict[str, Array]:
    """The inputs of the `CHUNK` draws from number `chunk * CHUNK`, levers applied: (CHUNK,) for each input.

    Joint distributions are Gaussian copulas: `rho` is the correlation of normal scores (Nelsen 2006, 2.3).
    """
    uncertain = crisis.uncertain
    points = np.empty((CHUNK, 0))
    if uncertain:
        from scipy.stats import qmc  # takes half a second to load; reading a run does not need it

        engine = qmc.Sobol(len(uncertain), scramble=True, rng=np.random.default_rng(seed))
        if chunk:
            engine.fast_forward(chunk * CHUNK)
        points = engine.random(CHUNK) + LOWEST_LEVEL
    return inputs_at(crisis, uncertain, points)


def inputs_at(crisis: Crisis, names: Sequence[str], points: Array) -> dict[str, Array]:
    """The inputs at uniform points of some of them, (draws, names), the others at their medians, levers applied."""
    columns = dict(zip(names, correlated(crisis, names, points).T, strict=True))
    middle = np.full(len(points), 0.5)
    values = {
        name: entry.distribution.quantile(np.ascontiguousarray(columns.get(name, middle)))
        for name, entry in crisis.inputs.items()
    }
    return resolved_inputs(crisis, values)


def sample_draws(crisis: Crisis, seed: int, first: int, end: int) -> dict[str, Array]:
    """The draws `first` to `end` of a run: for each input (draws,), pulled levers applied; `first` begins a chunk."""
    chunks = [sample_chunk(crisis, seed, chunk) for chunk in range(first // CHUNK, -(-end // CHUNK))]
    return {name: np.concatenate([chunk[name] for chunk in chunks])[: end - first] for name in crisis.inputs}


def correlated(crisis: Crisis, names: Sequence[str], points: Array) -> Array:
    """Apply the crisis's correlations of normal scores to uniform points of the uncertain inputs, (draws, inputs)."""
    matrix = correlation_matrix(crisis.correlations, names)
    if np.array_equal(matrix, np.eye(len(names))):
        return points
    factor = np.linalg.cholesky(matrix)
    mixed = points.copy()
    scores = {column: normal_scores(points[:, column]) for column in np.flatnonzero((matrix != 0.0).sum(axis=0) > 1)}
    for row, weights in enumerate(factor):
        others = np.flatnonzero(weights)
        if len(others) > 1:  # summed in a fixed order, which a matrix product does not guarantee
            total = np.zeros(len(points))
            for column in others:
                total = total + weights[column] * scores[column]
            mixed[:, row] = np.clip(normal_levels(total), LOWEST_LEVEL, 1.0 - LOWEST_LEVEL)
    return mixed


Keep = Literal["strategies"]
"""What a run can keep in addition: `strategies`, each draw's profile."""


def chunk_sizes(draws: int) -> list[int]:
    """Number of draws in each chunk of a run; the last chunk may hold fewer.

    Examples
    --------
    >>> chunk_sizes(2500)
    [1024, 1024, 452]
    """
    return [min(CHUNK, draws - start) for start in range(0, draws, CHUNK)]
