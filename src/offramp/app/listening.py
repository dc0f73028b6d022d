"""Listening on a port, and serving an ASGI application there within limits on connections."""

from __future__ import annotations

import asyncio
import logging
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

CONNECTIONS = 512
"""Maximum number of connections; beyond it the one that has been idle longest is closed."""
HEAD_SECONDS = 5.0
"""Seconds after which a connection without a complete request head is closed."""


class LimitedProtocol(H11Protocol):
    """uvicorn's HTTP protocol with limits: slow or idle connections and surplus ones are closed."""

    idle_timer: asyncio.TimerHandle | None = None
    since = 0.0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.since = time.monotonic()
        self.idle_timer = self.loop.call_later(HEAD_SECONDS, self._close_if_idle)
        if len(self.connections) > CONNECTIONS:
            idle = [other for other in self.connections if isinstance(other, LimitedProtocol) and other.idle]
            min(idle, key=lambda other: other.since, default=self).transport.close()

    def _unsupported_upgrade_warning(self) -> None:
        """Print no warning for a request for another protocol: the middleware refuses it."""

    @property
    def idle(self) -> bool:
        """Whether no request is being answered."""
        return (self.cycle is None or self.cycle.response_complete) and not self.transport.is_closing()

    def data_received(self, data: bytes) -> None:
        if self.idle and self.idle_timer is None:
            self.idle_timer = self.loop.call_later(HEAD_SECONDS, self._close_if_idle)
        super().data_received(data)
        if not self.idle and self.idle_timer is not None:
            self.idle_timer.cancel()
            self.idle_timer = None

    def _close_if_idle(self) -> None:
        self.idle_timer = None
        if self.idle:
            self.transport.close()


@dataclass(frozen=True)
class Listening:
    """A listening socket with its host and port."""

    socket: socket.socket
    host: str
    port: int


def listen(host: str, port: int, tries: int) -> Listening:
    """Listen on the first free of `tries` ports from `port` on; OSError if none is free."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    for candidate in range(port, port + tries):
        # asyncio turns off Nagle's algorithm, which costs 40 ms per answer, only if the protocol is given
        listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, candidate))
            listener.listen(1024)
        except OSError:
            listener.close()
            if candidate == port + tries - 1:
                raise
        else:
            return Listening(listener, host, listener.getsockname()[1])
    raise AssertionError("no port was tried")


def serve(application: Any, listening: Listening, ready: Callable[[], None]) -> None:
    """Serve until the process is interrupted or terminated; `ready` is called once connections are accepted."""

    class Server(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            if self.started:
                ready()

        async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
            # what is cut off by the end is no error to tell
            logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)
            await super().shutdown(sockets)

    config = uvicorn.Config(
        application,
        http=LimitedProtocol,
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
