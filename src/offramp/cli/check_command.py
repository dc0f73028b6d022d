"""`offramp new`, `check` and `schema`: the crisis file itself."""

from __future__ import annotations

import json
import os
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import click

from offramp.cli.frame import ALLOW_OUTSIDE, FILE, JSON, MAX_NODES, guarded, main
from offramp.cli.parameter_types import FilePath
from offramp.cli.screen import console, next_commands
from offramp.common.errors import OfframpError, UsageError
from offramp.common.texts import tr, trn
from offramp.common.words import expected
from offramp.crisis.faults import CrisisError

if TYPE_CHECKING:
    from offramp.fitting.table_check import TableCheck
    from offramp.gambit.tree import Tree
    from offramp.game.game import Game, Size


@main.command(short_help="Write a commented crisis to begin from.")
@click.argument("folder", metavar="[DIR]", required=False, type=FilePath())
@click.option("--from", "template", metavar="NAME", help="The template or the crisis to copy; a starter by default.")
@click.option("--list", "listing", is_flag=True, help="List the templates, and the crises of the gallery.")
@guarded
def new(folder: Path | None, template: str | None, listing: bool) -> None:
    """Write a commented crisis that solves: a starter, a blank one, a template of one idea, or a crisis of the gallery.

    A crisis of the gallery comes with all its files: its README, its first version and its outcome.
    """
    from offramp.crisis.gallery import gallery, gallery_files
    from offramp.crisis.templates import STARTER, template_text, templates

    if listing:
        click.echo("\n".join(_to_begin_from()))
        return
    if folder is None:
        raise UsageError("name a folder for the crisis: offramp new DIR; `offramp new --list` lists the templates")
    if folder.suffix.lower() in (".yaml", ".yml"):
        raise UsageError(f"name a folder, not a file: offramp new {shlex.quote(str(folder.with_suffix('')))}")
    name = template or STARTER
    if name not in templates() and name not in gallery():
        known = [*templates(), *gallery()]
        raise UsageError(f"no template or crisis '{name[:60]}'{expected(name, known, len(known))}")
    files = gallery_files(name) if name in gallery() else {"crisis.yaml": template_text(name).encode()}
    for file in files:
        if os.path.lexists(folder / file):
            raise UsageError(f"{folder / file} exists already; nothing is overwritten")
    target = folder / "crisis.yaml"
    for file, content in files.items():
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with (folder / file).open("xb") as new_file:  # never through a link
                new_file.write(content)
        except OSError as error:
            raise OfframpError(f"cannot write {folder / file}: {error.strerror or error}") from None
        click.echo(tr("wrote {file}", file=folder / file))
    path = shlex.quote(str(target))
    click.echo(next_commands(*(f"offramp {verb} {path}" for verb in ("check", "solve", "run"))))


def _to_begin_from() -> list[str]:
    """A line for each template and each crisis of the gallery."""
    from offramp.crisis.gallery import gallery, gallery_title
    from offramp.crisis.templates import template_line, templates

    names = [*templates(), *gallery()]
    width = max(map(len, names))
    return [
        tr("Templates of one idea:"),
        *(f"  {name:{width}}  {template_line(name)}" for name in templates()),
        tr("Worked crises, the gallery ({command} says more):", command="offramp gallery NAME"),
        *(f"  {name:{width}}  {gallery_title(name)}" for name in gallery()),
        tr("Take one: {command}", command="offramp new DIR --from NAME"),
    ]


