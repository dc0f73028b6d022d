"""What the rows of a table of past crises say of play, as the `cases` of a crisis file declare it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from offramp.crisis.faults import Location
from offramp.crisis.observation import Facts


@dataclass(frozen=True)
class CaseRecord:
    """What is known of play in a case.

    `facts`: of each step in each round, the values one of which it took. `endings`: the endings one of which was
    reached, or None if the record says nothing of the ending.
    """

    facts: Facts
    endings: tuple[str, ...] | None


@dataclass(frozen=True)
class RecordedCases:
    """What each row of a table of past crises records.

    `observed`: by column and cell, the record that the cell stands for; all columns hold together, and an empty cell
    says nothing. Or `counts`: by column, the record whose number the cells of that column give.
    `cluster`, `time`, `count`: the columns that name a case's cluster and its time, and how often it was seen.
    `places`: where the file names each column, by its key under `cases` and its name, and by its cell if it has some.
    """

    observed: Mapping[str, Mapping[str, CaseRecord]]
    counts: Mapping[str, CaseRecord]
    cluster: str | None
    time: str | None
    count: str | None
    place: Location
    places: Mapping[tuple[str, ...], Location] = field(default_factory=dict)

    def place_of(self, *keys: str) -> Location:
        """Where the file names a column, or a cell of it; the place of `cases` if that is unknown."""
        return self.places.get(keys, self.place)
