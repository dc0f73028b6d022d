"""The operations of a compilation: what each step of the timeline does to the columns of all histories."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from offramp.crisis.expressions.expression import Expression
from offramp.crisis.steps import Chance, Move, State, Tell
from offramp.game.columns import Variable

Scope = Mapping[str, Variable | int]
"""The column of each name that an expression uses; `round` inside rounds is a number."""


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
    """A state takes a new value; `old` is None if this is its start."""

    state: State
    scope: Scope
    column: Variable
    old: Variable | None


@dataclass(frozen=True)
class Show:
    """A tell: the source's code is copied if the condition holds."""

    tell: Tell
    scope: Scope
    source: Variable
    column: Variable


@dataclass(frozen=True)
class Pay:
    """The payment of a payoff term, by its position in the crisis, or (None) the ending."""

    term: int | None
    scope: Scope


@dataclass(frozen=True)
class EnterRounds:
    """Rows for which the rounds' condition fails skip the rounds."""

    condition: Expression
    scope: Scope
    exits: Mapping[Variable, Variable | int]


@dataclass(frozen=True)
class EndRound:
    """Rows for which `until` holds leave the rounds; after the last round all rows leave.

    `exits`: for each column known after the rounds, the column or code that its value is taken from.
    """

    until: Expression | None
    last: bool
    scope: Scope
    exits: Mapping[Variable, Variable | int]


@dataclass(frozen=True)
class ExitRounds:
    """All rows that have left the rounds continue together."""


Operation = StepOperation | SetState | Show | Pay | EnterRounds | EndRound | ExitRounds


def columns_made_by(operation: Operation) -> list[Variable]:
    """The columns that an operation makes."""
    match operation:
        case StepOperation(column=column) | SetState(column=column) | Show(column=column):
            return [column]
        case EnterRounds(exits=exits) | EndRound(exits=exits):
            return list(exits)
        case _:
            return []
