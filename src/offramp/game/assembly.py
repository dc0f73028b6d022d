"""Assembling the graph layer by layer, and converting it to the arrays of a `Game`."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from offramp.crisis.model import Crisis
from offramp.crisis.observation import Position
from offramp.crisis.steps import Chance
from offramp.game.contexts import Levels
from offramp.game.game import CHANCE, Contexts, EndingState, Game, Layer, Memory, OddsTable, Size
from offramp.game.operations import StepOperation
from offramp.game.rows import Frontier, Ids, PayoffBook, Trail

EMPTY = np.zeros(0, dtype=np.int64)


@dataclass(eq=False)
class Assembly:
    """The layers so far: for each, the groups' numbers of nodes, their options, and the rows that edges lead to."""

    crisis: Crisis
    trail: Trail = field(default_factory=Trail)
    book: PayoffBook = field(default_factory=PayoffBook)
    levels: dict[str, Levels] = field(default_factory=dict)
    layers: list[Layer] = field(default_factory=list)
    memories: dict[int, Memory] = field(default_factory=dict)
    odds: list[OddsTable] = field(default_factory=list)
    group_sizes: list[Ids] = field(default_factory=list)
    group_options: list[Ids] = field(default_factory=list)
    options: list[Ids] = field(default_factory=list)
    """Each layer's option indices, group after group."""
    edge_rows: list[Ids] = field(default_factory=list)
    nodes: int = 0
    groups: int = 0
    odds_slots: int = 0
    nodes_tree: float = 0.0

    def enter_odds(self, step: Chance, number: int, contexts: Contexts) -> None:
        """Add the odds table of a chance layer, with one row for each context."""
        self.odds.append(OddsTable(step.key, number, self.odds_slots, len(step.options), contexts))
        self.odds_slots += contexts.count * len(step.options)

    def enter_layer(
        self, operation: StepOperation, available: NDArray[np.bool_], sizes: Ids, edge_rows: Ids, histories: float
    ) -> None:
        """Add a layer: `available`, (groups, options); `sizes`, nodes in each group; `histories` of the tree."""
        step = operation.step
        actor = CHANCE if isinstance(step, Chance) else list(self.crisis.actors).index(step.by)
        self.layers.append(Layer(step.key, operation.round, actor, self.groups, self.groups + len(available)))
        self.group_sizes.append(sizes)
        self.group_options.append(available.sum(axis=1))
        self.options.append(np.nonzero(available)[1])
        self.edge_rows.append(edge_rows)
        self.groups += len(available)
        self.nodes += int(sizes.sum())
        self.nodes_tree += histories

    def path_to(self, row: int) -> str:
        """A sequence of choices that leads to a row, in words."""
        parts: list[str] = []
        first_nodes = np.cumsum([0, *(int(sizes.sum()) for sizes in self.group_sizes)])
        current: int | None = row
        while current is not None:
            number = next((n for n, rows in enumerate(self.edge_rows) if rows[0] <= current <= rows[-1]), None)
            if number is None:
                current = self.trail.came_from(current)
                continue
            node, option = self.edge_of(number, current - int(self.edge_rows[number][0]))
            layer = self.layers[number]
            parts.append(f"{layer.step} = {self.crisis.options_of(layer.step)[option]}{in_round(layer.round)}")
            current = self.trail.came_from(~(int(first_nodes[number]) + node))
        return ", ".join(reversed(parts)) or "the beginning"

    def edge_of(self, layer: int, edge: int) -> tuple[int, int]:
        """The node, counted within its layer, and the option's index of a layer's edge."""
        sizes, options = self.group_sizes[layer], self.group_options[layer]
        ends = np.cumsum(sizes * options)
        group = int(np.searchsorted(ends, edge, side="right"))
        within = edge - int(ends[group] - sizes[group] * options[group])
        node = int(sizes[:group].sum()) + within // int(options[group])
        return node, int(self.options[layer][int(options[:group].sum()) + within % int(options[group])])

    def game(
        self, frontier: Frontier, ending_states: tuple[EndingState, ...], known_after: Mapping[int, Position | None]
    ) -> Game:
        """Build the game's arrays: the child and the payoff of every edge. `frontier` is the end of play."""
        node, payoff = self.trail.resolve(self.book)
        rows = np.concatenate([*self.edge_rows, EMPTY])
        sizes = np.concatenate([*self.group_sizes, EMPTY])
        options = np.concatenate([*self.group_options, EMPTY])
        moves = [layer.actor != CHANCE for layer in self.layers]
        is_move = np.repeat(moves, [layer.end_group - layer.first_group for layer in self.layers]).astype(bool)
        profile_slots = starts(np.where(is_move, options, 0))
        odds_slots = starts(np.where(is_move, 0, options))
        slot_option = [numbers for numbers, move in zip(self.options, moves, strict=True) if move]
        return Game(
            crisis=self.crisis,
            actors=tuple(self.crisis.actors),
            layers=tuple(self.layers),
            group_node=starts(sizes).astype(np.int32),
            group_slot=np.where(np.append(is_move, True), profile_slots, odds_slots).astype(np.int32),
            group_options=options.astype(np.int32),
            group_edge=starts(sizes * options),
            edge_child=node[rows],
            edge_payoff=payoff[rows],
            root=int(node[0]),
            root_payoff=int(payoff[0]),
            slots=int(profile_slots[-1]),
            slot_option=np.concatenate([*slot_option, EMPTY]).astype(np.int32),
            odds=tuple(self.odds),
            odds_slots=self.odds_slots,
            payoff_entries=tuple(self.book.entries),
            payoff_count=self.book.count,
            believers=believers(self.crisis),
            memories=self.memories,
            levels={name: tuple(levels.values) for name, levels in self.levels.items()},
            ending_states=ending_states,
            size=self.size(frontier),
            known_after=known_after,
        )

    def size(self, frontier: Frontier) -> Size:
        sets = dict.fromkeys(self.crisis.actors, 0)
        for layer in self.layers:
            if layer.actor != CHANCE:
                sets[list(self.crisis.actors)[layer.actor]] += layer.end_group - layer.first_group
        histories = float(frontier.histories.sum())
        return Size(
            histories=whole(histories),
            nodes_tree=whole(self.nodes_tree + histories),
            nodes=self.nodes + frontier.rows,
            information_sets=sum(sets.values()),
            information_sets_of=sets,
        )


def whole(count: float) -> int:
    """A count as an integer, at most the largest float."""
    return int(min(count, sys.float_info.max))


def starts(counts: Ids) -> Ids:
    """The start of each of consecutive ranges, and the end of the last."""
    return np.concatenate([[0], np.cumsum(counts)])


def believers(crisis: Crisis) -> tuple[str, ...]:
    """The actors that have their own odds of a chance step."""
    own = {actor for step in crisis.steps() if isinstance(step, Chance) for actor in step.believed_by}
    return tuple(actor for actor in crisis.actors if actor in own)


def in_round(number: int) -> str:
    """` in round 2`, or nothing outside rounds."""
    return f" in round {number}" if number else ""
