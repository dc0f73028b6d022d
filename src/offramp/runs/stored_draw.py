"""Read one draw of a run on disk: its inputs and the levers of the run."""

from __future__ import annotations

import math
from pathlib import Path

from offramp.common.errors import UsageError
from offramp.crisis.model import Crisis
from offramp.runs.sampling import CHUNK, chunk_sizes
from offramp.runs.store.database import connected
from offramp.runs.store.finished_files import check_file, finished_run
from offramp.runs.store.layout import tables_of
from offramp.runs.store.manifest import as_run, sha256_of_crisis
from offramp.runs.store.parquet import columns_of, read_some


def read_draw(folder: Path, crisis: Crisis, draw: int) -> tuple[Crisis, dict[str, float]]:
    """The crisis with the levers of a run, and the inputs of one of the run's draws, levers applied.

    Parameters
    ----------
    folder
        The run's folder.
    crisis
        The crisis that was run.
    draw
        The draw's number, from 0.

    Raises
    ------
    UsageError
        If there is no run, it is a run of another crisis, it has no such draw, or it is damaged.
    """
    manifest, sums = finished_run(folder)
    if manifest["sha256"] != sha256_of_crisis(crisis):
        path = folder / "crisis.yaml"
        raise UsageError(f"{folder} is a run of another crisis than {crisis.path} ('{manifest['title']}', see {path})")
    draws = manifest["draws"]
    if not 0 <= draw < draws:
        raise UsageError(f"{folder} has no draw {draw}: its draws are 0 to {draws - 1:,}")
    table = check_file(folder, tables_of(manifest, draw // CHUNK)[0], sums)
    try:
        with connected() as connection:
            columns = columns_of(connection, table)
            wanted = {"draw": "BIGINT"} | {name: "DOUBLE" for name in columns if name.startswith("input.")}
            frame = read_some(connection, table, chunk_sizes(draws)[draw // CHUNK], columns, wanted)
        row = frame.iloc[draw % CHUNK]
        if row.iloc[0] != draw:
            raise ValueError("it has other draws")
        # in order, not by name: DuckDB adds a number to names that differ only in capitals
        inputs = [row[column] for column in frame.columns if column.startswith("input.")]
        values = dict(zip(crisis.inputs, map(float, inputs), strict=True))
    except (ValueError, TypeError, IndexError):
        raise UsageError(f"{table} does not hold draw {draw} of this crisis") from None
    if not all(map(math.isfinite, values.values())):
        raise UsageError(f"{table} holds an input of draw {draw} that is not a finite number")
    return as_run(crisis, manifest), values
