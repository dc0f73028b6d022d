"""Play of one solved draw, edge by edge: the probability of each edge at its node, and the ending it decides.

Every play is assigned its ending once, on an edge or before the first node. So from a node on, either one ending is
still to come, with the odds `ahead`, or none is. Everything is in the analyst's odds and given what is known, if
anything is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from offramp.common.texts import tr
from offramp.equilibrium.as_of_now import open_edges
from offramp.equilibrium.conditioning import condition_play
from offramp.equilibrium.counting import ending_of_payoffs
from offramp.equilibrium.evaluation import Outset, draw_of, solution_of, solve_draw_now
from offramp.equilibrium.logit import solve_traced
from offramp.equilibrium.solution import Solution
from offramp.equilibrium.sweeps import Block
from offramp.gambit.opening import Playable, compile_game
from offramp.game.edges import Edges, carry_backward, carry_forward, edges_of
from offramp.game.game import Game

Array = NDArray[np.float64]
Int = NDArray[np.signedinteger[Any]]

OTHER = tr("other endings")


def solved(
    game: Playable,
    rationality: float | None = None,
    given: Mapping[str, float] | None = None,
    outset: Outset | None = None,
) -> tuple[Block, Solution]:
    """A game's numbers at the medians of the inputs, or the values given, and its solution (`offramp.solve`).

    `outset`: as in `solved_so_far`, of a game as of now.
    """
    game = compile_game(game)
    if game.as_of_now:
        return solve_draw_now(game, rationality, given, outset=outset)
    block = draw_of(game, rationality, given)
    return block, solution_of(block, *solve_traced(block))


@dataclass(frozen=True, eq=False)
class Plays:
    """A draw's play on the edges of a game.

    By edge: `share`, its probability at its node; `ending`, the index in `endings` of the ending that it decides, or
    -1. `ahead`: (nodes + 1, endings), the odds of the endings that are decided from a node on. `at_once`: the ending
    decided before the first node, or -1.
    """

    game: Game
    edges: Edges
    endings: tuple[str, ...]
    share: Array
    ending: Int
    ahead: Array
    at_once: int

    def begin(self) -> Array:
        """The weights at the first node: (endings + 1,), 1 for the ending decided before it, otherwise for the last."""
        weight = np.zeros(len(self.endings) + 1)
        weight[self.at_once] = 1.0
        return weight

    def nodes(self, place: int) -> slice:
        """The nodes of a layer."""
        layer = self.game.layers[place]
        return slice(int(self.game.group_node[layer.first_group]), int(self.game.group_node[layer.end_group]))

    @cached_property
    def reach(self) -> Array:
        """The weights with which play comes to each node: (nodes + 1, endings + 1)."""
        reach = np.zeros((self.game.nodes + 1, len(self.endings) + 1))
        reach[self.game.root] = self.begin()
        carry_forward(self.edges, reach, self.along)
        return reach

    def over(self, place: int, weight: Array) -> tuple[slice, Array]:
        """The edges of a layer, and weights at its nodes, (nodes of the layer, endings + 1), carried over them."""
        here = self.edges.layers[place]
        return here, self.along(here, weight[self.edges.parent[here] - self.nodes(place).start])

    def along(self, edges: slice | Int, weight: Array) -> Array:
        """Weights, (edges, endings + 1), carried over edges."""
        return self.decided(edges, weight * self.share[edges, None])

    def decided(self, edges: slice | Int, weight: Array) -> Array:
        """Weights, (edges, endings + 1), past edges; weight without an ending gets the one decided there."""
        carried, ending = weight.copy(), self.ending[edges]
        paid = np.flatnonzero(ending >= 0)
        carried[paid, ending[paid]] += carried[paid, -1]
        carried[paid, -1] = 0.0
        return carried

    def destined(self, nodes: Int, weight: Array) -> Array:
        """The final endings of weights, (nodes, endings + 1), at some nodes: (nodes, endings)."""
        return np.asarray(weight[:, :-1] + weight[:, -1:] * self.ahead[nodes])


def _given_facts(block: Block, choice: Array, share: Array) -> Array:
    """The share of each edge at its node given what is known: none if no play on it agrees with that."""
    edges, known = edges_of(block.game), open_edges(block.game)
    ahead = condition_play(block, choice[:, None], known).ahead[:, 0]
    joint, at_node = share * ahead[edges.child] * known, ahead[edges.parent]
    return np.divide(joint, at_node, out=np.zeros_like(joint), where=at_node > 0.0)


def plays_of(block: Block, choice: Array, endings: tuple[str, ...]) -> Plays:
    """A draw's play under a profile, (slots,), by the given endings; all others, if any, count as one."""
    game, edges = block.game, edges_of(block.game)
    names = [ending.key for ending in game.crisis.endings]
    places = np.array([endings.index(name) if name in endings else len(endings) for name in names], dtype=np.int64)
    shown = endings if len(endings) == len(names) else (*endings, OTHER)
    settled = ending_of_payoffs(game)
    paid = np.where(settled >= 0, places[settled], -1)
    share, moves = np.empty(len(edges.slot)), edges.info_set >= 0
    share[moves], share[~moves] = choice[edges.slot[moves]], block.tables.odds[0, edges.slot[~moves], 0]
    if game.past:
        share = _given_facts(block, choice, share)
    ending = paid[game.edge_payoff]

    def to_come(here: slice, ahead: Array) -> Array:
        now = np.flatnonzero(ending[here] >= 0)
        ahead[now, ending[here][now]] += 1.0
        return ahead * share[here, None]

    ahead = np.zeros((game.nodes + 1, len(shown)))
    carry_backward(edges, ahead, to_come)
    return Plays(game, edges, shown, share, ending, ahead, int(paid[game.root_payoff]))
