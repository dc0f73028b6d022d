"""A map over two inputs as a picture: regions of the likeliest, or shades of a probability, with the border drawn."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from textwrap import wrap
from typing import Any

import altair as alt
import numpy as np
from numpy.typing import NDArray

from offramp.common.printable import printable
from offramp.study.charts import GREY, INK
from offramp.study.two_way_map.landscape import NONE, Crossing
from offramp.study.two_way_map.map import Axis, Map

Array = NDArray[np.float64]

COLOURS = ("#9ecae9", "#fdcb8d", "#a5d8c3", "#e3b5d6", "#f3e79b", "#c9c6e6", "#d8cfc4", "#e8a9a0")
"""Of the regions: light enough for ink upon them, and told apart by the colour-blind; regions bear names as well."""
SHADES = ["#f4f8fc", "#5b9bd0"]
REFERENCE = "#b3261e"
TALLEST = 420
LETTER = 7.5
"""About the width of a letter of the title, in pixels."""


def map_chart(found: Map, width: int) -> alt.LayerChart:
    """The points as cells, the border through its solved points, and the reference point as a ring.

    Regions bear the name of their likeliest alternative. Where one alternative was asked for, or leads everywhere,
    cells are shaded by its probability instead. A point without a solution is white, with a question mark.
    """
    focus = found.subject.focus
    leaders = np.unique(found.leader[found.leader != NONE]).tolist()
    border = [step for step in found.border if focus is None or focus in (step.before, step.after)]
    height = min(TALLEST, width)
    x = alt.X("x:Q", scale=_scale(found.x), axis=alt.Axis(tickCount=5), title=printable(found.x.label))
    y = alt.Y("y:Q", scale=_scale(found.y), axis=alt.Axis(tickCount=6), title=printable(found.y.label))
    cells = _chart(row for row in _cells(found) if row["p"] is not None).mark_rect()
    fill, stroke = _colours(found, leaders, width)
    cells = cells.encode(x, y, fill, stroke, x2="x2:Q", y2="y2:Q")
    unsolved = _chart(row for row in _middles(found) if row["p"] is None).mark_text(text="?", color=INK, fontSize=10)
    lines = _chart(segments(border)).mark_rule(color=INK, strokeWidth=2, strokeCap="round")
    words = _chart(_labels(found) if border else []).mark_text(
        color=INK, fontSize=14, fontWeight=600, align=alt.ExprRef("datum.align")
    )
    here = _chart([_reference(found)])
    chart: alt.LayerChart = (
        alt.layer(
            cells.properties(name="cells"),
            unsolved.encode(x, y).properties(name="unsolved"),
            lines.encode(x, y, x2="x2:Q", y2="y2:Q").properties(name="border"),
            words.encode(x, y, text="label:N").properties(name="regions"),
            here.mark_point(size=150, color="white", strokeWidth=5, opacity=1).encode(x, y),
            here.mark_point(size=150, color=REFERENCE, strokeWidth=2.5, opacity=1).encode(x, y).properties(name="here"),
        )
        .properties(width=width, height=height, title=_title(found, border, width))
        .configure(aria=False, background="transparent", padding=8)
        .configure_view(stroke=GREY)
        .configure_axis(
            grid=False, domainColor=GREY, tickColor=GREY, labelFontSize=13, titleFontSize=13, titleFontWeight="normal"
        )
        .configure_legend(labelFontSize=13, titleFontSize=13, titleFontWeight="normal")
    )
    return chart


def segments(border: Iterable[Crossing]) -> Iterator[dict[str, float]]:
    """The border as lines: in each square of four grid points, between the two places where it crosses the sides.

    Where more than two sides are crossed, from each of them to their middle (as in marching squares).
    """
    sides: dict[tuple[int, int], list[tuple[float, float]]] = defaultdict(list)
    for step in border:
        beside = (step.row - 1, step.column) if step.across else (step.row, step.column - 1)
        for square in ((step.row, step.column), beside):
            sides[square].append((step.x, step.y))
    for places in sides.values():
        middle = (sum(x for x, _ in places) / len(places), sum(y for _, y in places) / len(places))
        ends = (
            [(places[0], places[-1])] if len(places) == 2 else [(place, middle) for place in places if len(places) > 2]
        )
        for (left, low), (right, high) in ends:
            yield {"x": left, "y": low, "x2": right, "y2": high}


def _chart(rows: Iterable[dict[str, Any]]) -> alt.Chart:
    return alt.Chart(alt.InlineData(values=list(rows)))


def _reference(found: Map) -> dict[str, float]:
    return {"x": float(found.x.values[found.x.reference]), "y": float(found.y.values[found.y.reference])}


def _edges(axis: Axis) -> Array:
    """Where cells around the values meet, and the ends of the axis."""
    values = axis.values
    return np.concatenate([values[:1], (values[1:] + values[:-1]) / 2.0, values[-1:]])


def _scale(axis: Axis) -> alt.Scale:
    return alt.Scale(domain=[float(axis.values[0]), float(axis.values[-1])], zero=False, nice=False)


def _middles(found: Map) -> Iterator[dict[str, Any]]:
    """The points with the probability that is shown, None where there is none, and the likeliest."""
    shown = found.shown
    for row, column in np.ndindex(shown.shape):
        p = float(shown[row, column])
        place = {"x": float(found.x.values[column]), "y": float(found.y.values[row])}
        yield place | {"p": None if np.isnan(p) else p, "leader": int(found.leader[row, column])}


def _cells(found: Map) -> Iterator[dict[str, Any]]:
    x, y = _edges(found.x), _edges(found.y)
    for (row, column), point in zip(np.ndindex(found.leader.shape), _middles(found), strict=True):
        ends = {"x": x[column], "x2": x[column + 1], "y": y[row], "y2": y[row + 1]}
        yield point | {name: float(value) for name, value in ends.items()}


def _colours(found: Map, leaders: list[int], width: int) -> tuple[alt.Fill, alt.Stroke]:
    """The colour of a cell, and of the line around it, without which seams would show."""
    if found.subject.focus is None and len(leaders) > 1:
        scale = alt.Scale(domain=leaders, range=[COLOURS[number % len(COLOURS)] for number in leaders])
        return alt.Fill("leader:N", scale=scale, legend=None), alt.Stroke("leader:N", scale=scale, legend=None)
    known = found.shown[~np.isnan(found.shown)]
    form = ".0%" if len(known) and np.ptp(known) > 0.05 else ".1%"
    legend = alt.Legend(title=None, orient="top", gradientLength=min(width - 20, 300), tickCount=4, format=form)
    scale = alt.Scale(range=SHADES, zero=False, nice=False)
    return alt.Fill("p:Q", scale=scale, legend=legend), alt.Stroke("p:Q", scale=scale, legend=None)


def _labels(found: Map) -> Iterator[dict[str, Any]]:
    """The name of each region's alternative, where it is furthest from any other region and from the edge."""
    from scipy.ndimage import distance_transform_edt, label

    rows, columns = found.leader.shape
    for number in np.unique(found.leader[found.leader != NONE]):
        parts, count = label(found.leader == number)
        sizes = np.bincount(parts.ravel(), minlength=count + 1)[1:]
        inside = np.pad(parts == 1 + int(sizes.argmax()), 1)
        depth = distance_transform_edt(inside)[1:-1, 1:-1]
        row, column = np.unravel_index(int(depth.argmax()), (rows, columns))
        place = {"x": float(found.x.values[column]), "y": float(found.y.values[row])}
        align = "left" if column < columns / 8 else "right" if column > 7 * columns / 8 else "center"
        yield place | {"label": printable(found.named(int(number))), "align": align}


def _title(found: Map, border: list[Crossing], width: int) -> alt.TitleParams:
    letters = int(width / LETTER)
    first, rest = (wrap(sentence, letters) for sentence in _said(found, border))
    return alt.TitleParams(
        first, subtitle=rest, anchor="start", frame="bounds", fontSize=14, subtitleFontSize=13, subtitleColor=INK,
        fontWeight=600, subtitleLineHeight=17, offset=10,
    )  # fmt: skip


def _said(found: Map, border: list[Crossing]) -> tuple[str, str]:
    """What is drawn, and how to read the ring and the line."""
    focus = found.subject.focus
    what = f"The likeliest {found.kind}" if focus is None else f"Probability of {found.named(focus)}"
    if focus is not None and found.subject.move is not None:
        what = f"{what}, {found.what}"
    ring = "The ring is the reference point"
    return printable(what), f"{ring}; on the line the likeliest changes." if border else f"{ring}."
