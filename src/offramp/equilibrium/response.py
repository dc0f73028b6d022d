"""The logit response of one draw as a map of logits, with its exact derivative.

`respond` maps logits theta (mean zero at each information set) and the scale of all rationalities to the logits that
one sweep answers with: reach forward from theta, values backward, choices updated on the way. Its fixed points are the
equilibria at that scale. `differentiate` computes the directional derivative at the point where `respond` was last
called, for the cost of another sweep: the effect of a change of logits on the logarithms of reach, and through them on
values and choices. If reach underflows it is carried in logarithms, so precision is kept at any scale.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from offramp.equilibrium.compiling import compiled
from offramp.equilibrium.kernel import CONVERGED, UNDERFLOW
from offramp.equilibrium.lanes import FOUR, fill, load, store
from offramp.equilibrium.structure import Graph, Structure

Float = NDArray[np.float64]

WIDTH = len(FOUR)


class Draw(NamedTuple):
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


class Point(NamedTuple):
    """An evaluation of the map; `differentiate` uses all of it but `image`.

    `image`: (slots,), the answering logits. `log_choice`, `choice`: (slots,), the input choices; `answer`: (slots,),
    the answering choices; `gain`: (slots,), each option's value; `value`: (nodes + 1, room) and `to_come`: (edges,
    room), flat, the payoff after a node, and on an edge and after it. `reach`: (belief systems, nodes + 1),
    probabilities or their logarithms; `inflow`: (belief systems, ways), the share of a node's reach that each way in
    contributes; `weight`: (nodes,), of each decision node within its information set; `mass`: (sets,).
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


class ResponseDerivative(NamedTuple):
    """Working arrays for the derivatives of a point: logarithms of choices and of reach, values, answers."""

    log_choice: Float
    log_reach: Float
    value: Float
    answer: Float


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
    )


def change_of(structure: Structure) -> ResponseDerivative:
    """Working arrays for the derivatives at a point."""
    graph, slots = structure.graph, structure.slots
    value = np.zeros((graph.nodes + 1) * room_of(graph))
    return ResponseDerivative(np.zeros(slots), np.zeros((len(graph.until), graph.nodes + 1)), value, np.zeros(slots))


@compiled
def respond(graph: Graph, draw: Draw, theta: Float, scale: float, logarithms: bool, point: Point) -> bool:
    """Evaluate the map at `theta` and `scale`; True if reach had to be carried in logarithms."""
    _normalise(graph, theta, point)
    if not logarithms:
        _reach(graph, draw, point)
        logarithms = _weights(graph, draw, point)
    if logarithms:
        _log_reach(graph, draw, point)
    room = len(point.value) // (graph.nodes + 1)
    value, to_come, gain = point.value, point.to_come, point.gain
    for layer in range(len(graph.layer_actor) - 1, -1, -1):
        mover = graph.layer_actor[layer]
        for group in range(graph.layer_group[layer], graph.layer_group[layer + 1]):
            options = graph.group_options[group]
            slot = graph.group_slot[group]
            start = graph.group_edge[group]
            first, last = graph.group_node[group], graph.group_node[group + 1]
            for edge in range(start, start + (last - first) * options):
                child = graph.edge_child[edge] * room
                for at in range(0, room, WIDTH):
                    after = load(value, child + at, FOUR) + load(draw.paid, edge * room + at, FOUR)
                    store(to_come, edge * room + at, after)
            share = point.answer
            if mover >= 0:
                if graph.opens[group]:
                    gain[slot : slot + options] = 0.0
                edge = start
                for node in range(first, last):
                    for option in range(options):
                        gain[slot + option] += point.weight[node] * to_come[edge * room + mover]
                        edge += 1
                if graph.closes[group]:
                    _answer(point, slot, options, scale * draw.rationality[mover])
                if not (graph.closes[group] and draw.in_turn):
                    share = point.choice
            edge = start
            for node in range(first, last):
                for at in range(0, room, WIDTH):
                    total = fill(0.0, FOUR)
                    for option in range(options):
                        after = load(to_come, (edge + option) * room + at, FOUR)
                        if mover >= 0:
                            total += fill(share[slot + option], FOUR) * after
                        else:
                            total += load(draw.own_odds, (slot + option) * room + at, FOUR) * after
                    store(value, node * room + at, total)
                edge += options
    return logarithms


