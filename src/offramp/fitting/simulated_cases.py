"""Cases drawn from a crisis whose coefficients are known: what a table of past crises would record of them.

Each case is one play of its solved game, in the analyst's odds. A reader sees in this way whether a fit would find the
coefficients again: with as many cases, and with what is recorded.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from offramp.common.arguments import check_seed
from offramp.common.errors import OfframpError, UsageError
from offramp.common.words import listed, nearest
from offramp.crisis.expressions.expression import SKIPPED
from offramp.crisis.faults import Faults, without_faults
from offramp.crisis.inputs import is_number
from offramp.crisis.model import Crisis
from offramp.crisis.recorded_cases import CaseRecord
from offramp.equilibrium.counting import ending_of_payoffs
from offramp.fitting.case_cells import check_expression, input_cells
from offramp.fitting.case_table import CaseTable, table_of
from offramp.fitting.cells import numbers_if_all
from offramp.gambit.opening import Playable, compile_game
from offramp.game.agreement import layer_of
from offramp.game.edges import edges_of
from offramp.game.game import CHANCE, Game
from offramp.runs.blocks import NumberedBlock, begin_blocks, threads

if TYPE_CHECKING:
    import pandas as pd

Array = NDArray[np.float64]
Int = NDArray[np.int64]

MAX_PLAYS = 10_000_000


@dataclass(frozen=True)
class DrawnPlays:
    """Plays of a game: `options`, (layers, plays), by index in the step or -1 if skipped; `ending`, (plays,)."""

    game: Game
    options: NDArray[np.int16]
    ending: Int

    def agrees(self, record: CaseRecord) -> NDArray[np.bool_]:
        """Whether each play agrees with a record: (plays,)."""
        holds = np.ones(len(self.ending), dtype=bool)
        for (step, round_), values in record.facts.items():
            names = self.game.crisis.options_of(step)
            codes = [names.index(value) for value in values if value != SKIPPED] + [-1] * (SKIPPED in values)
            layer = layer_of(self.game, step, round_)
            holds &= np.isin(self.options[layer], codes) if layer is not None else -1 in codes
        if record.endings is not None:
            holds &= np.isin(self.ending, [self.game.crisis.ending_index(name) for name in record.endings])
        return holds


def simulate_cases(
    crisis: Playable,
    coefficients: Mapping[str, float],
    data: Any,
    *,
    plays: int = 1,
    seed: int = 1,
) -> pd.DataFrame:
    """Draw what a table of past crises would record if the coefficients had these values.

    Parameters
    ----------
    crisis
        A crisis with `cases`, which says what is recorded.
    coefficients
        The value of each coefficient (an input with `estimate`, or a coefficient of a sum).
    data
        The table's other columns, one row a case: what the expressions of `column` name, and any others. A file, a
        data frame, or a mapping of columns.
    plays
        The number of plays of each case. With `observed` a case that is played several times has as many rows; with
        `counts` it has one.
    seed
        Determines the plays; the number of threads does not matter.

    Returns
    -------
    The table: the columns of `data`, then those of `cases`. A cell of `observed` is the first of its column whose
    record holds, or missing if none does.

    Raises
    ------
    UsageError
        If the crisis has no `cases`; if a coefficient is unknown, missing or not a finite number; if a column has no
        number in some row.
    CrisisError
        If a column is missing or holds texts in place of numbers; if the values make odds or payoffs impossible.
    OfframpError
        If some case's game was not solved.
    """
    check_seed(seed)
    game = compile_game(crisis)
    declared = game.crisis.cases
    if declared is None:
        raise UsageError(f"{game.crisis.path} has no `cases`, which say what a table records")
    table = table_of(data)
    if plays < 1 or plays * table.rows > MAX_PLAYS:
        raise UsageError(f"expected 1 to {MAX_PLAYS:,} plays in all, found {plays:,} of each of {table.rows:,} cases")
    values = _case_inputs(game.crisis, coefficients, table)
    luck = np.random.default_rng(seed).random((table.rows * plays, len(game.layers)))
    case = np.repeat(np.arange(table.rows), plays)
    drawn = _drawn(game, values, case, luck)
    if declared.observed:
        new = {column: _cells(drawn, levels) for column, levels in declared.observed.items()}
        rows = case
    else:
        shape = (table.rows, plays)
        new = {
            column: drawn.agrees(record).reshape(shape).sum(axis=1).astype(np.float64)
            for column, record in declared.counts.items()
        }
        rows = np.arange(table.rows)
    import pandas as pd

    given = {name: cells[rows] for name, cells in table.columns.items() if name not in new}
    return pd.DataFrame({name: _whole(cells) for name, cells in (given | new).items()})


def _whole(cells: NDArray[Any]) -> NDArray[Any]:
    """A column of whole numbers as integers, so that a file shows them without a point; others as they are."""
    whole = cells.dtype == np.float64 and np.isfinite(cells).all() and np.array_equal(cells, np.round(cells))
    return cells.astype(np.int64) if whole else cells


def _cells(drawn: DrawnPlays, levels: Mapping[str, CaseRecord]) -> NDArray[Any]:
    """What a column records of each play: (plays,), numbers if all its cells are numbers."""
    cells: NDArray[np.object_] = np.full(len(drawn.ending), None, dtype=object)
    for level, record in reversed([*levels.items()]):
        cells[drawn.agrees(record)] = level
    return numbers_if_all(cells.tolist())


def _case_inputs(crisis: Crisis, coefficients: Mapping[str, float], table: CaseTable) -> dict[str, Array]:
    """Every input in every case of a table: (cases,) each.

    Raises
    ------
    UsageError
        As `simulate_cases`.
    """
    known = [name for name, entry in crisis.inputs.items() if entry.estimate]
    for name, number in coefficients.items():
        if name not in crisis.inputs:
            raise UsageError(f"unknown coefficient '{name}'{nearest(name, known)} (coefficients: {listed(known, 30)})")
        if not is_number(number) or not np.isfinite(number):
            raise UsageError(f"coefficient '{name}' must be a finite number, found {number}")
    values = {name: np.full(table.rows, float(number)) for name, number in coefficients.items()}
    values |= dict(_column_values(crisis, table))
    missing = [
        name for name, entry in crisis.inputs.items() if name not in values and entry.distribution.kind != "constant"
    ]
    if missing:
        raise UsageError(f"give the values of these inputs too: {listed(missing, 20)}")
    half = np.full(table.rows, 0.5)
    return {name: values.get(name, entry.distribution.quantile(half)) for name, entry in crisis.inputs.items()}


def _column_values(crisis: Crisis, table: CaseTable) -> Iterator[tuple[str, Array]]:
    """Each input with `column`, and its value in each case."""

    def check(faults: Faults) -> bool:
        for entry in crisis.inputs.values():
            if entry.column is not None:
                check_expression(entry.column, table, faults)
        return True

    without_faults(crisis.path, check)
    for cells in input_cells(crisis, table):
        wrong = np.flatnonzero(~np.isfinite(cells.values))
        if len(wrong):
            raise UsageError(f"'{cells.name}' is not a finite number in {table.places(wrong)}")
        yield cells.name, cells.values


def _drawn(game: Game, values: Mapping[str, Array], case: Int, luck: Array) -> DrawnPlays:
    """One play of its case's game for each row of `case`, (plays,); `luck`: (plays, layers), uniform numbers."""
    names = list(values)
    matrix = np.column_stack([values[name] for name in names]) if names else np.zeros((int(case.max()) + 1, 1))
    distinct, which = np.unique(matrix, axis=0, return_inverse=True)
    draw = which.reshape(-1)[case]
    columns = {name: np.ascontiguousarray(distinct[:, place]) for place, name in enumerate(names)}
    drawn = DrawnPlays(game, np.full((len(game.layers), len(case)), -1, np.int16), np.full(len(case), -1))

    def play(part: NumberedBlock) -> int:
        solved = part.solve()
        here = np.flatnonzero((draw >= part.first) & (draw < part.end))
        _play(drawn, part.block.tables.odds[0], solved.choice, here, draw[here] - part.first, luck)
        return int(np.sum(~solved.converged))

    with threads(None) as pool:
        failed = sum(begin_blocks(game, len(distinct), columns, play, pool).results())
    if failed:
        raise OfframpError(f"{failed:,} of {len(distinct):,} different cases were not solved, so none is drawn of them")
    return drawn


