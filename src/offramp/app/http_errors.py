"""HTTP errors returned to callers: a status code and a sentence saying what to do."""

from __future__ import annotations

from typing import Any

from offramp.common.errors import OfframpError
from offramp.crisis.faults import CrisisError

MOST_FAULTS = 100


class Refused(Exception):  # noqa: N818 - an answer, not an error of the program
    """An error response: a status, a message on what is wrong and what to do, and more fields of the response.

    It can be pickled, so that a worker process can raise it.
    """

    def __init__(self, status: int, message: str, **more: Any) -> None:
        super().__init__(status, message)
        self.status = status
        self.message = message
        self.more = more


def refusal_of(error: OfframpError) -> Refused:
    """The response for a user's error; errors in a crisis file come with their locations."""
    if not isinstance(error, CrisisError):
        return Refused(422, str(error))
    faults = [
        {"line": fault.place.line, "column": fault.place.column, "message": fault.message}
        for fault in error.faults[:MOST_FAULTS]
    ]
    first, more = error.faults[0], len(error.faults) - 1
    others = f" (the file has {more} more mistake{'s' * (more > 1)})" if more else ""
    return Refused(422, f"line {first.place.line}: {first.message}{others}", faults=faults)
