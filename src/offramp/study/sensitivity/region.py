"""The region of inputs in which something holds, as a box found by the patient rule induction method.

Friedman & Fisher 1999, "Bump hunting in high-dimensional data"; for scenarios: Bryant & Lempert 2010, "Thinking
inside the box".
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.special import bdtrc

Array = NDArray[np.float64]
Cases = NDArray[np.bool_]

PEEL = 0.05
"""The share of a box that one peel removes, and that one paste may add back."""
LEAST = 0.05
"""The smallest share of the draws that a box may keep."""
SURE = 0.05
"""A restriction is dropped if its quasi-p-value times the number of inputs tried is above this."""
WORTH = 0.05
"""A restriction that adds no more than this share of a box's worth is dropped, to name few inputs."""


@dataclass(frozen=True, eq=False)
class Region:
    """A box in the ranks of the inputs: `low` and `high`, (inputs,), 0 and 1 for an input that is not restricted.

    `coverage`: the share of the cases that lie inside; `density`: the share of cases among the draws inside; `mass`:
    the share of the draws inside; `everywhere`: the share of cases among all draws. `chances`: for each input the
    quasi-p-value of its restriction (Bryant & Lempert 2010): the probability that the draws inside hold this many
    cases if the restriction has no effect; 1 without one.
    """

    low: Array
    high: Array
    coverage: float
    density: float
    mass: float
    everywhere: float
    chances: Array

    @property
    def restricted(self) -> NDArray[np.int64]:
        """The inputs that the box restricts."""
        return np.flatnonzero((self.low > 0.0) | (self.high < 1.0))

    def holds(self, ranks: Array) -> Cases:
        """Which draws, by ranks (inputs, draws), lie inside."""
        return np.asarray(((ranks >= self.low[:, None]) & (ranks <= self.high[:, None])).all(axis=0))

    @property
    def worth(self) -> float:
        """Coverage and density in one number, density counting twice as much: 1 for a box that holds all cases
        and nothing else (van Rijsbergen 1979, F with beta 1/2).
        """
        both = 0.25 * self.density + self.coverage
        return 1.25 * self.coverage * self.density / both if both > 0.0 else 0.0


def region(ranks: Array, cases: Cases, sure: float = SURE) -> Region:
    """The box that best separates `cases`, (draws,), with the fewest inputs; `ranks`: (inputs, draws).

    Peeling makes ever smaller boxes. The one of most worth is pasted, then restrictions that could be chance or that
    add almost nothing are dropped one by one. The box is found on the first half of the draws and measured on the
    second, so that its numbers are not flattered. (Halves, as every other point of a Sobol sequence
    lies in one half of an input's range.) If no restriction is left, or if chance puts as many cases of the second
    half in the box with a probability above `sure`, the box is that of all draws.
    """
    half = len(cases) // 2
    trained, tested = (ranks[:, :half], cases[:half]), (ranks[:, half:], cases[half:])
    best = max(peeled(*trained), key=lambda box: box.worth)
    box = simplified(pasted(best, *trained), *trained)
    if len(box.restricted):
        found = measured(box.low, box.high, *tested)
        size = round(found.mass * (len(cases) - half))
        if _chance(round(found.density * size), size, found.everywhere) <= sure:
            return found
    return measured(np.zeros(len(ranks)), np.ones(len(ranks)), ranks, cases)


def measured(low: Array, high: Array, ranks: Array, cases: Cases) -> Region:
    """A box with its coverage, density, mass and chances measured on some draws."""
    limited = np.flatnonzero((low > 0.0) | (high < 1.0))  # no draw lies outside in another input
    outside = (ranks[limited] < low[limited, None]) | (ranks[limited] > high[limited, None])
    misses = outside.sum(axis=0)
    inside = misses == 0
    held, size, total = int(cases[inside].sum()), int(inside.sum()), int(cases.sum())
    chances = np.ones(len(low))
    without = misses == outside
    sizes, shares = without.sum(axis=1), (without & cases).sum(axis=1)
    for number, among, share in zip(limited.tolist(), sizes.tolist(), shares.tolist(), strict=True):
        chances[number] = _chance(held, size, share / among if among else 0.0)
    coverage, density = held / total if total else 0.0, held / size if size else 0.0
    return Region(low, high, coverage, density, size / len(cases), total / len(cases), chances)


