"""`offramp elicit`: what a panel of experts expects, and its numbers in a crisis file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from offramp.cli.file_changes import offer_change
from offramp.cli.frame import EXPORT, FILE, JSON, deliver, guarded, main
from offramp.cli.parameter_types import FilePath
from offramp.common.errors import UsageError

if TYPE_CHECKING:
    from offramp.elicitation.classical_model import Pooling


@main.command(short_help="What do the experts expect? Pools of their percentiles.")
@FILE
@click.option(
    "--pool",
    type=click.Choice(["equal", "global", "item"]),
    default=None,
    help="The weights: equal, by performance on the seed questions (global), or by question too (item) "
    "[global with seed questions, else equal].",
)
@click.option(
    "--write",
    "crisis",
    type=FilePath(),
    default=None,
    metavar="CRISIS",
    help="Write the pools into the inputs of this crisis file; the change is shown first, and you are asked.",
)
@click.option("--input", "inputs", multiple=True, metavar="INPUT", help="With --write: only this input; repeatable.")
@click.option("--yes", is_flag=True, help="With --write: write without being asked.")
@JSON
@EXPORT
@guarded
def elicit(
    file: Path,
    pool: Pooling | None,
    crisis: Path | None,
    inputs: tuple[str, ...],
    yes: bool,
    as_json: bool,
    export: Path | None,
) -> None:
    """What the experts of an elicitation file expect of each question: linear pools of their distributions.

    All experts have the same weight, or, if there are seed questions with known answers, weights by Cooke's classical
    model. With --write the pools become percentiles(...) of the inputs that the questions are about, and the file
    becomes a source that they cite.
    """
    from offramp.elicitation.elicited import elicit as elicit_from

    if crisis is None and (inputs or yes):
        raise UsageError("--input and --yes go with --write")
    elicited = elicit_from(file, pool)
    deliver(elicited, as_json, export)
    if crisis is not None:
        from offramp.elicitation.into_crisis import change_of

        offer_change(change_of(elicited, crisis, inputs), yes, as_json)
