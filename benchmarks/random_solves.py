"""The random games, solved: how many are certified, and on which branch.

`python benchmarks/random_solves.py [GAMES]`
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import ours
from random_games import GAMES, random_game
from row import Row

KS = (0.5, 5.0, 10.0, 20.0, 50.0)
CERTIFIED = 1e-8
MOST_SECONDS = 60.0
NAMED = ("principal", "bifurcation")


@dataclass(frozen=True)
class Solve:
    """One game at one k."""

    number: int
    nodes: int
    k: float
    certificate: float
    status: str
    seconds: float

    @property
    def good(self) -> bool:
        return self.certificate <= CERTIFIED and self.status in NAMED and self.seconds <= MOST_SECONDS


def solves(count: int = GAMES) -> Iterator[Solve]:
    """Every game at every k, as `offramp solve` does it."""
    for number in range(count):
        tree, game = ours.read_text(random_game(number), f"random game {number}")
        payoff_range = ours.payoff_range(tree)
        for k in KS:
            found = ours.solve_traced(tree, game, k / payoff_range)
            yield Solve(number, tree.nodes, k, found.certificate, found.status, found.seconds)


def row(count: int = GAMES) -> Row:
    """The row of the table."""
    found = list(solves(count))
    statuses = ", ".join(f"{number} {status}" for status, number in Counter(one.status for one in found).most_common())
    certified = sum(one.certificate <= CERTIFIED for one in found)
    slowest = max(one.seconds for one in found)
    return Row(
        f"{count:,} random games at k = {', '.join(f'{k:g}' for k in KS)}",
        f"{certified:,} of {len(found):,} certified; {statuses}; at most {slowest:.2f} s",
        bar=f"all certified to {CERTIFIED:g}, principal or bifurcation, {MOST_SECONDS:.0f} s",
        met=all(one.good for one in found),
    )


def main(count: int) -> None:
    found = list(solves(count))
    print(f"{'k':>5} {'certified':>10} {'median s':>9} {'most s':>8}  statuses")
    for k in KS:
        here = [one for one in found if one.k == k]
        certified = sum(one.certificate <= CERTIFIED for one in here)
        taken = [one.seconds for one in here]
        statuses = dict(Counter(one.status for one in here).most_common())
        print(f"{k:>5g} {certified:>10} {np.median(taken):>9.4f} {max(taken):>8.2f}  {statuses}")
    for one in found:
        if not one.good:
            what = f"{one.status}, largest violation {one.certificate:.1e}, {one.seconds:.2f} s"
            print(f"game {one.number} ({one.nodes} nodes) at k = {one.k:g}: {what}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else GAMES)
