"""Whether two fits are of the same cases, so that their likelihoods may be compared case by case."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from offramp.common.errors import UsageError
from offramp.common.words import listed, quoted
from offramp.fitting.case_table import CaseTable
from offramp.fitting.cases import Cases
from offramp.fitting.cells import Cells, is_text
from offramp.fitting.estimation import Estimates
from offramp.game.agreement import Open, on_open_plays
from offramp.game.game import Game

Array = NDArray[np.float64]
Int = NDArray[np.int64]


def shared_cases(first: Estimates, second: Estimates, tables: tuple[CaseTable, CaseTable]) -> tuple[Array, ...]:
    """The log-probability of what each row records in the first model and in the second, and its weight.

    Each is (rows,); a row with `counts` is there once for each record.

    Raises
    ------
    UsageError
        If the fits are not of the same cases, do not record the same of them, or only one has a penalty.
    """
    kinds = ["none" if one.penalty is None else one.penalty.kind for one in (first, second)]
    if kinds[0] != kinds[1]:
        raise UsageError(
            f"the tests compare two maxima of the likelihood; here the penalty of one is {kinds[0]}, of the other "
            f"{kinds[1]}: fit both without one"
        )
    cases = (first.likelihood.cases, second.likelihood.cases)
    (rows, records, weight, place), (others, other_records, other_weight, other_place) = map(_recorded, cases)
    same_rows = np.array_equal(np.unique(rows), np.unique(others)) and weight.sum() == other_weight.sum()
    if not same_rows or not _same_file(*tables):
        raise UsageError(
            f"the tests compare two models of the same cases; here one has {cases[0].total:,.0f} cases of "
            f"{cases[0].table}, the other {cases[1].total:,.0f} of {cases[1].table}, and they differ"
        )
    differing = [name for name in tables[0].columns if not _same_cells(*(one.columns.get(name) for one in tables))]
    if differing:
        raise UsageError(
            f"the tests compare two models of the same cases; here the tables differ, or have their rows in another "
            f"order: see {listed(map(quoted, differing), 3)}"
        )
    same = all(
        np.array_equal(mine, theirs)
        for mine, theirs in ((rows, others), (records, other_records), (weight, other_weight))
    )
    if not same or not np.array_equal(_relations(first), _relations(second)):
        raise UsageError(
            "the tests compare two models of the same record; here `cases` tells rows apart in one model that it does "
            "not tell apart in the other, so their likelihoods are of different things"
        )
    return (
        first.likelihood.at(first.values).log_probability[place],
        second.likelihood.at(second.values).log_probability[other_place],
        weight,
    )


def _recorded(cases: Cases) -> tuple[Int, Int, Array, Int]:
    """What is recorded, whatever the records are called: row, number of the record, weight and case, by row and record.

    Records that the same plays fulfil are one; they are numbered by the rows in which they stand.
    """
    group = _groups(cases)[cases.record[cases.entry_case]]
    rows = cases.entry_row
    number = np.zeros(group.max() + 1, dtype=np.int64)
    number[_order(cases)] = np.arange(len(number))
    pairs, at, place = np.unique(
        np.array([rows, number[group]]), axis=1, return_index=True, return_inverse=True
    )  # fmt: skip
    weight = np.bincount(place.ravel(), weights=cases.entry_weight).astype(np.float64)
    return pairs[0], pairs[1], weight, cases.entry_case[at]


def _groups(cases: Cases) -> Int:
    """The number of each record among those that other plays fulfil: (records,)."""
    known: dict[bytes, int] = {}
    return np.array([known.setdefault(edges.tobytes(), len(known)) for edges in cases.records], dtype=np.int64)


def _order(cases: Cases) -> list[int]:
    """The distinct records in the order of the rows in which they stand, and of how often."""
    group = _groups(cases)[cases.record[cases.entry_case]]

    def standing(number: int) -> list[tuple[int, float]]:
        here = group == number
        rows, place = np.unique(cases.entry_row[here], return_inverse=True)
        often = np.bincount(place, weights=cases.entry_weight[here])
        return list(zip(rows.tolist(), often.tolist(), strict=True))

    return sorted(range(int(group.max()) + 1), key=standing)


def _relations(estimates: Estimates) -> NDArray[np.int64]:
    """How the distinct records relate, (records, records): 2 if the first implies the second, 1 if both may hold."""
    cases, game = estimates.likelihood.cases, estimates.likelihood.game
    first = np.unique(_groups(cases), return_index=True)[1]
    records = [cases.records[first[number]] for number in _order(cases)]
    return np.array([[_relation(game, mine, theirs) for theirs in records] for mine in records])


def _relation(game: Game, mine: Open, theirs: Open) -> int:
    both = on_open_plays(game, mine & theirs)
    return 2 if np.array_equal(both, mine) else int(both.any())


def _same_file(first: CaseTable, second: CaseTable) -> bool:
    """Whether two tables may be of the same file; those from Python are compared by their cells."""
    return first.sha256 == second.sha256 or None in (first.sha256, second.sha256)


def _same_cells(mine: Cells | None, theirs: Cells | None) -> bool:
    """Whether a column is the same in both tables, or is in one only."""
    if mine is None or theirs is None:
        return True
    if is_text(mine) or is_text(theirs):
        return _listed(mine) == _listed(theirs)
    return np.array_equal(mine, theirs, equal_nan=True)


def _listed(cells: Cells) -> Sequence[object]:
    found: Sequence[object] = cells.tolist()
    return found
