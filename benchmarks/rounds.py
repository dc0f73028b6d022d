"""How nodes and time grow with the number of rounds under `memory: state`, on the Tehran crisis.

`python benchmarks/rounds.py`
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from row import Row

from offramp.crisis.reading import read_text
from offramp.equilibrium.solving import solve
from offramp.gambit.opening import compile_game

CRISIS = Path(__file__).parents[1] / "crises" / "tehran-2024" / "first.yaml"
ROUNDS = (8, 16, 32, 64, 128, 256)
REPEATS, ENOUGH = 7, 5.0
"""A measurement is repeated so often, or until it has taken so many seconds, but at least twice."""
EXPONENT = 1.05


@dataclass(frozen=True)
class Cost:
    """The least of a few repetitions, in seconds of processor time."""

    rounds: int
    nodes: int
    compiling: float
    solving: float
    sweeps: int


def measure() -> Iterator[Cost]:
    """Compile and solve for every number of rounds."""
    text = CRISIS.read_text(encoding="utf-8")
    assert text.count("- rounds: 2\n") == 1
    for rounds in ROUNDS:
        crisis = read_text(text.replace("- rounds: 2\n", f"- rounds: {rounds}\n").encode(), str(CRISIS))
        compiling = solving = math.inf
        began = time.process_time()
        for repeat in range(REPEATS):
            start = time.process_time()
            if repeat > 1 and start - began > ENOUGH:
                break
            game = compile_game(crisis)
            compiled = time.process_time()
            solution = solve(game)
            compiling = min(compiling, compiled - start)
            solving = min(solving, time.process_time() - compiled)
        yield Cost(rounds, game.size.nodes, compiling, solving, solution.sweeps)


def exponents(costs: list[Cost]) -> tuple[float, float]:
    """The slopes of nodes and of seconds against rounds, in logarithms."""
    rounds = np.log([cost.rounds for cost in costs])
    nodes = np.log([cost.nodes for cost in costs])
    taken = np.log([cost.compiling + cost.solving for cost in costs])
    return float(np.polyfit(rounds, nodes, 1)[0]), float(np.polyfit(rounds, taken, 1)[0])


def row() -> Row:
    """The row of the table."""
    costs = list(measure())
    nodes, taken = exponents(costs)
    last = costs[-1]
    shown = (
        f"exponent {nodes:.3f} in nodes, {taken:.3f} in time ({last.rounds} rounds: "
        f"{last.nodes:,} nodes, {last.compiling:.2f} + {last.solving:.2f} s)"
    )
    what = f"Tehran crisis of {', '.join(map(str, ROUNDS))} rounds with `memory: state`: processor time"
    return Row(what, shown, bar=f"exponents at most {EXPONENT}", met=max(nodes, taken) <= EXPONENT)


def main() -> None:
    print(f"{'rounds':>6} {'nodes':>9} {'compile s':>10} {'solve s':>9} {'sweeps':>7}")
    costs = []
    for cost in measure():
        costs.append(cost)
        times = f"{cost.compiling:>10.4f} {cost.solving:>9.4f}"
        print(f"{cost.rounds:>6} {cost.nodes:>9,} {times} {cost.sweeps:>7}")
    nodes, taken = exponents(costs)
    print(f"fitted exponents: {nodes:.3f} in nodes, {taken:.3f} in time")


if __name__ == "__main__":
    main()
