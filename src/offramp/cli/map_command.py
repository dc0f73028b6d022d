"""`offramp map`: a two-way map, the most likely ending or option over two inputs."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from offramp.cli.executor_options import executor_of, executor_options
from offramp.cli.frame import (
    EXPORT,
    FILE_OR_RUN,
    JSON,
    LEVERS,
    MAX_NODES,
    SETTINGS,
    deliver,
    guarded,
    main,
    with_progress,
)
from offramp.cli.moment_options import at_moment, moment_options
from offramp.cli.opened_crisis import opened_crisis, with_levers
from offramp.cli.settings import given_values
from offramp.cli.study_options import study_options
from offramp.common.errors import OfframpError
from offramp.common.texts import tr

if TYPE_CHECKING:
    from rich.console import Console


class _NamesInputs(click.Command):
    """A command that, asked without an input that it needs, names those of the crisis that can be chosen."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        try:
            return super().parse_args(ctx, args)
        except click.MissingParameter as error:
            file = ctx.params.get("file")
            if file is None or error.param is None or error.param.name not in ("x", "y"):
                raise
            raise click.UsageError(f"{error.format_message()} {_inputs_to_choose(file)}", ctx) from None


def _inputs_to_choose(file: Path | str) -> str:
    """The inputs of a crisis that a map may have, and a command with the first two; '' if the file cannot be read."""
    from offramp.common.words import listed
    from offramp.crisis.model import Crisis
    from offramp.gambit.tree import Tree

    try:
        crisis: Crisis | Tree = opened_crisis(file)
    except OfframpError as error:
        return str(error)
    names = crisis.uncertain if isinstance(crisis, Crisis) else ()
    if len(names) < 2:
        return tr("A map needs two uncertain inputs, and {file} has {count}.", file=file, count=len(names))
    command = f"offramp map {shlex.quote(str(file))} --x {names[0]} --y {names[1]}"
    return tr("The inputs to choose from: {inputs}; as in {command}", inputs=listed(names, 40), command=f"`{command}`")


@main.command("map", cls=_NamesInputs, short_help="When is an answer rational? (two-way map)")
@FILE_OR_RUN
@study_options("map", "x", "y", "ending", "move", "measure", "size")
@SETTINGS
@LEVERS
@moment_options
@MAX_NODES
@executor_options
@JSON
@EXPORT
@guarded
def map_(
    file: Path | str,
    x: str,
    y: str,
    ending: str | None,
    move: str | None,
    measure: str | None,
    size: int,
    settings: tuple[str, ...],
    levers: tuple[str, ...],
    now: bool,
    supposed: tuple[str, ...],
    max_nodes: int | None,
    workers: int | None,
    dask: str | None,
    as_json: bool,
    export: Path | None,
) -> None:
    """Two-way map: where the most likely ending, or choice, changes over two inputs.

    Each point is an equilibrium; by default the most likely ending is shown.
    """
    from offramp.gambit.tree import Tree
    from offramp.study.two_way_map.map import map_of

    crisis = with_levers(at_moment(opened_crisis(file), now, supposed), levers)
    given = given_values(settings, None if isinstance(crisis, Tree) else crisis)
    options: Any = {"ending": ending, "move": move, "measure": measure, "size": size, "given": given}
    options |= {"max_nodes": max_nodes}
    with executor_of(workers, dask) as executor:
        finding = with_progress(
            tr("solving points"),
            size * size,
            lambda progress: map_of(crisis, x, y, **options, executor=executor, progress=progress),
        )

    def show(screen: Console) -> None:
        from offramp.report.map_in_terminal import show_map

        show_map(screen, finding)

    deliver(finding, as_json, export, show)
