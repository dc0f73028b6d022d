"""Why an actor chooses as it does, in sentences and tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from offramp.common.numerals import percent
from offramp.common.texts import tr, trn
from offramp.crisis.expressions.expression import SKIPPED
from offramp.crisis.names import Names, capital
from offramp.crisis.parts import Measure
from offramp.game.game import Situation
from offramp.runs.result import SituationSummary
from offramp.study.basis import AS_OF_NOW, NO_EQUILIBRIUM
from offramp.study.explanation.motives import MOVED, Average, Belief, Motive
from offramp.study.explanation.preference import preference
from offramp.study.finding import Column, Finding, Table, Value
from offramp.study.wording import keyed

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
        move = self.names.steps[self.situation.move]
        return tr(
            "{crisis}: why would {actor} choose as it does at {move}?", crisis=self.crisis, actor=self.actor, move=move
        )

    @property
    def answer(self) -> tuple[str, ...]:
        best, *rest = self.motives
        chosen = self._choice({motive.option: motive.chosen for motive in self.motives})
        sentences = [] if self.converged else [NO_EQUILIBRIUM]
        sentences.append(self._where())
        if self.run is not None:
            sentences.append(
                tr(
                    "Over the run's draws this decision arises in {reached} of cases, and {actor} chooses {chosen}. "
                    "The next sentences are about one solve.",
                    reached=percent(self.run.reached), actor=self.actor, chosen=self._choice(self.run.options),
                )
            )  # fmt: skip
        sentences.append(
            tr(
                "The decision arises in {reached} of cases. {actor} chooses {chosen}.",
                reached=percent(self.reached), actor=capital(self.actor), chosen=chosen,
            )
        )  # fmt: skip
        if not rest:
            return (*sentences, tr("It has no other option here."))
        sentences += [preference(self.actor, best, other, self._options, self._terms) for other in rest]
        return (*sentences, *self._stakes(), *self._changed_mind())

    def _where(self) -> str:
        """At which move the actor decides, and what it knows there."""
        actor, move = capital(self.actor), self.names.step(self.situation.move, self.situation.round)
        if self.matching == 1:
            decides = tr("{actor} decides at {move}.", actor=actor, move=move)
        else:
            decides = trn(
                "{actor} decides at {move}, in the likeliest of {count} situation.",
                "{actor} decides at {move}, in the likeliest of {count} situations.",
                self.matching, actor=actor, move=move,
            )  # fmt: skip
        facts = self.names.facts(self.facts)
        knows = [tr("It knows this: {facts}.", facts=facts)] if facts else []
        return " ".join([decides, *knows])

    def _stakes(self) -> Iterable[str]:
        """The ending that depends most on the choice."""
        names = self.motives[0].endings
        if not names:
            return
        spread = {name: max(self._odds(name)) - min(self._odds(name)) for name in names}
        ending = max(spread, key=lambda name: round(spread[name], 2))
        if spread[ending] >= MOVED:
            high, low = (pick(self.motives, key=lambda m: m.endings[ending]) for pick in (max, min))
            yield tr(
                "The choice matters most for {ending}: {actor} expects it in {most} of cases after {likeliest}, "
                "{least} after {rarest}.",
                ending=self.names.endings[ending], actor=self.actor,
                most=percent(high.endings[ending]), likeliest=self._options[high.option],
                least=percent(low.endings[ending]), rarest=self._options[low.option],
            )  # fmt: skip

    def _changed_mind(self) -> Iterable[str]:
        """The belief that has moved most since the outset, and the one on whether a step occurs at all."""
        open_ = [belief for belief in self.beliefs if belief.has_moved and MOVED < belief.now < 1.0 - MOVED]
        open_.sort(key=lambda belief: -belief.shift)
        for belief in [belief for belief in open_ if belief.value != SKIPPED][:1]:
            yield tr(
                "Among the steps that it has not seen, it has changed its mind most about {step}: it now gives {value} "
                "{now}, after {before} at the outset.",
                step=self._step(belief), value=self.names.option(belief.step, belief.value),
                now=percent(belief.now), before=percent(belief.before),
            )  # fmt: skip
        for belief in [belief for belief in open_ if belief.value == SKIPPED][:1]:
            step, now, before = self._step(belief), percent(1.0 - belief.now), percent(1.0 - belief.before)
            if belief.of_chance:
                yield tr(
                    "It gives {now} to the case that {step} arises at all, after {before} at the outset.",
                    step=step, now=now, before=before,
                )  # fmt: skip
            else:
                yield tr(
                    "It gives {now} to the case that {step} is made at all, after {before} at the outset.",
                    step=step, now=now, before=before,
                )  # fmt: skip

    @property
    def _options(self) -> dict[str, str]:
        return self.names.options_of(self.situation.move)

    @property
    def _terms(self) -> dict[str, str]:
        return self.names.terms_of(self.situation.actor)

    def _step(self, belief: Belief) -> str:
        return self.names.step(belief.step, belief.round)

    def _choice(self, options: Mapping[str, float]) -> str:
        """Options with their shares, those chosen most often first: `a salvo (80.0% of cases), no answer (20.0%)`."""
        (first, share), *rest = sorted(options.items(), key=lambda item: -item[1])
        others = [tr("{option} ({share})", option=self._options[key], share=percent(part)) for key, part in rest]
        most = tr("{option} ({share} of cases)", option=self._options[first], share=percent(share))
        return ", ".join([most, *others])

    def _odds(self, ending: str) -> list[float]:
        return [motive.endings[ending] for motive in self.motives]

    @property
    def tables(self) -> tuple[Table, ...]:
        best = self.motives[0]
        options = (
            Column("option", tr("option"), names=self._options),
            Column("chosen", tr("chosen"), "share"),
            Column("value", tr("payoff to come"), "amount"),
            Column("behind", tr("less than the best"), "amount"),
        )
        rows = tuple((m.option, m.chosen, m.value, best.value - m.value) for m in self.motives)
        tables = [
            Table("options", tr("What {actor} can do there, best first", actor=self.actor), options, rows),
            self._by_option(
                "terms", tr("Payoff to come by term, for each option"), "amount", [m.terms for m in self.motives]
            ),
            self._by_option(
                "endings",
                tr("The odds of each ending after each option, as the actor sees them")
                if self.own_odds
                else tr("The odds of each ending after each option"),
                "share",
                [m.endings for m in self.motives],
            ),
        ]
        if any(abs(m.endings[name] - m.endings_for_analyst[name]) >= ALIKE for m in self.motives for name in m.endings):
            endings = [m.endings_for_analyst for m in self.motives]
            caption = tr("The same in the analyst's odds")
            tables.append(self._by_option("endings_for_analyst", caption, "share", endings))
        tables += [*self._measures(), self._beliefs(), self._knows()]
        return (*tables, *self._averages(), self._others()) if self.matching > 1 else tuple(tables)

    def _by_option(self, name: str, caption: str, kind: str, parts: Sequence[Mapping[str, float]]) -> Table:
        share = kind == "share"
        columns = (
            Column("ending", tr("ending"), names=self.names.endings)
            if share
            else Column("term", tr("term"), names={**self._terms, "in all": tr("in all")}),
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
            Column("measure", tr("measure"), names=self.names.measures),
            *(Column(m.option, self._options[m.option], "number") for m in self.motives),
            Column("unit", tr("unit")),
        )
        rows: list[tuple[Value, ...]] = [
            (one.key, *(m.measures[one.key] for m in self.motives), one.unit or "") for one in self.measures
        ]
        return (Table("measures", tr("Measures after each option: expected amounts"), columns, tuple(rows)),)

    def _beliefs(self) -> Table:
        columns = (
            Column("step", tr("step"), names=self.names.steps),
            Column("round", tr("round"), "count"),
            Column("value", tr("value"), of="step", names=self.names.options),
            Column("before", tr("at the outset"), "share"),
            Column("now", tr("there"), "share"),
        )
        rows = tuple((b.step, b.round or None, self._value(b), b.before, b.now) for b in self.beliefs)
        if any(b.value == SKIPPED for b in self.beliefs):
            caption = tr(
                "What {actor} believes about the steps it has not seen, each value given that the step occurs",
                actor=self.actor,
            )
        else:
            caption = tr("What {actor} believes about the steps it has not seen", actor=self.actor)
        return Table("beliefs", caption, columns, rows, grouped=2)

    def _knows(self) -> Table:
        rows = tuple((label, self.situation.text(label), label in self.facts) for label in self.situation.sees)
        names = self.names
        columns = (
            Column("fact", tr("fact"), names={label: names.step(label) for label, *_ in rows}),
            Column(
                "value",
                tr("value"),
                of="fact",
                names={(fact, value): names.option(fact, value) for fact, value, _ in rows},
            ),
            Column("telling", tr("sets this situation apart")),
        )
        return Table("knows", tr("What it knows there"), columns, rows)

    def _value(self, belief: Belief) -> str:
        return self.names.absent(belief.step) if belief.value == SKIPPED else belief.value

    def _averages(self) -> tuple[Table, Table]:
        columns = (
            Column("round", tr("round"), "count"),
            Column("option", tr("option"), names=self._options),
            Column("open", tr("open"), "share"),
            Column("chosen", tr("chosen"), "share"),
            Column("value", tr("payoff to come"), "amount"),
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
            Column("round", tr("round"), "count"),
            Column("term", tr("term"), names=self._terms),
            *(Column(option, self._options[option], "amount") for option in options),
        )
        over = trn(
            "On average over all {count} situation asked for, where an option is open",
            "On average over all {count} situations asked for, where an option is open",
            self.matching,
        )
        return (
            Table("on_average", over, columns, rows, grouped=1),
            Table("terms_on_average", tr("The same by term"), by_term, tuple(terms), grouped=1),
        )

    def _others(self) -> Table:
        columns = (
            Column("reached", tr("reached"), "share"),
            Column(
                "knows",
                tr("where it also knows"),
                names={keyed(o.facts): self.names.facts(o.facts) for o in self.others},
            ),
            Column("option", tr("chooses most often"), names=self._options),
            Column("share", tr("share"), "share"),
        )
        rows = tuple((o.reached, keyed(o.facts), o.option, o.share) for o in self.others)
        left = self.matching - 1 - len(self.others)
        if left > 0:
            caption = trn(
                "The next likeliest situations ({count} more is rarer); ask for one by what is known there",
                "The next likeliest situations ({count} more are rarer); ask for one by what is known there",
                left,
            )
        else:
            caption = tr("The next likeliest situations; ask for one by what is known there")
        return Table("others", caption, columns, rows)

    @property
    def notes(self) -> tuple[str, ...]:
        worth = tr(
            "Payoff to come: expected from this choice on, in all and by term; what was paid before does not depend on "
            "it. {times_in_100}: the better option is not always taken.",
            times_in_100=self.times_in_100,
        )
        own = [tr("These are the actor's own odds, which differ from the analyst's.")] if self.own_odds else []
        matching, every = f"{self.matching:,}", f"{self.all_sets:,}"
        return (
            *((AS_OF_NOW,) if self.as_of_now else ()),
            " ".join([*own, worth]),
            tr("Matching situations: {matching} of {every}.", matching=matching, every=every),
        )
