"""The protocol over standard input and output, a message a line, until the input is closed or a signal ends it."""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
import os
import re
import signal
import sys
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, BinaryIO

import anyio
import mcp_types as types
from mcp.server.lowlevel import Server
from mcp.server.stdio import stdio_server
from mcp.shared.message import SessionMessage
from pydantic import ValidationError

from offramp.common.errors import OfframpError

MOST_LINE = 4_000_000
"""Maximum number of bytes of a message."""
TOO_LONG = f"a message has at most {MOST_LINE:,} bytes: send less, or put a long text into a file of the folder"
UNREADABLE = "this is no message of the protocol: it is not JSON, is nested too deep, or has half of a character"
EDGE = 300
"""Number of bytes at each end of a message that is left out in which its number is looked for."""
_ID = rb'"id"\s*:\s*(0|-?[1-9]\d{0,17}|"[^"\\\x00-\x1f]{1,200}")\s*'
_FIRST = re.compile(rb'\s*\{\s*(?:"jsonrpc"\s*:\s*"2\.0"\s*,\s*)?' + _ID + rb",")
_LAST = re.compile(rb",\s*" + _ID + rb"\}\s*$")
CHUNK = 65_536
END_SECONDS = 5.0
"""Seconds after a signal at which the process ends, even if the other side does not read what it is sent."""
SIGNALS = (signal.SIGINT, signal.SIGTERM)


def serve_stdio(server: Server[Any]) -> None:
    """Serve the process's standard input and output; meanwhile nothing that is printed reaches them.

    Raises
    ------
    OfframpError
        If the output takes no more.
    """
    reason: str | None = None
    with _taken() as (source, sink):
        try:
            anyio.run(_serve, server, source, sink)
        except* OSError as failed:
            while isinstance(error := failed.exceptions[0], BaseExceptionGroup):
                failed = error
            reason = error.strerror or str(error)
        with contextlib.suppress(OSError):
            sink.close()
    if reason is not None:
        raise OfframpError(f"cannot write to standard output: {reason}; the server ends")


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
    output = anyio.wrap_file(io.TextIOWrapper(sink, encoding="utf-8", newline="\n"))
    async with anyio.create_task_group() as group:
        _end_at_signals(group.cancel_scope)
        async with stdio_server(lines, output) as (received, sent):  # type: ignore[arg-type]
            lines.answer = sent.send
            await server.run(received, sent, server.create_initialization_options())
        group.cancel_scope.cancel()


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


def _number_in(first: bytes, last: bytes) -> int | str | None:
    """The number of a request, by its first and last bytes: what every client writes at one end of a message."""
    found = _FIRST.match(first) or _LAST.search(last)
    return None if found is None else json.loads(found[1].decode("utf-8", "replace"))


class Lines:
    """The lines of a stream of bytes; one that is too long, or no message of the protocol, is left out.

    A thread of its own reads them, so that the server can end while it waits for the next. `answer`: sends the error
    that answers a request which is left out.
    """

    def __init__(self, source: BinaryIO) -> None:
        self.source = source
        self.answer: Callable[[SessionMessage], Awaitable[None]] | None = None

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
        begun, first = bytearray(), b""
        while chunk := await read.get():
            *ended, rest = chunk.split(b"\n")
            for part in ended:
                begun += part
                if first or len(begun) > MOST_LINE:
                    print(f"a message of more than {MOST_LINE:,} bytes is left out", file=sys.stderr)
                    await self._refuse(first or bytes(begun[:EDGE]), bytes(begun[-EDGE:]), TOO_LONG)
                elif begun.strip() and await self._is_readable(line := begun.decode("utf-8", "replace")):
                    yield line
                begun, first = bytearray(), b""
            begun += rest
            if len(begun) > MOST_LINE:
                first = first or bytes(begun[:EDGE])
                del begun[:-EDGE]

    async def _is_readable(self, line: str) -> bool:
        """Whether the SDK, which drops other lines without a word, can read a message; if not, it is answered."""
        try:
            types.jsonrpc_message_adapter.validate_json(line, by_name=False)
        except ValidationError:
            content = line.encode()
            await self._refuse(content[:EDGE], content[-EDGE:], UNREADABLE)
            return False
        return True

    async def _refuse(self, first: bytes, last: bytes, message: str) -> None:
        """Answer a message that is left out with an error, if its number is found."""
        if (number := _number_in(first, last)) is not None and self.answer is not None:
            error = types.ErrorData(code=types.INVALID_REQUEST, message=message)
            await self.answer(SessionMessage(types.JSONRPCError(jsonrpc="2.0", id=number, error=error)))