@compiled
def converge_in_logarithms(graph: Graph, draw: Draw, theta: Float, most_sweeps: int, point: Point) -> tuple[int, bool]:
    """Plain sweeps of one draw, with reach in logarithms, from the logits `theta`, which become the last answer.

    Returns the number of sweeps, at most `most_sweeps`, and whether the last one changed nothing.
    """
    for sweep in range(most_sweeps):
        respond(graph, draw, theta, 1.0, True, point)
        change = 0.0
        for slot in range(len(theta)):
            # `not ... <=` so that NaN, which never converges, is kept
            moved = abs(point.answer[slot] - point.choice[slot])
            if not moved <= change:
                change = moved
        theta[:] = point.image
        if change <= CONVERGED:
            return sweep + 1, True
    return most_sweeps, len(theta) == 0


@compiled
def differentiate(
    graph: Graph,
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
    for group in range(len(graph.group_set)):
        if graph.closes[group]:
            slot, end = graph.group_slot[group], graph.group_slot[group] + graph.group_options[group]
            mean = 0.0
            for index in range(slot, end):
                mean += point.choice[index] * along[index]
            for index in range(slot, end):
                change.log_choice[index] = along[index] - mean
    for belief in range(len(graph.until)):
        ahead, inflow = change.log_reach[belief], point.inflow[belief]
        for node in range(graph.until[belief]):
            total = 0.0
            for way in range(graph.ways[node], graph.ways[node + 1]):
                slot = graph.way_slot[way]
                more = change.log_choice[slot] if slot >= 0 else 0.0
                total += inflow[way] * (ahead[graph.way_from[way]] + more)
            ahead[node] = total
    room = len(point.value) // (graph.nodes + 1)
    value, to_come = change.value, point.to_come
    for layer in range(len(graph.layer_actor) - 1, -1, -1):
        mover = graph.layer_actor[layer]
        for group in range(graph.layer_group[layer], graph.layer_group[layer + 1]):
            options = graph.group_options[group]
            slot = graph.group_slot[group]
            start = graph.group_edge[group]
            first, last = graph.group_node[group], graph.group_node[group + 1]
            share = point.answer
            if mover >= 0:
                if graph.opens[group]:
                    out[slot : slot + options] = 0.0
                towards = change.log_reach[graph.belief_of[mover]]
                edge = start
                for node in range(first, last):
                    weight = point.weight[node]
                    for option in range(options):
                        more = towards[node] * (to_come[edge * room + mover] - point.gain[slot + option])
                        out[slot + option] += weight * (more + value[graph.edge_child[edge] * room + mover])
                        edge += 1
                if graph.closes[group]:
                    rationality = draw.rationality[mover]
                    mean = 0.0
                    tilt = 0.0
                    for index in range(slot, slot + options):
                        out[index] = rationality * (scale * out[index] + faster * point.gain[index])
                        mean += out[index]
                        tilt += point.answer[index] * out[index]
                    for index in range(slot, slot + options):
                        change.answer[index] = point.answer[index] * (out[index] - tilt)
                        out[index] -= mean / options
                if not (graph.closes[group] and draw.in_turn):
                    share = point.choice
                    for index in range(slot, slot + options):
                        change.answer[index] = point.choice[index] * change.log_choice[index]
            edge = start
            for node in range(first, last):
                for at in range(0, room, WIDTH):
                    total = fill(0.0, FOUR)
                    for option in range(options):
                        ahead = load(value, graph.edge_child[edge + option] * room + at, FOUR)
                        if mover >= 0:
                            after = load(to_come, (edge + option) * room + at, FOUR)
                            total += fill(share[slot + option], FOUR) * ahead
                            total += fill(change.answer[slot + option], FOUR) * after
                        else:
                            total += load(draw.own_odds, (slot + option) * room + at, FOUR) * ahead
                    store(value, node * room + at, total)
                edge += options


@compiled
def _normalise(graph: Graph, theta: Float, point: Point) -> None:
    """Choice probabilities and their logarithms from logits."""
    for group in range(len(graph.group_set)):
        if graph.closes[group]:
            slot, end = graph.group_slot[group], graph.group_slot[group] + graph.group_options[group]
            best = -np.inf
            for index in range(slot, end):
                best = max(best, theta[index])
            total = 0.0
            for index in range(slot, end):
                total += math.exp(theta[index] - best)
            for index in range(slot, end):
                point.log_choice[index] = theta[index] - best - math.log(total)
                point.choice[index] = math.exp(point.log_choice[index])


@compiled
def _answer(point: Point, slot: int, options: int, rationality: float) -> None:
    """The logit response at one information set."""
    mean = 0.0
    best = -np.inf
    for index in range(slot, slot + options):
        point.image[index] = rationality * point.gain[index]
        mean += point.image[index]
        best = max(best, point.image[index])
    total = 0.0
    for index in range(slot, slot + options):
        point.answer[index] = math.exp(point.image[index] - best)
        total += point.answer[index]
        point.image[index] -= mean / options
    for index in range(slot, slot + options):
        point.answer[index] /= total


@compiled
def _reach(graph: Graph, draw: Draw, point: Point) -> None:
    """Probabilities of nodes, and the share of each way into them."""
    odds_slots = len(draw.odds) // len(graph.until)
    for belief in range(len(graph.until)):
        reach = point.reach[belief]
        for node in range(graph.until[belief]):
            total = 1.0 if node == graph.root else 0.0
            for way in range(graph.ways[node], graph.ways[node + 1]):
                slot = graph.way_slot[way]
                share = point.choice[slot] if slot >= 0 else draw.odds[belief * odds_slots + ~slot]
                point.inflow[belief, way] = reach[graph.way_from[way]] * share
                total += point.inflow[belief, way]
            reach[node] = total
            if total > 0.0:
                for way in range(graph.ways[node], graph.ways[node + 1]):
                    point.inflow[belief, way] /= total


@compiled
def _weights(graph: Graph, draw: Draw, point: Point) -> bool:
    """Weights within information sets; True if a supported set's reach has underflowed."""
    point.mass[:] = 0.0
    for layer in range(len(graph.layer_actor)):
        mover = graph.layer_actor[layer]
        if mover >= 0:
            reach = point.reach[graph.belief_of[mover]]
            for group in range(graph.layer_group[layer], graph.layer_group[layer + 1]):
                for node in range(graph.group_node[group], graph.group_node[group + 1]):
                    point.mass[graph.group_set[group]] += reach[node]
    for layer in range(len(graph.layer_actor)):
        mover = graph.layer_actor[layer]
        if mover >= 0:
            reach = point.reach[graph.belief_of[mover]]
            for group in range(graph.layer_group[layer], graph.layer_group[layer + 1]):
                mass = point.mass[graph.group_set[group]]
                if mass < UNDERFLOW and draw.supported[graph.group_set[group]] > 0.0:
                    return True
                for node in range(graph.group_node[group], graph.group_node[group + 1]):
                    point.weight[node] = reach[node] / mass if mass > 0.0 else 0.0
    return False


@compiled
def _log_reach(graph: Graph, draw: Draw, point: Point) -> None:
    """Like `_reach` and `_weights`, in logarithms; `mass` is the largest logarithm of each information set."""
    odds_slots = len(draw.odds) // len(graph.until)
    for belief in range(len(graph.until)):
        reach = point.reach[belief]
        for node in range(graph.until[belief]):
            best = 0.0 if node == graph.root else -np.inf
            for way in range(graph.ways[node], graph.ways[node + 1]):
                slot = graph.way_slot[way]
                if slot >= 0:
                    step = point.log_choice[slot]
                else:
                    odds = draw.odds[belief * odds_slots + ~slot]
                    step = math.log(odds) if odds > 0.0 else -np.inf
                point.inflow[belief, way] = reach[graph.way_from[way]] + step
                best = max(best, point.inflow[belief, way])
            total = 1.0 if node == graph.root else 0.0
            for way in range(graph.ways[node], graph.ways[node + 1]):
                raised = math.exp(point.inflow[belief, way] - best) if best > -np.inf else 0.0
                point.inflow[belief, way] = raised
                total += raised
            reach[node] = best + math.log(total) if best > -np.inf else -np.inf
            if total > 0.0:
                for way in range(graph.ways[node], graph.ways[node + 1]):
                    point.inflow[belief, way] /= total
    point.mass[:] = -np.inf
    total_weight = np.zeros(len(point.mass))
    for stage in range(3):
        for layer in range(len(graph.layer_actor)):
            mover = graph.layer_actor[layer]
            if mover < 0:
                continue
            reach = point.reach[graph.belief_of[mover]]
            for group in range(graph.layer_group[layer], graph.layer_group[layer + 1]):
                info_set = graph.group_set[group]
                for node in range(graph.group_node[group], graph.group_node[group + 1]):
                    if stage == 0:
                        point.mass[info_set] = max(point.mass[info_set], reach[node])
                    elif stage == 1:
                        high = point.mass[info_set]
                        point.weight[node] = math.exp(reach[node] - high) if high > -np.inf else 0.0
                        total_weight[info_set] += point.weight[node]
                    elif total_weight[info_set] > 0.0:
                        point.weight[node] /= total_weight[info_set]
