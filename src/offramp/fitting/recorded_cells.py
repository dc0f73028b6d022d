"""What the cases record, column by column: how often each cell, and how often the fit makes it the likeliest."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from offramp.crisis.recorded_cases import RecordedCases
from offramp.fitting.case_cells import codes_of
from offramp.fitting.case_outcomes import COUNTS
from offramp.fitting.case_table import CaseTable
from offramp.fitting.cases import Cases

Array = NDArray[np.float64]
Int = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class RecordedColumn:
    """A column of the table with the cells that it may hold, and which of them each entry has.

    `code`: (entries,), the position of the entry's cell, -1 if nothing is known. `weight`: (entries,).
    """

    name: str
    cells: tuple[str, ...]
    code: Int
    weight: Array

    @property
    def counts(self) -> Array:
        """How often each cell was seen: (cells,)."""
        known = self.code >= 0
        counts = np.bincount(self.code[known], self.weight[known], minlength=len(self.cells))
        return np.asarray(counts, dtype=np.float64)

    def predicted(self, likeliest: Int) -> float:
        """The share of entries whose cell is the likeliest, (entries,); NaN if no cell is known."""
        known = self.code >= 0
        total = self.weight[known].sum()
        return float(self.weight[known & (self.code == likeliest)].sum() / total) if total else float("nan")


def recorded_columns(recorded: RecordedCases, cases: Cases, table: CaseTable) -> tuple[RecordedColumn, ...]:
    """The columns that record play, as the entries have them; of `counts`, one group whose cells are the columns."""
    if recorded.counts:
        number = {name: place for place, name in enumerate(recorded.counts)}
        of_record = np.array([number[name] for name in cases.record_names], dtype=np.int64)
        code = of_record[cases.record[cases.entry_case]]
        return (RecordedColumn(COUNTS, tuple(recorded.counts), code, cases.entry_weight),)
    return tuple(
        RecordedColumn(name, tuple(cells), codes_of(table.columns[name], cells)[cases.entry_row], cases.entry_weight)
        for name, cells in recorded.observed.items()
    )
