"""The steps of a timeline that has been read: what happens, who does it, who sees it, and in which order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from offramp.crisis.dates import Times
from offramp.crisis.expressions.expression import Expression, Rational
from offramp.crisis.faults import Location
from offramp.crisis.observation import Position


@dataclass(frozen=True)
class Reason:
    """Why something is assumed: a line of reason, the passages that support it, both or neither."""

    because: str | None = None
    cites: tuple[str, ...] = ()


@dataclass(frozen=True)
class Option:
    """An option of a step, as readers see it; `value` is its number, if the file gives one."""

    key: str
    name: str
    says: str | None = None
    value: Rational | None = None
    reason: Reason = Reason()


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
    """A move of the actor `by`; `only_if` holds the conditions of conditional options; `seen_by` includes the mover.

    `closed`: the options that are available only if a pulled lever allows them.
    """

    key: str
    name: str
    says: str | None
    by: str
    options: tuple[str, ...]
    option_details: Mapping[str, Option]
    closed: tuple[str, ...]
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
    """Steps that repeat, at most `count` times; `times`: when, if the file says how long a round lasts."""

    count: int
    until: Expression | None
    steps: tuple[Step, ...]
    condition: Expression | None
    place: Location
    times: Times | None = None


Step = Chance | Move | Tell | State | Together | Rounds


def flattened(steps: Iterable[Step]) -> Iterator[Step]:
    """Every step; a `together` or `rounds` comes before the steps inside it."""
    for step in steps:
        yield step
        if isinstance(step, Together | Rounds):
            yield from flattened(step.steps)


def changed(steps: Iterable[Step], change: Callable[[Step], Step]) -> tuple[Step, ...]:
    """Steps with a change made to each that holds no others, inside `together` and `rounds` too."""
    made: list[Step] = []
    for step in steps:
        if isinstance(step, Rounds):
            made.append(replace(step, steps=changed(step.steps, change)))
        elif isinstance(step, Together):
            siblings = changed(step.steps, change)
            made.append(replace(step, steps=tuple(one for one in siblings if isinstance(one, Chance | Move))))
        else:
            made.append(change(step))
    return tuple(made)


def positions_of(steps: Iterable[Step], number: int) -> Iterator[frozenset[Position]]:
    """Chance steps and moves in every round, in the order of play, those made at the same time together; `number`: the
    round of the steps, 0 outside rounds.
    """
    for step in steps:
        match step:
            case Chance() | Move():
                yield frozenset({(step.key, number)})
            case Together():
                yield frozenset((sibling.key, number) for sibling in step.steps)
            case Rounds():
                for inner in range(1, step.count + 1):
                    yield from positions_of(step.steps, inner)
