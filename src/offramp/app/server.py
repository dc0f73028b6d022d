"""The server: routes, guard and page put together, and served until somebody ends it."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import uvicorn
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from uvicorn.protocols.http.h11_impl import H11Protocol

from offramp.app import login
from offramp.app.http_errors import Refused, refusal_of
from offramp.app.login import Door
from offramp.app.middleware import Guard
from offramp.app.page_files import page_router
from offramp.app.routes import (
    editor_routes,
    file_routes,
    ledger_routes,
    match_routes,
    run_routes,
    solve_routes,
    study_routes,
)
from offramp.app.workbench import Workbench, refused
from offramp.common.errors import OfframpError

ROUTES: tuple[Any, ...] = (
    login,
    file_routes,
    editor_routes,
    solve_routes,
    run_routes,
    study_routes,
    match_routes,
    ledger_routes,
)
"""Modules of routes; one that has something to do before the first request has a function `begin`."""
CONNECTIONS = 512
"""With more connections than these the one that has been idle longest is closed."""
HEAD_SECONDS = 5.0
"""A request's head must be there so long after the connection was made."""


def app_of(bench: Workbench, hosts: frozenset[str], door: Door | None = None) -> Guard:
    """The workbench as an ASGI application."""

    @asynccontextmanager
    async def living(app: FastAPI) -> AsyncIterator[None]:
        for module in ROUTES:
            if hasattr(module, "begin"):
                await module.begin(bench)
        starting = asyncio.ensure_future(_started(bench))
        try:
            yield
        finally:
            starting.cancel()
            for close in bench.closing:
                await close()
            await asyncio.gather(*(pool.close() for pool in (bench.live, bench.side, bench.slow)))

    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None, lifespan=living, redirect_slashes=False)
    app.state.workbench, app.state.door = bench, door
    for module in ROUTES:
        app.include_router(module.router)
    app.include_router(page_router())
    app.add_exception_handler(Refused, _on_refused)
    app.add_exception_handler(OfframpError, _on_mistake)
    app.add_exception_handler(RequestValidationError, _on_shape)
    app.add_exception_handler(HTTPException, _on_http)
    app.add_exception_handler(Exception, _on_fault)
    return Guard(app, bench, hosts)


async def _started(bench: Workbench) -> None:
    """Start the processes that are needed first; those for studies begin with the first study."""
    await asyncio.gather(bench.live.start(), bench.side.start())


async def _on_refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, Refused)
    return _told(request, error)


async def _on_mistake(request: Request, error: Exception) -> Response:
    assert isinstance(error, OfframpError)
    return _told(request, refusal_of(error))


def _told(request: Request, refusal: Refused) -> Response:
    """A refusal as an answer, which names no place on this machine."""
    bench: Workbench = request.app.state.workbench
    return refused(Refused(refusal.status, bench.folder.shown(refusal.message), **refusal.more))


async def _on_shape(request: Request, error: Exception) -> Response:
    """One sentence on the first thing that is wrong with what was sent."""
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    if first["type"] == "json_invalid":
        return refused(Refused(422, "the request is no JSON"))
    place = ".".join(str(part) for part in first["loc"][1:]) or "the request"
    return refused(Refused(422, f"{place[:120]}: {first['msg'][:200]}"))


async def _on_http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if error.status_code == 400:
        return refused(Refused(422, "the request is no JSON that can be read"))
    said = {404: "there is nothing here", 405: "this cannot be done here"}
    return refused(Refused(error.status_code, said.get(error.status_code, error.detail)))


async def _on_fault(request: Request, error: Exception) -> Response:
    return refused(Refused(500, "the workbench has a fault of its own; what it was is printed where it runs"))


class Impatient(H11Protocol):
    """HTTP as uvicorn speaks it, with clients that keep neither it nor others waiting."""

    waits: asyncio.TimerHandle | None = None
    since = 0.0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.since = time.monotonic()
        self.waits = self.loop.call_later(HEAD_SECONDS, self._leave_if_idle)
        if len(self.connections) > CONNECTIONS:
            idle = [other for other in self.connections if isinstance(other, Impatient) and other.idle]
            min(idle, key=lambda other: other.since, default=self).transport.close()

    def _unsupported_upgrade_warning(self) -> None:
        """Nothing is said of a request for another protocol: the guard refuses it."""

    @property
    def idle(self) -> bool:
        """Whether no request is being answered."""
        return (self.cycle is None or self.cycle.response_complete) and not self.transport.is_closing()

    def data_received(self, data: bytes) -> None:
        if self.idle and self.waits is None:
            self.waits = self.loop.call_later(HEAD_SECONDS, self._leave_if_idle)
        super().data_received(data)
        if not self.idle and self.waits is not None:
            self.waits.cancel()
            self.waits = None

    def _leave_if_idle(self) -> None:
        self.waits = None
        if self.idle:
            self.transport.close()


@dataclass(frozen=True)
class Listening:
    """A socket that waits for connections, and where it is."""

    socket: socket.socket
    host: str
    port: int


def listen(host: str, port: int, tries: int) -> Listening:
    """A socket on a port, or on the first free one of so many from it on; OSError where there is none."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    for candidate in range(port, port + tries):
        # asyncio turns off Nagle's algorithm, 40 ms an answer, only where the protocol is named
        found = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            found.bind((host, candidate))
            found.listen(1024)
        except OSError:
            found.close()
            if candidate == port + tries - 1:
                raise
        else:
            return Listening(found, host, found.getsockname()[1])
    raise AssertionError("no port was tried")


def serve(application: Guard, listening: Listening, ready: Callable[[], None]) -> None:
    """Serve until the process is interrupted or terminated; `ready` is called once connections are taken."""

    class Server(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            if self.started:
                ready()

    config = uvicorn.Config(
        application,
        http=Impatient,
        loop="asyncio",
        ws="none",
        lifespan="on",
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=30,
        timeout_graceful_shutdown=1,
    )
    Server(config).run(sockets=[listening.socket])
