"""Sensitivity analysis in sentences and tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from offramp.common.numerals import in_unit, percent, quantity, span
from offramp.common.texts import tr, trn
from offramp.common.words import listed
from offramp.crisis.inputs import idle_correlations
from offramp.crisis.model import Crisis
from offramp.crisis.names import Names, capital, names_of
from offramp.crisis.parts import Measure
from offramp.runs.weighted import Interval
from offramp.study.basis import DRAWS_AS_OF_NOW, of_run
from offramp.study.compared_solutions import NOTHING_COMPARED, ComparedSolutions
from offramp.study.finding import Finding, Table
from offramp.study.sensitivity.likeliest_sentences import region_sentence, tipping_sentences
from offramp.study.sensitivity.likeliest_tables import (
    leads_table,
    limits_table,
    on_the_likeliest,
    regions_table,
    tips_table,
)
from offramp.study.sensitivity.results import NO_SOURCE, Dominance, Group, Tipped, Weight
from offramp.study.sensitivity.weights_tables import directions_table, groups_table, on_the_weights, weights_table
from offramp.study.standing import left_out_of_numbers

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
    untold: bool = False
    """Whether the draws are too few to tell a share of `LIGHT` or more from chance."""
    followed: ComparedSolutions = NOTHING_COMPARED
    """What comparing the draws used with their principal branch showed."""

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
        return most if least == most else tr("{low} to {high}", low=quantity(low), high=most)

    def weights_of(self, ending: str) -> list[Weight]:
        """The weights of an ending, heaviest first."""
        return [weight for weight in self.weights if weight.ending == ending]

    @property
    def title(self) -> str:
        if self.measure is None:
            return tr("{crisis}: which assumptions carry the endings?", crisis=self.crisis.title)
        return tr(
            "{crisis}: which assumptions carry {measure}?",
            crisis=self.crisis.title,
            measure=self.called(self.measure.key),
        )

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
            *tipping_sentences(self.tipped, self.likeliest, self.names),
            *(region_sentence(one, self.names) for one in self.dominance),
            *self.followed.said("inputs"),
            *self._untold(),
            *self._still(),
            *self._left_out(),
        )

    def _untold(self) -> list[str]:
        if not self.untold:
            return []
        return [
            trn(
                "{count} draw is too few to tell what every input carries: what could be chance counts as nothing; "
                "more draws may show more.",
                "{count} draws are too few to tell what every input carries: what could be chance counts as nothing; "
                "more draws may show more.",
                self.weighed,
            )
        ]

    def _heavy(self, name: str) -> str:
        """What an input carries, which way it moves the ending it moves most, its reason and its sources."""
        entry = self.crisis.inputs[name]
        most = max((w for w in self.weights if w.input == name), key=lambda w: w.larger * self.variances[w.ending])
        sentences = [self._carries(capital(entry.name), percent(self.carried[name]), most)]
        if entry.reason.because:
            sentences.append(tr("Its reason: {reason}.", reason=entry.reason.because.rstrip(".")))
        elif entry.recorded:
            sentences.append(tr("It is a coefficient that no fit has estimated yet."))
        else:
            sentences.append(tr("No reason is given."))
        if not entry.recorded:
            sentences.append(self._sources(entry.reason.cites))
        return " ".join(sentences)

    def _carries(self, name: str, share: str, most: Weight) -> str:
        if len(self.variances) > 1:
            return tr(
                "{input} carries {share} of the variance of the endings together, and {most} of that of {ending}: "
                "{way}.",
                input=name,
                share=share,
                most=percent(most.larger),
                ending=self.names.endings[most.ending],
                way=self._way(most),
            )
        return tr(
            "{input} carries {share} of the variance of {ending}: {way}.",
            input=name,
            share=share,
            ending=self.called(most.ending),
            way=self._way(most),
        )

    def _sources(self, cites: Sequence[str]) -> str:
        if not cites:
            return tr("It cites no source.")
        sources = listed(map(self.names.cite, cites), MOST_CITES)
        return trn("Source: {sources}.", "Sources: {sources}.", len(cites), sources=sources)

    def _way(self, weight: Weight) -> str:
        """Which way an input moves an ending, in words."""
        place = {
            "ending": self.called(weight.ending),
            "low": self._level(weight.at_low),
            "high": self._level(weight.at_high),
        }
        match weight.direction:
            case "up" if self.measure is None:
                return tr(
                    "the higher it is, the likelier is {ending} ({low} at its 10% quantile, {high} at its 90%)", **place
                )
            case "up":
                return tr(
                    "the higher it is, the higher is {ending} ({low} at its 10% quantile, {high} at its 90%)", **place
                )
            case "down" if self.measure is None:
                return tr(
                    "the higher it is, the less likely is {ending} ({low} at its 10% quantile, {high} at its 90%)",
                    **place,
                )
            case "down":
                return tr(
                    "the higher it is, the lower is {ending} ({low} at its 10% quantile, {high} at its 90%)", **place
                )
            case "rises, then falls":
                return tr(
                    "as it grows, {ending} rises, then falls ({low} at its 10% quantile, {high} at its 90%)", **place
                )
            case "falls, then rises":
                return tr(
                    "as it grows, {ending} falls, then rises ({low} at its 10% quantile, {high} at its 90%)", **place
                )
            case "to and fro":
                return tr(
                    "as it grows, {ending} goes to and fro ({low} at its 10% quantile, {high} at its 90%)", **place
                )
            case "no trend":
                return tr("alone it moves {ending} neither up nor down, only together with others", **place)

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
        overall = self.endings[group.ending]
        values = {
            "ending": self.called(group.ending),
            "level": self._level(group.low, group.high),
            "all": self._level(overall.p05, overall.p95),
        }
        if self.measure is None:
            then = tr("{ending} is {level} likely in nine draws out of ten; as all vary, {all}", **values)
        else:
            then = tr("{ending} is {level} in nine draws out of ten; as all vary, {all}", **values)
        if group.rests_on == NO_SOURCE:
            return trn(
                "What no source backs: as the one number that rests on none varies, {then}.",
                "What no source backs: as the {count} numbers that rest on none vary, {then}.",
                len(group.inputs),
                then=then,
            )
        return trn(
            "If {passages} is wrong: as the one number that rests on it varies, {then}.",
            "If {passages} is wrong: as the {count} numbers that rest on it vary, {then}.",
            len(group.inputs),
            passages=listed((self.names.cite(one.rests_on) for one in (group, *others)), MOST_CITES, last="or"),
            then=then,
        )

    def _still(self) -> list[str]:
        if not self.crisis.effective_inputs:
            if self.crisis.uncertain:
                return [tr("With these levers pulled no input is uncertain, so there is nothing to weigh.")]
            return [
                tr(
                    "No input of this crisis is uncertain, so there is nothing to weigh. Give those that nobody knows "
                    "a distribution, as in {example}.",
                    example="`is: triangular(LOW, LIKELIEST, HIGH)`",
                )
            ]
        return [self._stays(name) for name in self.endings if name not in self.variances]

    def _stays(self, name: str) -> str:
        level = self._level(self.endings[name].mean)
        if self.measure is None:
            return tr(
                "{ending} is {level} likely in every draw: no input moves it.",
                ending=capital(self.called(name)),
                level=level,
            )
        return tr(
            "{measure} is {level} in every draw: no input moves it.", measure=capital(self.called(name)), level=level
        )

    def _left_out(self) -> list[str]:
        left = self.draws - self.converged
        return [left_out_of_numbers(left, self.draws)] if left else []

    @property
    def tables(self) -> tuple[Table, ...]:
        measure = None if self.measure is None else self.called(self.measure.key)
        heavy = [weight for weight in self.weights if weight.larger >= LIGHT]
        by_ending = (
            weights_table(heavy, self.names, measure),
            directions_table(heavy, self.names, measure),
            groups_table(self.groups, self.names, measure),
        )
        if measure is not None:  # the captions name it, so no column does
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

    @property
    def notes(self) -> tuple[str, ...]:
        inputs = self.names.inputs
        idle = [
            tr(
                "The correlation of {first} and {second} has no effect: one of them is fixed.",
                first=inputs[pair.first],
                second=inputs[pair.second],
            )
            for pair in idle_correlations(self.crisis)
        ]
        if not self.variances:
            return tuple(idle)
        notes = [
            *on_the_weights(
                f"{LIGHT:.0%}",
                {self.called(name): missed for name, missed in self.missed.items()},
                None if self.measure is None else self.called(self.measure.key),
            ),
            *(() if self.measure is not None else on_the_likeliest(self._likeliest)),
        ]
        if self.by_weight:
            of_draws = tr(
                "All but the endings' probabilities is from {draws} draws taken by weight, as many as the run's are "
                "worth (stratified resampling with a fixed seed). Quantiles, tenths and limits are those of the inputs "
                "given what is known. That also makes inputs depend on each other; only correlations are taken into "
                "account.",
                draws=f"{self.weighed:,}",
            )
            notes.append(f"{DRAWS_AS_OF_NOW} {of_draws}")
        elif self.weighed < self.converged:
            notes.append(
                tr(
                    "The endings' probabilities are over all {converged} draws that converged, everything else is from "
                    "the first {weighed} of them.",
                    converged=f"{self.converged:,}",
                    weighed=f"{self.weighed:,}",
                )
            )
        if self.crisis.pulled:
            notes.append(self._before_levers())
        return (*notes, *idle)

    def _before_levers(self) -> str:
        before = tr("Inputs are as they were before the pulled levers changed them.")
        replaced = [name for name in self.crisis.uncertain if name not in self.crisis.effective_inputs]
        if not replaced:
            return before
        names = listed((self.names.inputs[key] for key in replaced), 20)
        left_out = tr("Replaced by a lever, so left out: {inputs}.", inputs=names)
        return f"{before} {left_out}"