def _chance(held: int, size: int, share: float) -> float:
    """The probability that at least `held` of `size` draws are cases, if each is with probability `share`."""
    return float(bdtrc(held - 1, size, share)) if 0 < held <= size else 1.0


def peeled(ranks: Array, cases: Cases) -> list[Region]:
    """The boxes of a peeling, from the box of all draws to the smallest.

    Each peel removes the same share of draws from one side of one input, the side with the fewest cases.
    """
    draws = ranks.shape[1]
    low, high = np.zeros(len(ranks)), np.ones(len(ranks))
    boxes = [measured(low, high, ranks, cases)]
    order = np.argsort(ranks, axis=1, kind="stable")
    inside = np.ones(draws, dtype=bool)
    while 0 < cases[inside].sum() < (size := int(inside.sum())):
        take = max(1, int(PEEL * size))
        if size - take < LEAST * draws:
            break
        ordered = order[inside[order]].reshape(len(ranks), size)
        ends = np.stack([ordered[:, :take], ordered[:, -take:]])
        side, number = np.unravel_index(int(cases[ends].sum(axis=2).argmin()), ends.shape[:2])
        low, high = low.copy(), high.copy()
        if side == 0:
            low[number] = ranks[number, ordered[number, take]]
        else:
            high[number] = ranks[number, ordered[number, -take - 1]]
        inside[ends[side, number]] = False
        boxes.append(measured(low, high, ranks, cases))
    return boxes


def pasted(box: Region, ranks: Array, cases: Cases) -> Region:
    """A box widened one side of one input at a time, as long as its density does not fall."""
    while True:
        wider = [
            measured(low, high, ranks, cases)
            for number in box.restricted
            for low, high in _widened(box, int(number), ranks)
        ]
        best = max(wider, key=lambda other: (other.density, other.coverage), default=box)
        if best.density < box.density or best.coverage <= box.coverage:
            return box
        box = best


def _widened(box: Region, number: int, ranks: Array) -> list[tuple[Array, Array]]:
    """The limits of the box widened to the nearest draws below, and above, in one input."""
    low, high = box.low.copy(), box.high.copy()
    low[number], high[number] = 0.0, 1.0
    values = np.sort(ranks[number, replace(box, low=low, high=high).holds(ranks)])
    start, stop = np.searchsorted(values, box.low[number]), np.searchsorted(values, box.high[number], "right")
    take = max(1, int(PEEL * (stop - start)))
    limits = []
    if start > 0:
        wider = box.low.copy()
        wider[number] = values[start - take] if start > take else 0.0
        limits.append((wider, box.high))
    if stop < len(values):
        wider = box.high.copy()
        wider[number] = values[stop + take - 1] if stop + take < len(values) else 1.0
        limits.append((box.low, wider))
    return limits


def simplified(box: Region, ranks: Array, cases: Cases) -> Region:
    """A box without restrictions that could be chance or that add almost nothing, dropped weakest first."""
    while len(box.restricted):
        without = []
        for number in box.restricted:
            low, high = box.low.copy(), box.high.copy()
            low[number], high[number] = 0.0, 1.0
            without.append(measured(low, high, ranks, cases))
        best = max(range(len(without)), key=lambda place: without[place].worth)
        sure = box.chances[box.restricted[best]] * len(box.chances) <= SURE
        if sure and without[best].worth < (1.0 - WORTH) * box.worth:
            break
        box = without[best]
    return box
