"""The likelihood of recorded cases with its gradient: ours against formulas by hand, and how it grows with the cases.

`python benchmarks/likelihood.py`
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from row import Row, against, bounded

from offramp.crisis.reading import read, read_text
from offramp.fitting.case_table import table_of
from offramp.fitting.cases import cases_of
from offramp.fitting.estimation import estimates_of
from offramp.fitting.likelihood import Likelihood
from offramp.fitting.simulated_cases import simulate_cases
from offramp.gambit.opening import compile_game

Array = NDArray[np.float64]

HIDDEN = Path(__file__).parents[1] / "tests" / "fitting" / "deterrence_with_an_ally.yaml"
COLUMNS = tuple(f"x{number}" for number in range(14))
CALM, STAND = COLUMNS[:8], COLUMNS[6:14]
LINES = "\n".join(f"  {name}: {{is: 0, column: {name}}}" for name in COLUMNS)
MOST_HIDDEN = 0.050
MOST_FIT = 1.5
EXPONENT = 1.05
REPEATS = 15

ATTACKS = f"""
format: 1
title: Two movers, 19 coefficients
actors: {{market: {{name: Market, rationality: 1}}, gov: {{name: Government, rationality: 1}}}}
inputs:
{LINES}
  calm: {{linear: [{", ".join(CALM)}], is: "normal(0, 5)"}}
  gain: {{is: "normal(0, 5)", estimate: yes}}
  loss: {{is: "normal(0, 5)", estimate: yes}}
  stand: {{linear: [1, {", ".join(STAND)}], is: "normal(0, 5)"}}
timeline:
  - {{move: attack, by: market, options: [stay, strike]}}
  - {{move: reply, by: gov, if: attack == strike, options: [devalue, defend]}}
payoffs:
  market: {{calm: calm * (attack == stay), gain: gain * (reply == devalue), loss: loss * (reply == defend)}}
  gov: {{stand: stand * (reply == defend)}}
cases:
  observed: {{outcome: {{none: {{attack: stay}}, devalued: {{reply: devalue}}, defended: {{reply: defend}}}}}}
endings: {{attacked: attack == strike, calm: otherwise}}
"""


def attacks(cases: int, choice: str = "logit") -> tuple[Likelihood, Array]:
    """The likelihood of simulated cases of the two-move game, and the values that they were simulated at."""
    random = np.random.default_rng(1)
    text = ATTACKS.replace("rationality: 1", f"choice: {choice}, rationality: 1")
    crisis = read_text(text.encode(), "attacks.yaml")
    truth = {name: float(random.normal(0.0, 0.5)) for name, entry in crisis.inputs.items() if entry.estimate}
    table = {name: random.normal(size=cases) for name in COLUMNS}
    game = compile_game(crisis)
    data = cases_of(game, table_of(simulate_cases(game, truth, table, seed=1)))
    return Likelihood(game, data), np.array([truth[name] for name in data.parameters])


def hidden(cases: int) -> tuple[Likelihood, Array]:
    """The likelihood of simulated cases of a game with a type that nobody records, and its values."""
    random = np.random.default_rng(1)
    game = compile_game(read(HIDDEN))
    table = {
        "dem": random.integers(0, 2, cases),
        "cap1": random.lognormal(size=cases),
        "cap2": random.lognormal(size=cases),
    }
    parameters = [name for name, entry in game.crisis.inputs.items() if entry.estimate]
    truth = dict(zip(parameters, (0.3, -0.5, 0.2, 0.4, 1.2, 0.8, 0.3), strict=True))
    data = cases_of(game, table_of(simulate_cases(game, truth, table, seed=1)))
    return Likelihood(game, data), np.array([truth[name] for name in data.parameters])


def by_hand(likelihood: Likelihood) -> Callable[[Array], tuple[float, Array]]:
    """The same value and gradient of the two-move game, written out for it alone."""
    cases = likelihood.cases
    calm_columns = np.array([cases.columns[name] for name in CALM]).T
    stand_columns = np.array([np.ones(len(cases.record)), *(cases.columns[name] for name in STAND)]).T
    names = np.array(cases.record_names)[cases.record]
    struck = np.array(["none" not in name for name in names])
    defended = np.array(["defended" in name for name in names])

    def logistic(x: Array) -> Array:
        return np.asarray(1.0 / (1.0 + np.exp(-x)))

    def value(values: Array) -> tuple[float, Array]:
        calm, gain, loss, stand = values[:8], values[8], values[9], values[10:]
        defend = logistic(stand_columns @ stand)
        strike = logistic(gain + (loss - gain) * defend - calm_columns @ calm)
        total = np.where(struck, np.log(strike), np.log1p(-strike)) + np.where(
            struck, np.where(defended, np.log(defend), np.log1p(-defend)), 0.0
        )
        by_strike = cases.weight * (struck - strike)
        by_stand = cases.weight * struck * (defended - defend) + by_strike * (loss - gain) * defend * (1.0 - defend)
        parts = (
            -(by_strike @ calm_columns), [by_strike @ (1.0 - defend), by_strike @ defend], by_stand @ stand_columns,
        )  # fmt: skip
        return float(cases.weight @ total), np.concatenate(parts)

    return value


def taken(work: Callable[[], object], repeats: int = REPEATS) -> float:
    """The least of a few repetitions, in seconds."""
    least = math.inf
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        least = min(least, time.perf_counter() - start)
    return least


def two_moves() -> Row:
    """7,240 cases, 19 coefficients."""
    likelihood, values = attacks(7_240)
    hand = by_hand(likelihood)
    (total, gradient), (same, alike) = likelihood.total(values), hand(values)
    assert abs(total - same) < 1e-8 * abs(total)
    assert np.abs(gradient - alike).max() < 1e-7 * np.abs(gradient).max()
    ours, theirs = taken(lambda: likelihood.total(values)), taken(lambda: hand(values))
    return against("likelihood and gradient, 7,240 cases, two moves", ours, theirs, 0, "NumPy, written for this game")


def hidden_type() -> Row:
    """1,000 cases with a hidden type."""
    likelihood, values = hidden(1_000)
    likelihood.total(values)
    measured = taken(lambda: likelihood.total(values))
    return bounded("likelihood and gradient, 1,000 cases, hidden type", 1e3 * measured, 1e3 * MOST_HIDDEN, "ms")


def whole_fit() -> Row:
    """All starts, the maximum and its standard errors: 7,240 cases, 19 coefficients, private shocks."""
    likelihood, _ = attacks(7_240, "private")
    estimates_of(likelihood)
    measured = taken(lambda: estimates_of(likelihood).standard_errors(), 3)
    return bounded("a fit of 7,240 cases with standard errors, private shocks", measured, MOST_FIT, "s")


def growth() -> Row:
    """The slope of time against the number of cases, in logarithms."""
    sizes, times = (4_000, 8_000, 16_000, 32_000), []
    for size in sizes:
        likelihood, values = attacks(size)
        likelihood.total(values)
        times.append(taken(partial(likelihood.total, values)))
    slope = float(np.polyfit(np.log(sizes), np.log(times), 1)[0])
    return bounded("growth of time with cases (exponent), 4,000 to 32,000", slope, EXPONENT, "")


if __name__ == "__main__":
    for row in (two_moves(), hidden_type(), whole_fit(), growth()):
        print(row)
