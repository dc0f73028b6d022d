"""The plan of a compilation: the timeline unrolled into operations on columns (`offramp.game.operations`).

The plan does not depend on histories. It fixes which columns an operation reads, how long each actor remembers a
column, and after which operation a column is no longer needed. The compiler only executes it.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal, assert_never

from offramp.crisis.checks.idleness import odds_expressions
from offramp.crisis.expressions.expression import SKIPPED_CODE, Expression
from offramp.crisis.model import Crisis
from offramp.crisis.steps import Chance, Move, Rounds, State, Step, Tell, Together, flattened
from offramp.game.columns import FOREVER, LAST_ROUND, NOT_SHOWN, Variable
from offramp.game.operations import (
    EndRound,
    EnterRounds,
    ExitRounds,
    Operation,
    Pay,
    Scope,
    SetState,
    Show,
    StepOperation,
    columns_made_by,
)


@dataclass(frozen=True)
class Plan:
    """Operations in order; every column's `last_read` is the last operation that needs it."""

    operations: tuple[Operation, ...]


def plan_of(crisis: Crisis, onlookers: Collection[tuple[str, str]] = ()) -> Plan:
    """Unroll the timeline of a crisis into operations.

    `onlookers`: pairs of a step and an actor whose memory must be kept until it is decided whether the step happens.
    Then there is nothing else to learn: nothing is paid, and the plan ends with the last of these decisions.
    """
    planner = _Planner(crisis, frozenset(onlookers))
    planner.begin_states_and_pay(set())
    for position, step in enumerate(crisis.timeline):
        planner.top_level(position, step)
    if onlookers:
        planner.end_with_last_decision()
    planner.read_backwards()
    return Plan(tuple(planner.operations))


def ending_names(crisis: Crisis) -> frozenset[str]:
    """All names in the conditions of the endings."""
    return frozenset().union(*(ending.condition.names for ending in crisis.endings if ending.condition))


def paid_names(crisis: Crisis, term: int | None) -> frozenset[str]:
    """The steps, states and `round` that a payment depends on."""
    if term is None:
        return ending_names(crisis)
    return crisis.terms[term].pays.names - crisis.inputs.keys()


def odds_names(crisis: Crisis, step: Chance) -> frozenset[str]:
    """The steps, states and `round` that the odds of a chance step, of any actor, depend on."""
    expressions = [*odds_expressions(step.odds)]
    for odds in step.believed_by.values():
        expressions += odds_expressions(odds)
    return frozenset().union(*(expression.names for expression in expressions)) - crisis.inputs.keys()


@dataclass(frozen=True)
class _LastRound:
    """The columns known after rounds: the values of the last round played, and its `number`."""

    steps: Mapping[str, Variable]
    states: Mapping[str, Variable]
    tells: Mapping[int, Variable]
    number: Variable


