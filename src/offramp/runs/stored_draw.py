"""One draw of a run on disk, taken up again: its inputs, with the levers that were pulled."""

from __future__ import annotations

import math
from pathlib import Path

from offramp.common.errors import UsageError
from offramp.crisis.model import Crisis
from offramp.runs.opened import check_file, finished_run
from offramp.runs.sampling import CHUNK, chunk_sizes
from offramp.runs.store.layout import tables_of
from offramp.runs.store.manifest import sha256_of_crisis
from offramp.runs.store.parquet import read_table


def read_draw(folder: Path, crisis: Crisis, draw: int) -> tuple[Crisis, dict[str, float]]:
    """The crisis with the levers of a run, and the inputs of one of the run's draws, levers applied.

    Parameters
    ----------
    folder
        The run.
    crisis
        The crisis that was run.
    draw
        The draw's number, from 0.

    Raises
    ------
    UsageError
        Where there is no run, or it is one of another crisis, or has no such draw, or is damaged.
    """
    import duckdb

    manifest, sums = finished_run(folder)
    if manifest["sha256"] != sha256_of_crisis(crisis):
        own = folder / "crisis.yaml"
        raise UsageError(
            f"{folder} is a run of another crisis than {crisis.path} ('{manifest['title']}', as it stands in {own})"
        )
    draws = manifest["draws"]
    if not 0 <= draw < draws:
        raise UsageError(f"{folder} has no draw {draw}: its draws are 0 to {draws - 1:,}")
    table = check_file(folder, tables_of(manifest, draw // CHUNK)[0], sums)
    try:
        with duckdb.connect() as connection:
            found = read_table(connection, table, chunk_sizes(draws)[draw // CHUNK])
        row = found.iloc[draw % CHUNK]
        if row.iloc[0] != draw:
            raise ValueError("it has other draws")
        # by place: DuckDB gives names that differ in capitals only a number
        inputs = [row[column] for column in found.columns if column.startswith("input.")]
        values = dict(zip(crisis.inputs, map(float, inputs), strict=True))
    except (ValueError, TypeError, IndexError):
        raise UsageError(f"{table} does not hold draw {draw} of this crisis") from None
    if not all(map(math.isfinite, values.values())):
        raise UsageError(f"{table} holds an input of draw {draw} that is no finite number")
    return crisis.with_levers(*manifest["levers"]), values
