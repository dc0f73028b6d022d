"""Sensitivity analysis in sentences and tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from offramp.common.numerals import bound, deviation, in_unit, percent, quantity, span
from offramp.common.words import listed
from offramp.crisis.inputs import idle_correlations
from offramp.crisis.model import Crisis
from offramp.crisis.names import Names, capital, names_of
from offramp.crisis.parts import Measure
from offramp.runs.weighted import Interval
from offramp.study.basis import DRAWS_AS_OF_NOW, of_run
from offramp.study.finding import Column, Finding, Table
from offramp.study.sensitivity.likeliest_tables import (
    leads_table,
    limits_table,
    on_the_likeliest,
    regions_table,
    tips_table,
)
from offramp.study.sensitivity.results import NO_SOURCE, Dominance, Group, Tipped, Weight

LIGHT = 0.02
"""Inputs with a smaller share of an ending's variance are left out of its tables."""
HEAVIEST = 3
MOST_CITES = 3
"""Maximum number of cites that a sentence names; the others are counted."""


@dataclass(frozen=True, repr=False, eq=False)
class Weights(Finding):
    """Which assumptions carry the endings, or a measure.

    `weighed`: how many converged draws are used for everything but `endings`; `variances`: of the endings that vary;
    `missed`: the share of an ending's variance that its surrogate misses; `weights`: by ending, heaviest input first;
    `tipped`: for each input, nearest to a change first. `moment`: as of when, in words; empty from the outset.
    `by_weight`: whether the draws used were taken by weight. `measure`: what is weighed in place of the endings; all
    that is by ending then has its key, and nothing is said of what is likeliest.
    """

    crisis: Crisis
    draws: int
    converged: int
    weighed: int
    endings: Mapping[str, Interval]
    variances: Mapping[str, float]
    missed: Mapping[str, float]
    weights: tuple[Weight, ...]
    groups: tuple[Group, ...]
    tipped: tuple[Tipped, ...]
    likeliest: str
    dominance: tuple[Dominance, ...]
    moment: str = ""
    by_weight: bool = False
    measure: Measure | None = None

    @property
    def in_doubt(self) -> str | None:
        """The ending whose probability varies most over the draws."""
        return max(self.variances, key=self.variances.__getitem__, default=None)

    @cached_property
    def carried(self) -> dict[str, float]:
        """For each input its share of the variance of all endings together, heaviest first (Gamboa, Janon, Klein &
        Lagnoux 2014: shares of several quantities, by their variances).
        """
        whole = sum(self.variances.values())
        shares: dict[str, float] = {}
        for weight in self.weights:
            part = weight.larger * self.variances[weight.ending] / whole
            shares[weight.input] = shares.get(weight.input, 0.0) + part
        return dict(sorted(shares.items(), key=lambda item: -item[1]))

    @property
    def heaviest(self) -> tuple[str, ...]:
        """The names of the three heaviest inputs."""
        return tuple(name for name, share in self.carried.items() if share >= LIGHT)[:HEAVIEST]

    @cached_property
    def names(self) -> Names:
        """The names of the crisis's parts."""
        return names_of(self.crisis)

    @property
    def _likeliest(self) -> str:
        return self.names.ending(self.likeliest)

    def called(self, key: str) -> str:
        """The name of an ending, or of the measure."""
        return self.names.endings[key] if self.measure is None else self.names.measures[key]

    def _level(self, *values: float) -> str:
        """A level of what is weighed, or its range: a probability or an amount."""
        low, high = min(values), max(values)
        if self.measure is None:
            return span(low, high)
        least, most = (in_unit(value, self.measure.unit) for value in (low, high))
        return most if least == most else f"{quantity(low)} to {most}"

    def _of_level(self, name: str, heading: str) -> Column:
        return Column(name, heading, "share" if self.measure is None else "number")

    @property
    def _variance(self) -> str:
        """Whose variance is shared out, in a caption."""
        return "an ending's variance" if self.measure is None else f"the variance of {self.called(self.measure.key)}"

    def weights_of(self, ending: str) -> list[Weight]:
        """The weights of an ending, heaviest first."""
        return [weight for weight in self.weights if weight.ending == ending]

    @property
    def title(self) -> str:
        carried = "the endings" if self.measure is None else self.called(self.measure.key)
        return f"{self.crisis.title}: which assumptions carry {carried}?"

    @property
    def basis(self) -> str:
        return self.moment + of_run(self.draws, self.draws, self.names.pulled)

    @property
    def answer(self) -> tuple[str, ...]:
        if not self.variances:
            return (*self._still(), *self._left_out())
        return (
            *(self._heavy(name) for name in self.heaviest),
            *self._passages(),
            *self._tipping(),
            *(self._region(one) for one in self.dominance),
            *self._still(),
            *self._left_out(),
        )

    def _heavy(self, name: str) -> str:
        entry = self.crisis.inputs[name]
        most = max((w for w in self.weights if w.input == name), key=lambda w: w.larger * self.variances[w.ending])
        whole = "the endings together" if len(self.variances) > 1 else self.called(most.ending)
        together = f"of the variance of {whole}"
        most_in = (
            f", and {percent(most.larger)} of that of {self.names.endings[most.ending]}"
            if len(self.variances) > 1
            else ""
        )
        reason = f" Its reason: {entry.reason.because.rstrip('.')}." if entry.reason.because else " No reason is given."
        cites = entry.reason.cites
        source = (
            f" Source{'s' * (len(cites) > 1)}: {listed(map(self.names.cite, cites), MOST_CITES)}."
            if cites
            else " It cites no source."
        )
        if entry.recorded:
            source = ""
            reason = reason if entry.reason.because else " It is a coefficient that no fit has estimated yet."
        carries = f"{capital(entry.name)} carries {percent(self.carried[name])} {together}{most_in}"
        return f"{carries}: {self._way(most)}.{reason}{source}"

    def _passages(self) -> list[str]:
        """Sentences on what depends on each passage, for the ending that it moves most, heaviest passage first."""
        widest: dict[str, Group] = {}
        for group in sorted(self.groups, key=lambda group: group.low - group.high):
            if group.share.value >= LIGHT:
                widest.setdefault(group.rests_on, group)
        ours = widest.pop(NO_SOURCE, None)
        alike: dict[tuple[str, ...], list[Group]] = {}
        for group in widest.values():
            if group.rests_on not in self.crisis.sources:
                alike.setdefault(group.inputs, []).append(group)
        passages = list(alike.values())[:HEAVIEST]
        return [self._if_wrong(*groups) for groups in passages] + ([self._if_wrong(ours)] if ours else [])

    def _if_wrong(self, group: Group, *others: Group) -> str:
        """What depends on a passage; `others`: the passages on which the same inputs rest."""
        passages = listed((self.names.cite(one.rests_on) for one in (group, *others)), MOST_CITES, last="or")
        overall, one = self.endings[group.ending], len(group.inputs) == 1
        numbers = "one number that rests" if one else f"{len(group.inputs)} numbers that rest"
        lead, on = (
            ("What no source backs", "none") if group.rests_on == NO_SOURCE else (f"If {passages} is wrong", "it")
        )
        return (
            f"{lead}: as the {numbers} on {on} {'varies' if one else 'vary'}, {self.called(group.ending)} is "
            f"{self._level(group.low, group.high)}{' likely' if self.measure is None else ''} in nine draws out of "
            f"ten; as all vary, {self._level(overall.p05, overall.p95)}."
        )

    def _tipping(self) -> list[str]:
        if not self.tipped:
            return []
        sentences = [
            f"{capital(self.names.endings[before])} is the likeliest ending on average while "
            f"{self.names.inputs[one.input]} is below {quantity(value.p50)} ({quantity(value.p05)} to "
            f"{quantity(value.p95)}), {self.names.endings[after]} above."
            for one in self.tipped
            for before, after, value in one.changes
        ]
        if sentences:
            return sentences
        nearest = self.tipped[0]
        none = "No single input, anywhere between its 1% and 99% quantiles, "
        if nearest.lead <= 0.0:
            return [
                f"{none}surely makes another ending than {self._likeliest} the likeliest on average; "
                f"{self.names.inputs[nearest.input]} may: at {quantity(nearest.at)} the draws do not decide between it "
                f"and {self.names.endings[nearest.rival]}."
            ]
        return [
            f"{none}makes another ending than {self._likeliest} the likeliest on average; "
            f"{self.names.inputs[nearest.input]} comes nearest: at {quantity(nearest.at)} the lead over "
            f"{self.names.endings[nearest.rival]} is {deviation(nearest.lead)} points."
        ]

    def _way(self, weight: Weight) -> str:
        """Which way an input moves an ending, in words."""
        ending, low, high = self.called(weight.ending), self._level(weight.at_low), self._level(weight.at_high)
        if weight.direction == "no trend":
            return f"alone it moves {ending} neither up nor down, only together with others"
        if weight.direction in ("up", "down"):
            up, down = ("likelier", "less likely") if self.measure is None else ("higher", "lower")
            way = up if weight.direction == "up" else down
            return f"the higher it is, the {way} is {ending} ({low} at its 10% quantile, {high} at its 90%)"
        return f"as it grows, {ending} goes {weight.direction} ({low} at its 10% quantile, {high} at its 90%)"

    def _region(self, one: Dominance) -> str:
        name = capital(self.names.endings[one.ending])
        what = f"{name} is the likeliest ending" if one.above is None else f"{name} is above {bound(one.above)}"
        if not one.limits:
            return f"{what} in {percent(one.everywhere)} of the draws; no region of the inputs sets them apart."
        return (
            f"{what} mostly where {one.where(self.names.inputs)}: in {percent(one.density)} of the draws there, "
            f"against {percent(one.everywhere)} everywhere; {percent(one.coverage)} of all such draws lie there."
        )

    def _still(self) -> list[str]:
        if not self.crisis.effective_inputs:
            of = "With these levers pulled no input" if self.crisis.uncertain else "No input of this crisis"
            return [f"{of} is uncertain, so there is nothing to weigh."]
        still = [name for name in self.endings if name not in self.variances]
        return [
            f"{capital(self.called(name))} is {self._level(self.endings[name].mean)}"
            f"{' likely' if self.measure is None else ''} in every draw: no input moves it."
            for name in still
        ]

    def _left_out(self) -> list[str]:
        left = self.draws - self.converged
        return (
            [f"{left:,} of {self.draws:,} draws did not converge; they are left out of every number."] if left else []
        )

    @property
    def tables(self) -> tuple[Table, ...]:
        by_ending = self._weights(), self._directions(), self._groups()
        if self.measure is not None:  # the captions name it, so no column does
            return tuple(
                replace(table, columns=table.columns[1:], rows=tuple(row[1:] for row in table.rows))
                for table in by_ending
            )
        return (
            *by_ending,
            tips_table(self.tipped, self.names),
            leads_table(self.tipped, self.likeliest, self.names),
            regions_table(self.dominance, self.names),
            limits_table(self.dominance, self.names),
        )

    def _heavy_enough(self) -> list[Weight]:
        return [weight for weight in self.weights if weight.larger >= LIGHT]

    def _weights(self) -> Table:
        columns = (
            Column("ending", "ending", names=self.names.endings),
            Column("input", "input", names=self.names.inputs),
            Column("first", "alone", "share"),
            Column("first_low", "from", "share"),
            Column("first_high", "to", "share"),
            Column("total", "total", "share"),
            Column("total_low", "from", "share"),
            Column("total_high", "to", "share"),
        )
        rows = tuple(
            (w.ending, w.input, w.first.value, w.first.low, w.first.high, w.total.value, w.total.low, w.total.high)
            for w in self._heavy_enough()
        )
        return Table("weights", f"Share of {self._variance} by input, with 95 % intervals", columns, rows)

    def _directions(self) -> Table:
        columns = (
            Column("ending", "ending", names=self.names.endings),
            Column("input", "input", names=self.names.inputs),
            Column("direction", "as it grows"),
            self._of_level("at_low", "at its 10 %"),
            self._of_level("at_high", "at its 90 %"),
        )
        rows = tuple((w.ending, w.input, w.direction, w.at_low, w.at_high) for w in self._heavy_enough())
        return Table(
            "directions",
            f"Which way an input moves {'an ending' if self.measure is None else 'it'}, on average over all others",
            columns,
            rows,
        )

    def _groups(self) -> Table:
        columns = (
            Column("ending", "ending", names=self.names.endings),
            Column("rests_on", "rests on", names=self.names.cites),
            Column("inputs", "inputs", "count"),
            Column("share", "share", "share"),
            Column("share_low", "from", "share"),
            Column("share_high", "to", "share"),
            self._of_level("p05", "its 5 %"),
            self._of_level("p95", "95 %"),
        )
        rows = tuple(
            (g.ending, g.rests_on, len(g.inputs), g.share.value, g.share.low, g.share.high, g.low, g.high)
            for g in self.groups
        )
        return Table("groups", f"Share of {self._variance} by what the inputs rest on, and its range", columns, rows)

    @property
    def notes(self) -> tuple[str, ...]:
        inputs = self.names.inputs
        idle = [
            f"The correlation of {inputs[pair.first]} and {inputs[pair.second]} has no effect: one of them is fixed."
            for pair in idle_correlations(self.crisis)
        ]
        if not self.variances:
            return tuple(idle)
        worst = max(self.missed, key=self.missed.__getitem__)
        others = ", of the others less" if len(self.missed) > 1 else ""
        light = f"Inputs that carry less than {LIGHT:.0%} of {self._variance} are left out of its rows."
        notes = [
            "Alone: the share of the variance that would go if the input were known, with what it tells about inputs "
            "that it is correlated with (full first-order). Total: the share that would stay if all others were known "
            "(independent total; Kucherenko and others 2012). What an input carries is the larger of the two: total is "
            "above alone if it acts together with others, alone above total if it is correlated with them. " + light,
            f"Totals come from a polynomial that stands for the model; of {self.called(worst)} it misses "
            f"{percent(self.missed[worst])} of the variance{others}. That could belong to any input, so it is added to "
            "the upper ends.",
            "A passage's range covers the inputs that cite it: how wide they are is an assumption too, and moves, "
            "payoffs or beliefs that cite it are not varied.",
            *(() if self.measure is not None else on_the_likeliest(self._likeliest)),
        ]
        if self.by_weight:
            notes.append(
                f"{DRAWS_AS_OF_NOW} All but the endings' probabilities is from {self.weighed:,} draws taken by weight, "
                "as many as the run's are worth (stratified resampling with a fixed seed). Quantiles, tenths and "
                "limits are those of the inputs given what is known. That also makes inputs depend on each other; only "
                "correlations are taken into account."
            )
        elif self.weighed < self.converged:
            notes.append(
                f"The endings' probabilities are over all {self.converged:,} draws that converged, everything else is "
                f"from the first {self.weighed:,} of them."
            )
        if self.crisis.pulled:
            replaced = [name for name in self.crisis.uncertain if name not in self.crisis.effective_inputs]
            gone = (
                f" Replaced by a lever, so left out: {listed((self.names.inputs[key] for key in replaced), 20)}."
                if replaced
                else ""
            )
            notes.append(f"Inputs are as they were before the pulled levers changed them.{gone}")
        return (*notes, *idle)
