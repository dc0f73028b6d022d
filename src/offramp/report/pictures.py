"""The pictures of the report, each drawn in several widths: for phones, wider screens and print."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

from offramp.crisis.names import names_of
from offramp.runs.result import Run
from offramp.study.brief import Brief
from offramp.study.chart_process import DrawSvg
from offramp.study.drawings import Drawing, drawings_of, endings_drawing, timeline_drawing


@dataclass(frozen=True)
class Picture:
    """One picture in each width, with its caption."""

    drawings: tuple[Markup, ...]
    caption: str


def endings_picture(run: Run, draw: DrawSvg) -> Picture:
    """The endings with their intervals."""
    return _picture(endings_drawing(run.ending_intervals, names_of(run.crisis).endings), draw)


def pictures(brief: Brief, draw: DrawSvg) -> dict[str, Picture]:
    """The pictures of a run's findings: the timeline and, if there are any, weights, levers and events."""
    findings = [finding for finding in (brief.weights, brief.levers, brief.update) if finding is not None]
    drawings = [timeline_drawing(brief.flows), *(drawing for finding in findings for drawing in drawings_of(finding))]
    return {drawing.name: _picture(drawing, draw) for drawing in drawings}


def _picture(drawing: Drawing, draw: DrawSvg) -> Picture:
    return Picture(
        tuple(
            Markup(drawing.element(f"{drawing.name}-{which}", width, draw)) for which, width in drawing.widths.items()
        ),
        drawing.caption,
    )
