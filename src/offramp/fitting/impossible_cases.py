"""Which cases make a likelihood impossible, wherever the search for its maximum began."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from offramp.common.words import listed, quoted
from offramp.fitting.cases import EXAMPLES, Cases
from offramp.fitting.cells import written
from offramp.fitting.likelihood import Likelihood

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]

MOST_COLUMNS = 4
"""How many columns of a case a message shows."""


def impossible_cases(likelihood: Likelihood, points: Iterable[Array]) -> Flags:
    """Whether each case has probability 0, or no finite score, at every one of some values: (cases,).

    `points`: values of the coefficients, (parameters,) each.
    """
    faulty = np.ones(len(likelihood.cases.record), dtype=bool)
    for values in points:
        found = likelihood.at(values)
        with np.errstate(over="ignore", invalid="ignore"):
            steep = ~np.isfinite(np.square(found.score).sum(axis=1))
        faulty &= steep | ~np.isfinite(found.log_probability)
    return faulty


def impossible_in_words(cases: Cases, faulty: Flags) -> str:
    """Some cases in a message, the first with their columns: `1 of 60 rows of past.csv: line 2 ('x' is 1e+308)`."""
    entries = np.flatnonzero(faulty[cases.entry_case])
    rows, first = np.unique(cases.entry_row[entries], return_index=True)
    shown = [
        f"{cases.counted_in} {cases.lines[row]}{_columns(cases, int(cases.entry_case[entries[at]]), faulty)}"
        for row, at in zip(rows[:EXAMPLES], first, strict=False)
    ]
    shown += [f"{len(rows) - EXAMPLES:,} more"] * (len(rows) > EXAMPLES)
    return f"{len(rows):,} of {cases.used_rows:,} rows of {cases.table}: {listed(shown)}"


def _columns(cases: Cases, case: int, faulty: Flags) -> str:
    """The columns of a case: those beyond all cases that are not faulty if there are such, else the first."""

    def beyond(values: Array) -> bool:
        others = values[~faulty]
        return bool(len(others)) and not others.min() <= values[case] <= others.max()

    names = [name for name, values in cases.columns.items() if beyond(values)] or list(cases.columns)
    shown = listed((f"{quoted(name)} is {written(float(cases.columns[name][case]))}" for name in names), MOST_COLUMNS)
    return f" ({shown})" if names else ""
