"""The tables of a run, as Parquet: each chunk's draws, each chunk's sums by information set, and the moves of all.

The bytes of a table depend on what it holds and on the version of DuckDB alone. Every table of a chunk says in its
Parquet metadata of which crisis, seed, levers and chunk it is.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from offramp.equilibrium.structure import structure_of
from offramp.game.game import Game, described_sees
from offramp.runs.chunk import Chunk, ChunkTotals, Collected
from offramp.runs.draw_results import (
    TableColumns,
    table_columns,
)
from offramp.runs.evidence import evidence_columns
from offramp.runs.result import Run, SituationMeans
from offramp.runs.store.parquet import columns_of, read_columns, read_table

if TYPE_CHECKING:
    import duckdb
    import pandas as pd

Array = NDArray[np.float64]

MOVES_COLUMNS = ["set", "slot", "reached", "share", "deviation", "move", "round", "actor", "sees", "option"]
"""The table of moves: numbers, then words for a reader."""


def places_of(game: Game) -> TableColumns:
    """Which columns a table of a game's draws has."""
    return table_columns(game, evidence_columns(game))


def draws_frame(chunk: Chunk, game: Game) -> pd.DataFrame:
    """One row a draw, as `Run.to_pandas` has it, with the columns of `Evidence.to_pandas` after it."""
    import pandas as pd

    alone = Collected(game.crisis, game, chunk.draws)
    alone.add(chunk)
    frame = alone.ensemble(seed=0, seconds=0.0).to_pandas()
    frame["draw"] += chunk.start
    return pd.concat([frame, alone.evidence.to_pandas()], axis=1) if alone.evidence else frame


def sums_frame(chunk: Chunk, game: Game) -> pd.DataFrame:
    """One row an option of an information set: `set` and `slot` are places in the profile, the others sums over the
    chunk's converged draws, `reached_sum` being that of the whole set.
    """
    import pandas as pd

    sets, slot = sums_places(game).T
    sums = chunk.sums
    columns = {"set": sets, "slot": slot, "reached_sum": sums.reached[sets]}
    return pd.DataFrame(columns | {"taken_sum": sums.taken, "choice_sum": sums.choice, "square_sum": sums.square})


def sums_places(game: Game) -> NDArray[np.int64]:
    """For each option of each information set the places in the profile of the set and of the option: (slots, 2)."""
    sets = structure_of(game).over_options(np.arange(game.size.information_sets))
    return np.column_stack([sets, np.arange(game.slots)]).astype(np.int64)


def moves_frame(ensemble: Run) -> pd.DataFrame:
    """One row an option of an information set, those that play reaches most often first: `set` and `slot` as in
    `sums_frame`, `share` a mean over the converged draws, `deviation` the standard deviation over them.
    """
    import pandas as pd

    number_of = {situation.slots.start: number for number, situation in enumerate(ensemble.game.situations)}
    rows = []
    for summary in ensemble.by_situation:
        situation = summary.situation
        for slot, (option, share) in zip(
            range(situation.slots.start, situation.slots.stop), summary.options.items(), strict=True
        ):
            rows.append(
                {
                    "set": number_of[situation.slots.start],
                    "slot": slot,
                    "reached": summary.reached,
                    "share": share,
                    "deviation": summary.deviations[option],
                    "move": situation.move,
                    "round": situation.round,
                    "actor": situation.actor,
                    "sees": described_sees(situation),
                    "option": option,
                }
            )
    frame = pd.DataFrame(rows, columns=MOVES_COLUMNS)
    if rows:
        return frame
    # a crisis may have no move; columns without values have no type of their own
    types = {**dict.fromkeys(MOVES_COLUMNS, "float64"), **dict.fromkeys(("set", "slot", "round"), "int64")}
    return frame.astype({**types, **dict.fromkeys(("move", "actor", "sees", "option"), "string")})


def read_moves(connection: duckdb.DuckDBPyConnection, path: Path, game: Game) -> SituationMeans:
    """What `moves_frame` has written, by the places in the profile; ValueError if the rows are not the game's."""
    sets, slots = game.size.information_sets, game.slots
    columns = columns_of(connection, path, len(MOVES_COLUMNS))
    if list(columns) != MOVES_COLUMNS or not set(list(columns.values())[:5]) <= {"BIGINT", "DOUBLE"}:
        raise ValueError("it has other columns")
    numbers = dict(list(columns.items())[:5])  # the others are texts, which the crisis has too
    found = read_columns(connection, path, slots, numbers).sort_values("slot").to_numpy(dtype=np.float64)
    if not np.array_equal(found[:, :2], sums_places(game)):
        raise ValueError
    reached = np.zeros(sets)
    reached[found[:, 0].astype(int)] = found[:, 2]
    choice, deviation = found[:, 3:].reshape(slots, 2).T.copy()
    return SituationMeans(reached, choice, deviation)


def read_sums(connection: duckdb.DuckDBPyConnection, path: Path, game: Game) -> ChunkTotals:
    """The sums of a chunk; ValueError if the rows are not the game's."""
    sets = np.zeros(game.size.information_sets)
    held, slot, reached, *others = _columns(connection, path, game.slots)
    if not np.array_equal(np.column_stack([held, slot]), sums_places(game)):
        raise ValueError("its rows are not the options of this crisis")
    sets[held] = reached
    taken, choice, square = (column.astype(np.float64) for column in others)
    return ChunkTotals(sets, taken, choice, square)


def _columns(connection: duckdb.DuckDBPyConnection, path: Path, rows: int) -> Iterator[NDArray[Any]]:
    """The columns of a table of sums, in order, missing numbers as NaN."""
    found = read_table(connection, path, rows, ["BIGINT", "BIGINT", *["DOUBLE"] * 4])
    if len(found) != rows:
        raise ValueError(f"it has another number of rows than {rows:,}")
    for place in range(found.shape[1]):
        yield found.iloc[:, place].to_numpy()
