"""What a caller is told that does not get what it asked for: a status of HTTP, and a sentence that says what to do."""

from __future__ import annotations

from typing import Any

from offramp.common.errors import OfframpError
from offramp.crisis.faults import CrisisError

MOST_FAULTS = 100


class Refused(Exception):  # noqa: N818 - an answer, not a fault of the program
    """An answer other than success: a status, what is wrong and what to do, and more fields for the answer.

    It can be pickled, so that it can be raised in another process.
    """

    def __init__(self, status: int, message: str, **more: Any) -> None:
        super().__init__(status, message)
        self.status = status
        self.message = message
        self.more = more


def refusal_of(error: OfframpError) -> Refused:
    """An error of the user's as an answer; those of a crisis file with their places."""
    if not isinstance(error, CrisisError):
        return Refused(422, str(error))
    faults = [
        {"line": fault.place.line, "column": fault.place.column, "message": fault.message}
        for fault in error.faults[:MOST_FAULTS]
    ]
    first, more = error.faults[0], len(error.faults) - 1
    others = f", and {more} more" if more else ""
    return Refused(422, f"line {first.place.line}: {first.message}{others}", faults=faults)
