"""Runs of a small crisis, for the tests of what a run's folder holds."""

from __future__ import annotations

from pathlib import Path

import pytest

import offramp
from offramp.crisis.model import Crisis
from offramp.runs.resume import durable_run
from offramp.runs.sampling import CHUNK

DRAWS = 2 * CHUNK + 300


def bytes_of(folder: Path) -> dict[str, bytes]:
    """By name what the files of a run hold, but for the log, which alone knows of time."""
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.name != "log.jsonl"}


def short(ensemble: offramp.Ensemble, manifest: object) -> str:
    return repr(ensemble)


def stopped(crisis: Crisis, folder: Path, after: int, draws: int = DRAWS, until: float | None = None) -> None:
    """Begin or go on with a run, and interrupt it once so many draws are done."""
    done = 0

    def progress(more: int) -> None:
        nonlocal done
        done += more
        if done >= after:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        durable_run(crisis, folder, draws=draws, until=until, block=100, progress=progress, page=short)


CHILD = """
import sys
from pathlib import Path
import duckdb, pandas, numba
from offramp.gambit.opening import compile_game
from offramp.runs.resume import durable_run
from tests.crises import crisis_of
from tests.runs.folders import DRAWS, short
from tests.runs.test_evidence import RAID
crisis = crisis_of(RAID)
compile_game(crisis)
print("ready", flush=True)
durable_run(crisis, Path(sys.argv[1]), draws=DRAWS, page=short)
"""