@dataclass(eq=False)
class _Planner:
    crisis: Crisis
    onlookers: frozenset[tuple[str, str]]
    operations: list[Operation] = field(default_factory=list)
    current: dict[str, Variable] = field(default_factory=dict)
    """The current column of each name."""
    tells: dict[int, Variable] = field(default_factory=dict)
    known: set[str] = field(default_factory=set)
    """Names that have a value."""
    final: set[str] = field(default_factory=set)
    """Names whose value will not change."""
    pending_states: list[State] = field(default_factory=list)
    pending_terms: list[int | None] = field(default_factory=list)
    round: int = 0
    block: int = 0
    block_of: dict[str, int] = field(default_factory=dict)
    """The number of the rounds that each state belongs to."""
    forgotten_at_round_end: list[tuple[Variable, str]] = field(default_factory=list)
    reads_of: dict[str, list[int]] = field(default_factory=dict)
    """For each actor, the operations that need everything it remembers: its moves, and the steps it looks on at."""
    tell_numbers: dict[int, int] = field(default_factory=dict)
    decided_at: int = -1
    """The last operation at which somebody looks on."""

    def __post_init__(self) -> None:
        self.pending_states = [step for step in self.crisis.steps() if isinstance(step, State)]
        if not self.onlookers:
            once = [index for index, term in enumerate(self.crisis.terms) if term.each_round is None]
            self.pending_terms = [*once, None]
        for number, block in enumerate(self.blocks, start=1):
            self.block_of.update((step.key, number) for step in flattened(block.steps) if isinstance(step, State))
        self.reads_of = {actor: [] for actor in self.crisis.actors}
        self.tell_numbers = {id(tell): number for number, tell in enumerate(self.crisis.tells)}

    @property
    def blocks(self) -> list[Rounds]:
        return [step for step in self.crisis.timeline if isinstance(step, Rounds)]

    @property
    def current_block(self) -> int:
        """The number of the rounds being unrolled, or 0."""
        return self.block if self.round else 0

    def add(self, operation: Operation) -> None:
        self.operations.append(operation)

    def scope(self, names: Collection[str]) -> Scope:
        """The columns that names resolve to, sorted by name because set order is not stable."""
        return {name: self.round if name == "round" and self.round else self.current[name] for name in sorted(names)}

    def show(self, column: Variable, viewers: Collection[str]) -> None:
        """Add the column to the viewers' memory, from the next operation on."""
        for actor in viewers:
            column.memory[actor] = (len(self.operations), FOREVER)
            forgets = self.crisis.actors[actor].memory == "state" and column.kind in ("step", "tell")
            if forgets and self.round:
                self.forgotten_at_round_end.append((column, actor))

    def forget(self, column: Variable, actor: str) -> None:
        first, _ = column.memory[actor]
        column.memory[actor] = (first, len(self.operations) - 1)

    def begin_states_and_pay(self, names: Collection[str]) -> None:
        """After an operation outside rounds that sets `names`, begin states and pay terms that can now be computed.

        `round` is final only after the last rounds of the timeline.
        """
        self.known.update(names)
        self.final.update(names if self.block == len(self.blocks) else set(names) - {"round"})
        for state in [state for state in self.pending_states if state.start.names <= self.known]:
            self.pending_states.remove(state)
            column = Variable(state.key, "state", 0, self.block_of.get(state.key, 0))
            self.add(SetState(state, self.scope(state.start.names), column, None))
            self.show(column, state.seen_by)
            self.current[state.key] = column
        for term in [term for term in self.pending_terms if paid_names(self.crisis, term) <= self.final]:
            self.pending_terms.remove(term)
            self.add(Pay(term, self.scope(paid_names(self.crisis, term))))

    def top_level(self, position: int, step: Step) -> None:
        if isinstance(step, Rounds):
            self.rounds(position, step)
            return
        self.step(step)
        names = [
            inner.key for inner in (step.steps if isinstance(step, Together) else [step]) if not isinstance(inner, Tell)
        ]
        self.begin_states_and_pay(names)

    def step(self, step: Step) -> None:
        match step:
            case Chance() | Move():
                self.branch(step, ())
                self.show(self.current[step.key], step.seen_by)
            case Together(steps=siblings, condition=condition):
                for sibling in siblings:
                    self.branch(sibling, (condition,) if condition else ())
                for sibling in siblings:
                    self.show(self.current[sibling.key], sibling.seen_by)
            case State():
                names = step.becomes.names | (step.condition.names if step.condition else frozenset())
                self.set_state(step, names)
            case Tell():
                names = step.condition.names if step.condition else frozenset()
                column = Variable(step.step, "tell", self.round, self.current_block, self.tell_numbers[id(step)])
                self.add(Show(step, self.scope(names), self.current[step.step], column))
                self.tells[column.tell] = column
                self.show(column, step.to)
            case Rounds():  # `plan` unrolls them, and they hold no others
                raise AssertionError(step)
            case _:
                assert_never(step)

    def note_onlookers(self, steps: Iterable[str]) -> None:
        """Note the onlookers of these steps at the next operation, which decides whether the steps happen."""
        for step in steps:
            for actor, reads in self.reads_of.items():
                if (step, actor) in self.onlookers:
                    self.decided_at = len(self.operations)
                    reads.append(self.decided_at)

    def branch(self, step: Chance | Move, shared: tuple[Expression, ...]) -> None:
        conditions = shared + ((step.condition,) if step.condition else ())
        names = frozenset().union(*(condition.names for condition in conditions))
        if isinstance(step, Move):
            closed = self.crisis.menus[step.key, self.round].closed
            names = names.union(*(step.only_if[option].names for option in step.only_if.keys() - closed))
            self.reads_of[step.by].append(len(self.operations))
        else:
            names |= odds_names(self.crisis, step)
        self.note_onlookers([step.key])
        column = Variable(step.key, "step", self.round, self.current_block)
        self.add(StepOperation(step, self.round, self.current_block, conditions, self.scope(names), column))
        self.current[step.key] = column

    def set_state(self, state: State, names: Collection[str]) -> None:
        old = self.current[state.key]
        column = Variable(state.key, "state", self.round, self.current_block)
        self.add(SetState(state, self.scope(names), column, old))
        self.replace_state(state, old, column)

    def replace_state(self, state: State, old: Variable, new: Variable) -> None:
        """Make `new` the state's value; actors with `memory: state` forget the old one."""
        first_value = old.round == 0 and not state.start.names
        for actor in old.memory:
            if self.crisis.actors[actor].memory == "state" or first_value or new.round == LAST_ROUND == old.round:
                self.forget(old, actor)
        old.replaced = len(self.operations)
        self.show(new, state.seen_by)
        self.current[state.key] = new

    def rounds(self, position: int, block: Rounds) -> None:
        """Unroll the rounds at a position of the timeline."""
        self.block += 1
        last = self.last_round_columns(block)
        if block.condition is not None:
            self.note_onlookers(last.steps)
            self.add(EnterRounds(block.condition, self.scope(block.condition.names), self.exits(last, 0)))
        self.forget_earlier_round_number()
        terms = [index for index, term in enumerate(self.crisis.terms) if term.each_round == position]
        terms = [] if self.onlookers else terms
        for number in range(1, block.count + 1):
            self.unroll_round(block, number, terms, last)
        self.round = 0
        self.add(ExitRounds())
        self.enter_last_round(block, last)
        self.begin_states_and_pay([*last.steps, *last.states, "round"])

    def last_round_columns(self, block: Rounds) -> _LastRound:
        """New columns for what is known after the rounds."""
        steps = list(flattened(block.steps))
        tells = {self.tell_numbers[id(step)]: step.step for step in steps if isinstance(step, Tell)}

        def column(name: str, kind: Literal["step", "state", "round"]) -> Variable:
            return Variable(name, kind, LAST_ROUND, self.block)

        return _LastRound(
            steps={step.key: column(step.key, "step") for step in steps if isinstance(step, Chance | Move)},
            states={step.key: column(step.key, "state") for step in steps if isinstance(step, State)},
            tells={number: Variable(name, "tell", LAST_ROUND, self.block, number) for number, name in tells.items()},
            number=column("round", "round"),
        )

    def exits(self, last: _LastRound, number: int) -> dict[Variable, Variable | int]:
        """The sources of the columns known after the rounds, for rows that leave after round `number` (0: before)."""
        sources: dict[Variable, Variable | int] = {last.number: number}
        for name, column in last.steps.items():
            sources[column] = self.current[name] if number else SKIPPED_CODE
        for tell_number, column in last.tells.items():
            sources[column] = self.tells[tell_number] if number else NOT_SHOWN
        for name, column in last.states.items():
            sources[column] = self.current[name]
        return sources

    def forget_earlier_round_number(self) -> None:
        """Actors with `memory: state` forget the number of rounds played in earlier rounds."""
        previous = self.current.pop("round", None)
        if previous is not None:
            for actor in previous.memory:
                if self.crisis.actors[actor].memory == "state":
                    self.forget(previous, actor)

    def unroll_round(self, block: Rounds, number: int, terms: list[int], last: _LastRound) -> None:
        """Add the operations of one round; `terms` are paid at its end."""
        self.round = number
        for step in block.steps:
            self.step(step)
        for term in terms:
            self.add(Pay(term, self.scope(paid_names(self.crisis, term))))
        scope = self.scope(block.until.names if block.until else frozenset())
        self.add(EndRound(block.until, number == block.count, scope, self.exits(last, number)))
        for column, actor in self.forgotten_at_round_end:
            self.forget(column, actor)
        self.forgotten_at_round_end.clear()

    def enter_last_round(self, block: Rounds, last: _LastRound) -> None:
        """After the rounds, make the last round's columns current.

        Actors with `memory: state` remember them; the others remember every round.
        """
        steps = list(flattened(block.steps))
        named = {step.key: step for step in steps if isinstance(step, Chance | Move)}
        for name, column in last.steps.items():
            self.current[name] = column
            self.show(column, self.with_state_memory(named[name].seen_by))
        for tell in steps:
            if isinstance(tell, Tell):
                column = last.tells[self.tell_numbers[id(tell)]]
                self.tells[column.tell] = column
                self.show(column, self.with_state_memory(tell.to))
        states = {step.key: step for step in steps if isinstance(step, State)}
        for name, column in last.states.items():
            self.replace_state(states[name], self.current[name], column)
        self.current["round"] = last.number
        self.show(last.number, self.crisis.actors)

    def with_state_memory(self, actors: Iterable[str]) -> list[str]:
        """Those of the actors that have `memory: state`."""
        return [actor for actor in actors if self.crisis.actors[actor].memory == "state"]

    def end_with_last_decision(self) -> None:
        """Leave out what comes after the last operation at which somebody looks on."""
        del self.operations[self.decided_at + 1 :]
        self.reads_of = {
            actor: [read for read in reads if read <= self.decided_at] for actor, reads in self.reads_of.items()
        }

    def read_backwards(self) -> None:
        """Set every column's last reader: an operation that names it, or a move of an actor that remembers it."""
        columns: set[Variable] = set()
        for operation in self.operations:
            columns.update(columns_made_by(operation))
        for column in columns:
            for actor, (first, last) in column.memory.items():
                reads = self.reads_of[actor]
                index = bisect_right(reads, last) - 1
                if index >= 0 and reads[index] >= first:
                    column.last_read = max(column.last_read, reads[index])
        for index in range(len(self.operations) - 1, -1, -1):
            operation = self.operations[index]
            if not isinstance(operation, ExitRounds):
                for value in operation.scope.values():
                    _read(value, index)
            match operation:
                case Show(source=source, column=column):
                    if column.last_read > index:
                        _read(source, index)
                case SetState(old=Variable() as old, column=column, state=state):
                    if column.last_read > index and state.condition is not None:
                        _read(old, index)
                case EnterRounds(exits=exits) | EndRound(exits=exits):
                    for known_after, value in exits.items():
                        if known_after.last_read > index:
                            _read(value, index)


def _read(value: Variable | int, index: int) -> None:
    if isinstance(value, Variable):
        value.last_read = max(value.last_read, index)
