"""`offramp runs`, `verify`, `merge` and `clean`: looking after the runs that there are."""

from __future__ import annotations

import json
import shlex
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from offramp.cli.frame import JSON, PLACE, RUN, guarded, main, with_progress
from offramp.cli.screen import console

if TYPE_CHECKING:
    from offramp.runs.cleaning import Leftover
    from offramp.runs.listing import RunState
    from offramp.runs.verified import Verified

DIRECTORY = click.argument("directory", metavar="[DIR]", required=False, default=Path("runs"), type=PLACE)
MOST_PROBLEMS = 20
"""So many problems are printed; --json has more."""


@main.command(short_help="Which runs are there, and what is to be done with them?")
@DIRECTORY
@JSON
@guarded
def runs(directory: Path | str, as_json: bool) -> None:
    """List the runs in DIR, by default `runs`: how far each is, its size, its crisis, and what it was asked for."""
    from offramp.common.errors import UsageError
    from offramp.runs.listing import list_runs

    if isinstance(directory, Path) and not directory.is_dir() and directory != Path("runs"):
        raise UsageError(f"{directory} is no folder")
    found = list_runs(directory)
    if as_json:
        click.echo(json.dumps({"runs": [_as_dict(run) for run in found]}, indent=2, ensure_ascii=False))
        return
    if not found:
        click.echo(f"no runs in {directory}; `offramp run FILE` makes one")
        return
    _show_runs(found)


def _as_dict(run: RunState) -> dict[str, Any]:
    levers, endings = list(run.levers), None if run.endings is None else dict(run.endings)
    told = {name: value for name, value in vars(run).items() if name != "url"}
    return told | {"folder": str(run.place), "levers": levers, "endings": endings}


def _show_runs(found: tuple[RunState, ...]) -> None:
    """A line a run where there is room for it, else several."""
    from rich import box
    from rich.markup import escape
    from rich.table import Table

    from offramp.cli.output_files import size_in_words
    from offramp.common.printable import printable

    screen = console()
    wide = screen.width >= 100
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, padding=(0, 1))
    for heading in ("run", "state", "draws", "size") if wide else ("run", "state"):
        table.add_column(heading, justify="left" if heading in ("run", "state") else "right", overflow="fold")
    for heading in ("crisis", "asked for", "written") if wide else ("about",):
        table.add_column(heading, overflow="fold")
    for run in found:
        done = f"{run.done:,}" if run.done == run.draws else f"{run.done:,} of {run.draws:,}"
        size = size_in_words(run.bytes)
        levers = f"levers {', '.join(run.levers)}" if run.levers else "no levers"
        asked = f"seed {run.seed}, {levers}"
        written = (run.written or "").removesuffix("+00:00").replace("T", " ")[:16]
        if not run.draws:  # the manifest is none
            cells = [run.folder.name, run.state, "", size, run.why, "", ""]
            cells = cells if wide else [run.folder.name, run.state, f"{size}\n{run.why}"]
        elif wide:
            about = f"{run.title}\n{run.crisis}" + (f"\n{run.why}" if run.why else "")
            cells = [run.folder.name, run.state, done, size, about, asked, written]
        else:
            about = f"{run.title} ({run.crisis})\n{done} draws, {size}\n{asked}" + "".join(
                f"\n{each}" for each in (written, run.why) if each
            )
            cells = [run.folder.name, run.state, about]
        table.add_row(*(escape("\n".join(map(printable, cell.split("\n")))) for cell in cells))
    screen.print(table)
    for state, what in (("unfinished", "resumes it"), ("damaged", "solves again what it can")):
        first = next((run for run in found if run.state == state and run.draws), None)
        if first is not None:
            screen.print(f"\n{state}: {escape(_command('run', first.place))} {what}", soft_wrap=True)


def _command(verb: str, folder: Path | str) -> str:
    return f"`offramp {verb} {shlex.quote(str(folder))}`"


@main.command(short_help="Is this run sound? Hashes compared, draws solved anew.")
@RUN
@click.option(
    "--draws", type=click.IntRange(min=0), default=32, show_default=True, metavar="K", help="Draws to solve anew."
)
@click.option("--all", "everything", is_flag=True, help="Solve all draws anew, and the sums of every chunk.")
@click.option("--seed", type=click.IntRange(min=0), default=1, metavar="S", help="Another seed picks other draws.  [1]")
@JSON
@guarded
def verify(folder: Path | str, draws: int, everything: bool, seed: int, as_json: bool) -> int:
    """Compare every file of a run with its SHA-256, and a random sample of its draws, solved anew, bit for bit.

    Exit code 0 where all is well, 1 where something differs.
    """
    from offramp.runs.listing import state_of
    from offramp.runs.verifying import verify as verify_run

    total = state_of(folder).draws if everything else draws
    found = with_progress(
        "solving draws",
        total,
        lambda progress: verify_run(folder, draws=None if everything else draws, seed=seed, progress=progress),
    )
    if as_json:
        said = asdict(found) | {"folder": str(folder), "sound": found.sound}
        click.echo(json.dumps(said, indent=2, ensure_ascii=False))
    else:
        _show_verified(found)
    return 0 if found.sound else 1


