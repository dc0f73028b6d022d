"""Executors for chunks: any `concurrent.futures.Executor`, local processes, or a Dask cluster.

Chunks are submitted a few at a time and come back in the order in which they are done.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, CancelledError, Executor, Future, wait
from concurrent.futures import ProcessPoolExecutor as Pool
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass, field
from itertools import islice
from multiprocessing import forkserver
from typing import Any, TypeVar

from offramp.common.errors import OfframpError, UsageError
from offramp.common.isolation import ONE_THREAD, PYARROW, SAFE_PATH

Task = TypeVar("Task")
Result = TypeVar("Result")

IN_HAND = 2
"""Tasks submitted per worker: the one that it solves, and the next."""
POLL_SECONDS, NO_WORKERS_SECONDS = 2.0, 10.0
"""How often to count the workers of an executor, and how long it may have none before a message says so."""
COPIED = sys.platform == "linux"
"""Whether processes are copies of one that has everything loaded; elsewhere a copy of a process may hang."""


class WorkerLostError(OfframpError):
    """A worker, or the whole executor, has died or cannot be reached any more."""


def submit_all(
    executor: Executor,
    work: Callable[[Task], Result],
    tasks: Iterable[Task],
    *,
    workers: int | None = None,
    say: Callable[[str], None] | None = None,
) -> Generator[Result]:
    """Submit tasks to an executor and yield the results as they come, in any order.

    `workers`: the number of workers, by default what the executor reports. If a task fails, the submitted tasks are
    waited for, so that nothing is written after the call has ended, and then the error is raised. Closing the generator
    cancels the tasks that have not begun.

    A cluster without workers is waited for: `say` is called with one line once it has had none for a while, and with
    another when it has some again.

    Raises
    ------
    WorkerLostError
        If a worker has died; any other error of a task is raised unchanged.
    """
    waiting = iter(tasks)
    submitted: set[Future[Result]] = set()
    watch = _WorkerWatch(executor, say)
    try:
        with _clear_worker_errors():
            while True:
                current = watch.count()
                room = IN_HAND * (workers or max(current, 1)) - len(submitted)
                submitted |= {executor.submit(work, task) for task in islice(waiting, max(room, 0))}
                if not submitted:
                    return
                finished, submitted = wait(submitted, timeout=POLL_SECONDS, return_when=FIRST_COMPLETED)
                for future in sorted(finished, key=_has_failed):
                    yield future.result()
    except OfframpError:
        wait(submitted)
        raise
    finally:
        for future in submitted:
            future.cancel()


def _has_failed(future: Future[Result]) -> bool:
    return future.cancelled() or future.exception() is not None


@contextmanager
def _clear_worker_errors() -> Iterator[None]:
    """Raise WorkerLostError for a lost worker, whichever library reports it."""
    try:
        yield
    except (BrokenExecutor, CancelledError) as error:
        reason = "" if isinstance(error, CancelledError) else ", as when memory is short"
        raise WorkerLostError(f"a worker has died{reason}") from None
    except Exception as error:
        if not type(error).__module__.startswith("distributed"):
            raise
        raise WorkerLostError(f"the Dask cluster has lost its workers: {str(error).splitlines()[0]}") from None


def worker_count(executor: Executor) -> int:
    """How many workers to plan for: `current_workers`, but at least 1, as a cluster may get its workers later."""
    return max(current_workers(executor), 1)


def current_workers(executor: Executor) -> int:
    """How many tasks an executor runs in parallel, as it reports; else the number of cores of this machine.

    0 if a cluster has no workers.
    """
    if client := getattr(executor, "_client", None):  # Dask's, whose workers come and go
        try:
            return sum(map(int, client.nthreads().values()))
        except OSError:
            raise WorkerLostError("the Dask cluster does not answer any more") from None
    return int(getattr(executor, "_max_workers", None) or os.cpu_count() or 1)


@dataclass
class _WorkerWatch:
    """Counts the workers of an executor, and reports when there have been none for long."""

    executor: Any
    say: Callable[[str], None] | None
    last_seen: float = field(default_factory=time.monotonic)
    deserted: bool = False

    def count(self) -> int:
        workers, now = current_workers(self.executor), time.monotonic()
        if workers:
            self.last_seen = now
        before, self.deserted = self.deserted, now - self.last_seen > NO_WORKERS_SECONDS
        if self.say and self.deserted != before:
            state = "has no workers: waiting for some, Ctrl-C stops" if self.deserted else "has workers now"
            self.say(f"the Dask cluster at {self.executor._client.scheduler.address} {state}")
        return workers


@contextmanager
def processes(workers: int) -> Iterator[Pool]:
    """Processes of this machine; they leave Ctrl-C to the process that started them, and end when it ends."""
    if workers < 1:
        raise UsageError(f"there must be at least one worker, found {workers}")
    context = multiprocessing.get_context("forkserver" if COPIED else "spawn")
    with _worker_environment():  # the helper processes that Python starts inherit it too
        pool = Pool(workers, mp_context=context, initializer=_serve, initargs=(dict(os.environ),))
        if COPIED:
            context.set_forkserver_preload(["offramp.runs.loaded_once"])
            forkserver.ensure_running()
    try:
        with nullcontext() if COPIED else _worker_environment():
            for _ in range(workers):  # each submission starts a process, as none is idle yet
                pool.submit(int)
        yield pool
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


@contextmanager
def _worker_environment() -> Iterator[None]:
    """Set the environment that processes started in this context inherit.

    They ignore Ctrl-C, run a library's loops on one thread, and import no module from the current folder.
    """
    settings = dict.fromkeys((*ONE_THREAD, SAFE_PATH), "1") | PYARROW
    before = {name: os.environ.get(name) for name in settings}
    in_main_thread = threading.current_thread() is threading.main_thread()
    handler = signal.signal(signal.SIGINT, signal.SIG_IGN) if in_main_thread else None
    os.environ.update({name: settings[name] for name, value in before.items() if not value})
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name, None) if value is None else os.environ.update({name: value})
        if handler is not None:
            signal.signal(signal.SIGINT, handler)


def _serve(environment: Mapping[str, str]) -> None:
    """Take the environment of the parent as it is now; end this process when its parent ends, however that happens."""
    parent = multiprocessing.parent_process()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for name in os.environ.keys() - environment.keys():
        del os.environ[name]
    os.environ.update(environment)

    def exit_with_parent() -> None:
        if parent is not None:
            parent.join()
            os._exit(1)

    threading.Thread(target=exit_with_parent, daemon=True).start()


@contextmanager
def dask_cluster(address: str, *, patience: float = 10.0) -> Iterator[Executor]:
    """An executor for the Dask cluster whose scheduler is at `address`; it has `patience` seconds to answer.

    A cluster that has no workers yet, or has lost them all, is waited for: it may get some.

    Raises
    ------
    UsageError
        If Dask is not installed, or nothing answers at the address.
    """
    try:
        import distributed
    except ImportError:
        raise UsageError("--dask needs Dask: pip install 'offramp[dask]'") from None
    try:
        dask: Any = distributed  # its functions have no types
        client = dask.Client(address, timeout=patience, set_as_default=False)
    except (OSError, TimeoutError, ValueError) as error:
        raise UsageError(f"no Dask scheduler answers at {address}: {str(error).splitlines()[0]}") from None
    try:
        yield client.get_executor()
    finally:
        with suppress(Exception):  # the scheduler may be gone
            client.close()
