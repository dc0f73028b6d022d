"""Results of the sensitivity analysis: the parts of a `Weights`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from offramp.common.numerals import quantity
from offramp.common.texts import tr
from offramp.common.words import listed
from offramp.runs.weighted import Interval
from offramp.study.sensitivity.tipping import Direction
from offramp.study.sensitivity.variance import Share

NO_SOURCE = "no source"
"""The source in data of inputs without a cite."""
CALLED = {NO_SOURCE: tr("no source")}
"""What readers call it."""


@dataclass(frozen=True)
class Weight:
    """An input's share of an ending's variance, and the ending's mean at the input's 10 % and 90 % quantile.

    `chance`: an upper bound of the probability that an input without effect seems to carry as much; not corrected for
    the number of inputs.
    """

    ending: str
    input: str
    first: Share
    total: Share
    direction: Direction
    at_low: float
    at_high: float
    chance: float

    @property
    def larger(self) -> float:
        """The larger share: for a correlated input either one may be larger."""
        return max(self.first.value, self.total.value)


@dataclass(frozen=True)
class Group:
    """The joint share of inputs that rest on the same passage or source; `low` to `high` is the range (5 % to 95 %)
    of the ending's mean given them; `chance`: as of a `Weight`.
    """

    ending: str
    rests_on: str
    inputs: tuple[str, ...]
    share: Share
    low: float
    high: float
    chance: float


@dataclass(frozen=True)
class Tipped:
    """The values of an input at which the likeliest ending changes: before, after, and the value with 95 % limits.

    `lead`: the smallest lead of the likeliest ending over another, `rival`, along the input; `at`: the value there.
    `other_low`, `other_high`: the share of draws in which another ending is likeliest, in the input's lowest and
    highest tenth.
    """

    input: str
    changes: tuple[tuple[str, str, Interval], ...]
    lead: float
    rival: str
    at: float
    other_low: float
    other_high: float


@dataclass(frozen=True)
class Dominance:
    """The box of inputs in which an ending is the likeliest or, unless `above` is None, likelier than `above`.

    `limits`: the lower and upper limit of each restricted input. `coverage`: the share of such draws that lie inside;
    `density`: their share of the draws inside; `mass`: the share of all draws inside; `everywhere`: their share of all
    draws. All four are of the half of the draws on which the box was not found, or of all if no input is restricted.
    """

    ending: str
    above: float | None
    limits: Mapping[str, tuple[float | None, float | None]]
    coverage: float
    density: float
    mass: float
    everywhere: float

    def where(self, names: Mapping[str, str]) -> str:
        """The box in words; `names` of the inputs."""
        return listed(_limit(names[key], *limit) for key, limit in self.limits.items())


def _limit(name: str, low: float | None, high: float | None) -> str:
    if low is None:
        return tr("{input} is below {value}", input=name, value=quantity(high or 0.0))
    if high is None:
        return tr("{input} is above {value}", input=name, value=quantity(low))
    return tr("{input} is between {low} and {high}", input=name, low=quantity(low), high=quantity(high))