def _show_verified(found: Verified) -> None:
    from offramp.runs.verified import SHOWN
    from offramp.runs.verifying import TOLERANCE

    state = "finished" if found.finished else f"not finished ({found.draws:,} of {found.asked:,} draws are there)"
    if found.sound:
        click.echo(f"{found.folder} is sound, and {state}")
    else:
        click.echo(f"{found.folder} is NOT sound; it is {state}")
    click.echo(f"  {found.files:,} files compared with their SHA-256")
    draws = "draw" if found.recomputed == 1 else "draws"
    if found.elsewhere:
        click.echo(f"  solved with another {'; '.join(found.elsewhere)}")
        click.echo(
            f"  {found.recomputed:,} {draws} solved anew and compared within {TOLERANCE:g};"
            f" the largest difference is {found.largest:.2g}"
        )
    else:
        click.echo(f"  {found.recomputed:,} {draws} solved anew and compared bit for bit")
    for problem in found.problems[:MOST_PROBLEMS]:
        click.echo(f"  {problem}")
    more = len(found.problems) - MOST_PROBLEMS
    if more > 0:
        click.echo(f"  and {more} more; --json has {'the first ones' if found.differing > SHOWN else 'all'}")
    if found.differing:
        click.echo(f"  {found.differing:,} numbers differ in all")
    if not found.sound:
        click.echo(f"No number of it should be used. {_command('run', found.folder)} solves damaged chunks again.")


@main.command(short_help="Put the chunks of one run, solved in several folders, together.")
@click.argument("folders", metavar="RUN...", nargs=-1, required=True, type=PLACE)
@click.option("--out", required=True, type=PLACE, metavar="DIR", help="The new run's folder.")
@JSON
@guarded
def merge(folders: tuple[Path | str, ...], out: Path | str, as_json: bool) -> None:
    """Put the chunks of one run together that were solved in several folders, as on two machines.

    The runs must be of the same crisis, levers, draws, seed and versions; chunks that two of them hold must be the same
    to the last byte. The result is finished where all chunks are there, else it goes on.
    """
    from offramp.report.page import page
    from offramp.runs.merging import merge as merge_runs
    from offramp.runs.store.layout import resume_command

    found = merge_runs(folders, out, page=page)
    if as_json:
        told = {"folder": str(out), "left_out": [str(path) for path in found.left_out]}
        click.echo(json.dumps(vars(found) | told, indent=2, ensure_ascii=False))
        return
    for path in found.left_out:
        click.echo(f"left out: {path} is damaged", err=True)
    if found.finished:
        click.echo(f"{out} is finished: all its {found.asked:,} draws are done")
    else:
        click.echo(f"{out} has {found.done:,} of {found.asked:,} draws; {resume_command(out)} resumes it")


@main.command(short_help="What could go? Half-written files, unfinished, damaged and old runs.")
@DIRECTORY
@click.option("--older-than", type=float, default=None, metavar="DAYS", help="Finished runs, too, that are older.")
@click.option("--yes", is_flag=True, help="Delete what is listed.")
@JSON
@guarded
def clean(directory: Path | str, older_than: float | None, yes: bool, as_json: bool) -> int:
    """List what could go in DIR, by default `runs`, with its size, and delete it with --yes.

    On a terminal it is asked first. Runs in use and what is no run are never touched; links are not followed.
    """
    from offramp.cli.output_files import size_in_words
    from offramp.runs.cleaning import clean as clean_away
    from offramp.runs.cleaning import leftovers
    from offramp.runs.store.remote import local_path

    directory = local_path(directory, "DIR")
    found = leftovers(directory, older_than=older_than)
    if not as_json:
        for one in found:
            click.echo(f"{one.folder}: {_in_words(one)}, {size_in_words(one.bytes)}")
        if not found:
            click.echo(f"nothing to clean in {directory}")
            return 0
        total = size_in_words(sum(one.bytes for one in found))
        if not yes and sys.stdin.isatty() and sys.stdout.isatty():
            yes = click.confirm(f"Delete all of this, {total}?")
        elif not yes:
            click.echo(f"{total} in all; --yes deletes it")
    cleaned = clean_away(found) if yes else None
    kept = cleaned.kept if cleaned else ()
    if as_json:
        listed = [{"folder": str(one.folder), "why": one.why, "bytes": one.bytes} for one in found]
        stayed = [{"folder": str(one.folder), "reason": reason} for one, reason in kept]
        size = cleaned.bytes if cleaned else 0
        click.echo(json.dumps({"found": listed, "deleted": size, "kept": stayed}, indent=2, ensure_ascii=False))
    elif cleaned:
        click.echo(f"deleted: {size_in_words(cleaned.bytes)}")
        for one, reason in kept:
            click.echo(f"kept: {one.folder}: {reason}", err=True)
    return 1 if kept else 0


def _in_words(one: Leftover) -> str:
    run = one.run
    match one.why:
        case "half written":
            return f"{len(one.files)} half-written {'file' if len(one.files) == 1 else 'files'}"
        case "unfinished":
            return f"unfinished, {run.done:,} of {run.draws:,} draws ({_command('run', one.folder)} resumes it)"
        case "damaged":
            return f"damaged ({_command('run', one.folder)} solves again what is)"
        case _:
            return f"finished, last written {(run.written or 'long ago')[:10]}"
