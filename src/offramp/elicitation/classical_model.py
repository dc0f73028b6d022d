"""Cooke's classical model: experts weighted by how they answered questions whose true values are known.

Cooke (1991), Experts in Uncertainty, chapter 12; Cooke & Goossens (2008), Reliability Engineering & System Safety 93,
657-674. Calibration is the p-value of the hypothesis that the true values fall between an expert's percentiles as often
as the percentiles say. Information is the mean relative information of its answers against the background. The score
is the product; an expert whose calibration is below a cut-off has weight 0. The cut-off is the one that gives the pool
the highest score of its own.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from offramp.elicitation.minimal_information import AskedQuestion, Curve, asked
from offramp.elicitation.panel import Panel

Pooling = Literal["equal", "global", "item"]
"""Weights: the same for all; by calibration and mean information; by calibration and the question's information."""
SAME = 1e-9
"""Relative difference of two scores that counts as none, so that rounding errors choose no cut-off."""


@dataclass(frozen=True)
class Score:
    """How an expert or a pool did on the seed questions that it answered.

    `hits`: how many true values lay below the first percentile, between the first and second, ..., above the last.
    """

    calibration: float
    information: float
    hits: tuple[int, ...]

    @property
    def seeds(self) -> int:
        """How many seed questions it answered."""
        return sum(self.hits)

    @property
    def combined(self) -> float:
        """Calibration times information."""
        return self.calibration * self.information


@dataclass(frozen=True)
class PerformanceWeights:
    """Weights of the experts, which sum to 1, the cut-off of calibration, and the score of the pool on the seeds.

    For `item` weights, `weights` are the calibrations at or above the cut-off, which each question multiplies by the
    information of the expert's answer.
    """

    pooling: Pooling
    weights: Mapping[str, float]
    cutoff: float | None
    score: Score | None

    def on(self, asked: AskedQuestion) -> dict[str, float]:
        """The weights of the experts who answered a question; they sum to 1, or are all zero."""
        given = {expert: self.weights.get(expert, 0.0) for expert in asked.question.answers}
        by_item = {expert: weight * asked.information[expert] for expert, weight in given.items()}
        return normalised(by_item if self.pooling == "item" and any(by_item.values()) else given)

    def pool(self, asked: AskedQuestion) -> Curve | None:
        """The linear pool of a question; None if no expert with a weight answered it."""
        return asked.pool(self.on(asked))


def calibration(hits: Sequence[int], probabilities: Sequence[float], power: int) -> float:
    """The p-value of the likelihood-ratio statistic 2 n I(s, p), chi-square with as many degrees as percentiles.

    `s` are the shares of `hits`, `p` the theoretical ones, `n` is `power`: the number of seeds that count.
    """
    from scipy.special import chdtrc

    shares = np.asarray(hits, dtype=np.float64) / sum(hits)
    theory = np.diff([0.0, *probabilities, 1.0])
    found = shares > 0.0
    relative = float(np.sum(shares[found] * np.log(shares[found] / theory[found])))
    return float(chdtrc(len(probabilities), max(0.0, 2.0 * power * relative)))


def scored(
    answers: Mapping[str, Sequence[float]],
    seeds: Mapping[str, AskedQuestion],
    probabilities: Sequence[float],
    power: int,
) -> Score | None:
    """How percentiles by seed question score; None if there are none. A true value on a percentile lies below it."""
    if not answers:
        return None
    hits = [0] * (len(probabilities) + 1)
    for key, answer in answers.items():
        truth = seeds[key].question.truth
        assert truth is not None
        hits[bisect_left(answer, truth)] += 1
    mean = math.fsum(seeds[key].information_of(answer) for key, answer in answers.items()) / len(answers)
    return Score(calibration(hits, probabilities, power), mean, tuple(hits))


def asked_seeds(panel: Panel) -> dict[str, AskedQuestion]:
    """The seed questions of a panel with the distributions of their experts."""
    return {key: asked(seed, panel.probabilities) for key, seed in panel.seeds.items()}


def expert_scores(panel: Panel, seeds: Mapping[str, AskedQuestion]) -> dict[str, Score]:
    """The score of every expert who answered a seed question.

    If some answered fewer seeds, the calibration of all has the power of the smallest number, so that they compare.
    """
    given = {
        expert: {key: seed.answers[expert] for key, seed in panel.seeds.items() if expert in seed.answers}
        for expert in panel.experts
    }
    power = power_of(panel)
    scores = {expert: scored(answers, seeds, panel.probabilities, power) for expert, answers in given.items()}
    return {expert: score for expert, score in scores.items() if score is not None}


def power_of(panel: Panel) -> int:
    """The smallest number of seeds that an expert answered, of those who answered any; 0 if there are no seeds."""
    counts = [sum(expert in seed.answers for seed in panel.seeds.values()) for expert in panel.experts]
    return min(filter(None, counts), default=0)


def equal_weights(panel: Panel, seeds: Mapping[str, AskedQuestion]) -> PerformanceWeights:
    """The same weight for every expert."""
    weights = {expert: 1.0 / len(panel.experts) for expert in panel.experts}
    return _with_score(panel, seeds, PerformanceWeights("equal", weights, None, None))


def performance_weights(
    panel: Panel, seeds: Mapping[str, AskedQuestion], scores: Mapping[str, Score], pooling: Pooling
) -> PerformanceWeights:
    """Global or item weights with the cut-off that gives the pool the highest score; the lowest of equally good ones.

    The cut-offs to choose from are the calibrations of the experts.
    """
    candidates = [
        _with_score(panel, seeds, PerformanceWeights(pooling, _weights(scores, pooling, cutoff), cutoff, None))
        for cutoff in sorted({score.calibration for score in scores.values()})
    ]
    best = max(_combined(candidate) for candidate in candidates)
    return next(candidate for candidate in candidates if _combined(candidate) >= best * (1.0 - SAME))


def _weights(scores: Mapping[str, Score], pooling: Pooling, cutoff: float) -> dict[str, float]:
    kept = {expert: score for expert, score in scores.items() if score.calibration >= cutoff}
    raw = {expert: score.calibration if pooling == "item" else score.combined for expert, score in kept.items()}
    if not any(raw.values()):  # calibrations so bad that they are 0 in floating point: none is better than another
        raw = dict.fromkeys(kept, 1.0)
    return normalised({expert: raw.get(expert, 0.0) for expert in scores})


def _combined(candidate: PerformanceWeights) -> float:
    return candidate.score.combined if candidate.score is not None else 0.0


def normalised(weights: Mapping[str, float]) -> dict[str, float]:
    """The weights divided by their sum, or as they are if this is 0."""
    total = math.fsum(weights.values())
    return {expert: weight / total if total > 0.0 else 0.0 for expert, weight in weights.items()}


def _with_score(panel: Panel, seeds: Mapping[str, AskedQuestion], weights: PerformanceWeights) -> PerformanceWeights:
    """The weights with the score of their pool on the seeds, as if the pool were an expert with its percentiles."""
    pools = {key: weights.pool(seed) for key, seed in seeds.items()}
    answers = {key: pool.quantile(panel.probabilities).tolist() for key, pool in pools.items() if pool is not None}
    return replace(weights, score=scored(answers, seeds, panel.probabilities, power_of(panel)))
