"""What sets of levers change: endings, payoffs, and how often they help, draw by draw."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from offramp.common.numerals import NEGLIGIBLE, points
from offramp.crisis.model import Crisis
from offramp.crisis.names import levers_label
from offramp.runs import weighted
from offramp.runs.study_draws import Solved
from offramp.runs.weighted import Interval, interval_of
from offramp.study.accuracy import difference
from offramp.study.outlook.endings import BATCHES, mean_error

Array = NDArray[np.float64]

T95 = float(stdtrit(BATCHES - 1, 0.975))
"""Half of a 95 % interval in standard errors, for errors estimated from `BATCHES` batches."""
NOTICED = 1e-6
"""A relative change of a probability below this is within the solver's tolerance."""
LARGEST_RATE = 1e9
"""Largest change of a probability per unit of cost that is shown; a cost for which it is larger is next to nothing."""


def least_change(*levels: Array | float) -> Array:
    """The smallest change of a probability that counts: `NOTICED` of the largest, so that rare endings count too."""
    largest: Array = np.maximum.reduce(np.broadcast_arrays(*levels))
    return np.asarray(np.maximum(NEGLIGIBLE, NOTICED * largest))


def rate(change: float, cost: float) -> float | None:
    """A change per unit of cost; None if the cost is not positive, or so small that the rate exceeds `LARGEST_RATE`.

    Examples
    --------
    >>> rate(-0.5, 2.0), rate(-0.5, 0.0), rate(-0.5, -2.0), rate(-0.5, 1e-320)
    (-0.25, None, None, None)
    """
    each = change / cost if cost > 0.0 else np.nan
    return each if abs(each) <= LARGEST_RATE else None


@dataclass(frozen=True)
class Change:
    """What levers change in a quantity: its `mean` over the draws and that mean's 95 % interval, `low` to `high`.

    `p05`, `p95`: how the change itself varies over the draws.
    """

    mean: float
    low: float
    high: float
    p05: float
    p95: float

    @property
    def within(self) -> float:
        """Half of the mean's interval."""
        return (self.high - self.low) / 2.0

    @property
    def points(self) -> str:
        """The mean in percentage points, with as many digits as its error allows."""
        return points(self.mean, self.within)


@dataclass(frozen=True)
class LeverSet:
    """Levers pulled together; `cost` is None if the file gives no cost for one; `counted_cost` counts that as 0.

    `draws`: those that converged with the levers and without; all else is over these. `after`, `low`, `high`: for each
    ending its mean probability with the levers, and that mean's 95 % interval. `endings`, `actors`, `own_eyes`: what
    changes in probabilities, in payoffs and `measures` expected in the analyst's odds, and in payoffs of actors with
    odds of their own.
    `helps`: the share of draws in which the ending to avoid gets less likely. `regret`, `regret_p95`: how much likelier
    it is than under the best set of as many levers, chosen draw by draw: mean and 95 % quantile.
    """

    levers: tuple[str, ...]
    cost: float | None
    counted_cost: float
    draws: int
    after: Mapping[str, float]
    low: Mapping[str, float]
    high: Mapping[str, float]
    endings: Mapping[str, Change]
    actors: Mapping[str, Change]
    measures: Mapping[str, Change]
    own_eyes: Mapping[str, Change]
    helps: float
    regret: float
    regret_p95: float

    @property
    def label(self) -> str:
        """The levers in data, by their keys."""
        return levers_label(self.levers)

    def per_cost(self, change: float) -> float | None:
        """A change per unit of cost; None without a positive cost, and if the cost is next to nothing."""
        return rate(change, self.cost or 0.0)


def compared(
    crisis: Crisis,
    names: tuple[str, ...],
    base: Solved,
    solved: Mapping[tuple[str, ...], Solved],
    labels: Sequence[str],
    avoid: int,
) -> LeverSet:
    """What the levers `names` change, on the same draws as all other sets.

    `base`: the crisis solved without levers; `solved`: solved under each set; `labels`: the keys of the rows of their
    `endings`; `avoid`: the row to be made unlikely.
    """
    own, weight = solved[names], base.weight
    kept = base.converged & own.converged
    costs = [crisis.levers[name].cost for name in names]
    counted_cost = float(sum(cost or 0.0 for cost in costs))
    rivals = [other for others, other in solved.items() if len(others) == len(names)]
    if len(names) == 1:
        rivals.append(base)  # to pull no lever is a choice, too
    shared = np.logical_and.reduce([other.converged for other in rivals])
    regret = own.endings[avoid, shared] - np.min([other.endings[avoid, shared] for other in rivals], axis=0)
    after = _changes(labels, own.endings, kept, weight)
    helped = (own.endings - base.endings)[avoid, kept] < -least_change(base.endings[avoid, kept])
    actors = list(crisis.actors)
    payoffs, before = (by_actor(crisis, arm.terms) for arm in (own, base))
    believers = {actor for step in crisis.named.values() for actor in getattr(step, "believed_by", ())}
    return LeverSet(
        levers=names,
        cost=None if None in costs else counted_cost,
        counted_cost=counted_cost,
        draws=int(kept.sum()),
        after={name: level.mean for name, level in after.items()},
        low={name: level.low for name, level in after.items()},
        high={name: level.high for name, level in after.items()},
        endings=_changes(labels, difference(own.endings, base.endings), kept, weight),
        actors=_changes(actors, difference(payoffs, before), kept, weight),
        measures=_changes(
            [measure.key for measure in crisis.measures], difference(own.measures, base.measures), kept, weight
        ),
        own_eyes={
            actor: change
            for actor, change in _changes(actors, difference(own.own_eyes, base.own_eyes), kept, weight).items()
            if actor in believers
        },
        helps=mean_of(helped, None if weight is None else weight[kept]),
        regret=mean_of(regret, None if weight is None else weight[shared]),
        regret_p95=_spread_of(regret, None if weight is None else weight[shared]).p95,
    )


