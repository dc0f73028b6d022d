"""One sentence on what a finding rests on: one solve and its numbers, or which draws.

A run's own figures are means over its draws. A figure that rests on anything else says so wherever it is shown.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from offramp.common.words import listed
from offramp.study.standing import ONE_OF_THEM, divided
from offramp.study.wording import plain

if TYPE_CHECKING:
    from offramp.equilibrium.solution import Solution


NO_EQUILIBRIUM = "This solve did not converge, so its numbers are not those of an equilibrium."


def one_solve(solution: Solution) -> str:
    """`One solve at the medians of the inputs, but war_cost = 5; levers pulled: hotline.`

    If the principal branch divides, two more sentences say that it does and that this is one of the branches.
    """
    text = f"One solve {solution.conditions}{pulled(solution.game.crisis.pulled)}."
    return f"{text} {divided(solution)} {ONE_OF_THEM}" if solution.status == "bifurcation" else text


def of_run(used: int, draws: int, levers: Iterable[str] = ()) -> str:
    """Which of a run's draws are used.

    Examples
    --------
    >>> of_run(2048, 2048), of_run(64, 2048, ["hotline"])
    ("The run's 2,048 draws.", "The first 64 of the run's 2,048 draws; levers pulled: hotline.")
    """
    which = f"The run's {draws:,} draws" if used == draws else f"The first {used:,} of the run's {draws:,} draws"
    return f"{which}{pulled(levers)}."


def levels_of_run(used: int, draws: int, levers: Iterable[str] = ()) -> str:
    """Which of a run's draws show what levers change; the levels are the run's means all the same."""
    which = of_run(used, draws, levers)
    return which if used == draws else f"{which} They show what a lever changes; the level before it is from all draws."


def of_draws(draws: int, seed: int, levers: Iterable[str] = ()) -> str:
    """The draws that a study makes itself.

    Examples
    --------
    >>> of_draws(96, 1)
    '96 draws, seed 1.'
    """
    return f"{draws:,} draws, seed {seed}{pulled(levers)}."


def pulled(levers: Iterable[str]) -> str:
    """The levers pulled, as the end of a sentence; empty if there are none."""
    names = listed(map(plain, levers), 20)
    return f"; levers pulled: {names}" if names else ""
