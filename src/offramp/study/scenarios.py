"""A crisis under sets of levers, on the same draws, so that sets differ only by what the levers do.

The inputs are drawn once and each set is applied to the same values (common random numbers; Law & Kelton 2000,
*Simulation Modeling and Analysis*, 11.2). Sets that leave moves the same options share one compiled game.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from typing import Generic, Protocol, Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from offramp.common.errors import UsageError
from offramp.crisis.faults import CrisisError
from offramp.crisis.inputs import resolved_inputs
from offramp.crisis.lever import Menu
from offramp.crisis.model import Crisis
from offramp.crisis.observation import Position
from offramp.equilibrium.as_of_now import Past, acts_ahead
from offramp.gambit.opening import Playable, compile_game
from offramp.game.compiler import compile_crisis
from offramp.game.game import Game
from offramp.runs.blocks import block_size, numbered_block
from offramp.runs.sampling import sample_draws
from offramp.runs.study_draws import solve_past, solvers
from offramp.study.impossible_levers import ImpossibleLevers

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
    *,
    past: Past | None = None,
    rationality: float | None = None,
) -> UnderLevers[Result]:
    """Run a study under each set of levers; the draws of all sets that share a game are solved together.

    A set that makes any draw impossible is left out: its mean would be over other draws than those of the others.

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
        Called once for each game, and once more if some set makes a draw impossible.
    progress
        Called with the number of draws done since the last call, counted for each set.
    executor
        Who solves; by default threads of this process.
    past, rationality
        As the study has them, to find which draws are impossible.

    Raises
    ------
    CrisisError
        If the odds or payoffs of a draw are impossible without any of the sets.
    """
    base, order = compile_game(given), list(sets)
    crisis = base.crisis
    sharing: dict[frozenset[tuple[Position, Menu]], list[Levers]] = {}
    for names in order:
        sharing.setdefault(frozenset(crisis.with_levers(*names).menus.items()), []).append(names)
    results: dict[Levers, Result] = {}
    impossible: dict[Levers, ImpossibleLevers] = {}
    with solvers(executor) as pool:
        for members in sharing.values():
            steps = _Steps(progress, len(members) * draws)
            game = _with_levers(base, members[0])
            if game is not None:
                given_draws = _Draws(game, draws, values, past, rationality)
                solved, left_out = _solved(given_draws, members, study, pool, steps)
                results |= solved
                impossible |= left_out
            steps.end()
    return UnderLevers(
        {names: results[names] for names in order if names in results},
        tuple(impossible[names] for names in order if names in impossible),
        tuple(names for names in order if names not in results and names not in impossible),
    )


@dataclass(frozen=True, eq=False)
class UnderLevers(Generic[Result]):
    """The results of a study by set of levers, in the order of the sets, and the sets that have none.

    `impossible`: those that make some draws impossible; `no_option`: those that leave a move no option, or two
    commitments.
    """

    results: dict[Levers, Result]
    impossible: tuple[ImpossibleLevers, ...]
    no_option: tuple[Levers, ...]


class _Steps:
    """Progress through the draws of sets that share a game, which are counted once if they are solved again."""

    def __init__(self, progress: Progress | None, total: int) -> None:
        self.progress, self.total = progress, total
        self.done = self.told = 0

    def __call__(self, draws: int) -> None:
        self.done += draws
        self._tell(self.done)

    def begin_again(self) -> None:
        self.done = 0

    def end(self) -> None:
        """Count what was left out as done."""
        self._tell(self.total)

    def _tell(self, done: int) -> None:
        if self.progress and done > self.told:
            more, self.told = done - self.told, done
            self.progress(more)


@dataclass(frozen=True, eq=False)
class _Draws:
    """Draws of a game before any set of levers is pulled; the rest is as in `under_levers`."""

    game: Game
    count: int
    values: Mapping[str, Array]
    past: Past | None
    rationality: float | None

    def inputs(self, names: Levers, draws: slice) -> dict[str, Array]:
        """The inputs of some of the draws under a set of levers."""
        values = {name: column[draws] for name, column in self.values.items()}
        return resolved_inputs(replace(self.game.crisis, pulled=names), values)


def _solved(
    given: _Draws, members: Sequence[Levers], study: Study[Result], pool: Executor, steps: _Steps
) -> tuple[dict[Levers, Result], dict[Levers, ImpossibleLevers]]:
    """The results of sets that share a game, solved together, and the sets that make some draw impossible."""

    def together(some: Sequence[Levers]) -> dict[Levers, Result]:
        inputs = [given.inputs(names, slice(None)) for names in some]
        values = {name: np.concatenate([own[name] for own in inputs]) for name in given.values}
        whole = study(given.game, len(some) * given.count, values, pool, steps)
        return {
            names: whole.only(slice(index * given.count, (index + 1) * given.count)) for index, names in enumerate(some)
        }

    try:
        return together(members), {}
    except CrisisError:
        found = {names: _impossible(given, names) for names in members}
        left_out = {names: one for names, one in found.items() if one is not None}
        if not left_out:
            raise
    steps.begin_again()
    possible = [names for names in members if names not in left_out]
    return together(possible) if possible else {}, left_out


def _impossible(given: _Draws, names: Levers) -> ImpossibleLevers | None:
    """In how many draws a set of levers is impossible, and why in the first; None if in none.

    Raises
    ------
    CrisisError
        If some draw is impossible and the set is empty.
    """

    def errors(first: int, end: int) -> Iterator[CrisisError]:
        """The error of each impossible draw; draws that are possible together are possible one by one."""
        draws = slice(first, end)
        past = None if given.past is None else given.past.only(draws)
        try:
            numbered_block(given.game, given.inputs(names, draws), first, end, 0, given.rationality, past)
        except CrisisError as error:
            if end - first == 1:
                yield error
            else:
                middle = (first + end) // 2
                yield from errors(first, middle)
                yield from errors(middle, end)

    size = block_size(given.game)
    found = [error for first in range(0, given.count, size) for error in errors(first, min(first + size, given.count))]
    if not found:
        return None
    if not names:
        raise found[0]
    fault = found[0].faults[0]
    return ImpossibleLevers(names, len(found), given.count, fault.place.line, fault.message)


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
        if crisis.levers:
            raise UsageError(f"{crisis.path} has no levers that are not pulled yet")
        how = "write what could be tried under `levers`, as in NAME: {set: {INPUT: VALUE}}"
        raise UsageError(f"{crisis.path} has no levers; {how}")
    return free


def past_only(game: Game) -> tuple[str, ...]:
    """The levers not yet pulled that change nothing ahead: they act only on what is past, or on nothing."""
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
    followed: int = 0,
) -> Past | None:
    """The draws of a run with this many up to now; None if the crisis is taken from its outset.

    `values`: the inputs of these draws, (draws,) each, pulled levers applied, if they are there already. `followed`: in
    about how many the solution up to now is compared with its principal branch.
    """
    if not game.as_of_now:
        return None
    crisis = game.crisis
    if values is None or crisis.pulled != crisis.outset:  # a lever that was pulled since now may have changed some
        values = drawn_inputs(crisis.before_now, draws, seed)
    with solvers(executor) as pool:
        return solve_past(game, draws, values, pool, followed=followed)


def drawn_inputs(crisis: Crisis, draws: int, seed: int) -> dict[str, Array]:
    """The inputs of a run with this many draws: for each (draws,), pulled levers applied."""
    if draws < 1 or seed < 0:
        raise UsageError(f"draws count from 1 and seeds from 0, found {draws:,} and {seed}")
    return sample_draws(crisis, seed, 0, draws)
