"""The oracle: a crisis played out history by history, in plain Python, straight from the design.

It shares the written model with Offramp and nothing else: no compiler, no arrays, no merging, and an
evaluator of its own, in which a number is a float if it depends on inputs and a fraction if it does not.
`tree` grows the whole game tree of one draw; `walk` follows a profile through it.
An information set is a `Key`: the move, its round (0 outside rounds) and everything its mover has seen.
"""

from __future__ import annotations

import math
import operator
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any

import numpy as np

from offramp.crisis import model
from offramp.crisis.expressions.expression import (
    Binary,
    Call,
    Compare,
    Expression,
    IfElse,
    Is,
    Logic,
    Member,
    Name,
    Unary,
)
from offramp.crisis.expressions.expression import Node as Formula
from offramp.crisis.expressions.expression import Number as Literal

Number = int | Fraction | float
Value = Number | str
Key = tuple[str, int, frozenset[tuple[str, Value]]]
Profile = Callable[[Key, tuple[str, ...]], Mapping[str, float]]
"""A profile gives, at an information set with these options, the probability of each."""

SKIPPED = "skipped"
ANALYST = ""
"""Whose odds are meant: an actor's own, or the analyst's."""

OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "**": operator.pow,
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
FUNCTIONS: dict[str, Callable[..., Any]] = {
    "min": min,
    "max": max,
    "abs": abs,
    "exp": math.exp,
    "log": math.log,
    "sqrt": math.sqrt,
    "clip": lambda x, low, high: min(max(x, low), high),
}
LONGEST_BITS, SIGNIFICANT_DIGITS = 480, 12


def alike(*numbers: Number) -> list[Number]:
    """The numbers, all as floats if one of them is."""
    return [*map(float, numbers)] if float in map(type, numbers) else [*numbers]


def rounded(number: Number) -> Fraction:
    """A number of few digits, half to even."""
    fraction, exponent = Fraction(number), 0
    while abs(fraction) >= 10**SIGNIFICANT_DIGITS:
        fraction, exponent = fraction / 10, exponent + 1
    while 0 < abs(fraction) < 10 ** (SIGNIFICANT_DIGITS - 1):
        fraction, exponent = fraction * 10, exponent - 1
    return round(fraction) * Fraction(10) ** exponent


def kept(number: Number) -> Number:
    """A number as it is carried on: one of many digits is rounded, unless it is a float."""
    if isinstance(number, float):
        return number
    bits = max(number.numerator.bit_length(), number.denominator.bit_length())
    return rounded(number) if bits > LONGEST_BITS else number


def value_of(formula: Formula, values: Mapping[str, Value]) -> Number:
    """The number that a formula stands for; steps are words, everything else numbers."""

    def of(part: Formula) -> Number:
        return value_of(part, values)

    def compared(symbol: str, left: Formula, right: Formula) -> bool:
        return bool(OPERATORS[symbol](*alike(of(left), of(right))))

    match formula:
        case Literal(value=value):
            return kept(value)
        case Name(name=name):
            number = values[name]
            assert not isinstance(number, str)
            return number
        case Is(step=step, options=options, negated=negated):
            return int((values[step] in options) != negated)
        case Unary(operator="-", operand=operand):
            return -of(operand)
        case Unary(operand=operand):
            return int(of(operand) == 0)
        case Binary(operator=symbol, left=left, right=right):
            first, second = alike(of(left), of(right))
            if symbol in ("/", "**") and not isinstance(first, float):
                first = Fraction(first)
            result = OPERATORS[symbol](first, second)
            if isinstance(result, float) and not isinstance(first, float):  # a power that is no fraction
                return rounded(result)
            return kept(result)
        case Compare(operators=symbols, operands=operands):
            return int(all(map(compared, symbols, operands, operands[1:])))
        case Member(item=item, members=members, negated=negated):
            return int(any(compared("==", item, member) for member in members) != negated)
        case Logic(operator=word, operands=operands):
            return int((all if word == "and" else any)(of(operand) != 0 for operand in operands))
        case IfElse(then=then, condition=condition, otherwise=otherwise):
            return of(then if of(condition) != 0 else otherwise)
        case Call(function=function, arguments=arguments):
            numbers = alike(*map(of, arguments))
            result = FUNCTIONS[function](*numbers)
            return rounded(result) if isinstance(result, float) and not isinstance(numbers[0], float) else result


def shown(value: Value) -> str | float:
    """A value as those who see it have it before them."""
    return value if isinstance(value, str) else float(value)


def holds(condition: Expression | None, values: Mapping[str, Value]) -> bool:
    return condition is None or value_of(condition.root, values) != 0


