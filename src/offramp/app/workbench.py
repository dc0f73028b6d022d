"""The one state of a running workbench: the opened folder, who may call, and the processes that do the work.

A route takes what it needs by `Bench` and `Asking`, and refuses by raising `Refused`, or any `OfframpError`.
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
from offramp.app.workers.pools import Pool

Result = TypeVar("Result")
Role = Literal["analyst", "seat", "facilitator"]

DRAWS = 1_000_000
"""The largest run."""


@dataclass(frozen=True)
class Caller:
    """Who sent a request, by its token; `match` and `seat` (an actor) are those of a token of one match."""

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
    """What a server of the workbench holds; it lives in the server's event loop.

    `live` answers slider steps and the editor, `side` what takes a tenth of a second and more, `slow` studies of runs.
    `opened`: the crisis file that was named at the start. `token` is the analyst's, `tokens` holds the digests of all
    that may call. `parts` is what modules of routes keep, by their name; `closing` is called at the end.
    """

    folder: Folder
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
        """Let whoever holds a token call."""
        self.admit_digest(digest_of(token), caller)

    def admit_digest(self, digest: str, caller: Caller) -> None:
        """Let whoever holds the token of a digest call: the token itself need not be kept anywhere."""
        self.tokens[digest] = replace(caller, token=digest)

    def dismiss(self, token: str) -> None:
        """Let a token call no more."""
        self.tokens.pop(digest_of(token), None)

    def caller_of(self, token: str) -> Caller | None:
        """Who holds a token; looked up by its digest, so that how long it takes tells nothing of the tokens."""
        return self.tokens.get(digest_of(token))

    def accompany(self, work: Coroutine[Any, Any, None]) -> None:
        """Have work done beside the answers to requests, which ends with the workbench at the latest."""
        task = asyncio.ensure_future(work)

        async def end() -> None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

        self.closing.append(end)

    async def side_call(
        self, request: Request, function: Callable[..., Result], *args: Any, urgency: int = 0, key: str = ""
    ) -> Result:
        """A call of `side` that is dropped where it waits and the client leaves."""
        return await self.while_there(request, self.side.call(function, *args, urgency=urgency, key=key))

    async def slow_call(self, request: Request, function: Callable[..., Result], *args: Any) -> Result:
        """A call of `slow` that is ended when the client leaves."""
        return await self.while_there(request, self.slow.call(function, *args, end_when_left=True))

    async def while_there(self, request: Request, work: Awaitable[Result]) -> Result:
        """The result of work that is cancelled when the client leaves; nobody reads the refusal that is raised then."""
        working = asyncio.ensure_future(work)
        leaving = asyncio.ensure_future(self.gone(request))
        try:
            await asyncio.wait({working, leaving}, return_when=asyncio.FIRST_COMPLETED)
            if not working.done():
                raise Refused(499, "whoever asked has left")
            return await working
        finally:
            leaving.cancel()
            working.cancel()

    async def gone(self, request: Request) -> None:
        """Return when the client has left; the request's body has been read."""
        while (await request.receive())["type"] != "http.disconnect":
            pass


def answered(value: Any, status: int = 200) -> Response:
    """A value as JSON; raises ValueError for a number that is none."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return Response(text.encode(errors="replace"), status, media_type="application/json")


def refused(refusal: Refused) -> Response:
    """A refusal as an answer."""
    return answered({"error": refusal.message, **refusal.more}, refusal.status)


async def _bench(request: Request) -> Workbench:
    found: Workbench = request.app.state.workbench
    return found


async def _caller(request: Request) -> Caller:
    found: Caller = request.scope["caller"]
    return found


Bench = Annotated[Workbench, Depends(_bench)]
Asking = Annotated[Caller, Depends(_caller)]
