"""What opens a way out, in sentences and tables: every lever and every pair of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from offramp.common.numerals import change, deviation, percent
from offramp.common.words import listed
from offramp.crisis.names import Names, capital
from offramp.crisis.parts import Measure
from offramp.study.basis import DRAWS_AS_OF_NOW, levels_of_run, of_draws
from offramp.study.finding import Column, Finding, Table, Value
from offramp.study.goal import Goal
from offramp.study.interventions.changes import Change, LeverSet, least_change
from offramp.study.interventions.ranking import (
    Against,
    dominated_table,
    levers_dominated,
    pairs_in_vain,
    pairs_table,
)


@dataclass(frozen=True, repr=False)
class Levers(Finding):
    """What each lever and each pair of levers changes; single levers first, those that lower the ending most first.

    `of`: the number of draws of the run, if the levers are compared on the first `draws` of one and the levels start
    from its means. `ending`: the key of the ending to avoid, or of the sum of several, which tables have beside the
    endings. `before`: for each ending its mean probability without a lever. `left_out`: how many draws, summed over
    the sets, did not converge with the set or without. `past_only`: levers that act only on what is past; `moment`: as
    of when, in words; else empty.
    `idle`: levers that only repeat what the pulled ones do. `impossible`: sets that leave a move no option or
    contradict each other. `own_stakes`: levers that set inputs named by payoffs.
    `halves`: each pair against the better of its levers; `dominated`: the sets that cost more than another and do no
    better.
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
    impossible: tuple[tuple[str, ...], ...]
    past_only: tuple[str, ...]
    idle: tuple[str, ...]
    moment: str
    as_of_now: bool
    """Whether the crisis is taken after its outset; the `moment` of a draft is never empty."""
    own_stakes: tuple[str, ...]
    halves: Mapping[tuple[str, ...], Against]
    dominated: Mapping[tuple[str, ...], Against]
    measures: tuple[Measure, ...] = ()

    @property
    def labels(self) -> dict[str, str]:
        """The sets of levers in names, by their keys in data."""
        return {lever_set.label: self.name(lever_set) for lever_set in self.sets}

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
        """A sentence on the lever that lowers the ending most; empty if there is none, or no numbers."""
        return self._best("lever", self.singles) if any(lever_set.draws for lever_set in self.singles) else ""

    @property
    def title(self) -> str:
        return f"{self.crisis}: what opens a way out?"

    @property
    def basis(self) -> str:
        if self.of is None:
            return self.moment + of_draws(self.draws, self.seed, self.names.pulled)
        return self.moment + levels_of_run(self.draws, self.of, self.names.pulled)

    @property
    def answer(self) -> tuple[str, ...]:
        word = self.goal.name
        if not any(lever_set.draws for lever_set in self.sets):
            return ("No draw converged: there are no numbers.",)
        level = percent(self.before[self.ending])
        has = f"it has {level}" if len(self.goal.names) == 1 else f"they have {level} together"
        sentences = [f"{self.goal.stated} Without a lever {has}."]
        if self.singles:
            sentences += [self._best("lever", self.singles), *self._besides(self.singles[0])]
        if self.pairs:
            sentences += [self._best_pair(), *pairs_in_vain(self.halves, word, self.names)]
        sentences += [*self._per_cost(), *levers_dominated(self.dominated, self.singles, self.names), *self._below()]
        if self.past_only:
            act = "acts" if len(self.past_only) == 1 else "act"
            sentences.append(f"{capital(self.names.lever_set(self.past_only))} {act} only on what is past.")
        if self.idle:
            changes, does = ("changes", "does") if len(self.idle) == 1 else ("change", "do")
            named = capital(self.names.lever_set(self.idle))
            what = f"what {'it' if len(self.idle) == 1 else 'they'} {does}"
            sentences.append(f"{named} {changes} nothing: {what}, the levers pulled already do.")
        if self.left_out:
            sentences.append(
                f"In {self.left_out:,} of {self.draws * len(self.sets):,} comparisons a draw did not converge; they "
                "are left out of every number."
            )
        return tuple(sentences)

    def _best(self, what: str, sets: tuple[LeverSet, ...]) -> str:
        best = sets[0]
        moved, word = best.endings[self.ending], self.goal.name
        if not self._lowers(best):
            return f"No {what} makes {word} less likely on average."
        by = change(self.before[self.ending], moved.mean, moved.low, moved.high)
        doubt = "; that could be chance: use more draws" if moved.high >= 0.0 else ""
        return (
            f"The {what} that lowers {word} most is {self.name(best)}: to {percent(best.after[self.ending])} on "
            f"average ({by}{doubt}). It makes {word} less likely in {percent(best.helps)} of the draws."
        )

    def _best_pair(self) -> str:
        """A sentence on the pair that lowers the ending most and does better than either of its levers alone."""
        word, alone = self.goal.name, self.singles[0]
        if self.adding and self._mean(self.adding[0]) < min(self._mean(alone), 0.0):
            return self._best("pair of levers", self.adding)
        if not self._lowers(alone):
            return f"No pair of levers makes {word} less likely on average."
        if all(half.verdict == "not told apart" for half in self.halves.values()):
            return f"{self.draws:,} draws are too few to tell a pair from a single lever: use more draws."
        return f"No pair of levers lowers {word} more than {self.name(alone)} alone, beyond the error of the draws."

    def _besides(self, best: LeverSet) -> list[str]:
        """Sentences on what a helpful lever does to the other endings and to the actors' payoffs."""
        if not self._lowers(best):
            return []
        others = [(name, change) for name, change in best.endings.items() if name != self.ending]
        moved = [
            f"{self.names.ending(name)} by {change.points}" for name, change in others if change.points.strip("0.")
        ]
        sums = [(self.names.actors[actor], change.mean) for actor, change in best.actors.items()]
        gain = [f"{name} {value:.2f}" for name, value in sums if value >= 0.005]
        loss = [f"{name} {-value:.2f}" for name, value in sums if value <= -0.005]
        sides = [f"{word} {listed(who, 20)}" for word, who in (("brings", gain), ("costs", loss)) if who]
        sentences = [f"It also changes {listed(moved, 20)} points."] if moved else []
        return sentences + ([f"In expected payoff it {' and '.join(sides)}."] if sides else [])

    def _per_cost(self) -> list[str]:
        if not any(lever_set.counted_cost for lever_set in self.sets):
            return []
        free = {name for lever_set in self.singles if not lever_set.counted_cost for name in lever_set.levers}
        lowering = [lever_set for lever_set in (*self.singles, *self.adding) if self._lowers(lever_set)]
        sentences = []
        for best in sorted((f for f in lowering if not f.counted_cost), key=self._mean)[:1]:
            unknown = "" if best.cost is not None else " (the file does not give every cost)"
            sentences.append(
                f"What lowers it most at no cost{unknown} is {self.name(best)}: by {self._lowered(best)} points."
            )
        paid = [lever_set for lever_set in lowering if not free & set(lever_set.levers)]
        for best in sorted(paid, key=lambda lever_set: self._mean(lever_set) / lever_set.counted_cost)[:1]:
            cost = best.counted_cost
            each = f", {self._lowered(best, cost)} per unit" if cost != 1.0 else ""
            sentences.append(
                f"What lowers it most for its cost is {self.name(best)}: by {self._lowered(best)} points at a cost of "
                f"{cost:g}{each}."
            )
        return sentences

    def _mean(self, lever_set: LeverSet) -> float:
        return lever_set.endings[self.ending].mean

    def _lowers(self, lever_set: LeverSet) -> bool:
        return bool(self._mean(lever_set) < -least_change(self.before[self.ending]))

    def _lowered(self, lever_set: LeverSet, cost: float = 1.0) -> str:
        return deviation(-self._mean(lever_set) / cost)

    def _below(self) -> list[str]:
        if self.below is None:
            return []
        word, limit = self.goal.name, f"{100.0 * self.below:g}%"
        if self.before[self.ending] < self.below:
            are = "is" if len(self.goal.names) == 1 else "are"
            return [f"{capital(word)} {are} below {limit} without any lever."]
        if not self.reaching:
            lowest = min(self.sets, key=lambda lever_set: lever_set.after[self.ending])
            reached = percent(lowest.after[self.ending])
            return [f"No lever or pair brings {word} below {limit}; {self.name(lowest)} comes nearest, with {reached}."]
        least = [f for f in self.reaching if not any(set(part.levers) < set(f.levers) for part in self.reaching)]
        best = least[0]
        sure = best.high[self.ending] < self.below
        tail = "" if sure else f"; within the error of {self.draws:,} draws it could be above, use more draws"
        sentences = [
            f"The cheapest way to bring {word} below {limit} on average is {self.name(best)}, at a cost of "
            f"{best.counted_cost:g}: {percent(best.after[self.ending])}{tail}."
        ]
        known = next((lever_set for lever_set in least if lever_set.cost is not None), best)
        if best.cost is None:
            sentences.append("The file does not give the cost of every lever in it.")
            if known is not best:
                sentences.append(
                    f"Of those whose cost it gives, it is {self.name(known)}, at a cost of {known.cost:g}."
                )
        return sentences

    @property
    def tables(self) -> tuple[Table, ...]:
        word, each = self.goal.name, "under each lever and pair"
        label = Column("levers", "levers", names=self.labels)
        level, cost = Column("after", "after", "share"), Column("cost", "cost", "amount")
        change = Column("change", "change", "points")
        low, high = Column("low", "from", "points", of="change"), Column("high", "to", "points", of="change")
        spread = (
            Column("p05", "5 %", "points"),
            Column("p95", "95 %", "points"),
            Column("helps", "helps", "share"),
            Column("regret", "regret", "share"),
            Column("regret_p95", "95 %", "share"),
        )
        per_cost = Column("per_cost", "/cost", "points")
        main = [(f, f.endings[self.ending]) for f in self.sets]
        others = [
            (f, name, c) for name in self.before if name != self.ending for f in self.sets for c in [f.endings[name]]
        ]
        return (
            Table(
                "levers",
                f"{capital(word)} {each}, change in percentage points",
                (label, cost, level, change, low, high, per_cost),
                tuple(
                    (f.label, f.cost, f.after[self.ending], c.mean, c.low, c.high, f.per_cost(c.mean)) for f, c in main
                ),
            ),
            pairs_table(self.halves, self.pairs, word, self.labels),
            dominated_table(self.dominated, self.sets, word, self.labels),
            Table(
                "spread",
                f"Over the draws: change of {word}, how often it helps, and regret",
                (label, *spread),
                tuple((f.label, c.p05, c.p95, f.helps, f.regret, f.regret_p95) for f, c in main),
            ),
            self._payoffs("actors", "Change of each actor's expected payoff", lambda lever_set: lever_set.actors),
            self._payoffs(
                "own_eyes",
                "The same in the eyes of actors with odds of their own",
                lambda lever_set: lever_set.own_eyes,
            ),
            *self._measures(),
            Table(
                "endings",
                f"The other endings {each}, change in percentage points",
                (Column("ending", "ending", names=self.names.endings), label, level, change, low, high),
                tuple((name, f.label, f.after[name], c.mean, c.low, c.high) for f, name, c in others),
            ),
        )

    def _measures(self) -> tuple[Table, ...]:
        """The change of each measure, if the crisis has any."""
        if not self.measures:
            return ()
        columns = (
            Column("measure", "measure", names=self.names.measures),
            Column("levers", "levers", names=self.labels),
            Column("change", "change", "change"),
            Column("low", "from", "change", of="change"),
            Column("high", "to", "change", of="change"),
            Column("unit", "unit"),
        )
        changes = [(one, lever_set, lever_set.measures[one.key]) for one in self.measures for lever_set in self.sets]
        rows = tuple((one.key, of.label, by.mean, by.low, by.high, one.unit or "") for one, of, by in changes)
        return (Table("measures", "Change of each measure's expected amount", columns, rows, grouped=1),)

    def _payoffs(self, name: str, caption: str, of: Callable[[LeverSet], Mapping[str, Change]]) -> Table:
        actors = list(of(self.sets[0])) if self.sets else []
        columns = [
            Column("levers", "levers", names=self.labels),
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
            "The draws are the same under every lever, so that a change is what the levers do. From, to: a 95 % "
            "interval of the mean change, which more draws narrow. /cost: the change per unit of cost. 5 %, 95 %: how "
            "the change varies over the draws, what the uncertain inputs leave open.",
            f"Helps: the share of draws in which levers make {self.goal.name} less likely. Regret: by how much "
            "the best single lever (for a pair: the best pair) of each draw does better in this, mean and 95 % "
            "quantile. Payoffs are expected in the analyst's odds.",
        ]
        if self.as_of_now:
            notes.append(DRAWS_AS_OF_NOW)
        if any(lever_set.cost is None for lever_set in self.singles) and any(
            lever_set.cost for lever_set in self.singles
        ):
            notes.append("A lever for which the file gives no cost counts as one that costs nothing.")
        if self.own_stakes:
            sets = "sets" if len(self.own_stakes) == 1 else "set"
            named = capital(self.names.lever_set(self.own_stakes))
            notes.append(
                f"{named} {sets} numbers that payoffs name: part of an actor's gain or loss is then the changed stake "
                "itself."
            )
        if self.impossible:
            sets = listed((self.names.lever_set(keys) for keys in self.impossible), 20)
            notes.append(f"Left out, since a move would have no option or two commitments: {sets}.")
        return tuple(notes)

    def to_dict(self) -> dict[str, Any]:
        """Everything as plain values; `sets` has what the tables leave out."""
        return super().to_dict() | {"before": dict(self.before), "sets": [asdict(lever_set) for lever_set in self.sets]}
