"""How the endings move as events become known, as a picture: a strip for each ending, a point for each event."""

from __future__ import annotations

import datetime
from collections.abc import Iterator

import altair as alt

from offramp.common.numerals import percent
from offramp.common.printable import printable
from offramp.common.texts import tr
from offramp.study.charts import BLUE, GREY, INK
from offramp.study.updating.update_finding import Update

STRIP = 108
"""Height of one ending's strip, its label included, in pixels."""
TOP, BOTTOM = 0.46, 0.94
"""Positions in a strip of the probabilities 1 and 0."""
MOST_NUMBERED = 5
"""With more points than this only the first and the last have numbers."""
MONTHS = (
    tr("Jan"), tr("Feb"), tr("Mar"), tr("Apr"), tr("May"), tr("Jun"), tr("Jul"), tr("Aug"), tr("Sep"), tr("Oct"),
    tr("Nov"), tr("Dec"),
)  # fmt: skip


def update_chart(update: Update, width: int) -> alt.LayerChart:
    """Each ending's mean probability before and after each event, on its 5 to 95 % interval; likeliest first.

    Every strip runs from 0 to 100 %, between its two thin lines.
    """
    rows = list(_rows(update))
    ends = [{"y": place + level} for place in range(len(update.after)) for level in (TOP, BOTTOM)]
    scale = alt.Scale(domain=[0, len(update.after)], reverse=True, nice=False, zero=False)
    lines = alt.Axis(title=None, labelExpr="split(datum.label, '|')", labelAngle=0, labelOverlap=True, labelPadding=6)
    x = alt.X("stage:O", axis=lines, sort=None, scale=alt.Scale(type="point", padding=0.4))
    y = alt.Y("y:Q", axis=None, scale=scale)
    base = alt.Chart(alt.InlineData(values=rows))
    edges = alt.Chart(alt.InlineData(values=ends)).mark_rule(color=GREY).encode(y).properties(name="edges")
    spread = base.mark_rule(strokeWidth=5, strokeCap="round", opacity=0.45, color=BLUE)
    spread = spread.encode(x, alt.Y("low:Q", axis=None, scale=scale), alt.Y2("high:Q")).properties(name="range")
    path = base.mark_line(color=BLUE, strokeWidth=2).encode(x, y, detail="ending:N").properties(name="path")
    mean = base.mark_circle(size=80, opacity=1, color=BLUE).encode(x, y).properties(name="mean")
    above = alt.Y("high:Q", axis=None, scale=scale)
    number = base.mark_text(baseline="bottom", dy=-6, fontSize=13, color=INK).encode(x, above, text="number:N")
    first = alt.Chart(alt.InlineData(values=[row for row in rows if row["label"]]))
    text = first.mark_text(align="left", baseline="top", fontSize=14, color=INK, x=0, limit=width)
    label = text.encode(alt.Y("top:Q", axis=None, scale=scale), text="label:N").properties(name="label")
    chart: alt.LayerChart = (
        alt.layer(edges, spread, path, mean, number.properties(name="number"), label)
        .properties(width=width, height=STRIP * len(update.after))
        .configure(aria=False, background="transparent", padding=4)
        .configure_view(stroke=None)
        .configure_axis(domain=False, ticks=False, grid=False, labelFontSize=13)
    )
    return chart


def _rows(update: Update) -> Iterator[dict[str, str | float]]:
    """A point for each ending and stage."""
    last = len(update.stages) - 1
    for place, name in enumerate(sorted(update.after, key=lambda name: -update.after[name].mean)):
        means = [percent(update.before[name].mean), percent(update.after[name].mean)]
        for number, (stage, label) in enumerate(zip(update.stages, update.labels, strict=True)):
            interval = stage.endings[name]
            y, low, high = (place + BOTTOM + (TOP - BOTTOM) * p for p in (interval.mean, interval.p05, interval.p95))
            numbered = last < MOST_NUMBERED or number in (0, last)
            yield {
                "ending": name,
                "stage": _in_lines(label),
                "y": y,
                "low": low,
                "high": high,
                "top": place + 0.04,
                "number": percent(interval.mean) if numbered else "",
                "label": f"{printable(update.names.endings[name])}: {' → '.join(means)}" if number == 0 else "",
            }


def _in_lines(label: str) -> str:
    """A stage's label, `|` between its lines.

    Examples
    --------
    >>> _in_lines("2024-08-25"), _in_lines("2024-08-25 (2)"), _in_lines("before")
    ('25 Aug|2024', '25 Aug|2024|(2)', 'before')
    """
    date, _, ordinal = label.partition(" ")
    if not date[:1].isdigit():
        return label
    day = datetime.date.fromisoformat(date)
    return "|".join([f"{day.day} {MONTHS[day.month - 1]}", str(day.year), *([ordinal] if ordinal else [])])
