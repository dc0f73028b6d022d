"""Searching for other equilibria at the same rationality from many starts; it may not find all of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from offramp.common.arguments import check_seed
from offramp.common.errors import UsageError
from offramp.equilibrium.solution import Solution
from offramp.gambit.opening import Playable, check_from_outset, compile_game

Array = NDArray[np.float64]

CORRECTIONS = 60
PURE = 50.0
"""The spread of logits of a random, nearly pure profile."""
MAX_STARTS = 100_000


@dataclass(frozen=True, repr=False)
class Equilibrium:
    """An equilibrium, and the number of starts that found it (the principal one needs none)."""

    solution: Solution
    starts: int

    def to_dict(self) -> dict[str, Any]:
        """The equilibrium as plain values, an entry of `offramp solve --all N --json`."""
        return {"starts": self.starts} | self.solution.to_dict()

    def __repr__(self) -> str:
        return self.solution.as_text("an equilibrium", f"starts that found it: {self.starts}")


def equilibria(
    game: Playable,
    starts: int,
    *,
    seed: int = 1,
    rationality: float | None = None,
    given: Mapping[str, float] | None = None,
    progress: Callable[[int], None] | None = None,
) -> tuple[Equilibrium, ...]:
    """Search for logit equilibria from random profiles, by sweeps and by Newton's method.

    Sweeps find equilibria that are stable under best responses, Newton's method also unstable ones. Neither is certain
    to find every equilibrium.

    Parameters
    ----------
    game
        A crisis, compiled or not, a game of Gambit, or a run.
    starts
        The number of random profiles to start from.
    seed
        The same seed gives the same starts.
    rationality, given
        As for `offramp.solve`.
    progress
        Called with the number of starts done since the last call.

    Returns
    -------
    The equilibrium on the principal branch, if it was found, or those on all branches that leave a crossing; then the
    others (`other branch`), those found most often first.

    Raises
    ------
    UsageError
        As for `offramp.solve`, and if `starts` is not between 1 and 100,000, or the seed is negative.
    """
    game = compile_game(game)
    check_from_outset(game, "equilibria")
    from offramp.equilibrium.branch.continuation import polished, tracer_of
    from offramp.equilibrium.branch.traced import SAME, STATUSES, Traced
    from offramp.equilibrium.evaluation import draw_of, solution_of
    from offramp.equilibrium.logit import TOLERANCE, judged, solve_traced
    from offramp.equilibrium.structure import log_probabilities
    from offramp.equilibrium.sweeps import swept

    if not 1 <= starts <= MAX_STARTS:
        raise UsageError(f"the number of starts must be from 1 to {MAX_STARTS:,}, found {starts:,}")
    check_seed(seed)
    block = draw_of(game, rationality, given)
    structure = block.structure
    solved, traced = solve_traced(block)
    first = solution_of(block, solved, traced)
    solutions = [solution for solution in (first, *first.sides) if solution.converged]
    leading = len(solutions)
    starts_of: list[set[int]] = [set() for _ in solutions]
    tracer = tracer_of(structure, block.draw(0))
    border = np.zeros(structure.slots + 1)
    border[-1] = 1.0
    status = np.array([STATUSES.index("other branch")], dtype=np.int8)

    def enter(start: int, logit: Array, sweeps: int) -> None:
        choice = np.exp(log_probabilities(structure, logit[:, None]))
        for number, known in enumerate(solutions):
            if np.abs(known.choice - choice[:, 0]).max(initial=0.0) <= SAME:
                starts_of[number].add(start)
                return
        result = judged(block, choice, logit[:, None], np.array([sweeps]), status)
        if result.residual[0] <= max(TOLERANCE, result.tolerance[0]):
            solutions.append(solution_of(block, result, Traced(logit, "other branch", "sweeps settled")))
            starts_of.append({start})

    for start in range(starts):
        random = np.random.default_rng([seed, start])
        # part of the answer to a nearly pure profile, so that logits have the size that rationality gives them
        pure = PURE * random.uniform(-1.0, 1.0, size=structure.slots)
        tracer.gap(np.append(pure, tracer.unit))
        logit = random.uniform() * tracer.point.image
        profile = swept(block, logit)
        if profile.converged[0]:
            enter(start, profile.logit[:, 0], int(profile.sweeps[0]))
        corrected = tracer.corrected(np.append(logit, tracer.unit), border, np.inf, CORRECTIONS)
        if corrected is not None:
            enter(start, polished(tracer, corrected)[:-1], 0)
        if progress:
            progress(1)
    order = sorted(
        range(len(solutions)),
        key=lambda number: (number >= leading, number if number < leading else -len(starts_of[number])),
    )
    return tuple(Equilibrium(solutions[number], len(starts_of[number])) for number in order)
