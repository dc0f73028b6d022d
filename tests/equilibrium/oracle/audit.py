"""Certification of a profile: reach, beliefs, values and regrets, recomputed from scratch without changing a choice.

These loops share nothing with the loops that find solutions (`kernel`, `response`), so a mistake there shows in the
certificate. The last axis of every array is the draw. `reach`: (belief systems, nodes + 1); `weight`: (nodes,), a
decision node's probability within its information set in its mover's own odds, which is the mover's belief there;
`mass`: (information sets,); `value`: (nodes + 1, actors), payoff to come in the actor's own odds.
"""

from __future__ import annotations

import math
from functools import partial

import numpy as np
from numpy.typing import NDArray

from offramp.equilibrium.graph import Graph
from offramp.equilibrium.structure import LOGIT
from tests.equilibrium.oracle.lanes import compiled

Float = NDArray[np.float64]
Int = NDArray[np.integer]

inlined = partial(compiled, inline="always")
"""A step of a loop, compiled as part of its callers."""


@compiled
def reach_of(graph: Graph, odds: Float, choice: Float, reach: Float) -> None:
    """Probability of each node in each belief system: `reach`, (belief systems, nodes + 1, draws)."""
    systems, nodes, draws = reach.shape
    end = nodes - 1
    reach[:] = 0.0
    reach[:, graph.root, :] = 1.0
    for layer in range(len(graph.layer_actor)):
        chance = graph.layer_actor[layer] < 0
        for group in range(graph.layer_group[layer], graph.layer_group[layer + 1]):
            edge = graph.group_edge[group]
            for node in range(graph.group_node[group], graph.group_node[group + 1]):
                for slot in range(graph.group_slot[group], graph.group_slot[group] + graph.group_options[group]):
                    child = graph.edge_child[edge]
                    edge += 1
                    if child == end:
                        continue
                    for system in range(systems):
                        for draw in range(draws):
                            share = odds[system, slot, draw] if chance else choice[slot, draw]
                            reach[system, child, draw] += reach[system, node, draw] * share


@compiled
def log_reach_of(graph: Graph, odds: Float, log_choice: Float, reach: Float) -> None:
    """Like `reach_of`, in logarithms."""
    systems, nodes, draws = reach.shape
    end = nodes - 1
    reach[:] = -np.inf
    reach[:, graph.root, :] = 0.0
    for layer in range(len(graph.layer_actor)):
        chance = graph.layer_actor[layer] < 0
        for group in range(graph.layer_group[layer], graph.layer_group[layer + 1]):
            edge = graph.group_edge[group]
            for node in range(graph.group_node[group], graph.group_node[group + 1]):
                for slot in range(graph.group_slot[group], graph.group_slot[group] + graph.group_options[group]):
                    child = graph.edge_child[edge]
                    edge += 1
                    if child == end:
                        continue
                    for system in range(systems):
                        for draw in range(draws):
                            if chance:
                                share = odds[system, slot, draw]
                                step = math.log(share) if share > 0.0 else -np.inf
                            else:
                                step = log_choice[slot, draw]
                            new, old = reach[system, node, draw] + step, reach[system, child, draw]
                            high = max(new, old)
                            if high > -np.inf:
                                reach[system, child, draw] = high + math.log(
                                    math.exp(new - high) + math.exp(old - high)
                                )


@compiled
def beliefs_of(graph: Graph, reach: Float, logarithms: bool, weight: Float, mass: Float) -> None:
    """Each decision node's weight within its information set.

    `mass` is filled with the set's reach or, with `logarithms`, the largest logarithm of its nodes' reach.
    """
    draws = mass.shape[1]
    mass[:] = -np.inf if logarithms else 0.0
    weight[:] = 0.0
    total = np.zeros(mass.shape)
    for stage in range(3):
        for layer in range(len(graph.layer_actor)):
            mover = graph.layer_actor[layer]
            if mover < 0:
                continue
            own = reach[graph.belief_of[mover]]
            for group in range(graph.layer_group[layer], graph.layer_group[layer + 1]):
                info_set = graph.group_set[group]
                for node in range(graph.group_node[group], graph.group_node[group + 1]):
                    for draw in range(draws):
                        if stage == 0 and logarithms:
                            mass[info_set, draw] = max(mass[info_set, draw], own[node, draw])
                        elif stage == 0:
                            mass[info_set, draw] += own[node, draw]
                        elif stage == 1:
                            if logarithms and mass[info_set, draw] > -np.inf:
                                weight[node, draw] = math.exp(own[node, draw] - mass[info_set, draw])
                            elif not logarithms:
                                weight[node, draw] = own[node, draw]
                            total[info_set, draw] += weight[node, draw]
                        elif total[info_set, draw] > 0.0:
                            weight[node, draw] /= total[info_set, draw]


