"""Functions of lanes are exact to the last digits, and a draw's bits do not depend on the other lanes."""

from __future__ import annotations

import math
from decimal import Decimal, localcontext

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from offramp.crisis.inputs import resolved_inputs
from offramp.crisis.model import Crisis
from offramp.equilibrium.core import FLOATS, WHOLE, function
from offramp.equilibrium.logit import solve_block
from offramp.equilibrium.sweeps import block_of, swept
from offramp.gambit.opening import compile_game
from offramp.game.tables import Draws, tabulate
from tests.crises import crisis_of, crisis_texts
from tests.examples import examples

Array = NDArray[np.float64]

LOWEST = -708.0
"""Lower arguments of the exponential count as this one."""

_functions = function("lane_functions", FLOATS, WHOLE, FLOATS, FLOATS)


def in_lanes(numbers: Array) -> tuple[Array, Array]:
    """The exponentials and the logarithms of numbers."""
    padded = np.append(numbers, np.zeros(-len(numbers) % 8))
    raised, logs = np.empty((2, len(padded)))
    _functions(padded, len(padded), raised, logs)
    return raised[: len(numbers)], logs[: len(numbers)]


def furthest(found: Array, exact: list[Decimal]) -> Decimal:
    """The largest error, in units of the last place."""
    pairs = zip(found.tolist(), exact, strict=True)
    return max(abs(Decimal(one) - two) / Decimal(math.ulp(float(two))) for one, two in pairs)


def test_exponentials_are_within_four_units_in_the_last_place() -> None:
    rng = np.random.default_rng(6)
    halves = (np.arange(-1021, 1022) + 0.5) * math.log(2)  # where the exponent of the result changes
    numbers = np.concatenate(
        [np.linspace(LOWEST, 709.0, 3001), rng.uniform(-708, 709, 3000), rng.uniform(-1, 1, 3000), halves, [0.0, -0.0]]
    )
    found, _ = in_lanes(numbers)
    with localcontext() as context:
        context.prec = 40
        assert furthest(found, [Decimal(number).exp() for number in numbers.tolist()]) <= 4
    assert found[-1] == found[-2] == 1.0


def test_exponentials_below_the_lowest_are_those_of_the_lowest_and_never_zero() -> None:
    found, _ = in_lanes(np.array([LOWEST, -708.5, -745.2, -1e5, -1e300, -np.inf]))
    assert (found == found[0]).all()
    assert 3e-308 < found[0] < 4e-308


def test_logarithms_are_within_a_unit_in_the_last_place() -> None:
    rng = np.random.default_rng(7)
    numbers = np.concatenate([10.0 ** rng.uniform(-307, 308, 2000), rng.uniform(0.5, 2.0, 2000), [2.0**-1022]])
    _, found = in_lanes(numbers)
    with localcontext() as context:
        context.prec = 40
        assert furthest(found, [Decimal(number).ln() for number in numbers.tolist()]) <= 1
    assert in_lanes(np.array([0.0, 1.0]))[1].tolist() == [-np.inf, 0.0]


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
