"""`offramp report`: write the report of a run as one page."""

from __future__ import annotations

from pathlib import Path

import click

from offramp.cli.executor_options import executor_of, executor_options
from offramp.cli.frame import RUN, guarded, main, with_progress


@main.command(short_help="What shall I hand on? One page with all answers.")
@RUN
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default=None,
    metavar="FILE",
    help="The page to write [RUN/report.html, replaced].",
)
@executor_options
@guarded
def report(folder: Path | str, out: Path | None, workers: int | None, dask: str | None) -> None:
    """Write all answers of a run as one self-contained page."""
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
    with executor_of(workers, dask) as executor:
        findings = with_progress("answering", QUESTIONS, lambda progress: brief(run, progress, executor))
    content = page(run, run.manifest, findings).encode("utf-8")
    url = url_of(folder)
    if url and not out:
        Store(url).write(REPORT, content)
    else:
        write_whole(out or Path(folder) / REPORT, content)
    click.echo(f"wrote {out or f'{url or folder}/{REPORT}'}: {size_in_words(len(content))}")