@compiled
def values_of(
    graph: Graph, odds: Float, pay: Float, choice: Float, weight: Float, value: Float, option_value: Float
) -> None:
    """Values of a profile, and each option's value to its mover: `option_value`, (slots, draws)."""
    nodes, actors, draws = value.shape
    option_value[:] = 0.0
    value[nodes - 1] = 0.0
    for layer in range(len(graph.layer_actor) - 1, -1, -1):
        mover = graph.layer_actor[layer]
        for group in range(graph.layer_group[layer], graph.layer_group[layer + 1]):
            edge = graph.group_edge[group]
            for node in range(graph.group_node[group], graph.group_node[group + 1]):
                value[node] = 0.0
                for slot in range(graph.group_slot[group], graph.group_slot[group] + graph.group_options[group]):
                    child = graph.edge_child[edge]
                    for actor in range(actors):
                        row = graph.edge_pay[edge, actor]
                        share = odds[graph.belief_of[actor], slot] if mover < 0 else choice[slot]
                        for draw in range(draws):
                            value[node, actor, draw] += share[draw] * (value[child, actor, draw] + pay[row, draw])
                    if mover >= 0:
                        row = graph.edge_pay[edge, mover]
                        for draw in range(draws):
                            to_come = value[child, mover, draw] + pay[row, draw]
                            option_value[slot, draw] += weight[node, draw] * to_come
                    edge += 1


@compiled
def best_response(
    graph: Graph, odds: Float, pay: Float, choice: Float, actor: int, reach: Float, value: Float, worth: Float,
    chosen: Int, best: Float,
) -> None:  # fmt: skip
    """The highest payoff of an actor with perfect recall against the others' choices: `best`, (draws,).

    Backward induction over the actor's information sets. Nodes are weighted by the probability of getting there if
    the actor tries to: `reach`, (nodes + 1, draws), leaves out its own choices. `value`: (nodes + 1, draws), `worth`:
    (slots, draws), and `chosen`: (information sets, draws), are working arrays. At a set that lies in several layers
    the actor has to choose before all later nodes have their final values, so the pass is repeated once for each
    such set.
    """
    nodes, draws = reach.shape
    passes = _reach_if_tried(graph, odds, choice, actor, reach)
    value[nodes - 1] = 0.0
    chosen[:] = 0
    for _ in range(passes):
        for layer in range(len(graph.layer_actor) - 1, -1, -1):
            mover = graph.layer_actor[layer]
            for group in range(graph.layer_group[layer], graph.layer_group[layer + 1]):
                if mover == actor:
                    _add_worth(graph, pay, actor, group, reach, value, worth)
                    if graph.closes[group]:
                        _choose_best(graph, group, worth, chosen)
                _value_of_group(graph, odds, pay, choice, actor, mover, group, chosen, value)
    for draw in range(draws):
        best[draw] = value[graph.root, draw] + pay[graph.root_pay[actor], draw]


@compiled
def _reach_if_tried(graph: Graph, odds: Float, choice: Float, actor: int, reach: Float) -> int:
    """The probability of each node if the actor tries to get there: `reach`, (nodes + 1, draws).

    Returns the number of backward passes: one, and one for each of the actor's sets that lies in several layers.
    """
    draws = reach.shape[1]
    own = graph.belief_of[actor]
    reach[:] = 0.0
    reach[graph.root] = 1.0
    passes = 1
    for layer in range(len(graph.layer_actor)):
        mover = graph.layer_actor[layer]
        for group in range(graph.layer_group[layer], graph.layer_group[layer + 1]):
            passes += mover == actor and graph.opens[group] and not graph.closes[group]
            edge = graph.group_edge[group]
            for node in range(graph.group_node[group], graph.group_node[group + 1]):
                for slot in range(graph.group_slot[group], graph.group_slot[group] + graph.group_options[group]):
                    child = graph.edge_child[edge]
                    edge += 1
                    for draw in range(draws):
                        share = 1.0
                        if mover < 0:
                            share = odds[own, slot, draw]
                        elif mover != actor:
                            share = choice[slot, draw]
                        reach[child, draw] += reach[node, draw] * share
    return passes


