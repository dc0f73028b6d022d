"""Charts as Vega-Altair specifications, and their pictures as SVG for a page, drawn offline.

The specifications have colours for a white background; a page may override them by the classes that Vega
gives to marks (`range_marks`, `mean_marks`, ...). No picture uses a `style` attribute, so it works under a strict
Content-Security-Policy.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from textwrap import wrap
from typing import Any
from xml.etree import ElementTree

import altair as alt

from offramp.common.numerals import percent, span
from offramp.common.printable import printable
from offramp.common.texts import tr
from offramp.runs.weighted import Interval
from offramp.study.chart_process import DrawSvg, svg_here

VL_VERSION = alt.SCHEMA_VERSION.removeprefix("v").rpartition(".")[0]
BLUE = "#0b5cad"
INK = "#1b1f24"
GREY = "#d0d7de"
ROW = 46
"""Height of one ending in a chart with a label of one line, in pixels."""
LINE = 17
"""Height of each further line of a label, in pixels."""
CHARACTER = 8.4
"""Width of a character of a label, in pixels: on average, in the widest of the usual fonts."""


def endings_chart(endings: Mapping[str, Interval], names: Mapping[str, str], width: int) -> alt.LayerChart:
    """Each ending's mean probability as a point on its 5 to 95 % interval, likeliest first.

    `names` of the endings by their keys. Labels stand above the lines, so that a phone has room for the marks.
    """
    ordered = sorted(endings.items(), key=lambda item: -item[1].mean)
    numbers = {key: f"{percent(i.mean)} ({span(i.p05, i.p95)})" for key, i in ordered}
    rows = [
        {
            "place": place,
            "label": in_lines(f"{printable(names[key])}: {numbers[key]}", width, whole=numbers[key]),
            "mean": i.mean,
            "low": i.p05,
            "high": i.p95,
        }
        for place, (key, i) in enumerate(ordered)
    ]
    base = alt.Chart(alt.InlineData(values=rows))
    row = alt.Y("place:O", axis=None, scale=alt.Scale(paddingInner=0, paddingOuter=0))
    height = row_height(str(row["label"]) for row in rows)
    marks = probabilities(base, row, below=marks_below(height))
    return styled(alt.layer(*marks, labels_above(base, row, height)).properties(width=width, height=height * len(rows)))


def in_lines(label: str, width: int, whole: str = "") -> str:
    r"""A text of a chart of this width, in as many lines as it needs; `whole` is a part of it that stays in one line.

    Examples
    --------
    >>> in_lines("a strike: 4.7% (0.03% to 18.8%)", 200, whole="4.7% (0.03% to 18.8%)")
    'a strike:\n4.7% (0.03% to 18.8%)'
    """
    fitting = int(width / CHARACTER)
    if len(label) <= fitting:
        return label
    lines = wrap(label.replace(whole, whole.replace(" ", "\N{NO-BREAK SPACE}")) if whole else label, fitting)
    return "\n".join(lines).replace("\N{NO-BREAK SPACE}", " ")


def row_height(labels: Iterable[str]) -> int:
    """Height of every row of a chart in which the label with the most lines has room, in pixels."""
    return ROW + LINE * max((label.count("\n") for label in labels), default=0)


def marks_below(height: int) -> float:
    """How far the marks of a row stand below its middle, in pixels."""
    return 10 + (height - ROW) / 2


def labels_above(base: alt.Chart, row: alt.Y, height: int) -> alt.Chart:
    """The `label` of each row, its last line just above the marks."""
    last = (height - ROW) / 2 - 8
    first = alt.ExprRef(f"{last} - {LINE} * (length(split(datum.label, '\\n')) - 1)") if height > ROW else last
    text = base.mark_text(align="left", fontSize=14, color=INK, x=0, dy=first, lineBreak="\n", lineHeight=LINE)
    labelled: alt.Chart = text.encode(row, text="label:N").properties(name="label")
    return labelled


def probabilities(base: alt.Chart, row: alt.Y, below: float = 10) -> tuple[alt.Chart, alt.Chart]:
    """The marks of probabilities of endings, each in its row: a line from `low` to `high`, and a point at `mean`.

    They stand `below` the middle of the row, in pixels.
    """
    axis = alt.Axis(format="%", values=[0, 0.25, 0.5, 0.75, 1], title=tr("probability of the ending"))
    scale = alt.Scale(domain=[0, 1])
    line = base.mark_rule(strokeWidth=5, strokeCap="round", opacity=0.45, color=BLUE, yOffset=below)
    spread = line.encode(alt.X("low:Q", axis=axis, scale=scale), alt.X2("high:Q"), row).properties(name="range")
    point = base.mark_circle(size=110, opacity=1, color=BLUE, yOffset=below)
    return spread, point.encode(alt.X("mean:Q", scale=scale), row).properties(name="mean")


def styled(chart: alt.LayerChart | alt.FacetChart) -> alt.LayerChart:
    """The common look of charts: transparent background, faint grid, no frame and no ticks."""
    with_style: alt.LayerChart = (
        chart.configure(aria=False, background="transparent", padding=4)
        .configure_view(stroke=None)
        .configure_axis(
            domain=False, ticks=False, gridColor=GREY, labelFontSize=13, titleFontSize=13, titleFontWeight="normal"
        )
    )
    return with_style


def svg_of(chart: alt.LayerChart) -> str:
    """A chart as an SVG document on a white background."""
    return svg_here(specification_of(chart) | {"background": "white"}, VL_VERSION)


def specification_of(chart: alt.LayerChart) -> dict[str, Any]:
    """A chart as a specification of Vega-Lite. Tests compare it with the schema; here that would take longer than all
    else.
    """
    found: dict[str, Any] = chart.to_dict(validate=False)
    return found


def drawn(chart: alt.LayerChart, name: str, title: str, description: str, draw: DrawSvg = svg_here) -> str:
    """A chart as an SVG element for an HTML page; `name` makes its identifiers unique on the page."""
    root = ElementTree.fromstring(draw(specification_of(chart), VL_VERSION))
    for element in root.iter():
        element.tag = element.tag.rpartition("}")[2]
        for spoken in ("role", "aria-roledescription", "aria-label", "aria-hidden"):  # the picture speaks as a whole
            element.attrib.pop(spoken, None)
    width, height = root.attrib.pop("width"), root.attrib.pop("height")
    labels = {"role": "img", "aria-labelledby": f"{name}-title {name}-description", "class": f"chart {name}"}
    root.attrib = {"viewBox": f"0 0 {width} {height}"} | labels
    for tag, text in (("desc", description), ("title", title)):
        element = ElementTree.Element(tag, {"id": f"{name}-{'title' if tag == 'title' else 'description'}"})
        element.text = printable(text)
        root.insert(0, element)
    return ElementTree.tostring(root, encoding="unicode")
