"""How likely each ending is, and how sure that is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from offramp.common.numerals import NEGLIGIBLE, percent, span
from offramp.common.texts import tr, trn
from offramp.common.words import listed
from offramp.crisis.names import Names, capital, names_of
from offramp.gambit.opening import Playable
from offramp.runs.result import Run
from offramp.runs.run import run_of
from offramp.runs.weighted import Interval, influence
from offramp.study.basis import DRAWS_AS_OF_NOW, moment, of_run
from offramp.study.finding import Column, Finding, Table
from offramp.study.outlook.ending_times import EndingTimes, ending_times
from offramp.study.outlook.measured import Measured, measured, measures_table
from offramp.study.standing import NO_NUMBERS, drawn_standing, left_out_of_numbers
from offramp.study.wording import UNREACHED, bands, odds_word

Array = NDArray[np.float64]

BATCHES = 16
"""Number of batches of consecutive draws from which the Monte Carlo error is computed."""
FEWEST = 2.0 * BATCHES
"""Smallest effective sample size as of now for an error: it takes two draws in each batch."""


@dataclass(frozen=True, repr=False)
class EndingOdds:
    """An ending: its probability over the draws, and the `error` (a standard error), which more draws would reduce.

    `likeliest`: the share of draws in which it is likelier than every other.
    """

    name: str
    interval: Interval
    error: float
    likeliest: float


@dataclass(frozen=True, repr=False)
class Endings(Finding):
    """How likely each ending is, likeliest first.

    `uncertain`: whether any input is. `warning`: what the run says of draws that have several equilibria, or empty.
    `moment`: as of when, in words; empty from the outset.
    """

    crisis: str
    names: Names
    uncertain: bool
    draws: int
    converged: int
    endings: tuple[EndingOdds, ...]
    warning: str
    moment: str = ""
    as_of_now: bool = False
    """Whether the crisis is taken after its outset; the `moment` of a draft is never empty."""
    measures: tuple[Measured, ...] = ()
    when: EndingTimes | None = None
    """In which round each ending comes about; None if the rounds have no dates."""
    unreached: Mapping[str, str] = field(default_factory=dict)
    """The endings that no history of the game reaches, and why, in words."""

    @property
    def intervals(self) -> dict[str, Interval]:
        """The probability of each ending over the draws."""
        return {ending.name: ending.interval for ending in self.endings}

    @property
    def leading(self) -> tuple[EndingOdds, ...]:
        """The likeliest ending; in a tie, all that are equally likely."""
        most = self.endings[0].interval.mean - NEGLIGIBLE
        return tuple(ending for ending in self.endings if ending.interval.mean >= most)

    @property
    def title(self) -> str:
        return tr("{crisis}: how likely is each ending, and how sure is that?", crisis=self.crisis)

    @property
    def basis(self) -> str:
        return self.moment + of_run(self.draws, self.draws, self.names.pulled)

    @property
    def answer(self) -> tuple[str, ...]:
        if not self.converged:
            return (NO_NUMBERS,)
        sentences = [self._likeliest()]
        sentences += [f"{capital(self.names.endings[key])}: {why}" for key, why in self.unreached.items()]
        if left := self.draws - self.converged:
            sentences.append(left_out_of_numbers(left, self.draws))
        if self.when is not None:
            sentences += self.when.answer
        if self.warning:
            sentences.append(self.warning)
        return tuple(sentences)

    def _likeliest(self) -> str:
        first, *tied = self.leading
        odds, share = odds_word(first.interval.mean), percent(first.interval.mean)
        names = listed(self.names.endings[ending.name] for ending in self.leading)
        if tied and self.uncertain:
            return tr(
                "No ending is the likeliest. These are equally likely ({odds}, {share} on average over the uncertain "
                "inputs): {endings}.",
                odds=odds,
                share=share,
                endings=names,
            )
        if tied:
            return tr(
                "No ending is the likeliest. These are equally likely ({odds}, {share}): {endings}.",
                odds=odds,
                share=share,
                endings=names,
            )
        if self.uncertain:
            return tr(
                "The likeliest ending is {ending}: {odds}, {share} on average over the uncertain inputs, {range} in "
                "nine draws out of ten. It is the likeliest in {draws} of the draws.",
                ending=names,
                odds=odds,
                share=share,
                range=span(first.interval.p05, first.interval.p95),
                draws=percent(first.likeliest),
            )
        return tr(
            "The likeliest ending is {ending}: {odds}, {share}. No input is uncertain.",
            ending=names,
            odds=odds,
            share=share,
        )

    @property
    def tables(self) -> tuple[Table, ...]:
        columns = (
            Column("ending", tr("ending"), names=self.names.endings),
            Column("mean", tr("mean"), "share"),
            Column("p05", "5 %", "share"),
            Column("p50", tr("median"), "share"),
            Column("p95", "95 %", "share"),
            Column("error", tr("error"), "error"),
            Column("likeliest", tr("likeliest"), "share"),
            Column("words", tr("in words")),
        )
        rows = tuple(
            (e.name, i.mean, i.p05, i.p50, i.p95, e.error, e.likeliest, odds_word(i.mean) if self.converged else None)
            for e in self.endings
            for i in (e.interval,)
        )
        caption = trn("Endings over {count} converged draws", "Endings over {count} converged draws", self.converged)
        table = Table("endings", caption, columns, rows)
        measures = (measures_table(self.measures),) if self.measures else ()
        return (table, *measures, *(self.when.tables if self.when is not None else ()))

    @property
    def notes(self) -> tuple[str, ...]:
        share = percent(1.0 - self.converged / self.draws) if self.draws else "–"
        return (
            *((DRAWS_AS_OF_NOW,) if self.as_of_now else ()),
            tr(
                "5 % to 95 %: over the draws, what the uncertain inputs leave open; more draws do not narrow it. "
                "Error: the standard error of the mean in points, which more draws do narrow. Likeliest: the share of "
                "draws in which it is likelier than every other. Not converged: {share} of the draws.",
                share=share,
            ),
            tr("Words of estimative probability (ICD 203): {words}.", words=bands()),
            *((self.when.basis,) if self.when is not None else ()),
        )


def endings(run: Playable) -> Endings:
    """The probability of each ending over the converged draws, likeliest first, with its Monte Carlo error.

    The error is computed from batch means. Draws are a scrambled Sobol sequence, whose mean is nearer to the truth than
    its batches suggest (Owen 2023, *Practical Quasi-Monte Carlo Integration*), so it errs to the safe side. If the
    rounds have dates, some draws are solved again for the round in which each ending comes about.
    """
    run = run_of(run)
    kept, weights = run.converged, run.weights
    solved = int(kept.sum())
    first = run.endings >= run.endings.max(axis=0, initial=0.0) - NEGLIGIBLE
    likeliest = first & (first.sum(axis=0) == 1)
    odds = [
        EndingOdds(
            ending.key,
            run.ending_intervals[ending.key],
            mean_error(run.endings[number], kept, weights),
            run.interval(likeliest[number].astype(np.float64)).mean,
        )
        for number, ending in enumerate(run.crisis.endings)
    ]
    by_mean = sorted(odds, key=lambda ending: -ending.interval.mean if solved else 0.0)
    _, warning = drawn_standing(run)
    return Endings(
        run.crisis.title,
        names_of(run.crisis),
        bool(run.crisis.effective_inputs),
        run.draws,
        solved,
        tuple(by_mean),
        warning,
        moment(run.crisis),
        run.crisis.outset is not None,
        measured(run),
        ending_times(run) if solved else None,
        _unreached(run) if solved else {},
    )


def _unreached(run: Run) -> dict[str, str]:
    """The endings that no history reaches, and why; the game is made only if one has no chance in any draw."""
    if run.endings[:, run.converged].any(axis=1).all():
        return {}
    states = zip(run.crisis.endings, run.game.ending_states, strict=True)
    return {ending.key: UNREACHED[state] for ending, state in states if state != "reached"}


def mean_error(values: Array, kept: NDArray[np.bool_], weights: Array | None) -> float:
    """The standard error of the mean of values, (draws,), over the draws kept, with their weights if there are any."""
    if weights is None:
        return monte_carlo_error(values, kept)
    kept = kept & (weights > 0.0)
    return posterior_error((values * weights)[kept], weights[kept], kept)


def posterior_error(joint: Array, weights: Array, kept: NDArray[np.bool_]) -> float:
    """The standard error of a posterior mean: that of the draws' influences on it (the delta method).

    `joint`, `weights`: as in `weighted.mean_of`, of the draws kept; `kept`: (draws,).
    """
    effects = np.zeros(len(kept))
    if len(weights):
        effects[kept] = influence(joint, weights)
    return monte_carlo_error(effects, kept)


def monte_carlo_error(values: Array, kept: NDArray[np.bool_]) -> float:
    """The standard error of the mean of values, (draws,), over the draws kept; NaN if batches are too small."""
    batch = np.arange(len(values)) * BATCHES // len(values)
    sizes = np.bincount(batch[kept], minlength=BATCHES)
    if sizes.min() < 2:
        return np.nan
    means = np.bincount(batch[kept], weights=values[kept], minlength=BATCHES) / sizes
    return float(means.std(ddof=1) / np.sqrt(BATCHES))
