"""Login to a workbench that is served to other machines: by a password, or through a proxy that logs users in.

`POST /api/enter` returns the analyst's token. Where there is no such login, the printed link contains it; with one,
nothing that is printed does.
"""

from __future__ import annotations

import hmac
import time
from collections import deque
from dataclasses import dataclass, field

from fastapi import APIRouter, Request, Response

from offramp.app.http_errors import Refused
from offramp.app.schemas import RequestBody
from offramp.app.workbench import Bench, json_response

SHORTEST = 12
"""Minimum length of a password."""
TRIES, PERIOD = 5, 60.0
"""Maximum number of wrong passwords in a period of seconds, from all clients together."""

router = APIRouter()


@dataclass(eq=False)
class Door:
    """Login without the link: by `password`, or by the `header` of a trusted proxy.

    The proxy, at one of the addresses `proxies`, sets the header for users whom it has logged in.
    """

    password: str | None = field(default=None, repr=False)
    header: str | None = None
    proxies: frozenset[str] = frozenset()
    wrong: deque[float] = field(default_factory=deque)

    def opens(self, password: str | None, address: str, header: str | None) -> bool:
        """Whether a client may log in; Refused (429) after too many wrong passwords."""
        if self.header is not None and header and address in self.proxies:
            return True
        if self.password is None or password is None:
            return False
        now = time.monotonic()
        while self.wrong and now - self.wrong[0] > PERIOD:
            self.wrong.popleft()
        if len(self.wrong) >= TRIES:
            raise Refused(429, f"too many wrong passwords; wait {PERIOD:.0f} seconds and try again")
        if hmac.compare_digest(_bytes(self.password), _bytes(password)):
            return True
        self.wrong.append(now)
        return False


def _bytes(password: str) -> bytes:
    """A password as bytes; a request can hold half of a character, which UTF-8 has no bytes for."""
    return password.encode(errors="surrogatepass")


class Password(RequestBody):
    """The body of a login; behind a proxy no password is needed."""

    password: str | None = None


@router.post("/api/enter")
async def enter(body: Password, bench: Bench, request: Request) -> Response:
    """Log in: return the analyst's token."""
    door: Door | None = request.app.state.door
    if door is None:
        raise Refused(403, "open the link that `offramp app` printed: no password is set")
    address = request.client.host if request.client else ""
    if not door.opens(body.password, address, request.headers.get(door.header) if door.header else None):
        raise Refused(401, "the password is wrong" if body.password else "enter the password")
    return json_response({"token": bench.token})
