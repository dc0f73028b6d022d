"""The board: a crisis solved once, on which any number of matches are played.

A match is at a node of the game. The board says which step is made there, by whom, at which information set, which
options are open, how likely the equilibrium takes each, and which one a random number picks.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from offramp.common.errors import UsageError
from offramp.common.printable import printable
from offramp.crisis.model import Crisis
from offramp.crisis.names import Names
from offramp.crisis.steps import Move, Together
from offramp.equilibrium.solution import Solution
from offramp.equilibrium.sweeps import Block
from offramp.gambit.opening import Playable, compile_game
from offramp.game.game import CHANCE, Game, Situation
from offramp.game.operations import Operation
from offramp.game.plan import plan_of
from offramp.study.histories.plays import Plays, plays_of, solved

Array = NDArray[np.float64]


@dataclass(frozen=True)
class BoardNode:
    """A node at which a step is made: `actor` is None for chance; `held` is the information set, or -1.

    `options`: those open there, in the order of the node's edges, which begin at `first_edge`.
    """

    node: int
    layer: int
    step: str
    round: int
    actor: str | None
    held: int
    options: tuple[str, ...]
    first_edge: int


@dataclass(frozen=True, repr=False, eq=False)
class Board:
    """A crisis with its equilibrium at the inputs' medians, or at the values `given`.

    `rationality`: one for all actors in place of their own, or None. Matches on one board share it.
    """

    block: Block
    solution: Solution
    plays: Plays
    given: Mapping[str, float] = field(default_factory=dict)
    rationality: float | None = None

    def __repr__(self) -> str:
        return printable(f"Board of '{self.crisis.title}': the equilibrium {self.solution.conditions}")

    @property
    def game(self) -> Game:
        return self.block.game

    @property
    def crisis(self) -> Crisis:
        return self.block.game.crisis

    @cached_property
    def names(self) -> Names:
        """The names of the crisis's parts."""
        return self.game.names

    @cached_property
    def operations(self) -> tuple[Operation, ...]:
        """The timeline unrolled, round by round."""
        return plan_of(self.crisis).operations

    @cached_property
    def layer_at(self) -> Mapping[tuple[str, int], int]:
        """The layer of a step in a round; a missing step is never made."""
        return {(layer.step, layer.round): place for place, layer in enumerate(self.game.layers)}

    @cached_property
    def beside(self) -> Mapping[str, tuple[str, ...]]:
        """For each step inside a `together`, all steps that are made with it, including itself."""
        together = [step for step in self.crisis.steps() if isinstance(step, Together)]
        return {step.key: tuple(other.key for other in group.steps) for group in together for step in group.steps}

    @property
    def movers(self) -> tuple[str, ...]:
        """The actors that have a move."""
        return movers_of(self.crisis)

    @property
    def end(self) -> int:
        """The node at which play is over."""
        return self.game.nodes

    def place(self, node: int) -> BoardNode:
        """The step made at a node; not for the end."""
        game, edges = self.game, self.plays.edges
        layer = int(edges.node_layer[node])
        made = game.layers[layer]
        first, last = edges.first[node : node + 2].tolist()
        names = game.crisis.options_of(made.step)
        options = tuple(names[option] for option in edges.option[first:last].tolist())
        actor = None if made.actor == CHANCE else game.actors[made.actor]
        return BoardNode(node, layer, made.step, made.round, actor, int(edges.info_set[first]), options, first)

    def shares(self, place: BoardNode) -> Array:
        """The probability of each option: of chance by the analyst's odds, of a move by the equilibrium.

        As of now it is given all that is known.
        """
        return np.asarray(self.plays.share[place.first_edge : place.first_edge + len(place.options)])

    def drawn(self, place: BoardNode, luck: float) -> str:
        """The option picked by `luck`, a random number from 0 up to 1."""
        sums = np.cumsum(self.shares(place))
        number = int(np.searchsorted(sums, luck * sums[-1], side="right"))
        return place.options[min(number, int(np.searchsorted(sums, sums[-1])))]

    def situation(self, held: int) -> Situation:
        return self.game.situations[held]

    def odds(self, node: int, ending: int) -> dict[str, float]:
        """The endings' odds at a node, in the analyst's odds; `ending`: the ending decided by then, or -1."""
        weight = np.zeros((1, len(self.plays.endings) + 1))
        weight[0, ending] = 1.0
        odds = self.plays.destined(np.array([node]), weight)[0]
        return dict(zip(self.plays.endings, map(float, odds), strict=True))


def movers_of(crisis: Crisis) -> tuple[str, ...]:
    """The actors that have a move, in the order of the file."""
    moving = {step.by for step in crisis.steps() if isinstance(step, Move)}
    return tuple(actor for actor in crisis.actors if actor in moving)


def set_up(
    crisis: Playable,
    *,
    given: Mapping[str, float] | None = None,
    rationality: float | None = None,
    max_nodes: int | None = None,
) -> Board:
    """Compile and solve a crisis, so that it can be played.

    Parameters
    ----------
    crisis
        The crisis, with its levers pulled (`Crisis.with_levers`). As of now (`Crisis.now`), a match begins at a drawn
        history that agrees with all that is known.
    given, rationality
        Values for inputs, and one rationality for all actors, as in `offramp.solve`.
    max_nodes
        The largest game to compile.

    Raises
    ------
    UsageError
        An unknown input, an impossible rationality, or a solve that did not converge: there is then no play to compare
        a person's choices with.
    CrisisError
        A game that cannot be compiled, or odds and payments that the values make impossible.
    """
    return board_of(*solved(compile_game(crisis, max_nodes), rationality, given), given=given, rationality=rationality)


def board_of(
    block: Block, solution: Solution, *, given: Mapping[str, float] | None = None, rationality: float | None = None
) -> Board:
    """The board of a solved draw; see `set_up`."""
    if not solution.converged:
        raise UsageError(
            "this crisis cannot be played as it stands: its solve did not converge, so there is no equilibrium for"
            " Offramp to play; try a lower rationality"
        )
    plays = plays_of(block, solution.choice, tuple(solution.endings))
    return Board(block, solution, plays, dict(given or {}), rationality)