@main.command(short_help="List every mistake in a crisis file; or its size and warnings.")
@FILE
@click.option("--cites", is_flag=True, help="Print every cite with the first words found.")
@click.option(
    "--data",
    type=FilePath(),
    default=None,
    metavar="TABLE",
    help="Also say which rows of a table of past cases (.csv, .parquet) a fit would use, and why not the others.",
)
@ALLOW_OUTSIDE
@MAX_NODES
@JSON
@guarded
def check(file: Path, cites: bool, data: Path | None, allow_outside: bool, max_nodes: int | None, as_json: bool) -> int:
    """List every mistake in a crisis file; or show its size, its warnings and what its conditions reveal.

    Some draws of the inputs are solved, as many as take about a second, to see whether the model is degenerate: options
    and endings that never come about, moves that are no choice, actors that want the ending to avoid.

    For a Gambit file (.efg, .nfg) show its size, recall, and deviations that were tolerated in reading.
    """
    from offramp.crisis.checks.sources import absent_sources
    from offramp.gambit.opening import compile_game, read
    from offramp.gambit.tree import Tree
    from offramp.study.file_check import check_file, mistakes

    try:
        crisis = read(file, allow_outside=allow_outside)
        if isinstance(crisis, Tree):
            if data is not None:
                raise UsageError("--data takes a crisis file with `cases`; a Gambit file has none")
            _show_tree(crisis, compile_game(crisis, max_nodes), as_json)
            return 0
        found = check_file(crisis, max_nodes)
        checked = None if data is None else _check_data(found.game, data)
    except CrisisError as error:
        if not as_json:
            raise
        click.echo(json.dumps(mistakes(error), indent=2, ensure_ascii=False))
        return 2
    size = found.game.size
    if as_json:
        result = found.to_dict(cites=cites)
        if checked is not None:
            result["data"] = checked.to_dict()
        click.echo(json.dumps(result, indent=2, ensure_ascii=False))
        return 0
    from offramp.common.words import listed

    for warning in found.warnings:
        click.echo(warning.as_warning(crisis.path))
    if cites:
        for cite in crisis.cites:
            words = (
                f'"{cite.first_words}"'
                if cite.first_words is not None
                else tr("(the source's text is not here: not checked)")
            )
            click.echo(f"{crisis.path}:{cite.place.line}: {cite.text}  {words}")
    if not found.draws:
        click.echo(
            tr(
                "note: the game is too large to be solved here, so nothing is said of options and endings that never "
                "come about; {command} shows how likely they are",
                command="`offramp run`",
            )
        )
    absent = [
        f"{source.key} ({source.file})"
        for source in absent_sources(file.parent, crisis.sources.values(), allow_outside)
    ]
    if absent:
        click.echo(
            trn(
                "note: the text of the source {sources} is not here, so its cites are not checked",
                "note: the texts of the sources {sources} are not here, so their cites are not checked",
                len(absent),
                sources=listed(absent),
            )
        )
    for entry in found.reveals:
        click.echo(
            tr(
                "note: whether '{step}' happens tells {actors} something of {facts}",
                step=entry.step,
                actors=listed(entry.to),
                facts=listed(entry.facts),
            )
        )
    count = len(found.warnings)
    warnings = trn("{file}: no errors, {count} warning", "{file}: no errors, {count} warnings", count, file=crisis.path)
    histories = trn("{count} history", "{count} histories", size.histories)
    nodes = trn(
        "{count} node in the tree, {merged} after merging",
        "{count} nodes in the tree, {merged} after merging",
        size.nodes_tree,
        merged=f"{size.nodes:,}",
    )
    click.echo(f"{warnings}\n  {histories}; {nodes}\n  {_sets(size)}")
    if checked is not None:
        from offramp.report.findings_in_terminal import show_finding

        click.echo()
        show_finding(console(), checked)
    return 0


def _check_data(game: Game, data: Path) -> TableCheck:
    from offramp.fitting.case_table import read_table
    from offramp.fitting.table_check import check_table

    return check_table(game, read_table(data))


def _show_tree(tree: Tree, game: Game, as_json: bool) -> None:
    """Print the size, recall and notes of a Gambit file."""
    notes = [warning.message for warning in game.crisis.warnings]
    recall = {actor.key: actor.memory == "recall" for actor in game.crisis.actors.values()}
    size = game.size
    if as_json:
        result = {"ok": True, "notes": notes, "perfect_recall": recall, "size": size.to_dict()}
        click.echo(json.dumps(result, indent=2, ensure_ascii=False))
        return
    for note in notes:
        click.echo(tr("{file}: note: {what}", file=tree.path, what=note))
    counted = trn("{file}: no errors, {count} note", "{file}: no errors, {count} notes", len(notes), file=tree.path)
    plays = trn(
        "{count} play with {endings}",
        "{count} plays with {endings}",
        size.histories,
        endings=trn("{count} ending", "{count} endings", len(game.crisis.endings)),
    )
    nodes = trn("{count} node", "{count} nodes", size.nodes_tree)
    known = tr("perfect recall") if all(recall.values()) else tr("imperfect recall")
    click.echo(f"{counted}\n  {plays}; {nodes}\n  {_sets(size)}, {known}")


def _sets(size: Size) -> str:
    """The number of information sets, and how many each actor has."""
    return trn(
        "{count} information set ({by_actor})",
        "{count} information sets ({by_actor})",
        size.information_sets,
        by_actor=", ".join(f"{actor} {count:,}" for actor, count in size.information_sets_of.items()),
    )


@main.command(short_help="The JSON Schema of the crisis file, for editors.")
def schema() -> None:
    """Print the JSON Schema of the crisis file, for editors."""
    from offramp.crisis.json_schema import json_schema

    click.echo(json.dumps(json_schema(), indent=2, ensure_ascii=False))