@inlined
def _add_worth(graph: Graph, pay: Float, actor: int, group: int, reach: Float, value: Float, worth: Float) -> None:
    """Add to each option's worth its payoff to come at the group's nodes, weighted by reach."""
    first, options = graph.group_slot[group], graph.group_options[group]
    if graph.opens[group]:
        worth[first : first + options] = 0.0
    edge = graph.group_edge[group]
    for node in range(graph.group_node[group], graph.group_node[group + 1]):
        for slot in range(first, first + options):
            child, row = graph.edge_child[edge], graph.edge_pay[edge, actor]
            edge += 1
            for draw in range(reach.shape[1]):
                worth[slot, draw] += reach[node, draw] * (value[child, draw] + pay[row, draw])


@inlined
def _choose_best(graph: Graph, group: int, worth: Float, chosen: Int) -> None:
    """Choose the option of the highest worth at the group's information set, the first of several."""
    first, info_set = graph.group_slot[group], graph.group_set[group]
    chosen[info_set] = 0
    for option in range(1, graph.group_options[group]):
        for draw in range(worth.shape[1]):
            if worth[first + option, draw] > worth[first + chosen[info_set, draw], draw]:
                chosen[info_set, draw] = option


@inlined
def _value_of_group(
    graph: Graph, odds: Float, pay: Float, choice: Float, actor: int, mover: int, group: int, chosen: Int, value: Float
) -> None:
    """The actor's value of the group's nodes, given its own best choices and the others' odds."""
    first, info_set, own = graph.group_slot[group], graph.group_set[group], graph.belief_of[actor]
    edge = graph.group_edge[group]
    for node in range(graph.group_node[group], graph.group_node[group + 1]):
        value[node] = 0.0
        for option in range(graph.group_options[group]):
            child, row = graph.edge_child[edge], graph.edge_pay[edge, actor]
            edge += 1
            for draw in range(value.shape[1]):
                if mover < 0:
                    share = odds[own, first + option, draw]
                elif mover != actor:
                    share = choice[first + option, draw]
                else:
                    share = 1.0 if chosen[info_set, draw] == option else 0.0
                value[node, draw] += share * (value[child, draw] + pay[row, draw])


@compiled
def flows_of(
    graph: Graph, edge_payoff: Int, left: Int, right: Int, root_payoff: int, odds: Float, choice: Float, reach: Float,
    flow: Float,
) -> None:  # fmt: skip
    """The probability of each payoff in the analyst's odds: `flow`, (payoffs, draws).

    A sum of payoffs passes its probability on to its two parts.
    """
    draws = flow.shape[1]
    flow[:] = 0.0
    flow[root_payoff] = 1.0
    for layer in range(len(graph.layer_actor)):
        chance = graph.layer_actor[layer] < 0
        for group in range(graph.layer_group[layer], graph.layer_group[layer + 1]):
            edge = graph.group_edge[group]
            for node in range(graph.group_node[group], graph.group_node[group + 1]):
                for slot in range(graph.group_slot[group], graph.group_slot[group] + graph.group_options[group]):
                    payoff = edge_payoff[edge]
                    edge += 1
                    for draw in range(draws):
                        share = odds[0, slot, draw] if chance else choice[slot, draw]
                        flow[payoff, draw] += reach[0, node, draw] * share
    for payoff in range(len(left) - 1, -1, -1):
        if left[payoff] > 0:
            for draw in range(draws):
                flow[left[payoff], draw] += flow[payoff, draw]
                flow[right[payoff], draw] += flow[payoff, draw]


