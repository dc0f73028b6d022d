"""The command line: `offramp new`, `check`, `schema`, `solve`, `run`.

Exit codes: 0 done, 1 solved but not converged, 2 a mistake in the file or the request, 130 interrupted.
"""

from __future__ import annotations

import io
import json
import shlex
import sys
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, ParamSpec

import click

from offramp.crisis.faults import CrisisError, OfframpError, UsageError

if TYPE_CHECKING:
    from rich.console import Console

P = ParamSpec("P")


def guarded(command: Callable[P, int | None]) -> Callable[P, None]:
    """Turn every error a user can cause into its message and exit code 2."""

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            code = command(*args, **kwargs)
        except OfframpError as error:
            click.echo(str(error), err=True)
            code = 2
        except KeyboardInterrupt:
            click.echo("interrupted; nothing was written", err=True)
            code = 130
        except MemoryError:
            click.echo("not enough memory for this game: lower --max-nodes, or use `memory: state`", err=True)
            code = 2
        sys.exit(code or 0)

    return run


class Suggesting(click.Group):
    """Names the nearest command where one is misspelt."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            from offramp.crisis.faults import nearest

            message = error.message.rstrip(".") + nearest(args[0], self.list_commands(ctx))
            raise click.UsageError(message, ctx) from None


@click.group(cls=Suggesting, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="offramp")
def main() -> None:
    """Offramp: an account of a crisis as an explicit game, solved, and searched for the way out."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal that lacks a letter shows `?`


FILE = click.argument("file", type=click.Path(path_type=Path))
JSON = click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
MAX_NODES = click.option(
    "--max-nodes", type=click.IntRange(min=1), default=None, help="The largest game to compile (2,000,000)."
)
LEVERS = click.option(
    "--lever", "levers", multiple=True, metavar="NAME", help="Pull a lever of the crisis; may be repeated."
)


@main.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@guarded
def new(folder: Path) -> None:
    """Write a commented starter crisis that solves."""
    from importlib.resources import files

    target = folder / "crisis.yaml"
    if target.exists():
        raise UsageError(f"{target} exists already; nothing is overwritten")
    text = files("offramp").joinpath("starter.yaml").read_text(encoding="utf-8")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
    except OSError as error:
        raise OfframpError(f"cannot write {target}: {error.strerror or error}") from None
    path = shlex.quote(str(target))
    click.echo(f"wrote {target}\nNext: offramp check {path}\n      offramp solve {path}\n      offramp run {path}")


@main.command()
@FILE
@click.option("--cites", is_flag=True, help="Print every cite with the first words found.")
@MAX_NODES
@JSON
def check(file: Path, cites: bool, max_nodes: int | None, as_json: bool) -> None:
    """Find all that is wrong with a crisis file; or show its size, warnings and what its conditions reveal."""
    _check(file, cites, max_nodes, as_json)


@guarded
def _check(file: Path, cites: bool, max_nodes: int | None, as_json: bool) -> int:
    from offramp.crisis.reading import read
    from offramp.game.advice import reveals, warnings_of

    try:
        crisis = read(file)
        game = crisis.compile(max_nodes)
        warnings = warnings_of(game)
    except CrisisError as error:
        if not as_json:
            raise
        faults = [{"line": f.place.line, "column": f.place.column, "message": f.message} for f in error.faults]
        click.echo(json.dumps({"ok": False, "faults": faults}, indent=2, ensure_ascii=False))
        return 2
    size = game.size
    shown = reveals(crisis)
    if as_json:
        result: dict[str, Any] = {
            "ok": True,
            "warnings": [{"line": w.place.line, "column": w.place.column, "message": w.message} for w in warnings],
            "size": {
                "histories": size.histories,
                "nodes_tree": size.nodes_tree,
                "nodes": size.nodes,
                "information_sets": size.information_sets,
                "information_sets_of": dict(size.information_sets_of),
            },
            "reveals": [{"step": entry.step, "to": list(entry.to), "facts": list(entry.facts)} for entry in shown],
        }
        if cites:
            result["cites"] = [{"line": c.place.line, "cite": c.text, "found": c.found} for c in crisis.cites]
        click.echo(json.dumps(result, indent=2, ensure_ascii=False))
        return 0
    from offramp.crisis.faults import listed

    for warning in warnings:
        click.echo(f"{crisis.path}:{warning.place.line}:{warning.place.column}: warning: {warning.message}")
    if cites:
        for cite in crisis.cites:
            found = f'"{cite.found}"' if cite.found is not None else "(the source's text is not here: not checked)"
            click.echo(f"{crisis.path}:{cite.place.line}: {cite.text}  {found}")
    for entry in shown:
        click.echo(f"note: whether '{entry.step}' happens tells {listed(entry.to)} something of {listed(entry.facts)}")
    sets = ", ".join(f"{actor} {count:,}" for actor, count in size.information_sets_of.items())
    click.echo(
        f"{crisis.path}: no errors, {len(warnings)} warning{'s' * (len(warnings) != 1)}\n"
        f"  {size.histories:,} histories; {size.nodes_tree:,} nodes in the tree, {size.nodes:,} after merging\n"
        f"  {size.information_sets:,} information sets ({sets})"
    )
    return 0


