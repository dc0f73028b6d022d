"""The arrays of one draw's response: its numbers, an evaluation, and working arrays for derivatives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from offramp.equilibrium.core import Struct
from offramp.equilibrium.graph import Graph
from offramp.equilibrium.structure import PRIVATE, Structure

Float = NDArray[np.float64]

WIDTH = 4
"""Values are padded to a whole number of vectors of this many actors."""


class Numbers(NamedTuple):
    """The numbers that differ between draws, flat, the lane last.

    `odds`: (belief systems, odds slots); `pay`: (rows); `rationality`: (actors); `supported`: (information sets), 1
    if the odds allow some play to reach the set, else 0.
    """

    odds: Float
    pay: Float
    rationality: Float
    supported: Float


@dataclass(frozen=True, eq=False, repr=False)
class Draw(Struct):
    """One draw's numbers, with actors side by side: `room` is their number, rounded up to whole lanes.

    `odds`: (belief systems, odds slots); `own_odds`: (odds slots, room), each actor's own; `paid`: (edges, room); these
    three are flat. `rationality`: (actors,); `supported`: (information sets,). `in_turn`: True if each information set
    answers the answers of the later ones, as in a sweep; False if all answer the same profile.
    """

    odds: Float
    own_odds: Float
    paid: Float
    rationality: Float
    supported: Float
    in_turn: bool


@dataclass(frozen=True, eq=False, repr=False)
class Point(Struct):
    """An evaluation of the map; `differentiate` uses all of it but `image`.

    `image`: (slots,), the answering logits. `log_choice`, `choice`: (slots,), the input choices; `answer`: (slots,),
    the answering choices; `gain`: (slots,), each option's value; `value`: (nodes + 1, room) and `to_come`: (edges,
    room), flat, the payoff after a node, and on an edge and after it. `reach`: (belief systems, nodes + 1),
    probabilities or their logarithms; `inflow`: (belief systems, ways), the share of a node's reach that each way in
    contributes; `weight`: (nodes,), of each decision node within its information set; `mass`: (sets,).
    `concentration`: (belief systems, nodes + 1), the sum, over the ways for play to end after a node, of their squared
    probabilities, or (belief systems, 0) if no actor has private shocks; `variance`: (slots,), that of the node after
    an option, in the mover's own odds.
    """

    image: Float
    log_choice: Float
    choice: Float
    answer: Float
    gain: Float
    value: Float
    to_come: Float
    reach: Float
    inflow: Float
    weight: Float
    mass: Float
    concentration: Float
    variance: Float


@dataclass(frozen=True, eq=False, repr=False)
class ResponseDerivative(Struct):
    """Working arrays for the derivatives of a point: of logarithms of choices and of reach, of values and so on.

    `open`: (nodes + 1,), whether somebody decides at a node or after it; the values of other nodes never change.
    """

    log_choice: Float
    log_reach: Float
    value: Float
    answer: Float
    concentration: Float
    variance: Float
    open: NDArray[np.bool_]


def room_of(graph: Graph) -> int:
    """The length of a value: one number for each actor, rounded up to whole lanes."""
    return -(-len(graph.belief_of) // WIDTH) * WIDTH


def draw_numbers(graph: Graph, odds: Float, pay: Float, rationality: Float, supported: Float) -> Draw:
    """A draw's numbers from odds, (belief systems, odds slots), payments, (rows,), rationality and supported sets."""
    actors, room = len(graph.belief_of), room_of(graph)
    own_odds, paid = np.zeros((odds.shape[1], room)), np.zeros((len(graph.edge_child), room))
    own_odds[:, :actors] = odds[graph.belief_of].T
    paid[:, :actors] = pay[graph.edge_pay]
    return Draw(np.ascontiguousarray(odds).ravel(), own_odds.ravel(), paid.ravel(), rationality, supported, True)


def point_of(structure: Structure) -> Point:
    """Working arrays for an evaluation of the map."""
    graph, slots, room = structure.graph, structure.slots, room_of(structure.graph)
    systems = len(graph.until)
    concentration = np.zeros((systems, graph.nodes + 1 if (graph.rules == PRIVATE).any() else 0))
    concentration[:, -1:] = 1.0
    return Point(
        image=np.zeros(slots),
        log_choice=np.zeros(slots),
        choice=np.zeros(slots),
        answer=np.zeros(slots),
        gain=np.zeros(slots),
        value=np.zeros((graph.nodes + 1) * room),
        to_come=np.zeros(len(graph.edge_child) * room),
        reach=np.zeros((systems, graph.nodes + 1)),
        inflow=np.zeros((systems, len(graph.way_from))),
        weight=np.zeros(graph.nodes),
        mass=np.zeros(len(structure.movers)),
        concentration=concentration,
        variance=np.zeros(slots),
    )


def change_of(structure: Structure) -> ResponseDerivative:
    """Working arrays for the derivatives at a point."""
    graph, slots = structure.graph, structure.slots
    return ResponseDerivative(
        log_choice=np.zeros(slots),
        log_reach=np.zeros((len(graph.until), graph.nodes + 1)),
        value=np.zeros((graph.nodes + 1) * room_of(graph)),
        answer=np.zeros(slots),
        concentration=np.zeros((len(graph.until), graph.nodes + 1)),
        variance=np.zeros(slots),
        open=structure.open_nodes,
    )
