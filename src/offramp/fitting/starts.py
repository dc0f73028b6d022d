"""Where climbs of a likelihood begin: stage by stage from the last move backward, and at random.

A log-likelihood of strategic choices can have several maxima. The last movers' choice, given that they were asked,
depends on their own numbers only, so these come first; then the numbers of those who moved before them, and so on, as
in the statistical backwards induction of Bas, Signorino & Walker (2008, *Political Analysis* 16).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from offramp.fitting.ascent import Objective, ascend
from offramp.fitting.likelihood import Evaluated, Likelihood
from offramp.game.agreement import Open, on_open_plays
from offramp.game.edges import edges_of

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]

STAGE_BY_STAGE = "stage by stage"
"""The name of the start that the moves of the game give."""
SAMPLE = 250
"""Climbs begin on at most this many cases of each record."""
WORTH = 0.5
"""A sample is used if it is smaller than this part of the cases."""
RIDGE = 0.01
"""In a stage a point has a normal prior with this precision, so that it stays finite."""
STAGE_STEPS = 40
NEAREST = 0.01
"""A random start where the cases are impossible moves nearer to the medians, down to this distance."""
ROUNDING = 1e-9
"""Scores that are smaller than this part of the largest are rounding errors."""


def sampled(likelihood: Likelihood, seed: int) -> Likelihood | None:
    """The likelihood of a sample of the cases, of every record as many; None if it would not save much.

    The weights of a record stay in sum, so that the maxima are near those of all cases.
    """
    cases = likelihood.cases
    random = np.random.default_rng([seed, 0])
    weight = np.zeros(len(cases.record))
    for record in range(len(cases.records)):
        of_record = np.flatnonzero(cases.record == record)
        chosen = random.choice(of_record, min(SAMPLE, len(of_record)), replace=False)
        weight[chosen] = cases.weight[of_record].sum() / max(1.0, cases.weight[chosen].sum())
    if np.count_nonzero(weight) > WORTH * len(cases.record):
        return None
    return replace(likelihood, cases=cases.weighted(cases.entry_weight * weight[cases.entry_case]))


def starting_points(objective: Objective, count: int, seed: int) -> Iterator[tuple[str, Array]]:
    """The points where climbs begin, with their names: one stage by stage, and some at random.

    Random points lie around the medians of the priors. They move each linear sum by about 1, whatever the units of its
    columns are.
    """
    plain = plain_point(objective)
    yield STAGE_BY_STAGE, stage_by_stage(objective, plain)
    random = np.random.default_rng([seed, 1])
    for number in range(1, count + 1):
        away = random.standard_normal(len(plain))
        # far from the medians a record can be so unlikely that its probability is 0 in floating point
        while not np.isfinite(objective.at(plain + away).value) and np.abs(away).max() > NEAREST:
            away *= 0.5
        yield f"random {number}", plain + away


def plain_point(objective: Objective) -> Array:
    """The medians of the priors, as a point."""
    return objective.coordinates.point(prior_medians(objective.likelihood))


def prior_medians(likelihood: Likelihood) -> Array:
    """The medians of the priors, (parameters,)."""
    inputs = likelihood.game.crisis.inputs
    medians = [inputs[name].distribution.quantile(np.array(0.5)) for name in likelihood.parameters]
    return np.array(medians, dtype=np.float64)


def stage_by_stage(objective: Objective, plain: Array) -> Array:
    """A point from the stages of the game; the plain one, if the game has only one stage."""
    stages = list(stages_of(objective.likelihood))
    if len(stages) < 2:
        return plain
    point, held = plain, np.zeros(len(plain), dtype=bool)
    for stage in stages:
        moved = replace(objective, likelihood=stage, penalty=None, ridge=RIDGE)
        # away from the medians, where scores of coefficients that matter can be 0
        matters = _matter(stage, objective.coordinates.values(point + 0.1))
        free = matters & ~held
        if free.any():
            point = ascend(replace(moved, held=~free), point, steps=STAGE_STEPS).last.point
            held = held | free
    return point


def _matter(likelihood: Likelihood, values: Array) -> Flags:
    """Whether each coefficient changes the likelihood; those of one sum do so together."""
    score = np.abs(likelihood.at(values).score)
    matters = score.max(axis=0) > ROUNDING * score.max(initial=0.0)
    for places, _ in likelihood.sums.values():
        matters[places] = matters[places].any()
    return np.asarray(matters)


def stages_of(likelihood: Likelihood) -> Iterator[Likelihood]:
    """The likelihoods of what each step records, given what the steps before it record; the last step first."""
    game, recorded = likelihood.game, likelihood.cases
    layer = edges_of(game).layer
    for stage in range(int(layer.max(initial=-1)), -1, -1):
        up_to = [on_open_plays(game, record | (layer > stage)) for record in recorded.records]
        before = [on_open_plays(game, record | (layer >= stage)) for record in recorded.records]
        tells = np.array([not np.array_equal(*both) for both in zip(up_to, before, strict=True)])
        some = recorded.only(tells[recorded.record][recorded.entry_case])
        if len(some.record):
            cases = replace(some, records=tuple(up_to))
            known = not all(record.all() for record in before)
            yield Stage(game, cases, tuple(before)) if known else Likelihood(game, cases)


@dataclass(frozen=True, eq=False)
class Stage(Likelihood):
    """The likelihood of records given what is known `before` them: the edges that each leaves open."""

    before: tuple[Open, ...] = ()

    def at(self, values: Array) -> Evaluated:
        """Evaluate the conditional probabilities, as `Likelihood.at`."""
        found, given = super().at(values), self._given.at(values)
        with np.errstate(invalid="ignore"):
            conditional = found.log_probability - given.log_probability
        return Evaluated(conditional, found.score - given.score, found.settled & given.settled)

    def scores(self, points: Array, moved: Mapping[str, Array]) -> Array:
        """The scores of the conditional probabilities, as `Likelihood.scores`."""
        return super().scores(points, moved) - self._given.scores(points, moved)

    @cached_property
    def _given(self) -> Likelihood:
        return Likelihood(self.game, replace(self.cases, records=self.before))
