"""Boards to play on, set up in another process: a crisis at a setting, compiled and solved."""

from __future__ import annotations

from typing import TYPE_CHECKING

from offramp.app.tasks.live_tasks import Scenario, compiled

if TYPE_CHECKING:
    from offramp.play.board import Board


def board_at(setting: Scenario) -> Board:
    """The board of a setting; raises as `compiled`, and UsageError where the solve does not converge."""
    from offramp.play.board import board_of
    from offramp.study.histories.plays import solved

    block, solution = solved(compiled(setting).game, setting.rationality, setting.given)
    return board_of(block, solution, given=setting.given, rationality=setting.rationality)
