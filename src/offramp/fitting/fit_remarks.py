"""What is doubtful about a fit, worded for a political scientist, with what to do about it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from offramp.common.numerals import amount, quantity
from offramp.common.texts import tr, trn
from offramp.common.words import listed
from offramp.fitting.ascent import SLOPE
from offramp.fitting.bootstrap import Bootstrap
from offramp.fitting.cases import Cases
from offramp.fitting.estimation import Estimates
from offramp.fitting.fit_wording import height_name
from offramp.fitting.identification import Identification
from offramp.study.standing import status_name

REMEDY = tr("fit with --prior (the priors of the file), --cauchy or --log-f")
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
        sentences = [
            trn(
                "There is no finite maximum: {coefficients} grows without end, and the fit gets better the further it "
                "goes.",
                "There is no finite maximum: {coefficients} grow without end, and the fit gets better the further they "
                "go.",
                len(endless),
                coefficients=listed(endless, 8),
            )
        ]
        if found.separating:
            sentences.append(tr("The cases are separated: {columns}.", columns=listed(found.separating, 4)))
        sentences.append(tr("Do not report these estimates: leave out the column, or {remedy}.", remedy=REMEDY))
        yield " ".join(sentences)
    elif not estimates.converged:
        gradient = estimates.optima[0].largest_gradient
        where = tr("a saddle")
        if gradient > SLOPE:
            where = tr("largest gradient {gradient} per case", gradient=quantity(gradient, 2))
        yield tr(
            "The search stopped short of a maximum ({where}). Do not report these estimates: ask for more --starts, or "
            "{remedy}.",
            where=where,
            remedy=REMEDY,
        )
    for one in estimates.higher:
        more = quantity(one.log_likelihood - estimates.optima[0].log_likelihood, 2)
        yield tr(
            "The climb from {starts} went {more} higher than the estimates without coming to a maximum, so there may "
            "be a better one, or none that is finite: ask for more --starts, or {remedy}.",
            starts=listed(one.starts, 3),
            more=more,
            remedy=REMEDY,
        )


def _identified(found: Identification) -> Iterator[str]:
    """Which coefficients the cases say nothing of, or very little, and which are at a bound."""
    for direction in found.flat:
        if len(direction) == 1:
            yield tr(
                "The cases say nothing of {coefficient}: every value fits as well. Drop it, or {remedy}.",
                coefficient=next(iter(direction)),
                remedy=REMEDY,
            )
        else:
            yield tr(
                "The cases do not tell {coefficients} apart: move {moves}, and the fit stays the same. Make one of "
                "them a number, or {remedy}.",
                coefficients=listed(direction, 8),
                moves=_moves(direction),
                remedy=REMEDY,
            )
    for direction in found.weak:
        yield tr(
            "The cases say very little of {coefficients}: move {moves}, and the fit hardly changes. Read their "
            "standard errors with care.",
            coefficients=listed(direction, 8),
            moves=_moves(direction),
        )
    for name in found.at_bound:
        yield tr(
            "{coefficient} lies at a bound of its prior, so it has no standard error: see whether the bound is meant.",
            coefficient=name,
        )


def _moves(direction: Mapping[str, float]) -> str:
    """A direction in words: `a by 1 and b by −0.5`."""
    return listed(
        (
            tr("{coefficient} by {step}", coefficient=name, step=quantity(weight, 2))
            for name, weight in direction.items()
        ),
        8,
    )


def _several(estimates: Estimates) -> Iterator[str]:
    """Which maxima the starts reached, if they disagree."""
    best, *others = [one for one in estimates.optima if one.converged] or [estimates.optima[0]]
    if others:
        below = best.log_likelihood - others[0].log_likelihood
        reached = tr(
            "The starts reached {maxima} maxima. The estimates are the best, with a {height} of {best}, reached from "
            "{starts}; the next is {below} lower, reached from {next}.",
            maxima=len(others) + 1,
            height=height_name(estimates),
            best=amount(best.log_likelihood),
            starts=listed(best.starts, 4),
            below=quantity(below),
            next=listed(others[0].starts, 4),
        )
        close = [tr("The cases hardly tell the two apart.")] if below < CLOSE else []
        advice = tr(
            "Compare their coefficients in the table, and ask for more --starts if you doubt that there is no better "
            "one."
        )
        yield " ".join([reached, *close, advice])


def _equilibria(estimates: Estimates) -> Iterator[str]:
    """Cases whose equilibrium did not settle, or is not the principal one."""
    if estimates.unsettled:
        yield trn(
            "In {count} case the equilibrium did not settle at the estimates, so the probabilities and standard errors "
            "are approximate.",
            "In {count} cases the equilibrium did not settle at the estimates, so the probabilities and standard "
            "errors are approximate.",
            estimates.unsettled,
        )
    odd = {status: count for status, count in estimates.statuses.items() if status not in SETTLED and count}
    if odd:
        total = sum(estimates.statuses.values())
        kinds = listed(
            tr("{status} in {cases}", status=status_name(status), cases=f"{count:,}") for status, count in odd.items()
        )
        yield tr(
            "The game has several equilibria at the estimates: of {total} cases that were traced, {kinds}. The "
            "likelihood takes the equilibrium that sweeps find from equal odds.",
            total=f"{total:,}",
            kinds=kinds,
        )


def error_remarks(errors: str, cases: Cases, found: Bootstrap | None) -> Iterator[str]:
    """What is doubtful about standard errors of a kind: few clusters, replications without a maximum."""
    if errors in ("clustered", "bootstrap") and 0 < cases.clusters < FEW_CLUSTERS:
        yield _few_clusters(cases.clusters, len(cases.parameters) if errors == "clustered" else 0)
    if found is None:
        return
    total = f"{len(found.values) + found.endless + found.failed:,}"
    if found.endless:
        yield tr(
            "{some} of {total} bootstrap replications have no finite maximum, because the cases drawn are separated or "
            "say nothing of some coefficient, and are left out. The standard errors are those of the other "
            "replications, without the most extreme, so do not rely on them: take observed or sandwich ones, or "
            "{remedy}.",
            some=f"{found.endless:,}",
            total=total,
            remedy=REMEDY,
        )
    if found.failed:
        yield tr(
            "{some} of {total} bootstrap replications reached no maximum and are left out.",
            some=f"{found.failed:,}",
            total=total,
        )


def _few_clusters(clusters: int, coefficients: int) -> str:
    """What few clusters mean for standard errors, with the covariance's rank if it is less than the coefficients."""
    from scipy.special import stdtrit

    if clusters <= coefficients:
        return tr(
            "There are {clusters} clusters and {coefficients} coefficients, so the clustered covariance is singular: "
            "it has a rank of at most {rank}. Do not report these standard errors and p-values: take observed or "
            "sandwich ones, or a column with more clusters.",
            clusters=f"{clusters:,}",
            coefficients=f"{coefficients:,}",
            rank=f"{clusters - 1:,}",
        )
    return trn(
        "There are only {count} cluster. With fewer than about {few}, standard errors by cluster tend to be too small "
        "(Cameron & Miller 2015, Journal of Human Resources 50): compare with Student's t for {degrees} degrees of "
        "freedom, ±{width} standard errors in place of ±1.96, and read p-values near 0.05 with care.",
        "There are only {count} clusters. With fewer than about {few}, standard errors by cluster tend to be too small "
        "(Cameron & Miller 2015, Journal of Human Resources 50): compare with Student's t for {degrees} degrees of "
        "freedom, ±{width} standard errors in place of ±1.96, and read p-values near 0.05 with care.",
        clusters,
        few=FEW_CLUSTERS,
        degrees=f"{clusters - 1:,}",
        width=quantity(float(stdtrit(clusters - 1.0, 0.975))),
    )
