"""Conditioned play: how likely play is to agree with known facts, which nodes it passes and how it ends.

Play agrees with the facts if it takes only the edges that they leave open (`game.agreement`). One pass forward and
one backward over the open edges give the joint probability of each event and the facts, as in a hidden Markov model
(Rabiner 1989, *Proceedings of the IEEE* 77, equations 18 to 27).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from offramp.equilibrium import audit
from offramp.equilibrium.core import BYTES, FLOATS, INTS, LONGS, PACKED, WHOLE, Struct, function
from offramp.equilibrium.counting import Kind, all_edges, counted_for, first_options, term_payoffs
from offramp.equilibrium.sweeps import Block
from offramp.game.agreement import Open
from offramp.game.game import CHANCE, Game

Array = NDArray[np.float64]
Ids = NDArray[np.int32]

_ON_EDGES = PACKED, PACKED, BYTES, FLOATS
_joint_probabilities = function("joint_probabilities", *_ON_EDGES, PACKED, FLOATS, FLOATS)
_reached_on_edges = function("reached_on_edges", *_ON_EDGES, LONGS, WHOLE, FLOATS)
_ahead_on_edges = function("ahead_on_edges", *_ON_EDGES, FLOATS)
_likelihood_derivatives = function("likelihood_derivatives", *_ON_EDGES, FLOATS, FLOATS)
_share_sums = function("share_sums", INTS, INTS, WHOLE, WHOLE, FLOATS)


@dataclass(frozen=True, eq=False, repr=False)
class Shares(Struct):
    """The probabilities of edges: the profile, (slots, draws), and the odds of a belief system, (odds slots, draws)."""

    slots: int
    odds_slots: int
    draws: int
    choice: Array
    odds: Array


def shares_of(choice: Array, odds: Array) -> Shares:
    """The probabilities of edges, as the core takes them."""
    assert choice.shape[1] == odds.shape[1]
    return Shares(len(choice), len(odds), odds.shape[1], np.ascontiguousarray(choice), np.ascontiguousarray(odds))


def from_root(game: Game) -> Array:
    """The probability of beginning at each node, (nodes + 1,), if play begins at the root."""
    start = np.zeros(game.nodes + 1)
    start[game.root] = 1.0
    return start


def reached_on_edges(game: Game, open_edge: Open, shares: Shares, start: Array, nodes: NDArray[np.int64]) -> Array:
    """The probability of reaching each of some nodes on open edges: (those nodes, draws).

    `start`: (nodes + 1,), the probability of beginning at each node.
    """
    reach = np.empty((len(nodes), shares.draws))
    _reached_on_edges(all_edges(game), shares, open_edge, start, nodes, len(nodes), reach)
    return reach


def share_sums(left: Ids, right: Ids, parts: Array) -> None:
    """Pass what rows, (rows, draws), have on to the two earlier rows that they are sums of; 0 if they are no sums."""
    _share_sums(left, right, *parts.shape, parts)


@dataclass(frozen=True, eq=False, repr=False)
class ConditionedPlay:
    """Play conditioned on known facts, in one belief system; the last axis of every array is the draw.

    `start`: (nodes + 1,), the probability of beginning at each node.
    """

    block: Block
    choice: Array
    system: int
    open_edge: Open
    start: Array
    from_outset: bool
    """Whether play begins at the root: then what is paid before the first node counts, too."""

    @cached_property
    def likelihood(self) -> Array:
        """The probability of the known facts: (draws,)."""
        return self.joint()[0]

    @cached_property
    def ahead(self) -> Array:
        """The probability of staying on open edges from each node to the end: (nodes + 1, draws)."""
        game = self.block.game
        found = np.empty((game.nodes + 1, self.block.draws))
        _ahead_on_edges(all_edges(game), self._shares, self.open_edge, self.start, found)
        return found

    @property
    def endings(self) -> Array:
        """The joint probability of each ending and the known facts: (endings, draws)."""
        return self.joint("endings")[1]

    @property
    def terms(self) -> Array:
        """The payoff of each term on plays that agree, times their probability: (payoff terms, draws)."""
        return self.joint("terms")[1]

    @cached_property
    def options(self) -> Array:
        """The joint probability of each option of each layer and the known facts: (options, draws), layer by layer.

        Those of a layer add up to the likelihood less the probability of plays that agree but do not come to it.
        """
        return self.joint("options")[1]

    def option_probabilities(self, layer: int) -> Array:
        """The rows of `options` of one layer."""
        first = first_options(self.block.game)
        return self.options[first[layer] : first[layer + 1]]

    def joint(self, *kinds: Kind) -> list[Array]:
        """The likelihood, and what is joint with it, of some kinds, all found in one pass.

        The kinds are `endings`, `options`, `terms`, and `reached`: (information sets, draws), the joint probability of
        coming to each.
        """
        game = self.block.game
        counted, first = counted_for(game, kinds)
        if not self.from_outset:
            counted = replace(counted, begins=np.full(len(kinds), -1, dtype=np.int32))
        likelihood, found = np.empty(self.block.draws), np.empty((counted.shown_rows, self.block.draws))
        _joint_probabilities(all_edges(game), self._shares, self.open_edge, self.start, counted, likelihood, found)
        parts = [found[one:end] for one, end in pairwise(first)]
        return [
            likelihood,
            *(self._terms(part) if kind == "terms" else part for kind, part in zip(kinds, parts, strict=True)),
        ]

    def derivatives(self) -> tuple[Array, Array, Array]:
        """The likelihood, (draws,), and its derivatives by the profile, (slots, draws), and odds, (odds slots, draws).

        Those by odds are of the play's belief system. All else stays as it is.
        """
        shares = self._shares
        likelihood, found = np.empty(shares.draws), np.empty((shares.slots + shares.odds_slots, shares.draws))
        edges = all_edges(self.block.game)
        _likelihood_derivatives(edges, shares, self.open_edge, self.start, likelihood, found)
        return likelihood, found[: shares.slots], found[shares.slots :]

    def _terms(self, probability: Array) -> Array:
        """The payoff of each term, from the joint probability of each payoff of a term and the known facts."""
        expected, place = np.zeros((len(self.block.game.crisis.terms), self.block.draws)), 0
        for position, term, _ in term_payoffs(self.block.game):
            amounts = np.ascontiguousarray(self.block.tables.amounts[position])
            flow = probability[place : place + len(amounts)]
            audit.add_up(flow, amounts, expected[term])
            place += len(amounts)
        return expected

    @cached_property
    def _shares(self) -> Shares:
        return shares_of(self.choice, self.block.tables.odds[self.system])


def condition_play(
    block: Block, choice: Array, open_edge: Open, *, system: int = 0, start: Array | None = None
) -> ConditionedPlay:
    """Condition play on the open edges.

    Parameters
    ----------
    block
        A block of draws.
    choice
        The profile, (slots, draws).
    open_edge
        (edges,), from `consistent_edges`, `edges_through`, or both.
    system
        The belief system: 0 the analyst's odds, then those of `Game.believers`.
    start
        The probability of beginning at each node, (nodes + 1,); by default play begins at the root. Only payoffs after
        the start count.
    """
    assert choice.shape == (block.structure.slots, block.draws)
    assert open_edge.shape == block.game.edge_child.shape
    begins = from_root(block.game) if start is None else start
    assert begins.shape == (block.game.nodes + 1,)
    return ConditionedPlay(block, np.ascontiguousarray(choice), system, open_edge, begins, start is None)


def hidden_steps(game: Game) -> tuple[int, ...]:
    """The layers of chance steps that at least one actor does not see, in the order of play."""
    all_actors = frozenset(game.actors)
    return tuple(
        index
        for index, layer in enumerate(game.layers)
        if layer.actor == CHANCE and not all_actors <= game.crisis.named[layer.step].seen_by
    )
