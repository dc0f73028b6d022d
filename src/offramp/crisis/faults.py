"""Faults: what is wrong with a crisis file, where, and what was expected.

Every mistake a user can make ends as a `Fault` with a place in the file; a reader collects all of
them and raises one `CrisisError`. Nothing else is raised for a user's mistake.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass

from offramp.crisis.lookalikes import skeleton, told_apart

MAX_FAULTS = 100
MAX_SHOWN = 60
MAX_COMPARED = 300


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

    def as_warning(self, path: str) -> str:
        """The same of what is no mistake."""
        return f"{path}:{self.place.line}:{self.place.column}: warning: {self.message}"


class StopReadingError(Exception):
    """Reading on would not help: the file is too large, or has too many mistakes."""


class Faults:
    """The mistakes found so far in one file."""

    def __init__(self) -> None:
        self.found: dict[Fault, None] = {}

    def add(self, place: Place, message: str) -> None:
        """Enter a mistake, once; its message is put on one line.

        Raises
        ------
        StopReadingError
            At the first mistake beyond `MAX_FAULTS`.
        """
        if len(self.found) == MAX_FAULTS:
            raise StopReadingError
        shown = message if message.isprintable() else "".join(c if c.isprintable() else repr(c)[1:-1] for c in message)
        self.found[Fault(place, shown)] = None

    def __bool__(self) -> bool:
        return bool(self.found)


class OfframpError(Exception):
    """Base of every error that a user of Offramp can cause."""


class CrisisError(OfframpError):
    """A crisis file that cannot be used, with all that is wrong with it in file order."""

    def __init__(self, path: str, faults: Iterable[Fault]) -> None:
        self.path = path
        self.faults = tuple(sorted(set(faults)))
        super().__init__("\n".join(fault.located(path) for fault in self.faults))

    def __reduce__(self) -> tuple[type[CrisisError], tuple[str, tuple[Fault, ...]]]:
        return type(self), (self.path, self.faults)  # so that it comes back whole from another process


class UsageError(OfframpError):
    """A request that does not fit the crisis: an unknown input, lever or a value out of range."""


def nearest_word(word: str, allowed: Iterable[str]) -> str | None:
    """The allowed word that is nearest to `word`, or None where none is near."""
    if len(word) > MAX_SHOWN:
        return None
    allowed = list(allowed)
    twin = next((other for other in allowed if skeleton(other) == skeleton(word)), None)
    if twin is not None:
        return twin
    similar = [other for other in allowed if 3 * len(word) <= 7 * len(other) and 3 * len(other) <= 7 * len(word)]
    return next(iter(difflib.get_close_matches(word, similar[:MAX_COMPARED], n=1, cutoff=0.7)), None)


def nearest(word: str, allowed: Iterable[str]) -> str:
    """The hint `; did you mean 'x'?` for the allowed word nearest to `word`, or nothing."""
    close = nearest_word(word, allowed)
    if close is None:
        return ""
    alike = f" {told_apart(word, close)}" if close != word and skeleton(close) == skeleton(word) else ""
    return f"; did you mean '{close}'?{alike}"


def expected(word: str, allowed: Iterable[str], limit: int = 8) -> str:
    """The hint for the nearest allowed word, or, where none is near, the list of those that are allowed."""
    words = list(allowed)
    return nearest(word, words) or (f"; expected one of {listed(words, limit)}" if words else "")


def quoted(text: str) -> str:
    """A word of the file in quotes, cut where it is long."""
    return f"'{text[:MAX_SHOWN]}...'" if len(text) > MAX_SHOWN else f"'{text}'"


def listed(words: Iterable[str], limit: int = 8) -> str:
    """`a, b and c`, cut after `limit` words."""
    items = list(words)
    if len(items) > limit:
        items = [*items[:limit], f"{len(items) - limit} more"]
    if len(items) < 2:
        return "".join(items)
    return ", ".join(items[:-1]) + " and " + items[-1]
