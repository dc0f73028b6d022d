"""Set up a board to play on, in a worker process: a scenario, compiled and solved."""

from __future__ import annotations

from typing import TYPE_CHECKING

from offramp.app.tasks.compiled_scenarios import Scenario, compiled

if TYPE_CHECKING:
    from offramp.play.board import Board


def board_at(scenario: Scenario) -> Board:
    """The board of a scenario; raises as `compiled`, and UsageError if the solve does not converge."""
    from offramp.play.board import board_of
    from offramp.study.histories.plays import solved

    block, solution = solved(compiled(scenario).game, scenario.rationality, scenario.given)
    return board_of(block, solution, given=scenario.given, rationality=scenario.rationality)
