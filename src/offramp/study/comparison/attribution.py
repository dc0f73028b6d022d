"""Mixtures of two crises, some parts from one and the rest from the other, solved on the same draws."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import permutations

import numpy as np
from numpy.typing import NDArray

from offramp.common.errors import OfframpError
from offramp.crisis.distribution import Distribution
from offramp.crisis.model import Crisis
from offramp.equilibrium.as_of_now import Past, open_edges
from offramp.gambit.opening import compile_game
from offramp.game.game import Game
from offramp.game.tables import Draws, tabulate
from offramp.runs.blocks import NumberedBlock, block_size
from offramp.runs.executors import worker_count
from offramp.runs.sampling import inputs_at
from offramp.runs.study_draws import in_blocks, solve_past, spread_evenly
from offramp.runs.weighted import check_known, influence, mean_of
from offramp.study.comparison.differences import Key, Parts, composed
from offramp.study.outlook.endings import FEWEST
from offramp.study.scenarios import drawn_inputs

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]
Group = frozenset[Key]
"""Parts that are exchanged together."""

EVERY_ORDER = 4
"""Up to this many groups, contributions are averaged over all orders (exact Shapley values)."""
UNIFORM = Distribution("uniform", {"low": 0.0, "high": 1.0})


@dataclass(frozen=True, eq=False)
class SharedPoints:
    """Points in the unit cube, (draws, inputs), for every input that is uncertain in one of two crises."""

    names: tuple[str, ...]
    cube: Array

    def values(self, crisis: Crisis) -> dict[str, Array]:
        """The crisis's inputs at the points, levers applied: the draws of a run if both have the same inputs."""
        names = [name for name in self.names if name in crisis.uncertain]
        return inputs_at(crisis, names, self.cube[:, [self.names.index(name) for name in names]])


