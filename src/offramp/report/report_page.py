"""The report of a run in a folder or at a URL, as the command, the workbench and an assistant's tool write it.

The page is kept (`offramp.study.kept_findings`): asked for again, it is neither computed nor drawn.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from offramp.runs.store.finished_files import fingerprint_of
from offramp.study.chart_process import DrawSvg, chart_process, svg_here
from offramp.study.kept_findings import kept_answer

if TYPE_CHECKING:
    from offramp.runs.result import Run

QUESTIONS = 4
"""Number of questions that a report answers, as `progress` counts them."""


@dataclass(frozen=True)
class ReportPage:
    """The page as HTML, and the sentences that it leads with."""

    html: str
    lead: tuple[str, ...]


def report_page(
    place: str | Path,
    *,
    opened: Callable[[], Run] | None = None,
    progress: Callable[[int], None] = lambda done: None,
    executor: Executor | None = None,
    apart: bool = False,
) -> ReportPage:
    """The report of the run in a folder or at a URL.

    Parameters
    ----------
    place
        The folder or the URL.
    opened
        A function that gives the opened run, if it may be open already.
    progress, executor
        As in `offramp.study.brief.brief`.
    apart
        Whether a process of its own draws the charts, which begins while this one computes.

    Raises
    ------
    UsageError
        If there is no run, it is not finished, or one of its files is damaged.
    """

    def compute() -> ReportPage:
        with chart_process() if apart else nullcontext(svg_here) as draw:
            return compute_with(draw)

    def compute_with(draw: DrawSvg) -> ReportPage:
        from offramp.report.page import page
        from offramp.runs.opened import open_run
        from offramp.study.brief import brief
        from offramp.study.lead import lead

        run = open_run(place) if opened is None else opened()
        findings = brief(run, progress, executor)
        html = page(run, run.manifest, findings, draw)
        return ReportPage(html, tuple(sentence.text for sentence in lead(run, findings)))

    return kept_answer(fingerprint_of(place), "report", ReportPage, compute)
