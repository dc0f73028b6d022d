"""Solving a game once, at the medians of its inputs, on the principal branch."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from offramp.common.errors import UsageError
from offramp.equilibrium.evaluation import draw_of, solution_of, solve_draw_now
from offramp.equilibrium.logit import resolve, solve_traced
from offramp.equilibrium.solution import Solution
from offramp.gambit.opening import Playable, compile_game


def solve(
    game: Playable,
    *,
    rationality: float | None = None,
    given: Mapping[str, float] | None = None,
    start: Solution | None = None,
) -> Solution:
    """Solve a game once, at the medians of its inputs, on the principal branch.

    This is the branch of equilibria that starts at rationality 0; the solution is its first point at the requested
    rationality.

    Parameters
    ----------
    game
        A crisis, compiled or not, a game of Gambit, or a run.
    rationality
        One rationality for all actors, in place of their own.
    given
        Values for inputs, in place of their medians; the crisis's pulled levers are applied afterwards.
    start
        A solution of the same game with other inputs. Sweeps start from it instead of following the branch, and find
        a nearby equilibrium in milliseconds, with the status `not traced`.

    Returns
    -------
    The solution, converged or not: check `converged`.

    Raises
    ------
    UsageError
        If an input is unknown, the rationality is negative or not finite, or the start is from another game.
    CrisisError
        If the values make odds or payments impossible.

    Examples
    --------
    >>> from offramp.crisis.reading import read_text
    >>> from offramp.gambit.opening import compile_game
    >>> text = b'''
    ... format: 1
    ... title: One choice
    ... actors: {north: {name: North, rationality: 2}}
    ... timeline: [{move: answer, by: north, options: [hold, strike]}]
    ... payoffs: {north: {gain: answer == hold}}
    ... endings: {quiet: answer == hold, war: otherwise}
    ... '''
    >>> round(solve(compile_game(read_text(text, "one.yaml"))).endings["quiet"], 6)
    0.880797
    """
    game = compile_game(game)
    if start is not None and start.choice.shape != (game.slots,):
        raise UsageError("a solve can start only from a solution of the same game")
    if game.as_of_now:
        return solve_draw_now(game, rationality, given, start)[1]
    block = draw_of(game, rationality, given)
    if start is None:
        return solution_of(block, *solve_traced(block))
    return solution_of(block, *resolve(block, np.log(np.maximum(start.choice, np.finfo(float).tiny))))
