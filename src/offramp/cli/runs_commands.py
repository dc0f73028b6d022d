"""`offramp runs`, `verify`, `merge` and `clean`: manage the runs in a folder."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from offramp.cli.frame import JSON, PLACE, RUN, guarded, main, with_progress
from offramp.cli.parameter_types import FiniteNumber, WholeNumber
from offramp.cli.screen import console
from offramp.common.texts import shown_later, tr, translated, trn

if TYPE_CHECKING:
    from offramp.runs.cleaning import Leftover
    from offramp.runs.listing import RunState
    from offramp.runs.verified import Verified

RUNS = Path("runs")
DIRECTORY = click.argument("directory", metavar="[DIR]", required=False, default=RUNS, type=PLACE)
STATES = {
    "finished": shown_later("finished"),
    "unfinished": shown_later("unfinished"),
    "running": shown_later("running"),
    "damaged": shown_later("damaged"),
}
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
        click.echo(
            tr(
                "no runs in {folder}; {command} makes one, and {elsewhere} lists another folder's",
                folder=directory,
                command="`offramp run FILE`",
                elsewhere="`offramp runs DIR`",
            )
        )
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
    for heading in (tr("run"), tr("state")):
        table.add_column(escape(heading), overflow="fold")
    for heading in (tr("draws"), tr("size")) if wide else ():
        table.add_column(escape(heading), justify="right", overflow="fold")
    for heading in (tr("crisis"), tr("asked for"), tr("written")) if wide else (tr("about"),):
        table.add_column(escape(heading), overflow="fold")
    for run in runs:
        all_draws = f"{run.draws:,}"
        done = all_draws if run.done == run.draws else tr("{done} of {all}", done=f"{run.done:,}", all=all_draws)
        state = translated(STATES[run.state])
        size = size_in_words(run.bytes)
        asked = _asked_for(run)
        written = (run.written or "").removesuffix("+00:00").replace("T", " ")[:16]
        if not run.draws:  # the manifest is invalid
            cells = [run.folder.name, state, "", size, run.why, "", ""]
            cells = cells if wide else [run.folder.name, state, f"{size}\n{run.why}"]
        elif wide:
            about = f"{run.title}\n{run.crisis}" + (f"\n{run.why}" if run.why else "")
            cells = [run.folder.name, state, done, size, about, asked, written]
        else:
            drawn = trn("{done} draw", "{done} draws", run.draws, done=done)
            about = f"{run.title} ({run.crisis})\n{drawn}, {size}\n{asked}" + "".join(
                f"\n{line}" for line in (written, run.why) if line
            )
            cells = [run.folder.name, state, about]
        table.add_row(*(escape("\n".join(map(printable, cell.split("\n")))) for cell in cells))
    screen.print(table)
    if unfinished := next((run for run in runs if run.state == "unfinished"), None):
        said = tr("unfinished: {remedy}", remedy=unfinished.remedy)
        screen.print("\n" + escape(said), soft_wrap=True)
    if damaged := next((run for run in runs if run.state == "damaged" and run.remedy), None):
        said = tr("damaged: {run}: {remedy}", run=damaged.place, remedy=damaged.remedy)
        screen.print("\n" + escape(said), soft_wrap=True)


def _asked_for(run: RunState) -> str:
    """Seed, levers and moment of a run, by their names; by keys if its crisis cannot be read, or is at a URL."""
    from offramp.common.words import listed
    from offramp.crisis.observation import from_written
    from offramp.runs.listing import names_of_run

    supposed = run.now["supposed"] if run.now else {}
    names = names_of_run(run.folder) if run.url is None and (run.levers or supposed) else None
    levers = ", ".join(names.levers[key] if names else key for key in run.levers)
    words = [tr("seed {seed}", seed=run.seed), tr("levers {levers}", levers=levers) if levers else tr("no levers")]
    words += [tr("as of now")] if run.now else []
    if supposed:
        written = (f"{at}: {listed(values, len(values), last='or')}" for at, values in supposed.items())
        facts = names.all_known(from_written(supposed)) if names else listed(written)
        words.append(tr("supposing {facts}", facts=facts))
    return ", ".join(words)


@main.command(short_help="Is this run intact? Compare hashes, solve draws again.")
@RUN
@click.option(
    "--draws", type=WholeNumber(min=0), default=32, show_default=True, metavar="K", help="Draws to solve again."
)
@click.option("--all", "everything", is_flag=True, help="Solve all draws again, and compare the sums of every chunk.")
@click.option("--seed", type=WholeNumber(min=0), default=1, metavar="S", help="Another seed picks other draws.  [1]")
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
        tr("solving draws"),
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

    if result.finished:
        state = tr("finished")
    else:
        done, asked = f"{result.draws:,}", f"{result.asked:,}"
        state = tr("not finished ({done} of {draws} draws are done)", done=done, draws=asked)
    if result.sound:
        click.echo(tr("{run} is sound, and {state}", run=result.folder, state=state))
    else:
        click.echo(tr("{run} is NOT sound; it is {state}", run=result.folder, state=state))
    for line in _compared(result):
        click.echo(f"  {line}")
    for problem in result.problems[:MOST_PROBLEMS]:
        click.echo(f"  {problem}")
    if (more := len(result.problems) - MOST_PROBLEMS) > 0:
        left = (
            trn("and {count} more; --json has the first ones", "and {count} more; --json has the first ones", more)
            if result.differing > SHOWN
            else trn("and {count} more; --json has all", "and {count} more; --json has all", more)
        )
        click.echo(f"  {left}")
    if result.differing:
        click.echo(f"  {trn('{count} number differs in all', '{count} numbers differ in all', result.differing)}")
    if not result.sound:
        click.echo(tr("Do not use any number of this run: {remedy}.", remedy=result.remedy))


def _compared(result: Verified) -> Iterator[str]:
    """What of a run was compared, and how."""
    from offramp.runs.verifying import TOLERANCE

    yield trn("{count} file compared with its SHA-256", "{count} files compared with their SHA-256", result.files)
    if result.elsewhere:
        differs = "; ".join(result.elsewhere)
        yield tr("the run was solved on a different machine or version: {differs}", differs=differs)
        yield trn(
            "{count} draw solved again and compared within {tolerance}; the largest difference is {largest}",
            "{count} draws solved again and compared within {tolerance}; the largest difference is {largest}",
            result.recomputed,
            tolerance=f"{TOLERANCE:g}",
            largest=f"{result.largest:.2g}",
        )
    else:
        yield trn(
            "{count} draw solved again and compared bit for bit",
            "{count} draws solved again and compared bit for bit",
            result.recomputed,
        )


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
        click.echo(tr("left out: {run} is damaged", run=path), err=True)
    if merged.finished:
        click.echo(
            trn(
                "{run} is finished: its {count} draw is done",
                "{run} is finished: all its {count} draws are done",
                merged.asked,
                run=out,
            )
        )
    else:
        click.echo(
            trn(
                "{run} has {done} of {count} draw; {command} resumes it",
                "{run} has {done} of {count} draws; {command} resumes it",
                merged.asked,
                run=out,
                done=f"{merged.done:,}",
                command=resume_command(out),
            )
        )


@main.command(short_help="Delete leftovers: half-written files, unfinished, damaged and old runs.")
@DIRECTORY
@click.option(
    "--older-than", type=FiniteNumber(), default=None, metavar="DAYS", help="Include finished runs that are older."
)
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
            click.echo(tr("nothing to clean in {folder}", folder=directory))
            return 0
        total = size_in_words(sum(leftover.bytes for leftover in found))
        if not yes and sys.stdin.isatty() and sys.stdout.isatty():
            yes = click.confirm(tr("Delete all of this, {size}?", size=total))
        elif not yes:
            click.echo(tr("{size} in all; --yes deletes it", size=total))
    cleaned = delete_leftovers(found) if yes else None
    kept = cleaned.kept if cleaned else ()
    if as_json:
        listed = [{"folder": str(entry.folder), "why": entry.why, "bytes": entry.bytes} for entry in found]
        not_deleted = [{"folder": str(leftover.folder), "reason": reason} for leftover, reason in kept]
        size = cleaned.bytes if cleaned else 0
        click.echo(json.dumps({"found": listed, "deleted": size, "kept": not_deleted}, indent=2, ensure_ascii=False))
    elif cleaned:
        click.echo(tr("deleted: {size}", size=size_in_words(cleaned.bytes)))
        for leftover, reason in kept:
            click.echo(tr("kept: {folder}: {reason}", folder=leftover.folder, reason=reason), err=True)
    return 1 if kept else 0


def _in_words(leftover: Leftover) -> str:
    run = leftover.run
    match leftover.why:
        case "half written":
            return trn("{count} half-written file", "{count} half-written files", len(leftover.files))
        case "unfinished":
            return trn(
                "unfinished, {done} of {count} draw ({remedy})",
                "unfinished, {done} of {count} draws ({remedy})",
                run.draws,
                done=f"{run.done:,}",
                remedy=run.remedy,
            )
        case "damaged":
            return tr("damaged ({remedy})", remedy=run.remedy)
        case _ if run.written:
            return tr("finished, last written {date}", date=run.written[:10])
        case _:
            return tr("finished, last written long ago")
