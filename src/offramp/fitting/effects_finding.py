"""The finding of effects: which columns change the probabilities of records and endings, and by how much."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from offramp.common.numerals import interval, quantity
from offramp.common.words import listed
from offramp.fitting.average_odds import MOST_FOR_BANDS
from offramp.fitting.case_outcomes import CaseOutcome
from offramp.fitting.effects import FROM_BASE, ContrastEffect, Kind
from offramp.study.finding import Column, Finding, Table, Value

MOST_SENTENCES = 5
"""Maximum number of effects with a sentence; the tables have all."""
MARGINAL: tuple[Kind, ...] = ("per unit", "switch", "level")
DIFFERENCES: tuple[Kind, ...] = ("spread", "switch", "level")
"""The kinds of contrast in each table."""


@dataclass(frozen=True, repr=False, eq=False)
class ColumnEffects(Finding):
    """What each column changes in the probabilities of records and endings, averaged over the cases.

    `draws`: how many vectors of coefficients the bands rest on; 0 if there are no bands.
    """

    of: str
    cases: int
    outcomes: tuple[CaseOutcome, ...]
    effects: tuple[ContrastEffect, ...]
    draws: int
    seed: int

    @property
    def title(self) -> str:
        return f"What each column changes: {self.of}"

    @property
    def basis(self) -> str:
        return averaged_over(self.cases, self.draws, self.seed)

    @property
    def answer(self) -> tuple[str, ...]:
        if not self.effects:
            return ("No column varies over the cases, so there is nothing to compare.",)
        clear = sorted(self._clear(), key=lambda found: (-round(abs(float(found[0].change[found[1]])), 9), -found[1]))
        if not clear:
            return ("No first difference is clear of zero: every 95% band includes it.",)
        said: dict[str, str] = {}
        for effect, number in clear:
            said.setdefault(effect.contrast.column, effect_sentence(effect, self.outcomes, number))
        none = [name for name in dict.fromkeys(e.contrast.column for e in self.effects) if name not in said]
        rest = [f"No first difference is clear of zero for {listed(none, 12)}."] if none and self.draws else []
        return (*[*said.values()][:MOST_SENTENCES], *rest)

    def _clear(self) -> Iterator[tuple[ContrastEffect, int]]:
        """The first differences whose bands exclude 0; all of them if there are no bands."""
        for effect in self.effects:
            if effect.contrast.kind in DIFFERENCES:
                for number in range(len(self.outcomes)):
                    if not effect.low[number] <= 0.0 <= effect.high[number]:
                        yield effect, number

    @property
    def tables(self) -> tuple[Table, ...]:
        marginal = self._table(
            "average_marginal_effects",
            "Average marginal effects: points of probability per unit of a column, or between its two values",
            MARGINAL,
        )
        differences = self._table(
            "first_differences",
            "First differences: points of probability from a column's 10th to its 90th percentile, or between values",
            DIFFERENCES,
        )
        return tuple(table for table in (differences, marginal) if table.rows)

    def _table(self, name: str, caption: str, kinds: tuple[Kind, ...]) -> Table:
        columns: tuple[Column, ...] = (
            Column("column", "column"),
            Column("change", "change"),
            Column("of", "of"),
            Column("outcome", "outcome"),
            Column("effect", "effect", "points"),
        )
        if self.draws:
            columns += (Column("low", "95% from", "points", of="effect"), Column("high", "to", "points", of="effect"))
        rows: list[tuple[Value, ...]] = []
        for effect in self.effects:
            if effect.contrast.kind in kinds:
                for number, outcome in enumerate(self.outcomes):
                    numbers = (effect.change[number], effect.low[number], effect.high[number])
                    found = tuple(map(float, numbers[: 3 if self.draws else 1]))
                    rows.append((effect.contrast.column, effect.contrast.change, outcome.group, outcome.name, *found))
        return Table(name, caption, columns, tuple(rows), grouped=2)

    @property
    def notes(self) -> tuple[str, ...]:
        note = (
            "Each effect is an average over the cases, with their own values of the other columns. A column that other "
            "columns of the table depend on, such as one in a ratio, changes by itself here."
        )
        none = dict.fromkeys(effect.contrast.column for effect in self.effects if not np.isfinite(effect.change).all())
        if none:
            note += (
                f" Some effects of {listed(none, 12)} are missing: in some cases the crisis has no odds or payoffs at "
                "the values that are compared."
            )
        if not self.draws:
            return (note, "There are no bands, because some coefficients have no standard error.")
        return (note, f"With more than {MOST_FOR_BANDS:,} distinct cases, the bands rest on a sample of so many.")


def averaged_over(cases: int, draws: int, seed: int) -> str:
    """What average probabilities rest on; `draws` of the coefficients are for their bands."""
    bands = f"; bands from {draws:,} draws of the coefficients, seed {seed}" if draws else ""
    return f"averages over {cases:,} cases, each with its own other columns{bands}"


def effect_sentence(effect: ContrastEffect, outcomes: tuple[CaseOutcome, ...], number: int) -> str:
    """What a contrast does to one outcome, in words."""
    contrast, outcome = effect.contrast, outcomes[number]
    change, low, high = (float(part[number]) for part in (effect.change, effect.low, effect.high))
    band = ""
    if math.isfinite(low):
        shown, *edges = interval(change, (high - low) / 2.0, low, high)
        band = f" (95% band {edges[0]} to {edges[1]})"
    else:
        (shown,) = interval(change, math.nan)
    column = contrast.column
    match contrast.kind:
        case "spread":
            ends = [quantity(end[column]) for end in (contrast.low, contrast.high)]
            if_ = f"If {column} goes from {ends[0]} to {ends[1]}, its 10th to its 90th percentile"
        case "switch":
            if_ = f"If {column} is 1 and not 0"
        case "level":
            if_ = f"If {column} is {contrast.change.removeprefix(FROM_BASE)} and not the base"
        case "per unit":
            if_ = f"For each unit of {column}"
    more = "higher" if change > 0.0 else "lower"
    return f"{if_}, the probability of {outcome.label} is {shown.lstrip('+−')} points {more}{band}."


def largest(effect: ContrastEffect) -> int:
    """The number of the outcome that a contrast changes most; of equal ones the last, as the first is often `0`."""
    size = np.round(np.abs(effect.change), 9)
    return int(np.flatnonzero(size == size.max())[-1])
