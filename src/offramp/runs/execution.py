"""How a run is solved and reported on: executor, threads, progress."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Any

from offramp.runs.result import Run

Page = Callable[[Run, Mapping[str, Any]], str]


@dataclass(frozen=True)
class Execution:
    """How a run is solved and reported on. None of it changes the bytes of the run.

    Attributes
    ----------
    executor
        Who solves the chunks, and writes them into the folder, which every worker must see under the same path, or the
        same URL; by default threads of this process.
    workers
        Threads, by default one a core. With an executor how many workers it has, by default as many as it says; each is
        given two chunks at a time.
    threads
        On how many threads a worker of an executor solves a chunk.
    block
        How many draws are one piece of work; by default as many as fit the processor's memory well.
    progress
        Called with the number of draws done since the last call, first with those that were there.
    page
        Makes the report of the finished run from the run and its manifest; without it there is none.
    say
        Called with one line on what is there already, if anything is, and where a Dask cluster has no workers.
    """

    executor: Executor | None = None
    workers: int | None = None
    threads: int = 1
    block: int | None = None
    progress: Callable[[int], None] | None = None
    page: Page | None = None
    say: Callable[[str], None] | None = None
