"""A map in sentences, tables and characters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from offramp.common.numerals import in_unit, percent, quantity
from offramp.common.printable import printable
from offramp.common.texts import tr, trn
from offramp.common.words import listed
from offramp.crisis.names import Names, capital
from offramp.study.basis import AS_OF_NOW
from offramp.study.compared_solutions import ComparedSolutions
from offramp.study.finding import Column, Finding, Table, Value
from offramp.study.standing import HOW_SURE
from offramp.study.two_way_map.landscape import NONE, Crossing, Flags, Subject
from offramp.study.two_way_map.map_sentences import alternatives, each_point
from offramp.study.two_way_map.sketch import sketched

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Axis:
    """An input along one axis of a map: its values, and the index of the reference point among them.

    `name`: the input's key; `label`: its name.
    """

    name: str
    label: str
    values: Array
    reference: int

    def at(self, value: float) -> str:
        """The input at a value, in words."""
        return f"{self.label} {quantity(value)}"


@dataclass(frozen=True, repr=False)
class Map(Finding):
    """A map over two inputs; arrays are indexed [y, x].

    `shares`: (alternatives, y, x), the probability of an ending, or of an option given that the move is made, or the
    expected amount of a measure; NaN if the point did not converge or the move is never made. `leader`: (y, x), the
    index of the likeliest alternative, or `NONE`. `border`: where it changes; `lost`: how many of its points could not
    be found. `given`: inputs set by the user. `followed`: what comparing the `traced` points with their principal
    branch showed. `moment`: as of when, in words; empty from the outset. `past_only`: axes that matter only for what
    is past.
    """

    crisis: str
    names: Names
    subject: Subject
    x: Axis
    y: Axis
    shares: Array
    converged: Flags
    leader: NDArray[np.int64]
    border: tuple[Crossing, ...]
    lost: int
    given: Mapping[str, float]
    traced: int
    followed: ComparedSolutions
    moment: str = ""
    as_of_now: bool = False
    """Whether the crisis is taken after its outset; the `moment` of a draft is never empty."""
    past_only: tuple[str, ...] = ()

    @property
    def reference(self) -> dict[str, float]:
        """The probability of each alternative at the reference point."""
        here = self.shares[:, self.y.reference, self.x.reference]
        return dict(zip(self.subject.alternatives, map(float, here), strict=True))

    @property
    def move(self) -> str:
        """The move whose options are compared, in words; empty if the endings are."""
        subject = self.subject
        if subject.move is None:
            return ""
        move = self.names.steps[subject.move]
        if not subject.round:
            return tr("{move} ({actor})", move=move, actor=subject.actor)
        return tr("{move} ({actor}, round {round})", move=move, actor=subject.actor, round=subject.round)

    def named(self, number: int) -> str:
        """The name of an alternative."""
        key = self.subject.alternatives[number]
        if self.subject.measure is not None:
            return self.names.measures[key]
        return self.names.endings[key] if self.subject.move is None else self.names.option(self.subject.move, key)

    def level(self, value: float) -> str:
        """A probability, or an amount of the measure, in words."""
        measure = self.subject.measure
        return percent(value) if measure is None else in_unit(value, measure.unit)

    @property
    def shown(self) -> Array:
        """(y, x), the probability that the map shows: of the alternative in focus, or of the likeliest."""
        if self.subject.focus is not None:
            return np.asarray(self.shares[self.subject.focus])
        best = np.take_along_axis(self.shares, np.maximum(self.leader, 0)[None], axis=0)[0]
        return np.where(self.leader == NONE, np.nan, best)

    @property
    def title(self) -> str:
        subject, axes = self.subject, {"x": self.x.label, "y": self.y.label}
        if subject.measure is not None:
            return tr("{crisis}: {shown}, over {x} and {y}", crisis=self.crisis, shown=self.named(0), **axes)
        if subject.focus is None and subject.move is None:
            return tr("{crisis}: the ending, over {x} and {y}", crisis=self.crisis, **axes)
        if subject.focus is None:
            return tr("{crisis}: {shown}, over {x} and {y}", crisis=self.crisis, shown=self.move, **axes)
        focus = self.named(subject.focus)
        if subject.move is None:
            return tr("{crisis}: {focus} as the ending, over {x} and {y}", crisis=self.crisis, focus=focus, **axes)
        return tr(
            "{crisis}: {focus} as {move}, over {x} and {y}", crisis=self.crisis, focus=focus, move=self.move, **axes
        )

    @property
    def basis(self) -> str:
        held = [
            f"{self.names.inputs[name]} = {value:g}"
            for name, value in self.given.items()
            if name not in (self.x.name, self.y.name)
        ]
        return f"{self.moment}{each_point(listed(held, 20), listed(self.names.pulled, 20))}"

    @property
    def answer(self) -> tuple[str, ...]:
        """Sentences: at the reference point, where it changes from there, and over the whole map."""
        sentences = self._here(), *self._past(), *self._nearest(), *self._over_all(), self._left_out()
        return (*filter(None, sentences), *self.followed.said("axes"))

    def _here(self) -> str:
        place = ", ".join(axis.at(axis.values[axis.reference]) for axis in (self.x, self.y))
        number = int(self.leader[self.y.reference, self.x.reference])
        if number == NONE:
            if self.converged[self.y.reference, self.x.reference]:
                return tr("At the reference point ({place}) the move is never made.", place=place)
            return tr("At the reference point ({place}) the solve did not converge.", place=place)
        shares = list(self.reference.values())
        if self.subject.measure is not None:
            return tr(
                "At the reference point ({place}) {measure} is {level}.",
                place=place,
                measure=self.named(0),
                level=self.level(shares[0]),
            )
        likeliest = self._likeliest(self.named(number), percent(shares[number]))
        second = sorted(range(len(shares)), key=lambda other: -shares[other])[1:2]
        focus = self.subject.focus
        if focus is not None and focus != number:
            return tr(
                "At the reference point ({place}) {likeliest}; {focus} has {share}.",
                place=place,
                likeliest=likeliest,
                focus=self.named(focus),
                share=percent(shares[focus]),
            )
        if second:
            return tr(
                "At the reference point ({place}) {likeliest}; then {second}, {share}.",
                place=place,
                likeliest=likeliest,
                second=self.named(second[0]),
                share=percent(shares[second[0]]),
            )
        return tr("At the reference point ({place}) {likeliest}.", place=place, likeliest=likeliest)

    def _likeliest(self, name: str, share: str) -> str:
        if self.subject.move is None:
            return tr("the likeliest ending is {ending}, {share}", ending=name, share=share)
        return tr("the likeliest option of {move} is {option}, {share}", move=self.move, option=name, share=share)

    def _past(self) -> list[str]:
        axes = [axis.label for axis in (self.x, self.y) if axis.name in self.past_only]
        return [
            tr("{input} matters only for what is past: from now on it moves nothing.", input=capital(label))
            for label in axes
        ]

    def _nearest(self) -> list[str]:
        """Sentences on how far each input alone must move from the reference point until the likeliest changes."""
        if self.subject.measure is not None:
            return []
        ways: dict[str, list[str]] = {}
        for axis, across, other in ((self.x, True, self.y), (self.y, False, self.x)):
            here = axis.values[axis.reference]
            line = sorted(
                (crossing.x if across else crossing.y, crossing.before, crossing.after)
                for crossing in self.border
                if crossing.across == across and (crossing.row if across else crossing.column) == other.reference
            )
            for value, before, _ in [step for step in line if step[0] < here][-1:]:
                below = tr("{input} is below {value}", input=axis.label, value=quantity(value))
                ways.setdefault(self.named(before), []).append(below)
            for value, _, after in [step for step in line if step[0] >= here][:1]:
                above = tr("{input} is above {value}", input=axis.label, value=quantity(value))
                ways.setdefault(self.named(after), []).append(above)
        if ways:
            return [tr("It becomes {changes}, the other inputs as at the reference point.", changes=alternatives(ways))]
        if self.leader[self.y.reference, self.x.reference] == NONE:
            return []
        return [tr("Neither {x} nor {y} alone changes that within the map.", x=self.x.label, y=self.y.label)]

    def _over_all(self) -> list[str]:
        known = self.leader != NONE
        if not known.any():
            return []
        sentences = []
        counts = np.bincount(self.leader[known], minlength=len(self.subject.alternatives))
        parts = [
            tr("{name} on {share}", name=self.named(int(number)), share=percent(counts[number] / known.sum()))
            for number in np.argsort(-counts, kind="stable")
            if counts[number]
        ]
        if len(parts) > 1:
            sentences.append(tr("The likeliest over the map: {parts} of its points.", parts=", ".join(parts)))
        elif self.subject.measure is None:
            sentences.append(
                tr(
                    "{name} is the likeliest everywhere on the map.",
                    name=capital(self.named(int(self.leader[known][0]))),
                )
            )
        focus = self.subject.focus
        number = focus if focus is not None else int(self.leader[known][0]) if len(parts) == 1 else None
        if number is not None:
            values = np.where(known, self.shares[number], np.nan)
            ends = [np.unravel_index(pick(values), values.shape) for pick in (np.nanargmin, np.nanargmax)]
            least, most = (
                f"{self.level(values[at])} ({self.x.at(self.x.values[at[1]])}, {self.y.at(self.y.values[at[0]])})"
                for at in ends
            )
            sentences.append(self._range(self.named(number), least, most))
        return sentences

    def _range(self, name: str, least: str, most: str) -> str:
        if self.subject.measure is None:
            return tr("The probability of {name} goes from {least} to {most}.", name=name, least=least, most=most)
        return tr("{measure} goes from {least} to {most}.", measure=capital(name), least=least, most=most)

    def _left_out(self) -> str:
        failed, lost = int((~self.converged).sum()), self.lost
        sentences = []
        if failed:
            sentences.append(
                trn(
                    "{count} of {points} points did not converge; the map shows them as '?'.",
                    "{count} of {points} points did not converge; the map shows them as '?'.",
                    failed,
                    points=f"{self.converged.size:,}",
                )
            )
        if lost:
            sentences.append(
                trn(
                    "{count} points of the border could not be found, since a solve on the way did not converge.",
                    "{count} points of the border could not be found, since a solve on the way did not converge.",
                    lost,
                )
            )
        return " ".join(sentences)

    @property
    def tables(self) -> tuple[Table, ...]:
        alternatives = self.subject.alternatives
        called, of_odds = {key: self.named(at) for at, key in enumerate(alternatives)}, self.subject.measure is None
        border = (
            Column("along", tr("found along"), names=self.names.inputs),
            Column("x", self.x.label, "number"),
            Column("y", self.y.label, "number"),
            Column("before", tr("likeliest below"), names=called),
            Column("after", tr("likeliest above"), names=called),
        )
        kept = [crossing for crossing in self.border if self.subject.focus in (None, crossing.before, crossing.after)]
        crossings: list[tuple[Value, ...]] = [
            (
                self.x.name if crossing.across else self.y.name,
                crossing.x,
                crossing.y,
                alternatives[crossing.before],
                alternatives[crossing.after],
            )
            for crossing in sorted(
                kept,
                key=lambda crossing: (
                    (not crossing.across, crossing.y, crossing.x) if crossing.across else (True, crossing.x, crossing.y)
                ),
            )
        ]
        grid = (
            Column("x", self.x.label, "number"),
            Column("y", self.y.label, "number"),
            *([Column("likeliest", tr("likeliest"), names=called)] if of_odds else []),
            *(Column(key, name, "share" if of_odds else "number") for key, name in called.items()),
            Column("converged", tr("converged")),
        )
        points: list[tuple[Value, ...]] = [
            (
                float(self.x.values[column]),
                float(self.y.values[row]),
                *([None if self.leader[row, column] == NONE else alternatives[self.leader[row, column]]] * of_odds),
                *map(float, self.shares[:, row, column]),
                bool(self.converged[row, column]),
            )
            for row, column in np.ndindex(self.leader.shape)
        ]
        caption = tr("The points of the map, {x} as x and {y} as y", x=self.x.label, y=self.y.label)
        return (
            Table("border", tr("The border, where the likeliest changes"), border, tuple(crossings)),
            Table("grid", caption, grid, tuple(points)),
        )

    @property
    def notes(self) -> tuple[str, ...]:
        axes = [
            tr("The axes span the middle 95% of each input."),
            tr("They are the inputs before the levers.") if self.names.pulled else "",
            tr(
                "Every point is an equilibrium at the actors' own rationality, in which a better option is likelier, "
                "not certain."
            ),
            tr("An option's probability is over all situations in which the move is made.") if self.move else "",
            tr("What is on the map is not equally likely: the corners are rare."),
        ]
        return " ".join(filter(None, axes)), f"{self._solved()} {self._traced()}", *([AS_OF_NOW] * self.as_of_now)

    def _solved(self) -> str:
        if self.converged.all():
            return tr("{how_sure}: every point converged.", how_sure=HOW_SURE)
        return tr("{how_sure}: some points did not converge and are left out.", how_sure=HOW_SURE)

    def _traced(self) -> str:
        if not self.followed.elsewhere:
            if self.followed.crossed:  # the answer says of how many
                return tr("To check, {points} points were traced from play at random.", points=self.traced)
            return tr(
                "To check, {points} points were traced from play at random, all on the principal branch.",
                points=self.traced,
            )
        return trn(
            "To check, {points} points were traced from play at random, {count} of them off the principal branch.",
            "To check, {points} points were traced from play at random, {count} of them off the principal branch.",
            self.followed.elsewhere,
            points=self.traced,
        )

    @property
    def sketch(self) -> tuple[str, ...]:
        """The map in characters, with its key."""
        names = tuple(self.named(number) for number in range(len(self.subject.alternatives)))
        letters = self.subject.focus is None and len(np.unique(self.leader[self.leader != NONE])) > 1
        return sketched(
            (self.x.label, self.x.values, self.x.reference),
            (self.y.label, self.y.values, self.y.reference),
            self.shown,
            self.converged,
            (self.leader, names) if letters else None,
            self.level,
        )

    def __repr__(self) -> str:
        lines = [self.title, *(f"  {sentence}" for sentence in self.answer), "", *self.sketch, "", *self.notes]
        return printable("\n".join(lines))

    def _repr_html_(self) -> str:
        from html import escape

        sentences = "".join(f"<p>{escape(sentence)}</p>" for sentence in self.answer)
        return printable(f"<p><b>{escape(self.title)}</b></p>{sentences}<pre>{escape(chr(10).join(self.sketch))}</pre>")
