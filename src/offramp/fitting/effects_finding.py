"""The finding of effects: which columns change the probabilities of records and endings, and by how much."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from offramp.common.numerals import interval, quantity
from offramp.common.texts import tr, trn
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
        return tr("What each column changes: {of}", of=self.of)

    @property
    def basis(self) -> str:
        return averaged_over(self.cases, self.draws, self.seed)

    @property
    def answer(self) -> tuple[str, ...]:
        if not self.effects:
            return (tr("No column varies over the cases, so there is nothing to compare."),)
        clear = sorted(self._clear(), key=lambda found: (-round(abs(float(found[0].change[found[1]])), 9), -found[1]))
        if not clear:
            return (tr("No first difference is clear of zero: every 95% band includes it."),)
        said: dict[str, str] = {}
        for effect, number in clear:
            said.setdefault(effect.contrast.column, effect_sentence(effect, self.outcomes, number))
        none = [name for name in dict.fromkeys(e.contrast.column for e in self.effects) if name not in said]
        sentences = [*said.values()][:MOST_SENTENCES]
        if none and self.draws:
            sentences.append(tr("No first difference is clear of zero for {columns}.", columns=listed(none, 12)))
        return tuple(sentences)

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
            tr("Average marginal effects: points of probability per unit of a column, or between its two values"),
            MARGINAL,
        )
        differences = self._table(
            "first_differences",
            tr(
                "First differences: points of probability from a column's 10th to its 90th percentile, or between "
                "values"
            ),
            DIFFERENCES,
        )
        return tuple(table for table in (differences, marginal) if table.rows)

    def _table(self, name: str, caption: str, kinds: tuple[Kind, ...]) -> Table:
        columns: tuple[Column, ...] = (
            Column("column", tr("column")),
            Column("change", tr("change")),
            Column("of", tr("of")),
            Column("outcome", tr("outcome")),
            Column("effect", tr("effect"), "points"),
        )
        if self.draws:
            columns += (
                Column("low", tr("95% from"), "points", of="effect"),
                Column("high", tr("to"), "points", of="effect"),
            )
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
        note = tr(
            "Each effect is an average over the cases, with their own values of the other columns. A column that other "
            "columns of the table depend on, such as one in a ratio, changes by itself here."
        )
        none = dict.fromkeys(effect.contrast.column for effect in self.effects if not np.isfinite(effect.change).all())
        if none:
            missing = tr(
                "Some effects of {columns} are missing: in some cases the crisis has no odds or payoffs at the values "
                "that are compared.",
                columns=listed(none, 12),
            )
            note = f"{note} {missing}"
        if not self.draws:
            return (note, tr("There are no bands, because some coefficients have no standard error."))
        most = f"{MOST_FOR_BANDS:,}"
        return (note, tr("With more than {most} distinct cases, the bands rest on a sample of so many.", most=most))


def averaged_over(cases: int, draws: int, seed: int) -> str:
    """What average probabilities rest on; `draws` of the coefficients are for their bands."""
    if not draws:
        return trn(
            "averages over {count} case, each with its own other columns",
            "averages over {count} cases, each with its own other columns",
            cases,
        )
    return trn(
        "averages over {count} case, each with its own other columns; bands from {draws} draws of the coefficients, "
        "seed {seed}",
        "averages over {count} cases, each with its own other columns; bands from {draws} draws of the coefficients, "
        "seed {seed}",
        cases,
        draws=f"{draws:,}",
        seed=seed,
    )


def effect_sentence(effect: ContrastEffect, outcomes: tuple[CaseOutcome, ...], number: int) -> str:
    """What a contrast does to one outcome, in words."""
    contrast, outcome = effect.contrast, outcomes[number]
    change, low, high = (float(part[number]) for part in (effect.change, effect.low, effect.high))
    error = (high - low) / 2.0
    shown, *edges = interval(change, error, low, high) if math.isfinite(low) else interval(change, math.nan)
    points = shown.lstrip("+−")
    moved = tr("{points} points higher", points=points) if change > 0.0 else tr("{points} points lower", points=points)
    if edges:
        moved = tr("{moved} (95% band {low} to {high})", moved=moved, low=edges[0], high=edges[1])
    column, values = contrast.column, {"column": contrast.column, "outcome": outcome.label, "moved": moved}
    match contrast.kind:
        case "spread":
            first, last = (quantity(end[column]) for end in (contrast.low, contrast.high))
            return tr(
                "If {column} goes from {first} to {last}, its 10th to its 90th percentile, the probability of "
                "{outcome} is {moved}.",
                first=first,
                last=last,
                **values,
            )
        case "switch":
            return tr("If {column} is 1 and not 0, the probability of {outcome} is {moved}.", **values)
        case "level":
            level = contrast.change.removeprefix(FROM_BASE)
            return tr(
                "If {column} is {level} and not the base, the probability of {outcome} is {moved}.",
                level=level,
                **values,
            )
        case "per unit":
            return tr("For each unit of {column}, the probability of {outcome} is {moved}.", **values)


def largest(effect: ContrastEffect) -> int:
    """The number of the outcome that a contrast changes most; of equal ones the last, as the first is often `0`."""
    size = np.round(np.abs(effect.change), 9)
    return int(np.flatnonzero(size == size.max())[-1])
