"""Solving the points of a map: its subject, its axes, and the border where the likeliest alternative changes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from offramp.common.errors import UsageError
from offramp.common.words import listed, nearest
from offramp.crisis.inputs import resolved_inputs, unknown_input
from offramp.crisis.model import Crisis
from offramp.crisis.parts import Measure
from offramp.crisis.steps import Move
from offramp.equilibrium.as_of_now import Past, inputs_ahead
from offramp.equilibrium.logit import BlockSolution
from offramp.equilibrium.structure import structure_of
from offramp.game.game import Game
from offramp.runs.blocks import NumberedBlock, block_size
from offramp.runs.draw_results import occurrences_of
from offramp.runs.executors import worker_count
from offramp.runs.study_draws import in_blocks
from offramp.study.options import parted_move

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]

NONE = -1
"""Stands for an alternative's index if the point did not converge, or the move is never made there."""
EXACT = 1e-6
"""Precision of border points, as a part of the distance between two neighbours of the grid."""


@dataclass(frozen=True)
class Subject:
    """What a map shows: the alternatives whose probabilities are compared, and the one in focus, if any.

    `move`, `round`, `actor`: of a move; empty if the alternatives are the endings. `measure`: it is then the only
    alternative and in focus, with its expected amount in place of a probability.
    """

    alternatives: tuple[str, ...]
    focus: int | None = None
    move: str | None = None
    round: int = 0
    actor: str = ""
    measure: Measure | None = None


@dataclass(frozen=True, eq=False)
class MapPoints:
    """Solved points; the last axis is the point.

    `shares`: (alternatives,), the probability of an ending, or of an option given that the move is made; NaN if the
    point did not converge or the move is never made. `status`: indices of `STATUSES`.
    """

    shares: Array
    converged: Flags
    status: NDArray[np.int8]

    @property
    def leader(self) -> NDArray[np.int64]:
        """The likeliest alternative of each point, or `NONE`."""
        known = ~np.isnan(self.shares).any(axis=0)
        return np.where(known, np.where(known, self.shares, 0.0).argmax(axis=0), NONE)


Solver = Callable[[Array, Array], MapPoints]
"""Solves points at values of x and y, (points,)."""


@dataclass(frozen=True)
class Crossing:
    """A point of the border: between two neighbours of the grid, in a row or in a column, the likeliest changes.

    `across`: whether the neighbours are in one row (x differs). `row`, `column`: of the first of them. `before`,
    `after`: the indices of the likeliest alternatives where x, or y, is smaller and larger.
    """

    across: bool
    row: int
    column: int
    x: float
    y: float
    before: int
    after: int


def subject_of(game: Game, ending: str | None, move: str | None, measure: str | None) -> Subject:
    """The subject by name: an ending; a move, as in `answer`, `answer@2`, `answer=staged`; a measure; or none of them.

    Raises
    ------
    UsageError
        Names that the crisis does not have, with the nearest that it has.
    """
    endings = tuple(ending.key for ending in game.crisis.endings)
    if sum(one is not None for one in (ending, move, measure)) > 1:
        raise UsageError("a map shows an ending, a move or a measure: name one of them")
    if measure is not None:
        return Subject((measure,), 0, measure=game.crisis.measures[game.crisis.measure_index(measure)])
    if ending is not None:
        return Subject(endings, _index_or_fault(ending, endings, "ending"))
    return Subject(endings) if move is None else _move_of(game, move)


def _index_or_fault(word: str, words: tuple[str, ...], kind: str) -> int:
    if word not in words:
        raise UsageError(f"unknown {kind} '{word}'{nearest(word, words)} ({kind}s: {listed(words)})")
    return words.index(word)


def _move_of(game: Game, text: str) -> Subject:
    parts = parted_move(text)
    if parts is None:
        raise UsageError(f"a move is written MOVE, MOVE@ROUND, MOVE=OPTION or MOVE=OPTION@ROUND, found '{text}'")
    name, option, when = parts
    moves = tuple(name for name, step in game.crisis.named.items() if isinstance(step, Move))
    _index_or_fault(name, moves, "move")
    made = {occurrence.round: occurrence for occurrence in occurrences_of(game) if occurrence.move == name}
    if not made:
        raise UsageError(f"'{name}' is never made in this game")
    ahead = [number for number in made if (name, number) not in game.crisis.past]
    round_ = min(ahead or made) if when is None else when
    if round_ not in made:
        rounds = f"it is made in rounds {listed(map(str, made))}" if 0 not in made else "it is outside the rounds"
        raise UsageError(f"'{name}' is not made in round {round_}; {rounds}")
    options = made[round_].options
    focus = None if option is None else _index_or_fault(option, options, f"{name} option")
    if (name, round_) in game.crisis.past:
        raise UsageError(f"'{text}' is past: as of now, a map is about moves that are still ahead")
    if focus is not None and options[focus] not in game.crisis.offered(name, round_):
        raise UsageError(f"option '{options[focus]}' of '{name}' is closed: no pulled lever allows it")
    return Subject(options, focus, name, round_, game.crisis.actors[made[round_].actor].name)


def axis_of(crisis: Crisis, name: str, size: int, reference: float) -> Array:
    """`size` values of an input over the middle 95 % of its distribution, evenly spaced, one moved to the reference.

    Raises
    ------
    UsageError
        If there is no such input, or it is not uncertain.
    """
    if name not in crisis.inputs:
        raise UsageError(unknown_input(crisis, name))
    distribution = crisis.inputs[name].distribution
    if distribution.kind == "constant":
        others = listed(crisis.uncertain, 30)
        raise UsageError(f"'{name}' is the number {distribution}, so it has no range to map; uncertain: {others}")
    low, high = distribution.quantile(np.array([0.025, 0.975]))
    values = np.linspace(min(low, reference), max(high, reference), size)
    values[np.abs(values - reference).argmin()] = reference
    return values


