"""The base of a column with levels: the cells that are no listed level, and those of them that look misspelt."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from offramp.common.texts import tr, trn
from offramp.common.words import listed, nearest_word, quoted
from offramp.crisis.model import Crisis
from offramp.fitting.case_cells import UNLISTED, codes_of, counted_cells
from offramp.fitting.case_table import CaseTable
from offramp.fitting.cases import Cases
from offramp.fitting.cells import number_of

MOST_CELLS = 5
"""Maximum number of cells that a sentence names."""


@dataclass(frozen=True)
class BaseCells:
    """A column with levels; `cells`: those of used rows that are no level, how often each, the most frequent first."""

    column: str
    levels: tuple[str, ...]
    cells: Mapping[str, int]

    @property
    def misspelt(self) -> Mapping[str, str]:
        """The cells that look like a level, with that level.

        The most frequent cell is the base that is meant, so it counts only if just its capitals differ.
        """
        by_case = {level.casefold(): level for level in self.levels}
        found: dict[str, str] = {}
        for place, cell in enumerate(self.cells):
            if number_of(cell) is not None:
                continue
            same = by_case.get(cell.strip().casefold())
            near = same or (nearest_word(cell, self.levels) if place else None)
            if near is not None:
                found[cell] = near
        return found


def levels_by_column(crisis: Crisis) -> dict[str, list[str]]:
    """The levels that are inputs, by column."""
    levels: dict[str, list[str]] = {}
    for entry in crisis.inputs.values():
        if entry.column is not None and entry.column.level is not None:
            known = levels.setdefault(entry.column.expression.text, [])
            if entry.column.level not in known:
                known.append(entry.column.level)
    return levels


def base_cells(crisis: Crisis, table: CaseTable, cases: Cases) -> tuple[BaseCells, ...]:
    """The base of each column with levels, among the rows that are used."""
    rows = np.unique(cases.entry_row)
    found = []
    for name, levels in levels_by_column(crisis).items():
        cells = table.columns[name][rows]
        found.append(BaseCells(name, tuple(levels), counted_cells(cells, codes_of(cells, levels) == UNLISTED)))
    return tuple(found)


def misspelt_sentences(bases: tuple[BaseCells, ...]) -> Iterator[str]:
    """Which cells look like a level but count as the base, with the level that may be meant."""
    for base in bases:
        if base.misspelt:
            shown = listed(
                (
                    trn(
                        "{cell} in {count} row (did you mean '{near}'?)",
                        "{cell} in {count} rows (did you mean '{near}'?)",
                        base.cells[cell],
                        cell=quoted(cell),
                        near=near,
                    )
                    for cell, near in base.misspelt.items()
                ),
                MOST_CELLS,
            )
            yield tr(
                "{column} has cells that `levels` does not list, so they count as the base: {cells}.",
                column=quoted(base.column),
                cells=shown,
            )


def base_sentences(bases: tuple[BaseCells, ...]) -> Iterator[str]:
    """Which cells make up a base of several."""
    for base in bases:
        if len(base.cells) > 1:
            shown = listed((f"{quoted(cell)} ({count:,})" for cell, count in base.cells.items()), MOST_CELLS)
            yield tr("The base of {column} is several cells: {cells}.", column=base.column, cells=shown)
