"""Sensitivity analysis: what each uncertain input does to each ending, from a run's own draws."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from offramp.common.errors import UsageError
from offramp.crisis.model import Crisis
from offramp.gambit.opening import Playable
from offramp.runs.result import Run
from offramp.runs.run import run_of
from offramp.runs.weighted import Interval
from offramp.study.basis import moment
from offramp.study.compared_solutions import compared_solutions
from offramp.study.kept_findings import kept_finding
from offramp.study.scenarios import drawn_inputs
from offramp.study.sensitivity.given_inputs import HIGH, LOW, STILL, View, WeighedDraws, weighed_draws
from offramp.study.sensitivity.region import region
from offramp.study.sensitivity.results import NO_SOURCE, Dominance, Group, Tipped, Weight
from offramp.study.sensitivity.tipping import direction, tipping
from offramp.study.sensitivity.variance import Share, totals
from offramp.study.sensitivity.weights_finding import LIGHT, Weights

__all__ = ["Weights", "before_levers", "resting", "weigh"]

Array = NDArray[np.float64]

FLOOR = 64
"""Minimum number of converged draws."""
MOST = 16_384
"""Maximum number of draws used, the first ones: beyond it, what the terms miss outweighs sampling error."""
SURE = 0.05
"""A share is told if the probability that some input without effect seems to carry as much is up to this, over all
inputs and endings together."""
RARE = 0.02
"""If an ending is likeliest in a share of draws below this, or above 1 less this, its highest tenth is used instead."""


def weigh(run: Playable, ending: str | None = None, *, measure: str | None = None) -> Weights:
    """What each uncertain input, source and cited passage does to each ending, or to a measure.

    Nothing is solved: everything is estimated from the run's draws that converged, in a large run from its first draws
    alone (`MOST`); the endings' probabilities are those over all. Inputs are as they were before the pulled levers
    changed them; one that a lever replaces carries nothing, and is left out. Of a run as of now, draws are taken by
    weight, as many as they are worth (`weighted_draws`), and everything is about the inputs given what is known.

    Parameters
    ----------
    run
        The solved draws.
    ending
        Weigh only this ending; by default all.
    measure
        Weigh the expected amount of this measure, in place of the endings.

    Returns
    -------
    A `Weights`: of each ending's variance the shares of inputs and of what they rest on, the direction of each, the
    values at which the likeliest ending changes, and the region of inputs in which an ending dominates.

    Raises
    ------
    UsageError
        If the ending or measure is unknown, or both are given; if fewer than 64 draws converged, or too few explain
        what is known.

    References
    ----------
    Kucherenko, Tarantola & Annoni 2012, Computer Physics Communications 183, 937-946 (shares, inputs correlated);
    Sudret 2008, Reliability Engineering & System Safety 93, 964-979 (from polynomials); Friedman & Fisher 1999,
    Statistics and Computing 9, 123-143 (regions).
    """
    solved = run_of(run)
    asked = {"ending": ending, "measure": measure}
    return kept_finding(solved, "weigh", Weights, lambda: _weigh(solved, ending, measure), asked)


def _weigh(run: Run, ending: str | None, measure: str | None) -> Weights:
    """As `weigh`; nothing is kept yet."""
    crisis, used = run.crisis, min(run.draws, MOST)
    kept = run.converged[:used]
    if ending is not None and measure is not None:
        raise UsageError("an ending or a measure is weighed: leave out one of them")
    if ending is not None:
        crisis.ending_index(ending)
    names, levels = [part.key for part in crisis.endings], run.endings[:, :used]
    if measure is not None:
        names, levels = [measure], np.asarray(run.measures[crisis.measure_index(measure)])[None, :used]
    uncertain = crisis.effective_inputs
    solved = int(kept.sum())
    if uncertain and solved < FLOOR:
        few = f"only {solved:,} of {used:,} draws converged" if solved < used else f"the run has only {used:,} draws"
        raise UsageError(
            f"{few}; to weigh the assumptions takes at least {FLOOR}, better 2,048: run it with more draws"
        )
    chosen = [name for name in names if ending in (None, name)]
    weights = None if run.weights is None else run.weights[:used]
    draws = weighed_draws(crisis, uncertain, before_levers(run, used), levels, kept, weights)
    solved = draws.levels.shape[1]
    views = {
        name: View(name, row, draws)
        for name, row in zip(names, draws.levels, strict=True)
        if uncertain and row.std() > STILL * max(1.0, np.abs(row).max())
    }
    varying = [views[name] for name in chosen if name in views]
    intervals = run.ending_intervals if measure is None else run.measure_intervals
    weights_found = [weight for view in varying for weight in _weights(view)]
    groups_found = [group for view in varying for group in _groups(view)]
    means = {view.ending: float(view.y.mean()) for view in varying}
    sure = SURE / max(len(weights_found), 1), SURE / max(len({(g.ending, g.inputs) for g in groups_found}), 1)
    return Weights(
        crisis=crisis,
        draws=run.draws,
        converged=int(run.converged.sum()),
        weighed=solved,
        endings={name: intervals[name] for name in chosen},
        variances={view.ending: float(view.y.var()) for view in varying},
        missed={view.ending: view.whole.missed for view in varying},
        weights=tuple(_told_weight(one, means[one.ending], sure[0]) for one in weights_found),
        groups=tuple(_told_group(one, means[one.ending], sure[1]) for one in groups_found),
        untold=any(one.chance > sure[0] and one.larger >= LIGHT for one in weights_found),
        tipped=_tipped(draws, views) if views and len(names) > 1 else (),
        likeliest=names[int(draws.levels.mean(axis=1).argmax())] if solved else "",
        dominance=() if measure is not None else tuple(_dominance(draws, view.ending) for view in varying),
        moment=moment(crisis),
        by_weight=draws.values is not None,
        measure=None if measure is None else crisis.measures[crisis.measure_index(measure)],
        followed=compared_solutions([run.status[:used]]),
    )


def before_levers(run: Run, draws: int) -> Mapping[str, Array]:
    """The inputs of the first draws, (draws,) each, as they were before the pulled levers changed them."""
    if not run.crisis.pulled:
        return run.first_inputs(draws)
    return drawn_inputs(replace(run.crisis, pulled=()), draws, run.seed)


def _weights(view: View) -> list[Weight]:
    """An ending's weights by input, heaviest first."""
    draws = view.draws
    weights = []
    for name, total in zip(draws.uncertain, totals(draws.ranks, draws.correlation, view.y, view.whole), strict=True):
        curve, first = view.given([name])
        at = view.at_deciles(curve)
        number = draws.uncertain.index(name)
        of_all = view.whole.chances[(view.whole.inputs == number).any(axis=0)]
        chance = min(curve.chance, float(of_all.min(initial=1.0)))
        weights.append(Weight(view.ending, name, first, total, direction(curve), *at, chance))
    return sorted(weights, key=lambda weight: -weight.larger)


