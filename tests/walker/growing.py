"""The whole game tree of one draw, grown history by history.

An information set is a `Key`: the move, its round (0 outside rounds) and everything its mover has seen.
"""

from __future__ import annotations

import gc
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from typing import NamedTuple

from offramp.crisis.expressions.expression import Expression
from offramp.crisis.model import Crisis
from offramp.crisis.parts import Measure, Term
from offramp.crisis.steps import Chance, Move, Odds, Rounds, State, Step, Tell, Together
from tests.walker.arithmetic import Number, Sums, Value, medians, shown, value_of, with_pulled

Position = tuple[str, int]
"""A chance step or move, and its round (0 outside rounds)."""
Key = tuple[str, int, frozenset[tuple[str, Value]]]

Paid = Term | Measure
"""What is paid to an actor, or adds to a measure."""

SKIPPED = "skipped"
ANALYST = ""
"""Whose odds are meant: an actor's own, or the analyst's."""


@dataclass(frozen=True)
class Terminal:
    """The end of a history: its ending, what each (actor, term) has been paid in all, and what happened.

    `to_come` is the part of `paid` that is paid after now: not before the first step ahead, whether it happens or not.
    `happened` gives by position the option or `skipped`; steps of rounds that are not played are missing.
    """

    ending: str | None
    paid: Mapping[tuple[str, str], Number]
    to_come: Mapping[tuple[str, str], Number] = field(default_factory=dict, kw_only=True)
    happened: Mapping[Position, str] = field(default_factory=dict, kw_only=True)
    measured: Mapping[str, Number] = field(default_factory=dict, kw_only=True)


@dataclass(frozen=True)
class ChanceNode:
    """`odds[who][option]`, for the analyst and every actor."""

    step: str
    round: int
    odds: Mapping[str, Mapping[str, Number]]
    branches: Mapping[str, Node]


@dataclass(frozen=True)
class DecisionNode:
    actor: str
    key: Key
    branches: Mapping[str, Node]


Node = Terminal | ChanceNode | DecisionNode


@dataclass(frozen=True)
class Now:
    """A moment of the timeline: the positions that are past, and the levers that are pulled from then on."""

    past: frozenset[Position] = frozenset()
    levers: tuple[str, ...] = ()


OUTSET = Now()
CHOSEN = (Chance, Move)


@dataclass(frozen=True)
class _Sight:
    """A value as some actors saw it, in round `round` of the rounds at `block` (None: outside)."""

    label: str
    value: Value
    seen_by: frozenset[str]
    block: int | None
    round: int


class History(NamedTuple):
    """What has happened so far, and who has seen what.

    `block` are the rounds being played, `played` how many of each; `values` holds inputs, steps,
    states and `round`; `versions` every value that a state has had, with its name in perfect recall.
    Inside `together` sights wait in `veiled`. `ahead`: whether a step after now has been reached.
    """

    values: Mapping[str, Value]
    paid: Mapping[tuple[str, str], Number]
    to_come: Mapping[tuple[str, str], Number]
    ahead: bool = False
    happened: Mapping[Position, str] = {}
    measured: Mapping[str, Number] = {}
    versions: Mapping[str, tuple[tuple[str, Value], ...]] = {}
    sights: tuple[_Sight, ...] = ()
    veiled: tuple[_Sight, ...] | None = None
    block: int | None = None
    played: Mapping[int, int] = {}

    @property
    def round(self) -> int:
        return 0 if self.block is None else self.played[self.block]

    def seen(self, label: str, value: Value, by: Iterable[str]) -> History:
        sight = _Sight(label, value, frozenset(by), self.block, self.round)
        if self.veiled is not None:
            return self._replace(veiled=(*self.veiled, sight))
        return self._replace(sights=(*self.sights, sight))

    def step(self, step: Chance | Move, value: str) -> History:
        happened = {**self.happened, (step.key, self.round): value}
        after = self._replace(values={**self.values, step.key: value}, happened=happened)
        return after.seen(step.key, value, step.seen_by)

    def state(self, name: str, version: str, value: Value) -> History:
        versions = {**self.versions, name: (*self.versions.get(name, ()), (version, value))}
        return self._replace(values={**self.values, name: value}, versions=versions)

    def unveiled(self) -> History:
        return self._replace(sights=(*self.sights, *(self.veiled or ())), veiled=None)

    def in_round(self, block: int, number: int) -> History:
        values = {**self.values, "round": number}
        return self._replace(block=block, played={**self.played, block: number}, values=values)


Then = Callable[[History], Node]


