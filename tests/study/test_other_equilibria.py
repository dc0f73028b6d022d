"""What is said to hold in all equilibria found was compared with every equilibrium of a game that has three."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import brentq

from offramp.equilibrium.logit import solve_block
from offramp.gambit.opening import compile_game
from offramp.runs.blocks import numbered_block
from offramp.study.options_apart import move_slots
from offramp.study.other_equilibria import other_equilibria
from tests.crises import crisis_of

RATIONALITY = 6.0
MEETING = f"""
format: 1
title: Meeting
actors:
  a: {{name: A, rationality: {RATIONALITY}}}
  b: {{name: B, rationality: {RATIONALITY}}}
timeline:
  - {{move: one, by: a, options: [left, right], seen_by: []}}
  - {{move: two, by: b, options: [left, right], seen_by: []}}
payoffs:
  a: {{same: 2 * (one == left) * (two == left) + (one == right) * (two == right)}}
  b: {{same: 2 * (one == left) * (two == left) + (one == right) * (two == right)}}
endings:
  met: (one == left and two == left) or (one == right and two == right)
  missed: otherwise
"""


def surplus(left: float) -> float:
    """How much likelier left is than `left`, for an actor whose opponent goes left with that probability."""
    return float(1.0 / (1.0 + np.exp(-RATIONALITY * (3.0 * left - 1.0)))) - left


def test_all_three_equilibria_of_a_small_game_are_found_from_other_starts() -> None:
    roots = [brentq(surplus, low, high, xtol=1e-14) for low, high in ((0.0, 0.1), (0.1, 0.6), (0.6, 1.0))]
    game = compile_game(crisis_of(MEETING))
    block = numbered_block(game, {}, 0, 1, 0, None, None).block
    usual = solve_block(block)
    assert usual.choice[0, 0] == pytest.approx(roots[2], abs=1e-7)
    others = [one for one in other_equilibria(move_slots(game), block, usual) if one is not None]
    shares = sorted({round(float(one.choice[0, 0]), 6) for one in (usual, *others) if one.converged[0]})
    assert shares == pytest.approx(roots, abs=2e-6)