def past_only_of(game: Game, axes: tuple[str, str]) -> tuple[str, ...]:
    """The axes that nothing ahead depends on, by itself or through a pulled lever."""
    crisis = game.crisis
    names = [value.names for lever in crisis.pulled for value in crisis.levers[lever].sets.values()]
    ahead = inputs_ahead(game).union(*names)
    return tuple(axis for axis in axes if axis not in ahead)


def solve_points(
    game: Game,
    subject: Subject,
    values: Mapping[str, Array],
    executor: Executor,
    traced: Flags | None = None,
    past: Past | None = None,
    progress: Callable[[int], None] | None = None,
) -> MapPoints:
    """Solve a game at values of its inputs, for each (points,), before levers.

    `traced`: as in `solve_block`; `past`: one draw up to now, the same for every point, if the game is as of now.
    """
    count = len(next(iter(values.values())))
    block = min(block_size(game), -(-count // worker_count(executor)))
    work = partial(_solving, subject=subject, traced=traced)
    inputs = resolved_inputs(game.crisis, values)
    parts = in_blocks(game, count, inputs, work, executor, block=block, past=past, progress=progress)
    return MapPoints(*(np.concatenate(part, axis=-1) for part in zip(*parts, strict=True)))


def _solving(
    game: Game, subject: Subject, traced: Flags | None
) -> Callable[[NumberedBlock], tuple[Array, Flags, NDArray[np.int8]]]:
    """A function that gives a block's shares of the alternatives, which points converged, and their status."""
    alternatives = _alternatives_of(game, subject)

    def work(part: NumberedBlock) -> tuple[Array, Flags, NDArray[np.int8]]:
        solved = part.solve(None if traced is None else traced[part.first : part.end])
        shares = np.where(solved.converged, alternatives(solved), np.nan)
        return shares, solved.converged, solved.status

    return work


def _alternatives_of(game: Game, subject: Subject) -> Callable[[BlockSolution], Array]:
    """The function that gives the alternatives' probabilities, (alternatives, draws)."""
    if subject.measure is not None:
        place = game.crisis.measure_index(subject.measure.key)
        return lambda solved: solved.measures[[place]]
    if subject.move is None:
        return lambda solved: solved.endings
    move = next(
        occurrence
        for occurrence in occurrences_of(game)
        if (occurrence.move, occurrence.round) == (subject.move, subject.round)
    )
    held = np.repeat(np.arange(game.size.information_sets), structure_of(game).options)[move.slots]
    numbers = game.slot_option[move.slots]

    def shares(solved: BlockSolution) -> Array:
        taken = solved.reached[held] * solved.choice[move.slots]
        by_option = np.array([taken[numbers == number].sum(axis=0) for number in range(len(move.options))])
        made = by_option.sum(axis=0)
        return np.asarray(np.divide(by_option, made, out=np.full_like(by_option, np.nan), where=made > 0.0))

    return shares


def border_of(x: Array, y: Array, leader: NDArray[np.int64], solved: Solver) -> tuple[tuple[Crossing, ...], int]:
    """Where the likeliest alternative changes between neighbours of the grid, by bracketing (Chandrupatla 1997).

    Parameters
    ----------
    x, y
        The values of the axes.
    leader
        (y, x), the likeliest alternative of each point, or `NONE`.
    solved
        The solver of further points.

    Returns
    -------
    The points of the border, and the number that could not be found because a solve did not converge. A border point is
    where the likeliest alternative of the grid point before it stops being the likeliest.
    """
    edges = [(True, row, column) for row, column in _changes(leader[:, :-1], leader[:, 1:])]
    edges += [(False, row, column) for row, column in _changes(leader[:-1], leader[1:])]
    if not edges:
        return (), 0
    from scipy.optimize.elementwise import find_root

    across, row, column = (np.array(part) for part in zip(*edges, strict=True))
    first = leader[row, column]
    left, low = x[column], y[row]
    right, high = x[column + across], y[row + ~across]

    def lead(part: Array, number: NDArray[np.int64]) -> Array:
        """The lead, at a part of an edge, of the alternative that is likeliest at its beginning."""
        shares = solved(*_along(part, left[number], right[number], low[number], high[number])).shares
        own = first[number], np.arange(len(number))
        ahead = shares[own].copy()
        shares[own] = -np.inf
        return np.asarray(ahead - shares.max(axis=0))

    zeros, ones = np.zeros(len(first)), np.ones(len(first))
    roots = find_root(
        lead,
        (zeros, ones),
        args=(np.arange(len(first)),),
        tolerances={"xatol": EXACT, "xrtol": 0.0, "fatol": 0.0, "frtol": 0.0},
    )
    xs, ys = _along(roots.x, left, right, low, high)
    good = np.flatnonzero(roots.success)
    crossings = tuple(
        Crossing(
            bool(across[edge]), int(row[edge]), int(column[edge]), float(xs[edge]), float(ys[edge]), int(first[edge]),
            int(leader[row[edge] + ~across[edge], column[edge] + across[edge]]),
        )
        for edge in good
    )  # fmt: skip
    return crossings, len(first) - len(good)


def _changes(first: NDArray[np.int64], second: NDArray[np.int64]) -> NDArray[np.int64]:
    """The neighbours with different leaders, both of them known."""
    return np.argwhere((first != second) & (first != NONE) & (second != NONE))


def _along(part: Array, left: Array, right: Array, low: Array, high: Array) -> tuple[Array, Array]:
    """The points at a part of the way from (left, low) to (right, high)."""
    return left + part * (right - left), low + part * (high - low)
