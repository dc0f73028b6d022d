"""A crisis under sets of levers, on the same draws, so that sets differ only by what the levers do.

The inputs are drawn once and each set is applied to the same values (common random numbers; Law & Kelton 2000,
*Simulation Modeling and Analysis*, 11.2). Sets that leave moves the same options share one compiled game.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Executor
from dataclasses import replace
from functools import partial
from typing import Protocol, Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from offramp.common.errors import UsageError
from offramp.common.words import listed
from offramp.crisis.faults import CrisisError, Fault
from offramp.crisis.inputs import resolved_inputs
from offramp.crisis.lever import Menu
from offramp.crisis.model import Crisis
from offramp.crisis.observation import Position
from offramp.equilibrium.as_of_now import Past, acts_ahead
from offramp.gambit.opening import Playable, compile_game
from offramp.game.compiler import compile_crisis
from offramp.game.game import Game
from offramp.runs.sampling import sample_draws
from offramp.runs.study_draws import solve_past, solvers

Array = NDArray[np.float64]
Levers = tuple[str, ...]
Progress = Callable[[int], None]


class OverDraws(Protocol):
    """A result over draws that can be cut to the draws of one set of levers."""

    def only(self, draws: slice) -> Self: ...


Result = TypeVar("Result", bound=OverDraws)
Study = Callable[[Game, int, Mapping[str, Array], Executor, Progress | None], Result]
"""A study: takes a game, the number of draws, the inputs, each (draws,), and the executor."""


def under_levers(
    given: Playable,
    sets: Iterable[Levers],
    draws: int,
    values: Mapping[str, Array],
    study: Study[Result],
    progress: Progress | None = None,
    executor: Executor | None = None,
) -> dict[Levers, Result]:
    """Run a study under each set of levers; the draws of all sets that share a game are solved together.

    Parameters
    ----------
    given
        The crisis, compiled or not; levers that it has pulled already stay pulled.
    sets
        Names of levers, pulled in their order on top.
    draws
        How many draws there are.
    values
        For each input (draws,), with what the crisis has pulled applied.
    study
        Called once for each game.
    progress
        Called with the number of draws done since the last call, counted for each set.
    executor
        Who solves; by default threads of this process.

    Returns
    -------
    The results by set, without the sets that leave a move no option.

    Raises
    ------
    CrisisError
        If a set of levers makes a draw's odds or payoffs impossible; the message names the levers.
    """
    base, order = compile_game(given), list(sets)
    crisis = base.crisis
    sharing: dict[frozenset[tuple[Position, Menu]], list[Levers]] = {}
    for names in order:
        sharing.setdefault(frozenset(crisis.with_levers(*names).menus.items()), []).append(names)
    results: dict[Levers, Result] = {}
    with solvers(executor) as pool:
        for members in sharing.values():
            game = _with_levers(base, members[0])
            if game is None:
                continue
            inputs = [resolved_inputs(replace(crisis, pulled=names), values) for names in members]
            together = {name: np.concatenate([own[name] for own in inputs]) for name in values}
            try:
                whole = study(game, len(members) * draws, together, pool, progress)
            except CrisisError:
                for names, own in zip(members, inputs, strict=True):
                    _raise_with_levers(names, partial(study, game, draws, own, pool, None))
                raise
            for index, names in enumerate(members):
                results[names] = whole.only(slice(index * draws, (index + 1) * draws))
    return {names: results[names] for names in order if names in results}


def _raise_with_levers(names: Levers, work: Callable[[], object]) -> None:
    """Do the work for one set of levers; an error that it raises is raised with the levers named."""
    try:
        work()
    except CrisisError as error:
        levers = f"; with {listed(names)} pulled" if names else ""
        raise CrisisError(error.path, [Fault(f.place, f.message + levers) for f in error.faults]) from None


def _with_levers(base: Game, names: Levers) -> Game | None:
    """The game with levers pulled on top; None if they leave a move no option."""
    if not names:
        return base
    try:
        return compile_crisis(base.crisis.with_levers(*names), before=base.so_far)
    except CrisisError:
        return None


def free_levers(crisis: Crisis) -> tuple[str, ...]:
    """The levers not pulled yet, in the order of the file; raises UsageError if there are none."""
    free = tuple(name for name in crisis.levers if name not in crisis.pulled)
    if not free:
        raise UsageError(f"{crisis.path} has no levers" + (" that are not pulled yet" if crisis.levers else ""))
    return free


def past_only(game: Game) -> tuple[str, ...]:
    """The levers not yet pulled that act only on what is past."""
    if not game.as_of_now:
        return ()
    crisis, idle = game.crisis, idle_levers(game.crisis)
    return tuple(name for name in free_levers(crisis) if name not in idle and not acts_ahead(crisis, game, name))


def idle_levers(crisis: Crisis) -> tuple[str, ...]:
    """The levers not yet pulled that change nothing beside the pulled ones: they only repeat what those do to moves."""
    outset = replace(crisis, outset=None)
    return tuple(
        name
        for name in free_levers(crisis)
        if not crisis.levers[name].sets and outset.with_levers(name).menus == outset.menus
    )


def drawn_past(
    game: Game,
    draws: int,
    seed: int,
    executor: Executor | None = None,
    values: Mapping[str, Array] | None = None,
) -> Past | None:
    """The draws of a run with this many up to now; None if the crisis is taken from its outset.

    `values`: the inputs of these draws, (draws,) each, pulled levers applied, if they are there already.
    """
    if not game.as_of_now:
        return None
    crisis = game.crisis
    if values is None or crisis.pulled != crisis.outset:  # a lever that was pulled since now may have changed some
        values = drawn_inputs(crisis.before_now, draws, seed)
    with solvers(executor) as pool:
        return solve_past(game, draws, values, pool)


def drawn_inputs(crisis: Crisis, draws: int, seed: int) -> dict[str, Array]:
    """The inputs of a run with this many draws: for each (draws,), pulled levers applied."""
    if draws < 1 or seed < 0:
        raise UsageError(f"draws count from 1 and seeds from 0, found {draws:,} and {seed}")
    return sample_draws(crisis, seed, 0, draws)
