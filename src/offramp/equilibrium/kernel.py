"""The compiled loops that find fixed points: sweeps of several draws side by side, one draw in each lane.

A sweep carries reach forward and values backward, and updates each information set's choice to its logit response as
it passes. Arrays of numbers are flat, the lane last: with `n` lanes, `reach` is (belief systems, nodes + 1, n),
`value` (nodes + 1, actors, n), payoff to come in the actor's own odds, `choice` (slots, n), the profile, and `pay`
(rows, n). The last node is the end of play, with value 0.
"""

from __future__ import annotations

from functools import partial
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from offramp.equilibrium.acceleration import CHANGES, KEPT, accelerate
from offramp.equilibrium.compiling import compiled
from offramp.equilibrium.graph import Graph
from offramp.equilibrium.lanes import Lanes, exponential, fill, largest, load, magnitude, store, where

Float = NDArray[np.float64]
Int = NDArray[np.integer]

UNDERFLOW = 1e-280
"""Reach below which the weights within an information set may have lost digits: logarithms are needed."""
CONVERGED = 1e-10
"""A draw has converged when a sweep changes no choice probability by more than this."""
PLAIN = 10
"""Number of plain sweeps before acceleration: enough to reach the basin where plain sweeps would end."""

inlined = partial(compiled, inline="always")
"""A step of a loop, compiled as part of its callers."""


@compiled
def add_payments(left: Int, right: Int, pay: Float) -> None:
    """Fill the rows of `pay`, (rows, draws), that are sums of two earlier rows."""
    for row in range(len(left)):
        if left[row] > 0:
            for draw in range(pay.shape[1]):
                pay[row, draw] = pay[left[row], draw] + pay[right[row], draw]


class Numbers(NamedTuple):
    """The numbers that differ between draws, flat, the lane last.

    `odds`: (belief systems, odds slots); `pay`: (rows); `rationality`: (actors); `supported`: (information sets), 1
    if the odds allow some play to reach the set, else 0.
    """

    odds: Float
    pay: Float
    rationality: Float
    supported: Float


@compiled
def reach_forward(graph: Graph, odds: Float, choice: Float, reach: Float, like: tuple[float, ...]) -> None:
    """Probability of each node in each belief system, up to the last move that uses it."""
    n = len(like)
    systems = len(graph.until)
    odds_slots = len(odds) // (systems * n)
    for belief in range(systems):
        base = belief * (graph.nodes + 1)
        for node in range(graph.until[belief]):
            total = fill(1.0 if node == graph.root else 0.0, like)
            for way in range(graph.ways[node], graph.ways[node + 1]):
                before = load(reach, (base + graph.way_from[way]) * n, like)
                slot = graph.way_slot[way]
                if slot >= 0:
                    total += before * load(choice, slot * n, like)
                else:
                    total += before * load(odds, (belief * odds_slots + ~slot) * n, like)
            store(reach, (base + node) * n, total)


@compiled
def sweep_backward(
    graph: Graph,
    numbers: Numbers,
    reach: Float,
    choice: Float,
    logit: Float,
    mass: Float,
    share: Float,
    value: Float,
    change: Float,
    lost: Float,
    like: tuple[float, ...],
) -> None:
    """Carry values backward, and update each information set's choice to its logit response on the way.

    `logit`: (slots, n), filled with rationality times each option's value, relative to the best. `change`: (n), filled
    with each draw's largest change of a choice probability; `lost`: (n), set to 1 if the reach of a supported
    information set has underflowed. `mass`: (sets, n) and `share`: (most options, actors, n) are working arrays.
    """
    most_change = underflowed = fill(0.0, like)
    for layer in range(len(graph.layer_actor) - 1, -1, -1):
        mover = graph.layer_actor[layer]
        for group in range(graph.layer_group[layer], graph.layer_group[layer + 1]):
            if mover >= 0:
                _add_gains(graph, numbers, group, mover, reach, value, mass, logit, like)
                if graph.closes[group]:
                    changed, thin = _respond(graph, numbers, group, mover, mass, logit, choice, share, like)
                    most_change, underflowed = largest(changed, most_change), largest(underflowed, thin)
                _share_choice(graph, group, choice, share, like)
            else:
                _share_odds(graph, group, numbers.odds, share, like)
            _value_nodes(graph, group, numbers.pay, share, value, like)
    store(change, 0, most_change)
    store(lost, 0, underflowed)