@main.command()
def schema() -> None:
    """Print the JSON Schema of the crisis file, for editors."""
    from offramp.crisis.schema import json_schema

    click.echo(json.dumps(json_schema(), indent=2, ensure_ascii=False))


@main.command()
@FILE
@click.option(
    "--rationality",
    type=float,
    default=None,
    metavar="X",
    help="One rationality for all actors, in place of their own.",
)
@click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="INPUT=VALUE",
    help="A value for an input, in place of its median; may be repeated.",
)
@LEVERS
@MAX_NODES
@JSON
@guarded
def solve(
    file: Path,
    rationality: float | None,
    settings: tuple[str, ...],
    levers: tuple[str, ...],
    max_nodes: int | None,
    as_json: bool,
) -> int:
    """Solve a crisis once, at the medians of its inputs."""
    from offramp.crisis.reading import read
    from offramp.solve.solution import solve as solve_once

    crisis = read(file).with_levers(*levers)
    solution = solve_once(crisis.compile(max_nodes), rationality=rationality, given=given_values(settings))
    if as_json:
        click.echo(json.dumps(solution.to_dict(), indent=2, ensure_ascii=False))
    else:
        from offramp.report.terminal import show_solution

        show_solution(console(), solution)
    return 0 if solution.converged else 1


@main.command()
@FILE
@click.option(
    "--draws",
    type=int,
    default=2048,
    show_default=True,
    metavar="N",
    help="Draws of the inputs; powers of two are best.",
)
@click.option(
    "--seed",
    type=int,
    default=1,
    show_default=True,
    metavar="S",
    help="The same seed gives the same numbers.",
)
@click.option(
    "--out", type=click.Path(path_type=Path), default=None, metavar="DIR", help="The run's folder [runs/NAME-N]."
)
@LEVERS
@MAX_NODES
@JSON
@guarded
def run(
    file: Path, draws: int, seed: int, out: Path | None, levers: tuple[str, ...], max_nodes: int | None, as_json: bool
) -> int:
    """Solve a crisis over draws of its inputs, and write the run with its report."""
    from offramp.crisis.reading import read

    crisis = read(file).with_levers(*levers)
    from offramp.ensemble import ensemble
    from offramp.ensemble.storing import check_free, free_folder, write_run
    from offramp.report.page import page

    folder = out or free_folder(crisis.path)
    check_free(folder)
    result = _with_progress(
        draws, lambda progress: ensemble(crisis, draws=draws, seed=seed, max_nodes=max_nodes, progress=progress)
    )
    command = f"offramp run {shlex.quote(file.name)} --draws {draws} --seed {seed}" + "".join(
        f" --lever {name}" for name in levers
    )
    write_run(result, folder, command, page)
    if as_json:
        places = {"out": str(folder), "report": str(folder / "report.html")}
        click.echo(json.dumps(result.to_dict() | places, indent=2, ensure_ascii=False))
    else:
        from offramp.report.terminal import show_ensemble

        show_ensemble(console(), result)
        click.echo(f"\nrun:    {folder}\nreport: {folder / 'report.html'}")
    return 0 if result.converged.any() else 1


def given_values(settings: tuple[str, ...]) -> dict[str, float]:
    """`INPUT=VALUE` pairs as numbers."""
    values: dict[str, float] = {}
    for setting in settings:
        name, equals, text = setting.partition("=")
        try:
            values[name.strip()] = float(text)
        except ValueError:
            raise UsageError(f"--set takes INPUT=VALUE with a number, found '{setting}'") from None
        if not equals:
            raise UsageError(f"--set takes INPUT=VALUE, found '{setting}'")
    return values


def console() -> Console:
    """A terminal's console; wide enough for tables where output goes to a file."""
    from rich.console import Console

    return Console(width=None if sys.stdout.isatty() else 120, highlight=False, emoji=False)


def _with_progress(draws: int, work: Callable[[Callable[[int], None]], Any]) -> Any:
    """Run work that reports progress, with a bar on standard error where that is a terminal."""
    if not sys.stderr.isatty():
        return work(lambda done: None)
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
        task = bars.add_task("solving draws", total=draws)
        return work(lambda done: bars.advance(task, done))
