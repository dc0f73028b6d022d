"""Connections to the process's two DuckDB databases, which are in memory and hold nothing.

One is for what Offramp itself writes; the other for files that it reads, which may come from a stranger: it has a bound
on memory, puts nothing aside on disk and loads no extension. A database takes 20 ms of processor to open, a connection
to an open one a hundredth of that.
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
DATABASES: dict[tuple[int, bool], duckdb.DuckDBPyConnection] = {}
"""By process, and whether it writes: a copy of a process opens its own, and must not close the one of its original,
whose threads it lacks."""
MEMORY = "1GB"
"""What all readings of a process at a time may take in memory within DuckDB."""


@contextmanager
def connected(*, writes: bool = False) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection of its own, on one thread, until the block ends; without `writes` it is for reading files."""
    import duckdb

    key = os.getpid(), writes
    with interrupts_after(), OPENING:
        try:
            connection = DATABASES[key].cursor()
            connection.execute("SELECT 1").fetchall()
        except (KeyError, duckdb.Error):  # an internal error, as a hostile file may cause, closes a database for good
            # a file that has changed is read again
            config: dict[str, str | bool | int | float | list[str]] = {
                "threads": 1,
                "enable_external_file_cache": False,
            }
            if not writes:
                config |= {"memory_limit": MEMORY, "temp_directory": ""}
                config |= {"autoload_known_extensions": False, "autoinstall_known_extensions": False}
            DATABASES[key] = opened = duckdb.connect(config=config)
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
