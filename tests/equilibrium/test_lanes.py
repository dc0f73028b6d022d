"""Lanes compute the same as NumPy, and a draw's bits do not depend on the other lanes."""

from __future__ import annotations

import math
from decimal import Decimal, localcontext

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numba import njit
from numpy.typing import NDArray

from offramp.crisis.inputs import resolved_inputs
from offramp.crisis.model import Crisis
from offramp.equilibrium.lanes import ALONE, EIGHT, LOWEST, exponential, fill, largest, load, magnitude, store, where
from offramp.equilibrium.logit import solve_block
from offramp.equilibrium.sweeps import block_of, swept
from offramp.gambit.opening import compile_game
from offramp.game.tables import Draws, tabulate
from tests.crises import crisis_of, crisis_texts
from tests.examples import examples

Array = NDArray[np.float64]
WIDTHS = pytest.mark.parametrize("like", [ALONE, EIGHT], ids=["alone", "eight"])
SPECIAL = (0.0, -0.0, 1.0, -1.0, np.inf, -np.inf, np.nan, 5e-324, 1.7e308, -0.1)


@njit
def raised(numbers: Array, out: Array, like: tuple[float, ...]) -> None:
    for place in range(0, len(numbers), len(like)):
        store(out, place, exponential(load(numbers, place, like)))


@njit
def combined(left: Array, right: Array, out: Array, like: tuple[float, ...]) -> None:
    """Every other operation: `out`, (11, numbers) flat."""
    count = len(left)
    for place in range(0, count, len(like)):
        one, two = load(left, place, like), load(right, place, like)
        store(out, place, one + two)
        store(out, count + place, one - two)
        store(out, 2 * count + place, one * two)
        store(out, 3 * count + place, one / two)
        store(out, 4 * count + place, where(one < two, one, two))
        store(out, 5 * count + place, where(one > two, one, two))
        store(out, 6 * count + place, largest(one, two))
        store(out, 7 * count + place, magnitude(one))
        store(out, 8 * count + place, fill(0.3, like))
        total = one
        total += two
        store(out, 9 * count + place, total)
        store(out, 10 * count + place, one * two + one)  # two roundings: never fused into one


def exponentials(numbers: Array, like: tuple[float, ...]) -> Array:
    padded = np.append(numbers, np.zeros(-len(numbers) % len(like)))
    out = np.empty_like(padded)
    raised(padded, out, like)
    return out[: len(numbers)]


@WIDTHS
def test_operations_are_those_of_numpy_to_the_last_bit(like: tuple[float, ...]) -> None:
    rng = np.random.default_rng(5)
    pairs = np.array([(a, b) for a in SPECIAL for b in SPECIAL])
    left, right = np.append(pairs[:96], rng.normal(size=(104, 2)) * 10.0 ** rng.integers(-9, 9, (104, 2)), axis=0).T
    left, right = np.ascontiguousarray(left), np.ascontiguousarray(right)
    out = np.full((11, len(left)), 7.0)
    combined(left, right, out.reshape(-1), like)
    with np.errstate(all="ignore"):
        expected = [
            left + right,
            left - right,
            left * right,
            left / right,
            np.where(left < right, left, right),
            np.where(left > right, left, right),
            np.where(left > right, left, right),
            np.abs(left),
            np.full(len(left), 0.3),
            left + right,
            left * right + left,
        ]
    for found, wanted in zip(out, expected, strict=True):
        np.testing.assert_array_equal(found, wanted)
        numbers = ~np.isnan(wanted)
        np.testing.assert_array_equal(np.signbit(found[numbers]), np.signbit(wanted[numbers]))


@WIDTHS
def test_exponentials_are_within_four_units_in_the_last_place(like: tuple[float, ...]) -> None:
    rng = np.random.default_rng(6)
    halves = (np.arange(-1021, 1022) + 0.5) * math.log(2)  # where the exponent of the result changes
    numbers = np.concatenate(
        [np.linspace(LOWEST, 709.0, 3001), rng.uniform(-708, 709, 3000), rng.uniform(-1, 1, 3000), halves, [0.0, -0.0]]
    )
    found = exponentials(numbers, like)
    with localcontext() as context:
        context.prec = 40
        exact = [Decimal(number).exp() for number in numbers.tolist()]
    misses = [
        abs(Decimal(one) - two) / Decimal(math.ulp(float(two))) for one, two in zip(found.tolist(), exact, strict=True)
    ]
    assert max(misses) <= 4
    assert found[-1] == found[-2] == 1.0


@WIDTHS
def test_exponentials_below_the_lowest_are_those_of_the_lowest_and_never_zero(like: tuple[float, ...]) -> None:
    found = exponentials(np.array([LOWEST, -708.5, -745.2, -1e5, -1e300, -np.inf]), like)
    assert (found == found[0]).all()
    assert 3e-308 < found[0] < 4e-308


@settings(max_examples=examples(25), deadline=None)
@given(crisis_texts(most_histories=100).map(crisis_of), st.integers(9, 12), st.randoms(use_true_random=False))
def test_a_draws_bits_do_not_depend_on_its_lane_or_on_its_company(crisis: Crisis, draws: int, random: object) -> None:
    game = compile_game(crisis)
    shares = np.linspace(0.02, 0.98, draws)
    order = np.arange(draws)
    random.shuffle(order)  # type: ignore[attr-defined]
    values = {name: given.distribution.quantile(np.roll(shares, 3 * k)) for k, (name, given) in
              enumerate(crisis.inputs.items())}  # fmt: skip
    block = block_of(game, tabulate(game, Draws(resolved_inputs(crisis, values), list(map(str, range(draws))))))
    together, shuffled = swept(block), swept(block.only(order))
    whole = solve_block(block)
    for part in ("choice", "logit", "sweeps", "converged"):
        np.testing.assert_array_equal(getattr(shuffled, part), getattr(together, part)[..., order])
    for draw in range(draws):
        alone = swept(block.only(np.array([draw])))
        for part in ("choice", "logit", "sweeps", "converged"):
            np.testing.assert_array_equal(getattr(alone, part)[..., 0], getattr(together, part)[..., draw])
        single = solve_block(block.only(np.array([draw])))
        for part in ("choice", "option_value", "endings", "own_eyes", "residual", "regret", "status"):
            np.testing.assert_array_equal(getattr(single, part)[..., 0], getattr(whole, part)[..., draw])
