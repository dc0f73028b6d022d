"""Simulated cases have the frequencies of the solved game, record what `cases` says, and depend on the seed alone."""

from __future__ import annotations

import os

import numpy as np
import pandas as pd
import pytest

from offramp.common.errors import OfframpError, UsageError
from offramp.equilibrium.conditioning import condition_play
from offramp.equilibrium.logit import solve_block
from offramp.equilibrium.sweeps import block_of
from offramp.fitting.simulated_cases import simulate_cases
from offramp.gambit.opening import compile_game
from offramp.game.agreement import consistent_edges
from offramp.game.tables import Draws, tabulate
from tests.crises import crisis_of

BLUFF = """\
format: 1
title: Resolve is never recorded
actors:
  attacker: {name: A, rationality: 2}
  defender: {name: D, rationality: 2}
inputs:
  dem: {is: 1, column: dem}
  balance: {is: 0.2, column: log(cap1 / cap2)}
  firm: {linear: [1, dem], is: "normal(0, 2)"}
  strength: {is: "lognormal(1, 0.5)", estimate: yes}
  scale: {is: 1.5}
timeline:
  - {chance: resolve, weights: {strong: exp(firm), weak: 1}, seen_by: [defender]}
  - {move: threat, by: defender, options: [quiet, threaten]}
  - {move: attack, by: attacker, options: [hold, strike]}
  - {move: fight, by: defender, if: attack == strike, options: [give_way, resist]}
payoffs:
  defender:
    bluff: -0.5 * (threat == threaten) * (fight == give_way)
    war: (strength * (resolve == strong) - 1) * (fight == resist)
    lost: -scale * (fight == give_way)
  attacker: {win: fight == give_way, war: (balance - 1) * (fight == resist)}
endings: {war: fight == resist, gives_way: fight == give_way, peace: otherwise}
cases:
"""
OBSERVED = """\
  observed:
    threatened: {0: {threat: quiet}, 1: {threat: threaten}}
    result: {war: {ending: war}, fought: {attack: strike}, none: {fight: [resist, skipped], ending: [peace]}}
    seen: {yes: {attack: strike, fight: give_way}}
"""
COUNTS = "  counts: {wars: {ending: war}, quiet: {threat: quiet, attack: hold}}\n"
TRUE = {"firm.1": 0.3, "firm.dem": -0.8, "strength": 1.7}
ROWS = {"dem": [1, 0, 1], "cap1": [2.0, 1.0, 3.0], "cap2": [1.0, 1.5, 1.0], "region": ["north", "south", "east"]}


def odds(facts: dict[tuple[str, int], tuple[str, ...]], row: int) -> float:
    """The probability of facts in a row of `ROWS`, by conditioning and not by drawing."""
    game = compile_game(crisis_of(BLUFF + OBSERVED))
    balance = np.log(ROWS["cap1"][row] / ROWS["cap2"][row])
    values = {**TRUE, "dem": ROWS["dem"][row], "balance": balance, "scale": 1.5}
    block = block_of(game, tabulate(game, Draws({k: np.array([float(v)]) for k, v in values.items()}, ["case"])))
    edges = consistent_edges(game, facts)
    assert edges is not None
    return float(condition_play(block, solve_block(block).choice, edges).likelihood[0])


def test_what_is_recorded_comes_as_often_as_the_solved_game_has_it() -> None:
    plays = 20_000
    table = simulate_cases(crisis_of(BLUFF + OBSERVED), TRUE, ROWS, plays=plays, seed=3)
    assert list(table) == ["dem", "cap1", "cap2", "region", "threatened", "result", "seen"]
    assert len(table) == 3 * plays
    for row, region in enumerate(ROWS["region"]):
        mine = table[table["region"] == region]
        for facts, share in [
            ({("threat", 0): ("threaten",)}, mine["threatened"].mean()),
            ({("fight", 0): ("resist",)}, (mine["result"] == "war").mean()),
            ({("fight", 0): ("give_way",)}, (mine["result"] == "fought").mean()),
            ({("fight", 0): ("skipped",)}, (mine["result"] == "none").mean()),
            ({("threat", 0): ("quiet",), ("fight", 0): ("resist",)},
             ((mine["threatened"] == 0) & (mine["result"] == "war")).mean()),
        ]:  # fmt: skip
            expected = odds(facts, row)
            assert share == pytest.approx(expected, abs=4.0 * np.sqrt(expected * (1.0 - expected) / plays))


def test_a_cell_is_the_first_level_that_holds_and_missing_where_none_does() -> None:
    table = simulate_cases(crisis_of(BLUFF + OBSERVED), TRUE, ROWS, plays=50, seed=3)
    assert set(table["result"]) == {"war", "fought", "none"}
    assert table["threatened"].dtype == np.int64
    assert (table["seen"].isna() == (table["result"] != "fought")).all()


def test_counts_add_up_the_same_plays() -> None:
    observed = simulate_cases(crisis_of(BLUFF + OBSERVED), TRUE, ROWS, plays=40, seed=9)
    counts = simulate_cases(crisis_of(BLUFF + COUNTS), TRUE, ROWS, plays=40, seed=9)
    assert list(counts) == ["dem", "cap1", "cap2", "region", "wars", "quiet"]
    wars = (observed["result"] == "war").groupby(observed["region"], sort=False).sum()
    assert counts["wars"].tolist() == wars.tolist()


def test_the_seed_alone_determines_the_cases(monkeypatch: pytest.MonkeyPatch) -> None:
    crisis = crisis_of(BLUFF + OBSERVED)
    many = {name: np.tile(np.array(cells), 100) for name, cells in ROWS.items()}
    many["cap1"] = np.linspace(0.5, 4.0, 300)
    first = simulate_cases(crisis, TRUE, many, seed=1)
    monkeypatch.setattr(os, "cpu_count", lambda: 1)
    pd.testing.assert_frame_equal(simulate_cases(crisis, TRUE, pd.DataFrame(many), seed=1), first)
    assert not simulate_cases(crisis, TRUE, many, seed=2).equals(first)


@pytest.mark.parametrize(
    ("change", "coefficients", "said"),
    [
        ({}, {"firm.1": 1.0, "strength": 1.0}, "give the values of these inputs too: firm.dem"),
        ({}, {**TRUE, "strenght": 1.0}, "unknown coefficient 'strenght'; did you mean 'strength'"),
        ({}, {**TRUE, "strength": float("nan")}, "'strength' must be a finite number, found nan"),
        ({"cap1": None}, TRUE, "crisis.yaml:8:34: data has no column 'cap1', as `column` says; did you mean 'cap2'"),
        ({"cap2": [1.0, 0.0, np.nan]}, TRUE, "'balance' is not a finite number in rows 2 and 3"),
    ],
)
def test_what_is_missing_is_named(change: dict[str, object], coefficients: dict[str, float], said: str) -> None:
    data = {name: cells for name, cells in {**ROWS, **change}.items() if cells is not None}
    with pytest.raises(OfframpError, match=said):
        simulate_cases(crisis_of(BLUFF + OBSERVED), coefficients, data)


def test_a_crisis_without_cases_is_told() -> None:
    with pytest.raises(UsageError, match="has no `cases`"):
        simulate_cases(crisis_of(BLUFF.removesuffix("cases:\n")), TRUE, ROWS)
