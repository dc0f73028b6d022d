"""Estimates of coefficients by maximum likelihood, with all maxima that were found."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from offramp.common.errors import OfframpError
from offramp.common.words import listed
from offramp.equilibrium.branch.traced import STATUSES, Status
from offramp.equilibrium.logit import solve_block
from offramp.equilibrium.structure import structure_of
from offramp.fitting.ascent import HIGHER, LEVEL, ROUNDING, Objective, Summit, climb, objective_of
from offramp.fitting.coordinates import scaled_axes
from offramp.fitting.identification import Identification, identification_of
from offramp.fitting.impossible_cases import impossible_cases, impossible_in_words
from offramp.fitting.likelihood import Likelihood
from offramp.fitting.priors import Penalty
from offramp.fitting.starts import plain_point, prior_medians, sampled, starting_points

Array = NDArray[np.float64]
CovarianceKind = Literal["observed", "sandwich", "clustered"]

STARTS = 8
BLAMED = 4
"""The number of places where each case is tried if no climb could begin."""
TRACED = 64
"""The number of cases whose branch of equilibria is followed at the estimates."""


@dataclass(frozen=True, eq=False)
class Optimum:
    """Where climbs ended: the same local maximum or, if not `converged`, the last place of one that had not ended.

    `log_likelihood`: plus the penalty, if there is one. `largest_gradient`: of it by the coordinates of the
    search, per case. `starts`: the names of the starts.
    """

    values: Array
    log_likelihood: float
    largest_gradient: float
    converged: bool
    starts: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Estimates:
    """The maximum of the log-likelihood of recorded cases, plus a penalty if there is one.

    `values`: (parameters,); `log_likelihood`: without the penalty; `hessian`: (parameters, parameters), with it;
    `score`: (cases, parameters), of the log-likelihood of each case. `optima`: where the climbs ended: the maxima, the
    best first, then what is higher or else the highest of those that did not converge; `given_up`: the other starts.
    `statuses`: how many of a sample of cases have each status of `trace`; empty if there is only one equilibrium.
    `unsettled`: the number of cases whose equilibrium or derivatives did not converge at the estimates.
    """

    likelihood: Likelihood
    values: Array
    log_likelihood: float
    hessian: Array
    score: Array
    optima: tuple[Optimum, ...]
    given_up: tuple[str, ...]
    identification: Identification
    penalty: Penalty | None
    statuses: Mapping[Status, int]
    unsettled: int

    @property
    def converged(self) -> bool:
        """Whether the estimates are a local maximum."""
        return self.optima[0].converged

    @property
    def higher(self) -> tuple[Optimum, ...]:
        """Climbs that passed the estimates, but did not end at a maximum."""
        best = self.optima[0].log_likelihood
        return tuple(one for one in self.optima[1:] if one.log_likelihood > best + HIGHER)

    @property
    def total(self) -> float:
        """The number of observations."""
        return float(self.likelihood.cases.weight.sum())

    @property
    def aic(self) -> float:
        """Akaike's information criterion."""
        return 2.0 * len(self.values) - 2.0 * self.log_likelihood

    @property
    def bic(self) -> float:
        """Schwarz's information criterion."""
        return math.log(self.total) * len(self.values) - 2.0 * self.log_likelihood

    def covariance(self, kind: CovarianceKind = "observed") -> Array:
        """The covariance of the estimates, (parameters, parameters), NaN for coefficients that have none.

        `observed`: the inverse of minus the second derivatives. `sandwich`: robust to a wrong model (Huber 1967;
        White 1982). `clustered`: the same with the scores of a cluster added up, times G / (G - 1) for G clusters.
        A coefficient has no covariance if it is at a bound, takes part in a combination that is not identified, or
        grows without end.

        Raises
        ------
        OfframpError
            If it is to be clustered, but the cases have no clusters, or one.
        """
        bread = self._inverse
        if kind == "observed":
            return bread
        cases = self.likelihood.cases
        if kind == "sandwich":
            middle = np.einsum("c,cp,cq->pq", cases.weight, self.score, self.score)
        elif cases.cluster is None:
            raise OfframpError("the cases have no clusters: name their column in `cases: cluster`")
        elif cases.clusters == 1:
            raise OfframpError("all cases are in one cluster, so their scores say nothing of the errors")
        else:
            sums = np.zeros((len(cases.cluster_names), len(self.values)))
            np.add.at(sums, cases.cluster, cases.entry_weight[:, None] * self.score[cases.entry_case])
            middle = np.einsum("gp,gq->pq", sums, sums) * (cases.clusters / (cases.clusters - 1.0))
        known = np.isfinite(np.diag(bread))
        result = np.full_like(bread, np.nan)
        inner = bread[np.ix_(known, known)]
        result[np.ix_(known, known)] = inner @ middle[np.ix_(known, known)] @ inner
        return result

    def standard_errors(self, kind: CovarianceKind = "observed") -> Array:
        """Standard errors, (parameters,); NaN for coefficients that have none."""
        with np.errstate(invalid="ignore"):
            return np.asarray(np.sqrt(np.diag(self.covariance(kind))))

    @cached_property
    def _inverse(self) -> Array:
        """The inverse of minus the second derivatives, NaN for coefficients without."""
        parameters = self.likelihood.parameters
        inside = np.array([name not in self.identification.at_bound for name in parameters], dtype=bool)
        eigenvalues, axes = scaled_axes(-self.hessian, inside)
        unknown = {name for one in self.identification.flat for name in one}
        unknown |= set(self.identification.growing)
        keep = eigenvalues > LEVEL
        part = (axes[:, keep] / eigenvalues[keep]) @ axes[:, keep].T
        result = np.full_like(self.hessian, np.nan)
        result[np.ix_(inside, inside)] = part
        for place, name in enumerate(parameters):
            if name in unknown:
                result[place, :] = result[:, place] = np.nan
        return result


