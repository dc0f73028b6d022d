"""`offramp report`: write the report of a run as one page."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from offramp.cli.executor_options import executor_of, executor_options
from offramp.cli.frame import RUN, guarded, keeping_answers, main, with_progress
from offramp.cli.parameter_types import FilePath
from offramp.common.errors import OfframpError, UsageError
from offramp.common.texts import tr

if TYPE_CHECKING:
    from offramp.runs.result import Run
    from offramp.study.brief import Brief

NOTES = Path("notes.md")


@main.command(short_help="What shall I hand on? One page with all answers.")
@RUN
@click.option(
    "--out",
    type=FilePath(),
    default=None,
    metavar="FILE",
    help="The page to write [RUN/report.html, replaced].",
)
@click.option(
    "--brief", "in_brief", is_flag=True, help="Two pages to print or edit instead: brief.html and brief.docx."
)
@click.option(
    "--notes",
    type=FilePath(),
    default=None,
    metavar="FILE",
    help="Your own words for the brief, in Markdown [notes.md here; begun if it is not there].",
)
@executor_options
@guarded
def report(
    folder: Path | str, out: Path | None, in_brief: bool, notes: Path | None, workers: int | None, dask: str | None
) -> None:
    """Write all answers of a run as one self-contained page.

    With --brief, write two pages to print (HTML) and to edit (DOCX). Your own words stand in them: they are read from
    a file that no run replaces.
    """
    from offramp.cli.output_files import check_free
    from offramp.report.report_page import QUESTIONS, report_page
    from offramp.runs.store.layout import REPORT

    if notes is not None and not in_brief:
        raise UsageError("--notes goes with --brief: the page has no room for your own words")
    if out:
        if not out.suffix and not out.is_dir():
            raise UsageError(f"--out names the page, such as {out.with_suffix('.html')}")
        check_free(out, "--out")
    if in_brief:
        _report_in_brief(folder, out, notes or NOTES, workers, dask)
        return
    with keeping_answers(), executor_of(workers, dask) as executor:
        page = with_progress(
            tr("answering"),
            QUESTIONS,
            lambda progress: report_page(folder, progress=progress, executor=executor, apart=True),
        )
    _write(folder, out, REPORT, page.html.encode("utf-8"))


def _report_in_brief(folder: Path | str, out: Path | None, notes: Path, workers: int | None, dask: str | None) -> None:
    from offramp.cli.output_files import check_free
    from offramp.report.own_words import read_notes
    from offramp.report.report_page import QUESTIONS
    from offramp.runs.opened import open_run
    from offramp.study.brief import brief

    if out:
        if out.suffix.lower() == ".docx":
            raise UsageError(f"--out names the page, such as {out.with_suffix('.html')}; {out} is written beside it")
        check_free(out.with_suffix(".docx"), "--out")
    own_words = read_notes(notes)
    run = open_run(folder)
    with keeping_answers(), executor_of(workers, dask) as executor:
        findings = with_progress(tr("answering"), QUESTIONS, lambda progress: brief(run, progress, executor))
    _write_brief(folder, out, run, findings, own_words)
    _begin_notes(notes)


def _write_brief(folder: Path | str, out: Path | None, run: Run, findings: Brief, own_words: str) -> None:
    from offramp.report.brief_document import brief_document
    from offramp.report.brief_docx import brief_docx
    from offramp.report.brief_page import brief_page

    document = brief_document(run, run.manifest, findings, own_words)
    pages = (
        (out, "brief.html", brief_page(document).encode("utf-8")),
        (out.with_suffix(".docx") if out else None, "brief.docx", brief_docx(document)),
    )
    try:
        for place, name, content in pages:
            _put(folder, place, name, content)
    except OfframpError:
        if out:  # else the same command would refuse to overwrite it
            out.unlink(missing_ok=True)
        raise
    for place, name, content in pages:
        _say_written(folder, place, name, content)


def _begin_notes(notes: Path) -> None:
    """Write a file for the analyst's own words, if there is none."""
    from offramp.cli.output_files import write_whole
    from offramp.report.own_words import BEGUN

    if not notes.exists():
        write_whole(notes, BEGUN.encode("utf-8"))
        click.echo(tr("your own words: write them in {file} and run this again", file=notes))


def _write(folder: Path | str, out: Path | None, name: str, content: bytes) -> None:
    """Write a file of the given name into the run, or to `out`, and say so."""
    _put(folder, out, name, content)
    _say_written(folder, out, name, content)


def _put(folder: Path | str, out: Path | None, name: str, content: bytes) -> None:
    from offramp.cli.output_files import write_whole
    from offramp.runs.store.store import store_at

    if out:
        write_whole(out, content)
    else:
        with store_at(folder).adding() as run:
            write_whole(run / name, content)


def _say_written(folder: Path | str, out: Path | None, name: str, content: bytes) -> None:
    from offramp.cli.output_files import size_in_words
    from offramp.runs.store.store import store_at

    file = out or f"{store_at(folder).place}/{name}"
    click.echo(tr("wrote {file}: {what}", file=file, what=size_in_words(len(content))))
