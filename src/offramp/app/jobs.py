"""The workbench's job queue: runs are started as processes, a few at a time, and resumed after a restart.

A journal lists the runs that were asked for; the folder of a run holds its progress.
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
from offramp.app.private_dir import NAME, load, private_folder, save
from offramp.app.schemas import NODES
from offramp.common.bounded import open_regular
from offramp.common.isolation import PACKAGE_FOLDER, command, environment
from offramp.common.texts import tr

State = Literal["waiting", "going", "stopped", "failed", "finished"]

MAX_RUNNING = 2
"""Maximum number of runs at the same time; others wait."""
MAX_WAITING = 20
MAX_FINISHED = 200
"""Maximum number of finished runs kept in the journal."""
STOP_SECONDS = 20.0
"""Seconds to wait after a signal to stop before the next, stronger one."""
MAX_LOG_CHARACTERS = 2_000
"""Maximum length of the end of a process's output that is shown."""


@dataclass(frozen=True)
class Job:
    """A run that was asked for.

    `run`: its folder, relative to the opened folder. `path`: its crisis file, as in a request; empty if unknown, for a
    run that was started elsewhere. `message`: why it failed.
    """

    run: str
    path: str
    draws: int
    seed: int
    levers: tuple[str, ...]
    state: State = "waiting"
    message: str | None = None


class JobQueue:
    """The runs of one workbench; used only in the server's event loop."""

    def __init__(self, folder: Folder) -> None:
        self.folder = folder
        self.jobs: dict[str, Job] = {}
        self.processes: dict[str, asyncio.subprocess.Process] = {}
        self.tasks: dict[str, asyncio.Task[None]] = {}
        self.stopping: set[asyncio.Task[None]] = set()
        self.closed = False

    def resume(self) -> None:
        """Read the journal, and resume the runs that were running when the workbench ended.

        A journal written by another user starts nothing; its runs are found on the disk and can be resumed by hand.
        """
        journal = load(self.folder.root / NAME / "runs.json")
        for entry in journal.value if journal.ours else ():
            with contextlib.suppress(TypeError, KeyError):  # another version of Offramp may have written it
                job = Job(**{**entry, "levers": tuple(entry["levers"])})
                self.jobs[job.run] = replace(job, state="waiting") if job.state == "going" else job
        self._start_waiting()

    def start(self, path: str, name: str, *, draws: int, seed: int, levers: Sequence[str]) -> Job:
        """Queue a new run of a crisis file, in the first free folder `runs/NAME-N`."""
        self._check_room()
        number = 1
        while (run := f"runs/{name}-{number}") in self.jobs or (self.folder.root / run).exists():
            number += 1
        job = Job(run, path, draws, seed, tuple(levers))
        self._record(job)
        self._start_waiting()
        return job

    def resume_run(self, run: str, *, draws: int, seed: int, levers: Sequence[str]) -> None:
        """Queue a stopped run, to be resumed."""
        before = self.jobs.get(run, Job(run, "", draws, seed, tuple(levers), "stopped"))
        if before.state in ("waiting", "going"):
            raise Refused(409, f"{run} is running")
        self._check_room()
        self._record(replace(before, state="waiting", message=None))  # starts once a process still stopping has ended
        self._start_waiting()

    def stop(self, run: str) -> None:
        """Stop a run; its finished draws are kept."""
        job = self.jobs.get(run)
        if job is None or job.state not in ("waiting", "going"):
            raise Refused(409, f"{run} is not running here; a run that was started elsewhere is stopped there")
        self._record(replace(job, state="stopped"))
        process = self.processes.get(run)
        if process is not None:
            task = asyncio.ensure_future(stop_process(process))
            self.stopping.add(task)
            task.add_done_callback(self.stopping.discard)

    async def close(self) -> None:
        """End the processes; the journal still lists their runs as running."""
        self.closed = True
        for process in self.processes.values():
            with contextlib.suppress(ProcessLookupError):
                process.kill()
        await asyncio.gather(*self.tasks.values(), *self.stopping, return_exceptions=True)

    def _check_room(self) -> None:
        if sum(job.state == "waiting" for job in self.jobs.values()) >= MAX_WAITING:
            raise Refused(429, f"{MAX_WAITING} runs wait already; stop one, or wait until one has finished")

    def _record(self, job: Job) -> None:
        """Enter a run in the journal."""
        before = self.jobs.get(job.run)
        self.jobs[job.run] = job
        finished = [
            run for run, other in self.jobs.items() if other.state not in ("waiting", "going") and run != job.run
        ]
        for run in finished[: max(0, len(finished) - MAX_FINISHED)]:
            del self.jobs[run]
        try:
            save(private_folder(self.folder.root) / "runs.json", [asdict(entry) for entry in self.jobs.values()])
        except Exception:
            if job.state == "waiting":  # a run that cannot be recorded is not started
                self.jobs.pop(job.run) if before is None else self.jobs.update({job.run: before})
                raise

    def _start_waiting(self) -> None:
        """Start waiting runs, up to `MAX_RUNNING`."""
        for run, job in list(self.jobs.items()):
            if len(self.tasks) >= MAX_RUNNING or self.closed:
                return
            if job.state == "waiting" and run not in self.tasks:
                self._record(replace(job, state="going"))
                self.tasks[run] = asyncio.ensure_future(self._execute(job))

    async def _execute(self, job: Job) -> None:
        """Run a job in its own process, and record the result."""
        run, message = job.run, tr("the run could not be started")
        state: State = "failed"
        try:
            state, message = await self._run_process(job)
        except Refused as refusal:
            message = refusal.message
        except Exception as error:
            message = str(error)
        finally:
            self.processes.pop(run, None)
            self.tasks.pop(run, None)
            if not self.closed:
                current = self.jobs[run]
                if state == "finished" or current.state == "going":  # not if it was stopped meanwhile
                    self._record(replace(current, state=state, message=self.folder.without_paths(message) or None))
                self._start_waiting()

    async def _run_process(self, job: Job) -> tuple[State, str]:
        """Run `offramp run` for a job; give its final state, and why it failed."""
        folder = self.folder.run(job.run)  # checked at each start: it may have become a link
        arguments = ["run", str(folder)]
        if not await _has_begun(folder):
            arguments = ["run", "--draws", str(job.draws), "--seed", str(job.seed), "--max-nodes", str(NODES)]
            arguments += ["--out", str(folder), *(f"--lever={name}" for name in job.levers)]
            arguments += ["--", str(self.folder.crisis(job.path))]
        log = private_folder(self.folder.root, "runs") / f"{folder.name}.log"
        process = await start_process(log, *arguments)
        self.processes[job.run] = process
        if self.closed or self.jobs[job.run].state == "stopped":  # while the process was starting
            process.kill()
        code = await process.wait()
        if code in (0, 1) and (folder / "finished.json").is_file():
            return "finished", ""
        return "failed", end_of_log(log) or tr("the run's process ended with code {code}", code=code)


