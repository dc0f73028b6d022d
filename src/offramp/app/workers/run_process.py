"""Main program of a run's process: runs `offramp run` for the workbench, and ends when the workbench ends.

Its standard input comes from the workbench and is closed when that ends, for whatever reason. Nothing is lost: a
stopped run can be resumed.
"""

from __future__ import annotations

import contextlib
import os
import runpy
import signal
import sys
import threading

MEMORY = 8_000_000_000
"""Maximum bytes of data of a run."""
NICENESS = 10


def main() -> None:
    """Run the command given by the arguments, as `python -m offramp` does."""
    threading.Thread(target=_end_with_workbench, daemon=True).start()
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a process in the background ignores it by default
    if hasattr(os, "nice"):
        os.nice(NICENESS)
    if sys.platform != "win32":
        import resource

        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))
    runpy.run_module("offramp", run_name="__main__")


def _end_with_workbench() -> None:
    while os.read(0, 1):
        pass
    os._exit(1)


if __name__ == "__main__":
    main()
