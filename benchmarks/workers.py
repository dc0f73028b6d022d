"""What a second worker brings: the same chunks of a run solved by one process and by two, in turns."""

from __future__ import annotations

import tempfile
import time
from concurrent.futures import Executor
from pathlib import Path
from statistics import median

from row import Row, against
from studies import CRISIS

import offramp
from offramp.ensemble.crew import hand_out, processes
from offramp.ensemble.manifest import machine, sha256_of_crisis
from offramp.ensemble.sampling import CHUNK
from offramp.ensemble.task import ChunkTask, solve_chunk

CHUNKS, ROUNDS, AT_LEAST = 16, 3, 1.8
"""With few chunks the last one, which one worker solves while the other has nothing left, would count for too much."""


def two_workers() -> Row:
    """Chunks of the Tehran crisis, from processes that are warm to tables on the disk; the median of the rounds."""
    crisis = offramp.read(CRISIS)
    alone, together = [], []
    with processes(1) as one, processes(2) as two:
        for executor, workers in ((one, 1), (two, 2)):
            _solved(crisis, executor, workers)
        for _ in range(ROUNDS):
            alone.append(_solved(crisis, one, CHUNKS))
            together.append(_solved(crisis, two, CHUNKS))
    what = f"Tehran crisis, {CHUNKS} chunks: two worker processes against one"
    return against(what, median(together), median(alone), AT_LEAST, "one")


def _solved(crisis: offramp.Crisis, executor: Executor, chunks: int) -> float:
    """Seconds in which an executor solves some chunks into a new folder."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "crisis.yaml").write_text(crisis.text, encoding="utf-8")
        sha = sha256_of_crisis(crisis)
        tasks = [
            ChunkTask(number, CHUNK, sha, (), 1, None, str(CRISIS), machine(), folder=folder, threads=1)
            for number in range(chunks)
        ]
        started = time.perf_counter()
        list(hand_out(executor, solve_chunk, tasks))
        return time.perf_counter() - started
