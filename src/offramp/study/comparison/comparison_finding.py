"""A comparison of two crises in sentences and tables."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from offramp.common.numerals import in_unit, percent, points
from offramp.common.texts import tr, trn
from offramp.crisis.names import Names, capital
from offramp.crisis.parts import Measure
from offramp.study.basis import DRAWS_AS_OF_NOW, of_draws
from offramp.study.compared_solutions import NOTHING_COMPARED, ComparedSolutions
from offramp.study.comparison.attribution import EVERY_ORDER
from offramp.study.comparison.comparable import KINDS, Common
from offramp.study.comparison.differences import Key
from offramp.study.finding import Column, Finding, Table, Value
from offramp.study.interventions.changes import T95

Array = NDArray[np.float64]

SLIGHT = 0.0005
"""A change of a probability by less than this is not worth a sentence."""
SAID = 3
"""How many endings, besides those to avoid, and how many differences for each, the answer mentions."""


@dataclass(frozen=True)
class Difference:
    """Parts in which two crises differ, exchanged together.

    `name`: in words. `moves`, `error`: (endings + measures,), how much likelier the exchange makes each ending and by
    how much it changes each measure, and the standard error of that over the draws; `least`: the smallest change that
    counts.
    """

    keys: tuple[Key, ...]
    name: str
    moves: Array
    error: Array
    least: Array

    @property
    def sure(self) -> NDArray[np.bool_]:
        """(endings + measures,), whether the change exceeds its error; without an error, of few draws, it does not."""
        return np.abs(self.moves) > np.fmax(T95 * self.error, self.least)

    @property
    def is_chance(self) -> bool:
        """Whether all its changes lie within their error."""
        return not self.sure.any()


@dataclass(frozen=True)
class MeasureCompared:
    """A measure that A and B share: its expected amount in each, and the standard error of their difference."""

    measure: Measure
    before: float
    after: float
    error: float

    @property
    def change(self) -> float:
        """How much more it is in B than in A."""
        return self.after - self.before


@dataclass(frozen=True, repr=False)
class Comparison(Finding):
    """What differs between A and B, and what each difference moves.

    `before`, `after`: (endings,), the mean probabilities in A and in B over the draws that are `kept`; `error`:
    (endings,), of their difference. `measures`: those that are the same in both. `parts`: for each difference, A's and
    B's version. `words`: what differs in words only; `idle`: what differs but is not used. If the two have too little
    in `common`, there are no differences, and the probability of an ending that a crisis lacks is NaN. `moment`: as of
    when, in words; empty from the outset.
    """

    labels: tuple[str, str]
    names: Names
    draws: int
    seed: int
    kept: int
    endings: tuple[str, ...]
    before: Array
    after: Array
    error: Array
    differences: tuple[Difference, ...]
    parts: tuple[tuple[str, str, str], ...]
    words: str
    idle: str
    hybrids: int
    common: Common
    moment: str = ""
    as_of_now: bool = False
    """Whether the crisis is taken after its outset; the `moment` of a draft is never empty."""
    measures: tuple[MeasureCompared, ...] = ()
    avoided: tuple[str, ...] = ()
    """The endings to be avoided in either crisis: the answer always says how they change."""
    key_map: str = ""
    """The map by which B has A's keys, in words; empty without one."""
    followed: ComparedSolutions = NOTHING_COMPARED
    """What comparing solutions of A and B with their principal branch showed."""

    @property
    def title(self) -> str:
        return tr("Where do {a} (A) and {b} (B) differ?", a=self.labels[0], b=self.labels[1])

    @property
    def basis(self) -> str:
        same = not self.differences and self.common.is_enough
        return "" if same else self.moment + of_draws(self.draws, self.seed)

    @property
    def change(self) -> Array:
        """(endings,), how much likelier each ending is in B than in A."""
        return self.after - self.before

    @property
    def answer(self) -> tuple[str, ...]:
        if not self.common.is_enough:
            return (*self._too_little(), *self.followed.said("differences"))
        besides = []
        if self.words:
            besides.append(tr("In words only, moving nothing: {parts}.", parts=self.words))
        if self.idle:
            besides.append(tr("Not used here, moving nothing: {parts}.", parts=self.idle))
        if not self.differences:
            if besides:
                return (tr("Nothing differs that could move an ending."), *besides)
            return (tr("Nothing differs: both are the same crisis."),)
        if not self.kept:
            return (tr("No draw converged in every mixture of the two: there are no numbers."),)
        order = [number for number in np.argsort(-np.abs(self.change), kind="stable") if self._matters(number)]
        said = [*order[:SAID], *(number for number in order[SAID:] if self.endings[number] in self.avoided)]
        sentences = [self._sentence(int(number)) for number in said]
        if not sentences:
            sentences.append(tr("The differences move no ending by as much as 0.1 points."))
        named = [each.name for number in said for each in self._moving(int(number))]
        chance = [each.name for each in self.differences if each.is_chance and each.name not in named]
        slight = [each.name for each in self.differences if self._is_slight(each) and not each.is_chance]
        if chance:
            sentences.append(tr("Moving nothing beyond the error of the draws: {parts}.", parts="; ".join(chance)))
        if slight and order:
            sentences.append(tr("Moving every ending by less than 0.1 points: {parts}.", parts="; ".join(slight)))
        if self.measures:
            sentences.append(tr("Expected amounts: {amounts}.", amounts="; ".join(self._on_measures())))
        if left := self.draws - self.kept:
            draws = f"{self.draws:,}"
            sentences.append(
                trn(
                    "{count} of {draws} draws did not converge everywhere; they are left out of every number.",
                    "{count} of {draws} draws did not converge everywhere; they are left out of every number.",
                    left, draws=draws,
                )
            )  # fmt: skip
        return (*sentences, *self.followed.said("differences"), *besides)

    def _too_little(self) -> Iterator[str]:
        yield tr("These have too little in common to compare part by part: {reasons}.", reasons=self.common.lack)
        yield tr("What they share by name: {shared}.", shared=self.common.words(self.names))
        for name, before, after in zip(self.endings, self.before, self.after, strict=True):
            if name in self.common.endings:
                yield tr(
                    "{ending} has {before} in A and {after} in B.",
                    ending=capital(self.names.endings[name]), before=percent(before), after=percent(after),
                )  # fmt: skip

    def _is_slight(self, each: Difference) -> bool:
        """Whether a difference moves every ending too little to be mentioned."""
        return bool((np.abs(each.moves[: len(self.endings)]) < SLIGHT).all())

    def _on_measures(self) -> Iterator[str]:
        """For each measure its expected amounts, and through which difference most of the change comes."""
        for number, one in enumerate(self.measures, start=len(self.endings)):
            before, after = (in_unit(value, one.measure.unit) for value in (one.before, one.after))
            moving = [each for each in self.differences if each.sure[number]]
            most = max(moving, key=lambda each: abs(each.moves[number]), default=None)
            values = {"measure": self.names.measures[one.measure.key], "before": before, "after": after}
            if most is None or len(self.differences) == 1:
                yield tr("{measure} {before} in A, {after} in B", **values)
            else:
                yield tr("{measure} {before} in A, {after} in B, most of it through {part}", part=most.name, **values)

    def _matters(self, ending: int) -> bool:
        moved = [abs(each.moves[ending]) for each in self.differences if not each.is_chance]
        return bool(max([abs(self.change[ending]), *moved]) >= SLIGHT)

    def _moving(self, ending: int) -> list[Difference]:
        """The differences whose share of an ending's change is worth a mention, those beyond their error first."""
        large = [
            each
            for each in self.differences
            if abs(each.moves[ending]) >= SLIGHT
            and (each.sure[ending] or _share(each, ending).strip("0."))  # a share of 0 is none
        ]
        return sorted(large, key=lambda each: (not each.sure[ending], -abs(each.moves[ending])))[:SAID]

    def _sentence(self, ending: int) -> str:
        name, change = capital(self.names.endings[self.endings[ending]]), float(self.change[ending])
        levels = tr("{a} in A, {b} in B", a=percent(self.before[ending]), b=percent(self.after[ending]))
        moving, error = self._moving(ending), float(self.error[ending])
        rest = change - sum(float(each.moves[ending]) for each in moving)
        size, other = points(abs(change), error), points(rest, error)
        if abs(change) < SLIGHT or not size.strip("0."):
            opening = tr("{ending} is about as likely in both ({levels})", ending=name, levels=levels)
        else:
            values = {"ending": name, "points": size.lstrip("+"), "levels": levels}
            if change > 0.0:
                opening = tr("{ending} is {points} points likelier in B than in A ({levels})", **values)
            else:
                opening = tr("{ending} is {points} points less likely in B than in A ({levels})", **values)
        shares = [
            tr("{points} through {part}", points=_share(each, ending), part=each.name)
            if each.sure[ending]
            else tr(
                "{points} through {part} (within the error of the draws)", points=_share(each, ending), part=each.name
            )
            for each in moving
        ]
        if abs(rest) >= SLIGHT and other.strip("0."):
            shares.append(tr("{points} through all else", points=other))
        return f"{opening}: {', '.join(shares)}." if shares else f"{opening}."

    @property
    def tables(self) -> tuple[Table, ...]:
        change, error = Column("change", tr("B less A"), "points"), Column("error", tr("error"), "error", of="change")
        endings = (
            Column("ending", tr("ending"), names=self.names.endings),
            Column("a", tr("in A"), "share"),
            Column("b", tr("in B"), "share"),
            change,
            error,
        )
        levels: list[tuple[Value, ...]] = [
            (name, float(before), float(after), float(after - before), float(wrong))
            for name, before, after, wrong in zip(self.endings, self.before, self.after, self.error, strict=True)
        ]
        moved = Column("ending", tr("ending"), names=self.names.endings), _through(), change, error
        moves: list[tuple[Value, ...]] = []
        for number, ending in enumerate(self.endings):
            moves += [
                (ending, difference.name, float(difference.moves[number]), float(difference.error[number]))
                for difference in sorted(self.differences, key=lambda other: -abs(other.moves[number]))
            ]
            moves.append((ending, "all together", float(self.change[number]), float(self.error[number])))
        parts = (Column("part", tr("what differs")), Column("a", tr("in A")), Column("b", tr("in B")))
        if not self.common.is_enough:
            columns = (
                Column("what", tr("what"), names=KINDS),
                Column("name", tr("name"), of="what", names=self.common.called(self.names)),
            )
            shared = Table("shared", tr("What both have by name"), columns, tuple(self.common.rows))
            rows = tuple(row[:3] for row in levels)
            over = trn("Endings over {count} draw", "Endings over {count} draws", self.kept)
            return Table("endings", over, endings[:3], rows), shared
        if not self.differences:
            levels, moves = [], []
        over = trn(
            "Endings over {count} draw, the same for both", "Endings over {count} draws, the same for both", self.kept
        )
        return (
            Table("endings", over, endings, tuple(levels)),
            Table("contributions", tr("What each difference moves, in points"), moved, tuple(moves), grouped=1),
            *(self._measures() if self.measures and self.differences else ()),
            Table("differences", tr("What differs"), parts, self.parts),
        )

    def _measures(self) -> tuple[Table, Table]:
        """The measures in A and in B, and what each difference moves."""
        measure, unit = Column("measure", tr("measure"), names=self.names.measures), Column("unit", tr("unit"))
        change, error = Column("change", tr("B less A"), "change"), Column("error", tr("error"), "error", of="change")
        rows: list[tuple[Value, ...]] = []
        moves: list[tuple[Value, ...]] = []
        for number, one in enumerate(self.measures, start=len(self.endings)):
            key, of = one.measure.key, one.measure.unit or ""
            rows.append((key, one.before, one.after, one.change, one.error, of))
            moves += [
                (key, each.name, float(each.moves[number]), float(each.error[number]), of)
                for each in sorted(self.differences, key=lambda other: -abs(other.moves[number]))
            ]
            moves.append((key, "all together", one.change, one.error, of))
        levels = Column("a", tr("in A"), "number"), Column("b", tr("in B"), "number")
        return (
            Table("measures", tr("Measures: expected amounts"), (measure, *levels, change, error, unit), tuple(rows)),
            Table(
                "measure_contributions",
                tr("What each difference moves in the measures"),
                (measure, _through(), change, error, unit),
                tuple(moves),
                grouped=1,
            ),
        )

    @property
    def notes(self) -> tuple[str, ...]:
        if not self.key_map:
            return self._method()
        by_map = tr("B is shown with the keys of A, by {map}. A key in no row of it stays as it is.", map=self.key_map)
        return (*self._method(), by_map)

    def _method(self) -> tuple[str, ...]:
        if not self.common.is_enough:
            return (
                tr(
                    "Compared part by part are crises that share an ending and at least half of the chance steps and "
                    "moves of the one that has fewer. An ending is shared by its name, or by its condition and all "
                    "before it; a step by its name and an option, a move by its actor too."
                ),
            )
        if not self.differences:
            return ()
        joined = [difference.name for difference in self.differences if len(difference.keys) > 1]
        draws = f"{self.draws:,}"
        solved = tr(
            "{mixtures} mixtures of the two were solved on the same {draws} draws (seed {seed}), by input. In A, in B: "
            "means over these draws; those of a run's own draws, as `offramp endings` has them, differ a little. "
            "Error: one standard error over the draws, in points.",
            mixtures=self.hybrids, draws=draws, seed=self.seed,
        )  # fmt: skip
        return (
            " ".join([self._carried_over(), *([self._together(joined)] if joined else [])]),
            solved,
            *([DRAWS_AS_OF_NOW] if self.as_of_now else []),
        )

    def _carried_over(self) -> str:
        """How the share of each difference is found."""
        count = len(self.differences)
        if count == 1:
            return tr("The difference is carried over from A to B; it is the whole.")
        if count <= EVERY_ORDER:
            return tr(
                "Each of the {count} differences is carried over from A to B, in every order; its share is the mean "
                "over the orders (the Shapley value); the shares add up.",
                count=count,
            )
        return tr(
            "Each of the {count} differences is carried over from A to B, in one order and in its reverse; its share "
            "is the mean of the two, which is the Shapley value unless three of them interact; the shares add up to "
            "the whole.",
            count=count,
        )

    def _together(self, joined: list[str]) -> str:
        """Which differences count as one, and why."""
        parts = "; ".join(joined)
        if self.as_of_now:
            return tr(
                "These go together, because a part of them makes no crisis by itself, or leaves too few draws of "
                "weight: {parts}.",
                parts=parts,
            )
        return tr("These go together, because a part of them makes no crisis by itself: {parts}.", parts=parts)


def _through() -> Column:
    """The column of differences; the last row of each group has them all together."""
    return Column("difference", tr("through"), names={"all together": tr("all together")})


def _share(difference: Difference, ending: int) -> str:
    """What a difference moves an ending by, in points; the tables have it with the same digits."""
    return points(float(difference.moves[ending]), float(difference.error[ending]))
