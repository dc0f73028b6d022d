"""Offramp's side of the measurements: the one place that knows its functions.

Timed is what is done with a game that is read and compiled, as for the peers: from its numbers to the
solution with its certificate.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import offramp
from offramp.equilibrium.branch.traced import STATUSES
from offramp.equilibrium.logit import BlockSolution, judged, solve_block
from offramp.equilibrium.structure import structure_of
from offramp.equilibrium.sweeps import block_of, swept
from offramp.gambit.efg import read_efg
from offramp.gambit.part_names import names_of
from offramp.gambit.tokens import decoded
from offramp.gambit.tree import NONE, Tree
from offramp.gambit.tree_to_game import compile_tree
from offramp.game.game import CHANCE, Game, PayoffTerms
from offramp.game.tables import Draws, Tables, tabulate
from offramp.runs.blocks import block_size
from offramp.runs.result import is_sampled

Array = NDArray[np.float64]

LANES = 8
"""Draws side by side in the solver's core."""
WINDOWS, WINDOW = 5, 0.1
"""Sweeps are timed in so many windows, of so many seconds."""


@dataclass(frozen=True)
class Found:
    """A solution: `shares` are each information set's probabilities, by the tree's number of the set.

    `status` is one of `STATUSES`, or `not settled`, of sweeps.
    """

    shares: dict[int, Array]
    certificate: float
    status: str
    seconds: float

    def by_set(self, sets: Sequence[int]) -> list[Array]:
        return [self.shares[number] for number in sets]


def read_game(path: Path) -> tuple[Tree, Game]:
    """A file of Gambit's as a tree and as a compiled game."""
    return read_text(decoded(path.read_bytes()), str(path))


def read_text(text: str, name: str) -> tuple[Tree, Game]:
    """The same from its text."""
    tree = read_efg(text, name)
    return tree, compile_tree(tree)


def payoff_range(tree: Tree) -> float:
    """The largest payoff of a play to anybody, less the smallest."""
    paid = end_payoffs(tree)
    return float(max(map(max, paid)) - min(map(min, paid)))


def end_payoffs(tree: Tree) -> list[list[Fraction]]:
    """What every play pays in all, in preorder."""
    ends: list[list[Fraction]] = []
    waiting = [[Fraction(0)] * len(tree.players)]
    for number, outcome in zip(tree.node_set.tolist(), tree.node_outcome.tolist(), strict=True):
        paid = waiting.pop()
        if outcome != NONE:
            paid = [sum(pair, Fraction(0)) for pair in zip(paid, tree.outcomes[outcome].payoffs, strict=True)]
        if number == NONE:
            ends.append(paid)
        else:
            waiting += [paid] * len(tree.sets[number].actions)
    return ends


def tables_of(game: Game, rationality: float | None) -> Tables:
    """A game's numbers as one draw."""
    return tabulate(game, Draws({}, ["as written"]), rationality)


def solve_by_sweeps(tree: Tree, game: Game, rationality: float) -> Found:
    """One solve by sweeps from uniform, with its certificate; what they do not settle is not traced."""
    tables = tables_of(game, rationality)  # its numbers, which the peers' games hold as they were read
    start = time.perf_counter()
    block = block_of(game, tables)
    profile = swept(block)
    untraced = np.full(1, STATUSES.index("not traced"), dtype=np.int8)
    solved = judged(block, profile.choice, profile.logit, profile.sweeps, untraced)
    taken = time.perf_counter() - start
    status = STATUSES[solved.status[0]] if profile.converged[0] else "not settled"
    return Found(shares_of(tree, game, solved.choice[:, 0]), float(solved.residual[0]), status, taken)


def solve_traced(tree: Tree, game: Game, rationality: float) -> Found:
    """One solve as `offramp solve` does it."""
    start = time.perf_counter()
    solved = offramp.solve(game, rationality=rationality)
    taken = time.perf_counter() - start
    return Found(shares_of(tree, game, solved.choice), solved.certificate.residual, solved.status, taken)


def shares_of(tree: Tree, game: Game, choice: Array) -> dict[int, Array]:
    """Each information set's part of a profile, (slots,), by the tree's number of the set."""
    number_of = {name: number for number, name in enumerate(names_of(tree).sets)}
    found = {}
    for layer in game.layers:
        number = number_of[layer.step]
        if layer.actor != CHANCE and number not in found:
            first = int(game.group_slot[layer.first_group])
            found[number] = choice[first : first + int(game.group_options[layer.first_group])]
    return found


@dataclass(frozen=True)
class DrawnGame:
    """A game whose every play and chance event has numbers of its own, in every draw.

    `play_at`: for each payoff term, by position in `Game.payoff_entries`, the plays that it pays; `term_actor`
    whose; `odds_at`: (odds slots,) the chance action.
    """

    tree: Tree
    game: Game
    play_at: dict[int, NDArray[np.int64]]
    odds_at: NDArray[np.int64]


