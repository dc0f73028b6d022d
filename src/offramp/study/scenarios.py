"""A crisis under sets of levers, on the same draws: what then differs between two sets is what the levers do.

The inputs are drawn once and each set is applied to the same values (common random numbers; Law & Kelton 2000,
*Simulation Modeling and Analysis*, 11.2). Sets that forbid the same options share one compiled game.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from offramp.crisis.faults import CrisisError, Fault, UsageError, listed, nearest
from offramp.crisis.inputs import settled
from offramp.crisis.model import Crisis
from offramp.ensemble.blocks import threads
from offramp.ensemble.sampling import CHUNK, sample_chunk
from offramp.game.layers import Game

Array = NDArray[np.float64]
Levers = tuple[str, ...]
Result = TypeVar("Result")
Study = Callable[[Game, Mapping[str, Array], ThreadPoolExecutor], Result]
"""What is worked out under one set of levers, from the game, the inputs, each (draws,), and threads to share."""


def under_levers(
    crisis: Crisis,
    sets: Iterable[Levers],
    values: Mapping[str, Array],
    study: Study[Result],
    progress: Callable[[int], None] | None = None,
) -> dict[Levers, Result]:
    """Work something out under each set of levers, side by side.

    Parameters
    ----------
    crisis
        The crisis; levers that it has pulled already stay pulled.
    sets
        Names of levers, pulled in their order on top.
    values
        For each input (draws,), with what the crisis has pulled applied.
    study
        Called once a set, in a thread.
    progress
        Called with 1 after each set.

    Returns
    -------
    What `study` gave, by set. Sets that together leave a move no option are not in it.

    Raises
    ------
    CrisisError
        Where a set of levers makes a draw's odds or payoffs impossible; the message names the levers.
    """
    games: dict[frozenset[tuple[str, frozenset[str]]], Game | None] = {}
    possible: list[tuple[Levers, Game]] = []
    for names in sets:
        pulled = crisis.with_levers(*names)
        moves = {move for name in pulled.pulled for move in pulled.levers[name].forbids}
        forbidden = frozenset((move, pulled.forbidden(move)) for move in moves)
        if forbidden not in games:
            games[forbidden] = _compiled(pulled, bool(names))
        if (game := games[forbidden]) is not None:
            possible.append((names, game))

    def work(names: Levers, game: Game) -> Result:
        try:
            return study(game, settled(replace(crisis, pulled=names), values), pool)
        except CrisisError as error:
            said = f"; with {listed(names)} pulled" if names else ""
            raise CrisisError(error.path, [Fault(f.place, f.message + said) for f in error.faults]) from None

    found: dict[Levers, Result] = {}
    with threads(None) as pool, threads(None) as side_by_side:  # a set waits for its draws in another pool than theirs
        results = side_by_side.map(lambda pair: work(*pair), possible)
        for (names, _), result in zip(possible, results, strict=True):
            found[names] = result
            if progress:
                progress(1)
    return found


def _compiled(crisis: Crisis, may_fail: bool) -> Game | None:
    try:
        return crisis.compile()
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
    names = [ending.name for ending in crisis.endings]
    if not names:
        raise UsageError(f"{crisis.path} has no endings")
    if name is not None and name not in names:
        raise UsageError(f"unknown ending '{name}'{nearest(name, names)} (endings: {listed(names)})")
    return 0 if name is None else names.index(name)


def drawn_inputs(crisis: Crisis, draws: int, seed: int) -> dict[str, Array]:
    """The inputs of an ensemble of so many draws: for each (draws,), pulled levers applied."""
    if draws < 1 or seed < 0:
        raise UsageError(f"draws count from 1 and seeds from 0, found {draws:,} and {seed}")
    chunks = [sample_chunk(crisis, seed, chunk) for chunk in range(-(-draws // CHUNK))]
    return {name: np.concatenate([chunk[name] for chunk in chunks])[:draws] for name in crisis.inputs}
