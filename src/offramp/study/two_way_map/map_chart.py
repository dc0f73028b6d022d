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
from offramp.common.texts import tr
from offramp.crisis.names import capital
from offramp.study.charts import GREY, INK
from offramp.study.two_way_map.landscape import NONE, Crossing
from offramp.study.two_way_map.map_finding import Axis, Map

Array = NDArray[np.float64]

COLOURS = ("#9ecae9", "#fdcb8d", "#a5d8c3", "#e3b5d6", "#f3e79b", "#c9c6e6", "#d8cfc4", "#e8a9a0")
"""Colours of the regions: light enough for text, distinct for colour-blind readers; regions have names as well."""
SHADES = ["#f4f8fc", "#5b9bd0"]
REFERENCE = "#b3261e"
TALLEST = 420
LETTER = 7.5
"""Approximate width of a letter of the title, in pixels."""


def map_chart(shown_map: Map, width: int) -> alt.LayerChart:
    """The points as cells, the border through its solved points, and the reference point as a ring.

    Regions show the name of their likeliest alternative. If one alternative is in focus, or leads everywhere, cells are
    shaded by its probability instead. A point without a solution is white, with a question mark.
    """
    focus = shown_map.subject.focus
    leaders = np.unique(shown_map.leader[shown_map.leader != NONE]).tolist()
    border = [step for step in shown_map.border if focus is None or focus in (step.before, step.after)]
    height = min(TALLEST, width)
    x = alt.X("x:Q", scale=_scale(shown_map.x), axis=alt.Axis(tickCount=5), title=printable(shown_map.x.label))
    y = alt.Y("y:Q", scale=_scale(shown_map.y), axis=alt.Axis(tickCount=6), title=printable(shown_map.y.label))
    cells = _chart(row for row in _cells(shown_map) if row["p"] is not None).mark_rect()
    fill, stroke = _colours(shown_map, leaders, width)
    cells = cells.encode(x, y, fill, stroke, x2="x2:Q", y2="y2:Q")
    unsolved = _chart(row for row in _middles(shown_map) if row["p"] is None).mark_text(
        text="?", color=INK, fontSize=10
    )
    lines = _chart(segments(border)).mark_rule(color=INK, strokeWidth=2, strokeCap="round")
    words = _chart(_labels(shown_map) if border else []).mark_text(
        color=INK, fontSize=14, fontWeight=600, align=alt.ExprRef("datum.align")
    )
    here = _chart([_reference(shown_map)])
    chart: alt.LayerChart = (
        alt.layer(
            cells.properties(name="cells"),
            unsolved.encode(x, y).properties(name="unsolved"),
            lines.encode(x, y, x2="x2:Q", y2="y2:Q").properties(name="border"),
            words.encode(x, y, text="label:N").properties(name="regions"),
            here.mark_point(size=150, color="white", strokeWidth=5, opacity=1).encode(x, y),
            here.mark_point(size=150, color=REFERENCE, strokeWidth=2.5, opacity=1).encode(x, y).properties(name="here"),
        )
        .properties(width=width, height=height, title=_title(shown_map, border, width))
        .configure(aria=False, background="transparent", padding=8)
        .configure_view(stroke=GREY)
        .configure_axis(
            grid=False, domainColor=GREY, tickColor=GREY, labelFontSize=13, titleFontSize=13, titleFontWeight="normal"
        )
        .configure_legend(labelFontSize=13, titleFontSize=13, titleFontWeight="normal")
    )
    return chart


