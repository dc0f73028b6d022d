"""How often options and endings came out in plays of a model, with exact intervals, beside the equilibrium."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from scipy.special import betaincinv

from offramp.common.numerals import percent, span
from offramp.common.texts import tr
from offramp.play.played_again import SeatVisit


@dataclass(frozen=True)
class Frequency:
    """How often something came out in plays of a model: `count` times of `total`.

    `expected`: the equilibrium's mean probability over the same histories and draws.
    """

    count: int
    total: int
    expected: float

    @property
    def share(self) -> float:
        return self.count / self.total if self.total else float("nan")

    @cached_property
    def interval(self) -> tuple[float, float]:
        return exact_interval(self.count, self.total)

    @property
    def is_apart(self) -> bool:
        """Whether the equilibrium's probability lies outside the interval."""
        low, high = self.interval
        return not low <= self.expected <= high

    @property
    def gap(self) -> float:
        """How far the equilibrium's probability is from the share; 0 if there is no share."""
        return abs(self.share - self.expected) if self.total else 0.0

    @property
    def rank(self) -> tuple[bool, float]:
        """Sorts what differs from the equilibrium first, by how much."""
        return not self.is_apart, -self.gap

    @property
    def told(self) -> str:
        """The share with its interval, in words."""
        return tr("{share} (95% interval {interval})", share=percent(self.share), interval=span(*self.interval))

    @property
    def beside(self) -> str:
        """The equilibrium's probability, as a clause."""
        share = percent(self.expected)
        if self.is_apart:
            return tr("the equilibrium's {share} is outside the interval", share=share)
        return tr("the equilibrium's {share} is within the interval", share=share)

    @property
    def cells(self) -> tuple[int, float, float, float, float]:
        """Its values in the order of `_FREQUENCY`."""
        return self.count, self.share, *self.interval, self.expected


def exact_interval(count: int, total: int, level: float = 0.95) -> tuple[float, float]:
    """The exact interval of a probability of which `count` of `total` trials came out (Clopper and Pearson 1934).

    Examples
    --------
    >>> [round(end, 4) for end in exact_interval(2, 10)], exact_interval(0, 0)
    ([0.0252, 0.5561], (0.0, 1.0))
    """
    tail = (1.0 - level) / 2.0
    low = float(betaincinv(count, total - count + 1, tail)) if count else 0.0
    high = float(betaincinv(count + 1, total - count, 1.0 - tail)) if count < total else 1.0
    return low, high


def frequencies(visits: Sequence[SeatVisit]) -> dict[str, Frequency]:
    """How often each option was chosen at some moves that have a valid answer, beside the equilibrium's mean there."""
    valid = [visit for visit in visits if visit.made.option is not None]
    options = dict.fromkeys(option for visit in visits for option in visit.shares)
    chosen = Counter(visit.made.option for visit in valid)
    return {
        option: Frequency(
            chosen[option],
            len(valid),
            sum(visit.shares.get(option, 0.0) for visit in valid) / len(valid) if valid else float("nan"),
        )
        for option in options
    }
