"""`offramp runs`, `verify`, `merge` and `clean`: manage the runs in a folder."""

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

RUNS = Path("runs")
DIRECTORY = click.argument("directory", metavar="[DIR]", required=False, default=RUNS, type=PLACE)
MOST_PROBLEMS = 20
"""Maximum number of problems printed; --json has more."""


@main.command(short_help="Which runs are there, and what can be done with them?")
@DIRECTORY
@JSON
@guarded
def runs(directory: Path | str, as_json: bool) -> None:
    """List the runs in DIR, by default `runs`: progress, size, crisis, seed and levers."""
    from offramp.runs.listing import list_runs

    states = () if _not_yet(directory) else list_runs(directory)
    if as_json:
        click.echo(json.dumps({"runs": [_as_dict(run) for run in states]}, indent=2, ensure_ascii=False))
        return
    if not states:
        click.echo(f"no runs in {directory}; `offramp run FILE` makes one")
        return
    _show_runs(states)


def _not_yet(directory: Path | str) -> bool:
    """Whether it is the usual directory, and no run has made it yet."""
    return directory == RUNS and not RUNS.is_dir()


def _as_dict(run: RunState) -> dict[str, Any]:
    levers, endings = list(run.levers), None if run.endings is None else dict(run.endings)
    fields = {name: value for name, value in vars(run).items() if name != "url" and (name != "now" or value)}
    return fields | {"folder": str(run.place), "levers": levers, "endings": endings}


def _show_runs(runs: tuple[RunState, ...]) -> None:
    """Print one line per run on a wide screen, else several."""
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
    for run in runs:
        done = f"{run.done:,}" if run.done == run.draws else f"{run.done:,} of {run.draws:,}"
        size = size_in_words(run.bytes)
        asked = _asked_for(run)
        written = (run.written or "").removesuffix("+00:00").replace("T", " ")[:16]
        if not run.draws:  # the manifest is invalid
            cells = [run.folder.name, run.state, "", size, run.why, "", ""]
            cells = cells if wide else [run.folder.name, run.state, f"{size}\n{run.why}"]
        elif wide:
            about = f"{run.title}\n{run.crisis}" + (f"\n{run.why}" if run.why else "")
            cells = [run.folder.name, run.state, done, size, about, asked, written]
        else:
            about = f"{run.title} ({run.crisis})\n{done} draws, {size}\n{asked}" + "".join(
                f"\n{line}" for line in (written, run.why) if line
            )
            cells = [run.folder.name, run.state, about]
        table.add_row(*(escape("\n".join(map(printable, cell.split("\n")))) for cell in cells))
    screen.print(table)
    for state, effect in (("unfinished", "resumes it"), ("damaged", "solves damaged chunks again, if it can")):
        first = next((run for run in runs if run.state == state and run.draws), None)
        if first is not None:
            screen.print(f"\n{state}: {escape(_command('run', first.place))} {effect}", soft_wrap=True)


def _asked_for(run: RunState) -> str:
    """Seed, levers and moment of a run, by their names; by keys if its crisis cannot be read, or is at a URL."""
    from offramp.common.words import listed
    from offramp.crisis.observation import from_written
    from offramp.runs.listing import names_of_run

    supposed = run.now["supposed"] if run.now else {}
    names = names_of_run(run.folder) if run.url is None and (run.levers or supposed) else None
    levers = ", ".join(names.levers[key] if names else key for key in run.levers)
    words = f"seed {run.seed}, {f'levers {levers}' if levers else 'no levers'}{', as of now' if run.now else ''}"
    if not supposed:
        return words
    if names:
        return f"{words}, supposing {names.all_known(from_written(supposed))}"
    written = (f"{at}: {' or '.join(values)}" for at, values in supposed.items())
    return f"{words}, supposing {listed(written)}"


def _command(verb: str, folder: Path | str) -> str:
    return f"`offramp {verb} {shlex.quote(str(folder))}`"


@main.command(short_help="Is this run intact? Compare hashes, solve draws again.")
@RUN
@click.option(
    "--draws", type=click.IntRange(min=0), default=32, show_default=True, metavar="K", help="Draws to solve again."
)
@click.option("--all", "everything", is_flag=True, help="Solve all draws again, and compare the sums of every chunk.")
@click.option("--seed", type=click.IntRange(min=0), default=1, metavar="S", help="Another seed picks other draws.  [1]")
@JSON
@guarded
def verify(folder: Path | str, draws: int, everything: bool, seed: int, as_json: bool) -> int:
    """Compare every file of a run with its SHA-256, and a random sample of its draws, solved again, bit for bit.

    Exit code 0 if all is well, 1 if something differs.
    """
    from offramp.runs.listing import state_of
    from offramp.runs.verifying import verify as verify_run

    total = state_of(folder).draws if everything else draws
    result = with_progress(
        "solving draws",
        total,
        lambda progress: verify_run(folder, draws=None if everything else draws, seed=seed, progress=progress),
    )
    if as_json:
        fields = asdict(result) | {"folder": str(folder), "sound": result.sound}
        click.echo(json.dumps(fields, indent=2, ensure_ascii=False))
    else:
        _show_verified(result)
    return 0 if result.sound else 1


