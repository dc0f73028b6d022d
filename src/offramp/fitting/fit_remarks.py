"""What is doubtful about a fit, worded for a political scientist, with what to do about it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from offramp.common.numerals import amount, quantity
from offramp.common.words import listed
from offramp.fitting.ascent import SLOPE
from offramp.fitting.bootstrap import Bootstrap
from offramp.fitting.cases import Cases
from offramp.fitting.estimation import Estimates
from offramp.fitting.fit_wording import height_name
from offramp.fitting.identification import Identification
from offramp.study.forecasting.forecasts import number_of

REMEDY = "fit with --prior (the priors of the file), --cauchy or --log-f"
FEW_CLUSTERS = 30
"""Standard errors by cluster are doubtful with fewer; rules in use lie between 20 and 50 (Cameron & Miller 2015)."""
CLOSE = 2.0
"""Two maxima whose log-likelihoods differ by less are hardly told apart by the cases."""
SETTLED = ("principal", "not traced")
"""The statuses of an equilibrium that need no remark."""


def remarks_of(estimates: Estimates) -> Iterator[str]:
    """What is doubtful about the maximum, and what the cases do not identify; the most serious first."""
    yield from _maximum(estimates)
    yield from _identified(estimates.identification)
    yield from _several(estimates)
    yield from _equilibria(estimates)


def _maximum(estimates: Estimates) -> Iterator[str]:
    """Whether the search ended at a finite maximum."""
    found = estimates.identification
    endless = found.growing
    if endless:
        why = f" The cases are separated: {listed(found.separating, 4)}." if found.separating else ""
        grow, they = ("grows", "it goes") if len(endless) == 1 else ("grow", "they go")
        yield (
            f"There is no finite maximum: {listed(endless, 8)} {grow} without end, and the fit gets better the further "
            f"{they}.{why} Do not report these estimates: leave out the column, or {REMEDY}."
        )
    elif not estimates.converged:
        gradient = estimates.optima[0].largest_gradient
        where = f"largest gradient {quantity(gradient, 2)} per case" if gradient > SLOPE else "a saddle"
        yield (
            f"The search stopped short of a maximum ({where}). Do not report these estimates: ask for more --starts, "
            f"or {REMEDY}."
        )
    for one in estimates.higher:
        more = quantity(one.log_likelihood - estimates.optima[0].log_likelihood, 2)
        yield (
            f"The climb from {listed(one.starts, 3)} went {more} higher than the estimates without coming to a "
            f"maximum, so there may be a better one, or none that is finite: ask for more --starts, or {REMEDY}."
        )


def _identified(found: Identification) -> Iterator[str]:
    """Which coefficients the cases say nothing of, or very little, and which are at a bound."""
    for direction in found.flat:
        if len(direction) == 1:
            yield f"The cases say nothing of {next(iter(direction))}: every value fits as well. Drop it, or {REMEDY}."
        else:
            yield (
                f"The cases do not tell {listed(direction, 8)} apart: {_together(direction)}, and the fit stays the "
                f"same. Make one of them a number, or {REMEDY}."
            )
    for direction in found.weak:
        yield (
            f"The cases say very little of {listed(direction, 8)}: {_together(direction)}, and the fit hardly changes. "
            "Read their standard errors with care."
        )
    for name in found.at_bound:
        yield f"{name} lies at a bound of its prior, so it has no standard error: see whether the bound is meant."


def _together(direction: Mapping[str, float]) -> str:
    """A direction in words: `move a by 1 and b by −0.5`."""
    moves = [f"{name} by {quantity(weight, 2)}" for name, weight in direction.items()]
    return f"move {listed(moves, 8)}"


def _several(estimates: Estimates) -> Iterator[str]:
    """Which maxima the starts reached, if they disagree."""
    best, *others = [one for one in estimates.optima if one.converged] or [estimates.optima[0]]
    if others:
        below = best.log_likelihood - others[0].log_likelihood
        close = " The cases hardly tell the two apart." if below < CLOSE else ""
        yield (
            f"The starts reached {len(others) + 1} maxima. The estimates are the best, with a {height_name(estimates)} "
            f"of {amount(best.log_likelihood)}, reached from {listed(best.starts, 4)}; the next is {quantity(below)} "
            f"lower, reached from {listed(others[0].starts, 4)}.{close} Compare their coefficients in the table, and "
            "ask for more --starts if you doubt that there is no better one."
        )


def _equilibria(estimates: Estimates) -> Iterator[str]:
    """Cases whose equilibrium did not settle, or is not the principal one."""
    if estimates.unsettled:
        yield (
            f"In {number_of(estimates.unsettled, 'case')} the equilibrium did not settle at the estimates, so the "
            "probabilities and standard errors are approximate."
        )
    odd = {status: count for status, count in estimates.statuses.items() if status not in SETTLED and count}
    if odd:
        total = sum(estimates.statuses.values())
        kinds = listed(f"{status} in {count:,}" for status, count in odd.items())
        yield (
            f"The game has several equilibria at the estimates: of {total:,} cases that were traced, {kinds}. The "
            "likelihood takes the equilibrium that sweeps find from equal odds."
        )


def error_remarks(errors: str, cases: Cases, found: Bootstrap | None) -> Iterator[str]:
    """What is doubtful about standard errors of a kind: few clusters, replications without a maximum."""
    if errors in ("clustered", "bootstrap") and 0 < cases.clusters < FEW_CLUSTERS:
        yield _few_clusters(cases.clusters, len(cases.parameters) if errors == "clustered" else 0)
    if found is None:
        return
    total = f"{len(found.values) + found.endless + found.failed:,} bootstrap replications"
    if found.endless:
        yield (
            f"{found.endless:,} of {total} have no finite maximum, because the cases drawn are separated or say "
            "nothing of some coefficient, and are left out. The standard errors are those of the other replications, "
            "without the most extreme, so do not rely on them: take observed or sandwich ones, or "
            f"{REMEDY}."
        )
    if found.failed:
        yield f"{found.failed:,} of {total} reached no maximum and are left out."


def _few_clusters(clusters: int, coefficients: int) -> str:
    """What few clusters mean for standard errors, with the covariance's rank if it is less than the coefficients."""
    from scipy.special import stdtrit

    if clusters <= coefficients:
        return (
            f"There are {clusters:,} clusters and {coefficients:,} coefficients, so the clustered covariance is "
            f"singular: it has a rank of at most {clusters - 1:,}. Do not report these standard errors and p-values: "
            "take observed or sandwich ones, or a column with more clusters."
        )
    width = quantity(float(stdtrit(clusters - 1.0, 0.975)))
    return (
        f"There are only {clusters:,} clusters. With fewer than about {FEW_CLUSTERS}, standard errors by cluster tend "
        f"to be too small (Cameron & Miller 2015, Journal of Human Resources 50): compare with Student's t for "
        f"{clusters - 1:,} degrees of freedom, ±{width} standard errors in place of ±1.96, and read p-values near "
        "0.05 with care."
    )