@dataclass(frozen=True)
class LevelsBefore:
    """The mean probability of each ending without a lever, over more draws than the levers are compared on.

    `within`: half of each mean's 95 % interval. `part`: the share of these draws on which the levers are compared.
    """

    means: Mapping[str, float]
    within: Mapping[str, float]
    part: float


def levels_before(
    labels: Sequence[str], rows: Array, kept: NDArray[np.bool_], weight: Array | None, used: int
) -> LevelsBefore:
    """The levels over all draws; `rows`: (endings, draws), `weight`: (draws,), `used`: the levers have the first ones.

    Only the draws `kept` count.
    """
    weights = np.ones(len(kept)) if weight is None else weight
    counting = np.where(kept, weights, 0.0)
    means = (mean_of(row[kept], None if weight is None else weights[kept]) for row in rows)
    within = (T95 * mean_error(row, kept, weight) for row in rows)
    part = float(counting[:used].sum() / counting.sum()) if counting.any() else 0.0
    return LevelsBefore(dict(zip(labels, means, strict=True)), dict(zip(labels, within, strict=True)), part)


def levelled(lever_set: LeverSet, before: LevelsBefore) -> LeverSet:
    """The same changes, added to the means before the levers, which are over more draws.

    The error of a sum holds both errors. As the draws of a change are among those of the level, the two covary by at
    most the product of their errors and the root of the share of shared draws; that much is assumed, on the safe side.
    """
    after, low, high = dict[str, float](), dict[str, float](), dict[str, float]()
    for name, change in lever_set.endings.items():
        own, level = change.within, before.within[name]
        within = float(np.sqrt(own**2 + level**2 + 2.0 * np.sqrt(before.part) * own * level))
        mean = before.means[name] + change.mean
        after[name], low[name], high[name] = (
            min(max(value, 0.0), 1.0) for value in (mean, mean - within, mean + within)
        )
    return replace(lever_set, after=after, low=low, high=high)


def _changes(names: Iterable[str], rows: Array, kept: NDArray[np.bool_], weight: Array | None) -> dict[str, Change]:
    return {name: change_of(row, kept, weight) for name, row in zip(names, rows, strict=True)}


def change_of(values: Array, kept: NDArray[np.bool_], weight: Array | None = None) -> Change:
    """Mean over the draws kept, its 95 % interval, and quantiles of values, (draws,); `weight`: the draws' weights."""
    if weight is not None:
        kept = kept & (weight > 0.0)
    spread = _spread_of(values[kept], None if weight is None else weight[kept])
    within = T95 * mean_error(values, kept, weight)
    return Change(spread.mean, spread.mean - within, spread.mean + within, spread.p05, spread.p95)


def _spread_of(values: Array, weight: Array | None) -> Interval:
    """Mean and quantiles of values, (draws,), weighted if there are weights; NaN of none."""
    weight = np.ones(len(values)) if weight is None else weight
    return interval_of(values * weight, weight) if weight.any() else Interval(np.nan, np.nan, np.nan, np.nan)


def mean_of(values: NDArray[Any], weight: Array | None = None) -> float:
    """The mean of values, (draws,), weighted if there are weights; NaN of none."""
    if not len(values) or (weight is not None and not weight.any()):
        return np.nan
    return float(values.mean()) if weight is None else weighted.mean_of(values * weight, weight)


def by_actor(crisis: Crisis, terms: Array) -> Array:
    """Each actor's expected payoff, (actors, draws), from its terms, (payoff terms, draws)."""
    place = list(crisis.actors)
    totals = np.zeros((len(place), terms.shape[1]))
    for term, row in zip(crisis.terms, terms, strict=True):
        totals[place.index(term.actor)] += row
    return totals


def own_stakes(crisis: Crisis, names: Iterable[str]) -> tuple[str, ...]:
    """The levers that set an input named by some payoff term."""
    paid = {name for term in crisis.terms for name in term.pays.names}
    return tuple(name for name in names if paid & set(crisis.levers[name].sets))