def medians(crisis: model.Crisis) -> dict[str, float]:
    """Every input at its median."""
    half = np.array(0.5)
    return {name: float(given.distribution.quantile(half)) for name, given in crisis.inputs.items()}


def with_pulled(crisis: model.Crisis, inputs: Mapping[str, float]) -> dict[str, float]:
    """The inputs after the levers in force have set theirs, in the order in which they were pulled."""
    values = dict(inputs)
    for name in crisis.pulled:
        values |= {
            target: float(value_of(formula.root, values)) for target, formula in crisis.levers[name].sets.items()
        }
    return values


def rationality(crisis: model.Crisis, inputs: Mapping[str, float] | None = None) -> dict[str, float]:
    """Each actor's rationality, at the medians unless other inputs are given."""
    values = with_pulled(crisis, medians(crisis) if inputs is None else inputs)
    return {name: float(value_of(actor.rationality.root, values)) for name, actor in crisis.actors.items()}


def logit_response(option_values: Mapping[str, float], precision: float) -> dict[str, float]:
    """Choice probabilities at one information set: proportional to exp(precision * value)."""
    best = max(option_values.values())
    weights = {option: math.exp(precision * (value - best)) for option, value in option_values.items()}
    total = sum(weights.values())
    return {option: weight / total for option, weight in weights.items()}


@dataclass(frozen=True)
class Terminal:
    """The end of a history: its ending, and what each (actor, term) has been paid in all."""

    ending: str | None
    paid: Mapping[tuple[str, str], Number]


@dataclass(frozen=True)
class ChanceNode:
    """`odds[who][option]`, for the analyst and every actor."""

    step: str
    odds: Mapping[str, Mapping[str, Number]]
    branches: Mapping[str, Node]


@dataclass(frozen=True)
class DecisionNode:
    actor: str
    key: Key
    branches: Mapping[str, Node]


Node = Terminal | ChanceNode | DecisionNode


@dataclass(frozen=True)
class _Sight:
    """A value as some actors saw it, in round `round` of the rounds at `block` (None: outside)."""

    label: str
    value: Value
    seen_by: frozenset[str]
    block: int | None
    round: int


@dataclass(frozen=True)
class _History:
    """What has happened so far, and who has seen what.

    `block` are the rounds being played, `played` how many of each; `values` holds inputs, steps,
    states and `round`; `versions` every value that a state has had, with its name in perfect recall.
    Inside `together` sights wait in `veiled`.
    """

    values: Mapping[str, Value]
    paid: Mapping[tuple[str, str], Number]
    versions: Mapping[str, tuple[tuple[str, Value], ...]] = field(default_factory=dict)
    sights: tuple[_Sight, ...] = ()
    veiled: tuple[_Sight, ...] | None = None
    block: int | None = None
    played: Mapping[int, int] = field(default_factory=dict)

    @property
    def round(self) -> int:
        return 0 if self.block is None else self.played[self.block]

    def seen(self, label: str, value: Value, by: Iterable[str]) -> _History:
        sight = _Sight(label, value, frozenset(by), self.block, self.round)
        if self.veiled is not None:
            return replace(self, veiled=(*self.veiled, sight))
        return replace(self, sights=(*self.sights, sight))

    def step(self, step: model.Chance | model.Move, value: str) -> _History:
        return replace(self, values={**self.values, step.key: value}).seen(step.key, value, step.seen_by)

    def state(self, name: str, version: str, value: Value) -> _History:
        versions = {**self.versions, name: (*self.versions.get(name, ()), (version, value))}
        return replace(self, values={**self.values, name: value}, versions=versions)

    def unveiled(self) -> _History:
        return replace(self, sights=(*self.sights, *(self.veiled or ())), veiled=None)

    def in_round(self, block: int, number: int) -> _History:
        values = {**self.values, "round": number}
        return replace(self, block=block, played={**self.played, block: number}, values=values)

    def pay(self, terms: Iterable[model.Term]) -> _History:
        paid = dict(self.paid)
        for term in terms:
            paid[term.actor, term.key] += value_of(term.pays.root, self.values)
        return replace(self, paid=paid)


Then = Callable[[_History], Node]


