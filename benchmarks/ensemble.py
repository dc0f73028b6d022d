"""The Tehran crisis over draws: processor time of solving, and what a second core brings."""

from __future__ import annotations

import statistics
import time
from pathlib import Path

import machine
from row import Row, against

import offramp
from offramp.crisis.reading import read
from offramp.gambit.opening import compile_game
from offramp.game.game import Game
from offramp.runs.execution import Execution
from offramp.runs.run import run_in_memory

CRISIS = Path(__file__).parents[1] / "crises" / "tehran-2024" / "first.yaml"
DRAWS = 2048
REPEATS = 3
BEFORE = 79.0
"""As many times the fixed work in NumPy these draws took while Numba compiled the loops, the two measured in turns."""
PART = 3.0
"""How many times faster the bar asks for."""
SECOND_CORE = 1.8
"""How much faster two cores must be."""


def _opened() -> tuple[offramp.Crisis, Game]:
    """The crisis compiled, and a part of the work done once."""
    crisis = read(CRISIS)
    game = compile_game(crisis)
    run_in_memory(crisis, game, draws=64, seed=1)
    return crisis, game


def processor() -> Row:
    """Processor time of all draws, in seconds and as a multiple of the fixed work in NumPy, which the bar is on."""
    crisis, game = _opened()
    taken, fixed = [], []
    for _ in range(REPEATS):
        fixed.append(machine.numpy_seconds())
        start = time.process_time()
        run_in_memory(crisis, game, draws=DRAWS, seed=1)
        taken.append(time.process_time() - start)
    ratio, most = min(taken) / min(fixed), BEFORE / PART
    shown = f"{min(taken):.2f} s, {ratio:.1f} times the fixed work in NumPy ({1e3 * min(fixed):.0f} ms)"
    what = f"Tehran crisis, {DRAWS:,} draws with all that a run reports: processor time"
    return Row(what, shown, bar=f"at most {most:.1f} times the fixed work", met=ratio <= most)


def cores() -> Row:
    """The same draws on two cores against one, in turns."""
    crisis, game = _opened()
    taken: dict[int, list[float]] = {1: [], 2: []}
    for _ in range(REPEATS):
        for workers in taken:
            solved = run_in_memory(crisis, game, draws=DRAWS, seed=1, execution=Execution(workers=workers))
            taken[workers].append(solved.seconds)
    one, two = map(statistics.median, taken.values())
    return against(f"Tehran crisis, {DRAWS:,} draws: two cores against one", two, one, SECOND_CORE, "one core")


def main() -> None:
    for row in (processor(), cores()):
        print(row)


if __name__ == "__main__":
    main()
