"""The finding of an elicitation: what the experts expect, how they are weighted, and how the pools score."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from offramp.common.numerals import percent, quantity
from offramp.common.texts import tr, trn
from offramp.common.words import listed
from offramp.elicitation.classical_model import Pooling, Score, power_of
from offramp.elicitation.estimates import POOL_NAMES, PanelEstimates, PooledAnswer, estimates_of
from offramp.elicitation.panel import percentile_names
from offramp.elicitation.panel_file import read_panel
from offramp.study.finding import Column, Finding, Table, Value

if TYPE_CHECKING:
    from offramp.study.drawings import Drawing

SHOWN = (0.05, 0.1, 0.5, 0.9, 0.95)
"""The probabilities of the percentiles of pools in tables."""
_POOL = Column("pool", tr("pool"), names=POOL_NAMES)
FEW_SEEDS = 10
"""Cooke advises at least about ten seed questions; with fewer, a note says so."""
FAR = 0.1
"""A fit that is further than this from its pool gets a note."""
MOST_SENTENCES = 6
"""Maximum number of questions with a sentence; the tables have all."""


def elicit(path: str | Path, pool: Pooling | None = None) -> Elicited:
    """What the experts of an elicitation file expect.

    Parameters
    ----------
    path
        The elicitation file.
    pool
        `equal`, `global` or `item` weights; by default `global` if there are seed questions, else `equal`.

    Raises
    ------
    CrisisError
        If the file has mistakes; it holds all of them, with line and column.
    OfframpError
        If the file cannot be read, or has no seed questions for weights by performance.
    """
    return Elicited(estimates_of(read_panel(path), pool))


@dataclass(frozen=True, repr=False)
class Elicited(Finding):
    """What a panel expects of each question, in the pool that is used and beside it in the others."""

    estimates: PanelEstimates

    @property
    def title(self) -> str:
        panel = self.estimates.panel
        experts = len(panel.experts)
        return trn(
            "What one expert expects: {title}", "What {count} experts expect: {title}", experts, title=panel.title
        )

    @property
    def basis(self) -> str:
        panel = self.estimates.panel
        questions = trn("{count} question", "{count} questions", len(panel.questions))
        if not panel.seeds:
            return f"{panel.path}: {questions}"
        seeds = trn("{count} seed question", "{count} seed questions", len(panel.seeds))
        return tr("{file}: {questions} and {seeds}", file=panel.path, questions=questions, seeds=seeds)

    @property
    def answer(self) -> tuple[str, ...]:
        estimates = self.estimates.estimates
        sentences = [_weighing(self.estimates), *_comparing(self.estimates)]
        sentences += [_sentence(estimate) for estimate in estimates[:MOST_SENTENCES]]
        more = len(estimates) - MOST_SENTENCES
        if more > 0:
            see = trn("{count} more question: see the tables.", "{count} more questions: see the tables.", more)
            sentences.append(see)
        return tuple(sentences)

    @property
    def tables(self) -> tuple[Table, ...]:
        tables = (
            self._expected(),
            self._written(),
            self._experts(),
            self._pools(),
            self._answers(),
            self._seed_answers(),
        )
        return tuple(table for table in tables if table.rows)

    @property
    def notes(self) -> tuple[str, ...]:
        return tuple(_notes(self.estimates))

    def drawings(self) -> tuple[Drawing, ...]:
        """The pictures: what each expert and each pool expects of each question."""
        from offramp.elicitation.elicitation_chart import drawing_of

        return drawing_of(self.estimates) if self.estimates.estimates else ()

    def _expected(self) -> Table:
        names = percentile_names(SHOWN)
        columns = (
            Column("question", tr("question")),
            Column("unit", tr("unit")),
            _POOL,
            *(Column(name, name, "number") for name in names),
        )
        rows = [
            (estimate.question.key, estimate.question.unit, kind, *pool.quantile(SHOWN).tolist())
            for estimate in self.estimates.estimates
            for kind, pool in estimate.pools.items()
        ]
        return Table("expected", tr("What the pools expect, by percentile"), columns, tuple(rows), grouped=2)

    def _written(self) -> Table:
        columns = (
            Column("question", tr("question")),
            Column("input", tr("input")),
            Column("distribution", tr("as a distribution")),
            Column("error", tr("largest error"), "share"),
        )
        rows = [
            (estimate.question.key, input_of(estimate), estimate.fit.text, estimate.fit.error)
            for estimate in self.estimates.estimates
            if estimate.fit is not None
        ]
        caption = tr("As distributions of inputs (pool: {pool})", pool=POOL_NAMES[self.estimates.pooling])
        return Table("distributions", caption, columns, tuple(rows))

    def _experts(self) -> Table:
        columns = (
            Column("expert", tr("expert")),
            Column("seeds", tr("seeds"), "count"),
            Column("calibration", tr("calibration"), "number"),
            Column("information", tr("information"), "number"),
            Column("score", tr("score"), "number"),
            Column("weight", tr("weight"), "share"),
        )
        rows: list[tuple[Value, ...]] = []
        for expert in self.estimates.panel.experts if self.estimates.scores else ():
            score = self.estimates.scores.get(expert)
            numbers = (None, None, None) if score is None else _numbers(score)
            weight = self.estimates.weights["global"].weights.get(expert, 0.0)
            rows.append((expert, score.seeds if score else 0, *numbers, weight))
        caption = tr("The experts on the seed questions, and their weights by performance")
        return Table("experts", caption, columns, tuple(rows))

    def _pools(self) -> Table:
        columns = (
            _POOL,
            Column("cutoff", tr("cut-off"), "number"),
            Column("calibration", tr("calibration"), "number"),
            Column("information", tr("information"), "number"),
            Column("score", tr("score"), "number"),
        )
        rows = [
            (kind, weights.cutoff, *_numbers(weights.score))
            for kind, weights in self.estimates.weights.items()
            if weights.score is not None
        ]
        return Table("pools", tr("The pools on the same seed questions, scored as an expert is"), columns, tuple(rows))

    def _answers(self) -> Table:
        panel = self.estimates.panel
        percentiles = _percentile_columns(panel.probabilities)
        columns = (Column("question", tr("question")), Column("expert", tr("expert")), *percentiles)
        rows: list[tuple[Value, ...]] = [
            (question.key, expert, *answer)
            for question in panel.questions.values()
            for expert, answer in question.answers.items()
        ]
        return Table("answers", tr("What each expert answered"), columns, tuple(rows), grouped=1)

    def _seed_answers(self) -> Table:
        probabilities = self.estimates.panel.probabilities
        columns = (
            Column("seed", tr("seed question")),
            Column("truth", tr("true value"), "number"),
            _POOL,
            *_percentile_columns(probabilities),
            Column("level", tr("truth at level"), "share"),
        )
        rows: list[tuple[Value, ...]] = []
        for key, seed in self.estimates.seeds.items():
            truth = seed.question.truth
            for kind, weights in self.estimates.weights.items():
                pool = weights.pool(seed)
                if pool is not None and truth is not None:
                    level = float(pool.cdf(np.array([truth]))[0])
                    rows.append((key, truth, kind, *pool.quantile(probabilities).tolist(), level))
        return Table("seeds", tr("The pools on each seed question"), columns, tuple(rows), grouped=2)


def input_of(estimate: PooledAnswer) -> str:
    """The key of the input that a question is about: by default the question's own."""
    return estimate.question.input or estimate.question.key


