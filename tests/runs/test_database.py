"""Connections to a process's database work in its copies, on its threads, and after the database has failed."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pandas as pd
import pytest

from offramp.runs.store.database import DATABASES, connected
from offramp.runs.store.whole_files import write_parquet


def number(asked: int) -> int:
    with connected() as connection:
        return int(connection.execute("SELECT ?", [asked]).fetchall()[0][0])


def test_threads_have_connections_of_their_own() -> None:
    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(number, range(100))) == list(range(100))


@pytest.mark.skipif(not hasattr(os, "fork"), reason="copies of processes")
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_a_copy_of_a_process_opens_a_database_of_its_own() -> None:
    assert number(1) == 1
    if copy := os.fork():
        assert os.waitstatus_to_exitcode(os.waitpid(copy, 0)[1]) == 2
    else:
        os._exit(number(2))


def test_a_database_that_has_failed_is_opened_anew() -> None:
    assert number(1) == 1
    DATABASES[os.getpid(), False].close()
    assert number(2) == 2


def test_a_table_that_has_changed_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "x.parquet"
    for value in range(3):
        write_parquet(pd.DataFrame({"a": [value]}), path)
        os.utime(path, (1, 1))
        with connected() as connection:
            assert connection.execute(f"SELECT a FROM read_parquet('{path}')").fetchall() == [(value,)]
