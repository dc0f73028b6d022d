"""How many histories a second the compiler grows, on one core.

The crisis is one of perfect recall in which all is seen and remembered to the end, so that rows can merge in
the last round only; without merging every history is a row of its own. `python benchmarks/compile_rate.py`
"""

from __future__ import annotations

import time

from offramp.crisis.reading import read_text
from offramp.game.compiler import compile_crisis

REPEATS = 3


def crisis_of(rounds: int) -> bytes:
    """Two actors with hidden types, who act and are seen to act in every round, among accidents."""
    return f"""
format: 1
title: Recall
actors: {{north: {{name: North}}, south: {{name: South}}}}
inputs: {{misreading: {{is: "uniform(0.1, 0.3)", because: for the benchmark}}}}
timeline:
  - {{chance: north_type, odds: {{dove: 0.5, hawk: rest}}, seen_by: [north]}}
  - {{chance: south_type, odds: {{dove: 0.5, hawk: rest}}, seen_by: [south]}}
  - rounds: {rounds}
    steps:
      - together:
          - {{move: threat, by: north, options: [hold, warn, strike]}}
          - {{move: answer, by: south, options: [hold, warn, strike]}}
      - {{chance: reading, odds: {{plain: 1 - misreading, misread: rest}}}}
payoffs:
  north:
    gain: {{pays: (threat == strike) * (answer == hold) - (answer == strike) * (reading == misread), when: each_round}}
    type: {{pays: (north_type == hawk) * (threat == strike), when: each_round}}
  south:
    gain: {{pays: (answer == strike) * (threat == hold) - (threat == strike), when: each_round}}
    type: {{pays: (south_type == hawk) * (answer == strike), when: each_round}}
endings: {{both_strike: threat == strike and answer == strike, other: otherwise}}
""".encode()


def main() -> None:
    print(f"{'rounds':>6} {'merging':>8} {'histories':>12} {'nodes':>12} {'seconds':>8} {'histories/s':>12}")
    for rounds in (3, 4, 5):
        crisis = read_text(crisis_of(rounds), "recall.yaml")
        for merge in (True, False):
            best = float("inf")
            for _ in range(REPEATS):
                start = time.perf_counter()
                size = compile_crisis(crisis, max_nodes=100_000_000, merge=merge).size
                best = min(best, time.perf_counter() - start)
            counts = f"{size.histories:>12,} {size.nodes:>12,}"
            rate = size.histories / best
            print(f"{rounds:>6} {'on' if merge else 'off':>8} {counts} {best:>8.3f} {rate:>12,.0f}")


if __name__ == "__main__":
    main()
