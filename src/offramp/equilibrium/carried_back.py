"""Derivatives through the equilibria of a block of draws: linear systems with a sweep carried back as their operator.

The core (`carried_back.cpp`) solves (I - J') x = g for each draw, J being the Jacobian of a sweep, by GMRES (Saad &
Schultz 1986, *SIAM Journal on Scientific and Statistical Computing* 7), eight draws side by side.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from offramp.equilibrium.core import BYTES, FLOATS, LONGS, PACKED, WHOLE, Struct, function
from offramp.equilibrium.graph import Graph

Float = NDArray[np.float64]

_through_equilibrium = function(
    "derivatives_through_equilibrium", PACKED, PACKED, LONGS, WHOLE, FLOATS, BYTES, *[FLOATS] * 3
)


@dataclass(frozen=True, eq=False)
class Place(Struct):
    """The fixed points of a block of draws, at which the derivatives are taken; the last axis is the draw.

    `odds`: (belief systems, odds slots); `pay`: (payment rows,); `rationality`: (actors,). `choice`, `gain`: (slots,),
    the profile and each option's value to its mover; `weight`: (nodes,), of each decision node within its information
    set; `value`: (nodes + 1, actors), payoff to come in the actor's own odds. `inflow`: (belief systems, edges), the
    share of the child's reach that comes along each of the first edges; `reach`: (belief systems, nodes + 1), or
    (belief systems, 0) if there are none. `concentration`: (belief systems, nodes + 1), the sum of the squared
    probabilities of the ways for play to end after a node, or (belief systems, 0) if no actor has private shocks.
    """

    odds: Float
    pay: Float
    rationality: Float
    choice: Float
    gain: Float
    weight: Float
    value: Float
    inflow: Float
    reach: Float
    concentration: Float


@dataclass(frozen=True, eq=False)
class _SizedPlace(Struct):
    draws: int
    pay_rows: int
    inflow_edges: int
    squared: bool
    at: Place


class Derivatives(NamedTuple):
    """The derivatives of one number with respect to `odds`, `pay` and `rationality`, as in `Place`."""

    odds: Float
    pay: Float
    rationality: Float


def through_equilibrium(
    graph: Graph, at: Place, last_layer: NDArray[np.int64], rows: int, toward: Float, back: Derivatives
) -> NDArray[np.bool_]:
    """Whether the system of each draw is solved: (draws,).

    Parameters
    ----------
    graph, at
        The game and the fixed points.
    last_layer
        (belief systems,), the number of layers up to the last information set of several nodes that uses the system.
    rows
        The number of slots that can change beliefs.
    toward
        (slots, draws), the derivatives at the given profile with respect to the logits, which add up to 0 in each
        information set; overwritten with those through the equilibrium.
    back
        Derivatives at the given profile, to which those through the equilibrium are added.
    """
    draws = toward.shape[1]
    assert at.choice.shape == toward.shape
    at = Place(*(np.ascontiguousarray(getattr(at, part.name)) for part in fields(at)))
    sized = _SizedPlace(draws, len(at.pay), at.inflow.shape[1], bool(at.concentration.shape[1]), at)
    settled = np.ones(draws, dtype=bool)
    _through_equilibrium(graph, sized, last_layer, rows, toward, settled, *back)
    return settled
