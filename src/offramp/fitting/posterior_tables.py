"""A posterior in sentences and tables: the coefficients, how much the cases moved each, how far to trust it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

import numpy as np

from offramp.common.numerals import amount, percent, quantity
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
        Column("input", "input"),
        Column("mean", "mean", "number"),
        Column("sd", "SD", "number"),
        Column("p05", "5%", "number"),
        Column("p50", "50%", "number"),
        Column("p95", "95%", "number"),
        Column("sd_left", "SD left", "share"),
        Column("overlap", "overlap", "share"),
    )
    numbers = np.column_stack(
        [posterior.mean, posterior.sd, posterior.quantiles().T, posterior.score_sd, posterior.overlap]
    )
    rows = tuple((name, *row) for name, row in zip(posterior.parameters, numbers.tolist(), strict=True))
    caption = "Posterior; SD left: of the prior's, in normal scores; overlap: of prior and posterior"
    return Table("posterior", caption, columns, rows)


def modes_table(posterior: Posterior) -> Table:
    """The modes that the searches found."""
    columns = (
        Column("mode", "mode", "count"),
        Column("mass", "share of mass", "share"),
        Column("log_density", "log density", "amount"),
        Column("starts", "reached from"),
    )
    rows = tuple(
        (place, share, mode.log_density, ", ".join(mode.starts))
        for place, (share, mode) in enumerate(zip(shares_of(posterior.modes), posterior.modes, strict=True), 1)
    )
    return Table("modes", "Modes of the posterior (mass by Laplace's approximation)", columns, rows)


def correlations_table(posterior: Posterior) -> Table:
    """The correlations of normal scores that are not near zero, the strongest first."""
    columns = (Column("first", "input"), Column("second", "and"), Column("correlation", "correlation", "change"))
    places = combinations(range(len(posterior.parameters)), 2)
    pairs = sorted(((i, j, float(posterior.correlation[i, j])) for i, j in places), key=lambda pair: -abs(pair[2]))
    rows = tuple(
        (posterior.parameters[i], posterior.parameters[j], rho) for i, j, rho in pairs if abs(rho) >= SHOWN_CORRELATION
    )
    return Table("posterior_correlations", "Correlations of normal scores in the posterior", columns, rows)


def _chains_tables(posterior: Posterior) -> Iterator[Table]:
    if posterior.chains is not None:
        columns = (
            Column("input", "input"),
            Column("r_hat", "R-hat", "number"),
            Column("effective", "effective draws", "count"),
        )
        numbers = zip(
            posterior.parameters, posterior.chains.r_hat.tolist(), posterior.chains.effective.tolist(), strict=True
        )
        yield Table("chains", "Chains of NUTS", columns, tuple(numbers))


def _trust(posterior: Posterior) -> str:
    k, count = quantity(posterior.pareto_k, 2), len(posterior.weighted.weights)
    worth = (
        f"{count:,} weighted draws, worth {posterior.weighted.effective:,.0f} independent ones, with a Pareto k of {k}"
        f"{', and they miss a part that an earlier sample found' if posterior.weighted.missed else ''}"
    )
    chains = posterior.chains
    if chains is None and posterior.trusted:
        return f"The posterior is from {worth} (up to {LARGEST_K} is good)."
    if chains is None:
        return (
            f"Do not rely on this posterior: it is from {worth}; k should be at most {LARGEST_K}, and a tenth of the "
            f"draws independent, {FEWEST_EFFECTIVE:.0f} or more. Install a sampler for such a posterior, and fit "
            "again: pip install 'offramp[nuts]'."
        )
    after = (
        f"The posterior is from {CHAINS} chains of NUTS, because the importance weights are not good enough ({worth})."
    )
    found = (
        f"The chains have {chains.points.shape[0] * chains.points.shape[1]:,} draws, worth "
        f"{posterior.effective:,.0f} independent ones, R-hat up to {chains.r_hat.max():.3f} and "
        f"{chains.divergences or 'no'} divergence{'' if chains.divergences == 1 else 's'}"
    )
    if chains.agree:
        return f"{after} {found}."
    return (
        f"{after} Do not rely on it: {found[0].lower()}{found[1:]}; good chains have at least {LEAST_EFFECTIVE:.0f}, "
        f"R-hat up to {LARGEST_R_HAT} and no divergences. Ask for more draws, narrow the priors, or make constant a "
        "coefficient that the cases do not tell from another."
    )


def _modes(posterior: Posterior) -> Iterator[str]:
    if len(posterior.modes) > 1:
        share = percent(float(shares_of(posterior.modes)[0]))
        yield (
            f"The posterior has {len(posterior.modes)} modes, values of the coefficients that each explain the cases "
            f"better than all values near them; the first holds {share} of the mass."
        )


def _unmoved(posterior: Posterior) -> Iterator[str]:
    names = posterior.unmoved
    if names:
        same = "their posteriors are their priors" if len(names) > 1 else "its posterior is its prior"
        yield f"The cases say nothing about {listed(names)}: {same}."


def _evidence(posterior: Posterior) -> Iterator[str]:
    if posterior.log_evidence is not None:
        evidence, error = posterior.log_evidence
        yield (
            f"The logarithm of the probability of all records under the priors is {amount(evidence)} (standard error "
            f"{error:.2g}); its difference between two files fitted to the same cases says which explains them better."
        )
