"""What a second worker brings: the same chunks of a run solved by one process and by two, in turns."""

from __future__ import annotations

import tempfile
import time
from concurrent.futures import Executor, ThreadPoolExecutor
from functools import cache, partial
from pathlib import Path
from statistics import median

from row import Row, against
from studies import CRISIS

import offramp
from offramp.crisis.reading import read
from offramp.runs.chunk_task import ChunkTask, solve_chunk
from offramp.runs.executors import processes, submit_all
from offramp.runs.sampling import CHUNK
from offramp.runs.store.manifest import machine, sha256_of_crisis

CHUNKS, ROUNDS = 16, 3
"""With few chunks the last one, which one worker solves while the other has nothing left, would count for too much."""


@cache
def _measured() -> tuple[float, float, float]:
    """Seconds for the same chunks of the Tehran crisis, medians of the rounds: by one worker process, by two that one
    executor has, and by two executors of one each, which have nothing in common but the machine.

    Processes are warm, and write their tables to the disk.
    """
    crisis = read(CRISIS)
    alone, together, apart = [], [], []
    half = range(CHUNKS // 2)
    with processes(1) as one, processes(1) as other, processes(2) as two, ThreadPoolExecutor(2) as both:
        for executor, workers in ((one, 1), (other, 1), (two, 2)):
            _solved(crisis, executor, range(workers))
        for _ in range(ROUNDS):
            alone.append(_solved(crisis, one, range(CHUNKS)))
            together.append(_solved(crisis, two, range(CHUNKS)))
            started = time.perf_counter()
            halves = (half, range(half.stop, CHUNKS))
            list(both.map(partial(_solved, crisis), (one, other), halves))
            apart.append(time.perf_counter() - started)
    return median(alone), median(together), median(apart)


def two_workers() -> Row:
    """Two workers against one."""
    alone, together, _ = _measured()
    return against(f"Tehran crisis, {CHUNKS} chunks: two worker processes against one", together, alone, 1.8, "one")


def two_apart() -> Row:
    """What the machine gives: two workers against two that each solve half, and know nothing of each other."""
    _, together, apart = _measured()
    what = f"Tehran crisis, {CHUNKS} chunks: two worker processes against two runs side by side"
    return against(what, together, apart, 0.97, "side by side")


def _solved(crisis: offramp.Crisis, executor: Executor, chunks: range) -> float:
    """Seconds in which an executor solves some chunks into a new folder."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "crisis.yaml").write_text(crisis.text, encoding="utf-8")
        sha = sha256_of_crisis(crisis)
        tasks = [
            ChunkTask(number, CHUNK, sha, (), None, 1, None, str(CRISIS), machine(), folder=folder) for number in chunks
        ]
        started = time.perf_counter()
        list(submit_all(executor, solve_chunk, tasks))
        return time.perf_counter() - started
