"""Data classes for a crisis file that has been read: names resolved, every rule of the language checked.

`offramp.crisis.reading.read` makes them; the compiler and everything after it rely on them. Expressions name inputs,
steps, states and `round` only: names of `let` have been replaced by their expressions, and a comparison of a step with
its options is an `Is` node.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from offramp.common.errors import UsageError
from offramp.common.printable import printable
from offramp.common.words import listed, nearest
from offramp.crisis.distribution import Distribution
from offramp.crisis.expressions.expression import Expression
from offramp.crisis.faults import Fault, Location

DEFAULT_RATIONALITY = 3


@dataclass(frozen=True)
class Reason:
    """Why something is assumed: a line of reason, a cite, both or neither."""

    because: str | None = None
    cite: str | None = None


@dataclass(frozen=True)
class Source:
    """A document that the crisis rests on."""

    key: str
    title: str
    author: str | None
    date: str | None
    file: str | None
    url: str | None
    place: Location


@dataclass(frozen=True)
class Cite:
    """A cite; `first_words` are those of the cited passage, or None if the source's text is not available."""

    text: str
    source: str
    first_words: str | None
    place: Location


@dataclass(frozen=True)
class Actor:
    """A player; `rationality` is an expression over inputs (a distribution there becomes an input of its own)."""

    key: str
    name: str
    memory: Literal["recall", "state"]
    rationality: Expression
    reason: Reason
    place: Location


def name_of(key: str, name: str | None = None) -> str:
    """The name that readers see: the one that the file gives, or else the key in plain words.

    Examples
    --------
    >>> name_of("joint_answer"), name_of("volley", "a volley")
    ('joint answer', 'a volley')
    """
    return name or key.replace("_", " ").strip()


@dataclass(frozen=True)
class Input:
    """An uncertain number; `of_actor` names the actor if it is that actor's rationality."""

    key: str
    name: str
    distribution: Distribution
    reason: Reason
    place: Location
    says: str | None = None
    unit: str | None = None
    of_actor: str | None = None


@dataclass(frozen=True)
class Correlation:
    """The correlation of two inputs' normal scores."""

    first: str
    second: str
    rho: float
    place: Location


def correlation_matrix(correlations: Iterable[Correlation], names: Sequence[str]) -> NDArray[np.float64]:
    """The correlation matrix of some inputs' normal scores: (inputs, inputs), ones on the diagonal.

    A correlation with any other input, such as a constant, is left out.
    """
    matrix = np.eye(len(names))
    for pair in correlations:
        if {pair.first, pair.second} <= {*names}:
            i, j = names.index(pair.first), names.index(pair.second)
            matrix[i, j] = matrix[j, i] = pair.rho
    return matrix


@dataclass(frozen=True)
class Option:
    """An option of a step, as readers see it."""

    key: str
    name: str
    says: str | None = None


@dataclass(frozen=True)
class Row:
    """A row of odds: the first row whose `condition` holds applies; an entry None is `rest`."""

    condition: Expression | None
    entries: Mapping[str, Expression | None]
    place: Location


@dataclass(frozen=True)
class Odds:
    """Odds of a chance step; `normalised` if they were written as weights."""

    rows: tuple[Row, ...]
    normalised: bool


@dataclass(frozen=True)
class Chance:
    """A chance step: nature picks one of the options; `believed_by` holds the odds of actors who have their own."""

    key: str
    name: str
    says: str | None
    options: tuple[str, ...]
    option_details: Mapping[str, Option]
    odds: Odds
    believed_by: Mapping[str, Odds]
    seen_by: frozenset[str]
    condition: Expression | None
    reason: Reason
    place: Location


@dataclass(frozen=True)
class Move:
    """A move of the actor `by`; `only_if` holds the conditions of conditional options; `seen_by` includes the mover."""

    key: str
    name: str
    says: str | None
    by: str
    options: tuple[str, ...]
    option_details: Mapping[str, Option]
    only_if: Mapping[str, Expression]
    seen_by: frozenset[str]
    condition: Expression | None
    reason: Reason
    place: Location


@dataclass(frozen=True)
class Tell:
    """The value of `step` (a step or state) shown to the actors `to`."""

    step: str
    to: tuple[str, ...]
    condition: Expression | None
    reason: Reason
    place: Location


@dataclass(frozen=True)
class State:
    """A number that changes during play: `start` until its entry is first reached, then `becomes`."""

    key: str
    name: str
    says: str | None
    start: Expression
    becomes: Expression
    seen_by: frozenset[str]
    condition: Expression | None
    reason: Reason
    place: Location


@dataclass(frozen=True)
class Together:
    """Steps made at the same time: none is seen until all are made."""

    steps: tuple[Chance | Move, ...]
    condition: Expression | None
    place: Location


@dataclass(frozen=True)
class Rounds:
    """Steps that repeat, at most `count` times."""

    count: int
    until: Expression | None
    steps: tuple[Step, ...]
    condition: Expression | None
    place: Location


Step = Chance | Move | Tell | State | Together | Rounds


def flattened(steps: Iterable[Step]) -> Iterator[Step]:
    """Every step; a `together` or `rounds` comes before the steps inside it."""
    for step in steps:
        yield step
        if isinstance(step, Together | Rounds):
            yield from flattened(step.steps)


