"""The protocol over standard input and output, a message a line, until the input is closed or a signal ends it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
import threading
from collections.abc import AsyncIterator
from typing import Any, BinaryIO

import anyio
from mcp.server.lowlevel import Server
from mcp.server.stdio import stdio_server

MOST_LINE = 4_000_000
"""Maximum number of bytes of a message."""
CHUNK = 65_536
END_SECONDS = 5.0
"""Seconds after a signal at which the process ends, even if the other side does not read what it is sent."""
SIGNALS = (signal.SIGINT, signal.SIGTERM)


def serve_stdio(server: Server[Any]) -> None:
    """Serve the process's standard input and output; meanwhile nothing that is printed reaches them."""
    with _taken() as (source, sink):
        anyio.run(_serve, server, source, sink)


@contextlib.contextmanager
def _taken() -> Any:
    """Standard input and output, for the protocol alone: what is printed goes to standard error."""
    sys.stdout.flush()
    source, sink = os.fdopen(os.dup(0), "rb", buffering=0), os.fdopen(os.dup(1), "wb")
    with open(os.devnull, "rb") as nothing:
        os.dup2(nothing.fileno(), 0)
    os.dup2(2, 1)
    yield source, sink


async def _serve(server: Server[Any], source: BinaryIO, sink: BinaryIO) -> None:
    lines = Lines(source)
    output = anyio.wrap_file(_text_of(sink))
    async with anyio.create_task_group() as group:
        _end_at_signals(group.cancel_scope)
        async with stdio_server(lines, output) as (received, sent):  # type: ignore[arg-type]
            await server.run(received, sent, server.create_initialization_options())
        group.cancel_scope.cancel()


def _text_of(sink: BinaryIO) -> Any:
    import io

    return io.TextIOWrapper(sink, encoding="utf-8", newline="\n")


def _end_at_signals(scope: anyio.CancelScope) -> None:
    """Let a signal end the serving, which ends the worker processes."""

    def end() -> None:
        timer = threading.Timer(END_SECONDS, os._exit, (1,))
        timer.daemon = True
        timer.start()
        scope.cancel()

    for number in SIGNALS:
        with contextlib.suppress(NotImplementedError):  # on Windows: Ctrl-C raises KeyboardInterrupt
            asyncio.get_running_loop().add_signal_handler(number, end)


class Lines:
    """The lines of a stream of bytes; one that is longer than a message may be is left out.

    A thread of its own reads them, so that the server can end while it waits for the next.
    """

    def __init__(self, source: BinaryIO) -> None:
        self.source = source

    def __aiter__(self) -> AsyncIterator[str]:
        return self._lines()

    async def _lines(self) -> AsyncIterator[str]:
        loop = asyncio.get_running_loop()
        read: asyncio.Queue[bytes] = asyncio.Queue(2)

        def listen() -> None:
            with contextlib.suppress(RuntimeError, OSError):  # the server has ended
                while True:
                    chunk = self.source.read(CHUNK) or b""
                    asyncio.run_coroutine_threadsafe(read.put(chunk), loop).result()
                    if not chunk:
                        return

        threading.Thread(target=listen, daemon=True).start()
        begun, too_long = bytearray(), False
        while chunk := await read.get():
            *ended, rest = chunk.split(b"\n")
            for part in ended:
                begun += part
                if too_long or len(begun) > MOST_LINE:
                    print(f"a message of more than {MOST_LINE:,} bytes is left out", file=sys.stderr)
                elif begun.strip():
                    yield begun.decode("utf-8", "replace")
                begun, too_long = bytearray(), False
            begun += rest
            if len(begun) > MOST_LINE:
                begun, too_long = bytearray(), True
