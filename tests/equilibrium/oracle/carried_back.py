"""One sweep at a fixed point, carried back: the transpose of the derivative of `response.respond`.

A sweep spreads reach forward and values backward. Its transpose carries derivatives of values forward over the layers,
through each answer to the values behind it, and derivatives of reach backward (reverse accumulation: Griewank &
Walther 2008, *Evaluating Derivatives*, chapter 3). The last axis of every array is the draw.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from offramp.equilibrium.graph import Graph
from offramp.equilibrium.structure import LOGIT, PRIVATE
from tests.equilibrium.oracle.choice_rules import response_back
from tests.equilibrium.oracle.lanes import compiled, log_of

Float = NDArray[np.float64]


class Place(NamedTuple):
    """The fixed points of a block of draws, at which the derivatives are taken.

    `odds`: (belief systems, odds slots); `pay`: (payment rows,); `rationality`: (actors,). `choice`, `gain`: (slots,),
    the profile and each option's value to its mover; `weight`: (nodes,), of each decision node within its information
    set; `value`: (nodes + 1, actors), payoff to come in the actor's own odds. `reach`: (belief systems, nodes + 1);
    `inflow`: (belief systems, edges), the share of the child's reach that comes along the edge. `concentration`:
    (belief systems, nodes + 1), the sum of the squared probabilities of the ways for play to end after a node, or
    (belief systems, 0) if no actor has private shocks.
    """

    odds: Float
    pay: Float
    rationality: Float
    choice: Float
    gain: Float
    weight: Float
    value: Float
    reach: Float
    inflow: Float
    concentration: Float


class Derivatives(NamedTuple):
    """The derivatives of one number: with respect to what a game is given, and working arrays.

    `odds`, `pay`, `rationality`, `concentration`: as in `Place`. `log_choice`: (slots,), the logarithms of choices;
    `gain`: (slots,); `value`: (nodes + 1, actors); `log_reach`: (nodes + 1,), the logarithm of reach in its mover's
    belief system; `ahead`: (nodes + 1,) and `share`: (options,) are working arrays.
    """

    odds: Float
    pay: Float
    rationality: Float
    log_choice: Float
    gain: Float
    value: Float
    log_reach: Float
    concentration: Float
    ahead: Float
    share: Float


@compiled
def carry_back(
    graph: Graph, at: Place, toward: Float, last_layer: NDArray[np.int64], whole: bool, back: Derivatives
) -> None:
    """Carry derivatives with respect to the answering logits back through one sweep.

    Parameters
    ----------
    graph, at
        The game and the fixed points.
    toward
        (slots, draws), the derivatives with respect to the logits that the sweep answers; they add up to 0 in each
        information set.
    last_layer
        (belief systems,), the number of layers up to the last information set of several nodes that uses the system.
    whole
        Whether derivatives with respect to odds, payments and rationality are added up as well.
    back
        `log_choice` is filled with the derivatives with respect to the logarithms of the choices that the sweep starts
        from. `odds`, `pay` and `rationality` are added to.
    """
    back.value[:] = 0.0
    back.log_reach[:] = 0.0
    back.log_choice[:] = 0.0
    back.concentration[:] = 0.0
    # choices after the last information set of several nodes change no belief
    for layer in range(len(graph.layer_actor) if whole else last_layer.max()):
        mover = graph.layer_actor[layer]
        for group in range(graph.layer_group[layer], graph.layer_group[layer + 1]):
            if mover >= 0:
                _through_answer(graph, at, group, mover, toward, whole, back)
                _through_move(graph, at, group, mover, whole, back)
            else:
                _through_chance(graph, at, group, whole, back)
            if at.concentration.shape[1]:
                _through_concentration(graph, at, group, mover >= 0, whole, back)
    for system in range(len(graph.until)):
        if last_layer[system] > 0:
            _through_reach(graph, at, system, last_layer[system], whole, back)


@compiled
def _through_answer(
    graph: Graph, at: Place, group: int, mover: int, toward: Float, whole: bool, back: Derivatives
) -> None:
    """From the values of a group's nodes to its choices, and from the choices to the values of its options."""
    options, slot, edge = graph.group_options[group], graph.group_slot[group], graph.group_edge[group]
    draws = toward.shape[1]
    back.share[:options] = 0.0
    for node in range(graph.group_node[group], graph.group_node[group + 1]):
        for option in range(options):
            for actor in range(len(graph.belief_of)):
                child, row = graph.edge_child[edge], graph.edge_pay[edge, actor]
                for draw in range(draws):
                    to_come = at.value[child, actor, draw] + at.pay[row, draw]
                    back.share[option, draw] += back.value[node, actor, draw] * to_come
            edge += 1
    if at.concentration.shape[1]:
        edge = graph.group_edge[group]
        for node in range(graph.group_node[group], graph.group_node[group + 1]):
            for option in range(options):
                child = graph.edge_child[edge]
                for system in range(len(graph.until)):
                    for draw in range(draws):
                        more = 2.0 * at.choice[slot + option, draw] * at.concentration[system, child, draw]
                        back.share[option, draw] += more * back.concentration[system, node, draw]
                edge += 1
    if not graph.closes[group]:  # the group keeps the choices that the sweep starts from
        for option in range(options):
            for draw in range(draws):
                back.log_choice[slot + option, draw] += at.choice[slot + option, draw] * back.share[option, draw]
        return
    for option in range(options):
        for draw in range(draws):
            back.share[option, draw] *= at.choice[slot + option, draw]
            back.share[option, draw] += toward[slot + option, draw]
    if graph.rules[mover] != LOGIT:
        _by_rule(graph, at, group, mover, whole, back)
        return
    for draw in range(draws):
        total = 0.0
        for option in range(options):
            total += back.share[option, draw]
        for option in range(options):
            here = back.share[option, draw] - at.choice[slot + option, draw] * total
            back.gain[slot + option, draw] = at.rationality[mover, draw] * here
            if whole:
                back.rationality[mover, draw] += at.gain[slot + option, draw] * here