@dataclass(frozen=True)
class _Grower:
    """Grows the tree: each method plays one thing out and hands every continuation to `then`."""

    crisis: model.Crisis

    def grow(self, inputs: Mapping[str, float]) -> Node:
        nothing: dict[tuple[str, str], float] = {(term.actor, term.key): 0 for term in self.crisis.terms}
        return self.timeline(0, self.started(-1, _History(with_pulled(self.crisis, inputs), nothing)))

    def timeline(self, position: int, history: _History) -> Node:
        if position == len(self.crisis.timeline):
            history = history.pay(term for term in self.crisis.terms if term.each_round is None)
            reached = (ending.key for ending in self.crisis.endings if holds(ending.condition, history.values))
            return Terminal(next(reached, None), history.paid)
        step = self.crisis.timeline[position]

        def then(after: _History) -> Node:
            return self.timeline(position + 1, self.started(position, after))

        if isinstance(step, model.Rounds):
            return self.rounds(step, position, history, then)
        return self.steps((step,), history, then)

    def rounds(self, rounds: model.Rounds, block: int, history: _History, then: Then) -> Node:
        inner = [step for step in _flat(rounds.steps) if isinstance(step, model.Chance | model.Move)]
        if not holds(rounds.condition, history.values):
            history = history.in_round(block, 0)
            for step in inner:
                history = history.step(step, SKIPPED)
            return then(replace(history, block=None))

        def end_of_round(after: _History) -> Node:
            after = after.pay(term for term in self.crisis.terms if term.each_round == block)
            if after.round == rounds.count or (rounds.until and holds(rounds.until, after.values)):
                return then(replace(after, block=None))
            return self.steps(rounds.steps, after.in_round(block, after.round + 1), end_of_round)

        return self.steps(rounds.steps, history.in_round(block, 1), end_of_round)

    def steps(self, steps: tuple[model.Step, ...], history: _History, then: Then) -> Node:
        if not steps:
            return then(history)

        def rest(after: _History) -> Node:
            return self.steps(steps[1:], after, then)

        step = steps[0]
        happens = holds(step.condition, history.values)
        match step:
            case model.Together(steps=siblings) if happens:
                return self.steps(siblings, replace(history, veiled=()), lambda after: rest(after.unveiled()))
            case model.Together(steps=siblings):
                for sibling in siblings:
                    history = history.step(sibling, SKIPPED)
                return rest(history)
            case model.State(key=name, becomes=becomes):
                value = value_of(becomes.root, history.values) if happens else history.values[name]
                return rest(history.state(name, str(history.round), value))
            case model.Tell(step=told, to=to):
                for actor in to if happens else ():
                    history = history.seen(self.label(step, actor), history.values[told], [actor])
                return rest(history)
            case model.Chance() | model.Move() if not happens:
                return rest(history.step(step, SKIPPED))
            case model.Chance(key=name, options=options):
                branches = {option: rest(history.step(step, option)) for option in options}
                return ChanceNode(name, self.odds(step, history), branches)
            case model.Move(key=name, by=by):
                key = (name, history.round, frozenset(self.sees(by, history).items()))
                branches = {option: rest(history.step(step, option)) for option in self.available(step, history)}
                return DecisionNode(by, key, branches)
            case _:
                raise TypeError(f"{type(step).__name__} inside other steps")

    def available(self, move: model.Move, history: _History) -> list[str]:
        forbidden = self.crisis.forbidden(move.key)
        return [o for o in move.options if o not in forbidden and holds(move.only_if.get(o), history.values)]

    def odds(self, chance: model.Chance, history: _History) -> dict[str, dict[str, float]]:
        return {
            who: _probabilities(chance.believed_by.get(who, chance.odds), chance.options, history.values)
            for who in (ANALYST, *self.crisis.actors)
        }

    def started(self, position: int, history: _History) -> _History:
        """Start the states whose `start` names nothing later than this place in the timeline."""
        place = {name: at for at, top in enumerate(self.crisis.timeline) for name in _names([top])}
        blocks = [at for at, top in enumerate(self.crisis.timeline) if isinstance(top, model.Rounds)]
        for step in self.crisis.steps():
            if isinstance(step, model.State):
                place["round"] = max((at for at in blocks if at < place[step.key]), default=-1)
                if max((place[name] for name in step.start.names), default=-1) == position:
                    history = history.state(step.key, "start", value_of(step.start.root, history.values))
        return history

    def label(self, tell: model.Tell, actor: str) -> str:
        """What an actor calls a told value: the step's name, unless it sees or was told that step already."""
        tells = [s for s in self.crisis.steps() if isinstance(s, model.Tell) and s.step == tell.step and actor in s.to]
        ordinal = tells.index(tell) + 1
        if ordinal == 1 and actor not in self.crisis.named[tell.step].seen_by:
            return tell.step
        return f"{tell.step} (told {ordinal})"

    def sees(self, actor: str, history: _History) -> dict[str, str | float]:
        """All that an actor knows at this point of a history, under its kind of memory."""
        recall = self.crisis.actors[actor].memory == "recall"
        known: dict[str, Value] = {"round": history.values["round"]} if "round" in history.values else {}
        blocks = [at for at, top in enumerate(self.crisis.timeline) if isinstance(top, model.Rounds)]
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
            if isinstance(state, model.State) and actor in state.seen_by:
                known[name] = versions[-1][1]
                earlier = versions[:-1] if state.start.names else versions[1:-1]
                known |= {f"{name}@{version}": value for version, value in earlier if recall}
        return {label: shown(value) for label, value in known.items()}


