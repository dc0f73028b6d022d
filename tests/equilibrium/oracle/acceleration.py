"""The compiled loop that accelerates sweeps: Anderson's step in logits, one draw in each lane as in the kernel."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from offramp.equilibrium.graph import Graph
from tests.equilibrium.oracle.lanes import compiled, exponential, fill, largest, load, store, where

Float = NDArray[np.float64]

DEPENDENT = 1e-10
"""A change is left out if newer changes explain all but this part of its squared length."""
CHANGES = 3
"""Number of past changes that acceleration uses."""
KEPT = 8
"""Numbers kept for every logit, for acceleration."""


@compiled
def accelerate(
    graph: Graph, image: Float, fresh: Float, plain: Float, memory: Float, choice: Float, like: tuple[float, ...]
) -> None:
    """Anderson's step in logits from the last three changes (Walker & Ni 2011): `choice`, (slots, n), the next profile.

    `image`: (slots, n), the logits that a sweep answered with; overwritten. `fresh`: (n), 1 if nothing is remembered
    yet; `plain`: (n), 1 if the next profile is the answer itself. `memory`: (slots, `KEPT`, n), for each logit the
    input, the last gap and answer, the last two changes of the gap, and the last three changes of the answer.
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
        for index in range(slot, slot + options):
            mean += load(image, index * n, like)
        mean = mean / fill(float(options), like)
        for index in range(slot, slot + options):
            at = index * KEPT * n
            answer = load(image, index * n, like) - mean
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
        for index in range(slot, slot + options):
            at = index * KEPT * n
            ahead = load(memory, at + 2 * n, like) - first * load(memory, at + 5 * n, like)
            ahead = ahead - second * load(memory, at + 6 * n, like) - third * load(memory, at + 7 * n, like)
            store(memory, at, ahead)
            best = largest(ahead, best)
        total = zero
        for index in range(slot, slot + options):
            raised = exponential(load(memory, index * KEPT * n, like) - best)
            store(image, index * n, raised)
            total += raised
        scale = one / total
        for index in range(slot, slot + options):
            at = index * n
            store(choice, at, where(still, load(choice, at, like), load(image, at, like) * scale))
