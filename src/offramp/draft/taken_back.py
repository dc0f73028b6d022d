"""A person's decisions, of which the last in force can be taken back."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol, TypeVar


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
