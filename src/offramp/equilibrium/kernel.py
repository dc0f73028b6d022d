"""The compiled loops that find fixed points: sweeps of several draws side by side, one draw a lane.

A sweep carries reach forward and values backward, each information set's choice updated at once to its
logit response. Arrays of numbers are flat, the lane last: with `n` lanes, `reach` is (belief systems, nodes + 1, n),
`value` (nodes + 1, actors, n), payoff still to come in the actor's own odds, `choice` (slots, n), the profile, and
`pay` (rows, n). The last node is the end of play, worth 0.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from offramp.equilibrium.compiling import compiled
from offramp.equilibrium.lanes import exponential, fill, largest, load, magnitude, store, where
from offramp.equilibrium.structure import Graph

Float = NDArray[np.float64]
Int = NDArray[np.integer]

UNDERFLOW = 1e-280
"""Below this the weights inside an information set may have lost digits, and logarithms are needed."""
SETTLED = 1e-10
"""A draw has settled when a sweep changes no choice probability by more than this."""
PLAIN = 10
"""Sweeps of a draw before they are accelerated: enough to lead to the basin that plain sweeps would end in."""
DEPENDENT = 1e-10
"""A change is left out when this part of its squared length, or less, is not explained by newer ones."""
CHANGES = 3
"""How many changes an acceleration goes by."""
KEPT = 8
"""What is remembered of every logit for acceleration."""


@compiled
def add_payments(left: Int, right: Int, pay: Float) -> None:
    """Fill the rows of `pay`, (rows, draws), that are sums of two earlier rows."""
    for row in range(len(left)):
        if left[row] > 0:
            for draw in range(pay.shape[1]):
                pay[row, draw] = pay[left[row], draw] + pay[right[row], draw]


class Numbers(NamedTuple):
    """What differs between draws, the lane last and flat.

    `odds`: (belief systems, odds slots); `pay`: (rows); `rationality`: (actors); `supported`: (information sets), 1
    where odds leave a set reachable, whatever is chosen, else 0.
    """

    odds: Float
    pay: Float
    rationality: Float
    supported: Float


@compiled
def reach_forward(graph: Graph, odds: Float, choice: Float, reach: Float, like: tuple[float, ...]) -> None:
    """Probability of each node in each belief system, as far as somebody's move is weighed with it."""
    n = len(like)
    systems = len(graph.until)
    odds_slots = len(odds) // (systems * n)
    for belief in range(systems):
        base = belief * (graph.nodes + 1)
        for node in range(graph.until[belief]):
            total = fill(1.0 if node == graph.root else 0.0, like)
            for way in range(graph.ways[node], graph.ways[node + 1]):
                here = load(reach, (base + graph.way_from[way]) * n, like)
                slot = graph.way_slot[way]
                if slot >= 0:
                    total += here * load(choice, slot * n, like)
                else:
                    total += here * load(odds, (belief * odds_slots + ~slot) * n, like)
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
    """Values backward, each information set's choice updated to its logit response at once.

    `logit`: (slots, n) gets rationality times what each option is worth, relative to the best. `change`: (n) gets
    each draw's largest change of a choice probability; `lost`: (n) is set to 1 where the reach of a supported
    information set has underflowed. `mass`: (sets, n) and `share`: (most options, actors, n) are room to work in.
    """
    n = len(like)
    actors = len(graph.belief_of)
    nodes = graph.nodes + 1
    odds_slots = len(numbers.odds) // (len(graph.until) * n)
    zero, one = fill(0.0, like), fill(1.0, like)
    most = zero
    gone = zero
    for layer in range(len(graph.layer_actor) - 1, -1, -1):
        mover = graph.layer_actor[layer]
        for group in range(graph.layer_group[layer], graph.layer_group[layer + 1]):
            options = graph.group_options[group]
            slot = graph.group_slot[group]
            first = graph.group_node[group]
            last = graph.group_node[group + 1]
            if mover >= 0:
                place = graph.group_set[group] * n
                if graph.opens[group]:
                    store(mass, place, zero)
                    for option in range(options):
                        store(logit, (slot + option) * n, zero)
                base = graph.belief_of[mover] * nodes
                weight = load(mass, place, like)
                for node in range(first, last):
                    weight += load(reach, (base + node) * n, like)
                store(mass, place, weight)
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
                if graph.closes[group]:
                    thin = weight < fill(UNDERFLOW, like)
                    gone = largest(gone, where(thin, load(numbers.supported, place, like), zero))
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
                    total = one / total
                    for option in range(options):
                        at = (slot + option) * n
                        probability = load(share, option * actors * n, like) * total
                        most = largest(magnitude(probability - load(choice, at, like)), most)
                        store(choice, at, probability)
                for option in range(options):
                    probability = load(choice, (slot + option) * n, like)
                    for actor in range(actors):
                        store(share, (option * actors + actor) * n, probability)
            else:
                for option in range(options):
                    for actor in range(actors):
                        at = graph.belief_of[actor] * odds_slots + slot + option
                        store(share, (option * actors + actor) * n, load(numbers.odds, at * n, like))
            edge = graph.group_edge[group]
            for node in range(first, last):
                here = node * actors * n
                # the first two options in one go, without a way through memory: most nodes have no more
                second = edge + min(1, options - 1)
                child, other = graph.edge_child[edge] * actors * n, graph.edge_child[second] * actors * n
                for actor in range(actors):
                    at = actor * n
                    to_come = load(value, child + at, like) + load(numbers.pay, graph.edge_pay[edge, actor] * n, like)
                    total = load(share, at, like) * to_come
                    if options > 1:
                        to_come = load(value, other + at, like)
                        to_come += load(numbers.pay, graph.edge_pay[second, actor] * n, like)
                        total += load(share, actors * n + at, like) * to_come
                    store(value, here + at, total)
                for option in range(2, options):
                    child = graph.edge_child[edge + option] * actors * n
                    for actor in range(actors):
                        at = actor * n
                        to_come = load(value, child + at, like)
                        to_come += load(numbers.pay, graph.edge_pay[edge + option, actor] * n, like)
                        part = load(share, option * actors * n + at, like) * to_come
                        store(value, here + at, load(value, here + at, like) + part)
                edge += options
    store(change, 0, most)
    store(lost, 0, gone)


