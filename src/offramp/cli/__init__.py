"""The command line of Offramp, a module per kind of command; they enter themselves in `main`."""

from offramp.cli import asking, checking, exporting, running, solving, tracing
from offramp.cli.frame import main

__all__ = ["asking", "checking", "exporting", "main", "running", "solving", "tracing"]
