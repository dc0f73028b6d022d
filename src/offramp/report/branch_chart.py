"""A branch of equilibria as a picture: the endings' probabilities against rationality."""

from __future__ import annotations

import math
from html import escape
from textwrap import wrap

import altair as alt
import numpy as np
import vl_convert
from numpy.typing import NDArray

from offramp.common.printable import printable
from offramp.common.texts import catalogue, tr
from offramp.crisis.names import names_of
from offramp.equilibrium.tracing import Branch
from offramp.report.branch_table import OTHERS, described, likeliest_endings, rationality_of
from offramp.study.charts import GREY, INK, drawn

Array = NDArray[np.float64]

MOST_ENDINGS = 8
"""Number of endings with a line of their own; the rest share one line."""
COLOURS = ("#0b5cad", "#d1662a", "#2a8a5b", "#8a4fa8", "#b3862b", "#c2416b", "#3fa3b5", "#5d4b3c", "#6b6f76")
"""Colours of the endings, in the order of the file, dark enough on white."""
REST = "#9aa3ad"
WIDTH, HEIGHT = 720, 400
WRAP = 105
"""Number of letters that fit on a line above the picture."""
EARLY = 0.15
"""If half of all change happens before this part of the axis, its beginning is stretched."""
BETWEEN = 300
"""Number of points drawn along a line."""
SAME = 1e-6
"""Lines that differ by less coincide; the later one is dashed, so that both are visible."""

PAGE = """\
<!doctype html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title} – Offramp</title>
</head>
<body>
{picture}
</body>
</html>
"""


def picture(branch: Branch, suffix: str) -> bytes:
    """The picture of a branch as a file: `.svg`, `.png` or a self-contained page, `.html`."""
    chart = branch_chart(branch)
    if suffix == ".html":
        title = printable(branch.game.crisis.title)
        svg = drawn(
            chart, "branch", tr("{crisis}: endings against rationality", crisis=title), " ".join(described(branch))
        )
        return PAGE.format(title=escape(title), picture=svg, language=escape(catalogue().language)).encode("utf-8")
    version = alt.SCHEMA_VERSION.removeprefix("v").rpartition(".")[0]
    if suffix == ".png":
        image: bytes = vl_convert.vegalite_to_png(chart.to_dict(), vl_version=version, scale=2, allowed_base_urls=[])
        return image
    text: str = vl_convert.vegalite_to_svg(chart.to_dict(), vl_version=version, allowed_base_urls=[])
    return text.encode("utf-8")


def branch_chart(branch: Branch) -> alt.LayerChart:
    """Endings against the most rational actor's rationality, drawn along the branch, with turns and crossings."""
    rationality, most = rationality_of(branch)
    names, odds = likeliest_endings(branch, MOST_ENDINGS)
    called = names_of(branch.game.crisis)
    labels = [printable(called.ending(key)) for key in names]
    end, half = float(rationality.max()), _half(rationality, odds)
    if half < EARLY * end:
        scale = alt.Scale(type="symlog", constant=half, domain=[0, end])
        axis = alt.Axis(grid=False, values=_ticks(half, end))
    else:
        scale, axis = alt.Scale(domain=[0, end]), alt.Axis(grid=False, tickCount=8)
    actor = printable(branch.game.crisis.actors[most].name) if most else None
    if actor:
        title = tr("rationality of {actor}, the others’ in proportion", actor=actor)
    else:
        title = tr("rationality of all actors")
    x = alt.X("x:Q", title=title, scale=scale, axis=axis)
    shares = alt.Axis(format="%", values=[0, 0.25, 0.5, 0.75, 1])
    y = alt.Y("p:Q", title=tr("probability of the ending"), scale=alt.Scale(domain=[0, 1]), axis=shares)
    colour = _colour(labels, odds[-1], rest=names[-1] == OTHERS and len(names) > MOST_ENDINGS)
    layers: list[alt.Chart] = [_lines(labels, *_smooth(rationality, odds, min(half, end))).encode(x, y, colour)]
    if branch.turns:
        turned = [
            {"x": float(rationality[point]), "ending": label, "p": float(odds[point, number])}
            for point in branch.turns
            for number, label in enumerate(labels)
        ]
        turns = alt.Chart(alt.InlineData(values=turned)).mark_circle(size=50, opacity=1)
        layers.append(turns.encode(x, y, colour).properties(name="turns"))
    if branch.bifurcations:
        crossed = [{"x": float(rationality[point])} for point in branch.bifurcations]
        rule = alt.Chart(alt.InlineData(values=crossed)).mark_rule(color=INK, strokeDash=[4, 4])
        layers.append(rule.encode(x="x:Q").properties(name="crossings"))
    chart: alt.LayerChart = (
        alt.layer(*layers)
        .properties(width=WIDTH, height=HEIGHT, title=_title(branch))
        .configure(aria=False, background="white", padding=16)
        .configure_view(stroke=None)
        .configure_axis(
            domainColor=GREY,
            tickColor=GREY,
            gridColor=GREY,
            labelFontSize=13,
            titleFontSize=13,
            titleFontWeight="normal",
        )
        .configure_legend(labelFontSize=13)
    )
    return chart


