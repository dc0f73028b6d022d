"""Probabilities over a column as a picture: a strip for each outcome, a line on its band."""

from __future__ import annotations

from collections.abc import Iterator

import altair as alt
import numpy as np

from offramp.common.printable import printable
from offramp.common.texts import tr
from offramp.fitting.column_odds import ColumnOdds
from offramp.study.charts import BLUE, GREY, INK
from offramp.study.drawings import Drawing, charted

MOST_STRIPS = 12
"""Outcomes beyond these are in the table only."""
STRIP = 108
"""Height of one outcome's strip, its label included, in pixels."""
TOP, BOTTOM = 0.3, 0.94
"""Positions in a strip of the top of its scale and of 0."""


def drawing_of_column(over: ColumnOdds, title: str) -> Drawing:
    """The picture of probabilities over a column."""
    shade = [tr("Shade: 95% band.")] if over.draws else []
    strip = tr("Each strip runs from 0% to the percentage at its top.")
    caption = " ".join([tr("Line: average over the cases."), *shade, strip])
    return charted(f"over_{over.column}", lambda width: over_column_chart(over, width), title, caption)


def over_column_chart(over: ColumnOdds, width: int) -> alt.LayerChart:
    """Each outcome's average probability over the column, on its band; every strip has its own scale, from 0."""
    rows = list(_rows(over))
    count = min(len(over.outcomes), MOST_STRIPS)
    scale = alt.Scale(domain=[0, count], reverse=True, nice=False, zero=False)
    title = printable(over.name + (f" ({over.unit})" if over.unit else ""))
    if over.labels:
        x = alt.X("x:O", sort=None, title=title, axis=alt.Axis(labelAngle=0, labelOverlap=True, labelLimit=width // 4))
    else:
        numbers = alt.Scale(domain=[float(over.values[0]), float(over.values[-1])], zero=False, nice=False)
        x = alt.X("x:Q", scale=numbers, title=title, axis=alt.Axis(tickCount=5, labelFlush=True))
    y, low = (alt.Y(f"{name}:Q", axis=None, scale=scale) for name in ("y", "low"))
    base = alt.Chart(alt.InlineData(values=rows))
    edges = alt.Chart(alt.InlineData(values=list(_edges(over, count))))
    line = edges.mark_rule(color=GREY).encode(y).properties(name="edges")
    above = edges.mark_text(align="right", baseline="bottom", dy=-2, fontSize=12, color=INK, x=width)
    number = above.encode(y, text="number:N").properties(name="number")
    text = edges.mark_text(align="left", baseline="bottom", dy=-2, fontSize=14, color=INK, x=0, limit=width - 50)
    label = text.encode(y, text="label:N").properties(name="label")
    layers = [line, number, label]
    if over.labels:
        rule = base.mark_rule(strokeWidth=5, strokeCap="round", opacity=0.45, color=BLUE)
        point = base.mark_circle(size=80, opacity=1, color=BLUE).encode(x, y, detail="outcome:O")
        layers += [rule.encode(x, low, alt.Y2("high:Q")).properties(name="range")] * bool(over.draws)
        layers += [point.properties(name="mean")]
    else:
        spread = base.mark_area(opacity=0.25, color=BLUE).encode(x, low, alt.Y2("high:Q"), detail="outcome:O")
        path = base.mark_line(strokeWidth=2, color=BLUE).encode(x, y, detail="outcome:O")
        layers += [spread.properties(name="range")] * bool(over.draws) + [path.properties(name="path")]
    chart: alt.LayerChart = (
        alt.layer(*layers)
        .properties(width=width, height=STRIP * count)
        .configure(aria=False, background="transparent", padding=4)
        .configure_view(stroke=None)
        .configure_axis(
            domain=False, ticks=False, grid=False, labelFontSize=13, titleFontSize=13, titleFontWeight="normal"
        )
    )
    return chart


def _top(over: ColumnOdds, number: int) -> float:
    """The probability at the top of an outcome's strip: a round number that its band does not exceed."""
    high = over.high[:, number] if over.draws else over.odds[:, number]
    most = float(np.max(high))
    rounds = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.25, 0.5, 0.75)
    return next((one for one in rounds if most <= one), 1.0)


def _rows(over: ColumnOdds) -> Iterator[dict[str, str | float]]:
    """A point for each outcome and value."""
    for number in range(min(len(over.outcomes), MOST_STRIPS)):
        top = _top(over, number)
        for place in range(len(over.odds)):
            shares = [float(part[place, number]) / top for part in (over.odds, over.low, over.high)]
            y, low, high = (number + BOTTOM + (TOP - BOTTOM) * share for share in shares)
            x: str | float = printable(over.labels[place]) if over.labels else float(over.values[place])
            bands = {"low": low, "high": high} if over.draws else {}
            yield {"outcome": number, "x": x, "y": y, **bands}


def _edges(over: ColumnOdds, count: int) -> Iterator[dict[str, str | float]]:
    """The thin lines at the top and the bottom of each strip, with the outcome's name above the first."""
    for number, outcome in enumerate(over.outcomes[:count]):
        yield {"y": number + TOP, "label": printable(outcome.label), "number": f"{100.0 * _top(over, number):g}%"}
        yield {"y": number + BOTTOM, "label": "", "number": ""}
