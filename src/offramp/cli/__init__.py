"""The command line of Offramp, a module per kind of command; they enter themselves in `main`."""

from offramp.cli import checking, exporting, running, solving, tracing
from offramp.cli.frame import main

__all__ = ["checking", "exporting", "main", "running", "solving", "tracing"]