@compiled
def accelerate(
    graph: Graph, image: Float, fresh: Float, plain: Float, memory: Float, choice: Float, like: tuple[float, ...]
) -> None:
    """Anderson's step (Walker & Ni 2011) in logits from the last three changes: `choice`, (slots, n), the next profile.

    `image`: (slots, n) the logits that a sweep answered with; room afterwards. `fresh`: (n), 1 where nothing is
    remembered yet; `plain`: (n), 1 where the next profile is the answer itself, as it stands. `memory`: (slots,
    `KEPT`, n), of each logit what went in, the last gap and answer, the last two changes of the gap, and the last
    three of the answer.
    """
    n = len(like)
    zero, one = fill(0.0, like), fill(1.0, like)
    new = load(fresh, 0, like) > zero
    aa, ab, ac, bb, bc, cc = zero, zero, zero, zero, zero, zero
    ag, bg, cg = zero, zero, zero
    for group in range(len(graph.group_set)):
        if not graph.closes[group]:
            continue
        slot, options = graph.group_slot[group], graph.group_options[group]
        mean = zero
        for place in range(slot, slot + options):
            mean += load(image, place * n, like)
        mean = mean / fill(float(options), like)
        for place in range(slot, slot + options):
            at = place * KEPT * n
            answer = load(image, place * n, like) - mean
            gap = answer - load(memory, at, like)
            a = where(new, zero, gap - load(memory, at + n, like))
            b = where(new, zero, load(memory, at + 3 * n, like))
            c = where(new, zero, load(memory, at + 4 * n, like))
            store(memory, at + 7 * n, where(new, zero, load(memory, at + 6 * n, like)))
            store(memory, at + 6 * n, where(new, zero, load(memory, at + 5 * n, like)))
            store(memory, at + 5 * n, where(new, zero, answer - load(memory, at + 2 * n, like)))
            store(memory, at + n, gap)
            store(memory, at + 2 * n, answer)
            store(memory, at + 3 * n, a)
            store(memory, at + 4 * n, b)
            aa += a * a
            ab += a * b
            ac += a * c
            bb += b * b
            bc += b * c
            cc += c * c
            ag += a * gap
            bg += b * gap
            cg += c * gap
    # least squares by L D L', newest first
    keep = aa > zero
    ab_, ac_ = where(keep, ab / aa, zero), where(keep, ac / aa, zero)
    left = bb - ab_ * ab
    bound = left > bb * fill(DEPENDENT, like)
    bc_ = where(bound, (bc - ab_ * ac) / left, zero)
    rest = cc - ac_ * ac - bc_ * bc_ * left
    bg = bg - ab_ * ag
    cg = cg - ac_ * ag - bc_ * bg
    third = where(rest > cc * fill(DEPENDENT, like), cg / rest, zero)
    second = where(bound, bg / left, zero) - bc_ * third
    first = where(keep, ag / aa, zero) - ab_ * second - ac_ * third
    still = load(plain, 0, like) > zero
    first, second, third = where(still, zero, first), where(still, zero, second), where(still, zero, third)
    for group in range(len(graph.group_set)):
        if not graph.closes[group]:
            continue
        slot, options = graph.group_slot[group], graph.group_options[group]
        best = fill(-np.inf, like)
        for place in range(slot, slot + options):
            at = place * KEPT * n
            ahead = load(memory, at + 2 * n, like) - first * load(memory, at + 5 * n, like)
            ahead = ahead - second * load(memory, at + 6 * n, like) - third * load(memory, at + 7 * n, like)
            store(memory, at, ahead)
            best = largest(ahead, best)
        total = zero
        for place in range(slot, slot + options):
            raised = exponential(load(memory, place * KEPT * n, like) - best)
            store(image, place * n, raised)
            total += raised
        scale = one / total
        for place in range(slot, slot + options):
            at = place * n
            store(choice, at, where(still, load(choice, at, like), load(image, at, like) * scale))


