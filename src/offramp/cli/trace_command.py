"""`offramp trace`: the principal branch, from random play to a given rationality."""

from __future__ import annotations

import json
from pathlib import Path

import click

from offramp.cli.frame import FILE_OR_RUN, JSON, LEVERS, MAX_NODES, RATIONALITY, SETTINGS, guarded, main, with_progress
from offramp.cli.opened_crisis import opened_crisis, with_levers
from offramp.cli.output_files import check_free, size_in_words, write_whole
from offramp.cli.parameter_types import FilePath, FiniteNumber
from offramp.cli.screen import console
from offramp.cli.settings import given_values
from offramp.common.errors import UsageError
from offramp.common.texts import tr
from offramp.crisis.draft_standing import as_json_key


@main.command(short_help="Follow the equilibria from random play on.")
@FILE_OR_RUN
@click.option(
    "--to",
    type=FiniteNumber(),
    default=None,
    metavar="X",
    help="Upper end of the trace: rationality reached by the most rational actor.",
)
@RATIONALITY
@SETTINGS
@LEVERS
@click.option(
    "--picture",
    type=FilePath(),
    default=None,
    metavar="OUT",
    help="Draw the endings against rationality, as .svg, .png or .html.",
)
@MAX_NODES
@JSON
@guarded
def trace(
    file: Path | str,
    to: float | None,
    rationality: float | None,
    settings: tuple[str, ...],
    levers: tuple[str, ...],
    picture: Path | None,
    max_nodes: int | None,
    as_json: bool,
) -> int:
    """Follow the equilibria of a game from random play, as all actors grow more rational together."""
    from offramp.equilibrium.tracing import trace as trace_branch
    from offramp.gambit.opening import compile_game

    if picture is not None:
        if picture.suffix not in (".svg", ".png", ".html"):
            raise UsageError(f"a picture's name ends in .svg, .png or .html, found '{picture.name}'")
        check_free(picture, "--picture")
    game = compile_game(with_levers(opened_crisis(file), levers), max_nodes)
    given = given_values(settings, game.crisis)
    branch = with_progress(
        tr("following the branch"),
        1.0,
        lambda progress: trace_branch(game, to=to, rationality=rationality, given=given, progress=progress),
        counted=False,
    )
    if as_json:
        click.echo(json.dumps(branch.to_dict() | as_json_key(game.crisis.draft), indent=2, ensure_ascii=False))
    else:
        from offramp.report.branch_table import show_branch

        show_branch(console(), branch)
    if picture is not None:
        from offramp.report.branch_chart import picture as draw

        content = draw(branch, picture.suffix)
        write_whole(picture, content)
        click.echo(tr("wrote {file}: {what}", file=picture, what=size_in_words(len(content))), err=as_json)
    return 0 if branch.reached else 1
