"""What opens a way out: every lever and every pair of them, on the same draws."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from dataclasses import asdict, dataclass
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from offramp.common.errors import UsageError
from offramp.common.numerals import change, deviation, percent
from offramp.common.words import listed
from offramp.crisis.model import Crisis
from offramp.gambit.opening import Playable, crisis_of
from offramp.runs.result import Run
from offramp.runs.study_draws import solve_values
from offramp.study.basis import levels_of_run, of_draws
from offramp.study.finding import Column, Finding, Table, Value
from offramp.study.interventions.changes import Change, LeverSet, compared, least_change, levelled, mean_of, own_stakes
from offramp.study.interventions.ranking import (
    Against,
    better_halves,
    dominated,
    dominated_table,
    levers_dominated,
    pairs_in_vain,
    pairs_table,
)
from offramp.study.scenarios import drawn_inputs, ending_to_avoid, free_levers, under_levers
from offramp.study.wording import plain

Array = NDArray[np.float64]


@dataclass(frozen=True, repr=False)
class Levers(Finding):
    """What each lever and each pair of levers changes; single levers first, those that lower the ending most first.

    `pulled`: levers already pulled in the crisis; `of`: the number of draws of the run, if the levers are compared on
    the first `draws` of one and the levels start from its means. `names`: of the actors. `before`: for each ending its
    mean probability without a lever. `left_out`: how many draws, summed over the sets, did not converge with the set or
    without. `impossible`: sets that leave a move no option. `own_stakes`: levers that set inputs named by payoffs.
    `halves`: each pair against the better of its levers; `dominated`: the sets that cost more than another and do no
    better.
    """

    crisis: str
    ending: str
    asked_for: bool
    below: float | None
    pulled: tuple[str, ...]
    of: int | None
    draws: int
    seed: int
    names: Mapping[str, str]
    before: Mapping[str, float]
    sets: tuple[LeverSet, ...]
    left_out: int
    impossible: tuple[tuple[str, ...], ...]
    own_stakes: tuple[str, ...]
    halves: Mapping[tuple[str, ...], Against]
    dominated: Mapping[tuple[str, ...], Against]

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
    def title(self) -> str:
        return f"{self.crisis}: what opens a way out?"

    @property
    def basis(self) -> str:
        if self.of is None:
            return of_draws(self.draws, self.seed, self.pulled)
        return levels_of_run(self.draws, self.of, self.pulled)

    @property
    def answer(self) -> tuple[str, ...]:
        word = plain(self.ending)
        taken = "" if self.asked_for else " (the first ending of the file; --ending names another)"
        if not any(lever_set.draws for lever_set in self.sets):
            return ("No draw converged: there are no numbers.",)
        sentences = [
            f"The ending to avoid is {word}{taken}. Without a lever it has {percent(self.before[self.ending])}."
        ]
        if self.singles:
            sentences += [self._best("lever", self.singles), *self._besides(self.singles[0])]
        if self.pairs:
            sentences += [self._best_pair(), *pairs_in_vain(self.halves, word)]
        sentences += [*self._per_cost(), *levers_dominated(self.dominated, self.singles), *self._below()]
        if self.left_out:
            sentences.append(
                f"In {self.left_out:,} of {self.draws * len(self.sets):,} comparisons a draw did not converge; they "
                "are left out of every number."
            )
        return tuple(sentences)

    def _best(self, what: str, sets: tuple[LeverSet, ...]) -> str:
        best = sets[0]
        moved, word = best.endings[self.ending], plain(self.ending)
        if not self._lowers(best):
            return f"No {what} makes {word} less likely on average."
        by = change(self.before[self.ending], moved.mean, moved.low, moved.high)
        doubt = "; that could be chance: use more --draws" if moved.high >= 0.0 else ""
        return (
            f"The {what} that lowers {word} most is {best.name}: to {percent(best.after[self.ending])} on average "
            f"({by}{doubt}). It makes {word} less likely in {percent(best.helps)} of the draws."
        )

    def _best_pair(self) -> str:
        """A sentence on the pair that lowers the ending most and does better than either of its levers alone."""
        word, alone = plain(self.ending), self.singles[0]
        if self.adding and self._mean(self.adding[0]) < min(self._mean(alone), 0.0):
            return self._best("pair of levers", self.adding)
        if not self._lowers(alone):
            return f"No pair of levers makes {word} less likely on average."
        if all(half.verdict == "not told apart" for half in self.halves.values()):
            return f"{self.draws:,} draws are too few to tell a pair from a single lever: use more --draws."
        return f"No pair of levers lowers {word} more than {alone.name} alone, beyond the error of the draws."

    def _besides(self, best: LeverSet) -> list[str]:
        """Sentences on what a helpful lever does to the other endings and to the actors' payoffs."""
        if not self._lowers(best):
            return []
        others = [(name, change) for name, change in best.endings.items() if name != self.ending]
        moved = [f"{plain(name)} by {change.points}" for name, change in others if change.points.strip("0.")]
        sums = [(self.names[actor], change.mean) for actor, change in best.actors.items()]
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
                f"What lowers it most at no cost{unknown} is {best.name}: by {self._lowered(best)} points."
            )
        paid = [lever_set for lever_set in lowering if not free & set(lever_set.levers)]
        for best in sorted(paid, key=lambda lever_set: self._mean(lever_set) / lever_set.counted_cost)[:1]:
            cost = best.counted_cost
            each = f", {self._lowered(best, cost)} per unit" if cost != 1.0 else ""
            sentences.append(
                f"What lowers it most for its cost is {best.name}: by {self._lowered(best)} points at a cost of "
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
        word, limit = plain(self.ending), f"{100.0 * self.below:g}%"
        if self.before[self.ending] < self.below:
            return [f"{word.capitalize()} is below {limit} without any lever."]
        if not self.reaching:
            lowest = min(self.sets, key=lambda lever_set: lever_set.after[self.ending])
            reached = percent(lowest.after[self.ending])
            return [f"No lever or pair brings {word} below {limit}; {lowest.name} comes nearest, with {reached}."]
        least = [f for f in self.reaching if not any(set(part.levers) < set(f.levers) for part in self.reaching)]
        best = least[0]
        sure = best.high[self.ending] < self.below
        tail = "" if sure else f"; within the error of {self.draws:,} draws it could be above, use more --draws"
        sentences = [
            f"The cheapest way to bring {word} below {limit} on average is {best.name}, at a cost of "
            f"{best.counted_cost:g}: {percent(best.after[self.ending])}{tail}."
        ]
        known = next((lever_set for lever_set in least if lever_set.cost is not None), best)
        if best.cost is None:
            sentences.append("The file does not give the cost of every lever in it.")
            if known is not best:
                sentences.append(f"Of those whose cost it gives, it is {known.name}, at a cost of {known.cost:g}.")
        return sentences

    @property
    def tables(self) -> tuple[Table, ...]:
        word, each = plain(self.ending), "under each lever and pair"
        label = Column("levers", "levers")
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
                f"{word.capitalize()} {each}, change in percentage points",
                (label, cost, level, change, low, high, per_cost),
                tuple(
                    (f.label, f.cost, f.after[self.ending], c.mean, c.low, c.high, f.per_cost(c.mean)) for f, c in main
                ),
            ),
            pairs_table(self.halves, self.pairs, word),
            dominated_table(self.dominated, self.sets, word),
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
            Table(
                "endings",
                f"The other endings {each}, change in percentage points",
                (Column("ending", "ending"), label, level, change, low, high),
                tuple((name, f.label, f.after[name], c.mean, c.low, c.high) for f, name, c in others),
            ),
        )

    def _payoffs(self, name: str, caption: str, of: Callable[[LeverSet], Mapping[str, Change]]) -> Table:
        actors = list(of(self.sets[0])) if self.sets else []
        columns = [Column("levers", "levers"), *(Column(f"payoff.{actor}", plain(actor), "amount") for actor in actors)]
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
            f"Helps: the share of draws in which {plain(self.ending)} gets less likely. Regret: how much likelier it "
            "is than under the best single lever (for a pair: the best pair) of each draw, mean and 95 % quantile. "
            "Payoffs are expected in the analyst's odds.",
        ]
        if any(lever_set.cost is None for lever_set in self.singles) and any(
            lever_set.cost for lever_set in self.singles
        ):
            notes.append("A lever for which the file gives no cost counts as one that costs nothing.")
        if self.own_stakes:
            notes.append(
                f"{listed(map(plain, self.own_stakes), 20)} set numbers that payoffs name: part of an actor's gain or "
                "loss is then the changed stake itself."
            )
        if self.impossible:
            sets = listed((" and ".join(map(plain, names)) for names in self.impossible), 20)
            notes.append(f"Left out, since it would leave a move without an option: {sets}.")
        return tuple(notes)

    def to_dict(self) -> dict[str, Any]:
        """Everything as plain values; `sets` has what the tables leave out."""
        return super().to_dict() | {"before": dict(self.before), "sets": [asdict(lever_set) for lever_set in self.sets]}


