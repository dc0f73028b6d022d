"""The finding of probabilities over a column: how likely each outcome is as the column goes over its range."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from offramp.common.numerals import from_to, quantity
from offramp.common.texts import tr
from offramp.fitting.column_odds import ColumnOdds
from offramp.fitting.effects_finding import averaged_over
from offramp.study.finding import Column, Finding, Table, Value

if TYPE_CHECKING:
    from offramp.study.drawings import Drawing


@dataclass(frozen=True, repr=False, eq=False)
class OverColumn(Finding):
    """How likely each outcome is over a column; `seed`: of the draws of the coefficients."""

    of: str
    over: ColumnOdds
    cases: int
    seed: int

    @property
    def title(self) -> str:
        return tr("How likely each outcome is over {column}: {of}", column=self.over.name, of=self.of)

    @property
    def basis(self) -> str:
        return averaged_over(self.cases, self.over.draws, self.seed)

    @property
    def answer(self) -> tuple[str, ...]:
        over = self.over
        if over.labels:
            return ()
        first, last = (quantity(float(over.values[end])) for end in (0, -1))
        return tuple(
            tr(
                "{outcome}: {moved} as {column} goes from {first} to {last}.",
                outcome=outcome.label,
                moved=from_to(float(over.odds[0, number]), float(over.odds[-1, number])),
                column=over.name,
                first=first,
                last=last,
            )
            for number, outcome in enumerate(over.outcomes)
        )

    @property
    def tables(self) -> tuple[Table, ...]:
        over = self.over
        columns: tuple[Column, ...] = (
            Column("value", over.name, "text" if over.labels else "number"),
            Column("of", tr("of")),
            Column("outcome", tr("outcome")),
            Column("probability", tr("probability"), "share"),
        )
        if over.draws:
            columns += (Column("low", tr("95% from"), "share"), Column("high", tr("to"), "share"))
        name, rows = f"over_{over.column}", tuple(self._rows())
        return (Table(name, tr("Average probabilities"), columns, rows, grouped=1, ranges=not over.labels),)

    def _rows(self) -> Iterator[tuple[Value, ...]]:
        over = self.over
        for place in range(len(over.odds)):
            value: Value = over.labels[place] if over.labels else float(over.values[place])
            for number, outcome in enumerate(over.outcomes):
                ends = (float(over.low[place, number]), float(over.high[place, number])) if over.draws else ()
                yield value, outcome.group, outcome.name, float(over.odds[place, number]), *ends

    def drawings(self) -> tuple[Drawing, ...]:
        """The picture: a strip for each outcome."""
        from offramp.fitting.over_column_chart import drawing_of_column

        return (drawing_of_column(self.over, self.title),)
