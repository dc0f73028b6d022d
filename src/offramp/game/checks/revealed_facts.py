"""Facts revealed by conditions: what actors learn of hidden facts from whether a step happens."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from offramp.crisis.expressions.expression import Expression
from offramp.crisis.faults import CrisisError
from offramp.crisis.model import Crisis
from offramp.crisis.steps import Chance, Move, Rounds, Step, Together, flattened
from offramp.game.assembly import Assembly
from offramp.game.columns import Variable, distinct, pack
from offramp.game.compiler import MAX_NODES, Compilation
from offramp.game.contexts import Reader
from offramp.game.menus import Menus
from offramp.game.operations import EnterRounds, Operation, StepOperation
from offramp.game.plan import plan_of
from offramp.game.rows import Frontier

Facts = dict[tuple[str, str], set[str]]
"""The facts about which an actor learns something, by step and actor."""


@dataclass(frozen=True)
class Reveal:
    """A condition on hidden facts: the actors `to` learn something about `facts` from whether `step` happens."""

    step: str
    to: tuple[str, ...]
    facts: tuple[str, ...]


def reveals(crisis: Crisis, max_nodes: int | None = None) -> tuple[Reveal, ...]:
    """For every step with a condition: the actors that learn hidden facts from whether the step happens.

    An actor learns something if histories that it cannot distinguish differ in whether the step happens; it learns
    about the facts that differ among these histories. If the crisis is too large for this, every hidden fact that a
    condition names is listed.
    """
    named = _named_and_hidden(crisis)
    if not named:
        return ()
    try:
        revealed = _revealed(crisis, named, MAX_NODES if max_nodes is None else max_nodes)
    except CrisisError:
        revealed = named
    result = []
    for step in dict.fromkeys(step for step, _ in named):
        audience: dict[tuple[str, ...], list[str]] = {}
        for actor in crisis.actors:
            if revealed.get((step, actor)):
                audience.setdefault(tuple(sorted(revealed[step, actor])), []).append(actor)
        result += [Reveal(step, tuple(actors), facts) for facts, actors in audience.items()]
    return tuple(result)


def _named_and_hidden(crisis: Crisis) -> Facts:
    """The hidden facts that a step's conditions name, for each step and actor that sees the step."""
    facts: Facts = {}
    for step, conditions in _conditions(crisis.timeline, ()):
        for actor in crisis.actors:
            hidden = _hidden(crisis, actor, conditions)
            if actor in step.seen_by and hidden:
                facts[step.key, actor] = hidden
    return facts


def _hidden(crisis: Crisis, actor: str, conditions: Iterable[Expression]) -> set[str]:
    names = frozenset().union(*(condition.names for condition in conditions)) - {"round"}
    return {name for name in names if actor not in crisis.named[name].seen_by}


def _conditions(
    steps: tuple[Step, ...], shared: tuple[Expression, ...]
) -> Iterator[tuple[Chance | Move, tuple[Expression, ...]]]:
    """Chance steps and moves with the conditions under which they happen."""
    for step in steps:
        own = shared + ((step.condition,) if step.condition else ())
        if isinstance(step, Together | Rounds):
            yield from _conditions(step.steps, own)
        elif isinstance(step, Chance | Move) and own:
            yield step, own


def _revealed(crisis: Crisis, named: Facts, max_nodes: int) -> Facts:
    operations = plan_of(crisis, named.keys()).operations
    blocks = iter([step for step in crisis.timeline if isinstance(step, Rounds) and step.condition is not None])
    watched: dict[int, tuple[str, ...]] = {}
    for index, operation in enumerate(operations):
        if isinstance(operation, StepOperation) and operation.conditions:
            watched[index] = (operation.step.key,)
        elif isinstance(operation, EnterRounds):
            inner = flattened(next(blocks).steps)
            watched[index] = tuple(step.key for step in inner if isinstance(step, Chance | Move))
    assembly = Assembly(crisis)
    reader = Reader(crisis, assembly.levels)
    watching = _Watching(crisis, operations, max_nodes, assembly, reader, Menus(crisis), watched=watched, named=named)
    with np.errstate(over="ignore"):
        watching.last_frontier()
    return watching.revealed


@dataclass(eq=False)
class _Watching(Compilation):
    """A compilation that records what actors learn."""

    watched: dict[int, tuple[str, ...]] = field(default_factory=dict)
    """The steps that happen only if an operation's conditions hold, by operation."""
    named: Facts = field(default_factory=dict)
    revealed: Facts = field(default_factory=dict)

    def carry_out(self, operation: Operation, frontier: Frontier) -> Frontier:
        if frontier.rows and isinstance(operation, StepOperation | EnterRounds) and self.index in self.watched:
            own = operation.conditions if isinstance(operation, StepOperation) else (operation.condition,)
            happens = np.ones(frontier.rows, dtype=bool)
            for condition in own:
                happens &= self.reader.holds(condition, operation.scope, frontier)
            if not happens.all() and happens.any():
                self.watch(operation, own, frontier, happens)
        return super().carry_out(operation, frontier)

    def watch(
        self,
        operation: StepOperation | EnterRounds,
        conditions: tuple[Expression, ...],
        frontier: Frontier,
        happens: NDArray[np.bool_],
    ) -> None:
        """Record, for each actor, the facts that differ among histories that only the step distinguishes for it."""
        for actor in dict.fromkeys(actor for step, actor in self.named if step in self.watched[self.index]):
            remembered = [column for column in frontier.columns if column.remembered(actor, self.index)]
            keys, group = distinct(*pack([frontier.columns[column] for column in remembered], frontier.rows))
            with_step = np.bincount(group[happens], minlength=len(keys))
            without = np.bincount(group[~happens], minlength=len(keys))
            mixed = ((with_step > 0) & (without > 0))[group]
            facts = set()
            for name in _hidden(self.crisis, actor, conditions):
                column = operation.scope[name]
                if isinstance(column, Variable) and mixed.any():
                    codes = frontier.columns[column][mixed]
                    pairs, _ = distinct(*pack([group[mixed], codes], len(codes)))
                    if len(pairs) > np.count_nonzero(np.bincount(group[mixed])):
                        facts.add(name)
            for step in self.watched[self.index]:
                if facts and (step, actor) in self.named:
                    self.revealed.setdefault((step, actor), set()).update(facts)
