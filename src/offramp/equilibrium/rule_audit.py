"""The certificate's own responses by choice rules other than logit, straight from their definitions.

The definitions are in `core/choice_rules.hpp`. As in `audit`, nothing is shared with the loops that find solutions, and
the last axis of every array is the draw.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from offramp.equilibrium.core import FLOATS, PACKED, WHOLE, Struct, function
from offramp.equilibrium.graph import Graph

Float = NDArray[np.float64]

WIDEST = 9.0
"""A standard normal shock is beyond this with a probability of 2e-19."""
POINTS = 48
"""Number of points of the quadrature over a shock, over the root of the number of options: the more there are, the
narrower the integrand may be."""

_deviations = function("audit_deviations", PACKED, FLOATS, FLOATS, WHOLE, FLOATS)
_squares = function("audit_squares", PACKED, FLOATS, FLOATS, WHOLE, FLOATS)


@dataclass(frozen=True, eq=False, repr=False)
class Quadrature(Struct):
    """Points of a standard normal shock, and their weights times its density."""

    shocks: Float
    weights: Float
    points: int


NO_POINTS = Quadrature(np.empty(0), np.empty(0), 0)
"""What a certificate takes where every actor's choice rule is logit, which has no quadrature."""


@cache
def quadrature(options: int) -> Quadrature:
    """The points and weights for so many options (Gauss-Legendre)."""
    nodes, weights = np.polynomial.legendre.leggauss(math.ceil(POINTS * math.sqrt(options)))
    shocks = WIDEST * nodes
    density = WIDEST * weights * np.exp(-0.5 * shocks**2) / math.sqrt(2.0 * math.pi)
    return Quadrature(shocks, density, len(shocks))


def deviations(graph: Graph, odds: Float, choice: Float) -> Float:
    """The standard deviation of the difference of two options' shocks, times rationality: (information sets, draws)."""
    draws = choice.shape[1]
    deviation = np.empty((graph.sets, draws))
    _deviations(graph, odds, choice, draws, deviation)
    return deviation


def squares_of(graph: Graph, odds: Float, choice: Float) -> Float:
    """The sum of squared probabilities of all ways for play to end after a node: (belief systems, nodes + 1, draws)."""
    draws = choice.shape[1]
    squares = np.empty((graph.systems, graph.nodes + 1, draws))
    _squares(graph, odds, choice, draws, squares)
    return squares