@inlined
def _add_gains(
    graph: Graph, numbers: Numbers, group: int, mover: int, reach: Float, value: Float, mass: Float, logit: Float,
    like: tuple[float, ...],
) -> None:  # fmt: skip
    """Add up a group's reach in `mass`, and each option's payoff to come, weighted by reach, in `logit`."""
    n = len(like)
    actors = len(graph.belief_of)
    options, slot = graph.group_options[group], graph.group_slot[group]
    first, last = graph.group_node[group], graph.group_node[group + 1]
    in_mass = graph.group_set[group] * n
    if graph.opens[group]:
        store(mass, in_mass, fill(0.0, like))
        for option in range(options):
            store(logit, (slot + option) * n, fill(0.0, like))
    base = graph.belief_of[mover] * (graph.nodes + 1)
    weight = load(mass, in_mass, like)
    for node in range(first, last):
        weight += load(reach, (base + node) * n, like)
    store(mass, in_mass, weight)
    for option in range(options):
        at = (slot + option) * n
        gain = load(logit, at, like)
        edge = graph.group_edge[group] + option
        for node in range(first, last):
            to_come = load(value, (graph.edge_child[edge] * actors + mover) * n, like)
            to_come += load(numbers.pay, graph.edge_pay[edge, mover] * n, like)
            gain += load(reach, (base + node) * n, like) * to_come
            edge += options
        store(logit, at, gain)


@inlined
def _respond(
    graph: Graph, numbers: Numbers, group: int, mover: int, mass: Float, logit: Float, choice: Float, share: Float,
    like: tuple[float, ...],
) -> tuple[Lanes, Lanes]:  # fmt: skip
    """Update an information set's choice to its logit response.

    Returns the largest change of a choice probability, and 1 if the reach of the set has underflowed though it is
    supported.
    """
    n = len(like)
    actors = len(graph.belief_of)
    options, slot = graph.group_options[group], graph.group_slot[group]
    zero = fill(0.0, like)
    weight = load(mass, graph.group_set[group] * n, like)
    thin = weight < fill(UNDERFLOW, like)
    underflowed = where(thin, load(numbers.supported, graph.group_set[group] * n, like), zero)
    scale = where(thin, zero, load(numbers.rationality, mover * n, like) / weight)
    best = fill(-np.inf, like)
    for option in range(options):
        at = (slot + option) * n
        gain = load(logit, at, like) * scale
        store(logit, at, gain)
        best = largest(gain, best)
    total = zero
    for option in range(options):
        at = (slot + option) * n
        gain = load(logit, at, like) - best
        store(logit, at, gain)
        raised = exponential(gain)
        store(share, option * actors * n, raised)
        total += raised
    total = fill(1.0, like) / total
    most_change = zero
    for option in range(options):
        at = (slot + option) * n
        probability = load(share, option * actors * n, like) * total
        most_change = largest(magnitude(probability - load(choice, at, like)), most_change)
        store(choice, at, probability)
    return most_change, underflowed


@inlined
def _share_choice(graph: Graph, group: int, choice: Float, share: Float, like: tuple[float, ...]) -> None:
    """Put the choice probabilities of a group's options in `share`, the same for every actor."""
    n = len(like)
    actors = len(graph.belief_of)
    for option in range(graph.group_options[group]):
        probability = load(choice, (graph.group_slot[group] + option) * n, like)
        for actor in range(actors):
            store(share, (option * actors + actor) * n, probability)


@inlined
def _share_odds(graph: Graph, group: int, odds: Float, share: Float, like: tuple[float, ...]) -> None:
    """Put the odds of a chance group's options in `share`, each actor's own."""
    n = len(like)
    actors = len(graph.belief_of)
    odds_slots = len(odds) // (len(graph.until) * n)
    for option in range(graph.group_options[group]):
        for actor in range(actors):
            at = graph.belief_of[actor] * odds_slots + graph.group_slot[group] + option
            store(share, (option * actors + actor) * n, load(odds, at * n, like))


@inlined
def _value_nodes(graph: Graph, group: int, pay: Float, share: Float, value: Float, like: tuple[float, ...]) -> None:
    """Every actor's value of a group's nodes, from the values of their children."""
    n = len(like)
    actors = len(graph.belief_of)
    options = graph.group_options[group]
    edge = graph.group_edge[group]
    for node in range(graph.group_node[group], graph.group_node[group + 1]):
        base = node * actors * n
        # the first two options together, without a round trip through memory: most nodes have no more
        second = edge + min(1, options - 1)
        child, other = graph.edge_child[edge] * actors * n, graph.edge_child[second] * actors * n
        for actor in range(actors):
            at = actor * n
            to_come = load(value, child + at, like) + load(pay, graph.edge_pay[edge, actor] * n, like)
            total = load(share, at, like) * to_come
            if options > 1:
                to_come = load(value, other + at, like)
                to_come += load(pay, graph.edge_pay[second, actor] * n, like)
                total += load(share, actors * n + at, like) * to_come
            store(value, base + at, total)
        for option in range(2, options):
            child = graph.edge_child[edge + option] * actors * n
            for actor in range(actors):
                at = actor * n
                to_come = load(value, child + at, like)
                to_come += load(pay, graph.edge_pay[edge + option, actor] * n, like)
                part = load(share, option * actors * n + at, like) * to_come
                store(value, base + at, load(value, base + at, like) + part)
        edge += options


