"""`offramp endings` and `moves`: the first answers of a run."""

from __future__ import annotations

from pathlib import Path

import click

from offramp.cli.frame import EXPORT, JSON, RUN, deliver, guarded, main
from offramp.cli.moment_options import moment_options, run_at_moment
from offramp.cli.parameter_types import WHOLE


@main.command(short_help="How likely is each ending, and how sure is that?")
@RUN
@moment_options
@JSON
@EXPORT
@guarded
def endings(folder: Path | str, now: bool, supposed: tuple[str, ...], as_json: bool, export: Path | None) -> None:
    """How likely each ending is, and how sure that is."""
    from offramp.runs.opened import open_run
    from offramp.study.outlook.endings import endings as endings_of

    deliver(endings_of(run_at_moment(open_run(folder), now, supposed)), as_json, export)


RARE = 0.01
"""Situations reached less often than this are not printed; --json and --export have all."""


@main.command(short_help="Who will do what?")
@RUN
@click.option("--draw", type=WHOLE, default=None, metavar="N", help="Only in draw N, converged or not.")
@moment_options
@JSON
@EXPORT
@guarded
def moves(
    folder: Path | str,
    draw: int | None,
    now: bool,
    supposed: tuple[str, ...],
    as_json: bool,
    export: Path | None,
) -> None:
    """Who will do what, over all of play and in each situation."""
    from offramp.runs.opened import open_run
    from offramp.study.outlook.moves import moves_over_draws as moves_of
    from offramp.study.outlook.one_draw import moves_in

    rarest = 0.0 if as_json or export is not None else RARE
    run = run_at_moment(open_run(folder), now, supposed)
    finding = moves_of(run, rarest=rarest) if draw is None else moves_in(run, draw, rarest=rarest)
    deliver(finding, as_json, export)
