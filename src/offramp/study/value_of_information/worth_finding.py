"""The value of finding out, in sentences and tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import reduce
from typing import Literal

from offramp.common.numerals import amount, percent, quantity
from offramp.common.texts import tr, trn
from offramp.common.words import listed
from offramp.crisis.names import NO_LEVER, Names, capital, possessive
from offramp.crisis.parts import Measure
from offramp.study.basis import DRAWS_AS_OF_NOW, levels_of_run
from offramp.study.compared_solutions import NOTHING_COMPARED, ComparedSolutions
from offramp.study.finding import Column, Finding, Table
from offramp.study.goal import Goal
from offramp.study.impossible_levers import ImpossibleLevers, left_out_sentences, left_out_table

SAID = 3
"""How many findings the answer names."""
LITTLE = tr("less than 0.01")
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
            return tr("{lever} all the same", lever=names.lever(self.then[0][1]))
        if self.kind == "hidden value":
            levers = dict.fromkeys(lever for _, lever in self.then)
            values = {
                lever: [names.option(self.name, str(value)) for value, other in self.then if other == lever]
                for lever in levers
            }
            return ", ".join(
                tr("{lever} if {values}", lever=names.lever(lever), values=_any_of(known))
                for lever, known in values.items()
            )
        ends = [quantity(float(end)) for end, _ in self.then[:-1]]
        first, last = names.lever(self.then[0][1]), names.lever(self.then[-1][1])
        between = (
            tr("{lever} from {start} to {end}", lever=names.lever(lever), start=start, end=end)
            for (_, lever), start, end in zip(self.then[1:-1], ends, ends[1:], strict=False)
        )
        below, above = (
            tr("{lever} below {end}", lever=first, end=ends[0]),
            tr("{lever} above {end}", lever=last, end=ends[-1]),
        )
        return ", ".join([below, *between, above])


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
    impossible: tuple[ImpossibleLevers, ...] = ()
    """Levers that make odds or payoffs of some draw impossible; they are no choice."""
    followed: ComparedSolutions = NOTHING_COMPARED
    """What comparing solutions with their principal branch showed."""

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
        return tr("{crisis}: what is it worth to find out, before a lever is chosen?", crisis=self.crisis)

    @property
    def basis(self) -> str:
        return self.moment + levels_of_run(self.draws, self.of, self.names.pulled)

    @property
    def answer(self) -> tuple[str, ...]:
        return (*self._found(), *self.followed.said("knowledge"))

    def _found(self) -> list[str]:
        sentences = [self._now(), *left_out_sentences(self.impossible, self.names)]
        if self.draws > self.used:
            left, all_draws = f"{self.draws - self.used:,}", f"{self.draws:,}"
            sentences.append(
                tr(
                    "{left} of {draws} draws did not converge under every lever; they are left out.",
                    left=left,
                    draws=all_draws,
                )
            )
        best = self.names.lever(self.best)
        if not self.everything:
            sentences.append(
                tr(
                    "{lever} stays best whatever is learned: for this choice it is worth nothing to find out more.",
                    lever=capital(best),
                )
            )
            return sentences
        much = self._much(self.everything)
        if self._size(self.everything) == LITTLE:
            sentences.append(tr("Even to know everything first would be worth {worth}.", worth=much))
            return sentences
        sentences.append(
            tr(
                "To know everything first would be worth {worth}, the most that any inquiry could bring: all inputs "
                "without the hidden values {inputs}, all hidden values without the inputs {hidden}.",
                worth=much,
                inputs=self._size(self.inputs),
                hidden=self._size(self.hidden),
            )
        )
        telling = [worth for worth in self.worths if worth.counts]
        if not telling:
            sentences.append(
                tr(
                    "No single input or hidden value would by itself change the choice to any gain that stands out "
                    "from chance: {lever} stays the choice.",
                    lever=best,
                )
            )
        for place, worth in enumerate(telling[:SAID]):
            sentences.append(self._told(worth, is_first=place == 0))
        return sentences

    def _told(self, worth: Worth, *, is_first: bool) -> str:
        """A sentence on what knowing one thing is worth."""
        values = {
            "thing": worth.called(self.names), "worth": self._much(worth.value), "choice": worth.choice(self.names),
        }  # fmt: skip
        if is_first:
            return tr("Knowing {thing} before choosing is worth {worth}; the lever would then be {choice}.", **values)
        return tr("Knowing {thing} before choosing is worth {worth}; then {choice}.", **values)

    def _now(self) -> str:
        """A sentence on the lever to choose now, after one on what it is judged by."""
        best = self.names.lever(self.best)
        if self.actor:
            payoff = amount(self.levels[self.best])
            if self.best != NO_LEVER:
                payoff = tr(
                    "{payoff}, its cost taken off, against {without} without a lever",
                    payoff=payoff,
                    without=amount(self.levels[NO_LEVER]),
                )
            return tr(
                "Chosen now, {lever} is best for {actor}: an expected payoff of {payoff}.",
                lever=best,
                actor=self.actor,
                payoff=payoff,
            )
        level = percent(self.levels[self.best])
        if self.best != NO_LEVER:
            without = percent(self.levels[NO_LEVER])
            level = tr("{level}, against {without} without a lever", level=level, without=without)
        chosen = trn(
            "Chosen now, {lever} is best: {ending} has {level}.",
            "Chosen now, {lever} is best: {ending} have together {level}.",
            1 if self.goal is None else len(self.goal.names),
            lever=best,
            ending=self._judged,
            level=level,
        )
        return f"{self.goal.stated} {chosen}" if self.goal is not None and self.goal.why != "asked for" else chosen

    def _size(self, value: float) -> str:
        return LITTLE if 0.0 < value < 0.005 else amount(value)

    def _much(self, value: float) -> str:
        if self.actor:
            return tr("{size} of payoff", size=self._size(value))
        return tr("{size} points of {ending}", size=self._size(value), ending=self._judged)

    @property
    def tables(self) -> tuple[Table, ...]:
        if self.actor:
            caption, judged = tr("Worth of knowing each thing by itself, in payoff"), tr("payoff")
        else:
            caption = tr("Worth of knowing each thing by itself, in points of {ending}", ending=self._judged)
            judged = self._judged
        columns = (
            Column("name", tr("to find out"), names={f.name: f.called(self.names) for f in self.worths}),
            Column("kind", tr("kind"), names={"input": tr("input"), "hidden value": tr("hidden value")}),
            Column("worth", tr("worth"), "amount"),
            Column("low", "5 %", "amount"),
            Column("high", "95 %", "amount"),
            Column("counts", tr("counts")),
            Column("then", tr("the choice is then")),
        )
        rows = tuple((f.name, f.kind, f.value, f.low, f.high, f.counts, f.choice(self.names)) for f in self.worths)
        level = Column("level", judged, "amount" if self.actor else "share")
        return (
            Table("worth", caption, columns, rows),
            Table("levers", tr("What each lever comes to, chosen now"),
                  (self._lever_column(), level), tuple(self.levels.items())),
            *self._measures(),
            *left_out_table(self.impossible, self.names),
        )  # fmt: skip

    def _lever_column(self) -> Column:
        return Column("lever", tr("lever"), names={**self.names.levers, NO_LEVER: tr("no lever")})

    def _measures(self) -> tuple[Table, ...]:
        """The measures under each lever, if the crisis has any."""
        if not self.measures:
            return ()
        columns = (
            Column("measure", tr("measure"), names=self.names.measures),
            self._lever_column(),
            Column("level", tr("expected"), "number"),
            Column("unit", tr("unit")),
        )
        rows = tuple(
            (one.measure.key, lever, level, one.measure.unit or "")
            for one in self.measures
            for lever, level in one.levels.items()
        )
        caption = tr("Measures under each lever, chosen now: expected amounts")
        return (Table("measures", caption, columns, rows, grouped=1),)

    @property
    def notes(self) -> tuple[str, ...]:
        if self.actor:
            judged = tr(
                "The choice is of one lever or none; what counts is {whose} expected payoff, in the analyst's odds, "
                "less the lever's cost.",
                whose=possessive(self.actor),
            )
        else:
            judged = tr(
                "The choice is of one lever or none; what counts is the probability of {ending}; costs do not count "
                "(--for ACTOR counts them).",
                ending=self._judged,
            )
        learns = tr("Only the chooser of the lever learns a hidden value; the actors know what they knew before.")
        notes = [
            f"{judged} {learns}",
            tr(
                "Hidden values are worked out exactly in each draw. What an input tells, by itself and through inputs "
                "correlated with it, is estimated by regression; 5 %, 95 %: over bootstrap samples. Counts: whether "
                "the choice changes in 95 % of them, and an input seems worth more than {noise}, which the best of as "
                "many inputs without effect could reach by chance.",
                noise=quantity(self.noise),
            ),
        ]
        if self.moved:
            steps = listed(map(self.names.step, self.moved), 20)
            notes.append(tr("Left out, since a lever changes their odds: {steps}.", steps=steps))
        if self.too_many:
            steps = listed(map(self.names.step, self.too_many), 20)
            notes.append(tr("Left out, since there are too many combinations: {steps}.", steps=steps))
        return (*notes, *([DRAWS_AS_OF_NOW] if self.as_of_now else []))


def _any_of(values: Iterable[str]) -> str:
    """`a or b or c`."""
    return reduce(lambda first, last: listed((first, last), last="or"), values)