@compiled
def converge(
    graph: Graph,
    block: Numbers,
    draws: int,
    start: Float,
    most_sweeps: int,
    choice: Float,
    logit: Float,
    sweeps: Int,
    converged: NDArray[np.bool_],
    lost: NDArray[np.bool_],
    like: tuple[float, ...],
) -> None:
    """Sweep every draw of a block from the profile `start`, (slots,), until it converges or has had `most_sweeps`.

    Plain sweeps cycle in many games with hidden moves, so sweeps after the first `PLAIN` are accelerated.

    `block` contains all draws, the draw last. A lane that is done takes the next draw, so slow draws do not hold up
    the others. Results are `choice` and `logit`: (slots, draws), and for each draw the number of `sweeps`, whether it
    `converged`, and whether reach was `lost` to underflow.
    """
    n = len(like)
    systems = len(graph.until)
    actors = len(graph.belief_of)
    slots = len(start)
    sets = 0
    most_options = 1
    for group in range(len(graph.group_options)):
        most_options = max(most_options, graph.group_options[group])
        sets = max(sets, graph.group_set[group] + 1)
    numbers = Numbers(
        np.zeros(len(block.odds) // draws * n),
        np.zeros(len(block.pay) // draws * n),
        np.zeros(actors * n),
        np.zeros(len(block.supported) // draws * n),
    )
    reach = np.zeros(systems * (graph.nodes + 1) * n)
    value = np.zeros((graph.nodes + 1) * actors * n)
    current, gain = np.zeros(slots * n), np.zeros(slots * n)
    mass, share = np.zeros(sets * n), np.zeros(most_options * actors * n)
    change, underflowed = np.zeros(n), np.zeros(n)
    memory, fresh, plain = np.zeros(slots * KEPT * n), np.ones(n), np.ones(n)
    first_kept = PLAIN - CHANGES  # the first sweep whose gap counts; its input is recorded in the sweep before
    draw_of = np.full(n, -1)
    waiting = 0
    busy = 0
    for lane in range(n):
        if waiting < draws:
            _take(block, draws, waiting, numbers, start, current, lane, n)
            draw_of[lane] = waiting
            waiting += 1
            busy += 1
    while busy:
        early = True
        reach_forward(graph, numbers.odds, current, reach, like)
        sweep_backward(graph, numbers, reach, current, gain, mass, share, value, change, underflowed, like)
        for lane in range(n):
            draw = draw_of[lane]
            if draw < 0:
                continue
            sweeps[draw] += 1
            early = early and sweeps[draw] < first_kept - 1
            fresh[lane] = 1.0 if sweeps[draw] <= first_kept else 0.0
            plain[lane] = 1.0 if sweeps[draw] < PLAIN else 0.0
            # `not ... <=` so that NaN, which never converges, goes on to the last sweep
            if underflowed[lane] == 0.0 and not change[lane] <= CONVERGED and sweeps[draw] < most_sweeps:
                continue
            lost[draw] = underflowed[lane] != 0.0
            converged[draw] = not lost[draw] and change[lane] <= CONVERGED
            for slot in range(slots):
                choice[slot, draw] = current[slot * n + lane]
                logit[slot, draw] = gain[slot * n + lane]
            draw_of[lane] = -1
            busy -= 1
        if busy and not early:
            accelerate(graph, gain, fresh, plain, memory, current, like)
        for lane in range(n):
            if draw_of[lane] < 0 and waiting < draws:
                _take(block, draws, waiting, numbers, start, current, lane, n)
                draw_of[lane] = waiting
                waiting += 1
                busy += 1


@compiled
def _take(
    block: Numbers, draws: int, draw: int, numbers: Numbers, start: Float, choice: Float, lane: int, n: int
) -> None:
    """Load a draw's numbers and its first profile into a lane."""
    for index in range(len(block.odds) // draws):
        numbers.odds[index * n + lane] = block.odds[index * draws + draw]
    for index in range(len(block.pay) // draws):
        numbers.pay[index * n + lane] = block.pay[index * draws + draw]
    for index in range(len(block.rationality) // draws):
        numbers.rationality[index * n + lane] = block.rationality[index * draws + draw]
    for index in range(len(block.supported) // draws):
        numbers.supported[index * n + lane] = block.supported[index * draws + draw]
    for index in range(len(start)):
        choice[index * n + lane] = start[index]
