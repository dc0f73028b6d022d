"""The order in which a sweep passes the graph backward, and where it keeps values."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from offramp.equilibrium.core import LONGS, PACKED, Struct, function
from offramp.equilibrium.play_graph import PlayGraph

Ints = NDArray[np.int32]

_plan = function("plan_sweeps", PACKED, PACKED, LONGS)


@dataclass(frozen=True, eq=False, repr=False)
class SweepPlan(Struct):
    """Groups in turns: `group` and `mover`, from number `first[turn]` on; none of a turn needs what another finds.

    A node's values stand in place `node_place`, which later goes to another node: `places` in all. `edge_place`:
    (edges,), the place that an edge leads to; constants follow all places.
    """

    turns: int
    places: int
    first: Ints
    group: Ints
    mover: Ints
    node_place: Ints
    edge_place: Ints


def sweep_plan(play: PlayGraph) -> SweepPlan:
    """The plan for a graph: values are used soon after they are found, so few places are enough."""
    groups = len(play.group_slot)
    sizes = groups + 1, groups, groups, play.nodes, len(play.edge_row)
    plan = SweepPlan(0, 0, *(np.zeros(size, dtype=np.int32) for size in sizes))
    found = np.zeros(2, dtype=np.int64)
    _plan(play, plan, found)
    return replace(plan, turns=int(found[0]), places=int(found[1]))
