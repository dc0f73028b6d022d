"""Derivatives of expressions by the names in them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from offramp.crisis.expressions.derivatives import Sums, differentiable
from offramp.crisis.expressions.expression import Binary, Call, Linear, Node, Values, children, evaluate, walk
from offramp.crisis.expressions.grammar import parse
from tests.examples import examples

NAMES = ("a", "b", "c")
ATOMS = st.sampled_from([*NAMES, "2", "0.5"])


def combined(parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.tuples(parts, st.sampled_from(["+", "-", "*", "/"]), parts).map(lambda p: f"({p[0]} {p[1]} {p[2]})"),
        st.tuples(st.sampled_from(["exp", "log", "sqrt", "abs", "-"]), parts).map(lambda p: f"{p[0]}({p[1]})"),
        st.tuples(st.sampled_from(["min", "max"]), parts, parts).map(lambda p: f"{p[0]}({p[1]}, {p[2]})"),
        st.tuples(parts, parts, parts).map(lambda p: f"({p[0]} if {p[1]} > 1.23456 else {p[2]})"),
        parts.map(lambda part: f"clip({part}, 0.123, 2.345)"),
        st.tuples(parts, st.sampled_from(["2", "-1", "0.5", "a"])).map(lambda p: f"({p[0]} ** ({p[1]}))"),
    )


def is_root_of_zero(node: Node, values: Values) -> bool:
    """Whether a part is a root or a power of what is 0, as `sqrt(a - a)`: by the chain rule it has no derivative."""
    return any(
        bool((evaluate(children(part)[0], values) == 0.0).any())
        for part in walk(node)
        if (isinstance(part, Binary) and part.operator == "**") or (isinstance(part, Call) and part.function == "sqrt")
    )


@settings(max_examples=examples(300), deadline=None)
@example("((a - a) ** (0.5))", 0)
@example("((a - a) ** (-1))", 0)
@given(st.recursive(ATOMS, combined, max_leaves=8), st.integers(0, 2**32 - 1))
def test_derivatives_by_names_are_those_of_differences(text: str, seed: int) -> None:
    """Names of contexts (a column), of draws (a row) and constants: derivatives have the shape of the name's value."""
    node = parse(text)
    random = np.random.default_rng(seed)
    values = {
        "a": random.uniform(0.3, 3, (4, 1)),
        "b": random.uniform(0.3, 3, (1, 5)),
        "c": random.uniform(0.3, 3, (1, 1)),
    }
    weight = random.normal(size=(4, 5))
    total = differentiable(node, values, NAMES)
    assert np.array_equal(total.value, evaluate(node, values), equal_nan=True)
    sums: Sums = {}
    total.add_to(sums, weight)

    def weighted(values: dict[str, np.ndarray]) -> np.ndarray:
        return weight * evaluate(node, values)

    for name in sums:
        assert sums[name].shape == values[name].shape
        for index in np.ndindex(values[name].shape):
            found = []
            for step in (1e-5, 1e-6):
                ends = []
                for side in (1.0, -1.0):
                    moved = values[name].copy()
                    moved[index] += side * step
                    ends.append(weighted({**values, name: moved}))
                with np.errstate(all="ignore"):  # differences of infinite values
                    found.append(float(((ends[0] - ends[1]) / (2.0 * step)).sum()))
            if np.isnan(sums[name][index]) and is_root_of_zero(node, values):
                continue
            if np.isfinite(found).all() and abs(found[0] - found[1]) < 1e-5 * (1 + abs(found[0])):  # no kink, no pole
                assert sums[name][index] == pytest.approx(found[1], rel=1e-4, abs=1e-4 * (1 + np.abs(weight).max()))


def test_a_linear_sum_passes_derivatives_to_its_coefficients_or_takes_them_itself() -> None:
    node = Linear("firm", ("firm.1", "firm.dem"), (None, "dem"))
    values = {"firm.1": np.full((1, 3), 2.0), "firm.dem": np.full((1, 3), -1.0), "dem": np.array([[0.0, 1.0, 2.0]])}
    sums: Sums = {}
    whole = differentiable(node, values, ("firm.1", "firm.dem"))
    assert whole.value.tolist() == [[2.0, 1.0, 0.0]]
    whole.add_to(sums, np.full((2, 3), 10.0))
    assert sums["firm.1"].tolist() == [[20.0, 20.0, 20.0]]
    assert sums["firm.dem"].tolist() == [[0.0, 20.0, 40.0]]
    own: Sums = {}
    differentiable(node, {"firm": np.array([[2.0, 1.0, 0.0]])}, ("firm",)).add_to(own, np.ones((2, 3)))
    assert own["firm"].tolist() == [[2.0, 2.0, 2.0]]


def test_a_condition_has_no_derivative_and_a_switched_branch_gets_nothing() -> None:
    sums: Sums = {}
    values = {"a": np.array([0.5, 2.0])}
    differentiable(parse("a * a if a > 1 else 3"), values, ["a"]).add_to(sums, np.ones(2))
    assert sums["a"].tolist() == [0.0, 4.0]
    assert differentiable(parse("a > 1"), values, ["a"]).back is None
