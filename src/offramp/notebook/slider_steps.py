"""One setting of a crisis after another, solved: inputs held at numbers and levers pulled, from the medians on."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from offramp.common.arguments import check_type
from offramp.common.errors import UsageError
from offramp.crisis.inputs import medians, resolved_inputs
from offramp.equilibrium.solution import Solution
from offramp.equilibrium.solving import solve
from offramp.gambit.opening import Playable, compile_game
from offramp.game.game import Game
from offramp.runs.blocks import threads
from offramp.runs.study_draws import solve_past, solve_values
from offramp.study.sensitivity.given_inputs import HIGH, LOW

KEPT = 16
"""Maximum number of sets of levers whose games stay compiled."""


@dataclass(frozen=True, eq=False)
class Explored:
    """A crisis whose settings are solved: its game, the solution at the medians, and those of the sets of levers.

    `pulled`: by set of levers, the solution at the medians with them, which knows their game; the latest is last.
    """

    game: Game
    reference: Solution
    pulled: OrderedDict[tuple[str, ...], Solution] = field(default_factory=OrderedDict)


def explored(crisis: Playable) -> Explored:
    """A crisis, compiled and solved at the medians of its inputs; raises as `solve`."""
    game = compile_game(crisis)
    return Explored(game, solve(game))


def solve_setting(settings: Explored, given: Mapping[str, float], levers: Sequence[str], *, traced: bool) -> Solution:
    """The solution with inputs held at `given` and `levers` pulled, in this order, besides those of the crisis.

    `traced`: whether the principal branch is followed, as in `offramp.solve`. Otherwise sweeps start from the solution
    at the medians, which takes milliseconds; if they do not converge, the branch is followed all the same.

    Raises
    ------
    UsageError
        If an input or a lever is unknown, or is not of the right type.
    CrisisError
        If the values make odds or payments impossible.
    """
    check_type("given", given, Mapping[str, float])
    most = len(settings.game.crisis.levers)
    if isinstance(levers, list | tuple) and len(levers) > most:
        raise UsageError(f"`levers` has {len(levers):,} entries, but the crisis has {most} levers")
    check_type("levers", levers, Sequence[str])
    base = _at_medians(settings, tuple(levers))
    if not given:
        return base
    if not traced:
        solution = solve(base.game, given=given, start=base)
        if solution.converged:
            return solution
    return solve(base.game, given=given)


def _at_medians(settings: Explored, levers: tuple[str, ...]) -> Solution:
    """The solution at the medians with levers pulled, solved once."""
    if not levers:
        return settings.reference
    pulled = settings.pulled
    if levers not in pulled:
        pulled[levers] = solve(compile_game(settings.game.crisis.with_levers(*levers)))
        while len(pulled) > KEPT:
            pulled.popitem(last=False)
    pulled.move_to_end(levers)
    return pulled[levers]


def swings(game: Game) -> dict[str, float]:
    """How far each uncertain input moves the endings: the largest change of an ending's probability, in order of it.

    The change is from the input's 10 % to its 90 % quantile, all other inputs at their medians (one at a time); an
    input counts as 0 if a solve there did not converge. Inputs that pulled levers set are left out.

    Raises
    ------
    CrisisError
        If a quantile makes odds or payments impossible.
    """
    crisis = game.crisis
    names = crisis.effective_inputs
    if not names:
        return {}
    draws = 2 * len(names)
    middle = {name: np.full(draws, value[0]) for name, value in medians(crisis).items()}
    values = {name: column.copy() for name, column in middle.items()}
    for place, name in enumerate(names):
        values[name][2 * place : 2 * place + 2] = crisis.inputs[name].distribution.quantile(np.array([LOW, HIGH]))
    with threads(None) as pool:
        past = None
        if game.as_of_now:
            past = solve_past(game, draws, resolved_inputs(crisis.before_now, middle), pool)
        solved = solve_values(game, draws, resolved_inputs(crisis, values), pool, past=past)
    change = np.abs(solved.endings[:, 1::2] - solved.endings[:, ::2]).max(axis=0)
    known = np.where(solved.converged[::2] & solved.converged[1::2], change, 0.0)
    return dict(sorted(zip(names, map(float, known), strict=True), key=lambda item: -item[1]))
