"""`offramp endings` and `moves`: what a run says at first sight."""

from __future__ import annotations

from pathlib import Path

import click

from offramp.cli.frame import EXPORT, JSON, RUN, deliver, guarded, main


@main.command(short_help="How likely is each ending, and how sure is that?")
@RUN
@JSON
@EXPORT
@guarded
def endings(folder: Path | str, as_json: bool, export: Path | None) -> None:
    """How likely each ending is, and how sure that is."""
    from offramp.runs.opened import open_run
    from offramp.study.outlook.endings import endings as endings_of

    deliver(endings_of(open_run(folder)), as_json, export)


RARE = 0.01
"""Situations that play reaches less often than this are not printed; --json and --export have all."""


@main.command(short_help="Who will do what?")
@RUN
@click.option("--draw", type=int, default=None, metavar="N", help="In draw N alone, also one that did not converge.")
@JSON
@EXPORT
@guarded
def moves(folder: Path | str, draw: int | None, as_json: bool, export: Path | None) -> None:
    """Who will do what, over all of play and in each situation."""
    from offramp.runs.opened import open_run
    from offramp.study.outlook.moves import moves_over_draws as moves_of
    from offramp.study.outlook.one_draw import moves_in

    rarest = 0.0 if as_json or export is not None else RARE
    ensemble = open_run(folder)
    found = moves_of(ensemble, rarest=rarest) if draw is None else moves_in(ensemble, draw, rarest=rarest)
    deliver(found, as_json, export)
