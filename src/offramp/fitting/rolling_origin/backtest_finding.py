"""The finding of a backtest: how good the forecasts are, against base rates and a multinomial logit, also if worse."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from offramp.common.numerals import percent, quantity
from offramp.common.texts import tr, trn
from offramp.common.words import quoted
from offramp.crisis.model import Crisis
from offramp.fitting.cases import Cases
from offramp.fitting.cells import written
from offramp.fitting.priors import PENALTIES, PenaltyKind
from offramp.fitting.rolling_origin.backtest_comparison import CRISIS, LOGIT, MODELS, RATES, against, verdict
from offramp.fitting.rolling_origin.backtest_remarks import (
    maximum_remarks,
    size_remarks,
    start_remarks,
    without_maximum,
)
from offramp.fitting.rolling_origin.exclusive_outcomes import NEGLIGIBLE, UNKNOWN, ExclusiveOutcomes
from offramp.fitting.rolling_origin.forecast_scores import (
    OutcomeScore,
    RivalScore,
    brier_scores,
    log_scores,
    outcome_score,
    rival_score,
)
from offramp.fitting.rolling_origin.rolling_fits import RollingFit
from offramp.fitting.table_check import left_out_table, used_rows
from offramp.study.finding import Column, Finding, Table, Value
from offramp.study.forecasting.scores import Bin, calibration

if TYPE_CHECKING:
    from offramp.study.drawings import Drawing

Array = NDArray[np.float64]
Int = NDArray[np.int64]


@dataclass(frozen=True, repr=False)
class Backtest(Finding):
    """The forecasts of a backtest and their scores.

    `column`: of times. `origins`: the fits, in order of time. `without_logit`: why there is no multinomial logit to
    compare with; empty if there is one. `penalty`: what each fit adds to the log-likelihood. Arrays have one entry for
    each time that a case was seen; forecasts are (forecasts, outcomes + 1), the last that none of the outcomes happens.
    """

    crisis: Crisis
    column: str
    cases: Cases
    outcomes: ExclusiveOutcomes
    origins: tuple[RollingFit, ...]
    without_logit: str
    penalty: PenaltyKind | None
    seed: int

    @cached_property
    def _repeat(self) -> Int:
        entry = np.concatenate([origin.entry for origin in self.origins])
        return np.repeat(np.arange(len(entry)), self.cases.entry_weight[entry].astype(int))

    @cached_property
    def entry(self) -> Int:
        """The entry of each forecast, in order of time: (forecasts,)."""
        return np.concatenate([origin.entry for origin in self.origins])[self._repeat]

    @cached_property
    def outcome(self) -> Int:
        """What happened: (forecasts,)."""
        return self.outcomes.of_entry[self.entry]

    @cached_property
    def time(self) -> Array:
        """When it happened: (forecasts,)."""
        assert self.cases.time is not None
        return np.asarray(self.cases.time[self.entry])

    @cached_property
    def forecasts(self) -> Array:
        """The crisis's forecasts."""
        return np.concatenate([origin.crisis for origin in self.origins])[self._repeat]

    @cached_property
    def rivals(self) -> dict[str, Array]:
        """The forecasts of each rival; NaN where it has none."""
        rates = np.concatenate([origin.rates for origin in self.origins])
        if self.without_logit:
            return {RATES: rates[self._repeat]}
        logit = [np.full_like(one.rates, np.nan) if one.logit is None else one.logit for one in self.origins]
        return {RATES: rates[self._repeat], LOGIT: np.concatenate(logit)[self._repeat]}

    @cached_property
    def scores(self) -> tuple[RivalScore, ...]:
        """The scores of each rival, and ours against it."""
        period = np.unique(self.time, return_inverse=True)[1].astype(np.int64)
        return tuple(
            rival_score(name, self.forecasts, rival, self.outcome, period, self.seed)
            for name, rival in self.rivals.items()
        )

    @cached_property
    def by_outcome(self) -> tuple[OutcomeScore, ...]:
        """How each outcome was forecast, by the crisis and then by each rival."""
        everyone = (self.forecasts, *self.rivals.values())
        return tuple(
            outcome_score(name, place, everyone, self.outcome) for place, name in enumerate(self.outcomes.names)
        )

    @cached_property
    def bins(self) -> tuple[Bin, ...]:
        """Calibration: a forecast of each outcome in each case, by tenths of probability."""
        outcomes = len(self.outcomes.names)
        happened = (self.outcome[:, None] == np.arange(outcomes)).astype(np.float64)
        case = np.repeat(np.arange(len(self.outcome)), outcomes)
        return calibration(np.clip(self.forecasts[:, :outcomes], 0.0, 1.0).ravel(), happened.ravel(), case)

    @cached_property
    def log_score(self) -> float:
        """The mean log score of the crisis, in nats; 0 is best."""
        return float(log_scores(self.forecasts, self.outcome).mean())

    @cached_property
    def brier(self) -> float:
        """The mean Brier score of the crisis, 0 to 1; 0 is best."""
        return float(brier_scores(self.forecasts, self.outcome).mean())

    @cached_property
    def first_guess(self) -> float:
        """How often the outcome that the crisis gave the highest probability happened."""
        return float((self.forecasts.argmax(axis=1) == self.outcome).mean())

    @property
    def title(self) -> str:
        return tr("Backtest: {crisis}", crisis=self.crisis.title)

    @property
    def basis(self) -> str:
        return tr("{file}, {table}, by {column}", file=self.crisis.path, table=self.cases.table, column=self.column)

    @property
    def answer(self) -> tuple[str, ...]:
        return (
            self._asked(),
            tr(
                "The log score of the crisis is {log} a case, its Brier score {brier}; lower is better. The outcome "
                "that it gave the most happened in {share} of the cases.",
                log=quantity(self.log_score),
                brier=quantity(self.brier),
                share=percent(self.first_guess),
            ),
            *maximum_remarks(self.origins, *self._loss_by_fit(), self.column, self.penalty),
            *size_remarks(self.origins, self.penalty),
            *(against(score) for score in self.scores if score.forecasts),
            verdict(self.scores, len(without_maximum(self.origins)), len(self.origins)),
            *self._by_outcome(),
            *self._doubts(),
        )

    def _loss_by_fit(self) -> tuple[Array, Array]:
        """The sum of the crisis's log scores over the cases of each fit, and how many these are: (fits,)."""
        fit = np.repeat(np.arange(len(self.origins)), [len(origin.entry) for origin in self.origins])[self._repeat]
        scores = log_scores(self.forecasts, self.outcome)
        many = len(self.origins)
        return np.bincount(fit, scores, many).astype(np.float64), np.bincount(fit, minlength=many).astype(np.float64)

    def _asked(self) -> str:
        first, last = written(float(self.time.min())), written(float(self.time.max()))
        origins, cases = self.origins, len(self.outcome)
        when = f"{self.column} {first if first == last else tr('{low} to {high}', low=first, high=last)}"
        if len(origins) == 1:
            fits = tr("one fit to the {past} cases before", past=f"{origins[0].past:,.0f}")
        else:
            fits = tr(
                "{fits} fits to {least} up to {most} cases",
                fits=len(origins), least=f"{origins[0].past:,.0f}", most=f"{origins[-1].past:,.0f}",
            )  # fmt: skip
        if self.penalty:
            fits = tr("{fits}, with {prior}", fits=fits, prior=PENALTIES[self.penalty])
        if len(origins) == 1:
            return trn(
                "{count} case, {when}, forecast by {fits}.",
                "{count} cases, {when}, forecast by {fits}.",
                cases,
                when=when,
                fits=fits,
            )
        return trn(
            "{count} case, {when}, each forecast from earlier cases only, by {fits}.",
            "{count} cases, {when}, each forecast from earlier cases only, by {fits}.",
            cases, when=when, fits=fits,
        )  # fmt: skip

    def _by_outcome(self) -> Iterator[str]:
        worst = max(self.by_outcome, key=lambda one: abs(one.said[0] - one.happened))
        yield tr(
            "Calibration on average: it is furthest off for {outcome}, which it gave {said} and which happened in "
            "{happened}.",
            outcome=quoted(worst.name), said=percent(worst.said[0]), happened=percent(worst.happened),
        )  # fmt: skip

    def _doubts(self) -> Iterator[str]:
        fits = len(self.origins)
        yield from start_remarks(self.origins)
        logit = [origin for origin in self.origins if not origin.logit_converged] if not self.without_logit else []
        if logit:
            none = sum(origin.logit is None for origin in logit)
            failed = tr("The multinomial logit did not converge in {some} of {fits} fits", some=len(logit), fits=fits)
            if none:
                yield trn(
                    "{failed}; {count} fit gave no forecast.",
                    "{failed}; {count} fits gave no forecast.",
                    none,
                    failed=failed,
                )
            else:
                yield f"{failed}."
        if self.without_logit:
            yield tr("There is no multinomial logit to compare with: {reason}.", reason=self.without_logit)
        for name, forecast in {CRISIS: self.forecasts, **self.rivals}.items():
            lost = int(np.isinf(log_scores(np.nan_to_num(forecast, nan=1.0), self.outcome)).sum())
            if lost:
                yield trn(
                    "The {model} gave no chance at all to what happened in {count} case.",
                    "The {model} gave no chance at all to what happened in {count} cases.",
                    lost, model=MODELS[name],
                )  # fmt: skip

    @property
    def tables(self) -> tuple[Table, ...]:
        return (
            self._scores(),
            self._gains(),
            self._outcomes(),
            self._calibration(),
            self._times(),
            left_out_table(self.cases),
        )

    def _scores(self) -> Table:
        columns = (
            Column("model", tr("forecasts by"), names=MODELS),
            Column("forecasts", tr("cases"), "count"),
            Column("log", tr("log score"), "number"),
            Column("brier", tr("Brier"), "number"),
            Column("first_guess", tr("first guess"), "share"),
        )
        rows: list[tuple[Value, ...]] = [(CRISIS, len(self.outcome), self.log_score, self.brier, self.first_guess)]
        rows += [(one.name, one.forecasts, one.log, one.brier, one.first_guess) for one in self.scores]
        return Table("scores", tr("Scores, the mean over cases; lower is better"), columns, tuple(rows))

    def _gains(self) -> Table:
        columns = (
            Column("model", tr("against"), names=MODELS),
            Column("score", tr("in"), names={"log score": tr("log score"), "Brier": tr("Brier")}),
            Column("gain", tr("gain"), "change"),
            Column("low", "5 %", "change", of="gain"),
            Column("high", "95 %", "change", of="gain"),
        )
        rows = tuple(
            (one.name, name, *gain)
            for one in self.scores
            for name, gain in (("log score", one.log_gain), ("Brier", one.brier_gain))
        )
        return Table("gains", tr("What the crisis gains on each; above 0 it is better"), columns, rows, grouped=1)

    def _outcomes(self) -> Table:
        columns = (
            Column("outcome", tr("outcome")),
            Column("model", tr("forecasts by"), names=MODELS),
            Column("said", tr("said"), "share"),
            Column("happened", tr("happened"), "share"),
            Column("area", tr("area"), "number"),
        )
        rows = tuple(
            (one.name, name, said, one.happened, area)
            for one in self.by_outcome
            for name, said, area in zip((CRISIS, *self.rivals), one.said, one.area, strict=True)
        )
        caption = tr("Outcomes: the mean forecast, how often it happened, and the area under the ROC curve")
        return Table("outcomes", caption, columns, rows, grouped=1)

    def _calibration(self) -> Table:
        columns = (
            Column("forecast", tr("said"), "share"),
            Column("happened", tr("came true"), "share"),
            Column("low", "5 %", "share"),
            Column("high", "95 %", "share"),
            Column("forecasts", tr("forecasts"), "count"),
        )
        rows = tuple((one.forecast, one.happened, one.low, one.high, one.forecasts) for one in self.bins)
        return Table(
            "calibration", tr("Calibration of the crisis: each outcome in each case, by tenths"), columns, rows
        )

    def _times(self) -> Table:
        names = (CRISIS, *self.rivals)
        columns = (
            Column("time", self.column),
            Column("past", tr("earlier cases"), "count"),
            Column("forecasts", tr("forecast"), "count"),
            Column("fit", tr("fit")),
            *(Column(f"log_{key}", heading, "number") for key, heading in _logs(names).items()),
        )
        logs = [log_scores(one, self.outcome) for one in (self.forecasts, *self.rivals.values())]
        rows: list[tuple[Value, ...]] = []
        for origin in self.origins:
            here = (self.time >= origin.time) & (self.time < origin.until)
            scores = [float(log[here].mean()) for log in logs]
            rows.append((written(origin.time), origin.past, int(here.sum()), origin.ending, *scores))
        return Table("times", tr("Mean log scores by time"), columns, tuple(rows))

    @property
    def notes(self) -> tuple[str, ...]:
        notes = [
            tr(
                "Log score: minus the natural logarithm of the probability of what happened. Brier score: half of the "
                "sum of squared distances over outcomes. 5 % to 95 %: of gains, by drawing whole times again. Rates of "
                "earlier cases have half a case added to each outcome. First guess: how often the likeliest outcome "
                "happened."
            ),
            used_rows(self.cases),
        ]
        assert self.cases.time is not None
        timeless = int(np.isnan(self.cases.time).sum())
        if timeless:
            notes.append(
                trn(
                    "{count} row without a time could be neither learnt from nor forecast.",
                    "{count} rows without a time could be neither learnt from nor forecast.",
                    timeless,
                )
            )
        open_ = int((self.outcomes.of_entry == UNKNOWN).sum())
        if open_:
            notes.append(
                trn(
                    "{count} row that leave an outcome open were learnt from, but not forecast.",
                    "{count} rows that leave an outcome open were learnt from, but not forecast.",
                    open_,
                )
            )
        rest = float(self.forecasts[:, -1].mean())
        if rest > NEGLIGIBLE:
            notes.append(tr("The crisis gave {share} on average to plays that no outcome names.", share=percent(rest)))
        return tuple(notes)

    def drawings(self) -> tuple[Drawing, ...]:
        """The pictures: what the crisis gains over time, and its calibration."""
        from offramp.fitting.rolling_origin.backtest_chart import backtest_drawings

        ours = log_scores(self.forecasts, self.outcome)
        gains = {name: log_scores(rival, self.outcome) - ours for name, rival in self.rivals.items()}
        return backtest_drawings(self.bins, self.column, self.time, gains)


def _logs(names: tuple[str, ...]) -> dict[str, str]:
    """For each model the end of its column's name, and its heading."""
    logs = {
        CRISIS: ("crisis", tr("log, crisis")), RATES: ("rates", tr("log, rates")), LOGIT: ("logit", tr("log, logit")),
    }  # fmt: skip
    return dict(logs[name] for name in names)
