"""What may happen in a case: the records that a column of the table may hold, and the endings."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from offramp.crisis.recorded_cases import CaseRecord, RecordedCases
from offramp.fitting.record_edges import record_edges
from offramp.game.agreement import Open
from offramp.game.game import Game

ENDING = "ending"
"""The group of the endings."""
COUNTS = "counts"
"""The group of the records if the columns count them."""


@dataclass(frozen=True, eq=False)
class CaseOutcome:
    """Something that may happen: a cell of a column, or an ending.

    `group`: the column, `COUNTS` or `ENDING`. `label`: what it is called in a sentence. `open_edge`: the edges on which
    play comes to it, None if none does.
    """

    group: str
    name: str
    label: str
    open_edge: Open | None


def outcomes_of(game: Game, cases: RecordedCases) -> tuple[CaseOutcome, ...]:
    """The records of each column, and then the endings that no record is the same as; in the order of the file."""
    several = len(cases.observed) > 1
    found = [
        CaseOutcome(column, cell, f"{column} {cell}" if several else cell, record_edges(game, record))
        for column, cells in cases.observed.items()
        for cell, record in cells.items()
    ]
    found += [CaseOutcome(COUNTS, name, name, record_edges(game, record)) for name, record in cases.counts.items()]
    labels = {outcome.label for outcome in found}
    for ending in game.crisis.endings:
        edges = record_edges(game, CaseRecord({}, (ending.key,)))
        if not any(_same(edges, outcome.open_edge) for outcome in found):
            label = f"{ENDING} {ending.name}" if ending.name in labels else ending.name
            found.append(CaseOutcome(ENDING, ending.name, label, edges))
    return tuple(found)


def _same(one: Open | None, other: Open | None) -> bool:
    return one is other if one is None or other is None else bool(np.array_equal(one, other))
