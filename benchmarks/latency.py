"""How long an analyst waits for one solve of the Tehran crisis in a warm process."""

from __future__ import annotations

import itertools
import statistics
import time
from pathlib import Path

import numpy as np
from row import Row, bounded, seconds

import offramp
from offramp.crisis.reading import read
from offramp.gambit.opening import compile_game

CRISIS = Path(__file__).parents[1] / "crises" / "tehran-2024" / "first.yaml"
REPEATS = 15
WARM_MILLISECONDS = 10.0


def warm() -> Row:
    """One input changed, the game compiled before and solved anew from its last solution."""
    return bounded(*_changed("new endings", traced=False), WARM_MILLISECONDS, "ms")


def warm_traced() -> Row:
    """The same without a solution to start from: the branch is followed."""
    what, taken = _changed("traced from uniform", traced=True)
    return Row(what, seconds(taken / 1e3))


def _changed(how: str, *, traced: bool) -> tuple[str, float]:
    """What was measured, and the median of its milliseconds."""
    crisis = read(CRISIS)
    game = compile_game(crisis)
    last = offramp.solve(game)
    name, low, high = _input(crisis)
    times = []
    for value in itertools.islice(itertools.cycle((low, high)), REPEATS):
        start = time.perf_counter()
        last = offramp.solve(game, given={name: value}, start=None if traced else last)
        times.append(time.perf_counter() - start)
        if not last.converged:
            raise RuntimeError(f"no solution at {name} = {value:g}")
    return f"Tehran crisis, one input ({name}) changed in a warm process: {how}", statistics.median(times) * 1e3


def _input(crisis: offramp.Crisis) -> tuple[str, float, float]:
    """The first uncertain input, with a low and a high value of it."""
    name = next(iter(crisis.inputs))
    low, high = crisis.inputs[name].distribution.quantile(np.array([0.25, 0.75])).tolist()
    return name, low, high
