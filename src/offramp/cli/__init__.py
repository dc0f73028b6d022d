"""The command line of Offramp, a module per kind of command; they enter themselves in `main`."""

from offramp.cli import checking, running, solving
from offramp.cli.frame import main

__all__ = ["checking", "main", "running", "solving"]
