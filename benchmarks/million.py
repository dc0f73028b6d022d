"""A million draws studied: the peak memory and the time of every question, each from a cold shell.

The run is made up: its first chunks are solved, all others are draws of these at random, put into the same tables by
the same functions. That tells what reading and studying so many draws costs, and nothing about the crisis. A FOLDER
that is there already is a run that somebody has solved, and is studied as it is.

`python benchmarks/million.py [FOLDER] [--draws N] [--solved N]`
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path

import numpy as np

from offramp.crisis.reading import read
from offramp.gambit.opening import compile_game
from offramp.runs import draw_results
from offramp.runs.chunk import Chunk
from offramp.runs.chunk_task import write_chunk
from offramp.runs.opened import open_run
from offramp.runs.running import SEED, run_into
from offramp.runs.sampling import CHUNK, chunk_sizes
from offramp.runs.solve_draws import solve_chunks
from offramp.runs.store.manifest import read_manifest

CRISIS = Path(__file__).parents[1] / "crises" / "tehran-2024" / "first.yaml"
DRAWS, SOLVED = 1_000_000, 16 * CHUNK
DUE = ("--due", "2031-01-01", "--rule", "as agreed", "--ledger", "LEDGER")
QUESTIONS: tuple[tuple[str, ...], ...] = (
    ("run", "RUN", "--draws", "DRAWS"),
    ("endings", "RUN"),
    ("moves", "RUN"),
    ("moves", "RUN", "--draw", "4711"),
    ("weigh", "RUN"),
    ("update", "RUN"),
    ("worth", "RUN"),
    ("report", "RUN", "--out", "PAGE"),
    ("forecast", "add", "RUN", "--ending", "war", *DUE),
    ("verify", "RUN"),
)


def make_up(folder: Path, draws: int, solved: int) -> None:
    """A run of `solved` draws, and beside its tables those of so many more as if it had been stopped just before its
    end: the next `offramp run` of it finishes it.
    """
    crisis = read(CRISIS)
    run_into(crisis, folder, draws=solved)
    manifest, game = read_manifest(folder), compile_game(crisis)
    # solved once more: the tables of a run do not hold all that a chunk does
    with closing(solve_chunks(crisis, game, [(number, CHUNK) for number in range(solved // CHUNK)], seed=SEED)) as them:
        chunks = list(them)
    for number, size in enumerate(chunk_sizes(draws)):
        if number < len(chunks):
            continue
        rng = np.random.default_rng(number)
        chunk = _some(chunks[rng.integers(len(chunks))], number, rng.integers(CHUNK, size=size))
        write_chunk(folder, chunk, game, manifest)


def _some(chunk: Chunk, number: int, rows: np.ndarray) -> Chunk:
    """A chunk of draws of another one."""
    names = [result.name for result in draw_results.SOLVED]
    picked = {name: getattr(chunk, name)[..., rows] for name in names}
    said = chunk.evidence
    if said is not None:
        rows_of = ("likelihood", "endings", "measures", "taken")
        said = replace(said, **{name: getattr(said, name)[..., rows] for name in rows_of})
    inputs = {name: values[rows] for name, values in chunk.inputs.items()}
    return replace(chunk, number=number, inputs=inputs, evidence=said, **picked)


def cost(*command: str) -> tuple[float, float, float]:
    """A command's seconds by the clock and of processor time, and its peak memory in MiB."""
    start = time.perf_counter()
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(command, stdout=said, stderr=said)
        _, status, used = os.wait4(process.pid, 0)
        if status:
            said.seek(0)
            raise RuntimeError(f"{command}: {said.read().decode()}")
    return time.perf_counter() - start, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", nargs="?", type=Path)
    parser.add_argument("--draws", type=int, default=DRAWS)
    parser.add_argument("--solved", type=int, default=SOLVED)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = given.folder or Path(scratch) / "run"
        made_up = not folder.exists()
        if made_up:
            process = get_context("spawn").Process(target=make_up, args=(folder, given.draws, given.solved))
            process.start()  # on its own, as what this process holds would count as its children's peak, too
            process.join()
        size = sum(path.stat().st_size for path in folder.iterdir())
        solved = f"of which {given.solved:,} solved, the others made up" if made_up else "as they are there"
        print(f"{given.draws:,} draws, {solved}; {size / 1e9:.2f} GB on disk")
        print(f"{'command':<10} {'clock':>8} {'processor':>10} {'peak memory':>12}")
        places = {"RUN": str(folder), "DRAWS": str(given.draws), "PAGE": str(Path(scratch) / "page.html"),
                  "LEDGER": str(Path(scratch) / "forecasts.sqlite")}  # fmt: skip
        for question in QUESTIONS:
            words = [places.get(word, word) for word in question]
            clock, processor, memory = cost(sys.executable, "-m", "offramp", *words)
            print(f"{question[0]:<10} {clock:6.1f} s {processor:8.1f} s {memory:8.0f} MiB", flush=True)
        run = open_run(folder)
        print(f"all draws converged: {bool(run.converged.all())}; mean of war {run.ending_intervals['war'].mean:.6f}")


if __name__ == "__main__":
    main()
