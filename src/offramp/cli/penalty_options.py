"""Options of commands that estimate: what is added to the log-likelihood."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from offramp.common.errors import UsageError
from offramp.common.words import listed

if TYPE_CHECKING:
    from offramp.fitting.priors import PenaltyKind

OPTIONS = {
    "prior": "Add the priors of the file: the posterior mode.",
    "cauchy": "Add weak Cauchy priors, for separated cases.",
    "log-f": "Add weak log-F priors, for separated cases.",
}


def penalty_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add `--prior`, `--cauchy` and `--log-f`."""
    for name, words in reversed(OPTIONS.items()):
        command = click.option(f"--{name}", is_flag=True, help=words)(command)
    return command


def chosen_penalty(prior: bool, cauchy: bool, log_f: bool) -> PenaltyKind | None:
    """The penalty that was asked for; UsageError if there are several."""
    given: dict[PenaltyKind, bool] = {"prior": prior, "cauchy": cauchy, "log-f": log_f}
    chosen = [name for name, asked in given.items() if asked]
    if len(chosen) > 1:
        raise UsageError(f"{listed(f'--{name}' for name in chosen)} exclude each other; give one of them")
    return chosen[0] if chosen else None