def _groups(view: View) -> list[Group]:
    """An ending's weights by what the inputs rest on, heaviest first, inputs without a source last."""
    resting_on = resting(view.draws.crisis, view.draws.uncertain)
    carried = {members: _together(view, members) for members in {tuple(names) for names in resting_on.values()}}
    groups = [Group(view.ending, key, tuple(names), *carried[tuple(names)]) for key, names in resting_on.items()]
    return sorted(groups, key=lambda group: (group.rests_on == NO_SOURCE, -group.share.value))


def _told_weight(weight: Weight, mean: float, sure: float) -> Weight:
    """The weight, or none if it could be chance: shares of 0 with the same upper ends."""
    if weight.chance <= sure:
        return weight
    first, total = _nothing(weight.first), _nothing(weight.total)
    return replace(weight, first=first, total=total, direction="no trend", at_low=mean, at_high=mean)


def _told_group(group: Group, mean: float, sure: float) -> Group:
    """The group, or one that carries nothing if what it carries could be chance."""
    return group if group.chance <= sure else replace(group, share=_nothing(group.share), low=mean, high=mean)


def _nothing(share: Share) -> Share:
    return Share(0.0, 0.0, share.high)


def _together(view: View, members: tuple[str, ...]) -> tuple[Share, float, float, float]:
    """The joint share of some inputs, the range of the ending's mean given them, and the chance of that."""
    curve, share = view.given(members, missed=view.whole.missed if len(members) > 1 else 0.0)
    low, high = map(float, view.possible(np.quantile(curve.fitted, [0.05, 0.95])))
    return share, low, high, curve.chance


