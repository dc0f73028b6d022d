"""The Tehran crisis over draws, on one core and on two. `python benchmarks/ensemble.py`"""

from __future__ import annotations

import time
from pathlib import Path

from row import Row

import offramp
from offramp.gambit.opening import compile_game
from offramp.runs.execution import Execution
from offramp.runs.run import run_in_memory

CRISIS = Path(__file__).parents[1] / "crises" / "tehran-2024" / "crisis.yaml"
DRAWS = 1024


def measure() -> dict[int, tuple[float, float]]:
    """By the number of workers: seconds, and core-nanoseconds an edge, actor, draw and sweep."""
    crisis = offramp.read(CRISIS)
    game = compile_game(crisis)
    run_in_memory(crisis, game, draws=32, seed=1)
    found = {}
    for workers in (1, 2):
        result = run_in_memory(crisis, game, draws=DRAWS, seed=1, execution=Execution(workers=workers))
        work = len(game.edge_child) * len(game.actors) * int(result.sweeps.sum())
        found[workers] = result.seconds, workers * result.seconds / work * 1e9
    return found


def row() -> Row:
    """The row of the table."""
    (one, _), (two, _) = measure().values()
    shown = f"{one:.2f} s on one core, {two:.2f} s on two: {one / two:.2f} times as fast"
    return Row(f"Tehran crisis, {DRAWS:,} draws with all that a run reports", shown)


def main() -> None:
    start = time.perf_counter()
    game = compile_game(offramp.read(CRISIS))
    print(f"compile: {time.perf_counter() - start:.3f} s, {game}")
    found = measure()
    for workers, (taken, rate) in found.items():
        cost = f"{rate:.2f} core-ns per edge, actor, draw and sweep"
        print(f"{workers} worker{'s' * (workers > 1)}: {DRAWS} draws in {taken:.2f} s, {cost}")
    print(f"2 workers against 1: {found[1][0] / found[2][0]:.2f} times as fast")


if __name__ == "__main__":
    main()
