"""The finding of a posterior: what the recorded cases leave of the priors in the file."""

from __future__ import annotations

from dataclasses import dataclass, replace

from offramp.fitting.fit_folder import KeptFit
from offramp.fitting.posterior import Posterior
from offramp.fitting.posterior_tables import posterior_sentences, posterior_tables
from offramp.study.finding import Finding, Table
from offramp.study.forecasting.forecasts import number_of


@dataclass(frozen=True, repr=False, eq=False)
class FittedPosterior(Finding):
    """The posterior of a crisis's coefficients; `likeliest`: the fit that it belongs to, as it is kept."""

    posterior: Posterior
    likeliest: KeptFit

    @property
    def title(self) -> str:
        return f"Posterior of the coefficients: {self.likeliest.title}"

    @property
    def basis(self) -> str:
        kept, seed = self.likeliest, self.posterior.seed
        return f"{number_of(kept.cases, 'case')} of {kept.table}, and the priors of the file; seed {seed}"

    @property
    def answer(self) -> tuple[str, ...]:
        passed = "`--out`, `--into` and `run --fit` pass on the means and the covariance of this posterior."
        return (*posterior_sentences(self.posterior), passed)

    @property
    def tables(self) -> tuple[Table, ...]:
        return posterior_tables(self.posterior)

    def kept(self) -> KeptFit:
        """What later uses need: the fit with the posterior's means and covariance in place of its own."""
        away = self.posterior.values - self.posterior.mean
        covariance = (away.T * self.posterior.weights) @ away
        return replace(
            self.likeliest,
            values=self.posterior.mean,
            covariance=(covariance + covariance.T) / 2.0,
            errors="posterior",
            penalty="prior",
            converged=self.posterior.trusted,
            remarks=posterior_sentences(self.posterior),
            seed=self.posterior.seed,
        )
