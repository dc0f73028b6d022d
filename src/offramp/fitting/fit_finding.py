"""The finding of a fit: what the recorded cases say of a crisis's numbers, and what else can be asked of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from offramp.common.arguments import check_seed
from offramp.common.errors import UsageError
from offramp.common.texts import tr, trn
from offramp.common.words import expected, listed, quoted
from offramp.crisis.model import Crisis
from offramp.fitting.as_statsmodels import statsmodels_results
from offramp.fitting.average_odds import Population, Progress, population_of
from offramp.fitting.base_cells import BaseCells, base_cells, base_sentences, misspelt_sentences
from offramp.fitting.bootstrap import Bootstrap
from offramp.fitting.case_outcomes import CaseOutcome, outcomes_of
from offramp.fitting.case_table import CaseTable
from offramp.fitting.cases import Cases
from offramp.fitting.cells import MAX_ROWS
from offramp.fitting.column_odds import column_odds, points_of
from offramp.fitting.coordinates import bounds_of
from offramp.fitting.effects import Contrast, ContrastEffect, contrasts_of, drawn_coefficients, effects_of
from offramp.fitting.effects_finding import DIFFERENCES, ColumnEffects, effect_sentence, largest
from offramp.fitting.estimation import Estimates
from offramp.fitting.fit_folder import ErrorKind, KeptFit, PriorUse, write_fit
from offramp.fitting.fit_latex import LatexColumn, latex_table
from offramp.fitting.fit_remarks import error_remarks, remarks_of
from offramp.fitting.fit_tables import (
    contains_zero,
    estimates_table,
    odds_table,
    optima_table,
    optima_values_table,
    p_values,
    predicted_table,
    recorded_odds,
    statistics_table,
)
from offramp.fitting.fit_wording import (
    cases_sentence,
    coefficient_sentence,
    error_notes,
    left_out_sentences,
    multiplied,
    recorded_sentences,
    strongest,
    times_of,
)
from offramp.fitting.fitted_choice import choice_rules
from offramp.fitting.over_column import OverColumn
from offramp.fitting.posterior import DRAWS as POSTERIOR_DRAWS
from offramp.fitting.posterior import posterior_of
from offramp.fitting.posterior_finding import FittedPosterior
from offramp.fitting.priors import PENALTIES, file_prior
from offramp.fitting.profile_intervals import ProfileInterval, profile_interval
from offramp.fitting.recorded_cells import RecordedColumn, recorded_columns
from offramp.fitting.rival_cases import shared_cases
from offramp.fitting.rival_fits import RivalFits, clarke, model_names, vuong
from offramp.fitting.second_derivatives import hessian_of
from offramp.fitting.table_check import left_out_table
from offramp.fitting.wald import WaldTest, wald_test
from offramp.game.game import Game
from offramp.runs.store.manifest import exact_text, sha256_of_crisis
from offramp.study.finding import Finding, Table

Array = NDArray[np.float64]

DRAWS = 400
"""Draws of the coefficients for bands."""


@dataclass(frozen=True, repr=False, eq=False)
class Fit(Finding):
    """A crisis fitted to recorded cases.

    `errors`: the kind of standard errors. `covariance`: (parameters, parameters), of that kind; NaN for coefficients
    that have none, because they are not identified or lie at a bound. `bootstrap`: the replications, if the errors are
    theirs. `starts`: how many were at random.
    """

    table_of_cases: CaseTable
    cases: Cases
    estimates: Estimates
    errors: ErrorKind
    covariance: Array
    bootstrap: Bootstrap | None
    starts: int
    seed: int

    @property
    def crisis(self) -> Crisis:
        return self.game.crisis

    @property
    def game(self) -> Game:
        return self.estimates.likelihood.game

    @property
    def parameters(self) -> tuple[str, ...]:
        """The coefficients, in the order of every vector and matrix."""
        return self.cases.parameters

    @property
    def values(self) -> Array:
        """The estimates: (parameters,), in the file's scale."""
        return self.estimates.values

    @property
    def standard_errors(self) -> Array:
        """(parameters,), NaN for coefficients that have none."""
        variances = np.diag(self.covariance)
        return np.sqrt(np.where(variances >= 0.0, variances, np.nan))  # rounding can make one negative

    @property
    def converged(self) -> bool:
        """Whether the estimates are a finite maximum, and no climb went higher."""
        return self.estimates.converged and self.estimates.identification.identified and not self.estimates.higher

    @property
    def title(self) -> str:
        return tr("Fitted to past cases: {crisis}", crisis=self.crisis.title)

    @property
    def basis(self) -> str:
        values = {"table": self.cases.table, "seed": self.seed}
        if self.penalty == "none":
            found = tr("maximum likelihood")
        elif self.penalty == "prior":
            found = tr("posterior mode with {prior}", prior=PENALTIES[self.penalty])
        else:
            found = tr("maximum likelihood with {prior}", prior=PENALTIES[self.penalty])
        return trn(
            "{table}: {found}, {count} random start, seed {seed}",
            "{table}: {found}, {count} random starts, seed {seed}",
            self.starts,
            found=found,
            **values,
        )

    @property
    def penalty(self) -> PriorUse:
        """What was added to the log-likelihood."""
        return "none" if self.estimates.penalty is None else self.estimates.penalty.kind

    @property
    def answer(self) -> tuple[str, ...]:
        return (
            cases_sentence(self.cases),
            *recorded_sentences(self.recorded),
            *base_sentences(self._bases),
            *self._strongest,
            *self.remarks,
        )

    @property
    def remarks(self) -> tuple[str, ...]:
        """What is doubtful: the maximum, what the cases do not identify, rows left out, cases that did not settle."""
        of_search = (*remarks_of(self.estimates), *error_remarks(self.errors, self.cases, self.bootstrap))
        return (*of_search, *misspelt_sentences(self._bases), *left_out_sentences(self.cases))

    @cached_property
    def _bases(self) -> tuple[BaseCells, ...]:
        return base_cells(self.crisis, self.table_of_cases, self.cases)

    @cached_property
    def _strongest(self) -> tuple[str, ...]:
        """The coefficients that are clearest of zero, and the largest first difference of the column of each."""
        return tuple(self._clear_of_zero()) if self.converged else ()

    def _clear_of_zero(self) -> Iterator[str]:
        errors = self.standard_errors
        p = p_values(self.values, errors, self.bounds)
        with np.errstate(all="ignore"):
            z = np.where(np.isnan(p), 0.0, self.values / errors)
        places = strongest(z)
        inputs = {place: multiplied(self.crisis, self.parameters[place]) for place in places}
        differences = self._differences({entry.key for entry in inputs.values() if entry is not None})
        for place, entry in inputs.items():
            name = self.parameters[place]
            yield coefficient_sentence(
                self.crisis, name, float(self.values[place]), float(errors[place]), float(p[place])
            )
            effect = None if entry is None else differences.pop(entry.key, None)
            if effect is not None:
                yield effect_sentence(effect, self.outcomes, largest(effect))

    def _differences(self, inputs: set[str]) -> dict[str, ContrastEffect]:
        """The first differences of some inputs that are columns, without bands."""
        contrasts = tuple(one for one in self.contrasts if one.input in inputs and one.kind in DIFFERENCES)
        coefficients = drawn_coefficients(self.parameters, self.values, None, self.bounds, 0, self.seed)
        effects = effects_of(self.game, self.population, contrasts, self.outcomes, coefficients)
        return {effect.contrast.input: effect for effect in effects}

    @property
    def tables(self) -> tuple[Table, ...]:
        several = (optima_table(self.estimates), optima_values_table(self.estimates))
        return (
            estimates_table(self.crisis, self.parameters, self.values, self.standard_errors, self.errors),
            statistics_table(self.estimates, self.cases),
            predicted_table(self.recorded, self.cases, self.outcomes, self._odds),
            *(several if len(self.estimates.optima) > 1 else ()),
            *((left_out_table(self.cases),) if self.cases.left_out else ()),
        )

    @property
    def notes(self) -> tuple[str, ...]:
        all_have_p = bool(contains_zero(self.bounds).all())
        return tuple(error_notes(self.errors, self.penalty != "none", all_have_p, self.cases.clusters))

    @cached_property
    def recorded(self) -> tuple[RecordedColumn, ...]:
        """What each column records."""
        assert self.crisis.cases is not None
        return recorded_columns(self.crisis.cases, self.cases, self.table_of_cases)

    @cached_property
    def outcomes(self) -> tuple[CaseOutcome, ...]:
        """What may happen: the records of each column, and then the other endings."""
        assert self.crisis.cases is not None
        return outcomes_of(self.game, self.crisis.cases)

    @cached_property
    def population(self) -> Population:
        """The distinct combinations of columns among the cases."""
        return population_of(self.cases.columns, self.cases.weight)

    @cached_property
    def bounds(self) -> Array:
        """The support of each coefficient: (2, parameters)."""
        return bounds_of(self.crisis, self.parameters)

    @cached_property
    def _odds(self) -> Array:
        return recorded_odds(self.game, self.cases, self.values, self.outcomes)

    def odds(self) -> Table:
        """The fitted probability of each record and ending in each entry of the table, in the order of its rows."""
        return odds_table(self.cases, self.outcomes, self._odds, self.table_of_cases.lines)

    def effects(self, draws: int = DRAWS, seed: int = 1, progress: Progress | None = None) -> ColumnEffects:
        """Average marginal effects and first differences of every column, with bands from draws of the coefficients."""
        coefficients = self._drawn(draws, seed)
        effects = effects_of(self.game, self.population, self.contrasts, self.outcomes, coefficients, progress)
        drawn = len(coefficients[self.parameters[0]]) - 1
        return ColumnEffects(self.crisis.title, int(self.cases.total), self.outcomes, effects, drawn, seed)

    @property
    def contrasts(self) -> tuple[Contrast, ...]:
        """What `effects` compares."""
        return contrasts_of(self.crisis, self.population)

    def over(self, column: str, draws: int = DRAWS, seed: int = 1, progress: Progress | None = None) -> OverColumn:
        """The average probability of each outcome as a column takes each value, with bands; it has a picture."""
        found = column_odds(self.game, self.population, column, self.outcomes, self._drawn(draws, seed), progress)
        return OverColumn(self.crisis.title, found, int(self.cases.total), seed)

    def points_of(self, column: str) -> int:
        """The number of values of a column that `over` computes."""
        return points_of(self.crisis, self.population, column)

    def _drawn(self, draws: int, seed: int) -> dict[str, Array]:
        if draws < 0:
            raise UsageError(f"draws must be 0 or more, found {draws}")
        check_seed(seed)
        fixed = np.isin(self.parameters, self.estimates.identification.at_bound)
        # bands are given the coefficients at a bound
        covariance = np.where(fixed | fixed[:, None], 0.0, self.covariance)
        known = covariance if np.isfinite(covariance).all() else None
        return drawn_coefficients(self.parameters, self.values, known, self.bounds, draws, seed)

    def wald(self, *combinations: str) -> WaldTest:
        """Test whether linear combinations of coefficients are all 0, such as `fit.wald("firm.dem - firm.mixed")`."""
        return wald_test(combinations, self.parameters, self.values, self.covariance)

    def profile(self, name: str) -> ProfileInterval:
        """The 95 % interval of a coefficient by its profile likelihood."""
        if name not in self.parameters:
            raise UsageError(f"{quoted(name)} is not a coefficient{expected(name, self.parameters)}")
        return profile_interval(self.estimates, self.parameters.index(name))

    def against(self, other: Fit) -> RivalFits:
        """Which of two models of the same cases these favour: the tests of Vuong and of Clarke.

        Raises
        ------
        UsageError
            If the two fits are not of the same cases, do not record the same of them, or only one has a penalty.
        """
        tables = (self.table_of_cases, other.table_of_cases)
        first, second, weight = shared_cases(self.estimates, other.estimates, tables)
        counts = (len(self.values), len(other.values))
        return RivalFits(
            titles=model_names(self.crisis.title, other.crisis.title),
            log_likelihoods=(float(weight @ first), float(weight @ second)),
            parameters=counts,
            cases=int(self.cases.total),
            tests=(vuong(first, second, weight, counts), clarke(first, second, weight, counts)),
        )

    def posterior(
        self, draws: int = POSTERIOR_DRAWS, seed: int = 1, progress: Progress | None = None
    ) -> FittedPosterior:
        """The posterior of the coefficients, with the priors of the file; `progress` as of `posterior_of`.

        Raises
        ------
        UsageError
            If the extra `fit` is not installed, the number of draws is out of range, or no mode is found.
        """
        check_seed(seed)
        prior = file_prior(self.crisis, self.parameters)
        known = [one.values for one in self.estimates.optima if one.converged]
        found = posterior_of(self.estimates.likelihood, prior, known=known, draws=draws, seed=seed, progress=progress)
        return FittedPosterior(found, self.kept())

    def to_latex(self, *others: Fit) -> str:
        """The estimates as a LaTeX table, a column for this fit and for each other one; it needs `booktabs`."""
        fits = (self, *others)
        kinds = listed(dict.fromkeys(one.errors for one in fits))
        return latex_table([one._latex() for one in fits], tr("Standard errors in parentheses: {kinds}.", kinds=kinds))

    def _latex(self) -> LatexColumn:
        pairs = zip(self.values.tolist(), self.standard_errors.tolist(), strict=True)
        foot = {
            "Cases": f"{self.cases.total:,.0f}",
            "Log-likelihood": f"{self.estimates.log_likelihood:.2f}",
            "AIC": f"{self.estimates.aic:.2f}",
            "BIC": f"{self.estimates.bic:.2f}",
        }
        return LatexColumn(self.crisis.title, dict(zip(self.parameters, pairs, strict=True)), foot)

    def to_statsmodels(self) -> Any:
        """The fit as the results of statsmodels' `GenericLikelihoodModel`, with its tests and tables.

        The covariance is of the same kind as the fit's; a bootstrapped one becomes the observed one.

        Raises
        ------
        UsageError
            If statsmodels is not installed, there are too many cases, or the fit has a penalty, which it does not know.
        """
        if self.penalty != "none":
            raise UsageError("statsmodels knows no penalties: fit without one")
        if self.cases.total > MAX_ROWS:
            raise UsageError(f"statsmodels gets at most {MAX_ROWS:,} cases, found {self.cases.total:,.0f}")
        likelihood, cases = self.estimates.likelihood, self.cases
        entry = np.repeat(np.arange(len(cases.entry_case)), cases.entry_weight.astype(np.int64))
        case = cases.entry_case[entry]

        def evaluate(values: Array) -> tuple[Array, Array]:
            found = likelihood.at(values)
            return found.log_probability[case], found.score[case]

        return statsmodels_results(
            ", ".join(column.name for column in self.recorded),
            self.parameters,
            self.values,
            evaluate,
            lambda values: hessian_of(likelihood, values),
            "observed" if self.errors == "bootstrap" else self.errors,
            None if cases.cluster is None else cases.cluster[entry],
        )

    def kept(self) -> KeptFit:
        """What later uses of the estimates need, as `fit.json` holds it."""
        return KeptFit(
            title=self.crisis.title,
            crisis=Path(self.crisis.path).name,
            crisis_sha256=sha256_of_crisis(self.crisis),
            table=Path(self.cases.table).name,
            table_sha256=self.cases.sha256,
            cases=int(self.cases.total),
            rows=self.cases.rows,
            time=times_of(self.cases),
            parameters=self.parameters,
            values=self.values,
            covariance=self.covariance if np.isfinite(self.covariance).all() else None,
            errors=self.errors,
            priors=tuple(exact_text(self.crisis.inputs[name].distribution) for name in self.parameters),
            penalty=self.penalty,
            log_likelihood=self.estimates.log_likelihood,
            converged=self.converged,
            remarks=self.remarks,
            starts=self.starts,
            seed=self.seed,
            version=version("offramp"),
            rules=choice_rules(self.crisis),
        )

    def write(self, folder: str | Path) -> None:
        """Write the fit into a new folder, all or nothing: `fit.json`, from which `read_fit` reads it."""
        write_fit(self.kept(), Path(folder))
