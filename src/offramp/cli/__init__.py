"""The command line of Offramp, a module per kind of command; they enter themselves in `main`."""

from offramp.cli import (
    asking,
    checking,
    comparing,
    explaining,
    exporting,
    forecasting,
    levering,
    mapping,
    reporting,
    running,
    solving,
    tracing,
    updating,
    weighing,
)
from offramp.cli.frame import main

__all__ = [
    "asking",
    "checking",
    "comparing",
    "explaining",
    "exporting",
    "forecasting",
    "levering",
    "main",
    "mapping",
    "reporting",
    "running",
    "solving",
    "tracing",
    "updating",
    "weighing",
]
