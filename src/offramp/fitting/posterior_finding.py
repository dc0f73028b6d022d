"""The finding of a posterior: what the recorded cases leave of the priors in the file."""

from __future__ import annotations

from dataclasses import dataclass, replace

from offramp.common.texts import tr, trn
from offramp.fitting.fit_folder import KeptFit
from offramp.fitting.posterior import Posterior
from offramp.fitting.posterior_tables import posterior_sentences, posterior_tables
from offramp.study.finding import Finding, Table


@dataclass(frozen=True, repr=False, eq=False)
class FittedPosterior(Finding):
    """The posterior of a crisis's coefficients; `likeliest`: the fit that it belongs to, as it is kept."""

    posterior: Posterior
    likeliest: KeptFit

    @property
    def title(self) -> str:
        return tr("Posterior of the coefficients: {crisis}", crisis=self.likeliest.title)

    @property
    def basis(self) -> str:
        kept, seed = self.likeliest, self.posterior.seed
        return trn(
            "{count} case of {table}, and the priors of the file; seed {seed}",
            "{count} cases of {table}, and the priors of the file; seed {seed}",
            kept.cases,
            table=kept.table,
            seed=seed,
        )

    @property
    def answer(self) -> tuple[str, ...]:
        passed = tr("`--out`, `--into` and `run --fit` pass on the means and the covariance of this posterior.")
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
