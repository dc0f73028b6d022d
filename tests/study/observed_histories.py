"""Every history of a solved crisis, from the walker's tree: what studies of one solve must agree with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from offramp.equilibrium.solution import Solution
from tests.game.test_against_walker import key_of
from tests.walker import ANALYST, ChanceNode, Key, Node, Terminal, tree


@dataclass(frozen=True)
class History:
    """A whole play: its probability to each actor and to the analyst (`ANALYST`), and what happens in it, in order."""

    odds: Mapping[str, float]
    steps: tuple[tuple[str, str], ...]
    taken: Mapping[Key, str]
    terminal: Terminal

    def value(self, step: str) -> str:
        """The value of a step outside rounds."""
        return dict(self.steps).get(step, "skipped")


@dataclass
class Histories:
    """All plays of a solved crisis."""

    solution: Solution
    found: list[History] = field(default_factory=list)

    def __post_init__(self) -> None:
        crisis = self.solution.game.crisis
        self.choices = {key_of(move.situation): move.options for move in self.solution.moves}
        self.visit(tree(crisis), History(dict.fromkeys([ANALYST, *crisis.actors], 1.0), (), {}, Terminal(None, {})))

    def visit(self, node: Node, so_far: History) -> None:
        if isinstance(node, Terminal):
            self.found.append(History(so_far.odds, so_far.steps, so_far.taken, node))
            return
        for option, child in node.branches.items():
            if isinstance(node, ChanceNode):
                step, taken = node.step, so_far.taken
                odds = {who: p * node.odds[who][option] for who, p in so_far.odds.items()}
            else:
                step, taken = node.key[0], {**so_far.taken, node.key: option}
                odds = {who: p * self.choices[node.key][option] for who, p in so_far.odds.items()}
            self.visit(child, History(odds, (*so_far.steps, (step, option)), taken, so_far.terminal))
