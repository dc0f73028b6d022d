"""Tipping values: what one input would have to be for an ending to become as likely as not, or for a choice to flip.

One input is varied at a time, the others stay where they are. Each point is solved by sweeps. The search goes outwards
from the input's value and takes the first crossing on each side: first in the range that holds 98 % of the input's
distribution, then beyond it by up to twice its width, as far as the odds of the game remain possible and the input does
not change its sign.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from offramp.crisis.faults import CrisisError
from offramp.crisis.inputs import medians, resolved_inputs
from offramp.equilibrium.as_of_now import Past
from offramp.game.game import Game
from offramp.game.tables import Draws, tabulate
from offramp.runs.blocks import NumberedBlock
from offramp.runs.study_draws import in_blocks, solvers

Array = NDArray[np.float64]

WITHIN = (0.01, 0.1, 0.3, 0.7, 0.9, 0.99)
"""Quantiles of an input that are tried."""
BEYOND = (0.5, 1.0, 2.0)
"""Distances beyond these quantiles that are tried, as parts of the range between the first and the last."""
EXACT = 1e-4
"""Precision of a tipping value, as a part of the distance between two values that were tried."""


@dataclass(frozen=True)
class OptionWanted:
    """A choice whose flipping is looked for: that one of its options becomes the best, or stops being so.

    `slots`: of the information set; `option`: the option's slot.
    """

    slots: slice
    option: int


@dataclass(frozen=True)
class TippingValue:
    """An input's value at which something flips; `flips`: 0 for the ending, then the number of the choice, from 1.

    `above`: whether it flips if the input is larger. `low`, `high`: the input's 1 % and 99 % quantiles.
    """

    input: str
    flips: int
    value: float
    above: bool
    now: float
    low: float
    high: float

    @property
    def is_within(self) -> bool:
        """Whether the value is between the input's 1 % and 99 % quantiles."""
        return self.low <= self.value <= self.high

    @property
    def distance(self) -> float:
        """How far the value is from where the input is, as a part of its range."""
        return abs(self.value - self.now) / (self.high - self.low)


@dataclass(frozen=True, eq=False)
class Line:
    """The values of an input that are tried, in ascending order; `start`: the place of the value that it has."""

    input: str
    values: Array
    start: int
    low: float
    high: float


Measured = Callable[[Mapping[str, Array], int], Array]
"""Solves points, given the values of the inputs and how many there are: (1 + choices, points). An entry changes its
sign where something flips."""


def tipping_values(
    game: Game,
    ending: str,
    choices: Sequence[OptionWanted],
    varied: Sequence[str],
    given: Mapping[str, float] | None = None,
    rationality: float | None = None,
    executor: Executor | None = None,
    past: Past | None = None,
) -> tuple[TippingValue, ...]:
    """The nearest value of each of some inputs at which the ending becomes as likely as not, and each choice flips.

    Parameters
    ----------
    game
        The game; its crisis's pulled levers apply at every point.
    ending
        The ending's key.
    choices
        The choices.
    varied
        The inputs, by their keys; those without a range are passed over.
    given, rationality
        As in `offramp.solve`.
    executor
        The executor that solves the points; by default threads of this process.
    past
        One draw up to now, the same for every point, if the game is as of now.
    """
    crisis = game.crisis
    start = {name: float(value[0]) for name, value in medians(crisis).items()} | dict(given or {})
    with solvers(executor) as solver:
        measured = partial(_measured, game, ending, tuple(choices), start, solver, past, rationality)
        lines = [line for name in varied if (line := _line(game, name, start, rationality)) is not None]
        return tuple(_search(lines, measured))


def _line(game: Game, name: str, start: Mapping[str, float], rationality: float | None) -> Line | None:
    """The values tried for an input; None if it does not vary."""
    distribution = game.crisis.inputs[name].distribution
    within = distribution.quantile(np.array(WITHIN))
    low, high, now = float(within[0]), float(within[-1]), start[name]
    width = high - low
    if not width > 0.0:
        return None
    below, above = ([end + way * part * width for part in BEYOND] for end, way in ((low, -1.0), (high, 1.0)))
    wider = [*_possible(game, name, below, start, rationality), *_possible(game, name, above, start, rationality)]
    values = np.unique(np.concatenate([within, wider, [now]]))
    return Line(name, values, int(np.searchsorted(values, now)), low, high)


