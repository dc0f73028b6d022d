"""What this machine can do: loads a second from memory of a given size, and arithmetic a second, on one core.

It is measured by loops in `machine.cpp`, compiled as the solver's core is, and so with the same instructions. A fixed
piece of work in NumPy makes the times of different machines comparable.
"""

from __future__ import annotations

import ctypes
import functools
import math
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from offramp.equilibrium.core import FLOATS, LIBRARY, WHOLE

sys.path.append(str(Path(__file__).parents[1] / "core"))
import build

WINDOW = 0.2
"""Seconds of each of the three windows of a measurement; the fastest counts, being what the machine can do."""
CHAINS = 48
"""Numbers that `multiply` works on."""


@functools.cache
def _loops() -> Any:
    """The loops of `machine.cpp`, for the instruction set that the core uses here."""
    target, ending = build.TARGETS[build.here()]
    levels = build.LEVELS.get(build.here().partition("-")[2], {"plain": None})
    processor = levels[Path(LIBRARY._name).stem.partition("-")[2]]
    with tempfile.TemporaryDirectory() as made:
        library = Path(made, f"machine{ending}")
        command = [sys.executable, "-m", "ziglang", "c++", "-target", target, *build.FLAGS, *build.LINKED]
        command += [f"-mcpu={processor}"] * (processor is not None)
        subprocess.run([*command, "-o", str(library), str(Path(__file__).with_suffix(".cpp"))], check=True)
        loops: Any = ctypes.CDLL(str(library))
    loops.load.argtypes = FLOATS, WHOLE, WHOLE
    loops.multiply.argtypes = FLOATS, WHOLE
    return loops


def load_bandwidth(size: float) -> float:
    """Bytes loaded a second by one core, in passes over `size` bytes."""
    values = np.ones(max(1024, int(size) // 512 * 64))
    return 8 * values.size * _rate(lambda times: _loops().load(values, values.size, times))


def arithmetic_peak() -> float:
    """Multiplications and additions of float64 a second on one core."""
    values = np.ones(CHAINS)
    return 2 * values.size * _rate(lambda times: _loops().multiply(values, 1000 * times)) * 1000


def numpy_seconds() -> float:
    """Processor seconds of a fixed piece of work in NumPy, the least of five: sorting, exponentials, gathering."""
    rng = np.random.default_rng(1)
    values, places = rng.normal(size=1_000_000), rng.integers(1_000_000, size=1_000_000)
    best = math.inf
    for _ in range(5):
        start = time.process_time()
        for _ in range(5):
            np.sort(values)
            np.exp(values).sum()
            np.add.reduceat(values[places], np.arange(0, len(values), 10))
        best = min(best, time.process_time() - start)
    return best


def _rate(passes: Callable[[int], object]) -> float:
    """Passes a second."""
    passes(1)
    times, best = 1, math.inf
    while True:
        start = time.process_time()
        passes(times)
        taken = time.process_time() - start
        if taken >= WINDOW / 2:
            break
        times *= 2
    for _ in range(3):
        start = time.process_time()
        passes(times)
        best = min(best, time.process_time() - start)
    return times / best


if __name__ == "__main__":
    for kilobytes in (16, 256, 1024, 8192, 131072):
        print(f"{kilobytes:>7} KiB: {load_bandwidth(kilobytes * 1024) / 1e9:6.1f} GB/s")
    print(f"arithmetic: {arithmetic_peak() / 1e9:.1f} Gflop/s")
    print(f"the work in NumPy: {numpy_seconds():.3f} s")
