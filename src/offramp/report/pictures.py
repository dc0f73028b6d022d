"""The pictures of the report, each drawn twice: for a phone, and for everything wider."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

from offramp.runs.result import Run
from offramp.study.brief import Brief
from offramp.study.drawings import Drawing, drawings_of, endings_drawing, timeline_drawing


@dataclass(frozen=True)
class Picture:
    """One picture in each width, and what stands below it."""

    drawings: tuple[Markup, ...]
    caption: str


def endings_picture(ensemble: Run) -> Picture:
    """The endings with their intervals."""
    return _picture(endings_drawing(ensemble.ending_intervals))


def pictures(found: Brief) -> dict[str, Picture]:
    """The pictures of what a run says: the timeline, and where there are any weights, levers, and events."""
    findings = [finding for finding in (found.weights, found.levers, found.update) if finding is not None]
    drawings = [timeline_drawing(found.flows), *(drawing for one in findings for drawing in drawings_of(one))]
    return {drawing.name: _picture(drawing) for drawing in drawings}


def _picture(drawing: Drawing) -> Picture:
    return Picture(
        tuple(Markup(drawing.element(f"{drawing.name}-{which}", width)) for which, width in drawing.widths.items()),
        drawing.caption,
    )
