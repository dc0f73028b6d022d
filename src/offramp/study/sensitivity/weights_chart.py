"""The chart of the weights of assumptions."""

from __future__ import annotations

import altair as alt

from offramp.common.numerals import percent
from offramp.common.printable import printable
from offramp.common.texts import tr
from offramp.study.charts import BLUE, INK, in_lines, labels_above, marks_below, row_height, styled
from offramp.study.sensitivity.weights_finding import Weights

MOST = 10
"""Number of inputs with a row, the heaviest."""


def weights_chart(weights: Weights, width: int) -> alt.LayerChart:
    """Shares of the variance of the ending most in doubt, by input: a bar for the total, a dot for the input alone.

    The heaviest input is first; a line is the 95 % interval of the total. `width` in pixels.
    """
    name = weights.in_doubt or ""
    shown = weights.weights_of(name)[:MOST]
    rows = [
        {
            "place": place,
            "label": in_lines(
                tr(
                    "{input}: total {total}, alone {alone}",
                    input=printable(weights.names.inputs[weight.input]),
                    total=percent(weight.total.value),
                    alone=percent(weight.first.value),
                ),
                width,
            ),
            "first": weight.first.value,
            "total": weight.total.value,
            "low": weight.total.low,
            "high": weight.total.high,
        }
        for place, weight in enumerate(shown)
    ]
    most = max((max(weight.total.high, weight.first.value) for weight in shown), default=1.0)
    height = row_height(str(row["label"]) for row in rows)
    below = marks_below(height)
    base = alt.Chart(alt.InlineData(values=rows))
    row = alt.Y("place:O", axis=None, scale=alt.Scale(paddingInner=0, paddingOuter=0))
    scale = alt.Scale(domain=[0, most], nice=True)
    title = [
        *in_lines(tr("share of the variance of {ending}", ending=printable(weights.called(name))), width).split("\n"),
        tr("bar: total, dot: alone"),
    ]
    axis = alt.Axis(format="%", tickCount=5, title=title)
    bar = base.mark_bar(size=12, color=BLUE, opacity=0.45, yOffset=below).encode(
        alt.X("total:Q", axis=axis, scale=scale), row
    )
    whisker = base.mark_rule(strokeWidth=2, color=BLUE, yOffset=below).encode(
        alt.X("low:Q", scale=scale), alt.X2("high:Q"), row
    )
    dot = base.mark_circle(size=90, opacity=1, color=INK, yOffset=below).encode(alt.X("first:Q", scale=scale), row)
    return styled(
        alt.layer(
            bar.properties(name="total"),
            whisker.properties(name="range"),
            dot.properties(name="first"),
            labels_above(base, row, height),
        ).properties(width=width, height=height * len(rows))
    )
