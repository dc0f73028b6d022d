"""The command line of Offramp, a module per kind of command; they enter themselves in `main`."""

from offramp.cli import (
    asking,
    checking,
    comparing,
    explaining,
    exporting,
    forecasting,
    keeping,
    levering,
    mapping,
    playing,
    reporting,
    running,
    serving,
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
    "keeping",
    "levering",
    "main",
    "mapping",
    "playing",
    "reporting",
    "running",
    "serving",
    "solving",
    "tracing",
    "updating",
    "weighing",
]
