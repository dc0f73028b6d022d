"""The compiled loops of a single draw give the same bits as the loops in plain Python."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from offramp.equilibrium.core import FLOATS, NUMBER, WHOLE, function
from tests.equilibrium.oracle import choice_rules as oracle_rules
from tests.equilibrium.test_choice_rules import CASES

_log_response = function("log_response_by_rule", WHOLE, NUMBER, WHOLE, *[FLOATS] * 3)
_along = function("response_along_by_rule", WHOLE, NUMBER, WHOLE, *[FLOATS] * 3, NUMBER, *[FLOATS] * 3)
_back = function("response_back_by_rule", WHOLE, NUMBER, WHOLE, *[FLOATS] * 7)


@pytest.mark.parametrize(("rule", "options"), CASES)
@pytest.mark.parametrize("spread", [0.5, 6.0, 300.0])
def test_choice_rules_give_the_bits_of_the_loops_in_python(rule: int, options: int, spread: float) -> None:
    random = np.random.default_rng(options)
    gain, variance = spread * random.normal(size=options), random.uniform(0.2, 1.0, size=options)
    more_gain, more_variance, back = random.normal(size=(3, options))

    log_choice, out, gain_back, variance_back = np.zeros((4, options))
    rationality_back = np.zeros(1)
    _log_response(rule, 1.3, options, gain, variance, log_choice)
    _along(rule, 1.3, options, gain, variance, log_choice, 0.4, more_gain, more_variance, out)
    _back(rule, 1.3, options, gain, variance, log_choice, back, gain_back, variance_back, rationality_back)

    expected: NDArray[np.float64] = np.zeros((4, options))
    oracle_rules.log_response(rule, 1.3, gain, variance, expected[0])
    oracle_rules.response_along(rule, 1.3, gain, variance, expected[0], 0.4, more_gain, more_variance, expected[1])
    by_rationality = oracle_rules.response_back(rule, 1.3, gain, variance, expected[0], back, expected[2], expected[3])
    assert np.array_equal(np.array([log_choice, out, gain_back, variance_back]), expected)
    assert rationality_back[0] == by_rationality
