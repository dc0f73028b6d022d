"""Server state: the open folder, access tokens and worker pools.

A route gets the state and its caller by the dependencies `Bench` and `CurrentCaller`, and reports errors by raising
`Refused`, or any `OfframpError`.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import secrets
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Annotated, Any, Literal, TypeVar

from fastapi import Depends, Request, Response

from offramp.app.folder import Folder
from offramp.app.http_errors import Refused
from offramp.app.workers.nursery import Nursery
from offramp.app.workers.pools import Pool

Result = TypeVar("Result")
Role = Literal["analyst", "seat", "facilitator"]

DRAWS = 1_000_000
"""Maximum number of draws of a run."""


@dataclass(frozen=True)
class Caller:
    """The sender of a request, known by its token; `match`, `seat` (an actor): for the token of a match."""

    role: Role
    match: str | None = None
    seat: str | None = None
    token: str = field(default="", repr=False)


def digest_of(token: str) -> str:
    """The SHA-256 of a token, in hexadecimal."""
    return hashlib.sha256(token.encode(errors="surrogatepass")).hexdigest()


def now() -> datetime:
    return datetime.now(UTC)


@dataclass(eq=False)
class Workbench:
    """The state of a server; used only in its event loop.

    `nursery`: starts the processes of the pools. `live`: pool for slider steps and the editor; `side`: for calls that
    take a tenth of a second and more; `slow`: for studies of runs. `opened`: crisis file named at the start. `token`:
    the analyst's; `tokens`: callers by the digest of their token. `parts`: state of the route modules, by name;
    `closing`: functions to call at the end.
    """

    folder: Folder
    nursery: Nursery
    live: Pool
    side: Pool
    slow: Pool
    opened: str | None = None
    token: str = field(default_factory=lambda: secrets.token_urlsafe(24), repr=False)
    tokens: dict[str, Caller] = field(default_factory=dict, repr=False)
    parts: dict[str, Any] = field(default_factory=dict)
    closing: list[Callable[[], Awaitable[None]]] = field(default_factory=list)
    clock: Callable[[], datetime] = now

    def __post_init__(self) -> None:
        self.admit(self.token, Caller("analyst"))

    def admit(self, token: str, caller: Caller) -> None:
        """Admit a token."""
        self.admit_digest(digest_of(token), caller)

    def admit_digest(self, digest: str, caller: Caller) -> None:
        """Admit a token by its digest, so that the token itself need not be stored."""
        self.tokens[digest] = replace(caller, token=digest)

    def caller_of(self, token: str) -> Caller | None:
        """The caller with a token; the lookup by digest leaks nothing about tokens through its timing."""
        return self.tokens.get(digest_of(token))

    def run_beside(self, work: Coroutine[Any, Any, None]) -> None:
        """Run work in the background; it is cancelled when the workbench closes."""
        task = asyncio.ensure_future(work)

        async def end() -> None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

        self.closing.append(end)

    async def side_call(
        self, request: Request, function: Callable[..., Result], *args: Any, urgency: int = 0, key: str = ""
    ) -> Result:
        """Call `side`; if the client leaves while the call waits, it is dropped."""
        return await self.while_connected(request, self.side.call(function, *args, urgency=urgency, key=key))

    async def slow_call(self, request: Request, function: Callable[..., Result], *args: Any) -> Result:
        """Call `slow`; if the client leaves, the call is ended."""
        return await self.while_connected(request, self.slow.call(function, *args, end_when_left=True))

    async def while_connected(self, request: Request, work: Awaitable[Result]) -> Result:
        """The result of work that is cancelled when the client leaves; nobody reads the error raised then."""
        working = asyncio.ensure_future(work)
        leaving = asyncio.ensure_future(self.client_gone(request))
        try:
            await asyncio.wait({working, leaving}, return_when=asyncio.FIRST_COMPLETED)
            if not working.done():
                raise Refused(499, "client closed the request")
            return await working
        finally:
            leaving.cancel()
            working.cancel()

    async def client_gone(self, request: Request) -> None:
        """Return when the client has left; the request's body has been read before."""
        while (await request.receive())["type"] != "http.disconnect":
            pass


def json_response(value: Any, status: int = 200) -> Response:
    """A JSON response; raises ValueError for NaN and infinity."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return Response(text.encode(errors="replace"), status, media_type="application/json")


def error_response(refusal: Refused) -> Response:
    """The JSON response of an error."""
    return json_response({"error": refusal.message, **refusal.more}, refusal.status)


async def _bench(request: Request) -> Workbench:
    bench: Workbench = request.app.state.workbench
    return bench


async def _caller(request: Request) -> Caller:
    caller: Caller = request.scope["caller"]
    return caller


Bench = Annotated[Workbench, Depends(_bench)]
CurrentCaller = Annotated[Caller, Depends(_caller)]
