"""What is known to have happened in a crisis: observed on a date, or supposed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from offramp.common.errors import UsageError
from offramp.common.words import listed, nearest, quoted
from offramp.crisis.expressions.expression import SKIPPED
from offramp.crisis.faults import Location

Position = tuple[str, int]
"""A step in a round; the round is 0 outside rounds."""
Facts = Mapping[Position, tuple[str, ...]]
"""The values, options or `skipped`, one of which a step took."""


@dataclass(frozen=True)
class Observation:
    """What was observed on a date, of each step: it took one of these values, options or `skipped`.

    `date`: None if it is supposed. `round`: the round of the steps, if they are inside rounds.
    """

    date: str | None
    round: int | None
    values: Mapping[str, tuple[str, ...]]
    place: Location


def facts_of(observations: Iterable[Observation]) -> Facts:
    """What several observations say together; of a step, only the values that all of them leave."""
    facts: dict[Position, tuple[str, ...]] = {}
    for entry in observations:
        for step, values in entry.values.items():
            at = step, entry.round or 0
            facts[at] = tuple(value for value in facts.get(at, values) if value in values)
    return facts


def as_written(facts: Facts) -> dict[str, list[str]]:
    """Facts by `STEP` or `STEP@ROUND`, as `Crisis.supposing` takes them."""
    return {f"{step}@{number}" if number else step: list(values) for (step, number), values in facts.items()}


def from_written(written: Mapping[str, Sequence[str]]) -> Facts:
    """The facts that `as_written` has written."""
    parted = {at.partition("@"): tuple(values) for at, values in written.items()}
    return {(step, int(number or 0)): values for (step, _, number), values in parted.items()}


def in_words(at: Position) -> str:
    """A step in a round, in a message."""
    step, number = at
    return f"'{step}' in round {number}" if number else f"'{step}'"


def supposed_positions(
    supposed: Mapping[str, str | Sequence[str]], options: Mapping[str, Sequence[str]], rounds: Mapping[str, int]
) -> dict[Position, tuple[str, ...]]:
    """What is supposed of steps in rounds, read from `STEP` or `STEP@ROUND` and one value or several.

    `options`: those of every chance step and move; `rounds`: the number of rounds of each step inside rounds.

    Raises
    ------
    UsageError
        If a step, a value or a round is unknown.
    """
    if not isinstance(supposed, Mapping):
        raise UsageError(f"suppositions are given by step, as {{'reply@2': 'strike'}}; found {supposed!r}")
    found: dict[Position, tuple[str, ...]] = {}
    for written, given in supposed.items():
        step, at, number = str(written).partition("@")
        if step not in options:
            message = f"unknown step {quoted(step)}{nearest(step, options)}; only chance steps and moves are supposed"
            raise UsageError(f"{message} ({listed(options, 20)})")
        position = step, _round(step, number if at else None, rounds.get(step))
        values = (given,) if isinstance(given, str) else tuple(given)
        for value in values:
            if value not in (*options[step], SKIPPED):
                known = f"({listed(options[step])}, or {SKIPPED})"
                raise UsageError(
                    f"{quoted(str(value))} is not an option of '{step}' {known}{nearest(value, options[step])}"
                )
        if not values:
            raise UsageError(f"nothing is supposed of {in_words(position)}: give at least one value")
        found[position] = tuple(dict.fromkeys(values))
    return found


def _round(step: str, number: str | None, count: int | None) -> int:
    """The round of a supposition, 0 outside rounds."""
    if count is None:
        if number is not None:
            raise UsageError(f"'{step}' is not inside rounds: suppose it without a round, found round {quoted(number)}")
        return 0
    if number is None:
        raise UsageError(f"'{step}' is inside rounds: give the round, such as {step}@1")
    if not re.fullmatch("[0-9]{1,9}", number) or not 1 <= int(number) <= count:
        raise UsageError(f"'{step}' has no round {quoted(number)}; there are rounds 1 to {count}")
    return int(number)
