"""A crisis under sets of levers, on the same draws: what then differs between two sets is what the levers do.

The inputs are drawn once and each set is applied to the same values (common random numbers; Law & Kelton 2000,
*Simulation Modeling and Analysis*, 11.2). Sets that forbid the same options share one compiled game.
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
from offramp.crisis.model import Crisis
from offramp.gambit.opening import compile_game
from offramp.game.game import Game
from offramp.runs.pieces import solvers
from offramp.runs.sampling import CHUNK, sample_chunk

Array = NDArray[np.float64]
Levers = tuple[str, ...]
Progress = Callable[[int], None]


class OverDraws(Protocol):
    """Something worked out for draws, of which those of one set of levers can be taken."""

    def only(self, draws: slice) -> Self: ...


Result = TypeVar("Result", bound=OverDraws)
Study = Callable[[Game, int, Mapping[str, Array], Executor, Progress | None], Result]
"""What is worked out: from a game, the number of draws, the inputs, each (draws,), and who solves."""


def under_levers(
    crisis: Crisis,
    sets: Iterable[Levers],
    draws: int,
    values: Mapping[str, Array],
    study: Study[Result],
    progress: Progress | None = None,
    executor: Executor | None = None,
) -> dict[Levers, Result]:
    """Work something out under each set of levers; the draws of all sets that share a game are worked on together.

    Parameters
    ----------
    crisis
        The crisis; levers that it has pulled already stay pulled.
    sets
        Names of levers, pulled in their order on top.
    draws
        How many draws there are.
    values
        For each input (draws,), with what the crisis has pulled applied.
    study
        Called once a game.
    progress
        Called with the number of draws done since the last call, each set's counted.
    executor
        Who solves; by default threads of this process.

    Returns
    -------
    What `study` gave, by set. Sets that together leave a move no option are not in it.

    Raises
    ------
    CrisisError
        Where a set of levers makes a draw's odds or payoffs impossible; the message names the levers.
    """
    order = list(sets)
    sharing: dict[frozenset[tuple[str, frozenset[str]]], list[Levers]] = {}
    for names in order:
        pulled = crisis.with_levers(*names)
        moves = {move for name in pulled.pulled for move in pulled.levers[name].forbids}
        sharing.setdefault(frozenset((move, pulled.forbidden(move)) for move in moves), []).append(names)
    found: dict[Levers, Result] = {}
    with solvers(executor) as crew:
        for members in sharing.values():
            game = _compiled(crisis.with_levers(*members[0]), may_fail=bool(members[0]))
            if game is None:
                continue
            each = [resolved_inputs(replace(crisis, pulled=names), values) for names in members]
            together = {name: np.concatenate([one[name] for one in each]) for name in values}
            try:
                whole = study(game, len(members) * draws, together, crew, progress)
            except CrisisError:
                for names, one in zip(members, each, strict=True):
                    _blame(names, partial(study, game, draws, one, crew, None))
                raise
            for place, names in enumerate(members):
                found[names] = whole.only(slice(place * draws, (place + 1) * draws))
    return {names: found[names] for names in order if names in found}


def _blame(names: Levers, work: Callable[[], object]) -> None:
    """Raise what is wrong with the draws of one set of levers, naming the levers; nothing where nothing is."""
    try:
        work()
    except CrisisError as error:
        said = f"; with {listed(names)} pulled" if names else ""
        raise CrisisError(error.path, [Fault(f.place, f.message + said) for f in error.faults]) from None


def _compiled(crisis: Crisis, may_fail: bool) -> Game | None:
    try:
        return compile_game(crisis)
    except CrisisError:
        if may_fail:
            return None
        raise


def free_levers(crisis: Crisis) -> tuple[str, ...]:
    """The levers not pulled yet, in the order of the file; UsageError where there is none."""
    free = tuple(name for name in crisis.levers if name not in crisis.pulled)
    if not free:
        raise UsageError(f"{crisis.path} has no levers" + (" that are not pulled yet" if crisis.levers else ""))
    return free


def ending_to_avoid(crisis: Crisis, name: str | None) -> int:
    """The place of an ending, by default the first of the file; UsageError where there is none of that name."""
    if not crisis.endings:
        raise UsageError(f"{crisis.path} has no endings")
    return 0 if name is None else crisis.ending_index(name)


def drawn_inputs(crisis: Crisis, draws: int, seed: int) -> dict[str, Array]:
    """The inputs of an ensemble of so many draws: for each (draws,), pulled levers applied."""
    if draws < 1 or seed < 0:
        raise UsageError(f"draws count from 1 and seeds from 0, found {draws:,} and {seed}")
    chunks = [sample_chunk(crisis, seed, chunk) for chunk in range(-(-draws // CHUNK))]
    return {name: np.concatenate([chunk[name] for chunk in chunks])[:draws] for name in crisis.inputs}
