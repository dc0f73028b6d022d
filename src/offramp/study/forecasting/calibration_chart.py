"""Calibration as a picture: the probabilities given, by tenths, against how often they came true."""

from __future__ import annotations

from collections.abc import Iterable

import altair as alt

from offramp.common.texts import tr
from offramp.study.charts import BLUE, INK, styled
from offramp.study.forecasting.scores import Bin

TALLEST = 440


def calibration_chart(bins: Iterable[Bin], width: int) -> alt.LayerChart:
    """A point for each tenth with its interval and number of forecasts; points on the diagonal are well calibrated.

    `width`: of the plot in pixels; the plot is square up to a width of `TALLEST`.
    """
    rows = [
        {
            "said": tenth.forecast,
            "happened": tenth.happened,
            "low": tenth.low,
            "high": tenth.high,
            "forecasts": tenth.forecasts,
            "tenth": tenth.tenth / 10 + 0.05,
        }
        for tenth in bins
    ]
    base = alt.Chart(alt.InlineData(values=rows))
    scale, ticks = alt.Scale(domain=[0, 1]), [0, 0.25, 0.5, 0.75, 1]
    x = alt.X("said:Q", scale=scale, axis=alt.Axis(format="%", values=ticks, title=tr("probability that was given")))
    share = alt.Axis(format="%", values=ticks, title=tr("how often it came true"))
    corners = alt.Chart(alt.InlineData(values=[{"at": 0.0}, {"at": 1.0}]))
    diagonal = corners.mark_line(color=INK, strokeDash=[4, 4], strokeWidth=1.5).encode(
        alt.X("at:Q", scale=scale), alt.Y("at:Q", scale=scale)
    )
    interval = base.mark_rule(strokeWidth=5, strokeCap="round", opacity=0.45, color=BLUE).encode(
        x, alt.Y("low:Q", scale=scale, axis=share), alt.Y2("high:Q")
    )
    size = alt.Size("forecasts:Q", scale=alt.Scale(domainMin=0, rangeMin=50, rangeMax=200), legend=None)
    point = base.mark_circle(opacity=1, color=BLUE).encode(x, alt.Y("happened:Q", scale=scale), size)
    # in the middle of their tenths, so that they never overlap
    count = base.mark_text(fontSize=13, color=INK, y=-17).encode(
        alt.X("tenth:Q", scale=scale), text=alt.Text("forecasts:Q", format="~s")
    )
    title = alt.TitleParams(
        tr("forecasts in each tenth"),
        anchor="middle",
        frame="group",
        fontSize=13,
        fontWeight="normal",
        color=INK,
        offset=6,
    )
    return styled(
        alt.layer(
            diagonal.properties(name="as_said"),
            interval.properties(name="range"),
            point.properties(name="mean"),
            count.properties(name="count"),
        ).properties(width=width, height=min(width, TALLEST), title=title)
    )
