"""The runs that this workbench has going: started as processes, a few at a time, and gone on with after a restart.

A journal says which runs are wanted; the folder of a run says how far it is.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Literal

from offramp.app.folder import Folder
from offramp.app.http_errors import Refused
from offramp.app.private_dir import NAME, kept_in, load, save
from offramp.app.schemas import NODES
from offramp.common.bounded import open_regular
from offramp.common.isolation import PACKAGE_FOLDER, command, environment

State = Literal["waiting", "going", "stopped", "failed", "finished"]

AT_ONCE = 2
"""So many runs go at once; others wait."""
MOST_WAITING = 20
REMEMBERED = 200
"""So many runs that are over stay in the journal."""
PATIENCE = 20.0
"""Seconds from a request to stop to the next, firmer one."""
MOST_SAID = 2_000
"""So many characters at the end of what a process says are kept."""


@dataclass(frozen=True)
class Wanted:
    """A run that somebody asked for: `run` is its folder in the opened one, `path` that of its crisis in a request.

    `path` is empty where that is not known, of a run that was begun elsewhere. `message`: why it failed.
    """

    run: str
    path: str
    draws: int
    seed: int
    levers: tuple[str, ...]
    state: State = "waiting"
    message: str | None = None


class Going:
    """The runs of one workbench; it lives in the server's event loop."""

    def __init__(self, folder: Folder) -> None:
        self.folder = folder
        self.wanted: dict[str, Wanted] = {}
        self.processes: dict[str, asyncio.subprocess.Process] = {}
        self.tasks: dict[str, asyncio.Task[None]] = {}
        self.stopping: set[asyncio.Task[None]] = set()
        self.closed = False

    def resume(self) -> None:
        """Read the journal, and go on with what was going when the workbench ended.

        A journal that comes with the folder starts nothing: what it speaks of is found on the disk, and goes on when
        somebody asks for that.
        """
        journal = load(self.folder.root / NAME / "runs.json")
        for entry in journal.value if journal.ours else ():
            with contextlib.suppress(TypeError, KeyError):  # another version of Offramp may have written it
                found = Wanted(**{**entry, "levers": tuple(entry["levers"])})
                self.wanted[found.run] = replace(found, state="waiting") if found.state == "going" else found
        self._pump()

    def start(self, path: str, name: str, *, draws: int, seed: int, levers: Sequence[str]) -> Wanted:
        """Ask for a new run of a crisis file, in the first free folder of a name."""
        self._check_room()
        number = 1
        while (run := f"runs/{name}-{number}") in self.wanted or (self.folder.root / run).exists():
            number += 1
        wanted = Wanted(run, path, draws, seed, tuple(levers))
        self._put(wanted)
        self._pump()
        return wanted

    def go_on(self, run: str, *, draws: int, seed: int, levers: Sequence[str]) -> None:
        """Ask for a run that was stopped to go on."""
        before = self.wanted.get(run, Wanted(run, "", draws, seed, tuple(levers), "stopped"))
        if before.state in ("waiting", "going"):
            raise Refused(409, f"{run} is running")
        self._check_room()
        self._put(replace(before, state="waiting", message=None))  # what is still stopping goes on after that
        self._pump()

    def stop(self, run: str) -> None:
        """Stop a run; the draws that it has are kept."""
        wanted = self.wanted.get(run)
        if wanted is None or wanted.state not in ("waiting", "going"):
            raise Refused(409, f"{run} is not running here; a run that was started elsewhere is stopped there")
        self._put(replace(wanted, state="stopped"))
        process = self.processes.get(run)
        if process is not None:
            task = asyncio.ensure_future(self._end(process))
            self.stopping.add(task)
            task.add_done_callback(self.stopping.discard)

    async def close(self) -> None:
        """End the processes; the journal still has their runs as going."""
        self.closed = True
        for process in self.processes.values():
            with contextlib.suppress(ProcessLookupError):
                process.kill()
        await asyncio.gather(*self.tasks.values(), *self.stopping, return_exceptions=True)

    def _check_room(self) -> None:
        if sum(wanted.state == "waiting" for wanted in self.wanted.values()) >= MOST_WAITING:
            raise Refused(429, f"{MOST_WAITING} runs wait already; stop one, or wait until one has finished")

    def _put(self, wanted: Wanted) -> None:
        """Enter a run in the journal."""
        before = self.wanted.get(wanted.run)
        self.wanted[wanted.run] = wanted
        over = [run for run, one in self.wanted.items() if one.state not in ("waiting", "going") and run != wanted.run]
        for run in over[: max(0, len(over) - REMEMBERED)]:
            del self.wanted[run]
        try:
            save(kept_in(self.folder.root) / "runs.json", [asdict(one) for one in self.wanted.values()])
        except Exception:
            if wanted.state == "waiting":  # what cannot be remembered is not begun
                self.wanted.pop(wanted.run) if before is None else self.wanted.update({wanted.run: before})
                raise

    def _pump(self) -> None:
        """Start runs that wait, as long as there is room."""
        for run, wanted in list(self.wanted.items()):
            if len(self.tasks) >= AT_ONCE or self.closed:
                return
            if wanted.state == "waiting" and run not in self.tasks:
                self._put(replace(wanted, state="going"))
                self.tasks[run] = asyncio.ensure_future(self._go(wanted))

    async def _go(self, wanted: Wanted) -> None:
        """Carry out a run in a process of its own."""
        run, message = wanted.run, "the run could not be started"
        state: State = "failed"
        try:
            state, message = await self._carried_out(wanted)
        except Refused as refusal:
            message = refusal.message
        except Exception as error:
            message = str(error)
        finally:
            self.processes.pop(run, None)
            self.tasks.pop(run, None)
            if not self.closed:
                now = self.wanted[run]
                if state == "finished" or now.state == "going":  # unless it was told to stop
                    self._put(replace(now, state=state, message=self.folder.shown(message) or None))
                self._pump()

    async def _carried_out(self, wanted: Wanted) -> tuple[State, str]:
        place = self.folder.within(wanted.run, "run folder")  # asked at each start: links may have come meanwhile
        arguments = ["run", str(place)]
        if not await _is_begun(place):
            arguments = ["run", "--draws", str(wanted.draws), "--seed", str(wanted.seed), "--max-nodes", str(NODES)]
            arguments += ["--out", str(place), *(f"--lever={name}" for name in wanted.levers)]
            arguments += ["--", str(self.folder.crisis(wanted.path))]
        log = kept_in(self.folder.root, "runs") / f"{place.name}.log"
        log.unlink(missing_ok=True)  # it may be a link
        with log.open("xb") as said:
            process = await asyncio.create_subprocess_exec(
                *command("offramp.app.workers.run_process", *arguments),
                cwd=PACKAGE_FOLDER,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.DEVNULL,
                stderr=said,
                env=environment(),
                start_new_session=True,
            )
        self.processes[wanted.run] = process
        if self.closed or self.wanted[wanted.run].state == "stopped":  # meanwhile
            process.kill()
        code = await process.wait()
        if code in (0, 1) and (place / "finished.json").is_file():
            return "finished", ""
        return "failed", _last_said(log) or f"the run's process ended with code {code}"

    async def _end(self, process: asyncio.subprocess.Process) -> None:
        for firmness in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL):
            with contextlib.suppress(ProcessLookupError):
                process.send_signal(firmness)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(asyncio.shield(process.wait()), PATIENCE)
                return


