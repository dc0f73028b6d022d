"""A table of a few kilobytes that stands for gigabytes is refused in the memory that a run of its size takes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest

from offramp.runs.chunk_task import facts_of_chunk
from offramp.runs.running import run_into
from offramp.runs.store.whole_files import write_parquet
from tests.crises import crisis_of
from tests.runs.test_damaged import TEXT, sealed

TEXT_BYTES = 4_000_000
"""Each of 1,024 rows says one text of this length: 4 GB, of which the file holds one, compressed."""
MOST = 700_000
"""Kilobytes that a process takes at most: a sound run takes a third of them."""
BOMBS = [
    ("chunk-00000.parquet", "input.cost"),
    ("chunk-00000.parquet", "ending.left"),
    ("chunk-00000.parquet", "status"),
    ("chunk-00000.parquet", "converged"),
    ("chunk-00000.parquet", "more"),
    ("situations-00000.parquet", "taken_sum"),
    ("strategies-00000.parquet", "probability"),
    ("moves.parquet", "share"),
    ("moves.parquet", "sees"),
]
READERS = {
    "verify": "verify(folder, draws=None)",
    "open": "run = open_run(folder); list(run.inputs.values()); run.strategies[:, 3]; run.to_pandas()",
    "draw": "read_draw(folder, crisis_of(TEXT), 3)",
    "until": "with connected() as c: read_moments(c, folder / 'chunk-00000.parquet', crisis_of(TEXT))",
    "longer": "run_into(crisis_of(TEXT), folder, draws=1100, keep='strategies', until=1e-9)",
}
CHILD = """
import sys
from contextlib import suppress
from pathlib import Path
from offramp.common.errors import OfframpError
from offramp.runs.opened import open_run
from offramp.runs.running import run_into
from offramp.runs.store.database import connected
from offramp.runs.stored_draw import read_draw
from offramp.runs.until import read_moments
from offramp.runs.verifying import verify
from tests.crises import crisis_of
from tests.runs.test_damaged import TEXT
folder = Path(sys.argv[1])
{}
print(*[line.split()[1] for line in open('/proc/self/status') if line.startswith('VmHWM')])
"""


def peak(folder: Path) -> int:
    """Kilobytes that a process takes which does with a run all that reads its tables."""
    lines = "".join(f"with suppress(OfframpError):\n    {line}\n" for line in READERS.values())
    child = [sys.executable, "-c", CHILD.format(lines), str(folder)]
    return int(subprocess.run(child, capture_output=True, text=True, check=True).stdout.split()[-1])


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The files of a run of a whole chunk."""
    folder = tmp_path_factory.mktemp("sound") / "run"
    run_into(crisis_of(TEXT), folder, draws=1024, keep="strategies")
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory of a process as Linux tells it")
@pytest.mark.parametrize(("name", "column"), BOMBS)
def test_a_table_with_a_text_of_gigabytes_takes_no_more_memory_than_a_sound_one(
    sound: dict[str, bytes], tmp_path: Path, name: str, column: str
) -> None:
    for file, content in sound.items():
        (tmp_path / file).write_bytes(content)
    table = tmp_path / name
    with duckdb.connect() as connection:
        frame = connection.read_parquet(str(table)).df()
    while len(frame) < 1024:
        frame = pd.concat([frame, frame])
    frame[column] = pd.Categorical.from_codes(np.zeros(len(frame), dtype=int), pd.Index(["x" * TEXT_BYTES]))
    facts = {} if name == "moves.parquet" else facts_of_chunk(json.loads(sound["manifest.json"]), 0, 1024)
    write_parquet(frame, table, facts, compression="zstd")
    assert table.stat().st_size < 100_000
    sealed(tmp_path)
    assert peak(tmp_path) < MOST


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory of a process as Linux tells it")
def test_a_sound_run_is_read_in_that_memory(sound: dict[str, bytes], tmp_path: Path) -> None:
    for file, content in sound.items():
        (tmp_path / file).write_bytes(content)
    assert peak(tmp_path) < MOST / 2
