"""The expected amount of each measure of a crisis over the draws."""

from __future__ import annotations

from dataclasses import dataclass

from offramp.common.texts import tr
from offramp.crisis.names import names_of
from offramp.runs.result import Run
from offramp.runs.weighted import Interval
from offramp.study.finding import Column, Table


@dataclass(frozen=True)
class Measured:
    """A measure: its key, its name for readers, its unit, what it is, and its expected amount over the draws."""

    key: str
    name: str
    unit: str | None
    says: str | None
    interval: Interval


def measured(run: Run) -> tuple[Measured, ...]:
    """The measures of a run's crisis, in the order of the file."""
    names = names_of(run.crisis).measures
    return tuple(
        Measured(one.key, names[one.key], one.unit, one.says, run.measure_intervals[one.key])
        for one in run.crisis.measures
    )


def measures_table(measures: tuple[Measured, ...]) -> Table:
    """Mean and 90 % interval of each measure."""
    columns = (
        Column("measure", tr("measure"), names={one.key: one.name for one in measures}),
        Column("mean", tr("mean"), "number"),
        Column("p05", "5 %", "number"),
        Column("p50", tr("median"), "number"),
        Column("p95", "95 %", "number"),
        Column("unit", tr("unit")),
    )
    rows = tuple(
        (one.key, one.interval.mean, one.interval.p05, one.interval.p50, one.interval.p95, one.unit or "")
        for one in measures
    )
    return Table("measures", tr("Measures: expected amounts over the converged draws"), columns, rows)
