"""The drafts that a provider is asked for: each is a process of its own, `offramp draft`, which can be stopped.

Nothing is resumed by itself after a restart: what a draft sends, and where, is confirmed each time.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Literal

from offramp.app.folder import Folder
from offramp.app.http_errors import Refused
from offramp.app.jobs import end_of_log, start_process, stop_process
from offramp.app.private_dir import private_folder
from offramp.common.texts import tr

MAX_ASKED = 2
"""Maximum number of drafts at the same time."""
MAX_ENDED = 100
"""Maximum number of drafts whose end is remembered."""


@dataclass(frozen=True)
class AskedDraft:
    """A provider asked for a draft; `message`: what its process said at the end."""

    model: str
    host: str
    state: Literal["going", "stopped", "failed", "finished"] = "going"
    message: str | None = None


class DraftJobs:
    """The drafts that are being asked for, by folder; used only in the server's event loop."""

    def __init__(self, folder: Folder) -> None:
        self.folder = folder
        self.asked: dict[str, AskedDraft] = {}
        self.processes: dict[str, asyncio.subprocess.Process] = {}
        self.tasks: set[asyncio.Task[None]] = set()

    def row(self, draft: str) -> dict[str, Any] | None:
        """What the page shows of a draft's provider; None if none was asked since the start."""
        found = self.asked.get(draft)
        return asdict(found) if found else None

    def going(self, draft: str) -> bool:
        """Whether a provider is being asked for a draft."""
        return draft in self.asked and self.asked[draft].state == "going"

    def check_idle(self, draft: str) -> None:
        """Refused (409) if a provider is being asked for a draft, or its process has not ended yet."""
        if self.going(draft):
            raise Refused(409, f"{draft} is being drafted by a provider; stop that first")
        if draft in self.processes:
            raise Refused(409, f"{draft} is being stopped; try again in a moment")

    async def start(self, draft: str, target: Path, model: str, host: str, options: Sequence[str]) -> None:
        """Start `offramp draft` on a draft's folder, with options that name the provider."""
        self.check_idle(draft)
        if sum(one.state == "going" for one in self.asked.values()) >= MAX_ASKED:
            raise Refused(429, f"{MAX_ASKED} drafts are going already; stop one, or wait until one has ended")
        name = hashlib.sha256(draft.encode(errors="surrogatepass")).hexdigest()[:32]
        log = private_folder(self.folder.root, "drafts") / f"{name}.log"
        self.asked.pop(draft, None)
        for ended in [key for key in self.asked if not self.going(key)][: max(0, len(self.asked) - MAX_ENDED)]:
            del self.asked[ended]
        self.asked[draft] = AskedDraft(model, host)
        try:
            process = self.processes[draft] = await start_process(log, "draft", *options, "--", str(target))
        except BaseException:
            del self.asked[draft]
            raise
        self._keep(self._watch(draft, process, log))
        if not self.going(draft):  # it was stopped while its process was starting
            self._keep(stop_process(process))

    def stop(self, draft: str) -> None:
        """Stop asking; what was answered is kept."""
        if not self.going(draft):
            raise Refused(409, f"{draft} is not being drafted here")
        self.asked[draft] = replace(self.asked[draft], state="stopped")
        if draft in self.processes:
            self._keep(stop_process(self.processes[draft]))

    async def close(self) -> None:
        """End the processes."""
        for process in self.processes.values():
            with contextlib.suppress(ProcessLookupError):
                process.kill()
        await asyncio.gather(*self.tasks, return_exceptions=True)

    def _keep(self, work: Any) -> None:
        task: asyncio.Task[None] = asyncio.ensure_future(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def _watch(self, draft: str, process: asyncio.subprocess.Process, log: Path) -> None:
        """Record how a process ends."""
        code = await process.wait()
        self.processes.pop(draft, None)
        now = self.asked[draft]
        if now.state == "going":
            message = self.folder.without_paths(end_of_log(log)) or tr("its process ended with code {code}", code=code)
            self.asked[draft] = (
                replace(now, state="finished") if code == 0 else replace(now, state="failed", message=message)
            )
