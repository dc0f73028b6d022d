"""Runs of a small crisis, for the tests of what a run's folder holds."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

import offramp
from offramp.crisis.model import Crisis
from offramp.runs.execution import Execution
from offramp.runs.running import run_into
from offramp.runs.sampling import CHUNK

DRAWS = 2 * CHUNK + 300


def bytes_of(folder: Path) -> dict[str, bytes]:
    """By name what the files of a run hold, but for the log, which alone knows of time."""
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.name != "log.jsonl"}


def short(ensemble: offramp.Run, manifest: object) -> str:
    return repr(replace(ensemble, folder=None))


SHORT = Execution(page=short)


def stopped(crisis: Crisis, folder: Path, after: int, draws: int = DRAWS, until: float | None = None) -> None:
    """Begin or go on with a run, and interrupt it once so many draws are done."""
    done = 0

    def progress(more: int) -> None:
        nonlocal done
        done += more
        if done >= after:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_into(
            crisis, folder, draws=draws, until=until, execution=Execution(block=100, progress=progress, page=short)
        )


CHILD = """
import sys
from pathlib import Path
import duckdb, pandas
from offramp.gambit.opening import compile_game
from offramp.runs.running import run_into
from tests.crises import crisis_of
from tests.runs.folders import DRAWS, SHORT
from tests.runs.test_evidence import RAID
crisis = crisis_of(RAID)
compile_game(crisis)
print("ready", flush=True)
run_into(crisis, Path(sys.argv[1]), draws=DRAWS, execution=SHORT)
"""
