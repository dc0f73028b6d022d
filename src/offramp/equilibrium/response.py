"""The response of one draw as a map of logits, with its exact derivative, for every choice rule.

Logits are logarithms of choice probabilities, up to a constant at each information set, whatever the actor's choice
rule (`core/choice_rules.hpp`). `respond` maps logits theta and the scale of all rationalities to the logits, of mean
zero at each set, that one sweep answers with: reach forward from theta, values backward, choices updated on the way.
Its fixed points are the equilibria at that scale. `differentiate` computes the directional derivative at the point
where `respond` was last called, for the cost of another sweep: the effect of a change of logits on the logarithms of
reach, and through them on values and choices. If reach underflows it is carried in logarithms, so precision is kept at
any scale.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from offramp.equilibrium.core import BYTES, FLOATS, NUMBER, PACKED, function
from offramp.equilibrium.response_arrays import Draw, Point, ResponseDerivative
from offramp.equilibrium.structure import Structure

Float = NDArray[np.float64]

_respond = function("respond_to_logits", PACKED, PACKED, FLOATS, NUMBER, BYTES, PACKED)
_differentiate = function("differentiate_response", PACKED, PACKED, NUMBER, PACKED, PACKED, FLOATS, NUMBER, FLOATS)


def respond(structure: Structure, draw: Draw, theta: Float, scale: float, logarithms: bool, point: Point) -> bool:
    """Evaluate the map at `theta`, (slots,), and `scale`; True if reach had to be carried in logarithms."""
    assert len(theta) == structure.slots
    in_logarithms = np.array([logarithms])
    _respond(structure.graph, draw, theta, scale, in_logarithms, point)
    return bool(in_logarithms[0])


def differentiate(
    structure: Structure,
    draw: Draw,
    scale: float,
    point: Point,
    change: ResponseDerivative,
    along: Float,
    faster: float,
    out: Float,
) -> None:
    """Derivative of the map at `point` in the direction of logits, `along`, and of the scale, `faster`.

    `along`, `out`: (slots,).
    """
    assert len(along) == len(out) == structure.slots
    _differentiate(structure.graph, draw, scale, point, change, along, faster, out)
