"""Security middleware: checks Host, Origin, token, content type, and body size.

It is plain ASGI, and reads the body of a request itself, within limits of size and time, before any route sees it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from offramp.app.http_errors import Refused
from offramp.app.schemas import DOCUMENT_BYTES, FILE_BYTES
from offramp.app.workbench import Caller, Workbench, error_response
from offramp.report.style import hash_of, style

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Headers = tuple[tuple[bytes, bytes], ...]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

BODY_BYTES = 2 * FILE_BYTES
"""Maximum body: a crisis file as JSON, where a quote or a line end takes two characters."""
DOCUMENTS = ("/api/draft/read", "/api/draft/begin")
"""Paths whose body holds a document, as base64, which takes a third more."""
BODY_SECONDS = 10.0
ROUTE_SECONDS, STUDY_SECONDS = 300.0, 3_600.0
"""Time limits of a request, including its wait for a free process; the work itself has a shorter limit."""
STUDIES = ("/api/study", "/api/compare", "/api/export", "/api/report")
POLICY = (
    # a report opened in its own tab inherits this policy, so its style sheet is allowed too
    f"default-src 'none'; script-src 'self'; style-src 'self' '{hash_of(style('page.css'))}';"
    " img-src 'self' data: blob:; connect-src 'self'; font-src 'self'; base-uri 'none'; form-action 'none';"
    " frame-ancestors 'none'"
)
HEADERS = (
    (b"content-security-policy", POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
)
ENTRY = "/api/enter"
"""The login: the only call that needs no token."""
READING_METHODS = ("GET", "HEAD")


class Guard:
    """Passes allowed requests on to `app`; `hosts`: accepted values of the Host header."""

    def __init__(self, app: App, bench: Workbench, hosts: frozenset[str]) -> None:
        self.app = app
        self.bench = bench
        self.hosts = hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        if scope["type"] != "http":
            await send({"type": "websocket.close", "code": 1008})
            return
        own = (*HEADERS, (b"cache-control", b"no-store")) if scope["path"].startswith("/api") else HEADERS
        try:
            self._check(scope)
            body = await _body(scope, receive, _most_bytes(scope))
        except Refused as refusal:
            closing = (*own, (b"connection", b"close"))  # the rest of the request is not read
            await error_response(refusal)(scope, receive, _with_headers(send, closing))
        except _ClientGoneError:
            return
        else:
            await self._answer(scope, _replayed(body, receive), send, own)

    async def _answer(self, scope: Scope, receive: Receive, send: Send, own: Headers) -> None:
        """Answer a request within its time limit."""
        seconds = STUDY_SECONDS if scope["path"] in STUDIES else ROUTE_SECONDS
        begun = False

        async def send_and_note(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            async with asyncio.timeout(seconds) as limit:
                await self.app(scope, receive, _with_headers(send_and_note, own))
        except TimeoutError:
            if begun or not limit.expired():
                raise
            late = Refused(
                503, f"there was no answer after {seconds:g} seconds; try again when the workbench has less to do"
            )
            await error_response(late)(scope, receive, _with_headers(send, own))

    def _check(self, scope: Scope) -> None:
        """Refuse requests that are not allowed; store the caller in the scope."""
        host, origin = _header(scope, b"host"), _header(scope, b"origin")
        if host is None or host.lower() not in self.hosts:
            raise Refused(403, "this host is not served here; open the link that `offramp app` printed")
        if (_header(scope, b"upgrade") or "").lower() == "websocket":
            raise Refused(400, "web sockets are not supported: use plain HTTP")
        if origin is not None and origin.lower() not in (f"http://{host.lower()}", f"https://{host.lower()}"):
            raise Refused(403, "requests from pages of another origin are refused")
        path = scope["path"]
        if not path.startswith("/api"):
            return
        if path != ENTRY:
            scope["caller"] = self._caller(scope, path)
        if scope["method"] not in READING_METHODS:
            kind = (_header(scope, b"content-type") or "").partition(";")[0].strip().lower()
            if kind != "application/json":
                raise Refused(415, "send JSON, as Content-Type: application/json")

    def _caller(self, scope: Scope, path: str) -> Caller:
        scheme, _, token = (_header(scope, b"authorization") or "").partition(" ")
        caller = self.bench.caller_of(token.strip()) if scheme.lower() == "bearer" else None
        if caller is None:
            raise Refused(401, "access denied: open the link that `offramp app` printed")
        if caller.role != "analyst" and path not in ("/api/hello", "/api/match") and not path.startswith("/api/match/"):
            raise Refused(403, "this link is for one match only; ask the analyst who runs the workbench")
        return caller


class _ClientGoneError(Exception):
    """The client closed the connection before its request was complete."""


def _header(scope: Scope, name: bytes) -> str | None:
    """The value of a header that may occur at most once."""
    values = [value for key, value in scope["headers"] if key == name]
    if len(values) > 1:
        raise Refused(400, f"more than one header {name.decode()}")
    return values[0].decode("latin-1") if values else None


def _most_bytes(scope: Scope) -> int:
    """Maximum number of bytes of a request's body."""
    return 4 * DOCUMENT_BYTES // 3 + 10_000 if scope["path"] in DOCUMENTS else BODY_BYTES


async def _body(scope: Scope, receive: Receive, most: int) -> bytes:
    """Read a request's body, within limits of time and size."""
    length = _header(scope, b"content-length")
    if length is not None and (not length.isdecimal() or int(length[:20]) > most):
        raise _too_large(most)
    parts: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(BODY_SECONDS):
            while True:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise _ClientGoneError
                part = message.get("body", b"")
                parts.append(part)
                size += len(part)
                if size > most:
                    raise _too_large(most)
                if not message.get("more_body"):
                    return b"".join(parts)
    except TimeoutError:
        raise Refused(408, f"the request was not complete after {BODY_SECONDS:g} seconds; send it again") from None


def _too_large(most: int) -> Refused:
    return Refused(413, f"a request here may have {most:,} bytes, and a crisis file {FILE_BYTES:,}")


def _replayed(body: bytes, receive: Receive) -> Receive:
    """A `receive` that gives the body as one message, then what follows it."""
    messages = iter([{"type": "http.request", "body": body, "more_body": False}])

    async def next_message() -> Message:
        return next(messages, None) or await receive()

    return next_message


def _with_headers(send: Send, own: Headers) -> Send:
    async def with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": [*message["headers"], *own]}
        await send(message)

    return with_headers
