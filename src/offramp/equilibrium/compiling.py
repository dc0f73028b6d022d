"""How the solver's loops are compiled: at their first call, and kept on disk.

They are kept beside their source. If that cannot be written, as in a package that another user has installed, they are
kept in the user's own cache; if neither can be written, every process compiles them anew. NUMBA_CACHE_DIR names another
place.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from numba import njit
from numba.core import event
from numba.core.caching import FunctionCache, IndexDataCacheFile

P = ParamSpec("P")
R = TypeVar("R")

CALLED = ("audit", "branch/krylov", "conditioning", "kernel", "lanes", "response")
"""The modules whose loops call each other's, or are called from elsewhere."""
STAMP = hashlib.sha256(b"".join((Path(__file__).parent / f"{name}.py").read_bytes() for name in CALLED)).digest()


class LoopCache(FunctionCache):
    """What is kept of a loop: out of date when any file of loops has changed. Numba's own looks at one file."""

    def __init__(self, loop: Callable[..., Any]) -> None:
        super().__init__(loop)
        stamp = (self._impl.locator.get_source_stamp(), STAMP)
        self._cache_file = IndexDataCacheFile(self._cache_path, self._impl.filename_base, stamp)


def compiled(loop: Callable[P, R], **options: Any) -> Callable[P, R]:
    """Compile a loop at its first call, keep the result on disk, and let other threads run meanwhile."""
    done: Any = njit(nogil=True, error_model="numpy", **options)(loop)
    try:
        done._cache = LoopCache(loop)  # as Numba's own `enable_caching` does
    except RuntimeError:  # there is no place to keep it
        done._cache.disable()
    kept: Callable[P, R] = done
    return kept


class _Telling(event.Listener):
    """Says, once a process and at a terminal, what there is to wait for."""

    def __init__(self) -> None:
        self.told = False

    def on_start(self, event: event.Event) -> None:
        dispatcher = event.data["dispatcher"]
        if self.told or not dispatcher.py_func.__module__.startswith("offramp."):
            return
        self.told = True
        if sys.stderr.isatty():
            place = dispatcher.stats.cache_path
            kept = f"once, and keeping them in {place}" if place else "which cannot be kept: set NUMBA_CACHE_DIR"
            print(f"compiling the solver's loops ({kept}); this takes up to half a minute", file=sys.stderr, flush=True)

    def on_end(self, event: event.Event) -> None:
        """Nothing: what follows shows that it is done."""


event.register("numba:compile", _Telling())