def _title(branch: Branch) -> alt.TitleParams:
    lines = [line for sentence in described(branch) for line in wrap(printable(sentence), WRAP)]
    return alt.TitleParams(
        printable(branch.game.crisis.title),
        subtitle=[tr("How it ends as all actors grow more rational together"), *lines],
        anchor="start",
        fontSize=18,
        subtitleFontSize=13,
        subtitleColor="#57606a",
        subtitleLineHeight=17,
        offset=14,
    )


def _colour(labels: list[str], last: Array, rest: bool) -> alt.Color:
    """A colour for each ending; the legend lists them in the order in which the lines end, from above."""
    colours = [*COLOURS[: len(labels) - rest], *[REST] * rest]
    order = np.argsort(-last, kind="stable")
    return alt.Color(
        "ending:N",
        title=None,
        scale=alt.Scale(domain=[labels[number] for number in order], range=[colours[number] for number in order]),
        legend=alt.Legend(symbolStrokeWidth=4, symbolType="stroke", labelLimit=260),
    )


def _lines(labels: list[str], rationality: Array, odds: Array) -> alt.Chart:
    """A line for each ending, in the order of the points, not of their rationality: a branch may turn back."""
    twins = [bool((np.abs(odds[:, :at] - odds[:, [at]]).max(axis=0) < SAME).any()) for at in range(len(labels))]
    rows = [
        {
            "place": place,
            "x": float(rationality[place]),
            "ending": label,
            "p": float(odds[place, at]),
            "twin": twins[at],
        }
        for at, label in enumerate(labels)
        for place in range(len(rationality))
    ]
    dash = alt.StrokeDash("twin:N", legend=None, scale=alt.Scale(domain=[False, True], range=[[1, 0], [9, 9]]))
    line = alt.Chart(alt.InlineData(values=rows)).mark_line(strokeWidth=2.5, clip=True)
    chart: alt.Chart = line.encode(dash, order="place:Q").properties(name="endings")
    return chart


def _half(rationality: Array, odds: Array) -> float:
    """The rationality by which half of all change in the endings has happened; without change, the end."""
    change = np.cumsum(np.abs(np.diff(odds, axis=0)).sum(axis=1))
    if not len(change) or change[-1] == 0.0:
        return float(rationality.max())
    return float(rationality[1:][change >= change[-1] / 2.0][0])


def _ticks(half: float, end: float) -> list[float]:
    """Ticks of an axis that is linear up to about `half` and logarithmic after."""
    powers = range(math.floor(math.log10(half)), math.floor(math.log10(end)) + 1)
    steps = (1, 2, 5) if len(powers) <= 4 else (1,)
    return [0.0, *(tick for power in powers for step in steps if half / 2 < (tick := step * 10.0**power) <= end)]


def _smooth(rationality: Array, odds: Array, half: float) -> tuple[Array, Array]:
    """Points between those of the branch, by cubics that do not overshoot (Fritsch & Carlson 1980)."""
    from scipy.interpolate import PchipInterpolator

    across = np.arcsinh(rationality / half) if half > 0.0 else rationality
    seen = np.column_stack([across / (float(across.max()) or 1.0), odds])
    steps = np.sqrt((np.diff(seen, axis=0) ** 2).sum(axis=1))
    kept = np.concatenate([[True], steps > 0.0])
    if np.count_nonzero(kept) < 3:
        return rationality, odds
    way = np.concatenate([[0.0], np.cumsum(steps)])[kept]
    places = np.unique(np.concatenate([way, np.linspace(0.0, way[-1], BETWEEN)]))
    curves = PchipInterpolator(way, np.column_stack([across, odds])[kept])(places)
    return np.sinh(curves[:, 0]) * half if half > 0.0 else curves[:, 0], curves[:, 1:]
