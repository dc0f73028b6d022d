"""A person's decisions, which have a name, and of which the last in force can be taken back."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol, TypeVar

from offramp.common.errors import UsageError
from offramp.common.printable import printable


class _Decided(Protocol):
    @property
    def verdict(self) -> str: ...


D = TypeVar("D", bound=_Decided)


def in_force(decisions: Iterable[D]) -> tuple[D, ...]:
    """The decisions without those that were taken back, in their order."""
    kept: list[D] = []
    for decision in decisions:
        if decision.verdict != "taken back":
            kept.append(decision)
        elif kept:
            kept.pop()
    return tuple(kept)


def name_of(by: str, missing: str = "say who decides: a decision has a name") -> str:
    """The name of a person, on one line, as it is kept; UsageError with the message `missing` if there is none."""
    name = " ".join(printable(by).split())[:100]
    if not name:
        raise UsageError(missing)
    return name
