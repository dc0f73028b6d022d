"""Distributions that add the least to what an expert said: piecewise uniform between percentiles (Cooke 1991).

All experts of a question share one intrinsic range: from the lowest to the highest value that anybody gave, or that
came true, and a tenth more on both sides, within the natural bounds. The background is uniform over this range, or
uniform in the logarithm.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from offramp.elicitation.panel import PanelQuestion

Array = NDArray[np.float64]

OVERSHOOT = 0.1
"""How far the intrinsic range goes beyond the values on both sides, as a share of their span (Cooke 1991, ch. 12)."""


@dataclass(frozen=True)
class Curve:
    """A distribution function that is linear between points, from level 0 at the first to level 1 at the last.

    `points` are values, or their logarithms if `log`.
    """

    points: Array
    levels: Array
    log: bool

    def cdf(self, values: Array) -> Array:
        """The probability of a value of at most each of `values`, in an array of the same shape."""
        with np.errstate(divide="ignore", invalid="ignore"):
            scaled = np.where(values > 0.0, np.log(values), -np.inf) if self.log else values
        return np.interp(scaled, self.points, self.levels)

    def quantile(self, probabilities: Array | Sequence[float]) -> Array:
        """The values at probabilities, in an array of the same shape."""
        at = np.asarray(probabilities, dtype=np.float64)
        after = np.clip(np.searchsorted(self.levels, at), 1, len(self.levels) - 1)
        # rounding errors of a long piece may pass its end
        scaled = np.clip(np.interp(at, self.levels, self.points), self.points[after - 1], self.points[after])
        return np.exp(scaled) if self.log else scaled

    @property
    def range(self) -> tuple[float, float]:
        """Its lowest and its highest value."""
        low, high = self.quantile((0.0, 1.0))
        return float(low), float(high)


def intrinsic_range(question: PanelQuestion) -> tuple[float, float]:
    """The intrinsic range of a question, in values, or in logarithms if the question has a logarithmic scale."""
    ends = [value for answer in question.answers.values() for value in (answer[0], answer[-1])]
    ends += [] if question.truth is None else [question.truth]
    scaled = [math.log(value) if question.log else value for value in ends]
    beyond = OVERSHOOT * (max(scaled) - min(scaled))
    low, high = min(scaled) - beyond, max(scaled) + beyond
    if question.low is not None and (question.low > 0.0 or not question.log):
        low = max(low, math.log(question.low) if question.log else question.low)
    if question.high is not None:
        high = min(high, math.log(question.high) if question.log else question.high)
    return low, high


def expert_curves(question: PanelQuestion, probabilities: Sequence[float]) -> dict[str, Curve]:
    """The distribution of each expert who answered a question: uniform (or log-uniform) between its percentiles."""
    low, high = intrinsic_range(question)
    levels = np.array([0.0, *probabilities, 1.0])
    return {
        expert: Curve(np.array([low, *_scaled(question, answer), high]), levels, question.log)
        for expert, answer in question.answers.items()
    }


@dataclass(frozen=True)
class AskedQuestion:
    """A question with the distributions of its experts, computed once and pooled many times.

    `low` and `high`: the intrinsic range, in logarithms if the question has a logarithmic scale. `points`: all points
    of the distributions; `levels`: each distribution there, (experts, points). `information` of each expert's answer.
    """

    question: PanelQuestion
    probabilities: tuple[float, ...]
    low: float
    high: float
    points: Array
    levels: Array
    information: Mapping[str, float]

    def pool(self, weights: Mapping[str, float]) -> Curve | None:
        """The linear pool of the experts who answered, their weights divided by the sum; None if all are zero."""
        given = np.array([weights.get(expert, 0.0) for expert in self.question.answers])
        if not np.any(given > 0.0):
            return None
        pooled = np.clip((given / given.sum()) @ self.levels, 0.0, 1.0)
        pooled[0], pooled[-1] = 0.0, 1.0  # rounding errors of the sum
        return Curve(self.points, pooled, self.question.log)

    def information_of(self, answer: Sequence[float]) -> float:
        """The relative information of percentiles against the background, in nats (Cooke 1991, eq. 12.2).

        The mass between two neighbouring percentiles is uniform there: sum p ln(p / r), r the background's mass.
        """
        mass = np.diff([0.0, *self.probabilities, 1.0])
        background = np.diff([self.low, *_scaled(self.question, answer), self.high]) / (self.high - self.low)
        return max(0.0, float(np.sum(mass * np.log(mass / background))))


def asked(question: PanelQuestion, probabilities: tuple[float, ...]) -> AskedQuestion:
    """The question with the distributions of its experts."""
    curves = expert_curves(question, probabilities)
    points = np.unique(np.concatenate([curve.points for curve in curves.values()]))
    levels = np.array([np.interp(points, curve.points, curve.levels) for curve in curves.values()])
    alone = AskedQuestion(question, probabilities, *intrinsic_range(question), points, levels, {})
    information = {expert: alone.information_of(answer) for expert, answer in question.answers.items()}
    return replace(alone, information=information)


def _scaled(question: PanelQuestion, answer: Sequence[float]) -> list[float]:
    return [math.log(value) if question.log else float(value) for value in answer]
