"""The command line: one module per command or group of commands; `frame.MODULES` says which is where."""

import atexit
import gc
import os
import sys

from offramp.cli.frame import main
from offramp.common.garbage import COLLECTED_AFTER
from offramp.common.isolation import ONE_THREAD

for name in ONE_THREAD:  # before NumPy is loaded: its products of small matrices take several times as long on two
    os.environ.setdefault(name, "1")
gc.set_threshold(COLLECTED_AFTER)  # what is loaded from here on makes much and frees nothing


@atexit.register
def _leave_alone() -> None:
    """At the end all memory is given back at once; only DuckDB counts what is not found to be garbage before."""
    if "_duckdb" not in sys.modules:
        gc.freeze()


# Altair loads jsonschema, which for a second reads grammars of addresses where Jupyter is installed; none is checked
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]

__all__ = ["main"]
