"""What opens a way out, in sentences and tables: every lever and every pair of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from offramp.common.numerals import change, percent
from offramp.common.texts import tr, trn
from offramp.common.words import listed
from offramp.crisis.names import NO_LEVER, Names, capital
from offramp.crisis.parts import Measure
from offramp.study.basis import DRAWS_AS_OF_NOW, levels_of_run, of_draws
from offramp.study.compared_solutions import NOTHING_COMPARED, ComparedSolutions
from offramp.study.finding import Column, Finding, Table, Value, finite
from offramp.study.goal import Goal
from offramp.study.impossible_levers import ImpossibleLevers, left_out_sentences, left_out_table
from offramp.study.interventions.changes import Change, LeverSet
from offramp.study.interventions.lever_costs import cheapest, lowering_for_cost, lowers
from offramp.study.interventions.ranking import (
    Against,
    dominated_table,
    levers_dominated,
    pairs_in_vain,
    pairs_table,
)
from offramp.study.standing import NO_NUMBERS


@dataclass(frozen=True, repr=False)
class Levers(Finding):
    """What each lever and each pair of levers changes; single levers first, those that lower the ending most first.

    `of`: the number of draws of the run, if the levers are compared on the first `draws` of one and the levels start
    from its means. `ending`: the key of the ending to avoid, or of the sum of several, which tables have beside the
    endings. `before`: for each ending its mean probability without a lever. `left_out`: how many draws, summed over
    the sets, did not converge with the set or without. `past_only`: possible levers that change nothing ahead;
    `moment`: as of when, in words; else empty.
    `idle`: levers that only repeat what the pulled ones do. `no_option`: sets that leave a move no option or
    contradict each other; `impossible`: sets that make odds or payoffs of some draw impossible.
    `own_stakes`: levers that set inputs named by payoffs.
    `halves`: each pair against the better of its levers; `dominated`: the sets that cost more than another and
    are not shown to do better. `followed`: what comparing solutions with their principal branch showed.
    """

    crisis: str
    names: Names
    ending: str
    goal: Goal
    below: float | None
    of: int | None
    draws: int
    seed: int
    before: Mapping[str, float]
    sets: tuple[LeverSet, ...]
    left_out: int
    no_option: tuple[tuple[str, ...], ...]
    impossible: tuple[ImpossibleLevers, ...]
    past_only: tuple[str, ...]
    idle: tuple[str, ...]
    moment: str
    as_of_now: bool
    """Whether the crisis is taken after its outset; the `moment` of a draft is never empty."""
    own_stakes: tuple[str, ...]
    halves: Mapping[tuple[str, ...], Against]
    dominated: Mapping[tuple[str, ...], Against]
    measures: tuple[Measure, ...] = ()
    followed: ComparedSolutions = NOTHING_COMPARED

    @property
    def labels(self) -> dict[str, str]:
        """The sets of levers in names, by their keys in data."""
        return {lever_set.label: self.name(lever_set) for lever_set in self.sets} | {NO_LEVER: tr("no lever")}

    def name(self, lever_set: LeverSet) -> str:
        """A set of levers in a sentence."""
        return self.names.lever_set(lever_set.levers)

    @property
    def singles(self) -> tuple[LeverSet, ...]:
        return tuple(lever_set for lever_set in self.sets if len(lever_set.levers) == 1)

    @property
    def pairs(self) -> tuple[LeverSet, ...]:
        return tuple(lever_set for lever_set in self.sets if len(lever_set.levers) == 2)

    @property
    def reaching(self) -> tuple[LeverSet, ...]:
        """The sets that bring the ending below the requested probability, cheapest first."""
        if self.below is None:
            return ()
        enough = [lever_set for lever_set in self.sets if lever_set.after[self.ending] < self.below]
        return tuple(sorted(enough, key=lambda lever_set: (lever_set.counted_cost, lever_set.after[self.ending])))

    @property
    def adding(self) -> tuple[LeverSet, ...]:
        """The pairs that do better than either of their levers alone."""
        return tuple(pair for pair in self.pairs if self.halves[pair.levers].verdict == "better")

    @property
    def on_best_lever(self) -> str:
        """Sentences on the lever that lowers the ending most, and on single levers left out; empty if there is none."""
        best = [self._best(self.singles)] if any(lever_set.draws for lever_set in self.singles) else []
        return " ".join([*best, *(one.told(self.names) for one in self.impossible if len(one.levers) == 1)])

    @property
    def title(self) -> str:
        return tr("{crisis}: what opens a way out?", crisis=self.crisis)

    @property
    def basis(self) -> str:
        if self.of is None:
            return self.moment + of_draws(self.draws, self.seed, self.names.pulled)
        return self.moment + levels_of_run(self.draws, self.of, self.names.pulled)

    @property
    def answer(self) -> tuple[str, ...]:
        word = self.goal.name
        left_out = left_out_sentences(self.impossible, self.names)
        if not any(lever_set.draws for lever_set in self.sets):
            return (*([NO_NUMBERS] if self.sets or not self.impossible else []), *left_out)
        level = percent(self.before[self.ending])
        if len(self.goal.names) == 1:
            before = tr("Without a lever it has {level}.", level=level)
        else:
            before = tr("Without a lever they have {level} together.", level=level)
        sentences = [f"{self.goal.stated} {before}"]
        if self.singles:
            sentences += [self._best(self.singles), *self._besides(self.singles[0])]
        if self.pairs:
            sentences += [self._best_pair(), *pairs_in_vain(self.halves, word, self.names)]
        sentences += lowering_for_cost(self.singles, self.adding, self.ending, self.before[self.ending], self.names)
        sentences += levers_dominated(self.dominated, self.singles, self.names)
        if self.below is not None:
            sentences += self._below(self.below)
        sentences += left_out
        sentences += self.followed.said("levers")
        if self.past_only:
            named = capital(self.names.lever_set(self.past_only))
            sentences.append(
                trn(
                    "{levers} changes nothing that is still ahead.",
                    "{levers} change nothing that is still ahead.",
                    len(self.past_only),
                    levers=named,
                )
            )
        if self.idle:
            named = capital(self.names.lever_set(self.idle))
            sentences.append(
                trn(
                    "{levers} changes nothing: what it does, the levers pulled already do.",
                    "{levers} change nothing: what they do, the levers pulled already do.",
                    len(self.idle),
                    levers=named,
                )
            )
        if self.left_out:
            sentences.append(
                tr(
                    "In {left_out} of {all} comparisons a draw did not converge; they are left out of every number.",
                    left_out=f"{self.left_out:,}",
                    all=f"{self.draws * len(self.sets):,}",
                )
            )
        return tuple(sentences)

    def _best(self, sets: tuple[LeverSet, ...]) -> str:
        """Sentences on the first of the sets, which are single levers, or pairs."""
        best, word = sets[0], self.goal.name
        moved, level = best.endings[self.ending], percent(best.after[self.ending])
        is_pair = len(best.levers) == 2
        if not self._lowers(best):
            return self._no_pair() if is_pair else tr("No lever makes {ending} less likely on average.", ending=word)
        by = change(self.before[self.ending], moved.mean, moved.low, moved.high)
        if moved.high >= 0.0:
            by = tr("{change}; that could be chance: use more draws", change=by)
        values = {"ending": word, "levers": self.name(best), "level": level, "change": by}
        if is_pair:
            most = tr(
                "The pair of levers that lowers {ending} most is {levers}: to {level} on average ({change}).", **values
            )
        else:
            most = tr("The lever that lowers {ending} most is {levers}: to {level} on average ({change}).", **values)
        helps = percent(best.helps)
        return f"{most} {tr('It makes {ending} less likely in {share} of the draws.', ending=word, share=helps)}"

    def _no_pair(self) -> str:
        return tr("No pair of levers makes {ending} less likely on average.", ending=self.goal.name)

    def _best_pair(self) -> str:
        """A sentence on the pair that lowers the ending most and does better than either of its levers alone."""
        word, alone = self.goal.name, self.singles[0] if self.singles else None
        least = 0.0 if alone is None else min(self._mean(alone), 0.0)
        if self.adding and self._mean(self.adding[0]) < least:
            return self._best(self.adding)
        if alone is None or not self._lowers(alone):
            return self._no_pair()
        if all(half.verdict == "not told apart" for half in self.halves.values()):
            return trn(
                "{count} draw is too few to tell a pair from a single lever: use more draws.",
                "{count} draws are too few to tell a pair from a single lever: use more draws.",
                self.draws,
            )
        return tr(
            "No pair of levers lowers {ending} more than {lever} alone, beyond the error of the draws.",
            ending=word,
            lever=self.name(alone),
        )

    def _besides(self, best: LeverSet) -> list[str]:
        """Sentences on what a helpful lever does to the other endings and to the actors' payoffs."""
        if not self._lowers(best):
            return []
        others = [(name, change) for name, change in best.endings.items() if name != self.ending]
        moved = [
            tr("{ending} by {points}", ending=self.names.ending(name), points=change.points)
            for name, change in others
            if change.points.strip("0.")
        ]
        sums = [(self.names.actors[actor], change.mean) for actor, change in best.actors.items()]
        gain = [f"{name} {value:.2f}" for name, value in sums if value >= 0.005]
        loss = [f"{name} {-value:.2f}" for name, value in sums if value <= -0.005]
        sentences = [tr("It also changes {endings} points.", endings=listed(moved, 20))] if moved else []
        brings, costs = listed(gain, 20), listed(loss, 20)
        if brings and costs:
            sentences.append(tr("In expected payoff it brings {gain} and costs {loss}.", gain=brings, loss=costs))
        elif brings:
            sentences.append(tr("In expected payoff it brings {gain}.", gain=brings))
        elif costs:
            sentences.append(tr("In expected payoff it costs {loss}.", loss=costs))
        return sentences

    def _mean(self, lever_set: LeverSet) -> float:
        return lever_set.endings[self.ending].mean

    def _lowers(self, lever_set: LeverSet) -> bool:
        return lowers(lever_set, self.ending, self.before[self.ending])

    def _below(self, limit: float) -> Iterator[str]:
        """Sentences on what brings the ending below a requested probability."""
        shown, level = f"{100.0 * limit:g}%", self.before[self.ending]
        if level < limit:
            yield trn(
                "{ending} is below {limit} without any lever.",
                "{ending} are below {limit} without any lever.",
                len(self.goal.names),
                ending=capital(self.goal.name),
                limit=shown,
            )
        elif self.reaching:
            yield from cheapest(self.reaching, self.ending, limit, self.goal.name, self.draws, self.names)
        else:
            lowest = min(self.sets, key=lambda lever_set: lever_set.after[self.ending])
            yield tr(
                "No lever or pair brings {ending} below {limit}; {levers} comes nearest, with {level}.",
                ending=self.goal.name,
                limit=shown,
                levers=self.name(lowest),
                level=percent(lowest.after[self.ending]),
            )

    @property
    def tables(self) -> tuple[Table, ...]:
        word = self.goal.name
        label = Column("levers", tr("levers"), names=self.labels)
        level, cost = Column("after", tr("after"), "share"), Column("cost", tr("cost"), "amount")
        change = Column("change", tr("change"), "points")
        low, high = Column("low", tr("from"), "points", of="change"), Column("high", tr("to"), "points", of="change")
        spread = (
            Column("p05", "5 %", "points"),
            Column("p95", "95 %", "points"),
            Column("helps", tr("helps"), "share"),
            Column("regret", tr("regret"), "points"),
            Column("regret_p95", "95 %", "points"),
        )
        per_cost = Column("per_cost", tr("/cost"), "points")
        main = [(f, f.endings[self.ending]) for f in self.sets]
        others = [
            (f, name, c) for name in self.before if name != self.ending for f in self.sets for c in [f.endings[name]]
        ]
        return (
            Table(
                "levers",
                tr("{ending} under each lever and pair, change in percentage points", ending=capital(word)),
                (label, cost, level, change, low, high, per_cost),
                tuple(
                    (f.label, f.cost, f.after[self.ending], c.mean, c.low, c.high, f.per_cost(c.mean)) for f, c in main
                ),
            ),
            pairs_table(self.halves, self.pairs, word, self.labels),
            dominated_table(self.dominated, self.sets, word, self.labels),
            Table(
                "spread",
                tr("Over the draws: change of {ending}, how often it helps, and regret", ending=word),
                (label, *spread),
                tuple((f.label, c.p05, c.p95, f.helps, f.regret, f.regret_p95) for f, c in main),
            ),
            self._payoffs("actors", tr("Change of each actor's expected payoff"), lambda lever_set: lever_set.actors),
            self._payoffs(
                "own_eyes",
                tr("The same in the eyes of actors with odds of their own"),
                lambda lever_set: lever_set.own_eyes,
            ),
            *self._measures(),
            Table(
                "endings",
                tr("The other endings under each lever and pair, change in percentage points"),
                (Column("ending", tr("ending"), names=self.names.endings), label, level, change, low, high),
                tuple((name, f.label, f.after[name], c.mean, c.low, c.high) for f, name, c in others),
            ),
            *left_out_table(self.impossible, self.names),
        )

    def _measures(self) -> tuple[Table, ...]:
        """The change of each measure, if the crisis has any."""
        if not self.measures:
            return ()
        columns = (
            Column("measure", tr("measure"), names=self.names.measures),
            Column("levers", tr("levers"), names=self.labels),
            Column("change", tr("change"), "change"),
            Column("low", tr("from"), "change", of="change"),
            Column("high", tr("to"), "change", of="change"),
            Column("unit", tr("unit")),
        )
        changes = [(one, lever_set, lever_set.measures[one.key]) for one in self.measures for lever_set in self.sets]
        rows = tuple((one.key, of.label, by.mean, by.low, by.high, one.unit or "") for one, of, by in changes)
        return (Table("measures", tr("Change of each measure's expected amount"), columns, rows, grouped=1),)

    def _payoffs(self, name: str, caption: str, of: Callable[[LeverSet], Mapping[str, Change]]) -> Table:
        actors = list(of(self.sets[0])) if self.sets else []
        columns = [
            Column("levers", tr("levers"), names=self.labels),
            *(Column(f"payoff.{actor}", self.names.actors[actor], "amount") for actor in actors),
        ]
        sets = self.sets if actors else ()
        rows: list[tuple[Value, ...]] = [
            (lever_set.label, *(c.mean for c in of(lever_set).values())) for lever_set in sets
        ]
        return Table(name, caption, tuple(columns), tuple(rows))

    @property
    def notes(self) -> tuple[str, ...]:
        notes = [
            tr(
                "The draws are the same under every lever, so that a change is what the levers do. From, to: a 95 % "
                "interval of the mean change, which more draws narrow. /cost: the change per unit of cost. 5 %, 95 %: "
                "how the change varies over the draws, what the uncertain inputs leave open."
            ),
            tr(
                "Helps: the share of draws in which levers make {ending} less likely. Regret: by how many points the "
                "best single lever (for a pair: the best pair) of each draw does better in this, mean and 95 % "
                "quantile. Payoffs are expected in the analyst's odds.",
                ending=self.goal.name,
            ),
        ]
        if self.as_of_now:
            notes.append(DRAWS_AS_OF_NOW)
        if any(lever_set.cost is None for lever_set in self.singles) and any(
            lever_set.cost for lever_set in self.singles
        ):
            notes.append(tr("A lever for which the file gives no cost counts as one that costs nothing."))
        if self.own_stakes:
            notes.append(
                trn(
                    "{levers} sets numbers that payoffs name: part of an actor's gain or loss is then the changed "
                    "stake itself.",
                    "{levers} set numbers that payoffs name: part of an actor's gain or loss is then the changed "
                    "stake itself.",
                    len(self.own_stakes),
                    levers=capital(self.names.lever_set(self.own_stakes)),
                )
            )
        if self.no_option:
            sets = listed((self.names.lever_set(keys) for keys in self.no_option), 20)
            notes.append(tr("Left out, since a move would have no option or two commitments: {levers}.", levers=sets))
        return tuple(notes)

    def to_dict(self) -> dict[str, Any]:
        """Everything as plain values; `sets` has what the tables leave out."""
        more = {"before": dict(self.before), "sets": [asdict(lever_set) for lever_set in self.sets]}
        return super().to_dict() | {name: finite(value) for name, value in more.items()}
