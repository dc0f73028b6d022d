"""A small crisis with recorded cases whose likelihood is known in closed form, and cases drawn from it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

TEXT = """
format: 1
title: Deterrence
actors: {north: {name: North, rationality: 1}, south: {name: South, rationality: 1}}
inputs:
  balance: {is: 0.2, column: balance}
  regime: {is: dem, column: regime, levels: [dem, mixed]}
  near: {is: 1, column: near}
  want: {linear: [1, near], is: "normal(0, 5)"}
  resolve: {linear: [1, balance, regime], is: "normal(0, 5)"}
  cost: {is: "normal(1, 2)", estimate: yes}
timeline:
  - {move: attack, by: north, options: [hold, strike]}
  - {move: reply, by: south, if: attack == strike, options: [yield, resist]}
payoffs:
  north: {prize: want * (attack == strike), war: -cost * (reply == resist)}
  south: {stand: resolve * (reply == resist)}
cases:
  observed:
    outcome: {quiet: {attack: hold}, gave way: {reply: yield}, war: {reply: resist}}
  cluster: dyad
  time: year
endings: {war: reply == resist, peace: otherwise}
"""
PARAMETERS = ("want.1", "want.near", "resolve.1", "resolve.balance", "resolve.regime.dem",
              "resolve.regime.mixed", "cost")  # fmt: skip
TRUE = np.array([0.5, 0.7, -0.3, -1.5, 0.8, 0.3, 2.0])
CELLS = ("quiet", "gave way", "war")


def logistic(x: Array) -> Array:
    return np.asarray(1.0 / (1.0 + np.exp(-x)))


def odds_of(columns: dict[str, Array], values: Array) -> Array:
    """The probabilities of quiet, gave way and war, from the formulas of the two logits: (3, cases)."""
    b = dict(zip(PARAMETERS, values, strict=True))
    dem, mixed = ((columns["regime"] == level).astype(float) for level in ("dem", "mixed"))
    resolve = b["resolve.1"] + b["resolve.balance"] * columns["balance"]
    resist = logistic(resolve + b["resolve.regime.dem"] * dem + b["resolve.regime.mixed"] * mixed)
    want = b["want.1"] + b["want.near"] * columns["near"]
    strike = logistic(want - b["cost"] * resist)
    return np.array([1.0 - strike, strike * (1.0 - resist), strike * resist])


def cases_drawn(count: int = 400, seed: int = 3) -> dict[str, Array]:
    """A table of cases, by column."""
    random = np.random.default_rng(seed)
    columns = {
        "balance": np.round(random.normal(size=count), 2),
        "near": random.integers(0, 2, count).astype(float),
        "regime": random.choice(np.array(["dem", "mixed", "aut"], dtype=object), count),
        "dyad": np.array([f"d{place}" for place in random.integers(0, 40, count)], dtype=object),
        "year": random.integers(1950, 2001, count).astype(float),
    }
    odds = np.cumsum(odds_of(columns, TRUE), axis=0)
    drawn = (random.random(count) > odds).sum(axis=0)
    return columns | {"outcome": np.array(CELLS, dtype=object)[drawn]}
