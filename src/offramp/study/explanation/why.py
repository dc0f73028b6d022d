"""Why an actor chooses as it does: what each option is worth to it, and by which payoff terms."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from offramp.common.errors import UsageError
from offramp.common.numerals import percent
from offramp.crisis.expressions.expression import SKIPPED
from offramp.crisis.names import Names, capital, names_of
from offramp.crisis.parts import Measure
from offramp.game.game import Situation
from offramp.runs.result import SituationSummary
from offramp.study.basis import AS_OF_NOW, NO_EQUILIBRIUM, moment, one_solve
from offramp.study.choice_words import times_in_100
from offramp.study.explanation.motives import (
    MOVED,
    Average,
    Belief,
    Motive,
    averages,
    beliefs,
    is_reached,
    motives,
    scattered,
)
from offramp.study.explanation.preference import preference
from offramp.study.explanation.selection import knowing, sets_of, written
from offramp.study.finding import Column, Finding, Table, Value
from offramp.study.wording import keyed, telling_facts

if TYPE_CHECKING:
    from offramp.equilibrium.solution import Solution
    from offramp.equilibrium.sweeps import Block

OTHERS = 6
"""How many other situations of the move are shown."""
ALIKE = 0.0005
"""Probabilities that differ by less print alike."""


@dataclass(frozen=True)
class Other:
    """Another information set of the move: what is known there in addition, and what is chosen most often."""

    reached: float
    facts: Mapping[str, str]
    option: str
    share: float


@dataclass(frozen=True, repr=False)
class Why(Finding):
    """Why an actor chooses as it does at a move.

    `solved`: what was solved; `run`: the same situation over the draws of a run, if there is one. `situation`: the
    likeliest of the information sets that match (`matching` of `all_sets`); `reached`: how often play gets there;
    `motives`: its options, best first. `times_in_100`: how often a better option is chosen, in words. `own_odds`:
    whether the actor's odds differ from the analyst's. `moment`: as of when, in words; empty from the outset.
    """

    crisis: str
    names: Names
    solved: str
    converged: bool
    situation: Situation
    reached: float
    times_in_100: str
    facts: Mapping[str, str]
    motives: tuple[Motive, ...]
    beliefs: tuple[Belief, ...]
    averages: tuple[Average, ...]
    others: tuple[Other, ...]
    matching: int
    all_sets: int
    own_odds: bool
    run: SituationSummary | None = None
    moment: str = ""
    as_of_now: bool = False
    """Whether the crisis is taken after its outset; the `moment` of a draft is never empty."""
    measures: tuple[Measure, ...] = ()

    @property
    def actor(self) -> str:
        """The name of the actor."""
        return self.names.actors[self.situation.actor]

    @property
    def basis(self) -> str:
        return self.solved

    @property
    def title(self) -> str:
        return f"{self.crisis}: why would {self.actor} choose as it does at {self.names.steps[self.situation.move]}?"

    @property
    def answer(self) -> tuple[str, ...]:
        best, *rest = self.motives
        facts = self.names.facts(self.facts)
        which = "" if self.matching == 1 else f", in the likeliest of {self.matching:,} situations"
        knows = f". It knows this: {facts}" if facts else ""
        move = self.names.step(self.situation.move, self.situation.round)
        chosen = self._choice({motive.option: motive.chosen for motive in self.motives})
        sentences = [] if self.converged else [NO_EQUILIBRIUM]
        actor = capital(self.actor)
        sentences.append(f"{actor} decides at {move}{which}{knows}.")
        if self.run is not None:
            sentences.append(
                f"Over the run's draws this decision arises in {percent(self.run.reached)} of cases, and {self.actor} "
                f"chooses {self._choice(self.run.options)}. The next sentences are about one solve."
            )
        sentences.append(f"The decision arises in {percent(self.reached)} of cases. {actor} chooses {chosen}.")
        if not rest:
            return (*sentences, "It has no other option here.")
        sentences += [preference(self.actor, best, other, self._options, self._terms) for other in rest]
        return (*sentences, *self._stakes(), *self._changed_mind())

    def _stakes(self) -> Iterable[str]:
        """The ending that depends most on the choice."""
        names = self.motives[0].endings
        if not names:
            return
        spread = {name: max(self._odds(name)) - min(self._odds(name)) for name in names}
        ending = max(spread, key=lambda name: round(spread[name], 2))
        if spread[ending] >= MOVED:
            high, low = (pick(self.motives, key=lambda m: m.endings[ending]) for pick in (max, min))
            yield (
                f"The choice matters most for {self.names.endings[ending]}: {self.actor} expects it in"
                f" {percent(high.endings[ending])} of cases after {self._options[high.option]},"
                f" {percent(low.endings[ending])} after {self._options[low.option]}."
            )

    def _changed_mind(self) -> Iterable[str]:
        """The belief that has moved most since the outset, and the one on whether a step occurs at all."""
        open_ = [belief for belief in self.beliefs if belief.has_moved and MOVED < belief.now < 1.0 - MOVED]
        open_.sort(key=lambda belief: -belief.shift)
        for belief in [belief for belief in open_ if belief.value != SKIPPED][:1]:
            yield (
                f"Among the steps that it has not seen, it has changed its mind most about {self._step(belief)}: it now"
                f" gives {self.names.option(belief.step, belief.value)} {percent(belief.now)}, after"
                f" {percent(belief.before)} at the outset."
            )
        for belief in [belief for belief in open_ if belief.value == SKIPPED][:1]:
            occurs = "arises" if belief.of_chance else "is made"
            yield (
                f"It gives {percent(1.0 - belief.now)} to the case that {self._step(belief)} {occurs} at all, after"
                f" {percent(1.0 - belief.before)} at the outset."
            )

    @property
    def _options(self) -> dict[str, str]:
        return self.names.options_of(self.situation.move)

    @property
    def _terms(self) -> dict[str, str]:
        return self.names.terms_of(self.situation.actor)

    def _step(self, belief: Belief) -> str:
        return self.names.step(belief.step, belief.round)

    def _choice(self, options: Mapping[str, float]) -> str:
        """Options with their shares, those chosen most often first: `a salvo in 80.0% of cases, no answer in 20.0%`."""
        (first, share), *rest = sorted(options.items(), key=lambda item: -item[1])
        others = (f", {self._options[option]} in {percent(part)}" for option, part in rest)
        return f"{self._options[first]} in {percent(share)} of cases{''.join(others)}"

    def _odds(self, ending: str) -> list[float]:
        return [motive.endings[ending] for motive in self.motives]

    @property
    def tables(self) -> tuple[Table, ...]:
        best = self.motives[0]
        options = (
            Column("option", "option", names=self._options),
            Column("chosen", "chosen", "share"),
            Column("value", "payoff to come", "amount"),
            Column("behind", "less than the best", "amount"),
        )
        rows = tuple((m.option, m.chosen, m.value, best.value - m.value) for m in self.motives)
        tables = [
            Table("options", f"What {self.actor} can do there, best first", options, rows),
            self._by_option(
                "terms", "Payoff to come by term, for each option", "amount", [m.terms for m in self.motives]
            ),
            self._by_option(
                "endings",
                "The odds of each ending after each option" + (", as the actor sees them" if self.own_odds else ""),
                "share",
                [m.endings for m in self.motives],
            ),
        ]
        if any(abs(m.endings[name] - m.endings_for_analyst[name]) >= ALIKE for m in self.motives for name in m.endings):
            endings = [m.endings_for_analyst for m in self.motives]
            tables.append(self._by_option("endings_for_analyst", "The same in the analyst's odds", "share", endings))
        tables += [*self._measures(), self._beliefs(), self._knows()]
        return (*tables, *self._averages(), self._others()) if self.matching > 1 else tuple(tables)

    def _by_option(self, name: str, caption: str, kind: str, parts: Sequence[Mapping[str, float]]) -> Table:
        share = kind == "share"
        columns = (
            Column("ending", "ending", names=self.names.endings)
            if share
            else Column("term", "term", names=self._terms),
            *(Column(m.option, self._options[m.option], "share" if share else "amount") for m in self.motives),
        )
        rows: list[tuple[Value, ...]] = [(key, *(part[key] for part in parts)) for key in parts[0]]
        if not share:
            rows.append(("in all", *(m.value for m in self.motives)))
        return Table(name, caption, columns, tuple(rows))

    def _measures(self) -> tuple[Table, ...]:
        """What is expected of each measure after each option, if the crisis has any."""
        if not self.measures:
            return ()
        columns = (
            Column("measure", "measure", names=self.names.measures),
            *(Column(m.option, self._options[m.option], "number") for m in self.motives),
            Column("unit", "unit"),
        )
        rows: list[tuple[Value, ...]] = [
            (one.key, *(m.measures[one.key] for m in self.motives), one.unit or "") for one in self.measures
        ]
        return (Table("measures", "Measures after each option: expected amounts", columns, tuple(rows)),)

    def _beliefs(self) -> Table:
        columns = (
            Column("step", "step", names=self.names.steps),
            Column("round", "round", "count"),
            Column("value", "value", of="step", names=self.names.options),
            Column("before", "at the outset", "share"),
            Column("now", "there", "share"),
        )
        rows = tuple((b.step, b.round or None, self._value(b), b.before, b.now) for b in self.beliefs)
        given = ", each value given that the step occurs" if any(b.value == SKIPPED for b in self.beliefs) else ""
        caption = f"What {self.actor} believes about the steps it has not seen{given}"
        return Table("beliefs", caption, columns, rows, grouped=2)

    def _knows(self) -> Table:
        rows = tuple(
            (label, value if isinstance(value, str) else format(value, "g"), label in self.facts)
            for label, value in self.situation.sees.items()
        )
        names = self.names
        columns = (
            Column("fact", "fact", names={label: names.step(label) for label, *_ in rows}),
            Column(
                "value", "value", of="fact", names={(fact, value): names.option(fact, value) for fact, value, _ in rows}
            ),
            Column("telling", "sets this situation apart"),
        )
        return Table("knows", "What it knows there", columns, rows)

    def _value(self, belief: Belief) -> str:
        return self.names.absent(belief.step) if belief.value == SKIPPED else belief.value

    def _averages(self) -> tuple[Table, Table]:
        columns = (
            Column("round", "round", "count"),
            Column("option", "option", names=self._options),
            Column("open", "open", "share"),
            Column("chosen", "chosen", "share"),
            Column("value", "payoff to come", "amount"),
        )
        rows = tuple((a.round or None, a.option, a.open, a.chosen, a.value) for a in self.averages)
        options = list(dict.fromkeys(average.option for average in self.averages))
        terms: list[tuple[Value, ...]] = []
        for number in dict.fromkeys(average.round for average in self.averages):
            of_option = {average.option: average.terms for average in self.averages if average.round == number}
            terms += [
                (
                    number or None,
                    term,
                    *(of_option[option][term] if option in of_option else None for option in options),
                )
                for term in self.motives[0].terms
            ]
        by_term = (
            Column("round", "round", "count"),
            Column("term", "term", names=self._terms),
            *(Column(option, self._options[option], "amount") for option in options),
        )
        over = f"On average over all {self.matching:,} situations asked for, where an option is open"
        return (
            Table("on_average", over, columns, rows, grouped=1),
            Table("terms_on_average", "The same by term", by_term, tuple(terms), grouped=1),
        )

    def _others(self) -> Table:
        columns = (
            Column("reached", "reached", "share"),
            Column(
                "knows", "where it also knows", names={keyed(o.facts): self.names.facts(o.facts) for o in self.others}
            ),
            Column("option", "chooses most often", names=self._options),
            Column("share", "share", "share"),
        )
        rows = tuple((o.reached, keyed(o.facts), o.option, o.share) for o in self.others)
        left = self.matching - 1 - len(self.others)
        more = f" ({left:,} more are rarer)" if left > 0 else ""
        return Table(
            "others", f"The next likeliest situations{more}; ask for one by what is known there", columns, rows
        )

    @property
    def notes(self) -> tuple[str, ...]:
        own = "These are the actor's own odds, which differ from the analyst's. " if self.own_odds else ""
        return (
            *((AS_OF_NOW,) if self.as_of_now else ()),
            f"{own}Payoff to come: expected from this choice on, in all and by term; what was paid before does not"
            f" depend on it. {self.times_in_100}: the better option is not always taken.",
            f"Matching situations: {self.matching:,} of {self.all_sets:,}.",
        )


def why_of(block: Block, solution: Solution, move: str, sees: Mapping[str, str]) -> Why:
    """Why the actor of a move chooses as it does in a solved draw; see `offramp.why`."""
    game = block.game
    every = sets_of(game, move)
    matching = knowing(game, every, sees)
    if game.past:  # what is known rules some out
        matching = [held for held in matching if is_reached(solution, held)] or matching
    by_reach = sorted(matching, key=lambda held: -solution.reached[held])
    held = by_reach[0]
    if scattered(game)[held]:
        raise UsageError(
            f"a situation of '{move}' stands at several places of the timeline, so why cannot be answered for it"
        )
    if not is_reached(solution, held):
        raise UsageError(f"play never gets to '{move}'" + (" where that is known" if sees else ""))
    situations = game.situations
    situation = situations[held]
    facts_of = telling_facts(situations[other] for other in every)
    facts = _without_round(situation, facts_of(situation))
    return Why(
        crisis=game.crisis.title,
        names=names_of(game.crisis),
        solved=one_solve(solution),
        converged=solution.converged,
        situation=situation,
        reached=float(solution.reached[held]),
        times_in_100=times_in_100(block, solution, held),
        facts=facts,
        motives=motives(block, solution, held),
        beliefs=_worth_showing(beliefs(block, solution, held)),
        averages=averages(block, solution, matching),
        others=_others(solution, situation, by_reach[1:], matching),
        matching=len(matching),
        all_sets=len(every),
        own_odds=situation.actor in game.believers,
        moment=moment(game.crisis),
        as_of_now=game.crisis.outset is not None,
        measures=game.crisis.measures,
    )


def _without_round(situation: Situation, facts: Mapping[str, str]) -> dict[str, str]:
    """The facts without the round, if the move itself names its round."""
    return {label: value for label, value in facts.items() if label != "round" or not situation.round}


def _worth_showing(every_belief: Iterable[Belief]) -> tuple[Belief, ...]:
    """Beliefs about chance steps, and about moves of which the actor has learned something."""
    entries = list(every_belief)
    moved = {(b.step, b.round) for b in entries if b.has_moved}
    return tuple(belief for belief in entries if belief.of_chance or (belief.step, belief.round) in moved)


def _others(solution: Solution, shown: Situation, others: Sequence[int], matching: Sequence[int]) -> tuple[Other, ...]:
    """The likeliest of the other information sets, with the facts in which they differ from the one shown."""
    situations = solution.game.situations
    facts_of = telling_facts(situations[held] for held in matching)
    shown_others = []
    for held in others[:OTHERS]:
        situation, odds = situations[held], solution.moves[held].options
        facts = {
            label: value for label, value in facts_of(situation).items() if written(shown.sees.get(label)) != value
        }
        if situation.round != shown.round:
            facts["round"] = str(situation.round)
        option = max(odds, key=lambda name: odds[name])
        shown_others.append(Other(float(solution.reached[held]), facts, option, odds[option]))
    return tuple(shown_others)