async def start_process(log: Path, *arguments: str) -> asyncio.subprocess.Process:
    """Start `offramp` with these arguments; it ends with this process, and what it complains of is in the log."""
    log.unlink(missing_ok=True)  # it may be a link
    with log.open("xb") as log_file:
        return await asyncio.create_subprocess_exec(
            *command("offramp.app.workers.run_process", *arguments),
            cwd=PACKAGE_FOLDER,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=log_file,
            env=environment(),
            start_new_session=True,
        )


async def stop_process(process: asyncio.subprocess.Process) -> None:
    """Ask a process to end, more and more strongly."""
    for stop_signal in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(stop_signal)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(asyncio.shield(process.wait()), STOP_SECONDS)
            return


async def _has_begun(folder: Path) -> bool:
    """Whether a run has been begun; if so, wait up to 10 seconds for a process that is ending to release it."""
    from offramp.runs.store.layout import is_running

    if not (folder / "manifest.json").is_file():
        return False
    for _ in range(50):
        if not await asyncio.to_thread(is_running, folder):
            break
        await asyncio.sleep(0.2)
    return True


def end_of_log(log: Path) -> str:
    """The end of a process's log, without the line that says that a run is resumed."""
    try:
        with open_regular(log, follow=False) as file:
            file.seek(max(0, os.fstat(file.fileno()).st_size - 4 * MAX_LOG_CHARACTERS))
            text = file.read(4 * MAX_LOG_CHARACTERS).decode(errors="replace")
    except OSError:
        return ""
    lines = [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("resuming ")]
    return "\n".join(lines)[-MAX_LOG_CHARACTERS:]


def row_before_start(job: Job) -> dict[str, Any]:
    """The row of a run that has no files yet."""
    states = {"going": "running", "waiting": "waiting", "failed": "failed", "stopped": "stopped"}
    return {
        "run": job.run,
        "title": Path(job.run).name.rpartition("-")[0],
        "state": states.get(job.state, "damaged"),
        "done": 0,
        "draws": job.draws,
        "seed": job.seed,
        "levers": list(job.levers),
        "written": None,
        "bytes": 0,
        "endings": None,
        "ours": True,
        "message": job.message,
    }
