"""Crises between two: some parts of the one, the rest of the other, solved on the same draws."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field, replace
from itertools import permutations

import numpy as np
from numpy.typing import NDArray

from offramp.common.errors import OfframpError
from offramp.crisis.distribution import Distribution
from offramp.crisis.inputs import resolved_inputs
from offramp.crisis.model import Crisis
from offramp.equilibrium.logit import solve_block
from offramp.gambit.opening import compile_game
from offramp.game.game import Game
from offramp.game.tables import Draws, tabulate
from offramp.runs.blocks import NumberedBlock, block_size
from offramp.runs.executors import worker_count
from offramp.runs.pieces import in_blocks
from offramp.runs.sampling import CHUNK, correlated, sample_chunk
from offramp.study.comparison.differences import Key, Parts, composed

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]
Group = frozenset[Key]
"""Parts that are exchanged together."""

EVERY_ORDER = 4
"""With at most so many groups every order of exchanging them is taken."""
UNIFORM = Distribution("uniform", {"low": 0.0, "high": 1.0})


@dataclass(frozen=True, eq=False)
class SharedPoints:
    """Points in the unit cube, (draws, inputs), for every input that is uncertain in one of two crises."""

    names: tuple[str, ...]
    cube: Array

    def values(self, crisis: Crisis) -> dict[str, Array]:
        """The crisis's inputs at the points, levers applied: its own draws, where both have the same inputs."""
        names = [name for name in self.names if name in crisis.uncertain]
        points = correlated(crisis, names, self.cube[:, [self.names.index(name) for name in names]])
        columns = {name: np.ascontiguousarray(column) for name, column in zip(names, points.T, strict=True)}
        middle = np.full(len(self.cube), 0.5)
        values = {name: entry.distribution.quantile(columns.get(name, middle)) for name, entry in crisis.inputs.items()}
        return resolved_inputs(crisis, values)


def points_of(a: Crisis, b: Crisis, draws: int, seed: int) -> SharedPoints:
    """The same points for two crises and all between them: an input has one column, whatever else there is.

    The columns stand as in the crises where both have the same uncertain inputs, so that the draws are those of a
    run; else by name, so that they do not depend on which crisis comes first.
    """
    own, other = a.uncertain, b.uncertain
    names = own if own == other else tuple(sorted({*own, *other}))
    entries = {**a.inputs, **b.inputs}
    cube = replace(
        a,
        inputs={name: replace(entries[name], distribution=UNIFORM) for name in names},
        correlations=(),
        pulled=(),
    )
    chunks = [sample_chunk(cube, seed, chunk) for chunk in range(-(-draws // CHUNK))]
    columns = [np.concatenate([chunk[name] for chunk in chunks])[:draws] for name in names]
    return SharedPoints(names, np.array(columns).reshape(len(names), draws).T)


@dataclass
class Hybrids:
    """Hybrids of two crises A and B by what is taken from B; what was found of each is kept.

    `endings`: names; a crisis that lacks one has it with probability 0.
    """

    a: Parts
    b: Parts
    path: str
    points: SharedPoints
    endings: tuple[str, ...]
    crew: Executor
    max_nodes: int | None
    _games: dict[Group, tuple[Game, dict[str, Array]] | None] = field(default_factory=dict)
    _solved: dict[Group, tuple[Array, Flags]] = field(default_factory=dict)

    def make(self, taken: Group) -> tuple[Game, dict[str, Array]]:
        """The game of a hybrid, and its inputs, (draws,); raises OfframpError where the parts do not fit together."""
        sides = {key: self.b if key in taken else self.a for key in {*self.a, *self.b}}
        crisis = composed({key: side[key] for key, side in sides.items() if key in side}, self.path)
        game, values = compile_game(crisis, self.max_nodes), self.points.values(crisis)
        draws = len(self.points.cube)
        tabulate(game, Draws(values, [f"draw {draw}" for draw in range(draws)]))
        return game, values

    def fits(self, taken: Group) -> bool:
        """Whether a hybrid is a crisis that can be solved in every draw."""
        if taken in self._solved:
            return True
        if taken not in self._games:
            try:
                self._games[taken] = self.make(taken)
            except OfframpError:
                self._games[taken] = None
        return self._games[taken] is not None

    def solve(self, taken: Group) -> tuple[Array, Flags]:
        """The probabilities of the endings, (endings, draws), and which draws converged."""
        if taken not in self._solved:
            game, values = self._games.pop(taken, None) or self.make(taken)
            draws = len(self.points.cube)
            size = min(block_size(game), -(-draws // (2 * worker_count(self.crew))))
            parts = in_blocks(game, draws, values, _solving, self.crew, block=size)
            endings, converged = (np.concatenate(part, axis=-1) for part in zip(*parts, strict=True))
            rows = {ending.name: row for ending, row in zip(game.crisis.endings, endings, strict=True)}
            nowhere = np.zeros(draws)
            self._solved[taken] = np.array([rows.get(name, nowhere) for name in self.endings]), converged
        return self._solved[taken]


def _solving(game: Game) -> Callable[[NumberedBlock], tuple[Array, Flags]]:
    def work(part: NumberedBlock) -> tuple[Array, Flags]:
        solved = solve_block(part.block)
        return solved.endings, solved.converged

    return work


def orders_of(count: int) -> list[tuple[int, ...]]:
    """The orders in which groups are exchanged: all of few; of many the one by name and its reverse.

    The mean over an order and its reverse is the Shapley value wherever no three groups interact, and adds up always.
    """
    if count <= EVERY_ORDER:
        return list(permutations(range(count)))
    return [tuple(range(count)), tuple(reversed(range(count)))]


def on_the_way(groups: Sequence[Group]) -> list[Group]:
    """What has been taken from B on the way of some order, each once, the smallest first."""
    found = {
        frozenset().union(*(groups[number] for number in order[:end]))
        for order in orders_of(len(groups))
        for end in range(len(groups) + 1)
    }
    return sorted(found, key=lambda taken: (len(taken), sorted(taken)))


def grouped(keys: Collection[Key], fits: Callable[[Group], bool]) -> tuple[Group, ...]:
    """The differences in groups that can be exchanged one after the other.

    Where a hybrid on the way is no crisis, a smallest part of it that is none is joined with the least else that makes
    it one. `fits` must hold of nothing and of everything.
    """
    groups = [frozenset([key]) for key in sorted(keys)]
    while broken := next((taken for taken in on_the_way(groups) if not fits(taken)), None):
        core = [group for group in groups if group <= broken]
        for group in list(core):
            without = [other for other in core if other != group]
            if not fits(_union(without)):
                core = without
        joined = list(groups)
        for group in groups:
            without = [other for other in joined if other != group]
            if group not in core and fits(_union(without)):
                joined = without
        groups = sorted([group for group in groups if group not in joined] + [_union(joined)], key=sorted)
    return tuple(groups)


def _union(groups: Collection[Group]) -> Group:
    return frozenset().union(*groups)


def contributions(groups: Sequence[Group], worth: Mapping[Group, Array]) -> Array:
    """What each group moves: the mean over the orders of what its exchange changes; (groups, *shape of a worth).

    The mean over all orders is the Shapley value (Shapley 1953, *Contributions to the Theory of Games* II). The sum
    over the groups is the worth of all less that of none, whatever the orders.
    """
    orders = orders_of(len(groups))
    found = np.zeros((len(groups), *worth[frozenset()].shape))
    for order in orders:
        taken: Group = frozenset()
        for number in order:
            found[number] += worth[taken | groups[number]] - worth[taken]
            taken = taken | groups[number]
    return found / len(orders)
