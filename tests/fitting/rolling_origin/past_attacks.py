"""Simulated attacks and answers, some in each year: what a backtest forecasts."""

from __future__ import annotations

import numpy as np
import pandas as pd

from offramp.fitting.simulated_cases import simulate_cases
from tests.crises import crisis_of

TEXT = """\
format: 1
title: Attacks and answers
actors: {a: {name: A, rationality: 1}, d: {name: D, rationality: 1}}
inputs:
  power: {is: 1, column: power}
  stake: {is: 0, column: stake}
  gain: {linear: [1, power], is: "normal(0, 3)"}
  stand: {linear: [1, stake], is: "normal(0, 3)"}
timeline:
  - {move: attack, by: a, options: [stay, strike]}
  - {move: reply, by: d, if: attack == strike, options: [yield, resist]}
payoffs:
  a: {gain: gain * (reply == yield), war: -1 * (reply == resist)}
  d: {stand: stand * (reply == resist)}
endings: {war: reply == resist, won: reply == yield, quiet: otherwise}
cases:
  observed: {outcome: {quiet: {attack: stay}, won: {reply: yield}, war: {ending: war}}}
  time: year
"""
TRUE = {"gain.1": 0.5, "gain.power": 3.0, "stand.1": -0.5, "stand.stake": 2.0}


def attacks(years: int, each: int) -> pd.DataFrame:
    """Cases of the years from 1900 on, `each` in every year."""
    dice, rows = np.random.default_rng(5), years * each
    columns = {"power": dice.normal(size=rows), "stake": dice.normal(size=rows), "year": 1900 + np.arange(rows) // each}
    return simulate_cases(crisis_of(TEXT), TRUE, columns, seed=2)