def in_points(error: float) -> str:
    """A largest error in words.

    Examples
    --------
    >>> in_points(0.031)
    '3.1 points'
    """
    return tr("{number} points", number=f"{100.0 * error:.1f}")


def _percentile_columns(probabilities: tuple[float, ...]) -> tuple[Column, ...]:
    return tuple(Column(name, name, "number") for name in percentile_names(probabilities))


def _numbers(score: Score) -> tuple[float, float, float]:
    return score.calibration, score.information, score.combined


def _weighing(estimates: PanelEstimates) -> str:
    """Who counts how much in the pool that is used."""
    experts = estimates.panel.experts
    if estimates.pooling == "equal":
        return tr("All experts have the same weight.") if len(experts) > 1 else tr("There is one expert.")
    weights = {expert: weight for expert, weight in estimates.used.weights.items() if weight > 0.0}
    by = sorted(weights, key=lambda expert: -weights[expert])
    if estimates.pooling == "item":
        return trn(
            "{experts} counts, by performance and question by question.",
            "{experts} count, by performance and question by question.",
            len(by),
            experts=listed(by, 5),
        )
    shares = listed((f"{expert} {percent(weights[expert])}" for expert in by), 5)
    if len(by) == len(experts):
        return tr("Weights by performance on the seed questions: {shares}.", shares=shares)
    return trn(
        "Weights by performance on the seed questions: {shares}; the other has no weight.",
        "Weights by performance on the seed questions: {shares}; the other {count} have no weight.",
        len(experts) - len(by),
        shares=shares,
    )


