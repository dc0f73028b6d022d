"""`offramp run`: solve many draws into a folder, from which a stopped run can be resumed."""

from __future__ import annotations

import json
import os
import shlex
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from offramp.cli.executor_options import executor_of, executor_options
from offramp.cli.frame import ALLOW_OUTSIDE, FILE_OR_RUN, JSON, LEVERS, MAX_NODES, PLACE, guarded, main, with_progress
from offramp.cli.moment_options import at_moment, moment_options
from offramp.cli.parameter_types import WHOLE, FilePath, FiniteNumber
from offramp.cli.screen import console, next_commands
from offramp.common.errors import UsageError
from offramp.common.printable import printable
from offramp.common.texts import tr, trn
from offramp.common.words import listed
from offramp.crisis.draft_standing import as_json_key
from offramp.crisis.faults import Fault

if TYPE_CHECKING:
    from offramp.runs.result import Run
    from offramp.runs.sampling import Keep
    from offramp.runs.store.layout import Progress

    Work = Callable[[Callable[[int], None]], Run | Progress]


@main.command(short_help="Solve a crisis over draws of its uncertain numbers.")
@FILE_OR_RUN
@click.option(
    "--draws",
    type=WHOLE,
    default=None,
    metavar="N",
    help="Draws of the inputs; powers of two are best.  [2048]",
)
@click.option("--seed", type=WHOLE, default=None, metavar="S", help="The same seed gives the same numbers.  [1]")
@click.option("--out", type=PLACE, default=None, metavar="DIR", help="The run's folder or URL [runs/NAME-N].")
@click.option(
    "--until",
    type=FiniteNumber(),
    default=None,
    metavar="E",
    help="Stop once every ending's standard error is below E, such as 0.002; --draws is then the maximum.",
)
@click.option(
    "--chunks",
    default=None,
    metavar="A-B",
    help="Solve only these chunks of 1,024 draws, from 0, such as 0-7 or 3; `merge` joins the parts.",
)
@executor_options
@click.option(
    "--fit",
    "fitted",
    type=FilePath(),
    default=None,
    metavar="DIR",
    help="Draw the coefficients from this fit, the folder that `fit --out` has written.",
)
@LEVERS
@moment_options
@click.option(
    "--keep",
    type=click.Choice(["strategies"]),
    default=None,
    help="Also keep what every actor does in every situation, draw by draw.",
)
@ALLOW_OUTSIDE
@MAX_NODES
@JSON
@guarded
def run(
    file: Path | str,
    draws: int | None,
    seed: int | None,
    out: Path | str | None,
    until: float | None,
    workers: int | None,
    dask: str | None,
    chunks: str | None,
    fitted: Path | None,
    levers: tuple[str, ...],
    now: bool,
    supposed: tuple[str, ...],
    keep: Keep | None,
    allow_outside: bool,
    max_nodes: int | None,
    as_json: bool,
) -> int:
    """Solve a crisis over draws of its inputs, and write the run with its report.

    To resume a run that was stopped, give the same command again, or the run's folder instead of FILE. With more
    --draws a run is extended.
    """
    from offramp.report.page import page
    from offramp.runs.chunk import parse_chunks

    if chunks is not None and until is not None:
        raise UsageError("--until needs all chunks from the first, so it cannot be used with --chunks")
    part = None if chunks is None else parse_chunks(chunks)
    if isinstance(file, str) or file.is_dir():
        given: dict[str, Any] = {"--seed": seed, "--max-nodes": max_nodes, "--keep": keep, "--lever": list(levers)}
        given |= {"--now": now, "--suppose": list(supposed), "--out": out, "--fit": fitted}
        _check_own(file, given | {"--allow-outside": allow_outside})
        from offramp.runs.execution import Execution
        from offramp.runs.running import resume, solve_part

        def resumed(progress: Callable[[int], None]) -> Run | Progress:
            with executor_of(workers, dask) as executor:
                how = Execution(executor, threads=_threads(workers), progress=progress, page=page, say=_print_aside)
                if part is not None:
                    return solve_part(None, file, part, draws=draws, execution=how)
                return resume(file, draws=draws, until=until, execution=how)

        return _run_and_report(file, draws, part, resumed, as_json)
    from offramp.crisis.checks.sources import unread_sources
    from offramp.crisis.inputs import idle_correlations
    from offramp.crisis.model import Crisis
    from offramp.gambit.opening import read
    from offramp.runs.execution import Execution
    from offramp.runs.listing import unfinished_run
    from offramp.runs.running import DRAWS, SEED, run_into, solve_part
    from offramp.runs.store.whole_files import free_folder

    written = read(file, allow_outside=allow_outside)
    if fitted is not None and isinstance(written, Crisis):
        from offramp.fitting.fit_into_crisis import with_fit

        before = len(written.warnings)
        written = with_fit(written, fitted)
        for said in written.warnings[before:]:
            _print_aside(said.as_warning(written.path))
    opened = at_moment(written, now, supposed)
    if not isinstance(opened, Crisis):
        raise UsageError(f"nothing in {file} is uncertain, so all draws would be the same; use `offramp solve`")
    crisis = opened.with_levers(*levers)
    for pair, message in idle_correlations(crisis).items():
        if pair not in idle_correlations(opened):  # without levers, `check` reports it
            _print_aside(Fault(pair.place, message).as_warning(crisis.path))
    for warning in unread_sources(file.parent, crisis.sources.values(), allow_outside):
        _print_aside(warning.as_warning(crisis.path))
    if out is None:
        draws, seed = DRAWS if draws is None else draws, SEED if seed is None else seed
        wanted: Any = {"draws": draws, "seed": seed, "until": until or None, "keep": keep}
        out = unfinished_run(crisis, **wanted) or free_folder(crisis.path)
    folder = out

    def solved(progress: Callable[[int], None]) -> Run | Progress:
        options: Any = {"draws": draws, "seed": seed, "max_nodes": max_nodes, "keep": keep}
        with executor_of(workers, dask) as executor:
            options["execution"] = Execution(
                executor, threads=_threads(workers), progress=progress, page=page, say=_print_aside
            )
            if part is not None:
                return solve_part(crisis, folder, part, **options)
            return run_into(crisis, folder, until=until, **options)

    return _run_and_report(folder, DRAWS if draws is None else draws, part, solved, as_json)