async def _is_begun(folder: Path) -> bool:
    """Whether a run has been begun; if so, wait a moment for a process that is ending to let go of it."""
    from offramp.runs.store.layout import is_running

    if not (folder / "manifest.json").is_file():
        return False
    for _ in range(50):
        if not await asyncio.to_thread(is_running, folder):
            break
        await asyncio.sleep(0.2)
    return True


def _last_said(log: Path) -> str:
    """The end of what a process has said; the first line that goes on with a run is no complaint."""
    try:
        with open_regular(log, follow=False) as file:
            file.seek(max(0, os.fstat(file.fileno()).st_size - 4 * MOST_SAID))
            text = file.read(4 * MOST_SAID).decode(errors="replace")
    except OSError:
        return ""
    lines = [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("resuming ")]
    return "\n".join(lines)[-MOST_SAID:]


def described(wanted: Wanted) -> dict[str, Any]:
    """A run of which nothing is on disk yet."""
    states = {"going": "running", "waiting": "waiting", "failed": "failed", "stopped": "stopped"}
    return {
        "run": wanted.run,
        "title": Path(wanted.run).name.rpartition("-")[0],
        "state": states.get(wanted.state, "damaged"),
        "done": 0,
        "draws": wanted.draws,
        "seed": wanted.seed,
        "levers": list(wanted.levers),
        "written": None,
        "bytes": 0,
        "endings": None,
        "ours": True,
        "message": wanted.message,
    }
