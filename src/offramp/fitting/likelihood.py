"""The likelihood of recorded cases: how likely play is to agree with each case's record, by the coefficients.

A case is a draw of the game: its columns and the coefficients are inputs. Each case is solved from equal odds, never
from the last profile, so that its probability depends on nothing but the coefficients.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from offramp.common.errors import UsageError
from offramp.crisis.checks.idleness import step_expressions
from offramp.crisis.expressions.derivatives import Sums
from offramp.crisis.expressions.expression import Expression, Name, walk
from offramp.crisis.inputs import medians
from offramp.equilibrium.adjoint import record_adjoint
from offramp.equilibrium.branch.principal import trace
from offramp.equilibrium.conditioning import condition_play
from offramp.equilibrium.structure import log_probabilities, share_structure, structure_of
from offramp.equilibrium.sweeps import Block, Profile, block_of, swept
from offramp.fitting.cases import Cases
from offramp.game.differentiable_tables import DifferentiableTables, differentiable_tables
from offramp.game.game import Game
from offramp.runs.blocks import threads

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]
Task = TypeVar("Task")
Result = TypeVar("Result")

BLOCK_NUMBERS = 1_000_000
"""Upper bound on the numbers of one array of a block, which keeps it in the processor's cache."""
SMALLEST_BLOCK, LARGEST_BLOCK = 16, 2_048
"""Cases of a block: fewer would waste the lanes of the loops, more would leave cores idle."""
ALONE = 0.25
"""Fewer cases than this part of a block are worked on without threads."""


@dataclass(frozen=True)
class Evaluated:
    """The likelihood at some values of the coefficients.

    `log_probability`: (cases,), of each case's record, minus infinity if the values are impossible there; `score`:
    (cases, parameters), its derivatives; `settled`: (cases,), whether the equilibrium and its derivatives converged.
    Weights are not applied.
    """

    log_probability: Array
    score: Array
    settled: Flags


@dataclass(frozen=True)
class _CaseBlock:
    """Some of the cases, from `first` on: the record of each, values of the inputs that are columns, (1, cases) each,
    and the columns of each linear sum, (cases, coefficients).
    """

    first: int
    record: NDArray[np.int64]
    columns: dict[str, Array]
    summed: dict[str, Array]

    @property
    def count(self) -> int:
        return len(self.record)

    @property
    def places(self) -> slice:
        """Its cases among all cases."""
        return slice(self.first, self.first + self.count)

    def times(self, many: int) -> _CaseBlock:
        """The same cases several times over."""
        columns = {name: np.tile(column, (1, many)) for name, column in self.columns.items()}
        summed = {name: np.tile(columns, (many, 1)) for name, columns in self.summed.items()}
        return _CaseBlock(self.first, np.tile(self.record, many), columns, summed)


@dataclass(frozen=True)
class _Solved:
    """A block of cases at values of the coefficients: the numbers of its game, and its profile."""

    cases: _CaseBlock
    tables: DifferentiableTables
    block: Block
    profile: Profile


