"""Those who solve chunks: any `concurrent.futures.Executor`, processes of this machine, or a Dask cluster.

Chunks are handed out a few at a time, and come back in whatever order they are done.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, CancelledError, Executor, Future, wait
from concurrent.futures import ProcessPoolExecutor as Pool
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, TypeVar

from offramp.common.errors import OfframpError, UsageError
from offramp.common.isolation import SAFE_PATH

Task = TypeVar("Task")
Result = TypeVar("Result")

IN_HAND = 2
"""Chunks that are handed out for each worker: one that it solves, and the next."""
LOOK, ALONE = 2.0, 10.0
"""Seconds after which it is looked again who is there, and those without any worker after which that is said."""
ONE_THREAD = tuple(f"{name}_NUM_THREADS" for name in ("OMP", "OPENBLAS", "MKL", "NUMBA", "VECLIB_MAXIMUM"))
"""What keeps a library's loops on one thread, each set to 1."""


class WorkerLostError(OfframpError):
    """A worker, or the whole crew, has died or cannot be reached any more."""


def submit_all(
    executor: Executor,
    work: Callable[[Task], Result],
    tasks: Iterable[Task],
    *,
    workers: int | None = None,
    say: Callable[[str], None] | None = None,
) -> Generator[Result]:
    """Have tasks done, and give the results as they come, in any order.

    `workers`: how many the executor has, by default as many as it says. Where a task fails, those that are handed out
    are waited for, so that nothing is written behind the caller's back, and the failure is raised; closing the
    generator gives up what has not begun.

    A cluster without workers is waited for: `say` is called with one line once it has had none for a while, and with
    another when it has some again.

    Raises
    ------
    WorkerLostError
        Where a worker has died; what else a task raises is raised as it is.
    """
    waiting = iter(tasks)
    handed: set[Future[Result]] = set()
    lookout = _Lookout(executor, say)
    try:
        with _losses():
            while True:
                there = lookout.look()
                room = IN_HAND * (workers or max(there, 1)) - len(handed)
                handed |= {executor.submit(work, task) for task in islice(waiting, max(room, 0))}
                if not handed:
                    return
                finished, handed = wait(handed, timeout=LOOK, return_when=FIRST_COMPLETED)
                for future in sorted(finished, key=_has_failed):
                    yield future.result()
    except OfframpError:
        wait(handed)
        raise
    finally:
        for future in handed:
            future.cancel()


def _has_failed(future: Future[Result]) -> bool:
    return future.cancelled() or future.exception() is not None


@contextmanager
def _losses() -> Iterator[None]:
    """Tell of a worker that is lost, whoever's worker it was, in one way."""
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
    """Into how many tasks at least work is to be cut: `workers_of`, and 1 for a cluster that has no workers yet."""
    return max(workers_of(executor), 1)


def workers_of(executor: Executor) -> int:
    """How many tasks an executor works on side by side, by what it says; else as many as this machine has cores.

    None at all where a cluster has no workers.
    """
    if client := getattr(executor, "_client", None):  # Dask's, whose workers come and go
        try:
            return sum(map(int, client.nthreads().values()))
        except OSError:
            raise WorkerLostError("the Dask cluster does not answer any more") from None
    return int(getattr(executor, "_max_workers", None) or os.cpu_count() or 1)


@dataclass
class _Lookout:
    """Looks how many tasks a crew works on side by side, and says so where there long were no workers."""

    executor: Any
    say: Callable[[str], None] | None
    seen: float = field(default_factory=time.monotonic)
    alone: bool = False

    def look(self) -> int:
        there, now = workers_of(self.executor), time.monotonic()
        if there:
            self.seen = now
        was, self.alone = self.alone, now - self.seen > ALONE
        if self.say and self.alone != was:
            how = "has no workers: waiting for some, Ctrl-C stops" if self.alone else "has workers now"
            self.say(f"the Dask cluster at {self.executor._client.scheduler.address} {how}")
        return there


@contextmanager
def processes(workers: int) -> Iterator[Pool]:
    """Processes of this machine; they ignore Ctrl-C, which is for who asked them, and end when that one does."""
    if workers < 1:
        raise UsageError(f"there must be at least one worker, found {workers}")
    with _inherited():  # what Python starts to look after the processes inherits it too
        pool = Pool(workers, mp_context=multiprocessing.get_context("spawn"), initializer=_serve)
    try:
        with _inherited():
            for _ in range(workers):  # a process starts with each, while none is idle yet
                pool.submit(int)
        yield pool
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


@contextmanager
def _inherited() -> Iterator[None]:
    """What processes that start meanwhile inherit.

    Ctrl-C is not theirs, a library's loops run on one thread, and no module is taken from the current folder.
    """
    before = {name: os.environ.get(name) for name in (*ONE_THREAD, SAFE_PATH)}
    ours = threading.current_thread() is threading.main_thread()
    handler = signal.signal(signal.SIGINT, signal.SIG_IGN) if ours else None
    os.environ.update({name: "1" for name, value in before.items() if not value})
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name, None) if value is None else os.environ.update({name: value})
        if handler is not None:
            signal.signal(signal.SIGINT, handler)


def _serve() -> None:
    """End with the process that asked for this one, however that ends."""
    parent = multiprocessing.parent_process()
    signal.signal(signal.SIGINT, signal.SIG_IGN)

    def follow() -> None:
        if parent is not None:
            parent.join()
            os._exit(1)

    threading.Thread(target=follow, daemon=True).start()


@contextmanager
def dask_cluster(address: str, *, patience: float = 10.0) -> Iterator[Executor]:
    """The workers of a Dask cluster, by the address of its scheduler, which has `patience` seconds to answer.

    A cluster that has no workers yet, or has lost them all, is waited for: it may get some.

    Raises
    ------
    UsageError
        Where Dask is not installed, or nothing answers at the address.
    """
    try:
        import distributed
    except ImportError:
        raise UsageError("--dask needs Dask: pip install 'offramp[dask]'") from None
    try:
        dask: Any = distributed  # whose functions have no types
        client = dask.Client(address, timeout=patience, set_as_default=False)
    except (OSError, TimeoutError, ValueError) as error:
        raise UsageError(f"no Dask scheduler answers at {address}: {str(error).splitlines()[0]}") from None
    try:
        yield client.get_executor()
    finally:
        with suppress(Exception):  # a scheduler that is gone
            client.close()
