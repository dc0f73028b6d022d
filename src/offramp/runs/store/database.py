"""Connections to the process's one DuckDB database, which is in memory and holds nothing.

A database takes 20 ms of processor to open, a connection to an open one a hundredth of that.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb

OPENING = threading.Lock()
DATABASES: dict[int, duckdb.DuckDBPyConnection] = {}
"""By process: a copy of a process opens its own, and must not close the one of its original, whose threads it lacks."""


@contextmanager
def connected() -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection of its own, on one thread, until the block ends."""
    import duckdb

    with interrupts_after(), OPENING:
        try:
            connection = DATABASES[os.getpid()].cursor()
            connection.execute("SELECT 1").fetchall()
        except (KeyError, duckdb.Error):  # an internal error, as a hostile file may cause, closes a database for good
            # a file that has changed is read again
            opened = duckdb.connect(config={"threads": 1, "enable_external_file_cache": False})
            DATABASES[os.getpid()] = opened
            connection = opened.cursor()
    with connection:
        yield connection


@contextmanager
def interrupts_after(stop: Callable[[], None] = lambda: None) -> Iterator[None]:
    """Raise KeyboardInterrupt when DuckDB is done: within DuckDB it may be lost, or become another error.

    `stop` asks DuckDB to stop at once, as a connection's `interrupt` does.
    """
    raising = []
    if threading.current_thread() is threading.main_thread():
        signals = (signal.SIGINT, signal.SIGTERM)
        raising = [number for number in signals if signal.getsignal(number) is signal.default_int_handler]
    interrupted = False

    def note(*_: object) -> None:
        nonlocal interrupted
        interrupted = True
        stop()

    def restore() -> None:
        for number in raising:
            signal.signal(number, signal.default_int_handler)

    try:
        for number in raising:
            signal.signal(number, note)
        yield
    finally:
        try:
            restore()
        except KeyboardInterrupt:  # once more meanwhile
            restore()
            raise
        if interrupted:
            raise KeyboardInterrupt
