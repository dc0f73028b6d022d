"""What a panel expects of each question: the pools, the pool that is used, and its distribution in the language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from offramp.common.errors import UsageError
from offramp.common.texts import tr
from offramp.elicitation.classical_model import (
    PerformanceWeights,
    Pooling,
    Score,
    asked_seeds,
    equal_weights,
    expert_scores,
    performance_weights,
)
from offramp.elicitation.fitted import FittedDistribution, fit
from offramp.elicitation.minimal_information import AskedQuestion, Curve, asked
from offramp.elicitation.panel import Panel, PanelQuestion

POOL_NAMES: Mapping[Pooling, str] = {
    "equal": tr("equal weights"),
    "global": tr("by performance"),
    "item": tr("by question"),
}


@dataclass(frozen=True)
class PooledAnswer:
    """A question with its pools by kind of weights; `used` is the one that is written, None if it does not exist.

    `fit`: the distribution near the pool that is used; None if there is no smooth one.
    """

    question: PanelQuestion
    pools: Mapping[Pooling, Curve]
    used: Curve | None
    fit: FittedDistribution | None


@dataclass(frozen=True)
class PanelEstimates:
    """The weights by kind, the scores of the experts on the seeds, and an estimate for each question.

    `pooling`: the kind of weights that is used. `seeds`: the seed questions with the distributions of their experts.
    """

    panel: Panel
    pooling: Pooling
    seeds: Mapping[str, AskedQuestion]
    scores: Mapping[str, Score]
    weights: Mapping[Pooling, PerformanceWeights]
    estimates: tuple[PooledAnswer, ...]

    @property
    def used(self) -> PerformanceWeights:
        """The weights that are used."""
        return self.weights[self.pooling]


def estimates_of(panel: Panel, pooling: Pooling | None = None) -> PanelEstimates:
    """Weigh the experts and pool their answers.

    Parameters
    ----------
    panel
        The experts and their answers.
    pooling
        The weights to use: by default `global` if there are seed questions, else `equal`.

    Raises
    ------
    UsageError
        If weights by performance are asked for, but no expert answered a seed question.
    """
    seeds = asked_seeds(panel)
    scores = expert_scores(panel, seeds)
    chosen: Pooling = pooling or ("global" if scores else "equal")
    if chosen not in POOL_NAMES:
        raise UsageError(f"pools are {', '.join(POOL_NAMES)}; found {chosen!r}")
    if chosen != "equal" and not scores:
        raise UsageError(f"{panel.path} has no answered seed questions, so only equal weights are possible")
    weights: dict[Pooling, PerformanceWeights] = {"equal": equal_weights(panel, seeds)}
    if scores:
        by_performance: tuple[Pooling, ...] = ("global", "item")
        weights |= {kind: performance_weights(panel, seeds, scores, kind) for kind in by_performance}
    return PanelEstimates(
        panel=panel,
        pooling=chosen,
        seeds=seeds,
        scores=scores,
        weights=weights,
        estimates=tuple(_estimate(panel, question, weights, chosen) for question in panel.questions.values()),
    )


def _estimate(
    panel: Panel, question: PanelQuestion, weights: Mapping[Pooling, PerformanceWeights], chosen: Pooling
) -> PooledAnswer:
    with_curves = asked(question, panel.probabilities)
    found = {kind: by.pool(with_curves) for kind, by in weights.items()}
    pools = {kind: pool for kind, pool in found.items() if pool is not None}
    used = pools.get(chosen)
    return PooledAnswer(question, pools, used, None if used is None else fit(question, used))
