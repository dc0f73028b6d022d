"""`offramp update`: what the observed events change."""

from __future__ import annotations

from pathlib import Path

import click

from offramp.cli.executor_options import executor_of, executor_options
from offramp.cli.frame import EXPORT, JSON, RUN, deliver, guarded, keeping_answers, main, with_progress
from offramp.cli.parameter_types import FilePath
from offramp.common.texts import tr


@main.command(short_help="What changes with what we now know?")
@RUN
@click.option(
    "--from",
    "file",
    type=FilePath(),
    default=None,
    metavar="FILE",
    help="The crisis file with the events observed since the run; the draws are solved again.",
)
@executor_options
@JSON
@EXPORT
@guarded
def update(
    folder: Path | str, file: Path | None, workers: int | None, dask: str | None, as_json: bool, export: Path | None
) -> None:
    """What changes with what we now know: inputs, hidden values and endings after each event."""
    from offramp.crisis.reading import read
    from offramp.runs.opened import open_run
    from offramp.study.updating.update import update as update_of

    run = open_run(folder)
    since = None if file is None else read(file)
    with keeping_answers():
        if since is None and run.evidence:
            finding = update_of(run)
        else:
            with executor_of(workers, dask) as executor:
                finding = with_progress(
                    tr("solving draws"),
                    run.draws,
                    lambda progress: update_of(run, since, executor=executor, progress=progress),
                )
    deliver(finding, as_json, export)
