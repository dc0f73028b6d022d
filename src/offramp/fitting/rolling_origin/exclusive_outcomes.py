"""The outcomes that a backtest forecasts: what rows record, of which exactly one happens in each case."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from offramp.common.errors import UsageError
from offramp.common.words import quoted
from offramp.crisis.recorded_cases import RecordedCases
from offramp.fitting.case_cells import codes_of
from offramp.fitting.case_table import CaseTable
from offramp.fitting.cases import Cases
from offramp.fitting.likelihood import Likelihood
from offramp.game.agreement import Open, on_open_plays
from offramp.game.game import Game

Array = NDArray[np.float64]
Int = NDArray[np.int64]

MOST_OUTCOMES = 50
UNKNOWN = -1
"""The outcome of an entry that leaves something open."""
NEGLIGIBLE = 1e-9
"""A smaller probability that no outcome happens is rounding."""


@dataclass(frozen=True, eq=False)
class ExclusiveOutcomes:
    """What may happen in a case.

    `edges`: of each outcome, the edges of the plays that come to it. `of_entry`: (entries,), each entry's outcome, or
    `UNKNOWN` if a recorded column has no value there.
    """

    names: tuple[str, ...]
    edges: tuple[Open, ...]
    of_entry: Int

    def odds(self, game: Game, cases: Cases, values: Array) -> Array:
        """The probability of each outcome in each case, and last that none of them happens: (cases, outcomes + 1)."""
        asked = replace(
            cases, records=self.edges, record_names=self.names, record=np.zeros(len(cases.record), dtype=np.int64)
        )
        odds = Likelihood(game, asked).odds(values)
        rest = 1.0 - odds.sum(axis=1, keepdims=True)
        return np.hstack([odds, np.where(rest > NEGLIGIBLE, rest, 0.0)])


def exclusive_outcomes(game: Game, recorded: RecordedCases, table: CaseTable, cases: Cases) -> ExclusiveOutcomes:
    """The distinct records that leave nothing open, in the order of `Cases.records`.

    Raises
    ------
    UsageError
        If two of them can happen together, or there are more than `MOST_OUTCOMES`.
    """
    whole = np.ones(len(cases.entry_row), dtype=bool)
    for name, cells in recorded.observed.items():
        whole &= codes_of(table.columns[name], cells)[cases.entry_row] >= 0
    record = cases.record[cases.entry_case]
    used = np.unique(record[whole])
    if len(used) > MOST_OUTCOMES:
        raise UsageError(f"a backtest forecasts at most {MOST_OUTCOMES} outcomes; the cases record {len(used):,}")
    edges, names = ([some[number] for number in used] for some in (cases.records, cases.record_names))
    for first, second in combinations(range(len(used)), 2):
        if on_open_plays(game, edges[first] & edges[second]).any():
            both = f"{quoted(names[first])} and {quoted(names[second])}"
            raise UsageError(f"a backtest forecasts outcomes of which one happens in each case; {both} can both happen")
    place = np.full(len(cases.records), UNKNOWN)
    place[used] = np.arange(len(used))
    return ExclusiveOutcomes(tuple(names), tuple(edges), np.where(whole, place[record], UNKNOWN))
