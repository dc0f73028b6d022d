"""The plan of a compilation: the timeline unrolled into operations on columns.

Everything here is known without a single history: which columns an operation reads, who remembers a
column for how long, and after which operation a column is dead. The compiler then only executes.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from offramp.crisis.checks.idleness import odds_expressions
from offramp.crisis.expressions.expression import Expression
from offramp.crisis.model import Chance, Crisis, Move, Rounds, State, Step, Tell, Together, flattened
from offramp.game.columns import FOREVER, LAST_ROUND, Variable

Scope = Mapping[str, Variable | int]
"""Where an expression finds the values of the names it uses; `round` inside rounds is a number."""


@dataclass(frozen=True)
class StepOperation:
    """A chance step or a move, in one round."""

    step: Chance | Move
    round: int
    block: int
    conditions: tuple[Expression, ...]
    scope: Scope
    column: Variable


@dataclass(frozen=True)
class SetState:
    """A state's entry; `old` is None where the state gets its start."""

    state: State
    scope: Scope
    column: Variable
    old: Variable | None


@dataclass(frozen=True)
class Show:
    """A tell: the source's code is copied where the condition holds."""

    tell: Tell
    scope: Scope
    source: Variable
    column: Variable


@dataclass(frozen=True)
class Pay:
    """A payoff term, by its position in the crisis, or the ending (None), paid out."""

    term: int | None
    scope: Scope


@dataclass(frozen=True)
class EnterRounds:
    """Rows for which the rounds' condition fails go straight to the exit."""

    condition: Expression
    scope: Scope
    exits: Mapping[Variable, Variable | int]


@dataclass(frozen=True)
class EndRound:
    """Rows for which `until` holds leave the rounds; after the last round all do.

    `exits` gives, for each column known after the rounds, the column or code it takes here.
    """

    until: Expression | None
    round: int
    last: bool
    scope: Scope
    exits: Mapping[Variable, Variable | int]


@dataclass(frozen=True)
class ExitRounds:
    """The rows that left the rounds come together again."""

    count: int


Operation = StepOperation | SetState | Show | Pay | EnterRounds | EndRound | ExitRounds


@dataclass(frozen=True)
class Plan:
    """Operations in order; every column's `last_read` is the last operation that needs it."""

    operations: tuple[Operation, ...]


def plan_of(crisis: Crisis, onlookers: Collection[tuple[str, str]] = ()) -> Plan:
    """Unroll the timeline of a crisis into operations.

    `onlookers` are steps, each with an actor whose memory is asked for where it is open whether the step happens.
    """
    planner = _Planner(crisis, frozenset(onlookers))
    planner.settle(set())
    for position, step in enumerate(crisis.timeline):
        planner.top_level(position, step)
    planner.read_backwards()
    return Plan(tuple(planner.operations))


def ending_names(crisis: Crisis) -> frozenset[str]:
    """All that the conditions of the endings name."""
    return frozenset().union(*(ending.condition.names for ending in crisis.endings if ending.condition))


def paid_names(crisis: Crisis, term: int | None) -> frozenset[str]:
    """The steps, states and `round` that a payment depends on."""
    if term is None:
        return ending_names(crisis)
    return crisis.terms[term].pays.names - crisis.inputs.keys()


def odds_names(crisis: Crisis, step: Chance) -> frozenset[str]:
    """The steps, states and `round` that anybody's odds of a chance step depend on."""
    expressions = [*odds_expressions(step.odds)]
    for odds in step.believed_by.values():
        expressions += odds_expressions(odds)
    return frozenset().union(*(expression.names for expression in expressions)) - crisis.inputs.keys()