def levers(
    crisis: Playable,
    *,
    ending: str | None = None,
    below: float | None = None,
    draws: int = 96,
    seed: int = 1,
    executor: Executor | None = None,
    progress: Callable[[int], None] | None = None,
) -> Levers:
    """What every lever and every pair changes: endings, payoffs, regret; and the cheapest set that is enough.

    The draws are those of a run with this seed, and the same under every set of levers (common random numbers),
    so that the error of a difference is far smaller than with separate draws for each. Errors come from batch means,
    which err to the safe side (see `study.endings`). Regret is that of Savage (1951, *Journal of the American
    Statistical Association* 46).

    Parameters
    ----------
    crisis
        The crisis; levers that it has pulled already are part of what is compared with.
    ending
        The ending to avoid; by default the first of the file.
    below
        The probability that the ending is to be brought below.
    draws, seed
        How many draws, and where their sequence begins; powers of two are best.
    executor
        Who solves, such as a `concurrent.futures.ProcessPoolExecutor`; by default threads of this process.
    progress
        Called with the number of draws done since the last call: `draws` for each of `sets_of`, and without levers.

    Raises
    ------
    UsageError
        A crisis without levers, an unknown ending, a probability not between 0 and 1.
    CrisisError
        If levers make odds or payoffs impossible.
    """
    crisis = crisis_of(crisis)
    if not isinstance(crisis, Crisis):
        raise UsageError(f"{crisis.path} has no levers")
    free_levers(crisis)  # else there is nothing to draw inputs for
    values = drawn_inputs(crisis, draws, seed)
    return levers_at(crisis, draws, values, seed=seed, ending=ending, below=below, executor=executor, progress=progress)


