"""`offramp run`: many draws, into a folder from which the run goes on where it stopped."""

from __future__ import annotations

import json
import os
import shlex
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from offramp.cli.crew import crew, crew_of
from offramp.cli.frame import JSON, LEVERS, MAX_NODES, console, guarded, main, with_progress
from offramp.crisis.faults import UsageError

if TYPE_CHECKING:
    from offramp.ensemble.opened import Run

    Work = Callable[[Callable[[int], None]], Run]


@main.command(short_help="Solve a crisis over draws of its uncertain numbers.")
@click.argument("file", metavar="FILE|RUN", type=click.Path(path_type=Path))
@click.option(
    "--draws", type=int, default=None, metavar="N", help="Draws of the inputs; powers of two are best.  [2048]"
)
@click.option("--seed", type=int, default=None, metavar="S", help="The same seed gives the same numbers.  [1]")
@click.option(
    "--out", type=click.Path(path_type=Path), default=None, metavar="DIR", help="The run's folder [runs/NAME-N]."
)
@click.option(
    "--until",
    type=float,
    default=None,
    metavar="E",
    help="Stop once every ending's standard error is below E, as 0.002; --draws is then the most.",
)
@crew
@LEVERS
@MAX_NODES
@JSON
@guarded
def run(
    file: Path,
    draws: int | None,
    seed: int | None,
    out: Path | None,
    until: float | None,
    workers: int | None,
    dask: str | None,
    levers: tuple[str, ...],
    max_nodes: int | None,
    as_json: bool,
) -> int:
    """Solve a crisis over draws of its inputs, and write the run with its report.

    A run that was stopped goes on where it stopped: give the same command again, or the run's folder in place of FILE.
    With more --draws a run is extended.
    """
    from offramp.report.page import page

    if file.is_dir():
        if seed is not None or out or levers or max_nodes is not None:
            raise UsageError(
                f"{file} goes on as it was begun: of the options that change a run only --draws and --until fit"
            )
        from offramp.ensemble.durable import go_on

        def continued(progress: Callable[[int], None]) -> Run:
            with crew_of(workers, dask) as executor:
                how: Any = {"executor": executor, "threads": _threads(workers)}
                return go_on(file, draws=draws, until=until, **how, progress=progress, page=page, say=_aside)

        return _reported(file, draws, continued, as_json)
    from offramp.crisis.model import Crisis
    from offramp.ensemble.durable import DRAWS, SEED, durable_run
    from offramp.ensemble.runs import unfinished_run
    from offramp.ensemble.storing import free_folder
    from offramp.game.opening import read

    opened = read(file)
    if not isinstance(opened, Crisis):
        raise UsageError(f"nothing in {file} is uncertain, so all draws would be the same; use `offramp solve`")
    crisis = opened.with_levers(*levers)
    if out is None:
        draws, seed = DRAWS if draws is None else draws, SEED if seed is None else seed
        out = unfinished_run(crisis, draws=draws, seed=seed, until=until or None) or free_folder(crisis.path)
    folder = out

    def solved(progress: Callable[[int], None]) -> Run:
        asked: Any = {"draws": draws, "seed": seed, "until": until, "max_nodes": max_nodes}
        with crew_of(workers, dask) as executor:
            how: Any = {"executor": executor, "threads": _threads(workers)}
            return durable_run(crisis, folder, **asked, **how, progress=progress, page=page, say=_aside)

    return _reported(folder, DRAWS if draws is None else draws, solved, as_json)


def _threads(workers: int | None) -> int:
    """On how many threads each worker solves a chunk: its share of the cores."""
    return max(1, (os.cpu_count() or 1) // workers) if workers else 1


def _reported(folder: Path, draws: int | None, work: Work, as_json: bool) -> int:
    """Do the work, and say what came of it, or how to go on."""
    from offramp.ensemble.layout import MANIFEST, progress_of, to_go_on

    total = draws or 0
    if (folder / MANIFEST).is_file():
        total = max(total, progress_of(folder).asked)
    try:
        with _stopped_alike():
            result = with_progress("solving draws", total, work)
    except KeyboardInterrupt:
        if not (folder / MANIFEST).is_file():
            raise
        done, asked, _ = progress_of(folder)
        click.echo(f"interrupted; {done:,} of {asked:,} draws are kept, {to_go_on(folder)} goes on with them", err=True)
        return 130
    ensemble, report = result.ensemble, folder / "report.html"
    if as_json:
        places: dict[str, Any] = {"out": str(folder), "report": str(report)}
        click.echo(json.dumps(ensemble.to_dict() | places, indent=2, ensure_ascii=False))
    else:
        from offramp.report.terminal import show_ensemble

        show_ensemble(console(), ensemble)
        click.echo(f"\nrun:    {folder}\nreport: {report}")
        click.echo(f"Next: offramp report {shlex.quote(str(folder))}   for reasons, paths, weights and levers too")
    return 0 if ensemble.converged.any() else 1


def _aside(line: str) -> None:
    click.echo(line, err=True)


@contextmanager
def _stopped_alike() -> Iterator[None]:
    """A request to end (SIGTERM) stops the run as Ctrl-C does."""
    if threading.current_thread() is not threading.main_thread():  # where no signal arrives
        yield
        return

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
