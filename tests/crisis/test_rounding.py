"""The size of an expression bounds its rounding error."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from offramp.crisis.expressions.exact import exact
from offramp.crisis.expressions.expression import evaluate
from offramp.crisis.expressions.grammar import parse
from offramp.crisis.expressions.rounding import PRECISION, size
from tests.crisis.test_exact import TEXTS
from tests.examples import examples

ROUNDED = ("exp", "log", "sqrt", "**")
"""Functions with irrational results, which exact arithmetic rounds to twelve digits."""
STEPS = 40
"""Maximum number of operations of the tested expressions; each adds an error of at most half the precision."""


@settings(max_examples=examples(500), deadline=None)
@given(TEXTS, st.sampled_from([0.1, 1e17, -3e9]), st.sampled_from([-2.0, 1e17 + 16, 0.3]), st.sampled_from([0.1, 7e-9]))
@example("x - y + z", 1e17, 1e17 + 16, 0.1)
@example("(x + 1) / (x - y)", 1e17, 1e17 + 16, 0.1)
@example("exp(x - y + 20)", 1e17, 1e17 + 16, 0.1)
@example("max(x - y, z)", -3e9, -2.0, 0.1)
def test_the_rounding_error_is_at_most_the_precision_times_the_size(text: str, x: float, y: float, z: float) -> None:
    values = {"x": x, "y": y, "z": z}
    arrays = {name: np.array(value) for name, value in values.items()}
    value, behind = float(evaluate(parse(text), arrays)), float(size(parse(text), arrays))
    assert behind >= abs(value) * (1 - 1e-12) or not np.isfinite(value)
    if np.isfinite(value):
        distance = abs(
            exact(parse(text), {name: Fraction(value) for name, value in values.items()})
            - exact(parse("x"), {"x": Fraction(value)})
        )
        assert float(distance) <= STEPS * PRECISION * behind or any(word in text for word in ROUNDED)


@pytest.mark.parametrize(
    ("text", "behind"),
    [
        ("1e17 + x - 1e17", 2e17 + 3),
        ("-x * 1e9", 3e9),
        ("1e17 * 0", 0),
        ("min(1e17, x)", 3),
        ("clip(1e17 - 5, 0, 1)", 1),
        ("(1e17 + x if x < 0 else x)", 3),
        ("x == 3 and x < 1e17", 1),
        ("sqrt(1e17 + x - 1e17)", np.sqrt(2e17 + 3)),
        ("1 / (x - x)", np.inf),
    ],
)
def test_the_size_counts_only_the_numbers_that_decide_the_value(text: str, behind: float) -> None:
    assert float(size(parse(text), {"x": np.array(3.0)})) == pytest.approx(behind)
