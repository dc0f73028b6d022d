"""Compiling the solver's loops at their first call, and caching them on disk.

The cache is beside the source. If that folder is not writable, as in a package installed by another user, it is the
user's own cache folder; if neither is writable, every process compiles the loops again. NUMBA_CACHE_DIR names another
folder.
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

CALLED = (
    "acceleration",
    "kernel",
    "lanes",
)
"""The modules whose loops call each other or are called from other modules."""
STAMP = hashlib.sha256(b"".join((Path(__file__).parent / f"{name}.py").read_bytes() for name in CALLED)).digest()


class LoopCache(FunctionCache):
    """The cache of a loop, out of date when the content of its file, or of any file of loops, has changed.

    Numba's own goes by the time of the loop's file alone.
    """

    def __init__(self, loop: Callable[..., Any]) -> None:
        super().__init__(loop)
        own = hashlib.sha256(Path(loop.__code__.co_filename).read_bytes()).digest()
        self._cache_file = IndexDataCacheFile(self._cache_path, self._impl.filename_base, (own, STAMP))


def compiled(loop: Callable[P, R], **options: Any) -> Callable[P, R]:
    """Compile a loop at its first call and cache the result on disk; the loop lets other threads run."""
    dispatcher: Any = njit(nogil=True, error_model="numpy", **options)(loop)
    try:
        dispatcher._cache = LoopCache(loop)  # as Numba's own `enable_caching` does
    except RuntimeError:  # no folder is writable
        dispatcher._cache.disable()
    typed: Callable[P, R] = dispatcher
    return typed


class _CompilationMessage(event.Listener):
    """Prints to a terminal, once per process, that loops are being compiled."""

    def __init__(self) -> None:
        self.shown = False

    def on_start(self, event: event.Event) -> None:
        dispatcher = event.data["dispatcher"]
        if self.shown or not dispatcher.py_func.__module__.startswith("offramp."):
            return
        self.shown = True
        if sys.stderr.isatty():
            place = dispatcher.stats.cache_path
            kept = f"once, and keeping them in {place}" if place else "which cannot be kept: set NUMBA_CACHE_DIR"
            print(f"compiling the solver's loops ({kept}); this takes up to half a minute", file=sys.stderr, flush=True)

    def on_end(self, event: event.Event) -> None:
        """Print nothing: the program's next output shows that compilation is done."""


event.register("numba:compile", _CompilationMessage())
