"""What a tool works with during one call: the folder, the limits, processes for the work, and a line for progress."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

from offramp.mcp.calls import Calls, Caps
from offramp.mcp.kept_answers import KeptAnswers
from offramp.mcp.tasks.meter import Meter
from offramp.mcp.workspace import Workspace

Result = TypeVar("Result")
Report = Callable[[float, float | None, str], Awaitable[None]]
"""Tells the assistant how far a call is: the amount done, the amount in all if it is known, and a few words."""


@dataclass(frozen=True, eq=False)
class Desk:
    """What a tool works with during one call."""

    workspace: Workspace
    caps: Caps
    calls: Calls
    kept: KeptAnswers
    report: Report

    async def call(
        self,
        function: Callable[..., Result],
        *args: Any,
        doing: str,
        key: str = "",
        long: bool = False,
    ) -> Result:
        """Call a function in a worker process, which ends if the call is cancelled or takes too long.

        Parameters
        ----------
        function, args
            A function of a module in `offramp.mcp.tasks` or `offramp.app.tasks`, and what it is given.
        doing
            What it does, for the reports on progress: `solving`.
        key
            What it works on. A process that has worked on it before is preferred.
        long
            Whether it may take more than a moment in any process. One process is kept free of such calls.

        Raises
        ------
        Refused
            For a user's error that the function raised, or if it took too much time or memory.
        """
        return await self.calls.call(function, *args, report=self.report, doing=doing, key=key, long=long)

    async def metered(self, function: Callable[..., Result], *args: Any, doing: str, key: str = "") -> Result:
        """Call a function that may take long, and reports the share that is done to its last argument, a `Meter`."""
        with TemporaryDirectory(prefix="offramp-") as folder:
            meter = Meter(Path(folder) / "share")
            work = self.calls.call(
                function, *args, meter, report=self.report, doing=doing, key=key, long=True, meter=meter
            )
            return await work
