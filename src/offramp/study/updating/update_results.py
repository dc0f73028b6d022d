"""Results of an update: the stages after each event, the inputs that moved, and the steps that were not observed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from offramp.common.numerals import from_to
from offramp.common.texts import tr
from offramp.crisis.names import Names
from offramp.runs.evidence import ObservedEvent
from offramp.runs.weighted import Interval

NOTICED = 0.01
"""Changes of a hidden value's probability from this on are mentioned."""
MADE = "made at all"
"""The row below the options of a step: how likely the step occurs at all."""


@dataclass(frozen=True)
class UpdateStage:
    """The state of knowledge after an event, and what follows from it; `event` is None before the first.

    `probability`: of the event given what was known before; `together`: of all events so far; `at_random`,
    `together_at_random`: the same under play at random. `effective`: the effective sample size. `errors`: standard
    errors of the endings' means; `measures`, `measure_errors`: the same of each measure's expected amount.
    """

    event: ObservedEvent | None
    probability: float
    at_random: float
    together: float
    together_at_random: float
    effective: float
    endings: Mapping[str, Interval]
    errors: Mapping[str, float]
    measures: Mapping[str, Interval]
    measure_errors: Mapping[str, float]

    @property
    def times(self) -> float:
        """How many times as likely as under play at random the model held the event, given what was known before.

        Both are means over the same draws, weighted by what was known before.
        """
        return self.probability / self.at_random

    @property
    def times_together(self) -> float:
        """The same for all events so far: the ratio of the evidence for the model to that for play at random."""
        return self.together / self.together_at_random


@dataclass(frozen=True)
class InputMoved:
    """An input before and after all events; `shifts`: of its mean after each event, in prior standard deviations.

    `error`: the standard error of the last shift. `cites`: the passages that the input rests on.
    """

    name: str
    before: Interval
    after: Interval
    shifts: tuple[float, ...]
    error: float
    cites: tuple[str, ...] = ()

    @property
    def is_told_apart(self) -> bool:
        """Whether it moved by more than chance in the draws would move it."""
        return abs(self.shifts[-1]) > 2.0 * self.error


@dataclass(frozen=True, eq=False)
class StepWeighed:
    """An unobserved step in a round: the probability that it is `made` at each stage, and of each option if it is.

    An option is NaN at a stage at which the step cannot be made. `passed`: whether it lies before the last observed
    step, so that it is already decided.
    """

    step: str
    round: int
    by: str | None
    passed: bool
    made: tuple[float, ...]
    options: Mapping[str, tuple[float, ...]]

    @property
    def name(self) -> str:
        """The step, with its round."""
        return f"{self.step}@{self.round}" if self.round else self.step

    @property
    def rows(self) -> Iterator[tuple[str, tuple[float, ...]]]:
        """The options by name and, unless it is always certain, the row that the step is made at all."""
        yield from self.options.items()
        if min(self.made) < 1.0:
            yield MADE, self.made

    @property
    def is_possible(self) -> bool:
        """Whether the step can still be made, or can have been made."""
        return self.made[-1] > 0.0

    @property
    def likeliest(self) -> str:
        """The option that is likeliest now."""
        return max(self.options, key=lambda option: self.options[option][-1])

    @property
    def moved_most(self) -> str:
        """The option whose probability has risen most."""
        return max(self.options, key=self.change)

    @property
    def shift(self) -> float:
        """How far the odds have moved: of an option or, while that is open, of the step being made at all."""
        made = abs(self.made[-1] - self.made[0]) if self.made[-1] < 1.0 else 0.0
        return max(made, self.change(self.moved_most))

    def change(self, option: str) -> float:
        """How much likelier an option has become, given that the step is made."""
        return self.options[option][-1] - self.options[option][0]

    def in_words(self, option: str, names: Names) -> str:
        """In words, how likely an option was and is now and, while that is open, how likely the step is made."""
        step, made = names.step(self.step, self.round), f"{tr('made at all')} {from_to(self.made[0], self.made[-1])}"
        before, *_, now = self.options[option]
        chosen = f"{names.option(self.step, option)} {from_to(before, now)}"
        if self.passed and self.change(option) < NOTICED:
            return f"{step}: {made}"
        if self.made[-1] < 1.0:
            return tr("{step}: {made}, then {option}", step=step, made=made, option=chosen)
        return f"{step}: {chosen}"
