"""Pictures of a backtest: what the crisis gains on its rivals over time, and its calibration."""

from __future__ import annotations

from collections.abc import Mapping

import altair as alt
import numpy as np
from numpy.typing import NDArray

from offramp.common.texts import tr
from offramp.fitting.rolling_origin.backtest_comparison import MODELS
from offramp.study.charts import BLUE, INK, styled
from offramp.study.drawings import Drawing, calibration_drawing, charted
from offramp.study.forecasting.scores import Bin

Array = NDArray[np.float64]

HEIGHT = 260
COLOURS = (BLUE, "#b3541e")


def backtest_drawings(
    bins: tuple[Bin, ...], column: str, time: Array, gains: Mapping[str, Array]
) -> tuple[Drawing, ...]:
    """The pictures of a backtest.

    `bins`: the calibration; `column`: of times; `time`: (forecasts,); `gains`: by rival, by how much the crisis's log
    score is better in each forecast, (forecasts,).
    """
    calibrated = calibration_drawing(bins, tr("What the crisis said, against how often it came true"))
    if len(np.unique(time)) == 1:
        return (calibrated,)
    gained = charted(
        "gains",
        lambda width: gains_chart(column, time, gains, width),
        tr("What the crisis gains in log score, added up over time"),
        tr("Rising: the crisis forecasts better than the rival at that time. Below 0: it has lost in all."),
    )
    return gained, calibrated


def gains_chart(column: str, time: Array, gains: Mapping[str, Array], width: int) -> alt.LayerChart:
    """The sum of gains in log score up to each time, a line for each rival; gains that are not finite do not count."""
    times = np.unique(time)
    rows = []
    for name, gain in gains.items():
        counted = np.where(np.isfinite(gain), gain, 0.0)
        sums = np.cumsum([float(counted[time == at].sum()) for at in times])
        rows += [
            {"time": float(at), "gain": float(sum_), "rival": MODELS[name]}
            for at, sum_ in zip(times, sums, strict=True)
        ]
    base = alt.Chart(alt.InlineData(values=rows))
    x = alt.X("time:Q", scale=alt.Scale(zero=False, nice=False), axis=alt.Axis(format="d", title=column))
    y = alt.Y("gain:Q", axis=alt.Axis(title=tr("gain so far")))
    colour = alt.Color(
        "rival:N",
        scale=alt.Scale(domain=[MODELS[name] for name in gains], range=[*COLOURS[: len(gains)]]),
        legend=alt.Legend(orient="top", title=tr("against"), labelFontSize=13, titleFontSize=13),
    )
    zero = alt.Chart(alt.InlineData(values=[{"gain": 0.0}])).mark_rule(color=INK, strokeDash=[4, 4], strokeWidth=1.5)
    line = base.mark_line(strokeWidth=2.5, interpolate="step-after").encode(x, y, colour)
    layers = (zero.encode(alt.Y("gain:Q")).properties(name="nothing"), line.properties(name="gain"))
    return styled(alt.layer(*layers).properties(width=width, height=HEIGHT))
