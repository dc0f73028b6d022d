"""An update in sentences and tables: endings, inputs and hidden values before and after each event."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from offramp.common.numerals import amount_from_to, from_to, percent, quantity, signed
from offramp.common.texts import tr, trn
from offramp.common.words import listed
from offramp.crisis.names import Names
from offramp.crisis.parts import Measure
from offramp.runs.evidence import ObservedEvent
from offramp.runs.weighted import FLOOR, Interval
from offramp.study.basis import of_run
from offramp.study.finding import Column, Finding, Table, Value
from offramp.study.standing import NO_NUMBERS, left_out_of_numbers
from offramp.study.updating.update_results import MADE, NOTICED, InputMoved, StepWeighed, UpdateStage
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
        sentences = [
            tr(
                "WARNING: this model explains the observed events worse than play at random does: they were "
                "{compared}.",
                compared=compared(self.stages[-1].times_together),
            )
        ]
        if len(self.stages) > 2:
            event = f"{self._event(worst.event)}: {compared(worst.times)}"
            sentences.append(tr("It explains worst {event}.", event=event))
        wrong = tr(
            "The model itself may be wrong, not only its inputs; the numbers after the events make the best of it and "
            "cannot tell."
        )
        return " ".join([*sentences, wrong])

    @property
    def latest(self) -> str:
        """What changed with the last event, in one sentence; empty if nothing has been observed."""
        return self._after(len(self.stages) - 1) if len(self.stages) > 1 else ""

    @property
    def title(self) -> str:
        return tr("{crisis}: what changes with what we now know?", crisis=self.crisis)

    @property
    def basis(self) -> str:
        return self.moment + of_run(self.draws, self.draws, self.names.pulled)

    @property
    def answer(self) -> tuple[str, ...]:
        if not self.converged:
            return (NO_NUMBERS,)
        return tuple(self._sentences())

    def _sentences(self) -> Iterator[str]:
        if self.alarm:
            yield self.alarm
        before = sorted(self.before.items(), key=lambda item: -item[1].mean)
        endings = ", ".join(f"{self.names.endings[name]} {percent(i.mean)}" for name, i in before)
        yield tr("Before: {endings}.", endings=endings)
        if len(self.stages) == 1:
            yield tr(
                "Nothing has been observed, so nothing changes. Write what has happened under {key} in the crisis "
                "file; {option} reads it from there.",
                key="`observed`", option="`--from FILE`",
            )  # fmt: skip
        yield from (self._after(number) for number in range(1, len(self.stages)))
        if len(self.stages) > 2:
            yield trn(
                "All {count} event together were {compared}.",
                "All {count} events together were {compared}.",
                len(self.stages) - 1,
                compared=compared(self.stages[-1].times_together),
            )
        if len(self.stages) > 1:
            if self.measures:
                yield tr("Expected amounts: {measures}.", measures="; ".join(self._measures_moved()))
            yield self._inputs_sentence()
            yield from self._hidden_sentences()
            if coming := [step for step in self.steps if not step.passed and step.by and step.is_possible]:
                steps = "; ".join(step.in_words(step.likeliest, self.names) for step in coming)
                yield tr("Still to come: {steps}.", steps=steps)
        if left := self.draws - self.converged:
            yield left_out_of_numbers(left, self.draws)

    def _after(self, number: int) -> str:
        """What changed with an event, and how likely it was."""
        earlier, stage = self.stages[number - 1], self.stages[number]
        pairs = {name: (earlier.endings[name].mean, i.mean) for name, i in stage.endings.items()}
        shown = sorted((name for name in pairs if max(pairs[name]) >= SHOWN), key=lambda name: -pairs[name][1])
        changes = ", ".join(f"{self.names.endings[name]} {from_to(*pairs[name])}" for name in shown)
        return tr(
            "After {event}, {probability} likely beforehand, {compared}: {changes}.",
            event=self._event(stage.event),
            probability=percent(stage.probability),
            compared=compared(stage.times),
            changes=changes,
        )

    def _measures_moved(self) -> Iterator[str]:
        """For each measure its expected amount before and after all events."""
        for one in self.measures:
            before, after = (stage.measures[one.key].mean for stage in (self.stages[0], self.stages[-1]))
            yield f"{self.names.measures[one.key]} {amount_from_to(before, after, one.unit)}"

    def _inputs_sentence(self) -> str:
        told_apart = [one for one in self.inputs if one.is_told_apart]
        if not told_apart:
            return tr(
                "The events say nothing about the inputs: none moves by more than chance in the draws could move it."
            )
        inputs = ", ".join(
            tr(
                "{input} ({before} → {after}, {shift} standard deviations)",
                input=self.names.inputs[one.name],
                before=quantity(one.before.mean),
                after=quantity(one.after.mean),
                shift=signed(one.shifts[-1], one.error),
            )
            for one in told_apart[:NAMED]
        )
        values = {"some": len(told_apart), "all": len(self.inputs), "inputs": inputs}
        is_little, is_more = abs(told_apart[0].shifts[-1]) < LITTLE, len(told_apart) > NAMED
        if is_little and is_more:
            return tr(
                "The events say little about the inputs; they bear on {some} of {all} uncertain inputs, most on "
                "{inputs}.",
                **values,
            )
        if is_little:
            return tr(
                "The events say little about the inputs; they bear on {some} of {all} uncertain inputs: {inputs}.",
                **values,
            )
        if is_more:
            return tr("The events bear on {some} of {all} uncertain inputs, most on {inputs}.", **values)
        return tr("The events bear on {some} of {all} uncertain inputs: {inputs}.", **values)

    def _hidden_sentences(self) -> Iterator[str]:
        """For each step already decided, the option that moves most; steps that hardly move are only named."""
        hidden = [step for step in self.steps if step.passed and step.is_possible]
        moved = sorted((step for step in hidden if step.shift >= NOTICED), key=lambda step: -step.shift)
        if moved:
            most = "; ".join(step.in_words(step.moved_most, self.names) for step in moved)
            yield tr("Decided already, but not observed: {steps}.", steps=most)
        if still := [self.names.step(step.step, step.round) for step in hidden if step not in moved]:
            yield tr("The events say hardly anything about: {steps}.", steps=", ".join(still))

    def _event(self, event: ObservedEvent | None) -> str:
        return f"{event.date} ({observed_in(event, self.names)})" if event else ""

    @property
    def labels(self) -> tuple[str, ...]:
        """Labels of the stages: the dates of their events, numbered if a date occurs more than once."""
        dates = [stage.event.date if stage.event else tr("before") for stage in self.stages]
        return tuple(
            f"{date} ({dates[:place].count(date) + 1})" if dates.count(date) > 1 else date
            for place, date in enumerate(dates)
        )

    @property
    def tables(self) -> tuple[Table, ...]:
        columns = (
            Column("after", tr("after")), Column("ending", tr("ending"), names=self.names.endings),
            Column("mean", tr("mean"), "share"),
            Column("change", tr("points"), "points"), Column("p05", "5 %", "share"), Column("p95", "95 %", "share"),
            Column("error", tr("error"), "error"),
        )  # fmt: skip
        rows: list[tuple[Value, ...]] = [
            (label, name, i.mean, i.mean - earlier.endings[name].mean, i.p05, i.p95, stage.errors[name])
            for label, earlier, stage in zip(self.labels, (*self.stages[:1], *self.stages), self.stages, strict=False)
            for name, i in stage.endings.items()
        ]
        endings = Table("endings", tr("Endings before and after each event"), columns, tuple(rows), 1)
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
            Column("after", tr("after")), Column("measure", tr("measure"), names=called),
            Column("mean", tr("mean"), "number"), Column("change", tr("change"), "change"),
            Column("p05", "5 %", "number"), Column("p95", "95 %", "number"),
        )  # fmt: skip
        rows: list[tuple[Value, ...]] = [
            (label, one.key, i.mean, i.mean - earlier.measures[one.key].mean, i.p05, i.p95)
            for label, earlier, stage in zip(self.labels, (*self.stages[:1], *self.stages), self.stages, strict=False)
            for one in self.measures
            for i in (stage.measures[one.key],)
        ]
        caption = tr("Measures before and after each event: expected amounts")
        return (Table("measures", caption, columns, tuple(rows), 1),)

    def _events_table(self) -> Table:
        columns = (
            Column("after", tr("date")), Column("observed", tr("observed")),
            Column("probability", tr("likely"), "share"),
            Column("at_random", tr("at random"), "share"), Column("times", tr("times"), "number"),
            Column("together", tr("with all before"), "share"), Column("times_together", tr("times"), "number"),
            Column("effective", tr("effective draws"), "count"),
        )  # fmt: skip
        rows = tuple(
            (label, observed_in(stage.event, self.names), stage.probability, stage.at_random, stage.times,
             stage.together, stage.times_together, stage.effective)
            for label, stage in zip(self.labels[1:], self.stages[1:], strict=True)
        )  # fmt: skip
        caption = tr("How likely the model held each event, given those before it, and compared to play at random")
        return Table("events", caption, columns, rows)

    def _inputs_table(self) -> Table:
        """One row per input."""
        cites = {"; ".join(one.cites): "; ".join(map(self.names.cite, one.cites)) for one in self.inputs if one.cites}
        columns = (
            Column("input", tr("input"), names=self.names.inputs),
            Column("before", tr("before"), "number"), Column("before_p05", "5 %", "number"),
            Column("before_p95", "95 %", "number"), Column("after", tr("after"), "number"),
            Column("after_p05", "5 %", "number"), Column("after_p95", "95 %", "number"),
            Column("shift", tr("shift"), "amount"), Column("error", "±", "amount"),
            Column("cite", tr("rests on"), names=cites),
        )  # fmt: skip
        rows: list[tuple[Value, ...]] = [
            (one.name, *(value for i in (one.before, one.after) for value in (i.mean, i.p05, i.p95)), one.shifts[-1],
             one.error, "; ".join(one.cites) or None)
            for one in self.inputs
        ]  # fmt: skip
        return Table("inputs", tr("Inputs before and after, those that moved most first"), columns, tuple(rows))

    def _step_tables(self) -> Iterator[Table]:
        short = [label[5:] if label[:1].isdigit() else label for label in self.labels]
        shares = [Column(f"after_{number}", label, "share") for number, label in enumerate(short)]
        where = Column("step", tr("step"), names=self.names.steps), Column("round", tr("round"), "count")
        by = Column("by", tr("by"), names={**self.names.actors, "chance": tr("chance")})
        options = {**self.names.options} | {(step, MADE): tr("made at all") for step in self.names.steps}
        columns = (*where, by, Column("option", tr("value"), of="step", names=options), *shares)
        captions = (
            ("hidden", tr("Decided already, but not observed: how likely before, and after each event")),
            ("next", tr("Still to come: how likely before, and after each event")),
        )
        for (name, caption), passed in zip(captions, (True, False), strict=True):
            rows: list[tuple[Value, ...]] = [
                (step.step, step.round or None, step.by or "chance", option, *row)
                for step in self.steps
                if step.passed == passed
                for option, row in step.rows
            ]
            yield Table(name, caption, columns, tuple(rows), grouped=3)
        deviations = [Column(f"after_{number}", label, "amount") for number, label in enumerate(short) if number]
        moved: list[tuple[Value, ...]] = [(one.name, *one.shifts) for one in self.inputs]
        named = Column("input", tr("input"), names=self.names.inputs)
        yield Table("shifts", tr("Inputs: the shift after each event"), (named, *deviations), tuple(moved))

    @property
    def notes(self) -> tuple[str, ...]:
        if len(self.stages) == 1 or not self.converged:
            return ()
        weighted = tr(
            "Each draw of the inputs counts as much as its equilibrium held the events likely, by the analyst's odds "
            "(Bayes' rule). That leaves the worth of {effective} of {draws} draws (effective sample size, Kish); below "
            "{floor} no numbers would be given. The events are in the order of their dates, which is that of play; "
            "those of one day in the order of the file. The time between them does not enter.",
            effective=f"{self.stages[-1].effective:,.0f}",
            draws=f"{self.converged:,}",
            floor=f"{FLOOR:.0f}",
        )
        if self.names.pulled:
            weighted += f" {tr('Levers pulled: {levers}.', levers=listed(self.names.pulled))}"
        return (
            weighted,
            tr(
                "At random: every option of every move equally likely, chance as in the model, over the same draws; "
                "for an event weighted by what was known before it, for all together by nothing, so that together is "
                "not the product. The events together are as likely however they are divided into rows."
            ),
            tr(
                "5 % to 95 %: over the weighted draws. Error: the standard error of the mean in points, as in "
                "`offramp endings`; ±: that of the last shift. More draws narrow both. Shift: of an input's mean, in "
                "the standard deviations that it had before. Options of a step: given that it is made, on both sides, "
                "so that its being made is no news of them."
            ),
        )


def observed_in(event: ObservedEvent | None, names: Names) -> str:
    """What was observed, in words."""
    if event is None or not event.values:
        return tr("nothing")
    return ", ".join(names.known(step, number, values) for (step, number), values in event.values.items())
