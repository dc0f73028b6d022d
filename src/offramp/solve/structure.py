"""The arrays of a game that the kernel walks, and sums over its groups."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from offramp.game.layers import CHANCE, Game, Leaves

Array = NDArray[np.float64]
Int = NDArray[np.integer]
Walk = tuple[Int, Int, Int, Int, Int, Int, Int]
Values = TypeVar("Values", bound=np.generic)


@dataclass(frozen=True)
class Structure:
    """A game's graph as flat arrays, with what can be said of it for every draw.

    `left`, `right`: (bills,), the parts of a bill that is a sum, else 0; `due`: the bills that stand on edges, and
    `edge_due`: (edges,), `root_due` their places among these. `belief_of`: (actors,), each actor's
    belief system; `until`: (belief systems,), the layer of the last move weighed in it (the analyst's has no end).
    `sets`: (information sets,) their groups, in the order of the profile; `movers`, `options`:
    (information sets,) the actor and the number of options; `first_slots` where each begins in a profile.
    """

    root: int
    root_bill: int
    nodes: int
    layer_actor: NDArray[np.int32]
    layer_group: NDArray[np.int32]
    group_node: NDArray[np.int32]
    group_slot: NDArray[np.int32]
    group_options: NDArray[np.int32]
    group_edge: NDArray[np.int64]
    edge_child: NDArray[np.int32]
    edge_bill: NDArray[np.int32]
    left: NDArray[np.int32]
    right: NDArray[np.int32]
    due: NDArray[np.int32]
    edge_due: NDArray[np.int64]
    root_due: int
    belief_of: NDArray[np.int32]
    until: NDArray[np.int64]
    sets: NDArray[np.int64]
    movers: NDArray[np.int64]
    options: NDArray[np.int64]
    first_slots: NDArray[np.int64]

    @property
    def slots(self) -> int:
        """The length of a profile."""
        return int(self.options.sum())

    @property
    def walk(self) -> Walk:
        """The arrays that every loop of the kernel takes first."""
        return (
            self.layer_actor,
            self.layer_group,
            self.group_node,
            self.group_slot,
            self.group_options,
            self.group_edge,
            self.edge_child,
        )

    def by_group(self, reach: Array) -> Array:
        """Sums of (nodes + 1, draws) over the nodes of each group: (groups, draws)."""
        if not self.nodes:
            return np.zeros((0, reach.shape[1]))
        return np.asarray(np.add.reduceat(reach[:-1], self.group_node[:-1], axis=0))

    def own_weight(self, reach: Array) -> Array:
        """The reach of each information set in its mover's own odds: (information sets, draws)."""
        weight = np.zeros((len(self.movers), reach.shape[2]))
        for belief in range(reach.shape[0]):
            own = self.belief_of[self.movers] == belief
            weight[own] = self.by_group(reach[belief])[self.sets[own]]
        return weight

    def over_options(self, values: NDArray[Values]) -> NDArray[Values]:
        """One value an information set, repeated for each of its options."""
        return np.repeat(values, self.options, axis=0)

    def uniform(self, draws: int) -> Array:
        """The profile in which every option is equally likely: (slots, draws)."""
        return np.repeat(self.over_options(1.0 / self.options)[:, None], draws, axis=1)


def structure_of(game: Game) -> Structure:
    """The arrays of a game that the kernel walks."""
    left = np.zeros(game.bill_count, dtype=np.int32)
    right = np.zeros(game.bill_count, dtype=np.int32)
    for bill in game.bills:
        if not isinstance(bill, Leaves):
            left[bill.first : bill.first + len(bill.left)] = bill.left
            right[bill.first : bill.first + len(bill.right)] = bill.right
    moves = [layer for layer in game.layers if layer.actor != CHANCE]
    nothing = np.zeros(0, dtype=np.int64)
    sets = np.concatenate([*(np.arange(layer.first_group, layer.end_group) for layer in moves), nothing])
    movers = np.concatenate([*(np.full(layer.end_group - layer.first_group, layer.actor) for layer in moves), nothing])
    options = game.group_options[sets].astype(np.int64)
    belief_of = [1 + game.believers.index(actor) if actor in game.believers else 0 for actor in game.actors]
    due, places = np.unique(np.append(game.edge_bill, np.int32(game.root_bill)), return_inverse=True)
    until = np.zeros(1 + len(game.believers), dtype=np.int64)
    for position, layer in enumerate(game.layers):
        if layer.actor != CHANCE:
            until[belief_of[layer.actor]] = position
    until[0] = len(game.layers)
    return Structure(
        root=game.root,
        root_bill=game.root_bill,
        nodes=game.nodes,
        layer_actor=np.array([layer.actor for layer in game.layers], dtype=np.int32),
        layer_group=np.array([*(layer.first_group for layer in game.layers), len(game.group_options)], dtype=np.int32),
        group_node=game.group_node,
        group_slot=game.group_slot,
        group_options=game.group_options,
        group_edge=game.group_edge,
        edge_child=game.edge_child,
        edge_bill=game.edge_bill,
        left=left,
        right=right,
        due=due,
        edge_due=places[:-1],
        root_due=int(places[-1]),
        belief_of=np.array(belief_of, dtype=np.int32),
        until=until,
        sets=sets,
        movers=movers,
        options=options,
        first_slots=np.cumsum(options) - options,
    )
