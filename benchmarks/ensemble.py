"""The Tehran crisis over draws, on one core and on two. `python benchmarks/ensemble.py`"""

from __future__ import annotations

import time
from pathlib import Path

import offramp
from offramp.ensemble.running import run_ensemble

DRAWS = 1024


def main() -> None:
    crisis = offramp.read(Path(__file__).parents[1] / "crises" / "tehran-2024" / "crisis.yaml")
    start = time.perf_counter()
    game = crisis.compile()
    print(f"compile: {time.perf_counter() - start:.3f} s, {game}")
    run_ensemble(crisis, game, draws=32, seed=1)
    seconds = {}
    for workers in (1, 2):
        result = run_ensemble(crisis, game, draws=DRAWS, seed=1, workers=workers)
        seconds[workers] = result.seconds
        work = len(game.edge_child) * len(game.actors) * int(result.sweeps.sum())
        rate = workers * result.seconds / work * 1e9
        cost = f"{rate:.2f} core-ns per edge, actor, draw and sweep"
        print(f"{workers} worker{'s' * (workers > 1)}: {DRAWS} draws in {result.seconds:.2f} s, {cost}")
    print(f"2 workers against 1: {seconds[1] / seconds[2]:.2f} times as fast")


if __name__ == "__main__":
    main()
