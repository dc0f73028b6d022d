"""Why an ending is rare, or likely: the choices on which it turns, and what would have to be otherwise."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass

from offramp.common.numerals import percent, quantity
from offramp.common.words import listed
from offramp.crisis.names import Names, capital, names_of, possessive
from offramp.equilibrium.solution import Solution
from offramp.equilibrium.sweeps import Block
from offramp.game.game import Situation
from offramp.study.basis import AS_OF_NOW, NO_EQUILIBRIUM, moment, one_solve
from offramp.study.explanation.decisive import Turning, effects, turnings
from offramp.study.explanation.motives import Motive, motives
from offramp.study.explanation.preference import preference
from offramp.study.explanation.tipping_values import OptionWanted, TippingValue, tipping_values
from offramp.study.finding import Column, Finding, Table, Value
from offramp.study.wording import keyed, telling_facts

NAMED = 3
"""Number of moves, and of tipping values for each, that sentences name."""
MOST_FACTS = 6
"""Number of facts that a sentence names of a situation."""
RARE = 0.2
"""An ending that is less likely is called rare."""
PRINTED = 0.0005
"""A probability that changes by less prints the same."""


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
    def asked(self) -> str:
        """What is asked of the ending, why it is this: `so likely`, `so rare` or, between the two, `not likelier`."""
        return "so likely" if not self.is_rare else "so rare" if self.probability < RARE else "not likelier"

    @property
    def _ending(self) -> str:
        return self.names.endings[self.ending]

    def _move(self, choice: DecisiveChoice) -> str:
        return self.names.step(choice.turning.move, choice.turning.round)

    def _option(self, choice: DecisiveChoice, key: str) -> str:
        return self.names.option(choice.turning.move, key)

    @property
    def title(self) -> str:
        return f"{self.crisis}: why is {self._ending} {self.asked}?"

    @property
    def basis(self) -> str:
        return self.solved

    @property
    def answer(self) -> tuple[str, ...]:
        sentences = [] if self.converged else [NO_EQUILIBRIUM]
        sentences.append(f"{capital(self._ending)} is {percent(self.probability)} likely in this solve.")
        return (*sentences, *self._choices(), *self._tipping())

    def _choices(self) -> Iterator[str]:
        way = "keeps it away" if self.is_rare else "brings it about"
        if self.probability == 0.0:
            yield "It cannot come about, whatever the actors choose."
            return
        if not self.choices:
            yield f"No choice {way}: it is as likely whatever any one actor does at any one move."
        for number, choice in enumerate(self.choices):
            turning = choice.turning
            shares = sorted(turning.chosen.items(), key=lambda item: -item[1])
            chosen = listed(f"{self._option(choice, option)} {percent(share)}" for option, share in shares)
            opening = f"What {way} most is" if not number else "Then comes"
            actor = self.names.actors[turning.actor]
            yield (
                f"{opening} {possessive(actor)} choice at {self._move(choice)} ({chosen}): if it always took "
                f"{self._option(choice, turning.wanted)} where it can, {self._ending} would be "
                f"{percent(turning.always[turning.wanted])} likely."
            )
            facts = dict(list(choice.facts.items())[:MOST_FACTS])
            where = f"It matters most where {actor} knows this: {self.names.facts(facts)}. " if facts else ""
            if choice.is_preferred:
                yield f"{where}There {self._option(choice, choice.best.option)} is its best option already."
            else:
                words = self.names.options_of(turning.move), self.names.terms_of(turning.actor)
                yield f"{where}{preference(actor, choice.best, choice.wanted, *words)}"

    def _tipping(self) -> Iterator[str]:
        if not self.varied:
            return
        even = f"For {self._ending} to become as likely as not"
        yield self._would_have_to_be(even, 0)
        for number, choice in enumerate(self.choices, start=1):
            verb = "stop being" if choice.is_preferred else "be"
            best = f"For {self._option(choice, choice.turning.wanted)} to {verb} the best option there"
            yield self._would_have_to_be(f"{best}, at {self._move(choice)}", number)

    def _would_have_to_be(self, purpose: str, flips: int) -> str:
        found = [value for value in self.tipping if value.flips == flips]
        if not found:
            return f"{purpose}, no value of any one input is enough."
        values = (
            f"{self.names.inputs[one.input]} would have to be {'above' if one.above else 'below'} "
            f"{quantity(one.value)}; it is {quantity(one.now)} ({quantity(one.low)} to {quantity(one.high)})"
            for one in found[:NAMED]
        )
        some = [one for one in found if one.is_within]
        within = "" if some else "no value in the range of any one input is enough; beyond it, "
        return f"{purpose}, {within}{', or '.join(values)}."

    @property
    def tables(self) -> tuple[Table, ...]:
        return self._moves(), self._situations(), self._terms(), self._values()

    def _moves(self) -> Table:
        columns = (
            Column("move", "move", names=self.names.steps), Column("round", "round", "count"),
            Column("by", "by", names=self.names.actors),
            Column("option", "option", of="move", names=self.names.options), Column("chosen", "chosen", "share"),
            Column("always", "ending, if always", "share"),
            Column("change", "points", "points"),
        )  # fmt: skip
        rows: list[tuple[Value, ...]] = [
            (one.move, one.round or None, one.actor, option, share, one.always[option],
             one.always[option] - self.probability)
            for one in self.turns
            for option, share in one.chosen.items()
        ]  # fmt: skip
        caption = f"How likely {self._ending} would be if an option were always taken where it is open"
        return Table("choices", caption, columns, tuple(rows), grouped=3)

    def _situations(self) -> Table:
        columns = (
            Column("move", "move", names=self.names.steps), Column("round", "round", "count"),
            Column("knows", "where it knows", names={keyed(c.facts): self.names.facts(c.facts) for c in self.choices}),
            Column("reached", "reached", "share"),
            Column("option", "option", of="move", names=self.names.options), Column("chosen", "chosen", "share"),
            Column("value", "payoff to come", "amount"), Column("ending", "ending then", "share"),
            Column("only_here", "ending, if always here", "share"),
        )  # fmt: skip
        rows: list[tuple[Value, ...]] = [
            (one.turning.move, one.turning.round or None, keyed(one.facts),
             one.reached, motive.option, motive.chosen, motive.value, motive.endings_for_analyst[self.ending],
             one.only_here if motive is one.wanted else None)
            for one in self.choices
            for motive in one.motives
        ]  # fmt: skip
        return Table("situations", "The situations in which it matters most", columns, tuple(rows), grouped=4)

    def _terms(self) -> Table:
        names = self.names
        terms = {
            (one.turning.move, key): name
            for one in self.choices
            for key, name in names.terms_of(one.turning.actor).items()
        }
        columns = (
            Column("move", "move", names=self.names.steps), Column("round", "round", "count"),
            Column("best", "best option", of="move", names=self.names.options),
            Column("wanted", "other option", of="move", names=self.names.options),
            Column("term", "term", of="move", names=terms), Column("difference", "better by", "amount"),
        )  # fmt: skip
        rows: list[tuple[Value, ...]] = [
            (one.turning.move, one.turning.round or None, one.best.option, one.wanted.option, term,
             one.best.terms[term] - one.wanted.terms[term])
            for one in self.choices
            if not one.is_preferred
            for term in one.best.terms
        ]  # fmt: skip
        return Table("terms", "By how much the best option there is better, by payoff term", columns, tuple(rows), 4)

    def _values(self) -> Table:
        columns = (
            Column("flips", "what flips"), Column("input", "input", names=self.names.inputs),
            Column("side", "would have to be"),
            Column("value", "value", "number"), Column("now", "is", "number"), Column("low", "1 %", "number"),
            Column("high", "99 %", "number"), Column("within", "in its range"),
        )  # fmt: skip
        rows: list[tuple[Value, ...]] = [
            (self._flips(one.flips), one.input, "above" if one.above else "below", one.value, one.now, one.low,
             one.high, one.is_within)
            for one in self.tipping
        ]  # fmt: skip
        return Table("tipping", "One input at a time: where it flips", columns, tuple(rows), grouped=1)

    def _flips(self, number: int) -> str:
        if not number:
            return f"{self._ending} as likely as not"
        choice = self.choices[number - 1]
        wanted, which = self._option(choice, choice.turning.wanted), "no longer" if choice.is_preferred else "the"
        return f"{self._move(choice)}: {wanted} {which} best"

    @property
    def notes(self) -> tuple[str, ...]:
        return (
            "If an option is always taken: at every situation of the move in that round where it is open, everybody "
            "else as before. The change at a situation is weighted by how often play gets there. Payoffs are expected "
            "from the choice on, in the actor's own odds.",
            *((self._how_varied,) if self.varied else ()),
            *((AS_OF_NOW,) if self.as_of_now else ()),
        )

    @property
    def _how_varied(self) -> str:
        return (
            f"Tipping values: {self.varied:,} uncertain inputs, one at a time, the others at their values in this "
            "solve; tried from the 1 to the 99 % quantile of the input, then beyond by up to twice that range as far "
            "as the odds stay possible and its sign the same. The first value on the way out counts; at each the game "
            "is solved again."
        )


def why_ending(
    block: Block,
    solution: Solution,
    ending: str,
    given: Mapping[str, float] | None = None,
    rationality: float | None = None,
    executor: Executor | None = None,
    *,
    tipping: bool = True,
) -> WhyEnding:
    """Why an ending is rare, or likely, in a solved draw.

    Parameters
    ----------
    block, solution
        The draw, and its solution.
    ending
        The ending's key.
    given, rationality
        What the draw was solved with, as in `offramp.solve`.
    executor
        The executor that solves other values of the inputs; by default threads of this process.
    tipping
        Whether tipping values are looked for, which solves some hundred values of the inputs.

    Raises
    ------
    UsageError
        If there is no such ending.
    """
    game = block.game
    game.crisis.ending_index(ending)
    found = effects(block, solution, ending)
    towards = found.probability < 0.5
    every = turnings(found, solution, towards=towards)
    facts_of = telling_facts(game.situations)
    choices = []
    for one in every[:NAMED]:
        if abs(one.always[one.wanted] - found.probability) < PRINTED:
            break
        situation = game.situations[one.held]
        facts = {label: value for label, value in facts_of(situation).items() if label != "round"}
        choices.append(
            DecisiveChoice(
                one, situation, float(solution.reached[one.held]), facts,
                motives(block, solution, one.held), found.probability + one.change,
            )
        )  # fmt: skip
    flipping = [
        OptionWanted(one.situation.slots, one.situation.slots.start + one.situation.options.index(one.turning.wanted))
        for one in choices
    ]
    past = None if solution.so_far is None else solution.so_far.past
    varied = [name for name in game.crisis.effective_inputs if name not in (given or {})] if tipping else []
    return WhyEnding(
        crisis=game.crisis.title,
        names=names_of(game.crisis),
        solved=one_solve(solution),
        converged=solution.converged,
        ending=ending,
        probability=found.probability,
        turns=every,
        choices=tuple(choices),
        tipping=tipping_values(game, ending, flipping, varied, given, rationality, executor, past),
        varied=len(varied),
        moment=moment(game.crisis),
        as_of_now=game.crisis.outset is not None,
    )
