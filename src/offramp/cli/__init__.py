"""The command line: one module per command or group of commands; `frame.MODULES` says which is where."""

from offramp.cli.frame import main

__all__ = ["main"]