@dataclass(frozen=True)
class Term:
    """A payoff term; `each_round` is the position in the timeline of the rounds that pay it, or None if paid once."""

    actor: str
    key: str
    name: str
    says: str | None
    pays: Expression
    each_round: int | None
    reason: Reason
    place: Location


@dataclass(frozen=True)
class Ending:
    """A class of outcomes; `condition` None is `otherwise`; `avoid` if the file says that it is to be avoided."""

    key: str
    name: str
    says: str | None
    condition: Expression | None
    place: Location
    avoid: bool = False


@dataclass(frozen=True)
class Lever:
    """An intervention: it sets inputs and forbids options, at a cost if one is given."""

    key: str
    name: str
    says: str | None
    sets: Mapping[str, Expression]
    forbids: Mapping[str, tuple[str, ...]]
    cost: float | None
    reason: Reason
    place: Location


@dataclass(frozen=True)
class Observation:
    """What was observed on a date: values of steps; `round` if they are inside rounds."""

    date: str
    round: int | None
    values: Mapping[str, str]
    place: Location


@dataclass(frozen=True, repr=False)
class Crisis:
    """A crisis, read and checked.

    `pulled` are the levers in force, set by `with_levers`; `allow_outside`: whether its sources may be outside its
    folder.
    """

    path: str
    text: str
    title: str
    as_of: str | None
    summary: str | None
    sources: Mapping[str, Source]
    actors: Mapping[str, Actor]
    inputs: Mapping[str, Input]
    correlations: tuple[Correlation, ...]
    timeline: tuple[Step, ...]
    terms: tuple[Term, ...]
    endings: tuple[Ending, ...]
    levers: Mapping[str, Lever]
    observed: tuple[Observation, ...]
    cites: tuple[Cite, ...]
    warnings: tuple[Fault, ...] = ()
    pulled: tuple[str, ...] = field(default=())
    allow_outside: bool = False

    def steps(self) -> Iterator[Step]:
        """Every step; a `together` or `rounds` comes before the steps inside it."""
        yield from flattened(self.timeline)

    @cached_property
    def named(self) -> Mapping[str, Chance | Move | State]:
        """The chance steps, moves and states by name."""
        return {step.key: step for step in self.steps() if isinstance(step, Chance | Move | State)}

    @cached_property
    def uncertain(self) -> tuple[str, ...]:
        """The inputs that vary between draws, before any lever sets them."""
        return tuple(name for name, entry in self.inputs.items() if entry.distribution.kind != "constant")

    @cached_property
    def effective_inputs(self) -> tuple[str, ...]:
        """The uncertain inputs whose draws affect the game: no pulled lever replaces them."""
        depends_on = {name: {name} for name in self.inputs}
        for lever in self.pulled:
            sets = self.levers[lever].sets
            depends_on |= {name: set().union(*(depends_on[other] for other in sets[name].names)) for name in sets}
        effective = set().union(*depends_on.values())
        return tuple(name for name in self.uncertain if name in effective)

    def options_of(self, name: str) -> tuple[str, ...]:
        """The options of a chance step or move."""
        step = self.named[name]
        assert not isinstance(step, State)
        return step.options

    def option(self, step: str, key: str) -> Option:
        """An option of a chance step or move."""
        named = self.named[step]
        assert not isinstance(named, State)
        return named.option_details[key]

    @cached_property
    def avoided(self) -> tuple[str, ...]:
        """The endings to be avoided: those that the file marks, or else its first ending."""
        marked = tuple(ending.key for ending in self.endings if ending.avoid)
        return marked or (self.endings[0].key,)

    @cached_property
    def tells(self) -> tuple[Tell, ...]:
        """The tells, in file order."""
        return tuple(step for step in self.steps() if isinstance(step, Tell))

    def ending_index(self, name: str) -> int:
        """The index of an ending; UsageError with the nearest name if there is no such ending."""
        names = [ending.key for ending in self.endings]
        if name not in names:
            raise UsageError(f"unknown ending '{name}'{nearest(name, names)} (endings: {listed(names)})")
        return names.index(name)

    def with_levers(self, *names: str) -> Crisis:
        """The crisis with levers pulled, in this order.

        Raises
        ------
        UsageError
            If a lever is unknown.
        """
        for name in names:
            if name not in self.levers:
                known = f"levers: {listed(self.levers)}" if self.levers else "the crisis has no levers"
                raise UsageError(f"unknown lever '{name}'{nearest(name, self.levers)} ({known})")
        return replace(self, pulled=(*self.pulled, *names))

    def forbidden(self, move: str) -> frozenset[str]:
        """The options of a move that the pulled levers forbid."""
        return frozenset(option for name in self.pulled for option in self.levers[name].forbids.get(move, ()))

    def __repr__(self) -> str:
        choices = [step for step in self.steps() if isinstance(step, Chance | Move)]
        moves = sum(isinstance(step, Move) for step in choices)
        return printable(
            f"Crisis '{self.title}' ({self.path}): {len(self.actors)} actors, {moves} moves, "
            f"{len(choices) - moves} chance steps, {len(self.inputs)} inputs, {len(self.levers)} levers; "
            f"endings: {listed(ending.key for ending in self.endings)}"
        )