def _play(drawn: DrawnPlays, odds: Array, choice: Array, plays: Int, draw: Int, luck: Array) -> None:
    """Follow some plays through the game, layer by layer, each by its draw's `odds` and `choice`, (slots, draws)."""
    game, edges = drawn.game, edges_of(drawn.game)
    ending_of = ending_of_payoffs(game)
    node = np.full(len(plays), game.root)
    drawn.ending[plays] = ending_of[game.root_payoff]
    for number, layer in enumerate(game.layers):
        at = np.flatnonzero(edges.node_layer[node] == number)
        if not len(at):
            continue
        first, shares = edges.first[node[at]], odds if layer.actor == CHANCE else choice
        count = edges.first[node[at] + 1] - first
        reached = np.zeros(len(at))
        past = np.zeros(len(at), dtype=np.int64)
        for option in range(int(count.max())):
            has = option < count
            slot = edges.slot[first] + np.where(has, option, 0)
            reached = reached + np.where(has, shares[slot, draw[at]], 0.0)
            past += has & (reached <= luck[plays[at], number])
        edge = first + np.minimum(past, count - 1)
        drawn.options[number, plays[at]] = edges.option[edge]
        ending = ending_of[game.edge_payoff[edge]]
        drawn.ending[plays[at]] = np.where(ending >= 0, ending, drawn.ending[plays[at]])
        node[at] = edges.child[edge]