def _comparing(estimates: PanelEstimates) -> Iterator[str]:
    """How the pool that is used scores on the seeds, beside equal weights."""
    used, equal = estimates.used.score, estimates.weights["equal"].score
    if used is None or equal is None:
        return
    if estimates.pooling == "equal":
        yield tr("On the seed questions this pool scores {score}.", score=_score(equal))
    elif used.combined >= equal.combined:
        yield tr(
            "On the seed questions this pool scores {score}; equal weights score {equal}.",
            score=_score(used),
            equal=_score(equal),
        )
    else:
        yield tr(
            "On the seed questions this pool scores {score}; equal weights score {equal}: equal weights do better "
            "here, so take --pool equal.",
            score=_score(used),
            equal=_score(equal),
        )


def _score(score: Score) -> str:
    return tr(
        "{score} (calibration {calibration} times information {information})",
        score=quantity(score.combined),
        calibration=quantity(score.calibration),
        information=quantity(score.information),
    )


def _sentence(estimate: PooledAnswer) -> str:
    question = estimate.question
    if estimate.used is None:
        return tr(
            "{question}: no expert with a weight answered; --pool equal has an answer.",
            question=question.key,
        )
    p10, p50, p90 = map(quantity, estimate.used.quantile((0.1, 0.5, 0.9)).tolist())
    median = f"{p50} {question.unit}" if question.unit else p50
    if estimate.fit is None:
        return tr(
            "{question}: median {median}, p10 {p10}, p90 {p90}; no smooth percentiles() has these numbers.",
            question=question.key,
            median=median,
            p10=p10,
            p90=p90,
        )
    return tr(
        "{question}: median {median}, p10 {p10}, p90 {p90}; {distribution} is at most {error} of probability off.",
        question=question.key,
        median=median,
        p10=p10,
        p90=p90,
        distribution=estimate.fit.text,
        error=in_points(estimate.fit.error),
    )


def _notes(estimates: PanelEstimates) -> Iterator[str]:
    panel = estimates.panel
    yield tr(
        "Each expert's distribution is uniform between its percentiles, on a logarithmic scale where the file says so, "
        "and reaches a tenth beyond all values of the question, within its natural bounds (Cooke 1991)."
    )
    for estimate in estimates.estimates:
        if estimate.used is not None and estimate.fit is None:
            yield tr(
                "{question}: no smooth percentiles() has the pool's p10, p50 and p90: p50 is too close to one of "
                "the others. Give natural bounds (low, high), use scale: log, or write a triangular() or uniform() by "
                "hand.",
                question=estimate.question.key,
            )
        elif estimate.fit is not None and estimate.fit.error > FAR:
            yield tr(
                "{question}: the distribution is {error} off. If the experts are of two minds, make a chance step of "
                "it, or solve the crisis with each.",
                question=estimate.question.key,
                error=in_points(estimate.fit.error),
            )
    if not estimates.scores:
        return
    yield tr(
        "Calibration: the p-value of the hypothesis that the true values fall between the percentiles as often as they "
        "should. Information: relative to the background, in nats. Score: their product. An expert below the cut-off "
        "has no weight; the cut-off gives the pool its highest score."
    )
    yield tr(
        "The pools are scored on the seed questions that gave the weights, so the weights by performance look better "
        "than they would on new questions."
    )
    if len(panel.seeds) < FEW_SEEDS:
        yield trn(
            "Weights by performance need about {needed} seed questions; there is {count}.",
            "Weights by performance need about {needed} seed questions; there are {count}.",
            len(panel.seeds),
            needed=FEW_SEEDS,
        )
    unscored = [expert for expert in panel.experts if expert not in estimates.scores]
    if unscored:
        yield tr(
            "Without a weight by performance, because without an answer to a seed question: {experts}.",
            experts=listed(unscored),
        )
    power = power_of(panel)
    if any(score.seeds > power for score in estimates.scores.values()):
        yield trn(
            "Some experts answered only {count} seed: the calibration of all has the power of {count}.",
            "Some experts answered only {count} seeds: the calibration of all has the power of {count}.",
            power,
        )