def estimates_of(
    likelihood: Likelihood,
    *,
    penalty: Penalty | None = None,
    starts: int = STARTS,
    seed: int = 1,
    progress: Callable[[str], None] | None = None,
) -> Estimates:
    """Maximise the log-likelihood from several starts.

    Climbs begin on a sample of the cases if there are many; the maxima are those of all cases.

    Parameters
    ----------
    likelihood
        The game and its recorded cases.
    penalty
        What is added to the log-likelihood.
    starts
        The number of random starts, besides the one stage by stage.
    seed
        Of the random starts and of the samples of cases.
    progress
        Called with the name of each start when its climb has ended.

    Raises
    ------
    OfframpError
        If there is nothing to estimate, or the cases are impossible wherever a climb begins.
    """
    if not likelihood.parameters:
        raise OfframpError("nothing is to be estimated: no input has `estimate: yes` or `linear`")
    objective = objective_of(likelihood, penalty)
    _check_dependence(objective)
    sample = sampled(likelihood, seed)
    rough = objective if sample is None else replace(objective, likelihood=sample)
    ends: dict[str, Summit] = {}
    for name, point in starting_points(rough, starts, seed):
        ends[name] = climb(rough, point, _distinct(ends.values()))
        if progress is not None:
            progress(name)
    if sample is not None:
        ends = _on_all_cases(objective, ends)
    return _estimates(objective, _merged(ends), seed)


def _check_dependence(objective: Objective) -> None:
    """Refuse cases whose records depend on no coefficient, near the medians of the priors and a little away."""
    plain = plain_point(objective)
    places = [objective.at(plain + away) for away in (0.0, 0.1)]
    total = float(objective.likelihood.cases.weight.sum())
    if all(np.isfinite(place.value) and np.diag(place.product).max() < ROUNDING**2 * total for place in places):
        names = listed(objective.likelihood.parameters, 4)
        raise OfframpError(
            f"no record depends on {names}: each is as likely at every value, so the cases say nothing of what is to "
            "be estimated. See that `cases` records choices, and that payoffs, rationalities or odds name coefficients"
        )


