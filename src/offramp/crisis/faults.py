"""Faults: what is wrong with a crisis file, where, and what was expected.

Every mistake a user can make ends as a `Fault` with a place in the file; a reader collects all of
them and raises one `CrisisError`. Nothing else is raised for a user's mistake.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class Place:
    """A position in a crisis file; line and column count from 1."""

    line: int
    column: int


@dataclass(frozen=True, order=True)
class Fault:
    """One mistake, or one warning, at a place in the file."""

    place: Place
    message: str

    def located(self, path: str) -> str:
        """The message as an editor understands it: `path:line:column: message`."""
        return f"{path}:{self.place.line}:{self.place.column}: {self.message}"


class OfframpError(Exception):
    """Base of every error that a user of Offramp can cause."""


class CrisisError(OfframpError):
    """A crisis file that cannot be used, with all that is wrong with it in file order."""

    def __init__(self, path: str, faults: Iterable[Fault]) -> None:
        self.path = path
        self.faults = tuple(sorted(set(faults)))
        super().__init__("\n".join(fault.located(path) for fault in self.faults))


class UsageError(OfframpError):
    """A request that does not fit the crisis: an unknown input, lever or a value out of range."""


def nearest(word: str, allowed: Iterable[str]) -> str:
    """The hint `; did you mean 'x'?` for the allowed word nearest to `word`, or nothing."""
    close = difflib.get_close_matches(word, list(allowed), n=1, cutoff=0.6)
    return f"; did you mean '{close[0]}'?" if close else ""


def listed(words: Iterable[str], limit: int = 8) -> str:
    """`a, b and c`, cut after `limit` words."""
    items = list(words)
    if len(items) > limit:
        items = [*items[:limit], f"{len(items) - limit} more"]
    if len(items) < 2:
        return "".join(items)
    return ", ".join(items[:-1]) + " and " + items[-1]
