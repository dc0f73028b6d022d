"""Strategic games whose branches of equilibria cross, turn, or do neither."""

from __future__ import annotations

from offramp.gambit.nfg import read_nfg
from offramp.gambit.opening import compile_game
from offramp.game.game import Game

CHICKEN = """\
NFG 1 R "Chicken" { "Ann" "Bob" } { { "swerve" "drive" } { "swerve" "drive" } }
0 0  2 -1  -1 2  -5 -5
"""
"""Driving instead of swerving gains 2 - 6 q against one who drives with probability q."""

TURNING = """\
NFG 1 R "Turning" { "Ann" "Bob" } { 3 3 }
-10.65 -6  -6.93 6.06  -1.71 0.39  -1.59 0.87  -3.3 5.04  -3.45 0.78  -1.74 -2.64  4.68 0.81  0 1.59
"""
"""Random payoffs; the branch runs to rationality 9.9, back to 0.8, and on."""

DILEMMA = """\
NFG 1 R "Dilemma" { "Ann" "Bob" } { { "keep" "break" } { "keep" "break" } }
3 3  4 0  0 4  1 1
"""
"""Breaking gains 1 whatever the other does: one equilibrium at every rationality."""


def game_of(text: str) -> Game:
    return compile_game(read_nfg(text, "game.nfg"))
