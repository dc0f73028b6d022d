"""Fit a crisis to a table of past cases."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from offramp.common.arguments import check_seed
from offramp.common.errors import UsageError
from offramp.common.words import expected, quoted
from offramp.fitting.bootstrap import bootstrap
from offramp.fitting.case_table import table_of
from offramp.fitting.cases import cases_of
from offramp.fitting.estimation import STARTS, estimates_of
from offramp.fitting.fit_finding import Fit
from offramp.fitting.likelihood import Likelihood
from offramp.fitting.priors import PenaltyKind, penalty_of
from offramp.fitting.refitting import refit_of
from offramp.gambit.opening import Playable, compile_game

Array = NDArray[np.float64]

SEED = 1
REPLICATIONS = 500
MAX_STARTS = 1_000
MAX_REPLICATIONS = 100_000

Errors = Literal["observed", "sandwich", "clustered", "bootstrap"]


def fit(
    crisis: Playable,
    data: Any,
    *,
    errors: Errors = "observed",
    penalty: PenaltyKind | None = None,
    starts: int = STARTS,
    seed: int = SEED,
    replications: int = REPLICATIONS,
    progress: Callable[[int], None] | None = None,
) -> Fit:
    """Estimate the numbers of a crisis from recorded cases, by maximum likelihood.

    Parameters
    ----------
    crisis
        A crisis with `cases`, with inputs that have `column`, and with coefficients (`estimate` or `linear`).
    data
        The table of cases: a `.csv` or `.parquet` file, a data frame, or a mapping of columns.
    errors
        The standard errors: `observed` (the curvature of the log-likelihood), `sandwich` (robust), `clustered`
        (robust, by `cases.cluster`), or `bootstrap` (of cases, or clusters, drawn again and fitted again).
    penalty
        What is added to the log-likelihood: `prior` (the priors of the file; the estimates are the posterior mode),
        `cauchy` or `log-f` (weak priors for separated cases); nothing by default.
    starts
        The number of random starts, besides the one stage by stage.
    seed
        Of the random starts and of the bootstrap.
    replications
        The number of bootstrap replications.
    progress
        Called with 1 after each start, and after each replication.

    Raises
    ------
    CrisisError
        If the crisis cannot be fitted, or the table lacks its columns or has mistakes; it holds all mistakes.
    OfframpError
        If the table cannot be read, no row can be used, or the bootstrap reaches no maximum.
    UsageError
        If an option is out of range, or a kind of standard errors needs what the crisis lacks.

    References
    ----------
    Signorino 1999, *American Political Science Review* 93: strategic interaction and its statistical analysis.
    """
    _check(errors, penalty, starts, seed, replications)
    game = compile_game(crisis)
    table = table_of(data)
    cases = cases_of(game, table)
    if errors == "clustered" and cases.cluster is None:
        raise UsageError(
            "clustered standard errors need `cluster` in `cases`, the column that names each case's cluster"
        )
    if errors in ("clustered", "bootstrap") and cases.clusters == 1:
        cluster = None if game.crisis.cases is None else game.crisis.cases.cluster
        raise UsageError(
            f"all {int(cases.total):,} cases are in one cluster ({quoted(str(cluster))} is "
            f"{cases.cluster_names[0]} in all of them), and the spread of one cluster is unknown: take the observed or "
            "sandwich standard errors, or name another column in `cases: cluster`"
        )
    likelihood = Likelihood(game, cases)
    chosen = None if penalty is None else penalty_of(penalty, game.crisis, cases)
    tell = (lambda done: None) if progress is None else progress
    estimates = estimates_of(likelihood, penalty=chosen, starts=starts, seed=seed, progress=lambda start: tell(1))
    replicated = None
    if errors == "bootstrap":
        replicated = bootstrap(cases, refit_of(estimates), replications, seed, tell)
        covariance = replicated.covariance
    else:
        covariance = estimates.covariance(errors)
    return Fit(
        table_of_cases=table,
        cases=cases,
        estimates=estimates,
        errors=errors,
        covariance=covariance,
        bootstrap=replicated,
        starts=starts,
        seed=seed,
    )


def _check(errors: str, penalty: str | None, starts: int, seed: int, replications: int) -> None:
    for name, given, known in (("errors", errors, get_args(Errors)), ("penalty", penalty, get_args(PenaltyKind))):
        if given is not None and given not in known:
            raise UsageError(f"unknown {name} {quoted(given)}{expected(given, known)}")
    for name, number, least, most in (
        ("starts", starts, 0, MAX_STARTS),
        ("replications", replications, 2, MAX_REPLICATIONS),
    ):
        if not least <= number <= most:
            raise UsageError(f"`{name}` must lie between {least} and {most:,}, found {number:,}")
    check_seed(seed)
