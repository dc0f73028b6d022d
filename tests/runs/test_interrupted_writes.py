"""A stop while DuckDB writes or reads a table is a stop; an error that only names an interrupt is that error."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from offramp.runs.store.whole_files import write_parquet

INTERRUPTED = """
import os, signal, sys, threading, time
from pathlib import Path
import duckdb, numpy as np, pandas as pd
from offramp.runs.store.whole_files import write_parquet
by = signal.Signals[sys.argv[2]]
signal.signal(by, signal.default_int_handler)
frame = pd.DataFrame({f"c{number}": np.random.rand(4000) for number in range(300)})
for number in range(20):
    try:
        threading.Timer(0.01 + 0.004 * number, os.kill, (os.getpid(), by)).start()
        while True:
            write_parquet(frame, Path(sys.argv[1]))
    except BaseException as error:
        print(type(error).__name__)
"""

READ_INTERRUPTED = """
import os, signal, sys, threading
from pathlib import Path
import numpy as np, pandas as pd
from offramp.runs.store.database import connected
from offramp.runs.store.parquet import facts_of, read_table
from offramp.runs.store.whole_files import write_parquet
signal.signal(signal.SIGINT, signal.default_int_handler)
table = Path(sys.argv[1])
write_parquet(pd.DataFrame({f"c{number}": np.random.rand(10) for number in range(30)}), table)
for number in range(200):
    try:
        threading.Timer(0.002 + 0.0001 * number, os.kill, (os.getpid(), signal.SIGINT)).start()
        while True:
            with connected() as connection:
                facts_of(connection, table)
                read_table(connection, table, 10, ["DOUBLE"] * 30)
    except BaseException as error:
        print(type(error).__name__)
"""


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
@pytest.mark.parametrize("by", ["SIGINT", "SIGTERM"])
def test_a_stop_while_a_table_is_written_is_a_stop(tmp_path: Path, by: str) -> None:
    command = [sys.executable, "-c", INTERRUPTED, str(tmp_path / "x.parquet"), by]
    done = subprocess.run(command, capture_output=True, text=True, timeout=100, check=True)
    assert done.stdout.split() == ["KeyboardInterrupt"] * 20


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
def test_a_stop_while_a_table_is_read_is_a_stop_and_no_damage(tmp_path: Path) -> None:
    command = [sys.executable, "-c", READ_INTERRUPTED, str(tmp_path / "x.parquet")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=100, check=True)
    assert done.stdout.split() == ["KeyboardInterrupt"] * 200


def test_an_error_in_a_folder_that_is_called_interrupt_stays_that_error(tmp_path: Path) -> None:
    with pytest.raises(duckdb.IOException):
        write_parquet(pd.DataFrame({"a": [1]}), tmp_path / "interrupt" / "x.parquet")