def _flat(steps: Iterable[model.Step]) -> list[model.Step]:
    inner = [_flat(step.steps) if isinstance(step, model.Together | model.Rounds) else [step] for step in steps]
    return [step for group in inner for step in group]


def _names(steps: Iterable[model.Step]) -> list[str]:
    return [step.key for step in _flat(steps) if isinstance(step, model.Chance | model.Move | model.State)]


def _probabilities(odds: model.Odds, options: tuple[str, ...], values: Mapping[str, Value]) -> dict[str, float]:
    row = next(row for row in odds.rows if holds(row.condition, values))
    given = {option: value_of(entry.root, values) for option, entry in row.entries.items() if entry is not None}
    total = sum(given.values())
    total = Fraction(total) if isinstance(total, int) else total
    if odds.normalised:
        return {option: given.get(option, 0.0) / total for option in options}
    rest = {option: 1 - total for option, entry in row.entries.items() if entry is None}
    return {option: (given | rest).get(option, 0.0) for option in options}


def tree(crisis: model.Crisis, inputs: Mapping[str, float] | None = None) -> Node:
    """The game tree of one draw of the inputs; their medians by default."""
    return _Grower(crisis).grow(medians(crisis) if inputs is None else inputs)


@dataclass
class Walk:
    """What a profile does in a crisis.

    `endings`, `payoffs` and `reached` follow the analyst's odds, `own_eyes` each actor's own.
    `option_values` are means of the mover's total payoff over an information set's histories, weighted
    with full reach in its own odds; they and `support` leave out the sets that its odds never reach.
    """

    endings: dict[str, float]
    payoffs: dict[str, dict[str, float]]
    own_eyes: dict[str, float] = field(default_factory=dict)
    option_values: dict[Key, dict[str, float]] = field(default_factory=dict)
    reached: dict[Key, float] = field(default_factory=lambda: defaultdict(float))
    support: set[Key] = field(default_factory=set)
    options: dict[Key, tuple[str, ...]] = field(default_factory=dict)
    actors: dict[Key, str] = field(default_factory=dict)
    histories: int = 0
    nodes_tree: int = 0


def walk(crisis: model.Crisis, profile: Profile, inputs: Mapping[str, float] | None = None) -> Walk:
    """Follow a profile through every history of one draw of the inputs; their medians by default."""
    found = Walk(
        endings={ending.key: 0.0 for ending in crisis.endings},
        payoffs={name: {term.key: 0.0 for term in crisis.terms if term.actor == name} for name in crisis.actors},
    )
    weighted: dict[Key, list[tuple[float, dict[str, float]]]] = defaultdict(list)

    def visit(node: Node, reach: Mapping[str, float]) -> dict[str, float]:
        """Each actor's expected total payoff from here on, in its own odds."""
        found.nodes_tree += 1
        if isinstance(node, Terminal):
            found.histories += 1
            if node.ending is not None:
                found.endings[node.ending] += reach[ANALYST]
            for (actor, term), paid in node.paid.items():
                found.payoffs[actor][term] += reach[ANALYST] * paid
            paid = node.paid.items()
            return {name: float(sum(x for (actor, _), x in paid if actor == name)) for name in crisis.actors}
        if isinstance(node, ChanceNode):
            odds = node.odds
        else:
            options = tuple(node.branches)
            choice = profile(node.key, options)
            odds = dict.fromkeys(reach, choice)
            assert found.options.setdefault(node.key, options) == options, f"a menu that gives facts away: {node.key}"
            found.actors[node.key] = node.actor
            found.reached[node.key] += reach[ANALYST]
        values = {
            option: visit(child, {who: p * odds[who][option] for who, p in reach.items()})
            for option, child in node.branches.items()
        }
        if isinstance(node, DecisionNode):
            taken = {option: value[node.actor] for option, value in values.items()}
            weighted[node.key].append((reach[node.actor], taken))
        return {who: sum(odds[who][o] * value[who] for o, value in values.items()) for who in crisis.actors}

    found.own_eyes = visit(tree(crisis, inputs), dict.fromkeys([ANALYST, *crisis.actors], 1.0))
    for key, cases in weighted.items():
        total = sum(weight for weight, _ in cases)
        if total > 0:
            found.support.add(key)
            found.option_values[key] = {
                option: sum(weight * value[option] for weight, value in cases) / total for option in found.options[key]
            }
    return found
