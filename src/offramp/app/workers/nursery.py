"""Start the worker processes of the pools.

On Linux they are copies of one process, the nursery, which has loaded what they need and is never given a crisis.
Elsewhere a copy of a process may hang, so each worker loads everything itself.
"""

from __future__ import annotations

import asyncio
import os
import pickle
import signal
import socket
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from offramp.app.http_errors import Refused
from offramp.app.workers.pool_worker import LENGTH
from offramp.common.isolation import ONE_THREAD, PACKAGE_FOLDER, command, environment
from offramp.runs.executors import COPIED

CHUNK = 65_536
"""Bytes read at a time from a process that ends."""
KILL = getattr(signal, "SIGKILL", signal.SIGTERM)


@dataclass(eq=False)
class WorkerProcess:
    """A worker process: its number, its two ends of the line to this process, and `child` if it is one of this."""

    number: int
    calls: asyncio.StreamWriter
    answers: asyncio.StreamReader
    child: asyncio.subprocess.Process | None = None

    @property
    def ended(self) -> bool:
        return self.answers.at_eof() or self.answers.exception() is not None

    async def call(self, function: Callable[..., Any], args: tuple[Any, ...]) -> Any:
        """Call a function in the process.

        Raises
        ------
        Refused
            If the function raised a user's error.
        EOFError, OSError
            If the process ended.
        """
        message = pickle.dumps((function, args), pickle.HIGHEST_PROTOCOL)
        self.calls.write(LENGTH.pack(len(message)) + message)
        (size,) = LENGTH.unpack(await self.answers.readexactly(LENGTH.size))
        done, value = pickle.loads(await self.answers.readexactly(size))
        if not done:
            status, text, more = value
            raise Refused(status, text, **more)
        return value

    def kill(self) -> None:
        if not self.ended:  # its number may be given to another process later
            with suppress(ProcessLookupError):
                os.kill(self.number, KILL)

    async def end(self) -> None:
        """Kill the process, and wait until it has ended."""
        self.kill()
        with suppress(OSError):
            while await self.answers.read(CHUNK):
                pass
        self.calls.close()
        if self.child is not None:
            await self.child.wait()


class Nursery:
    """Starts worker processes; used in the server's event loop."""

    def __init__(self) -> None:
        self.process: asyncio.subprocess.Process | None = None
        self.asking: socket.socket | None = None
        self.starting = asyncio.Lock()

    async def start(self, memory: int, niceness: int, warming: Callable[[], object] | None) -> WorkerProcess:
        """Start a worker process.

        Parameters
        ----------
        memory, niceness
            Maximum bytes of data, and how much its priority is lowered.
        warming
            A module-level function that loads what the calls need.

        Raises
        ------
        EOFError, OSError
            If it cannot be started.
        """
        if COPIED:
            return await self._copy(memory, niceness, warming)
        pipe = asyncio.subprocess.PIPE
        process = await _started("pool_worker", str(memory), str(niceness), stdin=pipe, stdout=pipe)
        assert process.stdin is not None
        assert process.stdout is not None
        worker = WorkerProcess(process.pid, process.stdin, process.stdout, process)
        try:
            if warming is not None:
                await worker.call(warming, ())
        except BaseException:
            await worker.end()
            raise
        return worker

    async def close(self) -> None:
        """End the nursery; its workers have been ended before."""
        if self.asking is not None:
            self.asking.close()
        if self.process is not None:
            if self.process.returncode is None:
                self.process.kill()
            await self.process.wait()

    async def _copy(self, memory: int, niceness: int, warming: Callable[[], object] | None) -> WorkerProcess:
        """Start a copy of the nursery."""
        ours, theirs = socket.socketpair()
        try:
            with theirs:
                asked = pickle.dumps((memory, niceness, warming))
                socket.send_fds(await self._line(), [asked], [theirs.fileno()])
        except BaseException:
            ours.close()
            raise
        answers, calls = await asyncio.open_unix_connection(sock=ours)
        try:
            (number,) = LENGTH.unpack(await answers.readexactly(LENGTH.size))
        except BaseException:
            calls.close()  # which ends the process, if there is one
            raise
        return WorkerProcess(number, calls, answers)

    async def _line(self) -> socket.socket:
        """The socket on which the nursery is asked; starts the nursery if it does not run."""
        async with self.starting:
            if self.asking is None or self.process is None or self.process.returncode is not None:
                await self.close()
                self.asking, theirs = socket.socketpair(type=socket.SOCK_SEQPACKET)
                with theirs:
                    self.process = await _started("nursery_process", stdin=theirs, stdout=asyncio.subprocess.DEVNULL)
            return self.asking


async def _started(module: str, *arguments: str, stdin: Any, stdout: int) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        *command(f"offramp.app.workers.{module}", *arguments),
        cwd=PACKAGE_FOLDER,
        stdin=stdin,
        stdout=stdout,
        env={**environment(), **dict.fromkeys(ONE_THREAD, "1")},
        start_new_session=True,  # Ctrl-C reaches all processes of a session; these end with the server instead
    )
