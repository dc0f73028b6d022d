"""How many histories a second the compiler grows, on one core, and a crisis of ten million histories.

The crisis is one of perfect recall in which all is seen and remembered to the end, so that rows can merge in
the last round only; without merging every history is a row of its own. `python benchmarks/compile_rate.py`
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time

from row import Row

from offramp.crisis.reading import read_text
from offramp.equilibrium.solving import solve
from offramp.game.compiler import compile_crisis

REPEATS = 3
THREATS = ("hold", "warn", "strike")
LARGE = 4, ("hold", "warn", "mobilise", "strike"), ("hold", "warn", "mobilise", "blockade", "strike")
"""Four rounds of 4 threats, 5 answers and 2 readings, after 4 combinations of types: 10,240,000 histories."""
LARGE_SECONDS, LARGE_GIGABYTES = 60.0, 8.0


def crisis_of(rounds: int, threats: tuple[str, ...] = THREATS, answers: tuple[str, ...] = THREATS) -> bytes:
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
          - {{move: threat, by: north, options: [{", ".join(threats)}]}}
          - {{move: answer, by: south, options: [{", ".join(answers)}]}}
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


def measure(rounds: int, *, merge: bool) -> tuple[int, int, float]:
    """Histories, nodes, and the least seconds of a few compilations."""
    crisis = read_text(crisis_of(rounds), "recall.yaml")
    best = float("inf")
    for _ in range(REPEATS):
        start = time.perf_counter()
        size = compile_crisis(crisis, max_nodes=100_000_000, merge=merge).size
        best = min(best, time.perf_counter() - start)
    return size.histories, size.nodes, best


def row() -> Row:
    """The row of the table: the compiler's rate, with merging and without."""
    shown = []
    for merge in (True, False):
        histories, _, taken = measure(5, merge=merge)
        shown.append(f"{histories / taken / 1e6:.1f} million/s {'merged' if merge else 'unmerged'}")
    return Row("compiling with perfect recall, 7.6 million histories", ", ".join(shown))


def large_row() -> Row:
    """The row of ten million histories, measured in a process of its own for its memory."""
    asked = subprocess.run([sys.executable, __file__, "--large"], capture_output=True, text=True, check=True)
    found = json.loads(asked.stdout)
    taken = found["compile"] + found["solve"]
    state = "" if found["converged"] else ", NOT CONVERGED"
    return Row(
        f"{found['histories']:,} histories ({found['nodes']:,} nodes after merging): compile and solve",
        f"{found['compile']:.1f} + {found['solve']:.1f} s, {found['gigabytes']:.2f} GB{state}",
        bar=f"under {LARGE_SECONDS:.0f} s and {LARGE_GIGABYTES:.0f} GB",
        met=taken < LARGE_SECONDS and found["gigabytes"] < LARGE_GIGABYTES and found["converged"],
    )


def large() -> None:
    """Compile and solve the large crisis, and say what it took as JSON."""
    crisis = read_text(crisis_of(*LARGE), "recall.yaml")
    start = time.perf_counter()
    game = compile_crisis(crisis, max_nodes=100_000_000)
    compiled = time.perf_counter()
    solution = solve(game)
    found = {
        "histories": game.size.histories,
        "nodes": game.size.nodes,
        "compile": compiled - start,
        "solve": time.perf_counter() - compiled,
        "converged": solution.converged,
        "gigabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6,
    }
    print(json.dumps(found))


def main() -> None:
    print(f"{'rounds':>6} {'merging':>8} {'histories':>12} {'nodes':>12} {'seconds':>8} {'histories/s':>12}")
    for rounds in (3, 4, 5):
        for merge in (True, False):
            histories, nodes, taken = measure(rounds, merge=merge)
            counts = f"{histories:>12,} {nodes:>12,}"
            print(f"{rounds:>6} {'on' if merge else 'off':>8} {counts} {taken:>8.3f} {histories / taken:>12,.0f}")


if __name__ == "__main__":
    large() if "--large" in sys.argv else main()
