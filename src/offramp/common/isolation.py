"""Processes of Offramp's own take nothing that is run from the folder that is worked in.

A process that is started with `python -c` or `python -m` looks for modules in the current folder first, and Numba looks
there for settings, which may name a folder of compiled code. A folder that somebody else has filled must have no say
in either.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType

from offramp.common.errors import UsageError

HOME = str(Path(__file__).resolve().parent)
"""The current folder of such a process: the package's own."""
SAFE_PATH = "PYTHONSAFEPATH"
"""The variable that, set to 1, keeps the current folder off the path of modules, and that children inherit."""
NUMBA_SETTINGS = ".numba_config.yaml"


def command(module: str, *arguments: str) -> tuple[str, ...]:
    """The command that runs a module of Offramp; its process is to have `HOME` and the variables of `surroundings`."""
    return sys.executable, "-P", "-m", module, *arguments


@cache
def surroundings() -> Mapping[str, str]:
    """The variables of such a process: those of this one, with the folders in which this one finds modules.

    Relative folders are made absolute. The current folder is left out, unless it is the one that Offramp itself is in.
    They are those of the first call: later the current folder may be gone.
    """
    found = dict.fromkeys(os.path.abspath(entry) for entry in sys.path if entry)
    here = os.getcwd()
    paths = [path for path in found if path != here or path == str(Path(HOME).parent)]
    return MappingProxyType(os.environ | {"PYTHONPATH": os.pathsep.join(paths), SAFE_PATH: "1"})


def check_folder(folder: Path) -> None:
    """Raise UsageError where a folder holds settings of Numba: they name code that is run."""
    if (folder / NUMBA_SETTINGS).exists():
        raise UsageError(
            f"{NUMBA_SETTINGS} in the current folder decides which compiled code is run: "
            "remove it if it is not yours, or set NUMBA_... variables in its place"
        )