def points_of(a: Crisis, b: Crisis, draws: int, seed: int) -> SharedPoints:
    """The same points for two crises and all their mixtures: each input has one column.

    If both crises have the same uncertain inputs, the columns are in the crises' order, so that the draws are those of
    a run; otherwise they are sorted by name, so that they do not depend on which crisis comes first.
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
    columns = drawn_inputs(cube, draws, seed).values()
    return SharedPoints(names, np.array(list(columns)).reshape(len(names), draws).T)


@dataclass(frozen=True, eq=False)
class SolvedHybrid:
    """A mixture solved: its `numbers`, (endings + measures, draws), and which draws `converged`.

    The numbers are the probabilities of the endings, then the expected amounts of the measures. `weight`: (draws,), how
    likely each draw held what is known, if the mixture is as of now. `status`: (draws,), indices of `STATUSES`.
    """

    numbers: Array
    converged: Flags
    weight: Array | None
    status: NDArray[np.int8]

    def linear(self, kept: Flags) -> Array:
        """The numbers of the draws `kept`, others 0: made so that their mean is the weighted one.

        A draw's number is the mean and its influence on the mean, so that the error of their mean, and of means of
        their differences, is that of the weighted mean (the delta method). Without weights they stay as they are.
        """
        numbers = np.where(kept, self.numbers, 0.0)
        if self.weight is not None and kept.any():
            weight = self.weight[kept]
            joint = self.numbers[:, kept] * weight
            numbers[:, kept] = [mean_of(row, weight) + influence(row, weight) for row in joint]
        return numbers


@dataclass
class Hybrids:
    """Mixtures (hybrids) of two crises A and B, keyed by the parts taken from B; solved ones are cached.

    `endings`: names; an ending that a crisis lacks has probability 0 in it. `counted`: of endings that count as one,
    the name under which they do. `measures`: the keys of those that all mixtures have.
    """

    a: Parts
    b: Parts
    path: str
    points: SharedPoints
    endings: tuple[str, ...]
    counted: Mapping[str, str]
    measures: tuple[str, ...]
    executor: Executor
    max_nodes: int | None
    _games: dict[Group, tuple[Game, dict[str, Array], Past | None] | None] = field(default_factory=dict)
    _solved: dict[Group, SolvedHybrid] = field(default_factory=dict)

    def make(self, taken: Group, followed: int = 0) -> tuple[Game, dict[str, Array], Past | None]:
        """The game of a hybrid, its inputs, (draws,), and if it is as of now its draws up to now.

        `followed` as in `solve`.

        Raises OfframpError if the parts do not fit together, or too few draws explain what is known.
        """
        sides = {key: self.b if key in taken else self.a for key in {*self.a, *self.b}}
        crisis = composed({key: side[key] for key, side in sides.items() if key in side}, self.path)
        game, values = compile_game(crisis, self.max_nodes), self.points.values(crisis)
        draws = len(self.points.cube)
        tabulate(game, Draws(values, [f"draw {draw}" for draw in range(draws)]))
        return game, values, self._past(game, followed) if game.past else None

    def _past(self, game: Game, followed: int) -> Past:
        open_edges(game.so_far)
        crisis, draws = game.crisis.before_now, len(self.points.cube)
        past = solve_past(game, draws, self.points.values(crisis), self.executor, followed=followed)
        check_known(past.weight[past.solved.converged], crisis, least=FEWEST)
        return past

    def fits(self, taken: Group) -> bool:
        """Whether a hybrid is a valid crisis in every draw, and enough draws explain what is known."""
        if taken in self._solved:
            return True
        if taken not in self._games:
            try:
                self._games[taken] = self.make(taken)
            except OfframpError:
                self._games[taken] = None
        return self._games[taken] is not None

    def solve(self, taken: Group, followed: int = 0) -> SolvedHybrid:
        """A hybrid, solved in every draw; `followed`: in about how many it is compared with its principal branch."""
        if taken not in self._solved:
            game, values, past = self._games.pop(taken, None) or self.make(taken, followed)
            draws = len(self.points.cube)
            size = min(block_size(game), -(-draws // (2 * worker_count(self.executor))))
            work = partial(_solving, followed=followed, draws=draws)
            parts = in_blocks(game, draws, values, work, self.executor, block=size, past=past)
            endings, measures, converged, status = (np.concatenate(part, axis=-1) for part in zip(*parts, strict=True))
            rows: dict[str, Array] = {}
            for ending, row in zip(game.crisis.endings, endings, strict=True):
                name = self.counted.get(ending.key, ending.key)
                rows[name] = rows[name] + row if name in rows else row
            amounts = {measure.key: row for measure, row in zip(game.crisis.measures, measures, strict=True)}
            absent = np.zeros(draws)
            numbers = [*(rows.get(name, absent) for name in self.endings), *map(amounts.__getitem__, self.measures)]
            weight = None if past is None else past.weight
            self._solved[taken] = SolvedHybrid(np.array(numbers), converged, weight, status)
        return self._solved[taken]


def _solving(
    game: Game, followed: int, draws: int
) -> Callable[[NumberedBlock], tuple[Array, Array, Flags, NDArray[np.int8]]]:
    def work(part: NumberedBlock) -> tuple[Array, Array, Flags, NDArray[np.int8]]:
        solved = part.solve(spread_evenly(part, followed, draws))
        return solved.endings, solved.measures, solved.converged, solved.status

    return work


def orders_of(count: int) -> list[tuple[int, ...]]:
    """The orders in which groups are exchanged: all orders of a few groups, otherwise one order and its reverse.

    The mean over an order and its reverse is the Shapley value if no three groups interact; it always adds up.
    """
    if count <= EVERY_ORDER:
        return list(permutations(range(count)))
    return [tuple(range(count)), tuple(reversed(range(count)))]


def on_the_way(groups: Sequence[Group]) -> list[Group]:
    """All sets of parts taken from B at some point of some order, each once, smallest first."""
    steps = {
        frozenset().union(*(groups[number] for number in order[:end]))
        for order in orders_of(len(groups))
        for end in range(len(groups) + 1)
    }
    return sorted(steps, key=lambda taken: (len(taken), sorted(taken)))


def grouped(keys: Collection[Key], fits: Callable[[Group], bool]) -> tuple[Group, ...]:
    """The differences in groups that can be exchanged one after the other.

    If a hybrid on the way is not a valid crisis, its smallest invalid part is joined with the fewest other groups that
    make it valid. `fits` must be true for the empty set and for everything.
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
    """The contribution of each group: what its exchange changes, averaged over orders; (groups, *shape of a worth).

    The mean over all orders is the Shapley value (Shapley 1953, *Contributions to the Theory of Games* II). For any
    orders, the contributions add up to the worth of all groups less the worth of none.
    """
    orders = orders_of(len(groups))
    sums = np.zeros((len(groups), *worth[frozenset()].shape))
    for order in orders:
        taken: Group = frozenset()
        for number in order:
            sums[number] += worth[taken | groups[number]] - worth[taken]
            taken = taken | groups[number]
    return sums / len(orders)
