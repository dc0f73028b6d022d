"""How long a command takes in a new process, as multiples of the time that importing NumPy takes there."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from row import Row, bounded

CRISIS = str(Path(__file__).parents[1] / "crises" / "tehran-2024" / "first.yaml")
BARS = {"help": 0.2, "check": 0.4, "solve": 0.8}
"""Seconds that a command may take where importing NumPy takes `NUMPY` seconds."""
NUMPY = 0.15
WORDS = {"help": ["--help"], "check": ["check", CRISIS], "solve": ["solve", CRISIS]}
REPEATS = 7


def cold(name: str) -> Row:
    """A command in a process of its own, the median of `REPEATS`."""
    offramp = str(Path(sys.executable).with_name("offramp"))
    commands = ([sys.executable, "-c", "import numpy"], [offramp, *WORDS[name]])
    for command in commands:  # Python compiles what it loads, once
        _seconds(command)
    taken = [[_seconds(command) for command in commands] for _ in range(REPEATS)]
    numpy, ours = (statistics.median(times) for times in zip(*taken, strict=True))
    shown = " ".join(["offramp", *(Path(word).name for word in WORDS[name])])
    what = f"`{shown}` in a new process, against importing NumPy in one"
    return bounded(what, ours / numpy, round(BARS[name] / NUMPY, 2), "times", f"{ours:.2g} s, NumPy {numpy:.2g} s")


def _seconds(command: Sequence[str]) -> float:
    # a user's Python keeps compiled modules
    surroundings = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    start = time.perf_counter()
    subprocess.run(command, capture_output=True, check=True, env=surroundings)
    return time.perf_counter() - start