@dataclass(frozen=True, eq=False)
class Likelihood:
    """A game and the cases that were recorded of it."""

    game: Game
    cases: Cases

    def __post_init__(self) -> None:
        if self.game.crisis.pulled:
            raise UsageError("a crisis is fitted as it is, without levers")

    @property
    def parameters(self) -> tuple[str, ...]:
        """The coefficients, in the order of every vector of values."""
        return self.cases.parameters

    def at(self, values: Array) -> Evaluated:
        """Evaluate at values of the coefficients, (parameters,)."""
        count = len(self.cases.record)
        log_probability, settled = np.empty(count), np.empty(count, dtype=bool)
        score = np.empty((count, len(self.parameters)))
        for block, logs, sums, converged in self._in_blocks(values, self._differentiated):
            log_probability[block.places], settled[block.places] = logs, converged
            score[block.places] = self._score_of(block, sums)
        return Evaluated(log_probability, score, settled)

    def scores(self, points: Array, moved: Mapping[str, Array]) -> Array:
        """The scores at many values of the coefficients, (points, parameters): (points, cases, parameters).

        `moved`: what is added to linear sums at each point, (points,) by name. As with `totals`, a block has its cases
        at several points.
        """

        def work(task: tuple[_CaseBlock, slice]) -> tuple[_CaseBlock, Sums]:
            block, some = task
            count = len(points[some])
            cases = block.times(count)
            values = np.repeat(points[some], block.count, axis=0).T
            more = {name: np.repeat(by[some], block.count) for name, by in moved.items()}
            _, _, sums, _ = self._differentiated(self._solved(values, cases, more))
            return cases, sums

        tasks = self._tasks(len(points))
        result = np.empty((len(points), len(self.cases.record), len(self.parameters)))
        for (block, some), (cases, sums) in zip(tasks, self._mapped(work, tasks), strict=True):
            score = self._score_of(cases, sums)
            result[some, block.places] = score.reshape(-1, block.count, len(self.parameters))
        return result

    def total(self, values: Array) -> tuple[float, Array]:
        """The log-likelihood of all cases, and its gradient, (parameters,)."""
        total, gradient = 0.0, np.zeros(len(self.parameters))
        for block, logs, sums, _ in self._in_blocks(values, self._differentiated):
            weight = self.cases.weight[block.places]
            total += float(np.sum(weight * logs))
            for name, place in self.named.items():
                if name in sums:
                    gradient[place] += np.sum(weight * sums[name][0])
            for name, places in self._sum_places.items():
                if name in sums:
                    # not a product of matrices, whose sum depends on the number of threads
                    gradient[places] += np.einsum("cp,c->p", block.summed[name], weight * sums[name][0])
        return total, gradient

    def totals(self, points: Array) -> Array:
        """The log-likelihood of all cases at many values of the coefficients, (points, parameters): (points,).

        The draws of a block are its cases at several points, so few cases cost little more than their arithmetic.
        """
        tasks = self._tasks(len(points))
        result = np.zeros(len(points))
        sums = self._mapped(lambda task: self._totals_of(task[0], points[task[1]]), tasks)
        for (_, some), totals in zip(tasks, sums, strict=True):
            result[some] += totals
        return result

    def odds(self, values: Array) -> Array:
        """The probability of each distinct record in each case: (cases, records)."""
        result = np.empty((len(self.cases.record), len(self.cases.records)))
        for block, probabilities in self._in_blocks(values, self._record_odds):
            result[block.places] = probabilities.T
        return result

    def block_of_cases(self, values: Array, first: int, end: int) -> Block:
        """The block of the cases from `first` to `end`, to be solved and traced as draws of a run are."""
        return self._tabulated(values, self._case_block(first, end))[1]

    @cached_property
    def _played(self) -> Game:
        """The game without its measures, on which no record depends."""
        played = replace(self.game, measured=None)
        share_structure(played, self.game)
        return played

    @cached_property
    def named(self) -> dict[str, int]:
        """The places of the coefficients that expressions name by themselves, not only in linear sums."""
        named = {node.name for written in self._expressions for node in walk(written.root) if isinstance(node, Name)}
        return {name: place for place, name in enumerate(self.parameters) if name in named}

    @property
    def _expressions(self) -> Iterator[Expression]:
        crisis = self.game.crisis
        yield from (term.pays for term in crisis.terms)
        yield from (actor.rationality for actor in crisis.actors.values())
        for step in crisis.steps():
            yield from step_expressions(step)

    @cached_property
    def _sum_places(self) -> dict[str, NDArray[np.int64]]:
        """The places of the coefficients of each linear sum."""
        return {
            name: np.array([self.parameters.index(one) for one in entry.coefficients], dtype=np.int64)
            for name, entry in self.game.crisis.sums.items()
        }

    @cached_property
    def sums(self) -> dict[str, tuple[NDArray[np.int64], Array]]:
        """For each linear sum, the places of its coefficients, and its columns, (cases, coefficients)."""
        columns, one = self.cases.columns, np.ones(len(self.cases.record))
        return {
            name: (places, np.stack([one if of is None else columns[of] for of in entry.columns], axis=1))
            for (name, places), entry in zip(self._sum_places.items(), self.game.crisis.sums.values(), strict=True)
        }

    @cached_property
    def _constants(self) -> dict[str, Array]:
        return {name: value[None] for name, value in medians(self.game.crisis).items()}

    @cached_property
    def _block_size(self) -> int:
        graph = structure_of(self.game).graph
        numbers = max(1, len(graph.edge_child) * len(graph.belief_of))
        return int(np.clip(BLOCK_NUMBERS // numbers, SMALLEST_BLOCK, LARGEST_BLOCK))

    @cached_property
    def _blocks(self) -> list[_CaseBlock]:
        firsts, count = range(0, len(self.cases.record), self._block_size), len(self.cases.record)
        return [self._case_block(first, min(first + self._block_size, count)) for first in firsts]

    def _case_block(self, first: int, end: int) -> _CaseBlock:
        columns = {name: np.ascontiguousarray(column[first:end])[None] for name, column in self.cases.columns.items()}
        summed = {name: entries[first:end] for name, (_, entries) in self.sums.items()}
        return _CaseBlock(first, self.cases.record[first:end], columns, summed)

    def _tasks(self, points: int) -> list[tuple[_CaseBlock, slice]]:
        """Blocks, each with as many points as keep it small."""
        tasks = []
        for block in self._blocks:
            many = max(1, self._block_size // block.count)
            tasks += [(block, slice(first, min(first + many, points))) for first in range(0, points, many)]
        return tasks

    def _in_blocks(self, values: Array, work: Callable[[_Solved], Result]) -> list[Result]:
        """The results of blocks, in order."""
        return self._mapped(lambda block: work(self._solved(values, block)), self._blocks)

    def _mapped(self, work: Callable[[Task], Result], tasks: list[Task]) -> list[Result]:
        """The results of tasks, in order; threads work on them, unless starting threads would take longer."""
        if len(tasks) == 1 or len(self.cases.record) < ALONE * self._block_size:
            return [work(task) for task in tasks]
        with threads(None) as pool:
            return list(pool.map(work, tasks))

    def _score_of(self, block: _CaseBlock, sums: Sums) -> Array:
        """The score of each case of a block, (cases, parameters), from the derivatives by what expressions name."""
        score = np.zeros((block.count, len(self.parameters)))
        for name, place in self.named.items():
            if name in sums:
                score[:, place] += sums[name][0]
        for name, places in self._sum_places.items():
            if name in sums:
                score[:, places] += sums[name][0][:, None] * block.summed[name]
        return score

    def _solved(self, values: Array, cases: _CaseBlock, moved: Mapping[str, Array] | None = None) -> _Solved:
        """Solve cases at values of the coefficients, as `_tabulated` takes them."""
        tables, block = self._tabulated(values, cases, moved)
        return _Solved(cases, tables, block, settled_profile(block))

    def _tabulated(
        self, values: Array, cases: _CaseBlock, moved: Mapping[str, Array] | None = None
    ) -> tuple[DifferentiableTables, Block]:
        """Cases at values of the coefficients, (parameters,), or at values of their own, (parameters, cases)."""
        given = self._constants | cases.columns
        for name, place in self.named.items():
            given[name] = np.full((1, cases.count), values[place])
        for name, places in self._sum_places.items():
            subscripts = "cp,p->c" if values.ndim == 1 else "cp,pc->c"
            summed = np.einsum(subscripts, cases.summed[name], values[places])
            given[name] = (summed + (moved or {}).get(name, 0.0))[None]
        tables = differentiable_tables(self._played, given, cases.count, {*self.named, *self._sum_places})
        return tables, block_of(self._played, tables.tables)

    def _differentiated(self, solved: _Solved) -> tuple[_CaseBlock, Array, Sums, Flags]:
        adjoint = record_adjoint(solved.block, solved.profile, self.cases.records, solved.cases.record)
        sums = solved.tables.by_input(adjoint.odds, adjoint.amounts, adjoint.rationality)
        faulty = solved.tables.faulty
        logs = np.where(faulty, -np.inf, adjoint.log_probability)
        return solved.cases, logs, sums, adjoint.settled & solved.profile.converged & ~faulty

    def _totals_of(self, cases: _CaseBlock, points: Array) -> Array:
        """The log-likelihood of a block of cases at each of some points: (points,)."""
        solved = self._solved(np.repeat(points, cases.count, axis=0).T, cases.times(len(points)))
        likelihood = np.empty(solved.block.draws)
        for number in np.unique(solved.cases.record):
            draws = np.flatnonzero(solved.cases.record == number)
            part, choice = solved.block.only(draws), solved.profile.choice[:, draws]
            likelihood[draws] = condition_play(part, choice, self.cases.records[number]).likelihood
        with np.errstate(divide="ignore"):
            logs = np.log(np.where(solved.tables.faulty, 0.0, likelihood))
        return np.asarray((self.cases.weight[cases.places] * logs.reshape(len(points), -1)).sum(axis=1))

    def _record_odds(self, solved: _Solved) -> tuple[_CaseBlock, Array]:
        choice = solved.profile.choice
        probabilities = [condition_play(solved.block, choice, record).likelihood for record in self.cases.records]
        return solved.cases, np.array(probabilities)


def settled_profile(block: Block) -> Profile:
    """The equilibrium of each draw of a block: by sweeps or, if these do not converge, at the end of its branch."""
    profile = swept(block)
    for draw in np.flatnonzero(~profile.converged):
        branch = trace(block.structure, block.draw(int(draw)))
        if branch.logit is not None:
            profile.logit[:, draw] = branch.logit
            profile.choice[:, draw] = np.exp(log_probabilities(block.structure, branch.logit[:, None]))[:, 0]
            profile.converged[draw] = True
    return profile
