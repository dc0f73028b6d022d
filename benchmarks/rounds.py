"""How nodes and time grow with the number of rounds under `memory: state`, on the Tehran crisis.

`python benchmarks/rounds.py`
"""

from __future__ import annotations

import math
import time
from pathlib import Path

from offramp.crisis.reading import read_text
from offramp.solve.solution import solve

CRISIS = Path(__file__).parents[1] / "crises" / "tehran-2024" / "crisis.yaml"
REPEATS = 3


def main() -> None:
    text = CRISIS.read_text(encoding="utf-8")
    assert text.count("- rounds: 2\n") == 1
    print(f"{'rounds':>6} {'nodes':>9} {'compile s':>10} {'solve s':>9} {'sweeps':>7}")
    costs = {}
    for rounds in (4, 8, 16, 32):
        crisis = read_text(text.replace("- rounds: 2\n", f"- rounds: {rounds}\n").encode(), str(CRISIS))
        compiling = solving = math.inf
        for _ in range(REPEATS):
            start = time.perf_counter()
            game = crisis.compile()
            compiled = time.perf_counter()
            solution = solve(game)
            compiling = min(compiling, compiled - start)
            solving = min(solving, time.perf_counter() - compiled)
        costs[rounds] = game.size.nodes, compiling + solving
        print(f"{rounds:>6} {game.size.nodes:>9,} {compiling:>10.4f} {solving:>9.4f} {solution.sweeps:>7}")
    nodes, seconds = (many / few for many, few in zip(costs[32], costs[4], strict=True))
    print(f"32 rounds against 4: {nodes:.1f} times the nodes, {seconds:.1f} times the time")


if __name__ == "__main__":
    main()
