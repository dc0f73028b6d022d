"""What this machine can do: loads a second from memory of a given size, and arithmetic a second, on one core."""

from __future__ import annotations

import math
import time
from collections.abc import Callable

import numpy as np
from numba import njit
from numpy.typing import NDArray

WINDOW = 0.2
"""Seconds of each of the three windows of a measurement; the fastest counts, being what the machine can do."""


@njit(cache=True, fastmath=True)
def _add_up(values: NDArray[np.float64], times: int) -> float:
    """Sums, so many that adding is not what limits them."""
    total = 0.0
    for _ in range(times):
        for place in range(values.size):
            total += values[place]
        values[0] = total * 1e-300  # so that no pass can be left out
    return total


@njit(cache=True, fastmath=True)
def _multiply_add(values: NDArray[np.float64], times: int) -> None:
    """Chains of multiply-add, enough side by side to fill the pipelines, on values that stay in registers."""
    for start in range(0, values.size, 64):
        part = values[start : start + 64].copy()
        for _ in range(times):
            for lane in range(64):
                part[lane] = part[lane] * 0.999 + 0.001
        values[start : start + 64] = part


def load_bandwidth(size: float) -> float:
    """Bytes loaded a second by one core, in passes over `size` bytes."""
    values = np.ones(max(1024, int(size) // 8))
    return 8 * values.size * _rate(lambda times: _add_up(values, times))


def arithmetic_peak() -> float:
    """Multiplications and additions of float64 a second on one core."""
    values = np.ones(64)
    return 2 * values.size * _rate(lambda times: _multiply_add(values, 100 * times)) * 100


def _rate(passes: Callable[[int], object]) -> float:
    """Passes a second."""
    passes(1)
    times, best = 1, math.inf
    while True:
        start = time.perf_counter()
        passes(times)
        taken = time.perf_counter() - start
        if taken >= WINDOW / 2:
            break
        times *= 2
    for _ in range(3):
        start = time.perf_counter()
        passes(times)
        best = min(best, time.perf_counter() - start)
    return times / best


if __name__ == "__main__":
    for kilobytes in (16, 256, 1024, 8192, 131072):
        print(f"{kilobytes:>7} KiB: {load_bandwidth(kilobytes * 1024) / 1e9:6.1f} GB/s")
    print(f"arithmetic: {arithmetic_peak() / 1e9:.1f} Gflop/s")