@dataclass(frozen=True)
class Grower:
    """Grows the tree: each method plays one thing out and hands every continuation to `then`.

    The past is played with the levers that the crisis has pulled; levers of `now` act on the steps ahead.
    """

    crisis: Crisis
    now: Now = field(default=OUTSET, kw_only=True)
    numbers: dict[tuple[Value, ...], Number] = field(default_factory=dict, kw_only=True)
    """What each expression came to with each combination of the values that it names."""
    due_amounts: dict[tuple[Value, ...], list[tuple[Paid, Number]]] = field(default_factory=dict, kw_only=True)
    """What each list of terms and measures came to with each combination of the values that it names."""
    shares: dict[tuple[Value, ...], dict[str, float]] = field(default_factory=dict, kw_only=True)
    """What the odds of a chance step came to with each combination of the values that they name."""
    add: Sums = field(default_factory=Sums, kw_only=True)
    names: dict[int, tuple[str, ...]] = field(default_factory=dict, kw_only=True)
    """By expression, odds, or list of terms and measures, what it names."""

    def grow(self, inputs: Mapping[str, float]) -> Node:
        nothing: dict[tuple[str, str], float] = {(term.actor, term.key): 0 for term in self.crisis.terms}
        measured: dict[str, Number] = {measure.key: 0 for measure in self.crisis.measures}
        history = History(with_pulled(self.crisis, inputs), nothing, nothing, measured=measured)
        return self.timeline(0, self.settled(-1, history if self.now.past else self.ahead(history)))

    def number(self, expression: Expression, values: Mapping[str, Value]) -> Number:
        names = self.names.get(id(expression))
        if names is None:
            names = self.names[id(expression)] = tuple(sorted(expression.names))
        at = id(expression), *(values[name] for name in names)
        if at not in self.numbers:
            self.numbers[at] = value_of(expression.root, values)
        return self.numbers[at]

    def holds(self, condition: Expression | None, history: History) -> bool:
        return condition is None or self.number(condition, history.values) != 0

    def amounts(self, due: list[Paid], values: Mapping[str, Value]) -> list[tuple[Paid, Number]]:
        """What is due and not 0. `due` stays the same list in all histories."""
        names = self.names.get(id(due))
        if names is None:
            names = self.names[id(due)] = tuple(sorted({name for one in due for name in one.pays.names}))
        at = id(due), *(values[name] for name in names)
        if at not in self.due_amounts:
            amounts = [(one, self.number(one.pays, values)) for one in due]
            self.due_amounts[at] = [(one, amount) for one, amount in amounts if amount != 0]
        return self.due_amounts[at]

    def pay(self, history: History, due: list[Paid]) -> History:
        """Pay the terms, and add up the measures, that are due and not 0."""
        amounts = self.amounts(due, history.values)
        if not amounts:
            return history
        nothing_before_now = history.ahead and history.to_come is history.paid
        paid, measured = dict(history.paid), dict(history.measured)
        to_come = paid if nothing_before_now else dict(history.to_come)
        for one, amount in amounts:
            if isinstance(one, Measure):
                measured[one.key] = self.add(measured[one.key], amount)
                continue
            at = one.actor, one.key
            paid[at] = self.add(paid[at], amount)
            if history.ahead and not nothing_before_now:
                to_come[at] = self.add(to_come[at], amount)
        return history._replace(paid=paid, to_come=to_come, measured=measured)

    @cached_property
    def due_each_round(self) -> dict[int | None, list[Paid]]:
        """What is due at the end of each round, by the place of the rounds in the timeline."""
        found = defaultdict(list)
        for one in (*self.crisis.terms, *self.crisis.measures):
            found[one.each_round].append(one)
        return found

    @cached_property
    def due_once(self) -> dict[int, list[Paid]]:
        """What is due once, by the place in the timeline that settles it."""
        found = defaultdict(list)
        for one in self.due_each_round[None]:
            found[self.settles[id(one.pays)]].append(one)
        return found

    @cached_property
    def states(self) -> tuple[State, ...]:
        return tuple(step for step in self.crisis.steps() if isinstance(step, State))

    @cached_property
    def tells(self) -> tuple[Tell, ...]:
        return tuple(step for step in self.crisis.steps() if isinstance(step, Tell))

    def timeline(self, position: int, history: History) -> Node:
        if position == len(self.crisis.timeline):
            reached = (ending.key for ending in self.crisis.endings if self.holds(ending.condition, history))
            then_on = {"to_come": history.to_come, "happened": history.happened, "measured": history.measured}
            return Terminal(next(reached, None), history.paid, **then_on)
        step = self.crisis.timeline[position]

        def then(after: History) -> Node:
            return self.timeline(position + 1, self.settled(position, after))

        if isinstance(step, Rounds):
            return self.rounds(step, position, history, then)
        return self.steps((step,), history, then)

    def rounds(self, rounds: Rounds, block: int, history: History, then: Then) -> Node:
        inner = [step for step in flat(rounds.steps) if isinstance(step, Chance | Move)]
        if not self.holds(rounds.condition, history):
            history = history.in_round(block, 0)
            for step in inner:
                history = history.step(step, SKIPPED)
            return then(history._replace(block=None))

        def end_of_round(after: History) -> Node:
            after = self.passing(after, block, after.round)
            after = self.pay(after, self.due_each_round[block])
            if after.round == rounds.count or (rounds.until and self.holds(rounds.until, after)):
                return then(after._replace(block=None))
            return self.steps(rounds.steps, after.in_round(block, after.round + 1), end_of_round)

        return self.steps(rounds.steps, history.in_round(block, 1), end_of_round)

    def steps(self, steps: tuple[Step, ...], history: History, then: Then) -> Node:
        if not steps:
            return then(history)

        def rest(after: History) -> Node:
            return self.steps(steps[1:], after, then)

        step = steps[0]
        happens = self.holds(step.condition, history)
        match step:
            case Together(steps=siblings) if happens:
                return self.steps(siblings, history._replace(veiled=()), lambda after: rest(after.unveiled()))
            case Together(steps=siblings):
                for sibling in siblings:
                    history = history.step(sibling, SKIPPED)
                return rest(history)
            case State(key=name, becomes=becomes):
                value = self.number(becomes, history.values) if happens else history.values[name]
                return rest(history.state(name, str(history.round), value))
            case Tell(step=told, to=to):
                for actor in to if happens else ():
                    history = history.seen(self.label(step, actor), history.values[told], [actor])
                return rest(history)
            case Chance() | Move() if not happens:
                return rest(history.step(step, SKIPPED))
            case Chance(key=name, options=options):
                history = self.at(step, history)
                branches = {option: rest(history.step(step, option)) for option in options}
                return ChanceNode(name, history.round, self.odds(step, history), branches)
            case Move(key=name, by=by):
                history = self.at(step, history)
                key = (name, history.round, frozenset(self.sees(by, history).items()))
                branches = {option: rest(history.step(step, option)) for option in self.available(step, history)}
                return DecisionNode(by, key, branches)
            case _:
                raise TypeError(f"{type(step).__name__} inside other steps")

    @cached_property
    def through(self) -> dict[tuple[int, int], int]:
        """The number of positions through each place in the timeline, and (place, round) through a round of rounds."""
        found: dict[tuple[int, int], int] = {}
        count = 0
        for place, top in enumerate(self.crisis.timeline):
            inner = sum(isinstance(step, CHOSEN) for step in flat([top]))
            for number in range(1, top.count + 1 if isinstance(top, Rounds) else 2):
                count += inner
                found[place, number] = found[place, 0] = count
        return found

    def passing(self, history: History, place: int, number: int = 0) -> History:
        """The history at the end of a place in the timeline, or of a round there."""
        return self.ahead(history) if self.through.get((place, number), 0) > len(self.now.past) else history

    def at(self, step: Chance | Move, history: History) -> History:
        """The history as it comes to a step."""
        return history if (step.key, history.round) in self.now.past else self.ahead(history)

    def ahead(self, history: History) -> History:
        """The history after now, from which on the levers of now act."""
        if history.ahead:
            return history
        return history._replace(values=with_pulled(self.crisis, history.values, self.now.levers), ahead=True)

    def available(self, move: Move, history: History) -> list[str]:
        """The options that a move has: open or allowed, and not forbidden; if one is committed to, only that."""
        levers = [self.crisis.levers[name] for name in self.crisis.pulled]
        levers += [self.crisis.levers[name] for name in self.now.levers if history.ahead]
        allowed = {option for lever in levers for option in lever.allows.get(move.key, ())}
        gone = {*move.closed} - allowed | {option for lever in levers for option in lever.forbids.get(move.key, ())}
        there = [o for o in move.options if o not in gone and self.holds(move.only_if.get(o), history)]
        committed = [lever.commits[move.key] for lever in levers if move.key in lever.commits]
        return [option for option in there if option in committed] or there

    def odds(self, chance: Chance, history: History) -> dict[str, dict[str, float]]:
        common = self.probabilities(chance.odds, chance.options, history)
        believed = {who: self.probabilities(odds, chance.options, history) for who, odds in chance.believed_by.items()}
        return {who: believed.get(who, common) for who in (ANALYST, *self.crisis.actors)}

    def probabilities(self, odds: Odds, options: tuple[str, ...], history: History) -> dict[str, float]:
        names = self.names.get(id(odds))
        if names is None:
            rows = (expression for row in odds.rows for expression in (row.condition, *row.entries.values()))
            names = self.names[id(odds)] = tuple(
                sorted({name for one in rows if one is not None for name in one.names})
            )
        at = id(odds), *(history.values[name] for name in names)
        if at not in self.shares:
            self.shares[at] = self.of_row(odds, options, history)
        return self.shares[at]

    def of_row(self, odds: Odds, options: tuple[str, ...], history: History) -> dict[str, float]:
        row = next(row for row in odds.rows if self.holds(row.condition, history))
        given = {o: self.number(entry, history.values) for o, entry in row.entries.items() if entry is not None}
        total = sum(given.values())
        total = Fraction(total) if isinstance(total, int) else total
        if odds.normalised:
            return {option: given.get(option, 0.0) / total for option in options}
        rest = {option: 1 - total for option, entry in row.entries.items() if entry is None}
        return {option: (given | rest).get(option, 0.0) for option in options}

    @cached_property
    def settles(self) -> dict[int, int]:
        """By expression, of a state's start or a payment, the last place in the timeline that it names."""
        place = {name: at for at, top in enumerate(self.crisis.timeline) for name in names_of([top])}
        blocks = [at for at, top in enumerate(self.crisis.timeline) if isinstance(top, Rounds)]
        found: dict[int, int] = {}
        for state in self.crisis.steps():
            if isinstance(state, State):
                place["round"] = max((at for at in blocks if at < place[state.key]), default=-1)
                found[id(state.start)] = max((place[name] for name in state.start.names), default=-1)
        place["round"] = max(blocks, default=-1)
        for term in (*self.crisis.terms, *self.crisis.measures):
            found[id(term.pays)] = max((place.get(name, -1) for name in term.pays.names), default=-1)
        return found

    def settled(self, position: int, history: History) -> History:
        """Start the states and pay the terms that name nothing later than this place in the timeline."""
        history = self.passing(history, position)
        for state in self.states:
            if self.settles[id(state.start)] == position:
                history = history.state(state.key, "start", self.number(state.start, history.values))
        return self.pay(history, self.due_once[position])

    def label(self, tell: Tell, actor: str) -> str:
        """What an actor calls a told value: the step's name, unless it sees or was told that step already."""
        ordinal = [s for s in self.tells if s.step == tell.step and actor in s.to].index(tell) + 1
        if ordinal == 1 and actor not in self.crisis.named[tell.step].seen_by:
            return tell.step
        return f"{tell.step} (told {ordinal})"

    def sees(self, actor: str, history: History) -> dict[str, str | float]:
        """All that an actor knows at this point of a history, under its kind of memory."""
        recall = self.crisis.actors[actor].memory == "recall"
        known: dict[str, Value] = {"round": history.values["round"]} if "round" in history.values else {}
        blocks = [at for at, top in enumerate(self.crisis.timeline) if isinstance(top, Rounds)]
        earlier_blocks = sorted(history.played)[:-1] if recall else []
        known |= {f"round (rounds {blocks.index(at) + 1})": float(history.played[at]) for at in earlier_blocks}
        for sight in history.sights:
            if actor not in sight.seen_by:
                continue
            if sight.block is None or (sight.block == history.block and sight.round == history.round):
                known[sight.label] = sight.value
            elif recall and sight.round > 0:
                known[f"{sight.label}@{sight.round}"] = sight.value
            elif not recall and sight.block != history.block and sight.round == history.played[sight.block]:
                known[sight.label] = sight.value
        for name, versions in history.versions.items():
            state = self.crisis.named[name]
            if isinstance(state, State) and actor in state.seen_by:
                known[name] = versions[-1][1]
                earlier = versions[:-1] if state.start.names else versions[1:-1]
                known |= {f"{name}@{version}": value for version, value in earlier if recall}
        return {label: shown(value) for label, value in known.items()}


