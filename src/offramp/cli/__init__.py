"""The command line: one module per command or group of commands; `frame.MODULES` says which is where."""

import os

from offramp.cli.frame import main
from offramp.common.isolation import ONE_THREAD

for name in ONE_THREAD:  # before NumPy is loaded: its products of small matrices take several times as long on two
    os.environ.setdefault(name, "1")

__all__ = ["main"]