def levers_at(
    crisis: Crisis,
    draws: int,
    values: Mapping[str, Array],
    *,
    seed: int,
    run: Run | None = None,
    ending: str | None = None,
    below: float | None = None,
    executor: Executor | None = None,
    progress: Callable[[int], None] | None = None,
) -> Levers:
    """Like `levers`, on given draws: for each input (draws,), with the crisis's pulled levers applied.

    If they are the first draws of a `run`, the levels start from its means: a change needs fewer draws than a level.
    """
    avoid = ending_to_avoid(crisis, ending)
    if below is not None and not 0.0 < below < 1.0:
        raise UsageError(f"a probability to stay below lies between 0 and 1, found {below:g}")
    choices = sets_of(crisis)
    solved = under_levers(crisis, [(), *choices], draws, values, solve_values, progress, executor)
    base = solved.pop(())
    sets = [compared(crisis, names, base, solved, avoid) for names in solved]
    names = [part.key for part in crisis.endings]
    kept = base.converged
    before = {name: mean_of(row[kept]) for name, row in zip(names, base.endings, strict=True)}
    if run is not None and run.draws > draws:
        before = {name: interval.mean for name, interval in run.ending_intervals.items()}
        sets = [levelled(lever_set, before) for lever_set in sets]
    of_all = sets, base, solved, avoid
    return Levers(
        crisis=crisis.title,
        ending=names[avoid],
        asked_for=ending is not None,
        below=below,
        pulled=crisis.pulled,
        of=None if run is None else run.draws,
        draws=draws,
        seed=seed,
        names={key: actor.name for key, actor in crisis.actors.items()},
        before=before,
        sets=tuple(sorted(sets, key=lambda lever_set: (len(lever_set.levers), lever_set.endings[names[avoid]].mean))),
        left_out=sum(draws - lever_set.draws for lever_set in sets),
        impossible=tuple(names for names in choices if names not in solved),
        own_stakes=own_stakes(crisis, free_levers(crisis)),
        halves=better_halves(*of_all),
        dominated=dominated(*of_all),
    )


def sets_of(crisis: Crisis) -> list[tuple[str, ...]]:
    """Every lever not yet pulled, and every pair, in the order of the file."""
    free = free_levers(crisis)
    return [(name,) for name in free] + list(combinations(free, 2))
