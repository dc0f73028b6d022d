"""How one enters a workbench that is served to other machines: by a password, or past a proxy that has asked for one.

The call `POST /api/enter` gives the analyst's token. On the machine itself the printed link holds it already.
"""

from __future__ import annotations

import hmac
import time
from collections import deque
from dataclasses import dataclass, field

from fastapi import APIRouter, Request, Response

from offramp.app.http_errors import Refused
from offramp.app.schemas import RequestBody
from offramp.app.workbench import Bench, answered

SHORTEST = 12
"""The fewest characters of a password."""
TRIES, PERIOD = 5, 60.0
"""So many wrong passwords are heard in so many seconds, from everybody together."""

router = APIRouter()


@dataclass(eq=False)
class Door:
    """Who is let in without the link: whoever has the `password`, or comes from a proxy with its header.

    `header` is set by a proxy at one of the addresses `proxies` for those that it has let in.
    """

    password: str | None = field(default=None, repr=False)
    header: str | None = None
    proxies: frozenset[str] = frozenset()
    wrong: deque[float] = field(default_factory=deque)

    def opens(self, password: str | None, address: str, header: str | None) -> bool:
        """Whether somebody is let in; Refused (429) after too many wrong passwords."""
        if self.header is not None and header and address in self.proxies:
            return True
        if self.password is None or password is None:
            return False
        now = time.monotonic()
        while self.wrong and now - self.wrong[0] > PERIOD:
            self.wrong.popleft()
        if len(self.wrong) >= TRIES:
            raise Refused(429, f"too many wrong passwords; wait {PERIOD:.0f} seconds and try again")
        if hmac.compare_digest(self.password.encode(), password.encode()):
            return True
        self.wrong.append(now)
        return False


class Password(RequestBody):
    """What is sent to enter; past a proxy nothing is needed."""

    password: str | None = None


@router.post("/api/enter")
async def enter(asked: Password, bench: Bench, request: Request) -> Response:
    """The token, for those that are let in."""
    door: Door | None = request.app.state.door
    if door is None:
        raise Refused(403, "open the link that `offramp app` printed: no password is set")
    address = request.client.host if request.client else ""
    if not door.opens(asked.password, address, request.headers.get(door.header) if door.header else None):
        raise Refused(401, "that is not the password" if asked.password else "a password is asked for")
    return answered({"token": bench.token})
