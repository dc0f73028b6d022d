"""`offramp export`: write a crisis as a Gambit file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from offramp.cli.frame import FILE, LEVERS, MAX_NODES, SETTINGS, guarded, main
from offramp.cli.output_files import check_free, size_in_words, write_whole
from offramp.cli.parameter_types import WHOLE, FilePath
from offramp.cli.settings import given_values
from offramp.common.errors import UsageError
from offramp.common.texts import tr, trn

if TYPE_CHECKING:
    from offramp.crisis.model import Crisis
    from offramp.gambit.tree import Tree


@main.command(short_help="Write a crisis as a game that Gambit opens.")
@FILE
@click.option(
    "--efg",
    "target",
    type=FilePath(allow_dash=True),
    required=True,
    metavar="OUT",
    help="The file to write; `-` is standard output.",
)
@SETTINGS
@LEVERS
@click.option("--draw", type=WHOLE, default=None, metavar="K", help="Take the inputs and levers of draw K of a run.")
@click.option("--run", type=FilePath(), default=None, metavar="DIR", help="The run with that draw.")
@MAX_NODES
@guarded
def export(
    file: Path,
    target: Path,
    settings: tuple[str, ...],
    levers: tuple[str, ...],
    draw: int | None,
    run: Path | None,
    max_nodes: int | None,
) -> None:
    """Write a crisis, in one draw, as a game that Gambit opens, with exact numbers.

    The inputs are at their medians, or have the values of a draw. FILE may also be a Gambit file.
    """
    to_screen = str(target) == "-"
    if not to_screen:
        check_free(target, "--efg")
    if (draw is None) != (run is None):
        raise UsageError("--draw K and --run DIR go together: draw K of the run in DIR")
    if draw is not None and (settings or levers):
        raise UsageError("--draw takes all inputs and levers from the run; it does not go with --set or --lever")
    from offramp.gambit.efg_text import write_efg

    tree = _tree(file, settings, levers, draw, run, max_nodes)
    text = write_efg(tree)
    if to_screen:
        click.echo(text, nl=False)
    else:
        content = text.encode("utf-8")
        write_whole(target, content)
        sets = sum(entry.odds is None for entry in tree.sets)
        parts = (
            trn("{count} node", "{count} nodes", tree.nodes),
            trn("{count} information set", "{count} information sets", sets),
            size_in_words(len(content)),
        )
        click.echo(tr("wrote {file}: {what}", file=target, what=", ".join(parts)))
    for note in tree.notes:
        click.echo(tr("note: {what}", what=note), err=True)


def _tree(
    file: Path,
    settings: tuple[str, ...],
    levers: tuple[str, ...],
    draw: int | None,
    run: Path | None,
    max_nodes: int | None,
) -> Tree:
    from offramp.gambit.labels import with_gambit_labels
    from offramp.gambit.opening import read
    from offramp.gambit.tree import Tree
    from offramp.gambit.unfold import check_size, unfold

    crisis = read(file)
    if isinstance(crisis, Tree):
        if settings or levers or draw is not None:
            raise UsageError(f"{file} is a game without inputs and levers: --set, --lever and --draw are for crises")
        check_size(crisis.path, crisis.nodes, max_nodes)
        return with_gambit_labels(crisis)
    if draw is not None and run is not None:
        from offramp.runs.stored_draw import read_draw

        crisis, values = read_draw(run, crisis, draw)
        return unfold(crisis, values, setting=f"draw {draw} of the run {run.resolve().name}", max_nodes=max_nodes)
    crisis = crisis.with_levers(*levers)
    return unfold(crisis, _inputs(crisis, settings), setting=_conditions(crisis, settings), max_nodes=max_nodes)


def _inputs(crisis: Crisis, settings: tuple[str, ...]) -> dict[str, float]:
    """The inputs: the values of `--set`, all others at their medians, and the levers applied."""
    from offramp.crisis.inputs import medians, resolved_inputs

    given = given_values(settings, crisis)
    return {name: value.item() for name, value in resolved_inputs(crisis, medians(crisis), given).items()}


def _conditions(crisis: Crisis, settings: tuple[str, ...]) -> str:
    from offramp.crisis.inputs import conditions

    return conditions(crisis, given_values(settings))
