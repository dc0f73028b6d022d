"""The options of a study on the command line, from the schema of `offramp.study.options`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from offramp.cli.frame import completes
from offramp.cli.parameter_types import WHOLE, FiniteNumber
from offramp.study.options import option_of

Result = TypeVar("Result")
KINDS = {
    "ending": "endings",
    "to": "endings",
    "measure": "measures",
    "for": "actors",
    "x": "inputs",
    "y": "inputs",
    "move": "moves",
    "from": "crises",
}
"""By option, the names that a shell completes it with."""
TYPES = {"name": str, "whole": WHOLE, "number": FiniteNumber(), "share": FiniteNumber()}


def study_options(study: str, *names: str) -> Callable[[Callable[..., Result]], Callable[..., Result]]:
    """Add options of a study to its command, in this order; each arrives under the name of the Python parameter."""

    def add(command: Callable[..., Result]) -> Callable[..., Result]:
        for name in reversed(names):
            option = option_of(study, name)
            # click takes a default of None for a value, and then does not ask for what is required
            default: Any = {} if option.needed else {"default": option.default}
            command = click.option(
                f"--{name}",
                option.parameter or name,
                type=TYPES[option.kind],
                required=option.needed,
                show_default=option.default is not None,
                metavar=option.metavar,
                help=option.help,
                shell_complete=completes(KINDS[name]) if name in KINDS else None,
                **default,
            )(command)
        return command

    return add
