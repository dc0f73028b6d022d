"""What a finding rests on, in a sentence: one solve and at which numbers, or which draws.

A run's own figures are means over its draws. What rests on something else says so, wherever it is shown.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from offramp.common.words import listed
from offramp.study.standing import ONE_OF_THEM, divided
from offramp.study.wording import plain

if TYPE_CHECKING:
    from offramp.equilibrium.solution import Solution


def one_solve(solution: Solution) -> str:
    """`One solve at the medians of the inputs, but war_cost = 5; levers pulled: hotline.`

    Where the principal branch divides, that it does, and that this is one of the branches.
    """
    said = f"One solve {solution.conditions}{pulled(solution.game.crisis.pulled)}."
    return f"{said} {divided(solution)} {ONE_OF_THEM}" if solution.status == "bifurcation" else said


def of_run(used: int, draws: int, levers: Iterable[str] = ()) -> str:
    """Which of a run's draws count.

    Examples
    --------
    >>> of_run(2048, 2048), of_run(64, 2048, ["hotline"])
    ("The run's 2,048 draws.", "The first 64 of the run's 2,048 draws; levers pulled: hotline.")
    """
    which = f"The run's {draws:,} draws" if used == draws else f"The first {used:,} of the run's {draws:,} draws"
    return f"{which}{pulled(levers)}."


def levels_of_run(used: int, draws: int, levers: Iterable[str] = ()) -> str:
    """Which of a run's draws count for what levers change, if the levels are the run's means all the same."""
    which = of_run(used, draws, levers)
    return which if used == draws else f"{which} They give what a lever changes, all draws the level before it."


def of_draws(draws: int, seed: int, levers: Iterable[str] = ()) -> str:
    """Which draws a study makes itself.

    Examples
    --------
    >>> of_draws(96, 1)
    '96 draws, seed 1.'
    """
    return f"{draws:,} draws, seed {seed}{pulled(levers)}."


def pulled(levers: Iterable[str]) -> str:
    """The levers pulled, as the end of a sentence; nothing without any."""
    names = listed(map(plain, levers), 20)
    return f"; levers pulled: {names}" if names else ""
