"""The compiled loops of the solver, on blocks of draws: the last axis of every array is the draw.

Each loop does the same arithmetic in the same order for a draw whatever stands beside it in the block,
so a draw's numbers do not depend on the width of the block or on its place in it.

Arrays of the structure are those of `offramp.game.layers.Game`; `layer_actor` is -1 for chance.
`reach`: (belief systems, nodes + 1, draws); `value`: (nodes + 1, actors, draws), payoff still to come in the
actor's own odds; `choice`: (slots, draws), the profile; `pay`: (bills, actors, draws).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import ParamSpec

import numpy as np
from numba import njit
from numpy.typing import NDArray

P = ParamSpec("P")
Float = NDArray[np.float64]
Int = NDArray[np.integer]
Bool = NDArray[np.bool_]

UNDERFLOW = 1e-280
"""Below this the weights inside an information set may have lost digits, and logarithms are needed."""


def compiled(loop: Callable[P, None]) -> Callable[P, None]:
    """Compile a loop at its first call, keep the result on disk, and let other threads run meanwhile."""
    done: Callable[P, None] = njit(nogil=True, cache=True)(loop)
    return done


@compiled
def add_bills(
    left: Int,
    right: Int,
    pay: Float,
) -> None:
    """Fill the rows of `pay` that are sums of two earlier rows."""
    _, actors, width = pay.shape
    for bill in range(left.shape[0]):
        if left[bill] > 0:
            one, other = left[bill], right[bill]
            for actor in range(actors):
                for lane in range(width):
                    pay[bill, actor, lane] = pay[one, actor, lane] + pay[other, actor, lane]


@compiled
def reach_forward(
    layer_actor: Int,
    layer_group: Int,
    group_node: Int,
    group_slot: Int,
    group_options: Int,
    group_edge: Int,
    edge_child: Int,
    root: int,
    until: Int,
    odds: Float,
    choice: Float,
    reach: Float,
) -> None:
    """Probability of each node in each belief system, as far as `until`, the layer from which it is not needed."""
    beliefs, end, width = reach.shape
    end -= 1
    reach[:] = 0.0
    reach[:, root, :] = 1.0
    for layer in range(layer_actor.shape[0]):
        chance = layer_actor[layer] < 0
        for group in range(layer_group[layer], layer_group[layer + 1]):
            options = group_options[group]
            slot = group_slot[group]
            edge = group_edge[group]
            for node in range(group_node[group], group_node[group + 1]):
                for option in range(options):
                    child = edge_child[edge]
                    edge += 1
                    if child == end:
                        continue
                    for belief in range(beliefs):
                        if layer >= until[belief]:
                            continue
                        if chance:
                            for lane in range(width):
                                reach[belief, child, lane] += (
                                    reach[belief, node, lane] * odds[belief, slot + option, lane]
                                )
                        else:
                            for lane in range(width):
                                reach[belief, child, lane] += reach[belief, node, lane] * choice[slot + option, lane]


@compiled
def weights_forward(
    layer_actor: Int,
    layer_group: Int,
    group_node: Int,
    group_slot: Int,
    group_options: Int,
    group_edge: Int,
    edge_child: Int,
    root: int,
    until: Int,
    odds: Float,
    log_choice: Float,
    reach: Float,
) -> None:
    """As `reach_forward` in logarithms: `reach` ends as weights, for each group relative to its likeliest node."""
    beliefs, end, width = reach.shape
    end -= 1
    reach[:] = -np.inf
    reach[:, root, :] = 0.0
    for layer in range(layer_actor.shape[0]):
        chance = layer_actor[layer] < 0
        for group in range(layer_group[layer], layer_group[layer + 1]):
            options = group_options[group]
            slot = group_slot[group]
            edge = group_edge[group]
            for node in range(group_node[group], group_node[group + 1]):
                for option in range(options):
                    child = edge_child[edge]
                    edge += 1
                    if child == end:
                        continue
                    for belief in range(beliefs):
                        if layer >= until[belief]:
                            continue
                        for lane in range(width):
                            if chance:
                                probability = odds[belief, slot + option, lane]
                                step = math.log(probability) if probability > 0.0 else -np.inf
                            else:
                                step = log_choice[slot + option, lane]
                            new = reach[belief, node, lane] + step
                            old = reach[belief, child, lane]
                            high = max(new, old)
                            if high > -np.inf:
                                reach[belief, child, lane] = high + math.log(
                                    math.exp(new - high) + math.exp(old - high)
                                )
    for group in range(group_options.shape[0]):
        for belief in range(beliefs):
            for lane in range(width):
                high = -np.inf
                for node in range(group_node[group], group_node[group + 1]):
                    high = max(high, reach[belief, node, lane])
                for node in range(group_node[group], group_node[group + 1]):
                    weight = 0.0
                    if high > -np.inf:
                        weight = math.exp(reach[belief, node, lane] - high)
                    reach[belief, node, lane] = weight


@compiled
def sweep_backward(
    layer_actor: Int,
    layer_group: Int,
    group_node: Int,
    group_slot: Int,
    group_options: Int,
    group_edge: Int,
    edge_child: Int,
    edge_bill: Int,
    belief_of: Int,
    odds: Float,
    pay: Float,
    rationality: Float,
    reach: Float,
    supported: Bool,
    frozen: Bool,
    choice: Float,
    log_choice: Float,
    value: Float,
    change: Float,
    lost: Bool,
) -> None:
    """Values backward, each information set's choice updated to its logit response at once.

    `change` gets each draw's largest change of a choice probability; `lost` is set where the reach of a
    supported information set has underflowed. Frozen draws keep their choice.
    """
    _, actors, width = value.shape
    most = 0
    for group in range(group_options.shape[0]):
        most = max(most, group_options[group])
    gain = np.empty((most, width))
    raised = np.empty((most, width))
    share = np.empty((most, actors * width))
    to_come = value.reshape(value.shape[0], actors * width)
    due = pay.reshape(pay.shape[0], actors * width)
    weight = np.empty(width)
    best = np.empty(width)
    total = np.empty(width)
    change[:] = 0.0
    for layer in range(layer_actor.shape[0] - 1, -1, -1):
        mover = layer_actor[layer]
        for group in range(layer_group[layer], layer_group[layer + 1]):
            options = group_options[group]
            slot = group_slot[group]
            first = group_node[group]
            last = group_node[group + 1]
            if mover >= 0:
                belief = belief_of[mover]
                weight[:] = 0.0
                gain[:options] = 0.0
                edge = group_edge[group]
                for node in range(first, last):
                    for lane in range(width):
                        weight[lane] += reach[belief, node, lane]
                    for option in range(options):
                        child = edge_child[edge]
                        bill = edge_bill[edge]
                        edge += 1
                        for lane in range(width):
                            gain[option, lane] += reach[belief, node, lane] * (
                                value[child, mover, lane] + pay[bill, mover, lane]
                            )
                for lane in range(width):
                    if weight[lane] < UNDERFLOW and supported[group, lane]:
                        lost[lane] = True
                    scale = 0.0
                    if weight[lane] > 0.0:
                        scale = rationality[mover, lane] / weight[lane]
                    if not scale < np.inf:
                        scale = 0.0
                    best[lane] = -np.inf
                    for option in range(options):
                        gain[option, lane] *= scale
                        best[lane] = max(best[lane], gain[option, lane])
                    total[lane] = 0.0
                    for option in range(options):
                        logit = gain[option, lane] - best[lane]
                        gain[option, lane] = logit
                        raised[option, lane] = math.exp(logit)
                        total[lane] += raised[option, lane]
                for option in range(options):
                    for lane in range(width):
                        if not frozen[lane]:
                            probability = raised[option, lane] / total[lane]
                            change[lane] = max(change[lane], abs(probability - choice[slot + option, lane]))
                            choice[slot + option, lane] = probability
                            log_choice[slot + option, lane] = gain[option, lane] - math.log(total[lane])
            for option in range(options):
                for actor in range(actors):
                    own = belief_of[actor]
                    start = actor * width
                    for lane in range(width):
                        if mover >= 0:
                            share[option, start + lane] = choice[slot + option, lane]
                        else:
                            share[option, start + lane] = odds[own, slot + option, lane]
            edge = group_edge[group]
            for node in range(first, last):
                child = edge_child[edge]
                bill = edge_bill[edge]
                for place in range(actors * width):
                    to_come[node, place] = share[0, place] * (to_come[child, place] + due[bill, place])
                for option in range(1, options):
                    child = edge_child[edge + option]
                    bill = edge_bill[edge + option]
                    for place in range(actors * width):
                        to_come[node, place] += share[option, place] * (to_come[child, place] + due[bill, place])
                edge += options


@compiled
def evaluate_backward(
    layer_actor: Int,
    layer_group: Int,
    group_node: Int,
    group_slot: Int,
    group_options: Int,
    group_edge: Int,
    edge_child: Int,
    edge_bill: Int,
    belief_of: Int,
    odds: Float,
    pay: Float,
    reach: Float,
    choice: Float,
    value: Float,
    option_value: Float,
) -> None:
    """Values of a fixed profile, and what each option is worth to its mover: (slots, draws), payoff to come."""
    _, actors, width = value.shape
    for layer in range(layer_actor.shape[0] - 1, -1, -1):
        mover = layer_actor[layer]
        for group in range(layer_group[layer], layer_group[layer + 1]):
            options = group_options[group]
            slot = group_slot[group]
            for option in range(options):
                if mover >= 0:
                    for lane in range(width):
                        option_value[slot + option, lane] = 0.0
            edge = group_edge[group]
            for node in range(group_node[group], group_node[group + 1]):
                value[node] = 0.0
                for option in range(options):
                    child = edge_child[edge]
                    bill = edge_bill[edge]
                    edge += 1
                    for actor in range(actors):
                        for lane in range(width):
                            to_come = value[child, actor, lane] + pay[bill, actor, lane]
                            if mover < 0:
                                probability = odds[belief_of[actor], slot + option, lane]
                            else:
                                probability = choice[slot + option, lane]
                            value[node, actor, lane] += probability * to_come
                            if actor == mover:
                                option_value[slot + option, lane] += reach[belief_of[actor], node, lane] * to_come
            if mover >= 0:
                for lane in range(width):
                    weight = 0.0
                    for node in range(group_node[group], group_node[group + 1]):
                        weight += reach[belief_of[mover], node, lane]
                    for option in range(options):
                        if weight > 0.0:
                            option_value[slot + option, lane] /= weight


@compiled
def flows_forward(
    layer_actor: Int,
    layer_group: Int,
    group_node: Int,
    group_slot: Int,
    group_options: Int,
    group_edge: Int,
    edge_bill: Int,
    left: Int,
    right: Int,
    root_bill: int,
    odds: Float,
    choice: Float,
    reach: Float,
    flow: Float,
) -> None:
    """How often each bill is paid, in the analyst's odds: `flow` (bills, draws); sums are passed on to their parts."""
    width = flow.shape[1]
    flow[:] = 0.0
    flow[root_bill] = 1.0
    for layer in range(layer_actor.shape[0]):
        chance = layer_actor[layer] < 0
        for group in range(layer_group[layer], layer_group[layer + 1]):
            slot = group_slot[group]
            edge = group_edge[group]
            for node in range(group_node[group], group_node[group + 1]):
                for option in range(group_options[group]):
                    bill = edge_bill[edge]
                    edge += 1
                    for lane in range(width):
                        probability = odds[0, slot + option, lane] if chance else choice[slot + option, lane]
                        flow[bill, lane] += reach[0, node, lane] * probability
    for bill in range(left.shape[0] - 1, -1, -1):
        if left[bill] > 0:
            for lane in range(width):
                flow[left[bill], lane] += flow[bill, lane]
                flow[right[bill], lane] += flow[bill, lane]
