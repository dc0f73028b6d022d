"""A process that carries out `offramp run` for the workbench, and ends when the workbench does, however that ends.

Its standard input comes from the workbench and is closed with it. Nothing is lost by a sudden end: a run goes on where
it stopped.
"""

from __future__ import annotations

import contextlib
import os
import runpy
import signal
import sys
import threading

MEMORY = 8_000_000_000
"""The most bytes of data of a run."""
NICENESS = 10


def main() -> None:
    """Carry out the command of the arguments, as `python -m offramp` does."""
    threading.Thread(target=_end_with_the_workbench, daemon=True).start()
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell in the background has it ignored
    if hasattr(os, "nice"):
        os.nice(NICENESS)
    if sys.platform != "win32":
        import resource

        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))
    runpy.run_module("offramp", run_name="__main__")


def _end_with_the_workbench() -> None:
    while os.read(0, 1):
        pass
    os._exit(1)


if __name__ == "__main__":
    main()
