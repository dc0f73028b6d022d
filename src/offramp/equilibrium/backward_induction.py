"""Games of perfect information, solved backward from their end by any choice rules, draws side by side."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from offramp.equilibrium.core import FLOATS, PACKED, WHOLE, function
from offramp.equilibrium.graph import Graph
from offramp.equilibrium.structure import PRIVATE

Float = NDArray[np.float64]

_choices_backward = function("choices_backward", PACKED, *[FLOATS] * 4, *[WHOLE] * 3, FLOATS, FLOATS)


def choices_backward(
    graph: Graph, odds: Float, pay: Float, rationality: Float, supported: Float
) -> tuple[Float, Float]:
    """The profile of a game in which every information set is a single node, and its logarithms: (slots, draws).

    The numbers are those of a block, the draw last: `odds`, (belief systems, odds slots), `pay`, (payment rows),
    `rationality`, (actors), `supported`, (information sets). Options of sets that are not supported are equally likely.
    """
    draws = rationality.shape[1]
    assert odds.shape == (graph.systems, graph.odds_slots, draws)
    numbers = [np.ascontiguousarray(part) for part in (odds, pay, rationality, supported)]
    choice, log_choice = np.empty((2, graph.slots, draws))
    squared = bool((graph.rules == PRIVATE).any())
    _choices_backward(graph, *numbers, len(pay), draws, squared, choice, log_choice)
    return choice, log_choice