@compiled
def _by_rule(graph: Graph, at: Place, group: int, mover: int, whole: bool, back: Derivatives) -> None:
    """From the logarithms of a group's choices, in `share`, to what its mover's rule takes."""
    options, slot, edge = graph.group_options[group], graph.group_slot[group], graph.group_edge[group]
    rule, system = graph.rules[mover], graph.belief_of[mover]
    gain, variance, log_choice, toward, to_gain, to_variance = np.zeros((6, options))
    for draw in range(at.choice.shape[1]):
        for option in range(options):
            gain[option], log_choice[option] = at.gain[slot + option, draw], log_of(at.choice[slot + option, draw])
            toward[option] = back.share[option, draw]
            if rule == PRIVATE:
                variance[option] = at.concentration[system, graph.edge_child[edge + option], draw]
        to_rationality = response_back(
            rule, at.rationality[mover, draw], gain, variance, log_choice, toward, to_gain, to_variance
        )
        for option in range(options):
            back.gain[slot + option, draw] = to_gain[option]
            if rule == PRIVATE:
                back.concentration[system, graph.edge_child[edge + option], draw] += to_variance[option]
        if whole:
            back.rationality[mover, draw] += to_rationality


@compiled
def _through_concentration(graph: Graph, at: Place, group: int, is_move: bool, whole: bool, back: Derivatives) -> None:
    """From the concentration of the ends after a group's nodes to that after the nodes behind them, and to odds."""
    slot, edge = graph.group_slot[group], graph.group_edge[group]
    for node in range(graph.group_node[group], graph.group_node[group + 1]):
        for index in range(slot, slot + graph.group_options[group]):
            child = graph.edge_child[edge]
            for system in range(len(graph.until)):
                for draw in range(at.choice.shape[1]):
                    share = at.choice[index, draw] if is_move else at.odds[system, index, draw]
                    here = share * back.concentration[system, node, draw]
                    back.concentration[system, child, draw] += share * here
                    if whole and not is_move:
                        back.odds[system, index, draw] += 2.0 * here * at.concentration[system, child, draw]
            edge += 1