def flat(steps: Iterable[Step]) -> list[Step]:
    inner = [flat(step.steps) if isinstance(step, Together | Rounds) else [step] for step in steps]
    return [step for group in inner for step in group]


def names_of(steps: Iterable[Step]) -> list[str]:
    return [step.key for step in flat(steps) if isinstance(step, Chance | Move | State)]


def tree(crisis: Crisis, inputs: Mapping[str, float] | None = None, now: Now = OUTSET) -> Node:
    """The game tree of one draw of the inputs; their medians by default."""
    gc.disable()  # it would look through millions of objects again and again, none of which is garbage
    try:
        return Grower(crisis, now=now).grow(medians(crisis) if inputs is None else inputs)
    finally:
        gc.enable()


def positions(crisis: Crisis) -> list[tuple[Position, ...]]:
    """The positions of the timeline in order; those of a `together` are one."""

    def inside(steps: Iterable[Step], number: int) -> list[tuple[Position, ...]]:
        return [tuple((step.key, number) for step in flat([top]) if isinstance(step, CHOSEN)) for top in steps]

    found = []
    for top in crisis.timeline:
        if isinstance(top, Rounds):
            for number in range(1, top.count + 1):
                found += inside(top.steps, number)
        else:
            found += inside([top], 0)
    return [group for group in found if group]
