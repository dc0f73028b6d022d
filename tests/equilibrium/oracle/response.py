"""The response of one draw as a map of logits, with its exact derivative, for every choice rule.

Logits are logarithms of choice probabilities, up to a constant at each information set, whatever the actor's choice
rule (`choice_rules`). `respond` maps logits theta and the scale of all rationalities to the logits, of mean zero at
each set, that one sweep answers with: reach forward from theta, values backward, choices updated on the way. Its fixed
points are the equilibria at that scale. `differentiate` computes the directional derivative at the point where
`respond` was last called, for the cost of another sweep: the effect of a change of logits on the logarithms of reach,
and through them on values and choices. If reach underflows it is carried in logarithms, so precision is kept at any
scale.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from offramp.equilibrium.graph import Graph
from offramp.equilibrium.response_arrays import WIDTH, Draw, Point, ResponseDerivative
from offramp.equilibrium.structure import LOGIT, PRIVATE
from tests.equilibrium.oracle.choice_rules import log_response, response_along
from tests.equilibrium.oracle.kernel import UNDERFLOW
from tests.equilibrium.oracle.lanes import FOUR, compiled, exp_of, fill, load, log_of, store

Float = NDArray[np.float64]


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
                    rule = graph.rules[mover]
                    if rule == PRIVATE:
                        for option in range(options):
                            child = graph.edge_child[start + option]
                            point.variance[slot + option] = point.concentration[graph.belief_of[mover], child]
                    _answer(point, slot, options, rule, scale * draw.rationality[mover])
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
            if point.concentration.shape[1]:
                _concentrate(graph, draw, point, group, mover, share)
    return logarithms


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
                if graph.closes[group] and graph.rules[mover] != LOGIT:
                    _answer_along(graph, draw, scale, point, change, group, mover, faster, out)
                elif graph.closes[group]:
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
            if point.concentration.shape[1]:
                _concentrate_along(graph, draw, point, change, group, mover, share)


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
                total += exp_of(theta[index] - best)
            for index in range(slot, end):
                point.log_choice[index] = theta[index] - best - log_of(total)
                point.choice[index] = exp_of(point.log_choice[index])


@compiled
def _answer(point: Point, slot: int, options: int, rule: int, rationality: float) -> None:
    """The response at one information set."""
    image = point.image[slot : slot + options]
    if rule != LOGIT:
        gain, variance = point.gain[slot : slot + options], point.variance[slot : slot + options]
        log_response(rule, rationality, gain, variance, image)
        for option in range(options):
            point.answer[slot + option] = exp_of(image[option])
        image -= image.sum() / options
        return
    mean = 0.0
    best = -np.inf
    for index in range(slot, slot + options):
        point.image[index] = rationality * point.gain[index]
        mean += point.image[index]
        best = max(best, point.image[index])
    total = 0.0
    for index in range(slot, slot + options):
        point.answer[index] = exp_of(point.image[index] - best)
        total += point.answer[index]
        point.image[index] -= mean / options
    for index in range(slot, slot + options):
        point.answer[index] /= total


@compiled
def _answer_along(
    graph: Graph, draw: Draw, scale: float, point: Point, change: ResponseDerivative, group: int, mover: int,
    faster: float, out: Float,
) -> None:  # fmt: skip
    """The change of the response at one information set from that of gains, in `out`, by a rule other than logit."""
    slot, options = graph.group_slot[group], graph.group_options[group]
    here = slice(slot, slot + options)
    if graph.rules[mover] == PRIVATE:
        for option in range(options):
            child = graph.edge_child[graph.group_edge[group] + option]
            change.variance[slot + option] = change.concentration[graph.belief_of[mover], child]
    rationality = draw.rationality[mover]
    response_along(
        graph.rules[mover], scale * rationality, point.gain[here], point.variance[here], point.image[here],
        faster * rationality, out[here], change.variance[here], change.answer[here],
    )  # fmt: skip
    mean = change.answer[here].sum() / options
    for index in range(slot, slot + options):
        out[index] = change.answer[index] - mean
        change.answer[index] *= point.answer[index]


@compiled
def _concentrate(graph: Graph, draw: Draw, point: Point, group: int, mover: int, share: Float) -> None:
    """The concentration of the ends after a group's nodes, in each belief system."""
    odds_slots = len(draw.odds) // len(graph.until)
    slot, options, edge = graph.group_slot[group], graph.group_options[group], graph.group_edge[group]
    for node in range(graph.group_node[group], graph.group_node[group + 1]):
        for belief in range(len(graph.until)):
            total = 0.0
            for option in range(options):
                odds = share[slot + option] if mover >= 0 else draw.odds[belief * odds_slots + slot + option]
                total += odds * odds * point.concentration[belief, graph.edge_child[edge + option]]
            point.concentration[belief, node] = total
        edge += options


@compiled
def _concentrate_along(
    graph: Graph, draw: Draw, point: Point, change: ResponseDerivative, group: int, mover: int, share: Float
) -> None:
    """The change of `_concentrate`; `change.answer` is that of the mover's choices."""
    odds_slots = len(draw.odds) // len(graph.until)
    slot, options, edge = graph.group_slot[group], graph.group_options[group], graph.group_edge[group]
    for node in range(graph.group_node[group], graph.group_node[group + 1]):
        for belief in range(len(graph.until)):
            total = 0.0
            for option in range(options):
                child = graph.edge_child[edge + option]
                if mover >= 0:
                    odds = share[slot + option]
                    total += 2.0 * odds * change.answer[slot + option] * point.concentration[belief, child]
                else:
                    odds = draw.odds[belief * odds_slots + slot + option]
                total += odds * odds * change.concentration[belief, child]
            change.concentration[belief, node] = total
        edge += options


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
                    step = log_of(odds)
                point.inflow[belief, way] = reach[graph.way_from[way]] + step
                best = max(best, point.inflow[belief, way])
            total = 1.0 if node == graph.root else 0.0
            for way in range(graph.ways[node], graph.ways[node + 1]):
                raised = exp_of(point.inflow[belief, way] - best) if best > -np.inf else 0.0
                point.inflow[belief, way] = raised
                total += raised
            reach[node] = best + log_of(total) if best > -np.inf else -np.inf
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
                        point.weight[node] = exp_of(reach[node] - high) if high > -np.inf else 0.0
                        total_weight[info_set] += point.weight[node]
                    elif total_weight[info_set] > 0.0:
                        point.weight[node] /= total_weight[info_set]
