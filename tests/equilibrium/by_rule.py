"""One information set's response by a choice rule, from the compiled core (`core/choice_rules.cpp`)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from offramp.equilibrium.core import FLOATS, NUMBER, WHOLE, function

Array = NDArray[np.float64]

_normal = function("normal_distribution", NUMBER, FLOATS, FLOATS)
_log_response = function("log_response_by_rule", WHOLE, NUMBER, WHOLE, *[FLOATS] * 3)
_along = function("response_along_by_rule", WHOLE, NUMBER, WHOLE, *[FLOATS] * 3, NUMBER, *[FLOATS] * 3)
_back = function("response_back_by_rule", WHOLE, NUMBER, WHOLE, *[FLOATS] * 7)


def log_normal(z: float) -> float:
    logarithm, slope = np.empty(1), np.empty(1)
    _normal(z, logarithm, slope)
    return float(logarithm[0])


def hazard(z: float) -> float:
    logarithm, slope = np.empty(1), np.empty(1)
    _normal(z, logarithm, slope)
    return float(slope[0])


def log_response(rule: int, rationality: float, gain: Array, variance: Array, log_choice: Array) -> None:
    _log_response(rule, rationality, len(gain), gain, variance, log_choice)


def response_along(
    rule: int, rationality: float, gain: Array, variance: Array, log_choice: Array, more_rationality: float,
    more_gain: Array, more_variance: Array, out: Array,
) -> None:  # fmt: skip
    _along(rule, rationality, len(gain), gain, variance, log_choice, more_rationality, more_gain, more_variance, out)


def response_back(
    rule: int, rationality: float, gain: Array, variance: Array, log_choice: Array, back: Array, gain_back: Array,
    variance_back: Array,
) -> float:  # fmt: skip
    rationality_back = np.empty(1)
    _back(rule, rationality, len(gain), gain, variance, log_choice, back, gain_back, variance_back, rationality_back)
    return float(rationality_back[0])
