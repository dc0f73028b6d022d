"""Small games with known answers, and helpers that read a solution by the names of its moves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

import offramp
from offramp.equilibrium.structure import structure_of
from offramp.equilibrium.sweeps import Block
from offramp.gambit.efg import read_efg
from offramp.gambit.nfg import read_nfg
from offramp.gambit.opening import compile_game
from offramp.gambit.part_names import names_of
from offramp.gambit.tree import Tree
from offramp.game.game import Game

Array = NDArray[np.float64]

DILEMMA = ((3, 0), (5, 1)), ((3, 5), (0, 1))
"""Prisoners' dilemma: payoffs of the row and the column player; the second option dominates."""
COORDINATION = ((1, 0), (0, 1)), ((1, 0), (0, 1))
STAG_HUNT = ((4, 0), (3, 3)), ((4, 3), (0, 3))
"""Stag, then hare; hare is the risk-dominant equilibrium."""
PENNIES = ((9, 0), (0, 1)), ((0, 1), (1, 0))
"""Asymmetric matching pennies (Ochs 1995): the equilibrium of perfect play is (1/2, 1/2), (1/10, 9/10)."""

BEER_QUICHE = """EFG 2 R "Beer or quiche (Cho & Kreps 1987)" { "Sender" "Receiver" }
c "" 1 "type" { "weak" 1/10 "strong" 9/10 } 0
p "" 1 1 "weak" { "beer" "quiche" } 0
p "" 2 1 "after beer" { "fight" "leave" } 0
t "" 1 "" { 0 1 } t "" 2 "" { 2 0 }
p "" 2 2 "after quiche" { "fight" "leave" } 0
t "" 3 "" { 1 1 } t "" 4 "" { 3 0 }
p "" 1 2 "strong" { "beer" "quiche" } 0
p "" 2 1 0
t "" 5 "" { 1 0 } t "" 6 "" { 3 1 }
p "" 2 2 0
t "" 7 "" { 0 0 } t "" 8 "" { 2 1 }
"""


def bimatrix(first: Sequence[Sequence[Any]], second: Sequence[Sequence[Any]], path: str = "g.nfg") -> Game:
    """A game in which two actors, A and B, choose simultaneously; rows are A's options, columns B's."""
    pairs = zip(np.transpose(np.array(first, dtype=object)), np.transpose(np.array(second, dtype=object)), strict=True)
    paid = " ".join(f"{a} {b}" for column in pairs for a, b in zip(*column, strict=True))
    shape = f"{len(first)} {len(first[0])}"
    return compile_game(read_nfg(f'NFG 1 R "Bimatrix" {{ "A" "B" }} {{ {shape} }} {paid}', path))


def efg(text: str) -> Game:
    """A compiled `.efg` file."""
    return compile_game(read_efg(text, "g.efg"))


def with_rules(game: Game, *rules: str) -> Game:
    """A game whose actors choose by these rules in turn, the first again after the last."""
    actors = {
        key: replace(actor, choice=rules[number % len(rules)])
        for number, (key, actor) in enumerate(game.crisis.actors.items())
    }
    return replace(game, crisis=replace(game.crisis, actors=actors))


def parts(game: Game, slots: Array) -> dict[str, list[float]]:
    """An array over a game's slots, by the name of the move; every move is one information set."""
    found = {situation.move: list(map(float, slots[situation.slots])) for situation in game.situations}
    assert len(found) == len(game.situations)
    return found


def chosen(solution: offramp.Solution) -> dict[str, list[float]]:
    """The choice probabilities of a converged solution, by move."""
    assert solution.converged
    return parts(solution.game, solution.choice)


def by_set(tree: Tree, game: Game, slots: Array) -> dict[int, list[float]]:
    """An array over the slots of a game compiled from a tree, by the set's index in the tree."""
    sets = names_of(tree).sets
    return {sets.index(move): part for move, part in parts(game, slots).items()}


def nodes_of_sets(game: Game) -> list[list[int]]:
    """The nodes of each information set, in the order of `game.situations`."""
    found: list[list[int]] = [[] for _ in game.situations]
    graph = structure_of(game).graph
    for group, held in enumerate(graph.group_set.tolist()):
        if held >= 0:
            found[held] += range(int(graph.group_node[group]), int(graph.group_node[group + 1]))
    return found


def repeated(block: Block, count: int) -> Block:
    """A block of `count` copies of one draw."""
    return block.only(np.zeros(count, dtype=np.int64))
