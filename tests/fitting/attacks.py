"""A small model of an attack and its answer with simulated cases, and its log-likelihood as plain formulas."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from offramp.crisis.reading import read_text
from offramp.fitting.case_table import table_of
from offramp.fitting.cases import cases_of
from offramp.fitting.likelihood import Likelihood
from offramp.gambit.opening import compile_game

Array = NDArray[np.float64]
TEXT = """\
format: 1
title: An attack and its answer
actors: {one: {name: One, rationality: 1}, two: {name: Two, rationality: 1}}
inputs:
  power: {is: 0, column: power}
  dem: {is: 0, column: dem}
  quiet: {linear: [1, power], is: "normal(0, 5)"}
  win: {is: "normal(0, 5)", estimate: yes}
  stand: {linear: [1, dem], is: "normal(0, 5)"}
timeline:
  - {move: attack, by: one, options: [stay, strike]}
  - {move: reply, by: two, if: attack == strike, options: [yield, resist]}
payoffs:
  one: {quiet: quiet * (attack == stay), win: win * (reply == yield)}
  two: {stand: stand * (reply == resist)}
cases:
  observed: {outcome: {none: {attack: stay}, won: {reply: yield}, war: {reply: resist}}}
endings: {peace: attack == stay, won: reply == yield, war: otherwise}
"""
TRUE = np.array([0.3, -0.8, 1.5, 0.4, -1.0])


def likelihood_of(columns: dict[str, Array], outcome: NDArray[np.str_], text: str = TEXT) -> Likelihood:
    """The likelihood of a table of cases."""
    game = compile_game(read_text(text.encode(), "attacks.yaml"))
    return Likelihood(game, cases_of(game, table_of({**columns, "outcome": outcome.astype(object)})))


def simulated(count: int, seed: int = 1, values: Array = TRUE) -> tuple[dict[str, Array], NDArray[np.str_]]:
    """Columns and outcomes drawn from the model."""
    random = np.random.default_rng(seed)
    columns = {"power": random.normal(size=count), "dem": (random.random(count) < 0.4).astype(float)}
    shares = np.exp(log_odds(values, columns))
    ending = (random.random(count)[:, None] > np.cumsum(shares, axis=1)).sum(axis=1)
    return columns, np.array(["none", "won", "war"])[ending]


def log_odds(values: Array, columns: dict[str, Array]) -> Array:
    """The log-probability of each outcome in each case, (cases, 3)."""
    quiet = values[0] + values[1] * columns["power"]
    stand = values[3] + values[4] * columns["dem"]
    resist = 1.0 / (1.0 + np.exp(-stand))
    strike = 1.0 / (1.0 + np.exp(quiet - values[2] * (1.0 - resist)))
    return np.log(np.stack([1.0 - strike, strike * (1.0 - resist), strike * resist], axis=1))


def log_likelihood(values: Array, columns: dict[str, Array], outcome: NDArray[np.str_]) -> float:
    """The log-likelihood by the formulas."""
    number = np.array([("none", "won", "war").index(name) for name in outcome.tolist()])
    return float(log_odds(values, columns)[np.arange(len(number)), number].sum())
