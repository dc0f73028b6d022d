"""The written model: what a crisis file says, names resolved, every rule of the language checked.

`offramp.crisis.reading.read` makes these; the compiler and everything after it rely on them.
Expressions here name inputs, steps, states and `round` only: names of `let` have been replaced by
what they stand for, and a comparison of a step with its options is an `Is` node.
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
    """A cite and what was found there: the first words, or None where the source's text is not at hand."""

    text: str
    source: str
    found: str | None
    place: Location


@dataclass(frozen=True)
class Actor:
    """A player; `rationality` is an expression over inputs (a distribution there is an input of its own)."""

    key: str
    name: str
    memory: Literal["recall", "state"]
    rationality: Expression
    reason: Reason
    place: Location


@dataclass(frozen=True)
class Input:
    """An uncertain number; `of_actor` marks one that an actor's rationality stands for."""

    name: str
    distribution: Distribution
    reason: Reason
    place: Location
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
class Row:
    """One row of odds: it counts where `condition` is the first to hold; an entry None is `rest`."""

    condition: Expression | None
    entries: Mapping[str, Expression | None]
    place: Location


@dataclass(frozen=True)
class Odds:
    """Odds of a chance step; `normalised` where they were written as weights."""

    rows: tuple[Row, ...]
    normalised: bool


@dataclass(frozen=True)
class Chance:
    """A chance step: nature picks one of the options; `believed_by` holds odds that actors have of their own."""

    name: str
    options: tuple[str, ...]
    odds: Odds
    believed_by: Mapping[str, Odds]
    seen_by: frozenset[str]
    condition: Expression | None
    reason: Reason
    place: Location


@dataclass(frozen=True)
class Move:
    """A choice of `by`; `only_if` holds the conditional options. `seen_by` includes the mover."""

    name: str
    by: str
    options: tuple[str, ...]
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
    """A number carried along: `start` until its entry is reached, then `becomes`."""

    name: str
    start: Expression
    becomes: Expression
    seen_by: frozenset[str]
    condition: Expression | None
    reason: Reason
    place: Location


@dataclass(frozen=True)
class Together:
    """Steps of which nothing is seen until all are made."""

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
    """Every step, those inside `together` and `rounds` after the one that holds them."""
    for step in steps:
        yield step
        if isinstance(step, Together | Rounds):
            yield from flattened(step.steps)


@dataclass(frozen=True)
class Term:
    """A payoff term; `each_round` in which rounds (by position in the timeline), or None: once."""

    actor: str
    name: str
    pays: Expression
    each_round: int | None
    reason: Reason
    place: Location


@dataclass(frozen=True)
class Ending:
    """A class of outcomes; `condition` None is `otherwise`."""

    name: str
    condition: Expression | None
    place: Location


@dataclass(frozen=True)
class Lever:
    """An intervention: it sets inputs and forbids options, at a cost if one is given."""

    name: str
    sets: Mapping[str, Expression]
    forbids: Mapping[str, tuple[str, ...]]
    cost: float | None
    reason: Reason
    place: Location


@dataclass(frozen=True)
class Observation:
    """What has been observed on a date: values of steps, in a round where they repeat."""

    date: str
    round: int | None
    values: Mapping[str, str]
    place: Location


@dataclass(frozen=True, repr=False)
class Crisis:
    """A crisis, read and checked.

    `pulled` are the levers in force: `with_levers` makes the crisis in which they are. `allow_outside`: whether its
    sources may lie outside its folder.
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
        """Every step, those inside `together` and `rounds` after the one that holds them."""
        yield from flattened(self.timeline)

    @cached_property
    def named(self) -> Mapping[str, Chance | Move | State]:
        """The chance steps, moves and states by name."""
        return {step.name: step for step in self.steps() if isinstance(step, Chance | Move | State)}

    @cached_property
    def uncertain(self) -> tuple[str, ...]:
        """The inputs that differ from draw to draw, before any lever sets them."""
        return tuple(name for name, entry in self.inputs.items() if entry.distribution.kind != "constant")

    @cached_property
    def felt(self) -> tuple[str, ...]:
        """The uncertain inputs whose draws the game feels: no pulled lever puts something else in their place."""
        rests_on = {name: {name} for name in self.inputs}
        for lever in self.pulled:
            sets = self.levers[lever].sets
            rests_on |= {name: set().union(*(rests_on[other] for other in sets[name].names)) for name in sets}
        drawn = set().union(*rests_on.values())
        return tuple(name for name in self.uncertain if name in drawn)

    def options_of(self, name: str) -> tuple[str, ...]:
        """The options of a chance step or move."""
        step = self.named[name]
        assert not isinstance(step, State)
        return step.options

    @cached_property
    def tells(self) -> tuple[Tell, ...]:
        """The tells, in the order of the file."""
        return tuple(step for step in self.steps() if isinstance(step, Tell))

    def place_of_ending(self, name: str) -> int:
        """The place of an ending; UsageError, with the nearest right name, where there is none so called."""
        names = [ending.name for ending in self.endings]
        if name not in names:
            raise UsageError(f"unknown ending '{name}'{nearest(name, names)} (endings: {listed(names)})")
        return names.index(name)

    def with_levers(self, *names: str) -> Crisis:
        """The crisis with levers pulled, in this order.

        Raises
        ------
        UsageError
            Where a lever is unknown, or would leave a move no option.
        """
        for name in names:
            if name not in self.levers:
                known = f"levers: {listed(self.levers)}" if self.levers else "the crisis has no levers"
                raise UsageError(f"unknown lever '{name}'{nearest(name, self.levers)} ({known})")
        return replace(self, pulled=(*self.pulled, *names))

    def forbidden(self, move: str) -> frozenset[str]:
        """The options of a move that the pulled levers take away."""
        return frozenset(option for name in self.pulled for option in self.levers[name].forbids.get(move, ()))

    def __repr__(self) -> str:
        kinds = [step for step in self.steps() if isinstance(step, Chance | Move)]
        moves = sum(isinstance(step, Move) for step in kinds)
        return printable(
            f"Crisis '{self.title}' ({self.path}): {len(self.actors)} actors, {moves} moves, "
            f"{len(kinds) - moves} chance steps, {len(self.inputs)} inputs, {len(self.levers)} levers; "
            f"endings: {listed(ending.name for ending in self.endings)}"
        )