def resting(crisis: Crisis, names: Iterable[str]) -> dict[str, list[str]]:
    """Inputs by what they rest on: each cited passage, each source cited in several places, or no source."""
    sources = {cite.text: cite.source for cite in crisis.cites}
    passages: dict[str, list[str]] = {}
    whole: dict[str, list[str]] = {}
    none: list[str] = []
    for name in names:
        cites = crisis.inputs[name].reason.cites
        if not cites:
            none.append(name)
        for cite in cites:
            passages.setdefault(cite, []).append(name)
        for source in dict.fromkeys(sources.get(cite, cite) for cite in cites):
            whole.setdefault(source, []).append(name)
    several = {key: members for key, members in whole.items() if members not in passages.values()}
    return several | passages | ({NO_SOURCE: none} if none else {})


def _tipped(draws: WeighedDraws, views: Mapping[str, View]) -> tuple[Tipped, ...]:
    """For each input, where along it the likeliest ending changes; inputs nearest to a change first."""
    names = [part.key for part in draws.crisis.endings]
    sure = SURE / max(len(draws.uncertain) * (len(names) - 1), 1)
    other = draws.levels.argmax(axis=0) != int(draws.levels.mean(axis=1).argmax())
    tipped = []
    for name, ranks in zip(draws.uncertain, draws.ranks, strict=True):
        news = [views[n].news([name]) if n in views else row for n, row in zip(names, draws.levels, strict=True)]
        along = tipping(ranks, np.array(news), sure)
        changes = tuple(
            (
                names[tip.before],
                names[tip.after],
                Interval(np.nan, *(draws.value(name, rank) for rank in (tip.low, tip.rank, tip.high))),
            )
            for tip in along.tips
        )
        lowest, highest = other[ranks <= LOW], other[ranks >= HIGH]
        tipped.append(
            Tipped(
                input=name,
                changes=changes,
                lead=along.lead,
                rival=names[along.rival],
                at=draws.value(name, along.rank),
                other_low=float(lowest.mean()) if len(lowest) else np.nan,
                other_high=float(highest.mean()) if len(highest) else np.nan,
            )
        )
    return tuple(sorted(tipped, key=lambda entry: entry.lead))


def _dominance(draws: WeighedDraws, ending: str) -> Dominance:
    """The region in which an ending is the likeliest or, if that is nearly all or none, in its highest tenth."""
    number = [part.key for part in draws.crisis.endings].index(ending)
    cases = draws.levels.argmax(axis=0) == number
    above = None
    if not RARE <= cases.mean() <= 1.0 - RARE:
        above = float(np.quantile(draws.levels[number], 0.9))
        cases = draws.levels[number] > above
    box = region(draws.ranks, cases, SURE / len(draws.levels))
    limits = {}
    for index in box.restricted:
        name = draws.uncertain[index]
        low = draws.value(name, box.low[index]) if box.low[index] > 0.0 else None
        high = draws.value(name, box.high[index]) if box.high[index] < 1.0 else None
        limits[name] = (low, high)
    return Dominance(ending, above, limits, box.coverage, box.density, box.mass, box.everywhere)
