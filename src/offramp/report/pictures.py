"""The pictures of the report, each drawn twice: for a phone, and for everything wider."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import altair as alt
from markupsafe import Markup

from offramp.ensemble.result import Ensemble
from offramp.report.charts import drawn, endings_chart
from offramp.report.levers_chart import levers_chart
from offramp.report.timeline_picture import drawn_timeline
from offramp.report.update_chart import update_chart
from offramp.report.weights_chart import weights_chart
from offramp.study.brief import Brief
from offramp.study.wording import plain

WIDTHS = {"narrow": 320, "wide": 720}
"""In pixels."""
TIMELINE = {"narrow": 360, "wide": 720, "broad": 1440}
"""The timeline; `broad`, from left to right, is what is printed, on a page on its side."""


@dataclass(frozen=True)
class Picture:
    """One picture in each width, and what stands below it."""

    drawings: tuple[Markup, ...]
    caption: str


def endings_picture(ensemble: Ensemble) -> Picture:
    """The endings with their intervals."""
    return _charted(
        "endings",
        lambda width: endings_chart(ensemble.ending_intervals, width),
        "Probability of each ending",
        "Point: mean over the draws. Line: 5% to 95% of draws.",
    )


def pictures(found: Brief) -> dict[str, Picture]:
    """The pictures of what a run says: the timeline, and where there are any weights, levers, and events."""
    timeline = tuple(Markup(drawn_timeline(found.flows, f"timeline-{name}", width)) for name, width in TIMELINE.items())
    shown = {"timeline": Picture(timeline, "Bands are as wide as play is likely to go there; colours are the endings.")}
    weights, levers, update = found.weights, found.levers, found.update
    if weights is not None and weights.in_doubt is not None:
        title = f"What carries {plain(weights.in_doubt)}, the ending that varies most"
        caption = "Bar: an input’s total share of the variance. Dot: its share by itself."
        shown["weights"] = _charted("weights", lambda width: weights_chart(weights, width), title, caption)
    if levers is not None:
        title = f"What each lever, and each pair, does to {plain(levers.ending)}"
        caption = "Dot: mean change. Thick line: its 95% interval. Thin line: 5% to 95% of the draws."
        shown["levers"] = _charted("levers", lambda width: levers_chart(levers, width), title, caption)
    if update is not None and len(update.stages) > 1:
        title, caption = "The endings before and after each event", "Dot: mean. Line: 5% to 95% of the draws, weighted."
        shown["update"] = _charted("update", lambda width: update_chart(update, width), title, caption)
    return shown


def _charted(name: str, chart: Callable[[int], alt.LayerChart], title: str, caption: str) -> Picture:
    description = f"{caption} The same numbers are in a table beside it."
    drawings = tuple(
        Markup(drawn(chart(width), f"{name}-{which}", title, description)) for which, width in WIDTHS.items()
    )
    return Picture(drawings, caption)