def _merged(ends: Mapping[str, Summit]) -> dict[str, Summit]:
    """The ends of climbs, each maximum once: the highest of those between which the objective is level."""
    kept: list[Summit] = []
    first: dict[Summit, Summit] = {}
    for summit in _distinct(ends.values()):
        first[summit] = next((one for one in kept if one.is_same_as(summit)), summit)
        if first[summit] is summit:
            kept.append(summit)
    return {name: first[end] for name, end in ends.items()}


def _distinct(summits: Iterable[Summit]) -> list[Summit]:
    """Summits without repetitions: maxima before others, the highest first."""
    return sorted(dict.fromkeys(summits), key=lambda summit: (not summit.converged, -summit.place.value))


def _on_all_cases(objective: Objective, ends: Mapping[str, Summit]) -> dict[str, Summit]:
    """The ends of climbs that go on from those on a sample of the cases.

    A climb that did not converge on the sample goes on only if it is higher than all maxima, or there are none.
    """
    went_on: dict[Summit, Summit] = {}
    for rough in _distinct(ends.values()):
        known = _distinct(went_on.values())
        best = max((summit.place.value for summit in known if summit.converged), default=-np.inf)
        place = objective.at(rough.place.point)
        if rough.converged or place.value > best + HIGHER:
            went_on[rough] = climb(objective, rough.place.point, known)
        else:
            went_on[rough] = replace(rough, place=place)
    return {name: went_on[rough] for name, rough in ends.items()}


def _estimates(objective: Objective, ends: Mapping[str, Summit], seed: int) -> Estimates:
    likelihood = objective.likelihood
    best, *others = _distinct(ends.values())
    if not np.isfinite(best.place.value):
        raise OfframpError(_impossible(objective, ends.values()))
    higher = [one for one in others if not one.converged and one.place.value > best.place.value + HIGHER]
    listed = [best, *(one for one in others if one.converged), *higher]
    found = likelihood.at(best.values)
    return Estimates(
        likelihood=likelihood,
        values=best.values,
        log_likelihood=float(np.einsum("c,c->", likelihood.cases.weight, found.log_probability)),
        hessian=best.hessian,
        score=found.score,
        optima=tuple(
            Optimum(
                values=one.values,
                log_likelihood=one.place.value,
                largest_gradient=one.largest_gradient,
                converged=one.converged,
                starts=tuple(name for name, end in ends.items() if end is one),
            )
            for one in listed
        ),
        given_up=tuple(name for name, end in ends.items() if end not in listed),
        identification=identification_of(objective, best, higher[0] if higher else best),
        penalty=objective.penalty,
        statuses=_traced(likelihood, best.values, seed),
        unsettled=int(np.sum(~found.settled)),
    )


def _impossible(objective: Objective, ends: Iterable[Summit]) -> str:
    """Why no climb could begin, with the cases that are impossible at the medians of the priors and wherever else."""
    likelihood = objective.likelihood
    points = [prior_medians(likelihood), *(end.values for end in ends)][:BLAMED]
    faulty = impossible_cases(likelihood, [values for values in points if np.isfinite(values).all()])
    what = "are impossible, or the numbers of the crisis cannot be computed,"
    remedy = "correct the priors (`is` of each coefficient), the timeline or the table"
    if faulty.any():
        rows = impossible_in_words(likelihood.cases, faulty)
        return f"some cases {what} at the medians of the priors and wherever else the search began: {rows}\n{remedy}"
    return f"the recorded cases {what} wherever the search began: {remedy}"


def _traced(likelihood: Likelihood, values: Array, seed: int) -> dict[Status, int]:
    """How many of a sample of cases have each status, with their branches of equilibria followed."""
    if structure_of(likelihood.game).perfect_information:
        return {}
    cases = likelihood.cases
    count = len(cases.record)
    chosen = np.random.default_rng([seed, 2]).permutation(count) < TRACED
    some = replace(likelihood, cases=cases.only(chosen[cases.entry_case]))
    count = int(chosen.sum())
    solution = solve_block(some.block_of_cases(values, 0, count), np.ones(count, dtype=bool), again=False)
    return {status: int(np.sum(solution.status == place)) for place, status in enumerate(STATUSES)}
