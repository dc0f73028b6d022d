"""The likelihood of recorded cases: how likely play is to agree with each case's record, by the coefficients.

A case is a draw of the game: its columns and the coefficients are inputs. Each case is solved from equal odds, never
from the last profile, so that its probability depends on nothing but the coefficients.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from offramp.common.errors import UsageError
from offramp.crisis.expressions.derivatives import Sums
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
Result = TypeVar("Result")

BLOCK_NUMBERS = 1_000_000
"""Upper bound on the numbers of one array of a block, which keeps it in the processor's cache."""
SMALLEST_BLOCK, LARGEST_BLOCK = 16, 2_048
"""Cases of a block: fewer would waste the lanes of the loops, more would leave cores idle."""


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
class _Part:
    """Some of the cases, at values of the coefficients: their block, its profile, and the numbers it is made of."""

    at: NDArray[np.int64]
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
        score = np.zeros((count, len(self.parameters)))
        for at, logs, sums, converged in self._in_blocks(values, self._record_blocks, self._differentiated):
            log_probability[at], settled[at] = logs, converged
            for place, name in enumerate(self.parameters):
                if name in sums:
                    score[at, place] += sums[name][0]
            for name, (places, columns) in self._sums.items():
                if name in sums:
                    score[np.ix_(at, places)] += sums[name][0][:, None] * columns[at]
        return Evaluated(log_probability, score, settled)

    def total(self, values: Array) -> tuple[float, Array]:
        """The log-likelihood of all cases, and its gradient, (parameters,)."""
        weight, total, gradient = self.cases.weight, 0.0, np.zeros(len(self.parameters))
        for at, logs, sums, _ in self._in_blocks(values, self._record_blocks, self._differentiated):
            total += float(np.sum(weight[at] * logs))
            for place, name in enumerate(self.parameters):
                if name in sums:
                    gradient[place] += np.sum(weight[at] * sums[name][0])
            for name, (places, columns) in self._sums.items():
                if name in sums:
                    # not a product of matrices, whose sum depends on the number of threads
                    gradient[places] += np.einsum("cp,c->p", columns[at], weight[at] * sums[name][0])
        return total, gradient

    def odds(self, values: Array) -> Array:
        """The probability of each distinct record in each case: (cases, records)."""
        result = np.empty((len(self.cases.record), len(self.cases.records)))
        for at, probabilities in self._in_blocks(values, self._plain_blocks, self._record_odds):
            result[at] = probabilities.T
        return result

    def solved_blocks(self, values: Array, cases: NDArray[np.int64]) -> Block:
        """The block of some cases, to be solved and traced as a run's draws are."""
        return self._part(values, cases).block

    @cached_property
    def _played(self) -> Game:
        """The game without its measures, which no record depends on."""
        played = replace(self.game, measured=None)
        share_structure(played, self.game)
        return played

    @cached_property
    def _sums(self) -> dict[str, tuple[NDArray[np.int64], Array]]:
        """For each linear sum, the places of its coefficients, and its columns, (cases, coefficients)."""
        count = len(self.cases.record)
        found = {}
        for name, entry in self.game.crisis.sums.items():
            columns = [np.ones(count) if column is None else self.cases.columns[column] for column in entry.columns]
            places = np.array([self.parameters.index(one) for one in entry.coefficients], dtype=np.int64)
            found[name] = places, np.array(columns).T.reshape(count, len(places))
        return found

    @cached_property
    def _constants(self) -> dict[str, Array]:
        return {name: value[None] for name, value in medians(self.game.crisis).items()}

    @cached_property
    def _block_size(self) -> int:
        graph = structure_of(self.game).graph
        numbers = max(1, len(graph.edge_child) * len(graph.belief_of))
        return int(np.clip(BLOCK_NUMBERS // numbers, SMALLEST_BLOCK, LARGEST_BLOCK))

    @cached_property
    def _record_blocks(self) -> list[NDArray[np.int64]]:
        """The cases in blocks of one record each, the largest first."""
        by_record = [np.flatnonzero(self.cases.record == number) for number in range(len(self.cases.records))]
        return [block for cases in by_record for block in self._split(cases)]

    @cached_property
    def _plain_blocks(self) -> list[NDArray[np.int64]]:
        return list(self._split(np.arange(len(self.cases.record))))

    def _split(self, cases: NDArray[np.int64]) -> Iterator[NDArray[np.int64]]:
        return (cases[first : first + self._block_size] for first in range(0, len(cases), self._block_size))

    def _in_blocks(
        self, values: Array, blocks: list[NDArray[np.int64]], work: Callable[[_Part], Result]
    ) -> Iterable[Result]:
        """The results of blocks, in order; blocks are worked on in threads."""
        with threads(None) as pool:
            return list(pool.map(lambda at: work(self._part(values, at)), blocks))

    def _part(self, values: Array, at: NDArray[np.int64]) -> _Part:
        given = dict(self._constants)
        given |= {name: column[at][None] for name, column in self.cases.columns.items()}
        given |= {
            name: np.broadcast_to(value, (1, len(at))) for name, value in zip(self.parameters, values, strict=True)
        }
        for name, (places, columns) in self._sums.items():
            given[name] = np.einsum("cp,p->c", columns[at], values[places])[None]
        tables = differentiable_tables(self._played, given, len(at), {*self.parameters, *self._sums})
        block = block_of(self._played, tables.tables)
        return _Part(at, tables, block, settled_profile(block))

    def _differentiated(self, part: _Part) -> tuple[NDArray[np.int64], Array, Sums, Flags]:
        open_edge = self.cases.records[self.cases.record[part.at[0]]]
        adjoint = record_adjoint(part.block, part.profile, open_edge)
        sums = part.tables.by_input(adjoint.odds, adjoint.amounts, adjoint.rationality)
        logs = np.where(part.tables.faulty, -np.inf, adjoint.log_probability)
        return part.at, logs, sums, adjoint.settled & part.profile.converged & ~part.tables.faulty

    def _record_odds(self, part: _Part) -> tuple[NDArray[np.int64], Array]:
        probabilities = [
            condition_play(part.block, part.profile.choice, record).likelihood for record in self.cases.records
        ]
        return part.at, np.array(probabilities)


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