@dataclass
class _Planner:
    crisis: Crisis
    onlookers: frozenset[tuple[str, str]]
    operations: list[Operation] = field(default_factory=list)
    current: dict[str, Variable] = field(default_factory=dict)
    """The column that a name stands for now."""
    tells: dict[int, Variable] = field(default_factory=dict)
    entered: set[str] = field(default_factory=set)
    settled: set[str] = field(default_factory=set)
    pending_states: list[State] = field(default_factory=list)
    pending_terms: list[int | None] = field(default_factory=list)
    round: int = 0
    block: int = 0
    block_of: dict[str, int] = field(default_factory=dict)
    """The number of the rounds that a state stands in."""
    forgotten_at_round_end: list[tuple[Variable, str]] = field(default_factory=list)
    reads_of: dict[str, list[int]] = field(default_factory=dict)
    """By actor the operations that need all it remembers: its moves, and where it looks on."""
    tell_numbers: dict[int, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.pending_states = [step for step in self.crisis.steps() if isinstance(step, State)]
        once = [index for index, term in enumerate(self.crisis.terms) if term.each_round is None]
        self.pending_terms = [*once, None]
        for number, block in enumerate(self.blocks, start=1):
            self.block_of.update((step.name, number) for step in flattened(block.steps) if isinstance(step, State))
        self.reads_of = {actor: [] for actor in self.crisis.actors}
        self.tell_numbers = {id(tell): number for number, tell in enumerate(self.crisis.tells)}

    @property
    def blocks(self) -> list[Rounds]:
        return [step for step in self.crisis.timeline if isinstance(step, Rounds)]

    @property
    def here(self) -> int:
        """The number of the rounds that are being unrolled, or 0."""
        return self.block if self.round else 0

    def add(self, operation: Operation) -> None:
        self.operations.append(operation)

    def scope(self, names: Collection[str]) -> Scope:
        """Where names find their values; in order of the alphabet, as sets have none that lasts."""
        return {name: self.round if name == "round" and self.round else self.current[name] for name in sorted(names)}

    def show(self, column: Variable, viewers: Collection[str], *, start: int | None = None) -> None:
        """Enter the column into the memory of those who see it, from `start` or the next operation on."""
        first = len(self.operations) if start is None else start
        for actor in viewers:
            column.memory[actor] = (first, FOREVER)
            forgets = self.crisis.actors[actor].memory == "state" and column.kind in ("step", "told")
            if forgets and self.round:
                self.forgotten_at_round_end.append((column, actor))

    def forget(self, column: Variable, actor: str) -> None:
        first, _ = column.memory[actor]
        column.memory[actor] = (first, len(self.operations) - 1)

    def settle(self, names: Collection[str]) -> None:
        """After an operation outside rounds: begin the states and pay the terms that wait for nothing more.

        At the end `round` is the number of the last rounds of the timeline.
        """
        self.entered.update(names)
        self.settled.update(names if self.block == len(self.blocks) else set(names) - {"round"})
        for state in [state for state in self.pending_states if state.start.names <= self.entered]:
            self.pending_states.remove(state)
            column = Variable(state.name, "state", 0, self.block_of.get(state.name, 0))
            self.add(SetState(state, self.scope(state.start.names), column, None))
            self.show(column, state.seen_by)
            self.current[state.name] = column
        due = [term for term in self.pending_terms if paid_names(self.crisis, term) <= self.settled]
        for term in due:
            self.pending_terms.remove(term)
            self.add(Pay(term, self.scope(paid_names(self.crisis, term))))

    def top_level(self, position: int, step: Step) -> None:
        if isinstance(step, Rounds):
            self.rounds(position, step)
            return
        self.step(step)
        names = [
            inner.name
            for inner in (step.steps if isinstance(step, Together) else [step])
            if not isinstance(inner, Tell)
        ]
        self.settle(names)

    def step(self, step: Step) -> None:
        match step:
            case Chance() | Move():
                self.branch(step, ())
                self.show(self.current[step.name], step.seen_by)
            case Together(steps=siblings, condition=condition):
                for sibling in siblings:
                    self.branch(sibling, (condition,) if condition else ())
                for sibling in siblings:
                    self.show(self.current[sibling.name], sibling.seen_by)
            case State():
                names = step.becomes.names | (step.condition.names if step.condition else frozenset())
                self.set_state(step, names)
            case Tell():
                names = step.condition.names if step.condition else frozenset()
                column = Variable(step.step, "told", self.round, self.here, self.tell_numbers[id(step)])
                self.add(Show(step, self.scope(names), self.current[step.step], column))
                self.tells[column.tell] = column
                self.show(column, step.to)

    def look_on(self, steps: Iterable[str]) -> None:
        """The next operation decides whether these steps happen."""
        for step in steps:
            for actor, reads in self.reads_of.items():
                if (step, actor) in self.onlookers:
                    reads.append(len(self.operations))

    def branch(self, step: Chance | Move, shared: tuple[Expression, ...]) -> None:
        conditions = shared + ((step.condition,) if step.condition else ())
        names = frozenset().union(*(condition.names for condition in conditions))
        if isinstance(step, Move):
            names = names.union(*(condition.names for condition in step.only_if.values()))
            self.reads_of[step.by].append(len(self.operations))
        else:
            names |= odds_names(self.crisis, step)
        self.look_on([step.name])
        column = Variable(step.name, "step", self.round, self.here)
        self.add(StepOperation(step, self.round, self.here, conditions, self.scope(names), column))
        self.current[step.name] = column

    def set_state(self, state: State, names: Collection[str]) -> None:
        old = self.current[state.name]
        column = Variable(state.name, "state", self.round, self.here)
        self.add(SetState(state, self.scope(names), column, old))
        self.replace_state(state, old, column)

    def replace_state(self, state: State, old: Variable, new: Variable) -> None:
        """From here on `new` is the state's value; who has `memory: state` forgets the old one."""
        first_value = old.round == 0 and not state.start.names
        for actor in old.memory:
            if self.crisis.actors[actor].memory == "state" or first_value or new.round == LAST_ROUND == old.round:
                self.forget(old, actor)
        old.replaced = len(self.operations)
        self.show(new, state.seen_by)
        self.current[state.name] = new

    def rounds(self, position: int, block: Rounds) -> None:
        steps = {step.name: step for step in flattened(block.steps) if isinstance(step, Chance | Move)}
        states = {step.name: step for step in flattened(block.steps) if isinstance(step, State)}
        tells = [step for step in flattened(block.steps) if isinstance(step, Tell)]
        self.block += 1
        last = {name: Variable(name, "step", LAST_ROUND, self.block) for name in steps}
        last_states = {name: Variable(name, "state", LAST_ROUND, self.block) for name in states}
        told = {self.tell_numbers[id(tell)]: tell.step for tell in tells}
        last_tells = {number: Variable(name, "told", LAST_ROUND, self.block, number) for number, name in told.items()}
        played = Variable("round", "round", LAST_ROUND, self.block)

        def exits(number: int) -> dict[Variable, Variable | int]:
            taken: dict[Variable, Variable | int] = {played: number}
            for name, column in last.items():
                taken[column] = self.current[name] if number else -1
            for tell_number, column in last_tells.items():
                taken[column] = self.tells[tell_number] if number else -2
            for name, column in last_states.items():
                taken[column] = self.current[name]
            return taken

        if block.condition is not None:
            self.look_on(steps)
            self.add(EnterRounds(block.condition, self.scope(block.condition.names), exits(0)))
        previous = self.current.pop("round", None)
        if previous is not None:
            for actor in previous.memory:
                if self.crisis.actors[actor].memory == "state":
                    self.forget(previous, actor)
        due = [index for index, term in enumerate(self.crisis.terms) if term.each_round == position]
        for number in range(1, block.count + 1):
            self.round = number
            for step in block.steps:
                self.step(step)
            for term in due:
                self.add(Pay(term, self.scope(paid_names(self.crisis, term))))
            until_names = block.until.names if block.until else frozenset()
            self.add(EndRound(block.until, number, number == block.count, self.scope(until_names), exits(number)))
            for column, actor in self.forgotten_at_round_end:
                self.forget(column, actor)
            self.forgotten_at_round_end.clear()
        self.round = 0
        self.add(ExitRounds(block.count + (block.condition is not None)))
        for name, column in last.items():
            self.current[name] = column
            self.show(column, [actor for actor in steps[name].seen_by if self.crisis.actors[actor].memory == "state"])
        for tell in tells:
            column = last_tells[self.tell_numbers[id(tell)]]
            self.tells[column.tell] = column
            self.show(column, [actor for actor in tell.to if self.crisis.actors[actor].memory == "state"])
        for name, column in last_states.items():
            self.replace_state(states[name], self.current[name], column)
        self.current["round"] = played
        self.show(played, self.crisis.actors)
        self.settle([*steps, *states, "round"])

    def read_backwards(self) -> None:
        """Set every column's last reader: operations that name it, and moves of actors who remember it."""
        columns: set[Variable] = set()
        for operation in self.operations:
            columns.update(column for column in _created(operation))
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
                    for known_after, taken in exits.items():
                        if known_after.last_read > index:
                            _read(taken, index)


def _read(value: Variable | int, index: int) -> None:
    if isinstance(value, Variable):
        value.last_read = max(value.last_read, index)


def _created(operation: Operation) -> list[Variable]:
    match operation:
        case StepOperation(column=column) | SetState(column=column) | Show(column=column):
            return [column]
        case EnterRounds(exits=exits) | EndRound(exits=exits):
            return list(exits)
        case _:
            return []