@compiled
def settle(
    graph: Graph,
    block: Numbers,
    draws: int,
    start: Float,
    most_sweeps: int,
    choice: Float,
    logit: Float,
    sweeps: Int,
    settled: NDArray[np.bool_],
    lost: NDArray[np.bool_],
    like: tuple[float, ...],
) -> None:
    """Sweep every draw of a block from the profile `start`, (slots,), until it settles or has had `most_sweeps`.

    Plain sweeps turn in circles in many games with hidden moves; after the first `PLAIN` they are accelerated.

    `block` holds all draws, the draw last. A lane that is done takes the next draw, so stragglers hold up nobody.
    Results are `choice` and `logit`: (slots, draws), and for each draw the `sweeps` taken, whether it
    `settled`, and whether reach was `lost`.
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
    now, gain = np.zeros(slots * n), np.zeros(slots * n)
    mass, share = np.zeros(sets * n), np.zeros(most_options * actors * n)
    change, gone = np.zeros(n), np.zeros(n)
    memory, fresh, plain = np.zeros(slots * KEPT * n), np.ones(n), np.ones(n)
    first_kept = PLAIN - CHANGES  # the first sweep whose gap counts; one before, what went into it must be known
    draw_of = np.full(n, -1)
    waiting = 0
    busy = 0
    for lane in range(n):
        if waiting < draws:
            _take(block, draws, waiting, numbers, start, now, lane, n)
            draw_of[lane] = waiting
            waiting += 1
            busy += 1
    while busy:
        early = True
        reach_forward(graph, numbers.odds, now, reach, like)
        sweep_backward(graph, numbers, reach, now, gain, mass, share, value, change, gone, like)
        for lane in range(n):
            draw = draw_of[lane]
            if draw < 0:
                continue
            sweeps[draw] += 1
            early = early and sweeps[draw] < first_kept - 1
            fresh[lane] = 1.0 if sweeps[draw] <= first_kept else 0.0
            plain[lane] = 1.0 if sweeps[draw] < PLAIN else 0.0
            # written so that NaN, which never settles, goes on to the last sweep
            if gone[lane] == 0.0 and not change[lane] <= SETTLED and sweeps[draw] < most_sweeps:
                continue
            lost[draw] = gone[lane] != 0.0
            settled[draw] = not lost[draw] and change[lane] <= SETTLED
            for slot in range(slots):
                choice[slot, draw] = now[slot * n + lane]
                logit[slot, draw] = gain[slot * n + lane]
            draw_of[lane] = -1
            busy -= 1
        if busy and not early:
            accelerate(graph, gain, fresh, plain, memory, now, like)
        for lane in range(n):
            if draw_of[lane] < 0 and waiting < draws:
                _take(block, draws, waiting, numbers, start, now, lane, n)
                draw_of[lane] = waiting
                waiting += 1
                busy += 1


@compiled
def _take(
    block: Numbers, draws: int, draw: int, numbers: Numbers, start: Float, choice: Float, lane: int, n: int
) -> None:
    """Put a draw's numbers and its first profile into a lane."""
    for place in range(len(block.odds) // draws):
        numbers.odds[place * n + lane] = block.odds[place * draws + draw]
    for place in range(len(block.pay) // draws):
        numbers.pay[place * n + lane] = block.pay[place * draws + draw]
    for place in range(len(block.rationality) // draws):
        numbers.rationality[place * n + lane] = block.rationality[place * draws + draw]
    for place in range(len(block.supported) // draws):
        numbers.supported[place * n + lane] = block.supported[place * draws + draw]
    for place in range(len(start)):
        choice[place * n + lane] = start[place]