def _check_own(run: Path | str, given: Mapping[str, Any]) -> None:
    """Raise UsageError if an option is given that differs from what the run in a folder was begun with.

    `given`: the options by their names; what is None, False or empty was not given.
    """
    from offramp.runs.listing import state_of
    from offramp.runs.store.layout import MANIFEST
    from offramp.runs.store.manifest import options_in, read_manifest
    from offramp.runs.store.store import store_at

    given = {name: value for name, value in given.items() if value is not None and value is not False and value != []}
    if not given or state_of(run).draws == 0:  # what is no run is told as such
        return
    with store_at(run).fresh(MANIFEST) as folder:
        own = options_in(read_manifest(folder)) | {"--out": run}
    differing = [_difference(name, value, own) for name, value in given.items() if value != own.get(name)]
    if differing:
        raise UsageError(
            f"{run} keeps the options it was begun with, so {listed(differing, len(differing))} cannot be given;"
            " solve the crisis file with that into another --out"
        )


def _difference(name: str, value: Any, own: Mapping[str, Any]) -> str:
    """An option with the value that was given, and the run's own value."""
    given = name if value is True else f"{name} {_shown(value)}"
    return f"{given} (its own: {_shown(own[name])})" if name in own else given


def _shown(value: Any) -> str:
    """An option's value in words."""
    if value in (None, False, []):
        return "none"
    return listed(map(str, value), len(value)) if isinstance(value, list) else str(value)


def _threads(workers: int | None) -> int:
    """The number of threads on which each worker solves a chunk: its share of the cores."""
    return max(1, (os.cpu_count() or 1) // workers) if workers else 1


def _run_and_report(folder: Path | str, draws: int | None, part: range | None, work: Work, as_json: bool) -> int:
    """Do the work, and print the results, or how to resume the run."""
    from offramp.runs.listing import state_of
    from offramp.runs.opened import open_run
    from offramp.runs.sampling import chunk_sizes
    from offramp.runs.store.layout import REPORT, Progress, resume_command

    total = max(draws or 0, state_of(folder).draws)
    if part is not None:
        total = sum(chunk_sizes(total)[part.start : part.stop])
    try:
        with _sigterm_as_interrupt():
            result = with_progress(tr("solving draws"), total, work)
    except KeyboardInterrupt:
        state = state_of(folder)
        if not state.draws:
            raise
        kept = trn(
            "interrupted; {kept} of {count} draw is kept, {command} resumes from them",
            "interrupted; {kept} of {count} draws are kept, {command} resumes from them",
            state.draws,
            kept=f"{state.done:,}",
            command=resume_command(folder),
        )
        click.echo(kept, err=True)
        return 130
    if isinstance(result, Progress):
        if not result.finished:
            _show_part(folder, result, as_json)
            return 0
        result = open_run(folder)
    report = f"{folder}/{REPORT}"
    if as_json:
        paths: dict[str, Any] = {"out": str(folder), "report": report}
        rules = result.crisis.choice_rules
        said = result.to_dict() | as_json_key(result.crisis.draft) | ({"choice_rules": rules} if rules else {}) | paths
        click.echo(json.dumps(said, indent=2, ensure_ascii=False))
    else:
        from offramp.report.terminal import show_ensemble

        show_ensemble(console(), result)
        rows = (tr("run:"), folder), (tr("report:"), report)
        width = max(len(label) for label, _ in rows)
        click.echo("\n" + "\n".join(f"{label:{width}} {place}" for label, place in rows))
        command = f"offramp report {shlex.quote(str(folder))}"
        click.echo(next_commands(tr("{command}   for reasons, paths, weights and levers too", command=command)))
    return 0 if result.converged.any() else 1


def _show_part(folder: Path | str, progress: Progress, as_json: bool) -> None:
    """Print how much of a run is done, and the next commands."""
    done, asked, finished = progress
    if as_json:
        click.echo(json.dumps({"draws": asked, "done": done, "finished": finished, "out": str(folder)}, indent=2))
        return
    name = shlex.quote(str(folder))
    click.echo(
        trn("{done} of {count} draw is done", "{done} of {count} draws are done", asked, done=f"{done:,}")
        + f"\n\n{tr('run:')}  {folder}"
    )
    merge, run = f"offramp merge {name} OTHER... --out DIR", f"offramp run {name}"
    click.echo(
        next_commands(
            tr("{command}   joins it with the other parts", command=merge),
            tr("{command}   solves the missing draws here", command=run),
        )
    )


def _print_aside(line: str) -> None:
    """Print a line to standard error, above the progress bar."""
    # not by click.echo, which ignores the bar; and the bar would take escape sequences for colours
    print(printable(line), file=sys.stderr)


@contextmanager
def _sigterm_as_interrupt() -> Iterator[None]:
    """Let a request to end (SIGTERM) stop the run as Ctrl-C does."""
    if threading.current_thread() is not threading.main_thread():  # only the main thread receives signals
        yield
        return

    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
