"""Start Offramp's own processes so that they run no code from the user's current folder.

A process started with `python -c` or `python -m` looks for modules in the current folder first. A folder filled by a
stranger must not control what is run.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType

from offramp.common.texts import TRANSLATION

PACKAGE_FOLDER = str(Path(__file__).resolve().parents[1])
"""The folder of the package `offramp`, which is the current folder of these processes."""
SAFE_PATH = "PYTHONSAFEPATH"
"""Environment variable that, set to 1, keeps the current folder off the module path; child processes inherit it."""
PYARROW = MappingProxyType({"ARROW_DEFAULT_MEMORY_POOL": "system", "JE_ARROW_MALLOC_CONF": "background_thread:false"})
"""Environment variables that keep pyarrow, which pandas loads if it is installed, from reserving 1 GB, half of what a
worker process may take, and from starting a thread, as the copy of a process with threads may hang."""
ONE_THREAD = tuple(f"{name}_NUM_THREADS" for name in ("OMP", "OPENBLAS", "MKL", "VECLIB_MAXIMUM"))
"""Environment variables that keep a library's loops on one thread when set to 1."""


def command(module: str, *arguments: str) -> tuple[str, ...]:
    """The command that runs a module of Offramp; run it in `PACKAGE_FOLDER` with the variables of `environment`."""
    return sys.executable, "-P", "-m", module, *arguments


@cache
def environment() -> Mapping[str, str]:
    """The environment variables of these processes: those of this process, plus its module path.

    Relative folders, and the path of a translation, are made absolute. The current folder is left out, unless Offramp
    itself is in it. The result is cached at the first call, as the current folder may be gone later.
    """
    folders = dict.fromkeys(os.path.abspath(entry) for entry in sys.path if entry)
    current = os.getcwd()
    paths = [path for path in folders if path != current or path == str(Path(PACKAGE_FOLDER).parent)]
    own = {"PYTHONPATH": os.pathsep.join(paths), SAFE_PATH: "1"} | PYARROW
    if translation := os.environ.get(TRANSLATION):
        own[TRANSLATION] = os.path.abspath(translation)
    return MappingProxyType(os.environ | own)
