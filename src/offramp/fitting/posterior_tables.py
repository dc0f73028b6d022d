"""A posterior in sentences and tables: the coefficients, how much the cases moved each, how far to trust it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

import numpy as np

from offramp.common.numerals import amount, percent, quantity
from offramp.common.texts import tr, trn
from offramp.common.words import listed
from offramp.fitting.importance import FEWEST_EFFECTIVE, LARGEST_K
from offramp.fitting.nuts import CHAINS, LARGEST_R_HAT, LEAST_EFFECTIVE
from offramp.fitting.posterior import Posterior
from offramp.fitting.posterior_modes import shares_of
from offramp.study.finding import Column, Table

SHOWN_CORRELATION = 0.1
"""Correlations nearer to zero are not shown."""


def posterior_sentences(posterior: Posterior) -> tuple[str, ...]:
    """How far the posterior can be trusted, its modes, and what the cases say nothing about."""
    return (_trust(posterior), *_modes(posterior), *_unmoved(posterior), *_evidence(posterior))


def posterior_tables(posterior: Posterior) -> tuple[Table, ...]:
    """The tables of a posterior; those of modes, correlations and chains only if there is something to show."""
    tables = [posterior_table(posterior)]
    if len(posterior.modes) > 1:
        tables.append(modes_table(posterior))
    correlations = correlations_table(posterior)
    return (*tables, *([correlations] if correlations.rows else []), *_chains_tables(posterior))


def posterior_table(posterior: Posterior) -> Table:
    """Each coefficient: mean, standard deviation, quantiles, and how much the cases moved it from its prior."""
    columns = (
        Column("input", tr("input")),
        Column("mean", tr("mean"), "number"),
        Column("sd", tr("SD"), "number"),
        Column("p05", "5%", "number"),
        Column("p50", "50%", "number"),
        Column("p95", "95%", "number"),
        Column("sd_left", tr("SD left"), "share"),
        Column("overlap", tr("overlap"), "share"),
    )
    numbers = np.column_stack(
        [posterior.mean, posterior.sd, posterior.quantiles().T, posterior.score_sd, posterior.overlap]
    )
    rows = tuple((name, *row) for name, row in zip(posterior.parameters, numbers.tolist(), strict=True))
    caption = tr("Posterior; SD left: of the prior's, in normal scores; overlap: of prior and posterior")
    return Table("posterior", caption, columns, rows)


def modes_table(posterior: Posterior) -> Table:
    """The modes that the searches found."""
    columns = (
        Column("mode", tr("mode"), "count"),
        Column("mass", tr("share of mass"), "share"),
        Column("log_density", tr("log density"), "amount"),
        Column("starts", tr("reached from")),
    )
    rows = tuple(
        (place, share, mode.log_density, ", ".join(mode.starts))
        for place, (share, mode) in enumerate(zip(shares_of(posterior.modes), posterior.modes, strict=True), 1)
    )
    return Table("modes", tr("Modes of the posterior (mass by Laplace's approximation)"), columns, rows)


def correlations_table(posterior: Posterior) -> Table:
    """The correlations of normal scores that are not near zero, the strongest first."""
    columns = (
        Column("first", tr("input")),
        Column("second", tr("and")),
        Column("correlation", tr("correlation"), "change"),
    )
    places = combinations(range(len(posterior.parameters)), 2)
    pairs = sorted(((i, j, float(posterior.correlation[i, j])) for i, j in places), key=lambda pair: -abs(pair[2]))
    rows = tuple(
        (posterior.parameters[i], posterior.parameters[j], rho) for i, j, rho in pairs if abs(rho) >= SHOWN_CORRELATION
    )
    return Table("posterior_correlations", tr("Correlations of normal scores in the posterior"), columns, rows)


def _chains_tables(posterior: Posterior) -> Iterator[Table]:
    if posterior.chains is not None:
        columns = (
            Column("input", tr("input")),
            Column("r_hat", tr("R-hat"), "number"),
            Column("effective", tr("effective draws"), "count"),
        )
        numbers = zip(
            posterior.parameters, posterior.chains.r_hat.tolist(), posterior.chains.effective.tolist(), strict=True
        )
        yield Table("chains", tr("Chains of NUTS"), columns, tuple(numbers))


def _trust(posterior: Posterior) -> str:
    k, count = quantity(posterior.pareto_k, 2), len(posterior.weighted.weights)
    values = {"draws": f"{count:,}", "effective": f"{posterior.weighted.effective:,.0f}", "k": k}
    if posterior.weighted.missed:
        worth = tr(
            "{draws} weighted draws, worth {effective} independent ones, with a Pareto k of {k}, and they miss a part "
            "that an earlier sample found",
            **values,
        )
    else:
        worth = tr("{draws} weighted draws, worth {effective} independent ones, with a Pareto k of {k}", **values)
    chains = posterior.chains
    if chains is None and posterior.trusted:
        return tr("The posterior is from {draws} (up to {most} is good).", draws=worth, most=LARGEST_K)
    if chains is None:
        return tr(
            "Do not rely on this posterior: it is from {draws}; k should be at most {most}, and a tenth of the draws "
            "independent, {fewest} or more. Install a sampler for such a posterior, and fit again: pip install "
            "'offramp[nuts]'.",
            draws=worth,
            most=LARGEST_K,
            fewest=f"{FEWEST_EFFECTIVE:.0f}",
        )
    after = tr(
        "The posterior is from {chains} chains of NUTS, because the importance weights are not good enough ({draws}).",
        chains=CHAINS,
        draws=worth,
    )
    values = {
        "draws": f"{chains.points.shape[0] * chains.points.shape[1]:,}",
        "effective": f"{posterior.effective:,.0f}",
        "r_hat": f"{chains.r_hat.max():.3f}",
        "divergences": tr("no divergences"),
    }
    if chains.divergences:
        values["divergences"] = trn("{count} divergence", "{count} divergences", chains.divergences)
    if chains.agree:
        found = tr(
            "The chains have {draws} draws, worth {effective} independent ones, R-hat up to {r_hat} and {divergences}.",
            **values,
        )
        return f"{after} {found}"
    found = tr(
        "Do not rely on it: the chains have {draws} draws, worth {effective} independent ones, R-hat up to {r_hat} and "
        "{divergences}; good chains have at least {least}, R-hat up to {most} and no divergences. Ask for more draws, "
        "narrow the priors, or make constant a coefficient that the cases do not tell from another.",
        least=f"{LEAST_EFFECTIVE:.0f}",
        most=LARGEST_R_HAT,
        **values,
    )
    return f"{after} {found}"


def _modes(posterior: Posterior) -> Iterator[str]:
    if len(posterior.modes) > 1:
        share = percent(float(shares_of(posterior.modes)[0]))
        yield tr(
            "The posterior has {modes} modes, values of the coefficients that each explain the cases better than all "
            "values near them; the first holds {share} of the mass.",
            modes=len(posterior.modes),
            share=share,
        )


def _unmoved(posterior: Posterior) -> Iterator[str]:
    names = posterior.unmoved
    if names:
        yield trn(
            "The cases say nothing about {coefficients}: its posterior is its prior.",
            "The cases say nothing about {coefficients}: their posteriors are their priors.",
            len(names),
            coefficients=listed(names),
        )


def _evidence(posterior: Posterior) -> Iterator[str]:
    if posterior.log_evidence is not None:
        evidence, error = posterior.log_evidence
        yield tr(
            "The logarithm of the probability of all records under the priors is {evidence} (standard error {error}); "
            "its difference between two files fitted to the same cases says which explains them better.",
            evidence=amount(evidence),
            error=f"{error:.2g}",
        )
