"""Faults: what is wrong with a crisis file, where, and what was expected.

Every mistake a user can make becomes a `Fault` with a place in the file. A reader collects all of them and raises one
`CrisisError`; it raises nothing else for a user's mistake.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar

from offramp.common.errors import OfframpError

MAX_FAULTS = 100

T = TypeVar("T")


@dataclass(frozen=True, order=True)
class Location:
    """A position in a crisis file; line and column count from 1."""

    line: int
    column: int


@dataclass(frozen=True, order=True)
class Fault:
    """A mistake or a warning, at a place in the file."""

    place: Location
    message: str

    def located(self, path: str) -> str:
        """The message in the form that editors understand: `path:line:column: message`."""
        return f"{path}:{self.place.line}:{self.place.column}: {self.message}"

    def as_warning(self, path: str) -> str:
        """The message in the same form, marked as a warning."""
        return f"{path}:{self.place.line}:{self.place.column}: warning: {self.message}"


class StopReadingError(Exception):
    """Raised to stop reading: the file is too large or has too many mistakes."""


class Faults:
    """The mistakes found so far in one file."""

    def __init__(self) -> None:
        self.entries: dict[Fault, None] = {}

    def add(self, place: Location, message: str) -> None:
        """Add a mistake unless it is there already; control characters and line ends in its message are escaped.

        Raises
        ------
        StopReadingError
            At the first mistake beyond `MAX_FAULTS`.
        """
        if len(self.entries) == MAX_FAULTS:
            raise StopReadingError
        shown = message if message.isprintable() else "".join(c if c.isprintable() else repr(c)[1:-1] for c in message)
        self.entries[Fault(place, shown)] = None

    def __bool__(self) -> bool:
        return bool(self.entries)


class CrisisError(OfframpError):
    """A crisis file that cannot be used, with all its faults in file order."""

    def __init__(self, path: str, faults: Iterable[Fault]) -> None:
        self.path = path
        self.faults = tuple(sorted(set(faults)))
        super().__init__("\n".join(fault.located(path) for fault in self.faults))

    def __reduce__(self) -> tuple[type[CrisisError], tuple[str, tuple[Fault, ...]]]:
        return type(self), (self.path, self.faults)  # pickling for other processes needs both arguments


def without_faults(path: str, read: Callable[[Faults], T | None]) -> T:
    """What `read` makes of a file, to which it adds every mistake that it finds.

    Raises
    ------
    CrisisError
        If there are mistakes, or `read` makes nothing; it holds all of them, or says that there are more.
    """
    faults = Faults()
    made = None
    try:
        made = read(faults)
    except StopReadingError:
        if len(faults.entries) == MAX_FAULTS:
            message = f"more than {MAX_FAULTS} mistakes; only the first ones found are listed"
            raise CrisisError(path, [Fault(Location(1, 1), message), *faults.entries]) from None
    if faults or made is None:
        raise CrisisError(path, faults.entries)
    return made
