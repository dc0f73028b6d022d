"""The likelihood of recorded cases: how likely play is to agree with each case's record, by the coefficients.

A case is a draw of the game: its columns and the coefficients are inputs. Each case is solved from equal odds, never
from the last profile, so that its probability depends on nothing but the coefficients.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from offramp.equilibrium.conditioning import condition_play
from offramp.equilibrium.logit import solve_block
from offramp.equilibrium.sweeps import block_of
from offramp.game.agreement import Open
from offramp.game.game import Game
from offramp.game.tables import Draws, tabulate

Array = NDArray[np.float64]


class CaseData(Protocol):
    """Recorded cases, as `fitting.cases.Cases` has them."""

    @property
    def parameters(self) -> tuple[str, ...]: ...
    @property
    def columns(self) -> Mapping[str, Array]: ...
    @property
    def records(self) -> tuple[Open, ...]: ...
    @property
    def record(self) -> NDArray[np.int64]: ...
    @property
    def weight(self) -> Array: ...


@dataclass(frozen=True)
class Evaluated:
    """The likelihood at some values of the coefficients.

    `log_probability`: (cases,), of each case's record, minus infinity if the values are impossible there; `score`:
    (cases, parameters), its derivatives; `settled`: (cases,), whether the equilibrium and its derivatives converged.
    Weights are not applied.
    """

    log_probability: Array
    score: Array
    settled: NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Likelihood:
    """A game and the cases that were recorded of it."""

    game: Game
    cases: CaseData

    @property
    def parameters(self) -> tuple[str, ...]:
        """The coefficients, in the order of every vector of values."""
        return self.cases.parameters

    def at(self, values: Array) -> Evaluated:
        """Evaluate at values of the coefficients, (parameters,)."""
        base, settled = self._log_probability(values)
        score = np.empty((len(base), len(values)))
        for place in range(len(values)):
            step = 1e-5 * max(1.0, abs(values[place]))
            ends = [
                self._log_probability(values + step * side * (np.arange(len(values)) == place))[0] for side in (1, -1)
            ]
            score[:, place] = (ends[0] - ends[1]) / (2.0 * step)
        return Evaluated(base, score, settled)

    def total(self, values: Array) -> tuple[float, Array]:
        """The log-likelihood of all cases, and its gradient, (parameters,)."""
        here = self.at(values)
        return float(self.cases.weight @ here.log_probability), self.cases.weight @ here.score

    def odds(self, values: Array) -> Array:
        """The probability of each distinct record in each case: (cases, records)."""
        probabilities = [
            self._log_probability(values, np.full(len(self.cases.record), number))[0]
            for number in range(len(self.cases.records))
        ]
        return np.exp(np.array(probabilities).T)

    def _log_probability(
        self, values: Array, record: NDArray[np.int64] | None = None
    ) -> tuple[Array, NDArray[np.bool_]]:
        record = self.cases.record if record is None else record
        result, settled = np.empty(len(record)), np.zeros(len(record), dtype=bool)
        for number, open_edge in enumerate(self.cases.records):
            at = np.flatnonzero(record == number)
            if len(at):
                crisis = self.game.crisis
                numbers = {name: np.full(len(at), 0.0) for name in crisis.inputs}
                numbers |= {
                    name: np.asarray(entry.distribution.quantile(np.full(len(at), 0.5)))
                    for name, entry in crisis.inputs.items()
                }
                numbers |= {name: column[at] for name, column in self.cases.columns.items()}
                numbers |= {name: np.full(len(at), value) for name, value in zip(self.parameters, values, strict=True)}
                block = block_of(self.game, tabulate(self.game, Draws(numbers, [f"case {case + 1}" for case in at])))
                solution = solve_block(block)
                with np.errstate(divide="ignore"):
                    result[at] = np.log(condition_play(block, solution.choice, open_edge).likelihood)
                settled[at] = solution.converged
        return result, settled
