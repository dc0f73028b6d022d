"""`offramp report`: the page that is handed on."""

from __future__ import annotations

from pathlib import Path

import click

from offramp.cli.executor_options import crew, crew_of
from offramp.cli.frame import RUN, guarded, main, with_progress


@main.command(short_help="What shall I hand on? One page that says it all.")
@RUN
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default=None,
    metavar="FILE",
    help="The page to write [RUN/report.html, written anew].",
)
@crew
@guarded
def report(folder: Path | str, out: Path | None, workers: int | None, dask: str | None) -> None:
    """Write everything that a run says as one page that needs nothing but itself."""
    from offramp.cli.output_files import check_free, size_in_words, write_whole
    from offramp.report.page import page
    from offramp.runs.opened import open_run
    from offramp.runs.store.layout import REPORT
    from offramp.runs.store.object_store import Store
    from offramp.runs.store.remote import url_of
    from offramp.study.brief import QUESTIONS, brief

    if out:
        check_free(out, "--out")
    run = open_run(folder)
    with crew_of(workers, dask) as executor:
        found = with_progress("asking", QUESTIONS, lambda progress: brief(run, progress, executor))
    content = page(run, run.manifest, found).encode("utf-8")
    url = url_of(folder)
    if url and not out:
        Store(url).write(REPORT, content)
    else:
        write_whole(out or Path(folder) / REPORT, content)
    click.echo(f"wrote {out or f'{url or folder}/{REPORT}'}: {size_in_words(len(content))}")
