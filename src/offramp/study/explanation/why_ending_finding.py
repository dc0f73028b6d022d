"""Why an ending is rare, or likely, in sentences and tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from offramp.common.numerals import percent, quantity
from offramp.common.texts import tr, trn
from offramp.common.words import listed
from offramp.crisis.names import Names, capital, possessive
from offramp.game.game import Situation
from offramp.study.basis import AS_OF_NOW, NO_EQUILIBRIUM
from offramp.study.explanation.decisive import Turning
from offramp.study.explanation.motives import Motive
from offramp.study.explanation.preference import preference
from offramp.study.explanation.tipping_values import TippingValue
from offramp.study.finding import Column, Finding, Table, Value
from offramp.study.wording import keyed

NAMED = 3
"""Number of moves, and of tipping values for each, that sentences name."""
MOST_FACTS = 6
"""Number of facts that a sentence names of a situation, the latest; it counts the others."""
RARE = 0.2
"""An ending that is less likely is called rare."""


@dataclass(frozen=True)
class DecisiveChoice:
    """A move on which the ending turns, and the situation in which it does so most.

    `situation`: that information set, `reached` so often, known by `facts`; `motives`: its options, best first.
    `only_here`: the ending's probability if `turning.wanted` were always taken there, but elsewhere as before.
    """

    turning: Turning
    situation: Situation
    reached: float
    facts: Mapping[str, str]
    motives: tuple[Motive, ...]
    only_here: float

    @property
    def best(self) -> Motive:
        """The option that the actor prefers there."""
        return self.motives[0]

    @property
    def wanted(self) -> Motive:
        """The option on which the ending turns."""
        return next(motive for motive in self.motives if motive.option == self.turning.wanted)

    @property
    def is_preferred(self) -> bool:
        """Whether the actor prefers the option on which the ending turns already."""
        return self.best is self.wanted


@dataclass(frozen=True, repr=False)
class WhyEnding(Finding):
    """Why an ending is rare, or likely.

    `probability`: in one solve. `choices`: the moves on which it turns, most first; `turns`: every such move, in the
    same order. `tipping`: values of one input at which the ending becomes as likely as not, or a choice flips;
    `varied`: how many inputs were tried. `moment`: as of when, in words; empty from the outset.
    """

    crisis: str
    names: Names
    solved: str
    converged: bool
    ending: str
    probability: float
    turns: tuple[Turning, ...]
    choices: tuple[DecisiveChoice, ...]
    tipping: tuple[TippingValue, ...]
    varied: int
    moment: str = ""
    as_of_now: bool = False
    """Whether the crisis is taken after its outset; the `moment` of a draft is never empty."""

    @property
    def is_rare(self) -> bool:
        """Whether the ending is less likely than not; the question is then what keeps it away."""
        return self.probability < 0.5

    @property
    def heading(self) -> str:
        """What is asked: why the ending is so likely, so rare or, between the two, not likelier."""
        if not self.is_rare:
            return tr("Why {ending} is so likely", ending=self._ending)
        if self.probability < RARE:
            return tr("Why {ending} is so rare", ending=self._ending)
        return tr("Why {ending} is not likelier", ending=self._ending)

    @property
    def _ending(self) -> str:
        return self.names.endings[self.ending]

    def _move(self, choice: DecisiveChoice) -> str:
        return self.names.step(choice.turning.move, choice.turning.round)

    def _option(self, choice: DecisiveChoice, key: str) -> str:
        return self.names.option(choice.turning.move, key)

    @property
    def title(self) -> str:
        called = {"crisis": self.crisis, "ending": self._ending}
        if not self.is_rare:
            return tr("{crisis}: why is {ending} so likely?", **called)
        if self.probability < RARE:
            return tr("{crisis}: why is {ending} so rare?", **called)
        return tr("{crisis}: why is {ending} not likelier?", **called)

    @property
    def basis(self) -> str:
        return self.solved

    @property
    def answer(self) -> tuple[str, ...]:
        sentences = [] if self.converged else [NO_EQUILIBRIUM]
        ending, probability = capital(self._ending), percent(self.probability)
        sentences.append(tr("{ending} is {probability} likely in this solve.", ending=ending, probability=probability))
        return (*sentences, *self._choices(), *self._tipping())

    def _choices(self) -> Iterator[str]:
        if self.probability == 0.0:
            yield tr("It cannot come about, whatever the actors choose.")
            return
        if not self.choices and self.is_rare:
            yield tr("No choice keeps it away: it is as likely whatever any one actor does at any one move.")
        elif not self.choices:
            yield tr("No choice brings it about: it is as likely whatever any one actor does at any one move.")
        for number, choice in enumerate(self.choices):
            yield self._turns(choice, is_first=not number)
            yield " ".join(self._prefers(choice))

    def _turns(self, choice: DecisiveChoice, *, is_first: bool) -> str:
        """How the ending turns on a choice."""
        turning = choice.turning
        shares = sorted(turning.chosen.items(), key=lambda item: -item[1])
        values = {
            "whose": possessive(self.names.actors[turning.actor]),
            "move": self._move(choice),
            "chosen": listed(f"{self._option(choice, option)} {percent(share)}" for option, share in shares),
            "option": self._option(choice, turning.wanted),
            "ending": self._ending,
            "probability": percent(turning.always[turning.wanted]),
        }
        if not is_first:
            return tr(
                "Then comes {whose} choice at {move} ({chosen}): if it always took {option} where it can, {ending} "
                "would be {probability} likely.",
                **values,
            )
        if self.is_rare:
            return tr(
                "What keeps it away most is {whose} choice at {move} ({chosen}): if it always took {option} where it "
                "can, {ending} would be {probability} likely.",
                **values,
            )
        return tr(
            "What brings it about most is {whose} choice at {move} ({chosen}): if it always took {option} where it "
            "can, {ending} would be {probability} likely.",
            **values,
        )

    def _prefers(self, choice: DecisiveChoice) -> Iterator[str]:
        """Where a choice matters most, and what the actor prefers there."""
        actor = self.names.actors[choice.turning.actor]
        if facts := self.names.facts(dict(list(choice.facts.items())[-MOST_FACTS:])):
            if (earlier := len(choice.facts) - MOST_FACTS) > 0:
                facts = tr("{facts}; and {count} more, from before", facts=facts, count=earlier)
            yield tr("It matters most where {actor} knows this: {facts}.", actor=actor, facts=facts)
        if choice.is_preferred:
            yield tr("There {option} is its best option already.", option=self._option(choice, choice.best.option))
        else:
            words = self.names.options_of(choice.turning.move), self.names.terms_of(choice.turning.actor)
            yield preference(actor, choice.best, choice.wanted, *words)

    def _tipping(self) -> Iterator[str]:
        if not self.varied:
            return
        yield self._would_have_to_be(tr("For {ending} to become as likely as not", ending=self._ending), 0)
        for number, choice in enumerate(self.choices, start=1):
            called = {"option": self._option(choice, choice.turning.wanted), "move": self._move(choice)}
            if choice.is_preferred:
                purpose = tr("For {option} to stop being the best option there, at {move}", **called)
            else:
                purpose = tr("For {option} to be the best option there, at {move}", **called)
            yield self._would_have_to_be(purpose, number)

    def _would_have_to_be(self, purpose: str, flips: int) -> str:
        found = [value for value in self.tipping if value.flips == flips]
        if not found:
            return tr("{purpose}, no value of any one input is enough.", purpose=purpose)
        needed = self._value_needed(found[0])
        for other in found[1:NAMED]:
            needed = tr("{value}, or {other}", value=needed, other=self._value_needed(other))
        if any(one.is_within for one in found):
            return tr("{purpose}, {needed}.", purpose=purpose, needed=needed)
        return tr(
            "{purpose}, no value in the range of any one input is enough; beyond it, {needed}.",
            purpose=purpose, needed=needed,
        )  # fmt: skip

    def _value_needed(self, one: TippingValue) -> str:
        """What an input would have to be, and what it is."""
        value, now, low, high = (quantity(number) for number in (one.value, one.now, one.low, one.high))
        values = {"input": self.names.inputs[one.input], "value": value, "now": now, "low": low, "high": high}
        if one.above:
            return tr("{input} would have to be above {value}; it is {now} ({low} to {high})", **values)
        return tr("{input} would have to be below {value}; it is {now} ({low} to {high})", **values)

    @property
    def tables(self) -> tuple[Table, ...]:
        return self._moves(), self._situations(), self._terms(), self._values()

    def _moves(self) -> Table:
        columns = (
            Column("move", tr("move"), names=self.names.steps), Column("round", tr("round"), "count"),
            Column("by", tr("by"), names=self.names.actors),
            Column("option", tr("option"), of="move", names=self.names.options),
            Column("chosen", tr("chosen"), "share"), Column("always", tr("ending, if always"), "share"),
            Column("change", tr("points"), "points"),
        )  # fmt: skip
        rows: list[tuple[Value, ...]] = [
            (one.move, one.round or None, one.actor, option, share, one.always[option],
             one.always[option] - self.probability)
            for one in self.turns
            for option, share in one.chosen.items()
        ]  # fmt: skip
        caption = tr(
            "How likely {ending} would be if an option were always taken where it is open", ending=self._ending
        )
        return Table("choices", caption, columns, tuple(rows), grouped=3)

    def _situations(self) -> Table:
        knows = {keyed(choice.facts): self.names.facts(choice.facts) for choice in self.choices}
        columns = (
            Column("move", tr("move"), names=self.names.steps), Column("round", tr("round"), "count"),
            Column("knows", tr("where it knows"), names=knows), Column("reached", tr("reached"), "share"),
            Column("option", tr("option"), of="move", names=self.names.options),
            Column("chosen", tr("chosen"), "share"), Column("value", tr("payoff to come"), "amount"),
            Column("ending", tr("ending then"), "share"),
            Column("only_here", tr("ending, if always here"), "share"),
        )  # fmt: skip
        rows: list[tuple[Value, ...]] = [
            (one.turning.move, one.turning.round or None, keyed(one.facts),
             one.reached, motive.option, motive.chosen, motive.value, motive.endings_for_analyst[self.ending],
             one.only_here if motive is one.wanted else None)
            for one in self.choices
            for motive in one.motives
        ]  # fmt: skip
        return Table("situations", tr("The situations in which it matters most"), columns, tuple(rows), grouped=4)

    def _terms(self) -> Table:
        names = self.names
        terms = {
            (one.turning.move, key): name
            for one in self.choices
            for key, name in names.terms_of(one.turning.actor).items()
        }
        columns = (
            Column("move", tr("move"), names=self.names.steps), Column("round", tr("round"), "count"),
            Column("best", tr("best option"), of="move", names=self.names.options),
            Column("wanted", tr("other option"), of="move", names=self.names.options),
            Column("term", tr("term"), of="move", names=terms), Column("difference", tr("better by"), "amount"),
        )  # fmt: skip
        rows: list[tuple[Value, ...]] = [
            (one.turning.move, one.turning.round or None, one.best.option, one.wanted.option, term,
             one.best.terms[term] - one.wanted.terms[term])
            for one in self.choices
            if not one.is_preferred
            for term in one.best.terms
        ]  # fmt: skip
        return Table(
            "terms", tr("By how much the best option there is better, by payoff term"), columns, tuple(rows), grouped=4
        )

    def _values(self) -> Table:
        columns = (
            Column("flips", tr("what flips")), Column("input", tr("input"), names=self.names.inputs),
            Column("side", tr("would have to be"), names={"above": tr("above"), "below": tr("below")}),
            Column("value", tr("value"), "number"), Column("now", tr("is"), "number"),
            Column("low", tr("1 %"), "number"), Column("high", tr("99 %"), "number"),
            Column("within", tr("in its range")),
        )  # fmt: skip
        rows: list[tuple[Value, ...]] = [
            (self._flips(one.flips), one.input, "above" if one.above else "below", one.value, one.now, one.low,
             one.high, one.is_within)
            for one in self.tipping
        ]  # fmt: skip
        return Table("tipping", tr("One input at a time: where it flips"), columns, tuple(rows), grouped=1)

    def _flips(self, number: int) -> str:
        if not number:
            return tr("{ending} as likely as not", ending=self._ending)
        choice = self.choices[number - 1]
        called = {"move": self._move(choice), "option": self._option(choice, choice.turning.wanted)}
        if choice.is_preferred:
            return tr("{move}: {option} no longer best", **called)
        return tr("{move}: {option} the best", **called)

    @property
    def notes(self) -> tuple[str, ...]:
        return (
            tr(
                "If an option is always taken: at every situation of the move in that round where it is open, "
                "everybody else as before. The change at a situation is weighted by how often play gets there. Payoffs "
                "are expected from the choice on, in the actor's own odds."
            ),
            *((self._how_varied,) if self.varied else ()),
            *((AS_OF_NOW,) if self.as_of_now else ()),
        )

    @property
    def _how_varied(self) -> str:
        return trn(
            "Tipping values: {count} uncertain input, one at a time, the others at their values in this solve; tried "
            "from the 1 to the 99 % quantile of the input, then beyond by up to twice that range as far as the odds "
            "stay possible and its sign the same. The first value on the way out counts; at each the game is solved "
            "again.",
            "Tipping values: {count} uncertain inputs, one at a time, the others at their values in this solve; tried "
            "from the 1 to the 99 % quantile of the input, then beyond by up to twice that range as far as the odds "
            "stay possible and its sign the same. The first value on the way out counts; at each the game is solved "
            "again.",
            self.varied,
        )