def drawn_game(text: Callable[[Array, Sequence[int]], str], plays: int, actors: int, actions: int) -> DrawnGame:
    """Compile the game that `text` writes for payoffs (plays, actors) and odds, and find where its numbers go.

    They are found by a game in which every play pays its own number, and no two chance actions are equally likely.
    """
    marks = np.repeat(np.arange(1.0, plays + 1)[:, None], actors, axis=1)
    tree, game = read_text(text(marks, range(1, actions + 1)), "marked")
    tables = tables_of(game, 1.0)
    play_at = {position: np.rint(amount[:, 0]).astype(np.int64) - 1 for position, amount in tables.amounts.items()}
    odds_at = np.rint(tables.odds[0, :, 0] * (actions * (actions + 1) // 2)).astype(np.int64) - 1
    return DrawnGame(tree, game, play_at, odds_at)


def solve_draws(
    drawn: DrawnGame, payoffs: Array, odds: Array, rationality: Array, workers: int, *, sample: bool
) -> tuple[Array, int]:
    """Solve draws by sweeps, with certificates, on some cores, and trace those left; with `sample` all that `run` does.

    `payoffs`: (plays, actors, draws), `odds`: (actions, draws), `rationality`: (draws,). Returns the profiles,
    (slots, draws), and how many draws converged.
    """
    game = drawn.game

    def solve(lanes: NDArray[np.int64]) -> BlockSolution:
        amounts, some = {}, slice(int(lanes[0]), int(lanes[-1]) + 1)
        for position, plays in drawn.play_at.items():
            entries = game.payoff_entries[position]
            assert isinstance(entries, PayoffTerms)
            assert entries.term is not None
            actor = game.actors.index(game.crisis.terms[entries.term].actor)
            amounts[position] = payoffs[plays, actor, some]
            amounts[position][plays < 0] = 0.0
        shares = odds[drawn.odds_at, some][None]
        each = np.repeat(rationality[None, lanes], len(game.actors), axis=0)
        sizes = {position: np.abs(amount) for position, amount in amounts.items()}
        most = np.full(each.shape, sum(size.max(initial=0.0) for size in sizes.values()))
        tables = Tables(shares, amounts, sizes, each, most, lanes.astype(np.str_))
        return solve_block(block_of(game, tables), is_sampled(lanes) if sample else None)

    # blocks as large as a run's, as many for every thread
    blocks = workers * -(-len(rationality) // (block_size(game) * workers))
    parts = np.array_split(np.arange(len(rationality)), blocks)
    with ThreadPoolExecutor(workers) as pool:
        solved = list(pool.map(solve, parts))
    return np.concatenate([one.choice for one in solved], axis=1), sum(int(one.converged.sum()) for one in solved)


def sweep_seconds(game: Game, tables: Tables, draws: int) -> float:
    """Processor seconds of a sweep of one draw, or of as many equal ones as there are lanes, as solving makes them."""
    block = block_of(game, tables).only(np.zeros(draws, dtype=np.int64))
    swept(block)
    windows: list[float] = []
    for _ in range(WINDOWS):
        start, sweeps = time.process_time(), 0
        while time.process_time() - start < WINDOW:
            sweeps += int(swept(block).sweeps[0])
        windows.append((time.process_time() - start) / sweeps)
    return statistics.median(windows)


@dataclass(frozen=True)
class Work:
    """What a sweep of one draw must do: units are edges of the whole graph times actors; bytes loaded; additions and
    multiplications.

    `memory` is what a draw keeps: its values, reach, payments, odds and choices, in bytes.
    """

    units: int
    loads: int
    arithmetic: int
    memory: int


def work_of(game: Game) -> Work:
    """The least that a sweep of this game loads and calculates, for one draw of a block."""
    graph = structure_of(game).play
    edges, actors = len(graph.edge_row), len(game.actors)
    group_layer = np.repeat(np.arange(graph.layers), np.diff(graph.layer_group))
    moves = graph.layer_actor[group_layer] >= 0
    paid = np.append(0, np.cumsum(graph.edge_paid >= 0))[graph.group_edge]
    ways, paid_edges = len(graph.way_from), int(paid[-1])
    mover_nodes, mover_edges, mover_paid = (
        int(np.diff(firsts)[moves].sum()) for firsts in (graph.group_node, graph.group_edge, paid)
    )
    # reach: where each way comes from, and the choice or odds on it; backward: for every actor what follows an edge,
    # with its payment; for the mover once more, with the node's reach; the places of all these serve every lane
    loads = 8 * (2 * ways + (edges + paid_edges) * actors + mover_edges + mover_paid + mover_nodes)
    loads += 4 * (2 * ways + 2 * (edges + mover_edges)) // LANES
    arithmetic = 2 * ways + (2 * edges + paid_edges) * actors + 2 * mover_edges + mover_paid + mover_nodes
    values = (graph.nodes + graph.constants + graph.paid) * actors
    rows = int(graph.reach_first[-1]) + graph.systems * graph.odds_slots + 2 * graph.slots
    return Work(len(game.edge_child) * actors, loads, arithmetic, 8 * (values + rows))