def _possible(
    game: Game, name: str, outwards: list[float], start: Mapping[str, float], rationality: float | None
) -> Iterator[float]:
    """The values from the range outwards, up to zero or to the first that makes a number of the game impossible."""
    distribution = game.crisis.inputs[name].distribution
    first, last = distribution.support if distribution.kind in ("beta", "lognormal") else (-np.inf, np.inf)
    sign = np.sign(start[name])
    for value in outwards:
        tried = value if value * sign > 0.0 else 0.0
        if not first < tried < last:
            return
        inputs = {other: np.full(1, tried if other == name else number) for other, number in start.items()}
        try:
            tabulate(game, Draws(resolved_inputs(game.crisis, inputs), [name]), rationality)
        except CrisisError:
            return
        yield tried
        if tried != value:
            return


def _measured(
    game: Game,
    ending: str,
    choices: tuple[OptionWanted, ...],
    start: Mapping[str, float],
    solver: Executor,
    past: Past | None,
    rationality: float | None,
    values: Mapping[str, Array],
    count: int,
) -> Array:
    inputs = {name: values.get(name, np.full(count, number)) for name, number in start.items()}
    work = partial(_margins, ending=game.crisis.ending_index(ending), choices=choices)
    parts = in_blocks(
        game, count, resolved_inputs(game.crisis, inputs), work, solver, rationality=rationality, past=past
    )
    return np.concatenate(parts, axis=1)


def _margins(game: Game, ending: int, choices: tuple[OptionWanted, ...]) -> Callable[[NumberedBlock], Array]:
    """For each draw, how far the ending is from as likely as not, and by how much each option is better than others."""

    def work(part: NumberedBlock) -> Array:
        solved = part.solve()
        margins = np.empty((1 + len(choices), part.block.draws))
        margins[0] = solved.endings[ending] - 0.5
        for row, choice in zip(margins[1:], choices, strict=True):
            others = [slot for slot in range(choice.slots.start, choice.slots.stop) if slot != choice.option]
            row[:] = solved.option_value[choice.option] - solved.option_value[others].max(axis=0)
        margins[:, ~solved.converged] = np.nan
        return margins

    return work


def _search(lines: Sequence[Line], measured: Measured) -> Iterator[TippingValue]:
    """The nearest crossing on each line for each thing that flips."""
    points = [(number, value) for number, line in enumerate(lines) for value in line.values]
    if not points:
        return
    at = np.array([number for number, _ in points])
    margins = _at(lines, at, np.array([value for _, value in points]), measured)
    brackets = [
        (number, flips, *ends)
        for number, line in enumerate(lines)
        for flips, row in enumerate(margins[:, at == number])
        for ends in _brackets(line, row)
    ]
    if not brackets:
        return
    from scipy.optimize.elementwise import find_root

    line_of, flips_of = (np.array([bracket[place] for bracket in brackets]) for place in (0, 1))
    left, right = (np.array([bracket[place] for bracket in brackets], dtype=float) for place in (2, 3))

    def margin(part: Array, bracket: NDArray[np.int64]) -> Array:
        value = left[bracket] + part * (right[bracket] - left[bracket])
        found = _at(lines, line_of[bracket], value, measured)
        return np.asarray(found[flips_of[bracket], np.arange(len(bracket))])

    zeros, ones = np.zeros(len(brackets)), np.ones(len(brackets))
    roots = find_root(
        margin,
        (zeros, ones),
        args=(np.arange(len(brackets)),),
        tolerances={"xatol": EXACT, "xrtol": 0.0, "fatol": 0.0, "frtol": 0.0},
    )
    nearest: dict[tuple[int, int], TippingValue] = {}
    for place in np.flatnonzero(roots.success):
        line, flips = lines[line_of[place]], int(flips_of[place])
        value = float(left[place] + roots.x[place] * (right[place] - left[place]))
        now = float(line.values[line.start])
        found = TippingValue(line.input, flips, value, value > now, now, line.low, line.high)
        known = nearest.get((int(line_of[place]), flips))
        if known is None or found.distance < known.distance:
            nearest[int(line_of[place]), flips] = found
    yield from sorted(nearest.values(), key=lambda one: (one.flips, not one.is_within, one.distance))


def _at(lines: Sequence[Line], at: NDArray[np.int64], value: Array, measured: Measured) -> Array:
    """The margins at one value each of the lines' inputs, the other inputs where they are."""
    columns = {}
    for number in np.unique(at):
        line = lines[number]
        columns[line.input] = np.where(at == number, value, line.values[line.start])
    return measured(columns, len(at))


def _brackets(line: Line, margins: Array) -> Iterator[tuple[float, float]]:
    """The first change of sign on either side of where the input is."""
    for way in (-1, 1):
        here = line.start
        while 0 <= here + way < len(margins) and np.isfinite(margins[[here, here + way]]).all():
            if (margins[here] > 0.0) != (margins[here + way] > 0.0):
                yield float(line.values[here]), float(line.values[here + way])
                break
            here += way
