"""Levers, and what those in force make of the options of a move."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from offramp.crisis.expressions.expression import Expression
from offramp.crisis.faults import Location
from offramp.crisis.steps import Move, Reason


@dataclass(frozen=True)
class Lever:
    """An intervention, at a cost if one is given.

    `sets`: inputs and their new values. By move, `forbids`: options that are taken away; `allows`: closed options that
    are opened; `commits`: the option to which the mover is committed.
    """

    key: str
    name: str
    says: str | None
    sets: Mapping[str, Expression]
    forbids: Mapping[str, tuple[str, ...]]
    allows: Mapping[str, tuple[str, ...]]
    commits: Mapping[str, str]
    cost: float | None
    reason: Reason
    place: Location


@dataclass(frozen=True)
class Menu:
    """What the levers in force make of a move's options.

    `closed`: the closed options that no lever allows; `forbidden`: those that a lever forbids, allowed or not.
    `committed`: the options to which levers commit the mover; two are a contradiction. Where the committed option is
    available, no other is.
    """

    closed: frozenset[str]
    forbidden: frozenset[str]
    committed: frozenset[str]

    @property
    def gone(self) -> frozenset[str]:
        """The options that are available nowhere."""
        return self.closed | self.forbidden


def menu_of(move: Move, levers: Iterable[Lever]) -> Menu:
    """What levers in force make of a move's options."""
    levers = tuple(levers)
    allowed = {option for lever in levers for option in lever.allows.get(move.key, ())}
    return Menu(
        closed=frozenset(move.closed) - allowed,
        forbidden=frozenset(option for lever in levers for option in lever.forbids.get(move.key, ())),
        committed=frozenset(lever.commits[move.key] for lever in levers if move.key in lever.commits),
    )
