"""The value of finding out, in sentences and tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from offramp.common.numerals import amount, percent, quantity
from offramp.common.words import listed
from offramp.crisis.names import Names, capital, possessive
from offramp.crisis.parts import Measure
from offramp.study.basis import DRAWS_AS_OF_NOW, levels_of_run
from offramp.study.finding import Column, Finding, Table
from offramp.study.goal import Goal

NO_LEVER = "no lever"
SAID = 3
"""How many findings the answer names."""
LITTLE = "less than 0.01"
Kind = Literal["input", "hidden value"]


@dataclass(frozen=True)
class Worth:
    """What knowing one input or hidden value is worth for the choice, in points of the ending or in payoff.

    `low`, `high`: a 90 % interval over bootstrap samples. `counts`: whether it exceeds chance. `then`: the best lever
    by what is learned: for a hidden value (its value, lever), for an input (end of an interval, lever), the last end
    infinite.
    """

    name: str
    kind: Kind
    value: float
    low: float
    high: float
    counts: bool
    then: tuple[tuple[str | float, str], ...]

    def called(self, names: Names) -> str:
        """The name of the input or of the hidden step."""
        return names.inputs[self.name] if self.kind == "input" else names.step(self.name)

    def choice(self, names: Names) -> str:
        """The choice after learning it, in words."""
        if len({lever for _, lever in self.then}) == 1:
            return f"{names.lever(self.then[0][1])} all the same"
        if self.kind == "hidden value":
            levers = dict.fromkeys(lever for _, lever in self.then)
            values = {
                lever: [names.option(self.name, str(value)) for value, other in self.then if other == lever]
                for lever in levers
            }
            return ", ".join(f"{names.lever(lever)} if {' or '.join(known)}" for lever, known in values.items())
        ends = [quantity(float(end)) for end, _ in self.then[:-1]]
        choices = [f"{names.lever(self.then[0][1])} below {ends[0]}"]
        choices += [
            f"{names.lever(lever)} from {start} to {end}"
            for (_, lever), start, end in zip(self.then[1:-1], ends, ends[1:], strict=False)
        ]
        return ", ".join([*choices, f"{names.lever(self.then[-1][1])} above {ends[-1]}"])


@dataclass(frozen=True)
class MeasureChosen:
    """A measure, and its expected amount under each lever, chosen now."""

    measure: Measure
    levels: Mapping[str, float]


@dataclass(frozen=True, repr=False)
class Worths(Finding):
    """What it is worth to find out, the most valuable first.

    `of`: the number of draws of the run, of which the first `draws` are used. `goal`: the endings to make unlikely;
    None if the payoff of `of_actor` is to be large. `levels`: the level of each lever without information, a
    probability or a payoff less the lever's cost. `everything`, `inputs`, `hidden`: the value of knowing all, all
    inputs, and all hidden values. `noise`: what regression finds in shuffled draws. `moved`: hidden steps whose odds a
    lever changes; `too_many`: those beyond the maximum number of combinations. `moment`: as of when, in words.
    """

    crisis: str
    names: Names
    goal: Goal | None
    of_actor: str | None
    of: int
    draws: int
    used: int
    levels: Mapping[str, float]
    everything: float
    inputs: float
    hidden: float
    noise: float
    worths: tuple[Worth, ...]
    moved: tuple[str, ...]
    too_many: tuple[str, ...]
    moment: str = ""
    as_of_now: bool = False
    """Whether the crisis is taken after its outset; the `moment` of a draft is never empty."""
    measures: tuple[MeasureChosen, ...] = ()

    @property
    def actor(self) -> str | None:
        """The name of the actor whose payoff is to be large."""
        return self.names.actors[self.of_actor] if self.of_actor is not None else None

    @property
    def best(self) -> str:
        """The lever to choose now."""
        of = max if self.actor else min
        return of(self.levels, key=lambda name: self.levels[name])

    @property
    def _judged(self) -> str:
        """The ending to make unlikely, or their sum, in a sentence; the actor if it is a payoff."""
        return self.goal.name if self.goal is not None else str(self.actor)

    @property
    def title(self) -> str:
        return f"{self.crisis}: what is it worth to find out, before a lever is chosen?"

    @property
    def basis(self) -> str:
        return self.moment + levels_of_run(self.draws, self.of, self.names.pulled)

    @property
    def answer(self) -> tuple[str, ...]:
        sentences = [self._now()]
        if self.draws > self.used:
            left = self.draws - self.used
            sentences.append(f"{left:,} of {self.draws:,} draws did not converge under every lever; they are left out.")
        if self.everything < 1e-6:
            best = capital(self.names.lever(self.best))
            sentences.append(
                f"{best} stays best whatever is learned: for this choice it is worth nothing to find out more."
            )
            return tuple(sentences)
        if self._size(self.everything) == LITTLE:
            sentences.append(f"Even to know everything first would be worth {self._much(self.everything)}.")
            return tuple(sentences)
        sentences.append(
            f"To know everything first would be worth {self._much(self.everything)}, the most that any inquiry could "
            f"bring: all inputs without the hidden values {self._size(self.inputs)}, all hidden values without the "
            f"inputs {self._size(self.hidden)}."
        )
        telling = [worth for worth in self.worths if worth.counts]
        if not telling:
            sentences.append(
                "No single input or hidden value would by itself change the choice to any gain that stands out from "
                f"chance: {self.names.lever(self.best)} stays the choice."
            )
        for place, worth in enumerate(telling[:SAID]):
            then = "the lever would then be " if place == 0 else "then "
            sentences.append(
                f"Knowing {worth.called(self.names)} before choosing is worth {self._much(worth.value)}; "
                f"{then}{worth.choice(self.names)}."
            )
        return tuple(sentences)

    def _now(self) -> str:
        level = self.levels[self.best]
        if self.actor:
            against = f", its cost taken off, against {amount(self.levels[NO_LEVER])} without a lever"
            payoff = f"{amount(level)}{against if self.best != NO_LEVER else ''}"
            best = self.names.lever(self.best)
            return f"Chosen now, {best} is best for {self.actor}: an expected payoff of {payoff}."
        stated = f"{self.goal.stated} " if self.goal is not None and self.goal.why != "asked for" else ""
        has = "has" if self.goal is None or len(self.goal.names) == 1 else "have together"
        against = f", against {percent(self.levels[NO_LEVER])} without a lever" if self.best != NO_LEVER else ""
        best = self.names.lever(self.best)
        return f"{stated}Chosen now, {best} is best: {self._judged} {has} {percent(level)}{against}."

    def _size(self, value: float) -> str:
        return LITTLE if 0.0 < value < 0.005 else amount(value)

    def _much(self, value: float) -> str:
        return f"{self._size(value)} {'of payoff' if self.actor else f'points of {self._judged}'}"

    @property
    def tables(self) -> tuple[Table, ...]:
        unit = "in payoff" if self.actor else f"in points of {self._judged}"
        columns = (
            Column("name", "to find out", names={f.name: f.called(self.names) for f in self.worths}),
            Column("kind", "kind"),
            Column("worth", "worth", "amount"),
            Column("low", "5 %", "amount"),
            Column("high", "95 %", "amount"),
            Column("counts", "counts"),
            Column("then", "the choice is then"),
        )
        rows = tuple((f.name, f.kind, f.value, f.low, f.high, f.counts, f.choice(self.names)) for f in self.worths)
        level = Column("level", "payoff" if self.actor else self._judged, "amount" if self.actor else "share")
        return (
            Table("worth", f"Worth of knowing each thing by itself, {unit}", columns, rows),
            Table("levers", "What each lever comes to, chosen now",
                  (Column("lever", "lever", names=self.names.levers), level), tuple(self.levels.items())),
            *self._measures(),
        )  # fmt: skip

    def _measures(self) -> tuple[Table, ...]:
        """The measures under each lever, if the crisis has any."""
        if not self.measures:
            return ()
        columns = (
            Column("measure", "measure", names=self.names.measures),
            Column("lever", "lever", names=self.names.levers),
            Column("level", "expected", "number"),
            Column("unit", "unit"),
        )
        rows = tuple(
            (one.measure.key, lever, level, one.measure.unit or "")
            for one in self.measures
            for lever, level in one.levels.items()
        )
        return (Table("measures", "Measures under each lever, chosen now: expected amounts", columns, rows, grouped=1),)

    @property
    def notes(self) -> tuple[str, ...]:
        measure = (
            f"{possessive(self.actor)} expected payoff, in the analyst's odds, less the lever's cost"
            if self.actor
            else f"the probability of {self._judged}; costs do not count (--for ACTOR counts them)"
        )
        notes = [
            f"The choice is of one lever or none; what counts is {measure}. Only the chooser of the lever "
            "learns a hidden value; the actors know what they knew before.",
            "Hidden values are worked out exactly in each draw. What an "
            "input tells, by itself and through inputs correlated with it, is estimated by regression; 5 %, 95 %: over "
            "bootstrap samples. Counts: whether the choice changes in 95 % of them, and an input seems worth more than "
            f"{quantity(self.noise)}, which the best of as many inputs without effect could reach by chance.",
        ]
        if self.moved:
            notes.append(f"Left out, since a lever changes their odds: {listed(map(self.names.step, self.moved), 20)}.")
        if self.too_many:
            notes.append(
                f"Left out, since there are too many combinations: {listed(map(self.names.step, self.too_many), 20)}."
            )
        return (*notes, *([DRAWS_AS_OF_NOW] if self.as_of_now else []))
