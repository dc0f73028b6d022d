"""Pools of worker processes, so that no crisis can stop or block the server.

Each call has a time limit; a process that exceeds it, or dies, is replaced.

A pool is used in the server's event loop. Waiting calls are served by urgency, if possible by the process that has
worked on the same key last and still has its data in memory.
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from offramp.app.http_errors import Refused
from offramp.app.workers.nursery import Nursery, WorkerProcess

Result = TypeVar("Result")

REMEMBERED = 16
"""Number of recent keys remembered for each process."""
WAITING = 512
"""Maximum number of waiting calls in a pool."""
STARTING_SECONDS = 120.0
"""Time limit for the start of a process."""
CLOSING = "the server is closing"


@dataclass(order=True)
class _Waiting:
    urgency: int
    number: int
    key: str = field(compare=False)
    line: object = field(compare=False)
    long: bool = field(compare=False)
    turn: asyncio.Future[_Turn] = field(compare=False)


@dataclass(frozen=True)
class _Turn:
    """A process assigned to a call; `long`: whether the call may take long."""

    worker: _Worker
    long: bool


@dataclass(eq=False)
class _Worker:
    """One process; `known`: the keys of its last calls, with the number of the last call of each."""

    process: WorkerProcess
    known: OrderedDict[str, int] = field(default_factory=OrderedDict)

    def remember(self, key: str, number: int) -> None:
        self.known[key] = number
        self.known.move_to_end(key)
        if len(self.known) > REMEMBERED:
            self.known.popitem(last=False)


class _LostError(Exception):
    """The process ended before it answered the call."""


class Pool:
    """A pool of `workers` identical processes from a nursery.

    `seconds`: time limit of a call; `memory`: maximum bytes of data in a process; `niceness`: how much its priority is
    lowered; `warming`: loads what the calls need; `advice`: what to do if a call takes too long. If there are several
    processes, one is kept free of calls that may take long, so that others are served.
    """

    def __init__(
        self,
        nursery: Nursery,
        workers: int,
        *,
        seconds: float,
        memory: int = 2_000_000_000,
        niceness: int = 0,
        warming: Callable[[], object] | None = None,
        advice: str = "ask for less, or make the crisis smaller",
    ) -> None:
        self.nursery = nursery
        self.workers = workers
        self.seconds = seconds
        self.memory = memory
        self.niceness = niceness
        self.warming = warming
        self.advice = advice
        self.all: set[_Worker] = set()
        self.free: list[_Worker] = []
        self.missing = workers
        self.waiting: list[_Waiting] = []
        self.long = 0
        self.numbers = itertools.count()
        self.tasks: set[asyncio.Task[Any]] = set()
        self.starting = False
        self.closed = False

    async def start(self) -> None:
        """Start the processes one at a time, so the first can serve while the rest start up."""
        if self.starting:
            return
        self.starting = True
        try:
            while self.missing and not self.closed:
                await self._replace()
        finally:
            self.starting = False

    async def call(
        self,
        function: Callable[..., Result],
        *args: Any,
        urgency: int = 0,
        key: str = "",
        line: object = None,
        long: bool = False,
        seconds: float | None = None,
        end_when_left: bool = False,
        once: bool = False,
    ) -> Result:
        """Call a function in a process of the pool.

        Parameters
        ----------
        function, args
            A module-level function and its arguments; all must be picklable.
        urgency
            Waiting calls are served in this order, the lowest first; equal ones in order of arrival.
        key
            What the call works on; in a process that has not worked on it before, the call counts as long.
        line
            Of the waiting calls with the same `line` only the last is served; the others are refused.
        long
            The call may take long in any process.
        seconds
            The time limit, instead of the pool's; waiting does not count.
        end_when_left
            If the call is cancelled while it runs, end its process; otherwise the process finishes the call first.
        once
            The call changes something, so it must not be repeated. Any other call is repeated once if its process ends.

        Raises
        ------
        Refused
            422 for a user's error that the function raised; 409 if a later call took its place; 503 if it took too long
            or too much memory, or its process ended.
        """
        for last in (once, True):
            turn = await self._turn(urgency, key, line, long)
            while turn.worker.process.ended:  # the process has ended while it was idle
                self._lose(turn)
                turn = await self._turn(urgency, key, line, long)
            task = self._begin(self._served(turn, function, args, key, seconds or self.seconds))
            try:
                result: Result = await asyncio.shield(task)
            except asyncio.CancelledError:
                if end_when_left:
                    task.cancel()
                raise
            except _LostError:
                if last:
                    break
            else:
                return result
        raise Refused(503, "the process that worked on this ended, perhaps because memory was short; try again")

    async def close(self) -> None:
        """End all processes and refuse the waiting calls."""
        self.closed = True
        workers = list(self.all)
        for entry in self.waiting:
            if not entry.turn.done():
                entry.turn.set_exception(Refused(503, CLOSING))
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)
        await asyncio.gather(*(worker.process.end() for worker in workers))

    def _begin(self, work: Any) -> asyncio.Task[Any]:
        task: asyncio.Task[Any] = asyncio.ensure_future(work)
        self.tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self.tasks.discard(task)
        if not task.cancelled():
            task.exception()  # mark it as retrieved: if the caller has left, nobody else does

    async def _turn(self, urgency: int, key: str, line: object, long: bool) -> _Turn:
        """Wait for a process for a call."""
        if self.closed:
            raise Refused(503, CLOSING)
        if self.missing:
            self._begin(self.start())
        self.waiting = [entry for entry in self.waiting if not entry.turn.done()]
        heapq.heapify(self.waiting)
        if line is not None:
            for entry in self.waiting:
                if entry.line == line:
                    entry.turn.set_exception(Refused(409, "a later request took the place of this one", stale=True))
        if len(self.waiting) >= WAITING:
            raise Refused(503, "too many requests wait already; try again in a moment")
        entry = _Waiting(urgency, next(self.numbers), key, line, long, asyncio.get_running_loop().create_future())
        heapq.heappush(self.waiting, entry)
        self._assign()
        try:
            return await entry.turn
        except asyncio.CancelledError:
            if entry.turn.done() and not entry.turn.cancelled() and entry.turn.exception() is None:
                self._release(entry.turn.result())
            raise

    def _assign(self) -> None:
        """Assign free processes to waiting calls."""
        skipped: list[_Waiting] = []
        while self.free and self.waiting:
            entry = heapq.heappop(self.waiting)
            if entry.turn.done():
                continue
            key = entry.key
            # of several, the last one that worked on it: it has what the call before has solved
            familiar = max(self.free, key=lambda worker: worker.known.get(key, -1))
            worker = familiar if key in familiar.known else min(self.free, key=lambda worker: len(worker.known))
            long = entry.long or bool(key and key not in worker.known)
            if long and self.long >= max(1, self.workers - 1):
                skipped.append(entry)
                continue
            self.free.remove(worker)
            self.long += long
            entry.turn.set_result(_Turn(worker, long))
        for entry in skipped:
            heapq.heappush(self.waiting, entry)

    def _release(self, turn: _Turn) -> None:
        self.long -= turn.long
        self.free.append(turn.worker)
        self._assign()

    async def _served(
        self, turn: _Turn, function: Callable[..., Any], args: tuple[Any, ...], key: str, seconds: float
    ) -> Any:
        worker = turn.worker
        try:
            async with asyncio.timeout(seconds):
                result = await worker.process.call(function, args)
        except Refused:
            self._release(turn)
            raise
        except TimeoutError:
            self._lose(turn)
            raise Refused(503, f"this took more than {seconds:g} seconds and was stopped; {self.advice}") from None
        except (EOFError, OSError):
            self._lose(turn)
            raise _LostError from None
        except BaseException:
            self._lose(turn)
            raise
        if key:
            worker.remember(key, next(self.numbers))
        self._release(turn)
        return result

    def _lose(self, turn: _Turn) -> None:
        """Kill a process and start another in its place."""
        worker = turn.worker
        self.long -= turn.long
        worker.process.kill()
        self.all.discard(worker)
        self.missing += 1
        if not self.closed:
            self._begin(self._replace(worker))

    async def _replace(self, lost: _Worker | None = None) -> None:
        if lost is not None:
            await lost.process.end()
        if not self.missing or self.closed:
            return
        self.missing -= 1
        try:
            async with asyncio.timeout(STARTING_SECONDS):
                worker = _Worker(await self.nursery.start(self.memory, self.niceness, self.warming))
        except BaseException as error:
            self.missing += 1
            self._fail(error)
            raise
        self.all.add(worker)
        self._release(_Turn(worker, long=False))

    def _fail(self, error: BaseException) -> None:
        """Refuse the waiting calls if there is no process and none can be started."""
        if not self.all and not isinstance(error, asyncio.CancelledError):
            for entry in self.waiting:
                if not entry.turn.done():
                    entry.turn.set_exception(Refused(503, "no process can be started for this; is memory short?"))
