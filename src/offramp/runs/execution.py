"""How a run is solved and reported on: executor, threads, progress."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Any

from offramp.common.arguments import check_fields
from offramp.common.errors import UsageError
from offramp.runs.result import Run

Page = Callable[[Run, Mapping[str, Any]], str]


@dataclass(frozen=True)
class Execution:
    """How a run is solved and reported on. None of it changes the bytes of the run.

    Attributes
    ----------
    executor
        Solves the chunks and writes them into the folder, which every worker must see under the same path or URL; by
        default threads of this process.
    workers
        Threads, by default one per core. With an executor its number of workers, by default what it reports; each is
        given two chunks at a time.
    threads
        Number of threads on which a worker of an executor solves a chunk.
    block
        Draws per block; by default as many as fit the processor's cache well.
    progress
        Called with the number of draws done since the last call, first with those done before.
    page
        Makes the report of the finished run from the run and its manifest; without it there is no report.
    say
        Called with one line when a run is resumed, and when a Dask cluster has no workers.

    Raises
    ------
    UsageError
        If an attribute has another type, or a number is below 1.
    """

    executor: Executor | None = None
    workers: int | None = None
    threads: int = 1
    block: int | None = None
    progress: Callable[[int], None] | None = None
    page: Page | None = None
    say: Callable[[str], None] | None = None

    def __post_init__(self) -> None:
        check_fields(self)
        for name in ("workers", "threads", "block"):
            if (number := getattr(self, name)) is not None and number < 1:
                raise UsageError(f"`{name}` must be 1 or more, found {number}")


DEFAULT = Execution()
"""Threads of this process, and no reports."""
