"""An update in sentences and tables: endings, inputs and hidden values before and after each event."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from offramp.common.numerals import amount_from_to, from_to, percent, quantity, signed
from offramp.common.words import listed
from offramp.crisis.names import Names
from offramp.crisis.parts import Measure
from offramp.runs.evidence import ObservedEvent
from offramp.runs.weighted import FLOOR, Interval
from offramp.study.basis import of_run
from offramp.study.finding import Column, Finding, Table, Value
from offramp.study.updating.update_results import NOTICED, InputMoved, StepWeighed, UpdateStage
from offramp.study.updating.yardstick import WORSE, compared

Array = NDArray[np.float64]

NAMED = 3
"""Number of inputs that a sentence names."""
LITTLE = 0.5
"""A shift of an input below this, in prior standard deviations, is called little."""
SHOWN = 0.0005
"""Smaller probabilities are not shown."""


@dataclass(frozen=True, repr=False)
class Update(Finding):
    """What changes with what is now known; the first of the `stages` is before any event.

    `weights`: (stages, draws), of the draws that converged.
    """

    crisis: str
    names: Names
    draws: int
    converged: int
    stages: tuple[UpdateStage, ...]
    inputs: tuple[InputMoved, ...]
    steps: tuple[StepWeighed, ...]
    weights: Array
    measures: tuple[Measure, ...] = ()
    moment: str = ""

    @property
    def before(self) -> Mapping[str, Interval]:
        """The endings before anything was observed."""
        return self.stages[0].endings

    @property
    def after(self) -> Mapping[str, Interval]:
        """The endings after all that was observed."""
        return self.stages[-1].endings

    @property
    def surprises(self) -> tuple[UpdateStage, ...]:
        """Events that the model held less likely than play at random would, those that it held worst first."""
        return tuple(sorted((stage for stage in self.stages if stage.times < WORSE), key=lambda stage: stage.times))

    @property
    def alarm(self) -> str:
        """A warning if the model explains all the events together worse than play at random; else empty.

        How the events are divided into rows does not matter to it.
        """
        if not self.stages or self.stages[-1].times_together >= WORSE:
            return ""
        worst = self.surprises[0]
        event = f"{self._event(worst.event)}: {compared(worst.times)}"
        which = f" It explains worst {event}." if len(self.stages) > 2 else ""
        return (
            "WARNING: this model explains the observed events worse than play at random does: they were "
            f"{compared(self.stages[-1].times_together)}.{which} The model itself may be wrong, not only its inputs; "
            "the numbers after the events make the best of it and cannot tell."
        )

    @property
    def latest(self) -> str:
        """What changed with the last event, in one sentence; empty if nothing has been observed."""
        return self._after(len(self.stages) - 1) if len(self.stages) > 1 else ""

    @property
    def title(self) -> str:
        return f"{self.crisis}: what changes with what we now know?"

    @property
    def basis(self) -> str:
        return self.moment + of_run(self.draws, self.draws, self.names.pulled)

    @property
    def answer(self) -> tuple[str, ...]:
        if not self.converged:
            return ("No draw converged: there are no numbers.",)
        return tuple(self._sentences())

    def _sentences(self) -> Iterator[str]:
        if self.alarm:
            yield self.alarm
        before = sorted(self.before.items(), key=lambda item: -item[1].mean)
        yield f"Before: {', '.join(f'{self.names.endings[name]} {percent(i.mean)}' for name, i in before)}."
        if len(self.stages) == 1:
            yield "Nothing has been observed, so nothing changes."
        yield from (self._after(number) for number in range(1, len(self.stages)))
        if len(self.stages) > 2:
            yield f"All {len(self.stages) - 1} events together were {compared(self.stages[-1].times_together)}."
        if len(self.stages) > 1:
            if self.measures:
                yield f"Expected amounts: {'; '.join(self._measures_moved())}."
            yield self._inputs_sentence()
            yield from self._hidden_sentences()
            if coming := [step for step in self.steps if not step.passed and step.by and step.is_possible]:
                yield f"Still to come: {'; '.join(step.in_words(step.likeliest, self.names) for step in coming)}."
        if left := self.draws - self.converged:
            yield f"{left:,} of {self.draws:,} draws did not converge; they are left out of every number."

    def _after(self, number: int) -> str:
        """What changed with an event, and how likely it was."""
        earlier, stage = self.stages[number - 1], self.stages[number]
        pairs = {name: (earlier.endings[name].mean, i.mean) for name, i in stage.endings.items()}
        shown = sorted((name for name in pairs if max(pairs[name]) >= SHOWN), key=lambda name: -pairs[name][1])
        changes = ", ".join(f"{self.names.endings[name]} {from_to(*pairs[name])}" for name in shown)
        likely = f"{percent(stage.probability)} likely beforehand, {compared(stage.times)}"
        return f"After {self._event(stage.event)}, {likely}: {changes}."

    def _measures_moved(self) -> Iterator[str]:
        """For each measure its expected amount before and after all events."""
        for one in self.measures:
            before, after = (stage.measures[one.key].mean for stage in (self.stages[0], self.stages[-1]))
            yield f"{self.names.measures[one.key]} {amount_from_to(before, after, one.unit)}"

    def _inputs_sentence(self) -> str:
        told_apart = [one for one in self.inputs if one.is_told_apart]
        if not told_apart:
            return "The events say nothing about the inputs: none moves by more than chance in the draws could move it."
        telling = told_apart[:NAMED]
        little = " say little about the inputs; they" if abs(telling[0].shifts[-1]) < LITTLE else ""
        most = ", most on" if len(told_apart) > NAMED else ":"
        inputs = (
            f"{self.names.inputs[one.name]} ({quantity(one.before.mean)} → {quantity(one.after.mean)}, "
            f"{signed(one.shifts[-1], one.error)} standard deviations)"
            for one in telling
        )
        of_all = f"{len(told_apart)} of {len(self.inputs)} uncertain inputs"
        return f"The events{little} bear on {of_all}{most} {', '.join(inputs)}."

    def _hidden_sentences(self) -> Iterator[str]:
        """For each step already decided, the option that moves most; steps that hardly move are only named."""
        hidden = [step for step in self.steps if step.passed and step.is_possible]
        moved = sorted((step for step in hidden if step.shift >= NOTICED), key=lambda step: -step.shift)
        if moved:
            most = (step.in_words(step.moved_most, self.names) for step in moved)
            yield f"Decided already, but not observed: {'; '.join(most)}."
        if still := [self.names.step(step.step, step.round) for step in hidden if step not in moved]:
            yield f"The events say hardly anything about: {', '.join(still)}."

    def _event(self, event: ObservedEvent | None) -> str:
        return f"{event.date} ({observed_in(event, self.names)})" if event else ""

    @property
    def labels(self) -> tuple[str, ...]:
        """Labels of the stages: the dates of their events, numbered if a date occurs more than once."""
        dates = [stage.event.date if stage.event else "before" for stage in self.stages]
        return tuple(
            f"{date} ({dates[:place].count(date) + 1})" if dates.count(date) > 1 else date
            for place, date in enumerate(dates)
        )

    @property
    def tables(self) -> tuple[Table, ...]:
        columns = (
            Column("after", "after"), Column("ending", "ending", names=self.names.endings),
            Column("mean", "mean", "share"),
            Column("change", "points", "points"), Column("p05", "5 %", "share"), Column("p95", "95 %", "share"),
            Column("error", "error", "error"),
        )  # fmt: skip
        rows: list[tuple[Value, ...]] = [
            (label, name, i.mean, i.mean - earlier.endings[name].mean, i.p05, i.p95, stage.errors[name])
            for label, earlier, stage in zip(self.labels, (*self.stages[:1], *self.stages), self.stages, strict=False)
            for name, i in stage.endings.items()
        ]
        endings = Table("endings", "Endings before and after each event", columns, tuple(rows), 1)
        if len(self.stages) <= 1:
            return (endings, *self._measures_table())
        events, inputs = self._events_table(), self._inputs_table()
        return endings, *self._measures_table(), events, inputs, *self._step_tables()

    def _measures_table(self) -> tuple[Table, ...]:
        """Each measure before and after each event, if the crisis has any."""
        if not self.measures or not self.stages:
            return ()
        called = {
            one.key: f"{self.names.measures[one.key]}{f' ({one.unit})' if one.unit else ''}" for one in self.measures
        }
        columns = (
            Column("after", "after"), Column("measure", "measure", names=called), Column("mean", "mean", "number"),
            Column("change", "change", "change"), Column("p05", "5 %", "number"), Column("p95", "95 %", "number"),
        )  # fmt: skip
        rows: list[tuple[Value, ...]] = [
            (label, one.key, i.mean, i.mean - earlier.measures[one.key].mean, i.p05, i.p95)
            for label, earlier, stage in zip(self.labels, (*self.stages[:1], *self.stages), self.stages, strict=False)
            for one in self.measures
            for i in (stage.measures[one.key],)
        ]
        return (Table("measures", "Measures before and after each event: expected amounts", columns, tuple(rows), 1),)

    def _events_table(self) -> Table:
        columns = (
            Column("after", "date"), Column("observed", "observed"), Column("probability", "likely", "share"),
            Column("at_random", "at random", "share"), Column("times", "times", "number"),
            Column("together", "with all before", "share"), Column("times_together", "times", "number"),
            Column("effective", "effective draws", "count"),
        )  # fmt: skip
        rows = tuple(
            (label, observed_in(stage.event, self.names), stage.probability, stage.at_random, stage.times,
             stage.together, stage.times_together, stage.effective)
            for label, stage in zip(self.labels[1:], self.stages[1:], strict=True)
        )  # fmt: skip
        caption = "How likely the model held each event, given those before it, and compared to play at random"
        return Table("events", caption, columns, rows)

    def _inputs_table(self) -> Table:
        """One row per input."""
        cites = {"; ".join(one.cites): "; ".join(map(self.names.cite, one.cites)) for one in self.inputs if one.cites}
        columns = (
            Column("input", "input", names=self.names.inputs),
            Column("before", "before", "number"), Column("before_p05", "5 %", "number"),
            Column("before_p95", "95 %", "number"), Column("after", "after", "number"),
            Column("after_p05", "5 %", "number"), Column("after_p95", "95 %", "number"),
            Column("shift", "shift", "amount"), Column("error", "±", "amount"), Column("cite", "rests on", names=cites),
        )  # fmt: skip
        rows: list[tuple[Value, ...]] = [
            (one.name, *(value for i in (one.before, one.after) for value in (i.mean, i.p05, i.p95)), one.shifts[-1],
             one.error, "; ".join(one.cites) or None)
            for one in self.inputs
        ]  # fmt: skip
        return Table("inputs", "Inputs before and after, those that moved most first", columns, tuple(rows))

    def _step_tables(self) -> Iterator[Table]:
        short = [label[5:] if label[:1].isdigit() else label for label in self.labels]
        shares = [Column(f"after_{number}", label, "share") for number, label in enumerate(short)]
        where = Column("step", "step", names=self.names.steps), Column("round", "round", "count")
        by = Column("by", "by", names=self.names.actors)
        columns = (*where, by, Column("option", "value", of="step", names=self.names.options), *shares)
        captions = ("hidden", "Decided already, but not observed"), ("next", "Still to come")
        for (name, caption), passed in zip(captions, (True, False), strict=True):
            rows: list[tuple[Value, ...]] = [
                (step.step, step.round or None, step.by or "chance", option, *row)
                for step in self.steps
                if step.passed == passed
                for option, row in step.rows
            ]
            yield Table(name, f"{caption}: how likely before, and after each event", columns, tuple(rows), grouped=3)
        deviations = [Column(f"after_{number}", label, "amount") for number, label in enumerate(short) if number]
        moved: list[tuple[Value, ...]] = [(one.name, *one.shifts) for one in self.inputs]
        named = Column("input", "input", names=self.names.inputs)
        yield Table("shifts", "Inputs: the shift after each event", (named, *deviations), tuple(moved))

    @property
    def notes(self) -> tuple[str, ...]:
        if len(self.stages) == 1 or not self.converged:
            return ()
        effective_draws = f"{self.stages[-1].effective:,.0f} of {self.converged:,}"
        levers = f" Levers pulled: {listed(self.names.pulled)}." if self.names.pulled else ""
        return (
            "Each draw of the inputs counts as much as its equilibrium held the events likely, by the analyst's odds "
            f"(Bayes' rule). That leaves the worth of {effective_draws} draws (effective sample size, Kish); below "
            f"{FLOOR:.0f} no numbers would be given. The events are in the order of their dates, which is that of "
            f"play; those of one day in the order of the file. The time between them does not enter.{levers}",
            "At random: every option of every move equally likely, chance as in the model, over the same draws; for an "
            "event weighted by what was known before it, for all together by nothing, so that together is not the "
            "product. The events together are as likely however they are divided into rows.",
            "5 % to 95 %: over the weighted draws. Error: the standard error of the mean in points, as in `offramp "
            "endings`; ±: that of the last shift. More draws narrow both. Shift: of an input's mean, in the standard "
            "deviations that it had before. "
            "Options of a step: given that it is made, on both sides, so that its being made is no news of them.",
        )


def observed_in(event: ObservedEvent | None, names: Names) -> str:
    """What was observed, in words."""
    if event is None or not event.values:
        return "nothing"
    return ", ".join(names.known(step, number, values) for (step, number), values in event.values.items())