def segments(border: Iterable[Crossing]) -> Iterator[dict[str, float]]:
    """The border as lines: in each square of four grid points, between the two points where it crosses the sides.

    If more than two sides are crossed, lines run from each crossing to their middle (as in marching squares).
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


def _reference(shown_map: Map) -> dict[str, float]:
    return {
        "x": float(shown_map.x.values[shown_map.x.reference]),
        "y": float(shown_map.y.values[shown_map.y.reference]),
    }


def _edges(axis: Axis) -> Array:
    """The edges of the cells around the values, and the ends of the axis."""
    values = axis.values
    return np.concatenate([values[:1], (values[1:] + values[:-1]) / 2.0, values[-1:]])


def _scale(axis: Axis) -> alt.Scale:
    return alt.Scale(domain=[float(axis.values[0]), float(axis.values[-1])], zero=False, nice=False)


def _middles(shown_map: Map) -> Iterator[dict[str, Any]]:
    """The points with the probability that is shown, None if there is none, and the likeliest."""
    shown = shown_map.shown
    for row, column in np.ndindex(shown.shape):
        p = float(shown[row, column])
        place = {"x": float(shown_map.x.values[column]), "y": float(shown_map.y.values[row])}
        yield place | {"p": None if np.isnan(p) else p, "leader": int(shown_map.leader[row, column])}


def _cells(shown_map: Map) -> Iterator[dict[str, Any]]:
    x, y = _edges(shown_map.x), _edges(shown_map.y)
    for (row, column), point in zip(np.ndindex(shown_map.leader.shape), _middles(shown_map), strict=True):
        ends = {"x": x[column], "x2": x[column + 1], "y": y[row], "y2": y[row + 1]}
        yield point | {name: float(value) for name, value in ends.items()}


def _colours(shown_map: Map, leaders: list[int], width: int) -> tuple[alt.Fill, alt.Stroke]:
    """The colour of a cell, and of the line around it, which hides seams."""
    if shown_map.subject.focus is None and len(leaders) > 1:
        scale = alt.Scale(domain=leaders, range=[COLOURS[number % len(COLOURS)] for number in leaders])
        return alt.Fill("leader:N", scale=scale, legend=None), alt.Stroke("leader:N", scale=scale, legend=None)
    known = shown_map.shown[~np.isnan(shown_map.shown)]
    form = ".3~g" if shown_map.subject.measure else ".0%" if len(known) and np.ptp(known) > 0.05 else ".1%"
    legend = alt.Legend(title=None, orient="top", gradientLength=min(width - 20, 300), tickCount=4, format=form)
    scale = alt.Scale(range=SHADES, zero=False, nice=False)
    return alt.Fill("p:Q", scale=scale, legend=legend), alt.Stroke("p:Q", scale=scale, legend=None)


def _labels(shown_map: Map) -> Iterator[dict[str, Any]]:
    """The name of each region's alternative, placed furthest from any other region and from the edge."""
    from scipy.ndimage import distance_transform_edt, label

    rows, columns = shown_map.leader.shape
    for number in np.unique(shown_map.leader[shown_map.leader != NONE]):
        parts, count = label(shown_map.leader == number)
        sizes = np.bincount(parts.ravel(), minlength=count + 1)[1:]
        inside = np.pad(parts == 1 + int(sizes.argmax()), 1)
        depth = distance_transform_edt(inside)[1:-1, 1:-1]
        row, column = np.unravel_index(int(depth.argmax()), (rows, columns))
        place = {"x": float(shown_map.x.values[column]), "y": float(shown_map.y.values[row])}
        align = "left" if column < columns / 8 else "right" if column > 7 * columns / 8 else "center"
        yield place | {"label": printable(shown_map.named(int(number))), "align": align}


def _title(shown_map: Map, border: list[Crossing], width: int) -> alt.TitleParams:
    letters = int(width / LETTER)
    first, rest = (wrap(sentence, letters) for sentence in _subtitles(shown_map, border))
    return alt.TitleParams(
        first, subtitle=rest, anchor="start", frame="bounds", fontSize=14, subtitleFontSize=13, subtitleColor=INK,
        fontWeight=600, subtitleLineHeight=17, offset=10,
    )  # fmt: skip


def _subtitles(shown_map: Map, border: list[Crossing]) -> tuple[str, str]:
    """The title, and how to read the ring and the line."""
    if border:
        how = tr("The ring is the reference point; on the line the likeliest changes.")
    else:
        how = tr("The ring is the reference point.")
    return printable(_shown(shown_map)), how


def _shown(shown_map: Map) -> str:
    """What the map shows, as its title."""
    subject = shown_map.subject
    if subject.measure is not None:
        measure = capital(shown_map.named(0))
        return f"{measure}, {subject.measure.unit}" if subject.measure.unit else measure
    if subject.focus is None and subject.move is None:
        return tr("The likeliest ending")
    if subject.focus is None:
        return tr("The likeliest option of {move}", move=shown_map.move)
    focus = tr("Probability of {alternative}", alternative=shown_map.named(subject.focus))
    return f"{focus}, {shown_map.move}" if shown_map.move else focus
