"""The work of tools, in worker processes with limits on time, memory and number, as in the workbench."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from offramp.app.schemas import NODES
from offramp.app.workers.nursery import Nursery
from offramp.app.workers.pools import Pool
from offramp.mcp.tasks.meter import Meter
from offramp.mcp.tasks.warming import warm

Result = TypeVar("Result")

BEAT_SECONDS = 1.0
"""Seconds between two reports on progress."""
ADVICE = "ask for fewer draws or points, make the crisis smaller, or have the server started with more --max-seconds"
"""What to do if a call takes too long."""
_MOMENT = 1e-6
"""How much a report on progress rises each second by itself."""


@dataclass(frozen=True)
class Caps:
    """Limits on one call: draws, nodes of a game, seconds; `calls`: how many are worked on at the same time."""

    draws: int
    seconds: float
    calls: int
    nodes: int = NODES


class Calls:
    """The worker processes; used in the server's event loop. They start with the first call, or with `start`."""

    def __init__(self, caps: Caps) -> None:
        self.nursery = Nursery()
        self.pool = Pool(self.nursery, caps.calls, seconds=caps.seconds, warming=warm, advice=ADVICE)
        self.starting: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Start the processes, if they have not been started."""
        if self.starting is None:
            self.starting = asyncio.ensure_future(self.pool.start())

    async def call(
        self,
        function: Callable[..., Result],
        *args: Any,
        report: Callable[[float, float | None, str], Awaitable[None]],
        doing: str,
        key: str,
        long: bool,
        meter: Meter | None = None,
    ) -> Result:
        """Call a function in a worker process, and report every second that it goes on; see `Desk.call`.

        `meter`: shows the share that is done, if the function is given one.
        """
        work = asyncio.ensure_future(self.pool.call(function, *args, key=key, long=long, end_when_left=True))
        seconds = 0.0
        try:
            while not (await asyncio.wait({work}, timeout=BEAT_SECONDS))[0]:
                seconds += BEAT_SECONDS
                share = 0.0 if meter is None else meter.read()
                # progress has to rise with every report, also if the share has not
                total = 1.0 + _MOMENT * seconds if share else None
                words = f"{share:.0%} after {seconds:g} s" if share else f"for {seconds:g} s so far"
                await report(share + _MOMENT * seconds, total, f"{doing}, {words}")
            return work.result()
        finally:
            work.cancel()  # which ends the process if the call was cancelled

    async def close(self) -> None:
        """End all processes."""
        if self.starting is not None:
            self.starting.cancel()
            await asyncio.gather(self.starting, return_exceptions=True)
        await self.pool.close()
        await self.nursery.close()