@compiled
def violations_of(
    movers: Int, first_slots: Int, options: Int, rules: Int, choice: Float, option_value: Float, rationality: Float,
    mass: Float, other_rules: Float, residual: Float, spread: Float, once: Float,
) -> None:  # fmt: skip
    """The distance of choices from their responses, at information sets that their mover's own odds reach.

    `other_rules`: (slots, draws), the responses of movers whose rule is not logit (`rule_audit`). `residual`: (draws,),
    the largest distance, infinite if a number is NaN; `spread`: (draws,), the widest difference of an actor's logits;
    `once`: (actors, draws), the highest gain from another choice at one set.
    """
    actors, draws = rationality.shape
    residual[:] = 0.0
    once[:] = 0.0
    low, high = np.full((actors, draws), np.inf), np.full((actors, draws), -np.inf)
    for info_set in range(len(movers)):
        mover, first, last = movers[info_set], first_slots[info_set], first_slots[info_set] + options[info_set]
        for draw in range(draws):
            if mass[info_set, draw] > 0.0:
                best, mean = -np.inf, 0.0
                for slot in range(first, last):
                    worth = option_value[slot, draw]
                    best = max(best, worth)
                    low[mover, draw] = min(low[mover, draw], worth)
                    mean += choice[slot, draw] * worth
                high[mover, draw] = max(high[mover, draw], best)
                total = 0.0
                for slot in range(first, last):
                    total += math.exp(rationality[mover, draw] * (option_value[slot, draw] - best))
                for slot in range(first, last):
                    response = math.exp(rationality[mover, draw] * (option_value[slot, draw] - best)) / total
                    if rules[mover] != LOGIT:
                        response = other_rules[slot, draw]
                    distance = abs(response - choice[slot, draw])
                    if not distance <= residual[draw]:
                        residual[draw] = distance if distance < np.inf else np.inf
                once[mover, draw] = max(once[mover, draw], best - mean)
    spread[:] = 0.0
    for actor in range(actors):
        for draw in range(draws):
            if high[actor, draw] > low[actor, draw]:
                spread[draw] = max(spread[draw], rationality[actor, draw] * (high[actor, draw] - low[actor, draw]))


@compiled
def doubts_of(
    movers: Int, first_slots: Int, options: Int, rules: Int, option_value: Float, option_size: Float,
    precision: float, rationality: Float, mass: Float, doubt: Float,
) -> None:  # fmt: skip
    """How far rounding can have moved a logit response: `doubt`, (draws,), infinite if a number is NaN.

    `option_size`: (slots, draws), the size of the numbers that an option's value was computed from; their relative
    rounding error is at most `precision`.
    """
    doubt[:] = 0.0
    for info_set in range(len(movers)):
        mover, first, last = movers[info_set], first_slots[info_set], first_slots[info_set] + options[info_set]
        for draw in range(doubt.shape[0]):
            if mass[info_set, draw] > 0.0 and last - first > 1 and rules[mover] == LOGIT:
                lost = 0.0
                for slot in range(first, last):
                    lost = max(lost, 2.0 * precision * rationality[mover, draw] * option_size[slot, draw])
                for slot in range(first, last):
                    # the logarithm of the odds against an option, and the worst case after rounding
                    best, total = -np.inf, 0.0
                    for other in range(first, last):
                        if other != slot:
                            best = max(
                                best, rationality[mover, draw] * (option_value[other, draw] - option_value[slot, draw])
                            )
                    for other in range(first, last):
                        if other != slot:
                            ahead = rationality[mover, draw] * (option_value[other, draw] - option_value[slot, draw])
                            total += math.exp(ahead - best)
                    against = best + math.log(total)
                    distance = 1.0 / (1.0 + math.exp(against - lost)) - 1.0 / (1.0 + math.exp(against + lost))
                    if not distance <= doubt[draw]:
                        doubt[draw] = distance if distance < np.inf else np.inf


@compiled
def reached_of(graph: Graph, reach: Float, reached: Float) -> None:
    """The probability of each information set, (sets, draws), from the nodes' probabilities, (nodes + 1, draws)."""
    reached[:] = 0.0
    for group in range(len(graph.group_set)):
        if graph.group_set[group] >= 0:
            for node in range(graph.group_node[group], graph.group_node[group + 1]):
                reached[graph.group_set[group]] += reach[node]


@compiled
def add_up(flow: Float, amounts: Float, total: Float) -> None:
    """Add to `total`, (draws,), the expected payoff: probabilities, (contexts, draws), times amounts."""
    for context in range(flow.shape[0]):
        for draw in range(flow.shape[1]):
            total[draw] += flow[context, draw] * amounts[context, draw]