@compiled
def _through_move(graph: Graph, at: Place, group: int, mover: int, whole: bool, back: Derivatives) -> None:
    """From the values of a group's nodes and options to the values of the nodes behind them, and to reach."""
    options, slot, edge = graph.group_options[group], graph.group_slot[group], graph.group_edge[group]
    draws = at.choice.shape[1]
    for node in range(graph.group_node[group], graph.group_node[group + 1]):
        for index in range(slot, slot + options):
            child = graph.edge_child[edge]
            for actor in range(len(graph.belief_of)):
                row = graph.edge_pay[edge, actor]
                if actor == mover:
                    for draw in range(draws):
                        to_come = at.value[child, actor, draw] + at.pay[row, draw] - at.gain[index, draw]
                        here = at.weight[node, draw] * back.gain[index, draw]
                        back.log_reach[node, draw] += here * to_come
                        here += at.choice[index, draw] * back.value[node, actor, draw]
                        back.value[child, actor, draw] += here
                        if whole:
                            back.pay[row, draw] += here
                else:
                    for draw in range(draws):
                        here = at.choice[index, draw] * back.value[node, actor, draw]
                        back.value[child, actor, draw] += here
                        if whole:
                            back.pay[row, draw] += here
            edge += 1


@compiled
def _through_chance(graph: Graph, at: Place, group: int, whole: bool, back: Derivatives) -> None:
    """From the values of a chance group's nodes to the values of the nodes behind them, and to each actor's odds."""
    options, slot, edge = graph.group_options[group], graph.group_slot[group], graph.group_edge[group]
    draws = at.odds.shape[2]
    for node in range(graph.group_node[group], graph.group_node[group + 1]):
        for index in range(slot, slot + options):
            child = graph.edge_child[edge]
            for actor in range(len(graph.belief_of)):
                system, row = graph.belief_of[actor], graph.edge_pay[edge, actor]
                for draw in range(draws):
                    here = at.odds[system, index, draw] * back.value[node, actor, draw]
                    back.value[child, actor, draw] += here
                    if whole:
                        to_come = at.value[child, actor, draw] + at.pay[row, draw]
                        back.odds[system, index, draw] += back.value[node, actor, draw] * to_come
                        back.pay[row, draw] += here
            edge += 1


@compiled
def _through_reach(graph: Graph, at: Place, system: int, layers: int, whole: bool, back: Derivatives) -> None:
    """From the reach of nodes in one belief system to the choices and the odds on the ways to them."""
    back.ahead[:] = 0.0
    draws = at.choice.shape[1]
    for layer in range(layers - 1, -1, -1):
        mover = graph.layer_actor[layer]
        for group in range(graph.layer_group[layer], graph.layer_group[layer + 1]):
            options, slot, edge = graph.group_options[group], graph.group_slot[group], graph.group_edge[group]
            for node in range(graph.group_node[group], graph.group_node[group + 1]):
                if mover >= 0 and graph.belief_of[mover] == system:
                    for draw in range(draws):
                        back.ahead[node, draw] = back.log_reach[node, draw]
                for index in range(slot, slot + options):
                    child = graph.edge_child[edge]
                    if mover >= 0:
                        for draw in range(draws):
                            here = at.inflow[system, edge, draw] * back.ahead[child, draw]
                            back.ahead[node, draw] += here
                            back.log_choice[index, draw] += here
                    else:
                        for draw in range(draws):
                            here = at.inflow[system, edge, draw] * back.ahead[child, draw]
                            back.ahead[node, draw] += here
                            if whole:
                                odds = at.odds[system, index, draw]
                                if odds > 0.0:
                                    back.odds[system, index, draw] += here / odds
                                elif at.reach[system, child, draw] > 0.0:
                                    more = at.reach[system, node, draw] / at.reach[system, child, draw]
                                    back.odds[system, index, draw] += more * back.ahead[child, draw]
                    edge += 1