def _show_verified(result: Verified) -> None:
    from offramp.runs.verified import SHOWN
    from offramp.runs.verifying import TOLERANCE

    state = "finished" if result.finished else f"not finished ({result.draws:,} of {result.asked:,} draws are done)"
    if result.sound:
        click.echo(f"{result.folder} is sound, and {state}")
    else:
        click.echo(f"{result.folder} is NOT sound; it is {state}")
    click.echo(f"  {result.files:,} files compared with their SHA-256")
    draws = "draw" if result.recomputed == 1 else "draws"
    if result.elsewhere:
        click.echo(f"  the run was solved on a different machine or version: {'; '.join(result.elsewhere)}")
        click.echo(
            f"  {result.recomputed:,} {draws} solved again and compared within {TOLERANCE:g};"
            f" the largest difference is {result.largest:.2g}"
        )
    else:
        click.echo(f"  {result.recomputed:,} {draws} solved again and compared bit for bit")
    for problem in result.problems[:MOST_PROBLEMS]:
        click.echo(f"  {problem}")
    more = len(result.problems) - MOST_PROBLEMS
    if more > 0:
        click.echo(f"  and {more} more; --json has {'the first ones' if result.differing > SHOWN else 'all'}")
    if result.differing:
        click.echo(f"  {result.differing:,} numbers differ in all")
    if not result.sound:
        click.echo(f"Do not use any number of this run. {_command('run', result.folder)} solves damaged chunks again.")


@main.command(short_help="Join the chunks of one run that were solved in several folders.")
@click.argument("folders", metavar="RUN...", nargs=-1, required=True, type=PLACE)
@click.option("--out", required=True, type=PLACE, metavar="DIR", help="The new run's folder.")
@JSON
@guarded
def merge(folders: tuple[Path | str, ...], out: Path | str, as_json: bool) -> None:
    """Join the chunks of one run that were solved in several folders, such as on two machines.

    The runs must have the same crisis, levers, draws, seed and versions; a chunk that several of them hold must have
    the same bytes. The result is finished if all chunks are present, else it can be resumed.
    """
    from offramp.report.page import page
    from offramp.runs.merging import merge as merge_runs
    from offramp.runs.store.layout import resume_command

    merged = merge_runs(folders, out, page=page)
    if as_json:
        paths = {"folder": str(out), "left_out": [str(path) for path in merged.left_out]}
        click.echo(json.dumps(vars(merged) | paths, indent=2, ensure_ascii=False))
        return
    for path in merged.left_out:
        click.echo(f"left out: {path} is damaged", err=True)
    if merged.finished:
        click.echo(f"{out} is finished: all its {merged.asked:,} draws are done")
    else:
        click.echo(f"{out} has {merged.done:,} of {merged.asked:,} draws; {resume_command(out)} resumes it")


@main.command(short_help="Delete leftovers: half-written files, unfinished, damaged and old runs.")
@DIRECTORY
@click.option("--older-than", type=float, default=None, metavar="DAYS", help="Include finished runs that are older.")
@click.option("--yes", is_flag=True, help="Delete what is listed.")
@JSON
@guarded
def clean(directory: Path | str, older_than: float | None, yes: bool, as_json: bool) -> int:
    """List what can be deleted in DIR, by default `runs`, with its size, and delete it with --yes.

    On a terminal it asks first. Runs in use and files that are not a run's are never deleted; links are not followed.
    """
    from offramp.cli.output_files import size_in_words
    from offramp.runs.cleaning import clean as delete_leftovers
    from offramp.runs.cleaning import leftovers
    from offramp.runs.store.store import local_path

    directory = local_path(directory, "DIR")
    found = () if _not_yet(directory) else leftovers(directory, older_than=older_than)
    if not as_json:
        for leftover in found:
            click.echo(f"{leftover.folder}: {_in_words(leftover)}, {size_in_words(leftover.bytes)}")
        if not found:
            click.echo(f"nothing to clean in {directory}")
            return 0
        total = size_in_words(sum(leftover.bytes for leftover in found))
        if not yes and sys.stdin.isatty() and sys.stdout.isatty():
            yes = click.confirm(f"Delete all of this, {total}?")
        elif not yes:
            click.echo(f"{total} in all; --yes deletes it")
    cleaned = delete_leftovers(found) if yes else None
    kept = cleaned.kept if cleaned else ()
    if as_json:
        listed = [{"folder": str(entry.folder), "why": entry.why, "bytes": entry.bytes} for entry in found]
        not_deleted = [{"folder": str(leftover.folder), "reason": reason} for leftover, reason in kept]
        size = cleaned.bytes if cleaned else 0
        click.echo(json.dumps({"found": listed, "deleted": size, "kept": not_deleted}, indent=2, ensure_ascii=False))
    elif cleaned:
        click.echo(f"deleted: {size_in_words(cleaned.bytes)}")
        for leftover, reason in kept:
            click.echo(f"kept: {leftover.folder}: {reason}", err=True)
    return 1 if kept else 0


def _in_words(leftover: Leftover) -> str:
    run, command = leftover.run, _command("run", leftover.folder)
    match leftover.why:
        case "half written":
            return f"{len(leftover.files)} half-written {'file' if len(leftover.files) == 1 else 'files'}"
        case "unfinished":
            return f"unfinished, {run.done:,} of {run.draws:,} draws ({command} resumes it)"
        case "damaged":
            return f"damaged ({command} solves damaged chunks again)"
        case _:
            return f"finished, last written {(run.written or 'long ago')[:10]}"
