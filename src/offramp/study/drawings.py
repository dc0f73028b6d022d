"""The pictures of a finding, for exports, the report and the workbench.

A drawing is an SVG element for a page, in any width, or an SVG document.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import altair as alt

from offramp.common.texts import tr
from offramp.runs.weighted import Interval
from offramp.study.chart_process import DrawSvg, svg_here
from offramp.study.charts import drawn, endings_chart, svg_of
from offramp.study.finding import Finding
from offramp.study.forecasting.calibration_chart import calibration_chart
from offramp.study.forecasting.scores import Bin
from offramp.study.forecasting.track_record_finding import TrackRecord
from offramp.study.histories.flows import Flows
from offramp.study.histories.paths import Paths
from offramp.study.histories.timeline_picture import drawn_timeline, timeline_svg
from offramp.study.interventions.levers_chart import levers_chart
from offramp.study.interventions.levers_finding import Levers
from offramp.study.outlook.endings import Endings
from offramp.study.rivals.rivals_chart import rivals_chart
from offramp.study.rivals.rivals_finding import Rivals
from offramp.study.sensitivity.weights_chart import weights_chart
from offramp.study.sensitivity.weights_finding import Weights
from offramp.study.two_way_map.map_chart import map_chart
from offramp.study.two_way_map.map_finding import Map
from offramp.study.updating.update_chart import update_chart
from offramp.study.updating.update_finding import Update

WIDTHS = {"narrow": 320, "wide": 720}
"""Widths of a chart on a page, in pixels."""
TIMELINE = {"narrow": 360, "wide": 720, "broad": 1440}
"""Widths of the timeline, in pixels; `broad` runs from left to right and is for printing in landscape."""


class Element(Protocol):
    """Draws a picture for a page."""

    def __call__(self, name: str, width: int, draw: DrawSvg = svg_here) -> str: ...


@dataclass(frozen=True, repr=False)
class Drawing:
    """A picture of a finding.

    `caption` says how to read it. `element` draws it for a page, given a name that makes its identifiers unique there,
    a width, and who draws charts, by default this process; `document` draws it as a file, which a notebook shows.
    `widths`: on a page, by name; `files`: width of each exported file.
    """

    name: str
    title: str
    caption: str
    element: Element
    document: Callable[[int], str]
    widths: Mapping[str, int]
    files: Mapping[str, int]

    def __repr__(self) -> str:
        return f"{self.title}. {self.caption}"

    def _repr_svg_(self) -> str:
        """The picture in a notebook."""
        return self.document(self.widths["wide"])


@runtime_checkable
class Pictured(Protocol):
    """A finding of a package above `study`, which draws itself."""

    def drawings(self) -> tuple[Drawing, ...]:
        """Its pictures."""


def drawings_of(finding: Finding) -> tuple[Drawing, ...]:
    """The pictures of a finding; none if it has none, or too little to show."""
    match finding:
        case Endings() if finding.converged:
            return (endings_drawing(finding.intervals, finding.names.endings),)
        case Paths(flows=Flows() as flows):
            return (timeline_drawing(flows),)
        case Weights(in_doubt=str() as doubt):
            called = finding.called(doubt)
            if finding.measure is None:
                title = tr("What carries {ending}, the ending that varies most", ending=called)
            else:
                title = tr("What carries {measure}", measure=called)
            caption = tr("Bar: an input’s total share of the variance. Dot: its share by itself.")
            return (charted("weights", lambda width: weights_chart(finding, width), title, caption),)
        case Levers(sets=(_, *_)):
            title = tr("What each lever, and each pair, does to {ending}", ending=finding.goal.name)
            caption = tr("Dot: mean change. Thick line: its 95% interval. Thin line: 5% to 95% of the draws.")
            return (charted("levers", lambda width: levers_chart(finding, width), title, caption),)
        case Map():
            caption = tr("Ring: the reference point.")
            if finding.subject.measure is None:
                caption = f"{caption} {tr('Line: where what is likeliest changes.')}"
            return (charted("map", lambda width: map_chart(finding, width), finding.title, caption),)
        case Update() if len(finding.stages) > 1:
            title = tr("The endings before and after each event")
            caption = tr("Dot: mean. Line: 5% to 95% of the draws, weighted.")
            return (charted("update", lambda width: update_chart(finding, width), title, caption),)
        case Rivals(endings=(_, *_)):
            title = tr("The endings in each draft")
            caption = tr("Point: mean over the draws. Line: 5% to 95% of draws.")
            return (charted("rivals", lambda width: rivals_chart(finding, width), title, caption),)
        case TrackRecord() if finding.bins:
            return (calibration_drawing(finding.bins, tr("What was said, against how often it came true")),)
        case Pictured():
            return finding.drawings()
    return ()


def endings_drawing(intervals: Mapping[str, Interval], names: Mapping[str, str]) -> Drawing:
    """The endings with their intervals; `names` by their keys."""
    title, caption = tr("Probability of each ending"), tr("Point: mean over the draws. Line: 5% to 95% of draws.")
    return charted("endings", lambda width: endings_chart(intervals, names, width), title, caption)


def calibration_drawing(bins: Sequence[Bin], title: str) -> Drawing:
    """How often forecasts came true, against what they said."""
    caption = tr("Dot: forecasts in a tenth. Line: 5% to 95%. Dashed: all comes true as often as said.")
    return charted("calibration", lambda width: calibration_chart(bins, width), title, caption)


def timeline_drawing(flows: Flows) -> Drawing:
    """The timeline with play flowing along it."""
    return Drawing(
        name="timeline",
        title=tr("{crisis}: the timeline, and how play flows along it", crisis=flows.crisis),
        caption=f"{flows.solved} {tr('The wider a band, the likelier play goes there; colours are the endings.')}",
        element=lambda name, width, draw=svg_here: drawn_timeline(flows, name, width),
        document=lambda width: timeline_svg(flows, width),
        widths=TIMELINE,
        files={"timeline": 1440, "timeline_narrow": 366},
    )


def charted(name: str, chart: Callable[[int], alt.LayerChart], title: str, caption: str) -> Drawing:
    """A chart in any width as a drawing."""
    description = f"{caption} {tr('The same numbers are in a table beside it.')}"
    return Drawing(
        name=name,
        title=title,
        caption=caption,
        element=lambda name, width, draw=svg_here: drawn(chart(width), name, title, description, draw),
        document=lambda width: svg_of(chart(width)),
        widths=WIDTHS,
        files={name: WIDTHS["wide"]},
    )
